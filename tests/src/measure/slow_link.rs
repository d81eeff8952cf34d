//! A concern on a bad line: 23 kbit/s, 600 ms there and back, two packets in a hundred lost.
//!
//! The line and the time on it are simulated; phones and endpoint are real.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_protocol::exchange::Request;
use fieldfare_protocol::wire::decode;
use serde_json::json;

use super::wire::write_bytes;
use super::{SEED, largest, mean, print};
use crate::casework::Casework;
use crate::casework::chance::Chance;
use crate::near::{Bend, Line, Near};
use crate::phone::{level, make, run};

/// Concerns that are raised, each on a line with other losses.
const CONCERNS: u64 = 100;
/// Bytes that wait on either side.
const BACKLOG_BYTES: usize = 1024 * 1024;

fn line(loss_percent: usize, seed: u64) -> Line {
    Line { bits_per_s: 23_000, round_trip_ms: 600, loss_percent, chance: Chance::new(seed) }
}

/// From raising a concern until it stands on the supervisor's device, while 1 MiB waits to be sent and another to be
/// fetched ÷ what the line needs for the concern's own bytes and round trips without loss.
pub fn slow_link() {
    let near = Near::found();
    let supervisor = near.join("supervisor", StaffRole::Supervisor);
    let [mentor, colleague] = ["mentor", "colleague"].map(|name| near.join(name, StaffRole::Mentor));
    let [case, other] = [&mentor, &colleague]
        .map(|app| make(app, json!({"do": "open_case", "name": "Jay", "cohort": "protect"})));
    level(&[&mentor, &colleague, &supervisor]);
    write_bytes(&mentor, &case, BACKLOG_BYTES, 1);
    write_bytes(&colleague, &other, BACKLOG_BYTES, 2);
    colleague.exchange(|_| ()).expect("an exchange");
    let mut casework = Casework::new(SEED);
    let mut ratios = Vec::new();
    for seed in 0..CONCERNS {
        let words = casework.concern(600);
        let raise = json!({"do": "raise_concern", "case": case, "about": "threat", "words": words});
        run(&mentor, raise).expect("a concern");
        near.link.trips();
        near.link.set_line(Some(line(2, seed)));
        let begun_ms = near.clock.read();
        one_round_trip(&near, &mentor);
        let concern = near.link.trips().remove(0);
        one_round_trip(&near, &supervisor);
        let took_ms = near.clock.read() - begun_ms;
        near.link.set_line(None);
        let request: Request = decode(&concern.up).expect("a request");
        let bytes = request.segments[0].len();
        let fetched = near.link.trips().remove(0);
        let segment = &request.segments[0][..];
        assert!(fetched.down.windows(segment.len()).any(|window| window == segment), "it was fetched");
        let mut floor = line(0, seed);
        let floor_ms = 2 * (floor.travel_ms(bytes) + floor.travel_ms(0));
        ratios.push(took_ms as f64 / floor_ms as f64);
    }
    let unit = "of what the line needs for the concern alone";
    print("slow_link", mean(&ratios), unit, "at most 1.5");
    print("slow_link_most", largest(&ratios), unit, "at most 1.5 unless packets are lost");
}

/// Lets one round trip pass and then takes the signal away, so that what waits still waits.
fn one_round_trip(near: &Near, app: &Fieldfare) {
    near.link.bend([Bend::Straight, Bend::NoSignal]);
    assert_eq!(app.exchange(|_| ()), Err(Problem::EndpointUnreachable));
}
