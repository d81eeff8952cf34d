//! What an exchange weighs: a steady one, a concern, a day, and one that broke in the middle.
//!
//! Bodies of requests and replies, as somebody on the line sees them; heads and TLS are not counted.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_protocol::exchange::Request;
use fieldfare_protocol::prefix::RequestPrefix;
use fieldfare_protocol::wire::decode;
use serde_json::{Value, json};

use super::{SEED, largest, mean, print};
use crate::casebook::{Casebook, write_note};
use crate::casework::Casework;
use crate::casework::chance::Chance;
use crate::near::{Bend, Near};
use crate::phone::{level, make, run};

/// Concerns that are weighed.
const CONCERNS: usize = 40;
/// Bytes of the upload that breaks.
const UPLOAD_BYTES: usize = 1024 * 1024;

/// One edit each way: round trips, and what the bodies weigh beside the words themselves.
pub fn steady_exchange() {
    let near = Near::found();
    let supervisor = near.join("supervisor", StaffRole::Supervisor);
    let mentor = near.join("mentor", StaffRole::Mentor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let goal =
        make(&mentor, json!({"do": "set_goal", "case": case, "words": "Back to school", "why": "Asked"}));
    level(&[&mentor, &supervisor]);
    let (mut trips, mut up, mut down) = (Vec::new(), Vec::new(), Vec::new());
    let mut casework = Casework::new(SEED);
    for _ in 0..20 {
        let words: String = casework.note_of_about(150).chars().take(120).collect();
        let progress = json!({"do": "record_progress", "goal": goal, "words": words});
        run(&supervisor, progress.clone()).expect("progress");
        supervisor.exchange(|_| ()).expect("an exchange");
        run(&mentor, progress).expect("progress");
        let exchanged = mentor.exchange(|_| ()).expect("an exchange");
        trips.push(exchanged.round_trips as f64);
        up.push(exchanged.bytes_up as f64 - words.len() as f64);
        down.push(exchanged.bytes_down as f64 - words.len() as f64);
    }
    print("steady_exchange", largest(&trips), "round trips for one edit each way", "1");
    print("steady_exchange_up", mean(&up), "bytes of body beside the words", "at most 500");
    print("steady_exchange_down", mean(&down), "bytes of body beside the words", "at most 500");
}

/// The whole body of the request that carries a concern of 600 characters.
pub fn concern_bytes() {
    let near = Near::found();
    let mentor = near.join("mentor", StaffRole::Mentor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    mentor.exchange(|_| ()).expect("an exchange");
    let mut casework = Casework::new(SEED);
    let mut bytes = Vec::new();
    for _ in 0..CONCERNS {
        let words = casework.concern(600);
        run(&mentor, json!({"do": "raise_concern", "case": case, "about": "threat", "words": words}))
            .expect("a concern");
        near.link.trips();
        mentor.exchange(|_| ()).expect("an exchange");
        bytes.push(near.link.trips()[0].up.len() as f64);
    }
    print("concern_bytes", mean(&bytes), "bytes of request body, mean", "at most 500");
    print("concern_bytes_most", largest(&bytes), "bytes of request body, most", "at most 500");
}

/// A day of about 40 edits on three cases, sent in one exchange ÷ the plaintext of its edits.
pub fn day_bytes() {
    let near = Near::found();
    let mentor = near.join("mentor", StaffRole::Mentor);
    let mut on_phone = |command: Value| run(&mentor, command).expect("allowed").made.map(|id| id.to_string());
    let cases = open_cases(&mut on_phone);
    mentor.exchange(|_| ()).expect("an exchange");
    near.link.trips();
    day(&cases, &mut on_phone);
    let exchanged = mentor.exchange(|_| ()).expect("an exchange");
    let book = Casebook::new();
    let mut in_book = |command: Value| book.run(command);
    let cases = open_cases(&mut in_book);
    let plain = || book.bodies(1_024).iter().map(Vec::len).sum::<usize>() as f64;
    let before = plain();
    day(&cases, &mut in_book);
    print("day_edits", exchanged.sent as f64, "edits", "about 40");
    let ratio = exchanged.bytes_up as f64 / (plain() - before);
    print("day_bytes", ratio, "of the plaintext of the same edits", "at most 0.45");
}

fn open_cases(run: &mut dyn FnMut(Value) -> Option<String>) -> Vec<String> {
    let names = ["Jay", "Kit", "Ash"];
    let open = |name| run(json!({"do": "open_case", "name": name, "cohort": "protect"})).expect("a case");
    names.into_iter().map(open).collect()
}

fn day(cases: &[String], run: &mut dyn FnMut(Value) -> Option<String>) {
    let mut casework = Casework::new(SEED);
    for case in cases {
        write_note(&mut casework, case, run);
    }
}

/// An upload of 1 MiB that breaks at its half: what is sent twice.
pub fn resume() {
    let near = Near::found();
    let mentor = near.join("mentor", StaffRole::Mentor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    mentor.exchange(|_| ()).expect("an exchange");
    write_bytes(&mentor, &case, UPLOAD_BYTES, 1);
    near.link.trips();
    let cut = 64 * 1024;
    near.link.bend([Bend::Straight, Bend::Straight, Bend::Straight, Bend::CutRequest(cut)]);
    mentor.exchange(|_| ()).expect_err("a cut");
    let before = near.link.trips();
    let sent: usize = before.iter().take(3).map(|trip| trip.up.len()).sum::<usize>() + cut;
    let broken = before.last().expect("a cut");
    let arrived = RequestPrefix::read(&broken.up[..cut]).segments;
    let torn = cut - arrived.iter().map(|bytes| bytes.len()).sum::<usize>();
    mentor.exchange(|_| ()).expect("an exchange");
    let after = near.link.trips();
    let again = after.iter().flat_map(|trip| decode::<Request>(&trip.up).expect("a request").segments);
    let twice: Vec<usize> = again.filter(|bytes| arrived.contains(bytes)).map(|bytes| bytes.len()).collect();
    print("resume_cut_at", sent as f64, "bytes", "half of 1 MiB");
    print("resume", (twice.len() + 1) as f64, "segments sent twice, the torn one counted", "at most 1");
    print(
        "resume_bytes",
        (twice.iter().sum::<usize>() + torn) as f64,
        "bytes sent twice",
        "at most a segment",
    );
}

/// Writes notes that take about so many bytes on the wire: digits, which compress to less than half.
pub fn write_bytes(app: &Fieldfare, case: &str, bytes: usize, seed: u64) {
    let mut chance = Chance::new(seed);
    for _ in 0..bytes / 3_400 {
        let words: Vec<String> = (0..390).map(|_| chance.bits().to_string()).collect();
        let _ = make(app, json!({"do": "begin_note", "case": case, "body": words.join(" ")}));
    }
}
