//! What it takes to remove a phone: twenty files change their keys for the devices that stay.
//!
//! Counts the records as they travel. Whoever removes pays nothing of it: the next colleague who exchanges does.

use std::time::Instant;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_protocol::exchange::Request;
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::membership::{Act, SignedRecord};
use fieldfare_protocol::wire::decode;
use serde_json::json;

use super::print;
use crate::near::Near;
use crate::phone::{level, make, page, run};

/// Files that the phone reads which is removed.
const CASES: usize = 20;

/// A phone that reads twenty files beside four others is removed: how long the first of those four is at it, and what its
/// records weigh.
pub fn rotate_20_cases_5_devices() {
    let near = Near::found();
    let supervisor = near.join("supervisor", StaffRole::Supervisor);
    let lead = near.join("lead", StaffRole::Safeguarding);
    let mentor = near.join("mentor", StaffRole::Mentor);
    let colleague = near.join("colleague", StaffRole::Mentor);
    let leaver = near.join("leaver", StaffRole::Mentor);
    let others = [&supervisor, &lead, &mentor, &colleague, &leaver];
    level(&others);
    for number in 0..CASES {
        let name = format!("Jay {number}");
        let case = make(&mentor, json!({"do": "open_case", "name": name, "cohort": "protect"}));
        for app in [&colleague, &leaver] {
            let person = page(app, json!({"page": "mentor"}))["person"].clone();
            run(&mentor, json!({"do": "add_mentor", "case": case, "mentor": person})).expect("a mentor");
        }
    }
    level(&others);
    near.administrator.remove(device(&leaver)).expect("a removal");
    near.link.trips();
    let begun = Instant::now();
    supervisor.exchange(|_| ()).expect("an exchange");
    let ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let (mut records, mut wraps, mut bytes) = (0, 0, 0);
    for trip in near.link.trips() {
        let request: Request = decode(&trip.up).expect("a request");
        for record in &request.membership {
            let signed = SignedRecord::parse(record).expect("a record");
            if let Act::Rotate { rotation, .. } = &signed.record.act {
                records += 1;
                wraps += rotation.wraps.len();
                bytes += record.len();
            }
        }
    }
    let name = "rotate_20_cases_5_devices";
    print(name, ms, "ms of the first colleague's exchange, the endpoint's part in it", "–");
    print(&format!("{name}_records"), f64::from(records), "records that change a key", "20");
    print(&format!("{name}_bytes"), bytes as f64, "bytes of them", "at most 80 a wrap and 200 a record");
    let aim = 80 * wraps + 200 * records as usize;
    print(&format!("{name}_ratio"), bytes as f64 / aim as f64, "of that aim", "at most 1");
}

fn device(app: &Fieldfare) -> DeviceId {
    let devices = page(app, json!({"page": "devices"}))["devices"].clone();
    let rows = devices.as_array().expect("a list");
    let mine = rows.iter().find(|row| row["is_me"] == true).expect("this device");
    mine["device"].as_str().and_then(|name| name.parse().ok()).expect("a name")
}
