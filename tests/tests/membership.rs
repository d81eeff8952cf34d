//! Devices that leave, keys that change and phones that are lost: on real homes and a real endpoint.

use fieldfare_core::app::{Fieldfare, Recovering};
use fieldfare_core::contract::{CaseId, Problem, StaffRole};
use fieldfare_protocol::id::DeviceId;
use serde_json::{Value, json};
use tests::phone::{Service, late, level, make, page, run};

fn own_id(app: &Fieldfare) -> DeviceId {
    let devices = page(app, json!({"page": "devices"}))["devices"].clone();
    let me = devices.as_array().unwrap().iter().find(|row| row["is_me"] == true).unwrap().clone();
    me["device"].as_str().unwrap().parse().unwrap()
}

fn note(app: &Fieldfare, case: &str, body: &str) -> String {
    make(app, json!({"do": "begin_note", "case": case, "body": body}))
}

fn concern(app: &Fieldfare, case: &str, words: &str) -> String {
    make(app, json!({"do": "raise_concern", "case": case, "about": "threat", "words": words}))
}

fn exchange_page(app: &Fieldfare) -> Value {
    page(app, json!({"page": "exchange"}))
}

fn equal(apps: &[&Fieldfare]) {
    let digests: Vec<_> = apps.iter().map(|app| app.digests().unwrap()).collect();
    for (vault, digest) in &digests[0] {
        for other in &digests[1..] {
            let there = other.iter().find(|(id, _)| id == vault);
            assert!(there.is_none_or(|(_, there)| there == digest));
        }
    }
}

/// A case that a mentor, a second phone of theirs and a supervisor read.
struct Cast {
    service: Service,
    stays: Fieldfare,
    leaves: Fieldfare,
    supervisor: Fieldfare,
    case: String,
}

impl Cast {
    fn new() -> Self {
        let service = Service::found();
        let supervisor = service.join("supervisor", StaffRole::Supervisor);
        let stays = service.join("mentor", StaffRole::Mentor);
        let leaves = service.join("leaver", StaffRole::Mentor);
        level(&[&service.administrator, &supervisor, &stays, &leaves]);
        let case = make(&stays, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let staff = page(&stays, json!({"page": "staff"}))["staff"].clone();
        let who = staff.as_array().unwrap().iter().find(|row| row["name"] == "leaver").unwrap().clone();
        run(&stays, json!({"do": "add_mentor", "case": case, "mentor": who["person"]})).unwrap();
        level(&[&stays, &leaves, &supervisor]);
        Self { service, stays, leaves, supervisor, case }
    }

    fn everybody_that_stays(&self) -> [&Fieldfare; 3] {
        [&self.service.administrator, &self.supervisor, &self.stays]
    }

    fn level(&self) {
        level(&self.everybody_that_stays());
        level(&self.everybody_that_stays());
        equal(&self.everybody_that_stays());
    }
}

#[test]
fn a_removed_phone_hands_over_what_it_wrote_and_reads_nothing_more() {
    let cast = Cast::new();
    note(&cast.leaves, &cast.case, "written and sent before");
    cast.leaves.exchange(|_| ()).unwrap();
    cast.service.administrator.remove(own_id(&cast.leaves)).unwrap();
    cast.level();
    let after = note(&cast.stays, &cast.case, "written after the removal");
    cast.level();
    concern(&cast.leaves, &cast.case, "followed home");
    note(&cast.leaves, &cast.case, "written without knowing of it");
    assert_eq!(cast.leaves.exchange(|_| ()).unwrap_err(), Problem::DeviceRemoved);
    let told = exchange_page(&cast.leaves);
    assert_eq!((told["unsent"].as_u64(), told["unsent_urgent"].as_u64()), (Some(0), Some(0)));
    assert_eq!(cast.leaves.exchange(|_| ()).unwrap_err(), Problem::DeviceRemoved);
    cast.level();
    assert!(late(&cast.supervisor) >= 2 && late(&cast.service.administrator) >= 2);
    assert_eq!(late(&cast.stays), 0);
    let timeline = page(&cast.supervisor, json!({"page": "timeline", "case": cast.case})).to_string();
    assert!(timeline.contains("written and sent before"), "{timeline}");
    assert!(!timeline.contains("without knowing") && !timeline.contains("followed home"));
    assert!(
        cast.leaves.page(&serde_json::from_value(json!({"page": "note", "note": after})).unwrap()).is_err()
    );
    let devices = page(&cast.stays, json!({"page": "devices"}))["devices"].clone();
    let gone: Vec<_> = devices.as_array().unwrap().iter().filter(|row| row["removed"] == true).collect();
    assert_eq!(gone.len(), 1, "{devices}");
}

#[test]
fn a_newcomer_reads_what_was_written_under_every_key() {
    let cast = Cast::new();
    note(&cast.stays, &cast.case, "under the first key");
    cast.level();
    cast.service.administrator.remove(own_id(&cast.leaves)).unwrap();
    cast.level();
    let case: CaseId = cast.case.parse().unwrap();
    cast.stays.rotate(case).unwrap();
    note(&cast.stays, &cast.case, "under the third key");
    cast.level();
    let late_comer = cast.service.join("second supervisor", StaffRole::Supervisor);
    cast.level();
    level(&[&late_comer]);
    let timeline = page(&late_comer, json!({"page": "timeline", "case": cast.case})).to_string();
    assert!(
        timeline.contains("under the first key") && timeline.contains("under the third key"),
        "{timeline}"
    );
    equal(&[&late_comer, &cast.stays]);
}

#[test]
fn two_who_change_a_key_at_once_end_with_one_and_lose_nothing() {
    let cast = Cast::new();
    let case: CaseId = cast.case.parse().unwrap();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| cast.stays.rotate(case));
        let second = scope.spawn(|| cast.supervisor.rotate(case));
        first.join().unwrap().unwrap();
        second.join().unwrap().unwrap();
    });
    note(&cast.stays, &cast.case, "mine");
    note(&cast.supervisor, &cast.case, "yours");
    cast.level();
    let timeline = page(&cast.supervisor, json!({"page": "timeline", "case": cast.case})).to_string();
    assert!(timeline.contains("mine") && timeline.contains("yours"));
}

