//! An endpoint that was put back from a backup: devices send again what it lacks, and nothing is deleted because of it.
//!
//! The endpoint runs in this process on a real socket; its folder is really copied and put back.

use std::path::Path;

use fieldfare_core::contract::StaffRole;
use fieldfare_endpoint::{Endpoint, Settings, restored};
use serde_json::json;
use tests::phone::{Service, level, make, page, run};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn what_the_backup_lacks_is_sent_again_and_a_concern_is_delivered_again() {
    let Service { folder, endpoint, administrator } = Service::found();
    let service = Service { folder, endpoint, administrator };
    let mentor = service.join("mentor", StaffRole::Mentor);
    let supervisor = service.join("supervisor", StaffRole::Supervisor);
    mentor.exchange(|_| ()).unwrap();
    let old_case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    run(&mentor, json!({"do": "raise_concern", "case": old_case, "about": "threat", "words": "before"}))
        .unwrap();
    level(&[&mentor, &supervisor]);

    // The backup, of a stopped endpoint as its documentation asks for.
    let Service { folder, endpoint, administrator } = service;
    let (data, backup) = (folder.path().join("endpoint"), folder.path().join("backup"));
    let listen = endpoint.address();
    endpoint.stop();
    copy(&data, &backup);
    let endpoint = Endpoint::start(Settings { data: data.clone(), listen }).unwrap();

    // What the backup does not know: more in the old case, and a case of its own with its members.
    run(&mentor, json!({"do": "raise_concern", "case": old_case, "about": "weapon", "words": "after"}))
        .unwrap();
    let new_case = make(&mentor, json!({"do": "open_case", "name": "Amara", "cohort": "prevent"}));
    run(&mentor, json!({"do": "begin_note", "case": new_case, "body": "written after the backup"})).unwrap();
    mentor.exchange(|_| ()).unwrap();
    endpoint.stop();

    std::fs::remove_dir_all(&data).unwrap();
    copy(&backup, &data);
    restored(&data).unwrap();
    let endpoint = Endpoint::start(Settings { data, listen }).unwrap();
    let service = Service { folder, endpoint, administrator };

    let exchanged = mentor.exchange(|_| ()).unwrap();
    assert!(exchanged.sent > 0, "{exchanged:?}");
    let state = page(&mentor, json!({"page": "exchange"}));
    assert_eq!((&state["unsent"], &state["unsent_urgent"]), (&json!(0), &json!(0)), "{state}");
    let concerns = page(&mentor, json!({"page": "today"}))["concerns"].clone();
    assert_eq!(concerns.as_array().unwrap().len(), 2);
    assert!(
        concerns.as_array().unwrap().iter().all(|concern| concern["delivered_at_ms"].is_i64()),
        "{concerns}"
    );

    supervisor.exchange(|_| ()).unwrap();
    let seen = page(&supervisor, json!({"page": "search", "words": "written after"}));
    assert_eq!(seen["found"].as_array().unwrap().len(), 1, "{seen}");
    let (ours, theirs) = (mentor.digests().unwrap(), supervisor.digests().unwrap());
    let common: Vec<_> = ours.iter().filter(|one| theirs.contains(one)).collect();
    assert_eq!(common.len(), 3, "the organisation's vault and two cases");
    drop(service);
}

#[test]
fn an_endpoint_of_another_organisation_takes_nothing_and_nothing_is_deleted() {
    let ours = Service::found();
    let mentor = ours.join("mentor", StaffRole::Mentor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let listen = ours.endpoint.address();
    let Service { folder, endpoint, administrator } = ours;
    endpoint.stop();
    let empty = folder.path().join("somebody else's endpoint");
    let other = Endpoint::start(Settings { data: empty, listen }).unwrap();
    let refused = mentor.exchange(|_| ()).unwrap_err();
    assert_eq!(serde_json::to_value(&refused).unwrap()["problem"], "endpoint_foreign");
    assert_eq!(page(&mentor, json!({"page": "case", "case": case}))["summary"]["young_person"], "Jay");
    assert!(page(&mentor, json!({"page": "exchange"}))["unsent"].as_u64() > Some(0));
    other.stop();
    drop(administrator);
}
