//! An endpoint that was put back from a backup: devices send again what it lacks, and nothing is deleted because of it.
//!
//! The endpoint runs in this process on a real socket; its folder is really copied and put back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::{Answer, Call, Ports, SystemClock, Transport, TransportProblem};
use fieldfare_endpoint::{Endpoint, Settings};
use fieldfare_protocol::request::EXCHANGE_PATH;
use serde_json::json;
use tests::backup::{back_up, put_back};
use tests::phone::{PIN, Service, level, make, page, run};

#[test]
fn what_the_backup_lacks_is_sent_again_and_a_concern_is_delivered_again() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let supervisor = service.join("supervisor", StaffRole::Supervisor);
    mentor.exchange(|_| ()).unwrap();
    let old_case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    run(&mentor, json!({"do": "raise_concern", "case": old_case, "about": "threat", "words": "before"}))
        .unwrap();
    level(&[&mentor, &supervisor]);
    let service = back_up(service);

    // What the backup does not know: more in the old case, and a case of its own with its members.
    run(&mentor, json!({"do": "raise_concern", "case": old_case, "about": "weapon", "words": "after"}))
        .unwrap();
    let new_case = make(&mentor, json!({"do": "open_case", "name": "Amara", "cohort": "prevent"}));
    run(&mentor, json!({"do": "begin_note", "case": new_case, "body": "written after the backup"})).unwrap();
    mentor.exchange(|_| ()).unwrap();
    let service = put_back(service);

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

/// A line that breaks behind the first exchange that was answered.
struct BreaksSoon {
    line: Arc<dyn Transport>,
    is_broken: AtomicBool,
}

impl Transport for BreaksSoon {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(TransportProblem::Unreachable);
        }
        let on_exchange = call.path == EXCHANGE_PATH;
        let answer = self.line.post(call)?;
        self.is_broken.store(on_exchange && answer.status == 200, Ordering::SeqCst);
        Ok(answer)
    }
}

#[test]
fn a_concern_that_the_backup_lacks_counts_as_undelivered_from_the_first_answer_on() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    level(&[&service.administrator, &mentor]);
    let service = back_up(service);
    let case = make(&mentor, json!({"do": "open_case", "name": "Amara", "cohort": "prevent"}));
    run(&mentor, json!({"do": "raise_concern", "case": case, "about": "weapon", "words": "after"})).unwrap();
    mentor.exchange(|_| ()).unwrap();
    let is_delivered = |app: &Fieldfare| {
        let concerns = page(app, json!({"page": "today"}))["concerns"].clone();
        let unsent = page(app, json!({"page": "exchange"}))["unsent_urgent"].as_u64().unwrap();
        assert_eq!(unsent == 0, concerns[0]["received_at_ms"].is_i64(), "{concerns}");
        unsent == 0
    };
    assert!(is_delivered(&mentor));
    drop(mentor);
    let service = put_back(service);
    let home = service.home("mentor");
    let ports = || tests::phone::ports(&home, Arc::new(SystemClock));
    let line = BreaksSoon { line: ports().transport, is_broken: AtomicBool::new(false) };
    let mentor = Fieldfare::unlock(&home, Ports { transport: Arc::new(line), ..ports() }, PIN).unwrap();
    assert_eq!(mentor.exchange(|_| ()), Err(Problem::EndpointUnreachable));
    assert!(!is_delivered(&mentor), "the endpoint that is there does not keep it");
    drop(mentor);
    let mentor = Fieldfare::unlock(&home, ports(), PIN).unwrap();
    mentor.exchange(|_| ()).unwrap();
    assert!(is_delivered(&mentor));
}

#[test]
fn a_device_that_joined_after_the_backup_joins_again_by_itself() {
    let service = back_up(Service::found());
    let mentor = service.join("mentor", StaffRole::Mentor);
    run(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"})).unwrap();
    mentor.exchange(|_| ()).unwrap();
    let service = put_back(service);
    // The invitation is the administrator's to offer again.
    service.administrator.exchange(|_| ()).unwrap();
    mentor.exchange(|_| ()).unwrap();
    assert_eq!(page(&mentor, json!({"page": "exchange"}))["unsent"], 0);
    service.administrator.invite("Sam", StaffRole::Mentor).unwrap();
}

#[test]
fn an_administrator_who_knows_of_a_later_joining_brings_it_back_and_can_invite() {
    let service = back_up(Service::found());
    let mentor = service.join("mentor", StaffRole::Mentor);
    level(&[&service.administrator, &mentor]);
    let service = put_back(service);
    service.administrator.exchange(|_| ()).unwrap();
    mentor.exchange(|_| ()).unwrap();
    service.administrator.invite("Sam", StaffRole::Mentor).unwrap();
}

#[test]
fn a_founding_that_is_refused_for_now_never_takes_its_vault_with_it() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let colleague = service.join("colleague", StaffRole::Mentor);
    level(&[&mentor, &colleague]);
    let service = back_up(service);
    let _supervisor = service.join("supervisor", StaffRole::Supervisor);
    level(&[&mentor, &colleague]);
    let service = put_back(service);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let staff = page(&mentor, json!({"page": "staff"}))["staff"].clone();
    let who = staff.as_array().unwrap().iter().find(|row| row["name"] == "colleague").unwrap();
    run(&mentor, json!({"do": "add_mentor", "case": case, "mentor": who["person"]})).unwrap();
    run(&mentor, json!({"do": "raise_concern", "case": case, "about": "threat", "words": "followed"}))
        .unwrap();
    for _ in 0..2 {
        mentor.exchange(|_| ()).unwrap();
        service.administrator.exchange(|_| ()).unwrap();
    }
    mentor.exchange(|_| ()).unwrap();
    assert_eq!(page(&mentor, json!({"page": "exchange"}))["unsent_urgent"], 0);
}

#[test]
fn a_log_that_went_two_ways_at_a_restore_ends_an_exchange_all_the_same() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    level(&[&service.administrator, &mentor]);
    let service = back_up(service);
    let _late = service.join("late", StaffRole::Mentor);
    level(&[&mentor]);
    let service = put_back(service);
    for name in ["Sam", "Sue"] {
        let _ = service.administrator.invite(name, StaffRole::Mentor);
    }
    let done = mentor.exchange(|_| ()).unwrap();
    assert!(done.round_trips < 20, "{done:?}");
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
    let other = Endpoint::start(Settings { data: empty, listen, quota_bytes: None }).unwrap();
    let refused = mentor.exchange(|_| ()).unwrap_err();
    assert_eq!(serde_json::to_value(&refused).unwrap()["problem"], "endpoint_foreign");
    assert_eq!(page(&mentor, json!({"page": "case", "case": case}))["summary"]["young_person"], "Jay");
    assert!(page(&mentor, json!({"page": "exchange"}))["unsent"].as_u64() > Some(0));
    other.stop();
    drop(administrator);
}