#[test]
fn an_invitation_that_was_open_during_a_removal_still_lets_somebody_in() {
    let cast = Cast::new();
    let text = cast.service.administrator.invite("Sam", StaffRole::Supervisor).unwrap();
    cast.service.administrator.remove(own_id(&cast.leaves)).unwrap();
    let home = cast.service.home("Sam");
    let clock = std::sync::Arc::new(fieldfare_core::ports::SystemClock);
    let ports = tests::phone::ports(&home, clock);
    let sam = Fieldfare::join(&home, ports, tests::phone::PIN, tests::phone::cheap(), &text).unwrap();
    level(&[&sam, &cast.stays, &sam]);
    let staff = page(&sam, json!({"page": "staff"}))["staff"].to_string();
    assert!(staff.contains("Sam") && !staff.contains("leaver"), "{staff}");
    equal(&[&sam, &cast.stays]);
}

#[test]
fn nobody_but_an_administrator_removes_and_nobody_removes_itself() {
    let cast = Cast::new();
    let refused = |app: &Fieldfare, device| matches!(app.remove(device), Err(Problem::NotAllowed { .. }));
    assert!(refused(&cast.supervisor, own_id(&cast.leaves)));
    assert!(refused(&cast.service.administrator, own_id(&cast.service.administrator)));
    let nobody = cast.service.administrator.remove(DeviceId([7; 16]));
    assert_eq!(nobody, Err(Problem::NoSuchDevice));
}

#[test]
fn with_every_phone_lost_the_recovery_key_brings_everything_back() {
    let Cast { service, stays, leaves, supervisor, case } = Cast::new();
    note(&stays, &case, "the first words");
    concern(&stays, &case, "followed home");
    level(&[&stays, &supervisor]);
    stays.rotate(case.parse().unwrap()).unwrap();
    note(&stays, &case, "the last words");
    level(&[&stays, &supervisor]);
    let (digests, lost) = (stays.digests().unwrap(), own_id(&stays));
    drop((stays, leaves, supervisor));
    let Service { folder, endpoint, administrator } = service;
    drop(administrator);
    let home = folder.path().join("recovered");
    let recovering = Recovering {
        base_url: &format!("http://{}", endpoint.address()),
        recovery_files: &[folder.path().join("recovery.txt")],
    };
    let ports = tests::phone::ports(&home, std::sync::Arc::new(fieldfare_core::ports::SystemClock));
    let app =
        Fieldfare::recover(&home, ports, tests::phone::PIN, tests::phone::cheap(), &recovering).unwrap();
    let timeline = page(&app, json!({"page": "timeline", "case": case})).to_string();
    assert!(timeline.contains("the first words") && timeline.contains("the last words"), "{timeline}");
    assert!(timeline.contains("followed home"));
    let ours = app.digests().unwrap();
    let file =
        digests.iter().find(|(vault, _)| vault.0[..4] == case.parse::<CaseId>().unwrap().0[..4]).unwrap();
    assert!(ours.contains(file));
    app.remove(lost).unwrap();
    app.exchange(|_| ()).unwrap();
    assert_eq!(app.open_files(recovering.recovery_files), Ok(0));
    let sam = app.invite("Sam", StaffRole::Supervisor).unwrap();
    assert!(sam.len() > 40);
}

#[test]
fn another_organisations_recovery_key_recovers_nothing() {
    let (ours, theirs) = (Service::found(), Service::found());
    let home = ours.home("recovered");
    let recovering = Recovering {
        base_url: &format!("http://{}", ours.endpoint.address()),
        recovery_files: &[theirs.folder.path().join("recovery.txt")],
    };
    let ports = tests::phone::ports(&home, std::sync::Arc::new(fieldfare_core::ports::SystemClock));
    let refused = Fieldfare::recover(&home, ports, tests::phone::PIN, tests::phone::cheap(), &recovering);
    assert_eq!(refused.err(), Some(Problem::EndpointForeign));
    assert!(!home.join("store.db").exists());
}
