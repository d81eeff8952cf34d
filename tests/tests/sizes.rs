//! What the length of a message gives away, and what hiding it costs.
//!
//! Counts bytes of request bodies, as somebody who listens beyond the encryption would.

use std::collections::BTreeSet;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use serde_json::json;
use tests::casework::Casework;
use tests::phone::{self, Service};

/// Bytes of the first request body of an exchange.
fn first_request(app: &Fieldfare) -> u64 {
    let mut first = None;
    app.exchange(|outcome| {
        first.get_or_insert(outcome.bytes_up);
    })
    .unwrap();
    first.unwrap()
}

fn mentor_with_case() -> (Service, Fieldfare, String) {
    let service = Service::found();
    let mentor = service.join("robin", StaffRole::Mentor);
    let case = phone::make(&mentor, json!({"do": "open_case", "name": "Kit", "cohort": "protect"}));
    mentor.exchange(|_| ()).unwrap();
    (service, mentor, case)
}

#[test]
fn a_concern_of_600_characters_travels_in_half_a_kilobyte() {
    let (_service, mentor, case) = mentor_with_case();
    let mut casework = Casework::new(9_001);
    let mut sizes = Vec::new();
    for _ in 0..10 {
        let words = casework.concern(600);
        phone::run(&mentor, json!({"do": "raise_concern", "case": case, "about": "missing", "words": words}))
            .unwrap();
        sizes.push((words.chars().count(), first_request(&mentor)));
    }
    assert!(sizes.iter().all(|(_, bytes)| *bytes <= 500), "{sizes:?}");
}

/// Bytes of the requests by which remarks of two to sixteen characters travel, one a request.
fn short_remarks() -> BTreeSet<u64> {
    let (_service, mentor, case) = mentor_with_case();
    let goal = phone::make(&mentor, json!({"do": "set_goal", "case": case, "words": "swim a mile"}));
    mentor.exchange(|_| ()).unwrap();
    (2..=16)
        .map(|characters| {
            let words = &"a little further"[..characters];
            phone::run(&mentor, json!({"do": "record_progress", "goal": goal, "words": words})).unwrap();
            first_request(&mentor)
        })
        .collect()
}

/// Random names compress a byte better or worse, so that one remark can fall into the next class: counted are the classes.
const CLASSES_MAX: usize = 3;

#[test]
fn short_remarks_look_alike() {
    let sizes = short_remarks();
    assert!(sizes.len() <= CLASSES_MAX, "{sizes:?}");
}
