//! A recovery key that three people hold, any two of whom open what it opens: founding, the drill, and the day it is needed.

use std::path::PathBuf;
use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Founding, Recovering, recovery_files};
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::SystemClock;
use fieldfare_core::vault::Holders;
use fieldfare_endpoint::Endpoint;
use serde_json::json;
use tempfile::TempDir;
use tests::phone::{PIN, cheap, level, make, page, ports, start_endpoint};
use tests::screen;

struct Scene {
    administrator: Fieldfare,
    supervisor: Fieldfare,
    mentor: Fieldfare,
    endpoint: Endpoint,
    folder: TempDir,
}

impl Scene {
    fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = start_endpoint(&folder.path().join("endpoint"));
        let home = folder.path().join("administrator");
        let founding = Founding {
            organisation: "Test Mentoring",
            base_url: &format!("http://{}", endpoint.address()),
            recovery_file: &folder.path().join("recovery"),
            holders: Holders::TwoOfThree,
        };
        let administrator =
            Fieldfare::found(&home, ports(&home, Arc::new(SystemClock)), PIN, cheap(), &founding).unwrap();
        let join = |name: &str, role| {
            let invitation = administrator.invite(name, role).unwrap();
            let home = folder.path().join(name);
            let ports = ports(&home, Arc::new(SystemClock));
            Fieldfare::join(&home, ports, PIN, cheap(), &invitation).unwrap()
        };
        let (supervisor, mentor) =
            (join("supervisor", StaffRole::Supervisor), join("mentor", StaffRole::Mentor));
        level(&[&administrator, &supervisor, &mentor]);
        Self { administrator, supervisor, mentor, endpoint, folder }
    }

    fn shares(&self, numbers: &[usize]) -> Vec<PathBuf> {
        let files = recovery_files(&self.folder.path().join("recovery"), Holders::TwoOfThree);
        numbers.iter().map(|number| files[number - 1].clone()).collect()
    }

    fn open_case(&self, name: &str) -> String {
        let case = make(&self.mentor, json!({"do": "open_case", "name": name, "cohort": "protect"}));
        let note = make(&self.mentor, json!({"do": "begin_note", "case": case, "body": "by the river"}));
        screen::sign(&self.mentor, &note).unwrap();
        level(&[&self.mentor, &self.supervisor]);
        case
    }
}

fn drill_row(app: &Fieldfare) -> serde_json::Value {
    page(app, json!({"page": "devices"}))["drill"].clone()
}

#[test]
fn r14_two_of_three_people_bring_an_organisation_back_and_one_does_not() {
    let scene = Scene::begin();
    let case = scene.open_case("Jay");
    assert!(!scene.folder.path().join("recovery").exists());
    let shares = [scene.shares(&[2]), scene.shares(&[3, 1])];
    let base_url = format!("http://{}", scene.endpoint.address());
    let home = scene.folder.path().join("recovered");
    let recover = |files: &[PathBuf]| {
        let recovering = Recovering { base_url: &base_url, recovery_files: files };
        Fieldfare::recover(&home, ports(&home, Arc::new(SystemClock)), PIN, cheap(), &recovering)
    };
    let alone = recover(&shares[0]).err();
    assert!(matches!(alone, Some(Problem::RecoveryKeyNotAccepted { .. })), "{alone:?}");
    assert!(!home.join("store.db").exists());
    let app = recover(&shares[1]).unwrap();
    let timeline = page(&app, json!({"page": "timeline", "case": case})).to_string();
    assert!(timeline.contains("by the river"), "{timeline}");
}

#[test]
fn r14_a_drill_proves_the_shares_and_everybody_sees_when_it_was_held() {
    let scene = Scene::begin();
    let (first, _) = (scene.open_case("Jay"), scene.open_case("Ash"));
    assert_eq!(drill_row(&scene.mentor)["is_due"], true);
    // A key that has changed since the shares were printed is still theirs to open.
    scene.supervisor.rotate(first.parse().unwrap()).unwrap();
    let held = scene.supervisor.drill(&scene.shares(&[1, 2])).unwrap();
    assert_eq!((held.opened, held.failed), (3, 0));
    level(&[&scene.supervisor, &scene.mentor, &scene.administrator]);
    for app in [&scene.mentor, &scene.administrator] {
        let row = drill_row(app);
        assert_eq!((row["opened"].as_u64(), row["is_due"].as_bool()), (Some(3), Some(false)), "{row}");
    }
}

#[test]
fn a_drill_is_no_mentors_business_and_takes_no_other_key() {
    let (scene, other) = (Scene::begin(), Scene::begin());
    let not_theirs = scene.mentor.drill(&scene.shares(&[1, 2]));
    assert!(matches!(not_theirs, Err(Problem::NotAllowed { .. })));
    for files in [other.shares(&[1, 2]), vec![scene.shares(&[1])[0].clone(), other.shares(&[2])[0].clone()]] {
        let refused = scene.supervisor.drill(&files);
        assert!(matches!(refused, Err(Problem::RecoveryKeyNotAccepted { .. })), "{refused:?}");
    }
    assert_eq!(drill_row(&scene.supervisor)["last_on"], serde_json::Value::Null);
}

#[test]
fn founding_writes_every_share_or_none_and_never_over_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = start_endpoint(&folder.path().join("endpoint"));
    let files = recovery_files(&folder.path().join("recovery"), Holders::TwoOfThree);
    std::fs::write(&files[1], "somebody's only copy").unwrap();
    let home = folder.path().join("administrator");
    let founding = Founding {
        organisation: "Test Mentoring",
        base_url: &format!("http://{}", endpoint.address()),
        recovery_file: &folder.path().join("recovery"),
        holders: Holders::TwoOfThree,
    };
    let found = || Fieldfare::found(&home, ports(&home, Arc::new(SystemClock)), PIN, cheap(), &founding);
    assert_eq!(found().err(), Some(Problem::RecoveryFile));
    assert_eq!(std::fs::read(&files[1]).unwrap(), b"somebody's only copy");
    assert!(!files[0].exists() && !files[2].exists() && !home.exists());
    std::fs::remove_file(&files[1]).unwrap();
    found().unwrap();
    assert!(files.iter().all(|file| file.is_file()));
}
