//! A home is never destroyed by trying: beginning another one in its place, or in the place of anything else, changes nothing.
//!
//! Real homes with real keys; the endpoint is in this process.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Founding, Recovering};
use fieldfare_core::contract::{FolderHolds, Problem, StaffRole};
use fieldfare_core::ports::{Answer, Call, Ports, Transport, TransportProblem};
use fieldfare_core::vault::Holders;
use serde_json::json;
use tests::device::Device;
use tests::near::Near;
use tests::phone::{PIN, cheap, make, page};

const OTHER_PIN: &str = "620573";

/// Everything below a folder: what each file holds and when it was written last; nothing for a folder.
type Everything = BTreeMap<PathBuf, Option<(Vec<u8>, std::time::SystemTime)>>;

fn everything(folder: &Path) -> Everything {
    let mut found = Everything::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if path.is_dir() {
            found.extend(everything(&path));
            found.insert(path, None);
        } else {
            let about = entry.metadata().unwrap();
            found.insert(path.clone(), Some((fs::read(&path).unwrap(), about.modified().unwrap())));
        }
    }
    found
}

/// Begins a home in a folder in each of the three ways, with everything that each of them needs to go through.
fn begin_in_every_way(near: &Near, name: &str, pin: &str, ports: impl Fn() -> Ports) -> Vec<Problem> {
    let home = near.home(name);
    let invitation = near.administrator.invite("Wren", StaffRole::Mentor).unwrap();
    let new_recovery = near.home("new-recovery");
    let founding = Founding {
        organisation: "Another",
        base_url: "http://127.0.0.1:1",
        recovery_file: &new_recovery,
        holders: Holders::One,
    };
    let recovery_files = [near.home("recovery.txt")];
    let recovering = Recovering { base_url: "http://127.0.0.1:1", recovery_files: &recovery_files };
    let refused = [
        Fieldfare::found(&home, ports(), pin, cheap(), &founding).err(),
        Fieldfare::join(&home, ports(), pin, cheap(), &invitation).err(),
        Fieldfare::recover(&home, ports(), pin, cheap(), &recovering).err(),
    ];
    assert!(!new_recovery.exists(), "a recovery key was written for nothing");
    // What was refused has cost nothing: the invitation still lets somebody in.
    let elsewhere = near.home(&format!("elsewhere-{}", near.clock.read()));
    let lent = Ports { hardware_key: Arc::new(key_of(&elsewhere)), ..near.ports(name) };
    Fieldfare::join(&elsewhere, lent, PIN, cheap(), &invitation).unwrap().lock();
    fs::remove_dir_all(elsewhere).unwrap();
    near.clock.pass(1);
    refused.into_iter().map(|problem| problem.expect("it was begun over what lies there")).collect()
}

fn key_of(home: &Path) -> fieldfare_core::vault::FileHardwareKey {
    fieldfare_core::vault::FileHardwareKey::new(
        home,
        Arc::new(fieldfare_core::ports::SystemEntropy::default()),
    )
}

fn taken(by: FolderHolds) -> Problem {
    Problem::FolderTaken { by }
}

#[test]
fn p05_a_home_whose_envelope_is_missing_is_kept_whoever_begins_there() {
    let near = Near::found();
    let robin = near.join("robin", StaffRole::Mentor);
    let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
    let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "not sent yet"}));
    robin.lock();
    let home = near.home("robin");
    let envelope = fs::read(home.join("envelope")).unwrap();
    fs::remove_file(home.join("envelope")).unwrap();
    let before = everything(&home);
    for pin in [PIN, OTHER_PIN] {
        let refused = begin_in_every_way(&near, "robin", pin, || near.ports("robin"));
        assert_eq!(refused, vec![taken(FolderHolds::HomeWithoutLock); 3]);
    }
    // Nor is it called a folder without a store, after which somebody would join.
    let unlocked = Fieldfare::unlock(&home, near.ports("robin"), PIN).err();
    assert_eq!(unlocked, Some(taken(FolderHolds::HomeWithoutLock)));
    let asked = Fieldfare::ask_for_help(&home, &near.ports("robin")).err();
    assert_eq!(asked, Some(taken(FolderHolds::HomeWithoutLock)));
    let ran = Device::at(&home).ask("today", &json!({}));
    assert_eq!(ran.problem(), "folder_taken");
    assert!(ran.line()["says"].as_str().unwrap().contains("`envelope`"), "{}", ran.raw);
    assert!(ran.line()["next"].as_str().unwrap().contains("back from a copy"), "{}", ran.raw);
    let ran = Device::at(&home).found("Other", "http://127.0.0.1:1", &near.home("other-recovery"));
    assert_eq!((ran.problem(), near.home("other-recovery").exists()), ("folder_taken", false));
    assert!(everything(&home) == before, "something in the folder was changed");
    fs::write(home.join("envelope"), envelope).unwrap();
    assert_eq!(page(&near.open("robin"), json!({"page": "note", "note": note}))["body"], "not sent yet");
}

#[test]
fn p05_a_folder_of_somebody_elses_keeps_every_byte_and_is_given_none() {
    let near = Near::found();
    let files: [(&[(&str, &str)], FolderHolds); 8] = [
        (&[("shopping", "milk")], FolderHolds::OtherFiles),
        (&[("envelope.turn", "a poem")], FolderHolds::OtherFiles),
        (&[("unfinished", "a novel"), ("in-use", "")], FolderHolds::OtherFiles),
        (&[("ended", "happily")], FolderHolds::OtherFiles),
        (&[("store.db", "a shop's till")], FolderHolds::HomeWithoutLock),
        (&[("device-key", "of another program"), ("unfinished.txt", "")], FolderHolds::HomeWithoutLock),
        (&[("unfinished", ""), ("store.db", "a shop's till")], FolderHolds::HomeWithoutLock),
        (&[("store.db-wal", ""), ("shopping", "milk")], FolderHolds::HomeWithoutLock),
    ];
    for (number, (files, holds)) in files.iter().enumerate() {
        let name = format!("theirs-{number}");
        let home = near.home(&name);
        fs::create_dir_all(home.join("a folder")).unwrap();
        for (file, words) in *files {
            fs::write(home.join(file), words).unwrap();
            fs::write(home.join("a folder").join(file), words).unwrap();
        }
        let before = everything(&home);
        assert_eq!(begin_in_every_way(&near, &name, PIN, || near.ports(&name)), vec![taken(*holds); 3]);
        assert!(Fieldfare::unlock(&home, near.ports(&name), PIN).is_err());
        assert!(Fieldfare::ask_for_help(&home, &near.ports(&name)).is_err());
        assert!(everything(&home) == before, "{files:?}: something was changed");
        fs::remove_dir_all(home.join("a folder")).unwrap();
        let before = everything(&home);
        assert_eq!(begin_in_every_way(&near, &name, PIN, || near.ports(&name)), vec![taken(*holds); 3]);
        assert!(everything(&home) == before, "{files:?}: something was changed");
    }
}

/// Hands calls on, and dies as soon as the one to `path` has been answered.
struct LastWord {
    network: Arc<dyn Transport>,
    path: &'static str,
}

impl Transport for LastWord {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let is_last = call.path == self.path;
        let answer = self.network.post(call);
        if is_last {
            std::panic::resume_unwind(Box::new(()));
        }
        answer
    }
}

/// Robin's phone dies right after the endpoint has said yes to it.
fn die_joining(near: &Near, invitation: &str) {
    let network = near.ports("robin").transport;
    let dying = Ports { transport: Arc::new(LastWord { network, path: "/v1/join" }), ..near.ports("robin") };
    let join = || Fieldfare::join(&near.home("robin"), dying, PIN, cheap(), invitation).err();
    assert!(catch_unwind(AssertUnwindSafe(join)).is_err());
    assert!(near.home("robin").join("unfinished").exists());
}

#[test]
fn p05_what_was_begun_is_gone_on_with_by_its_pin_and_for_what_it_was_begun_for() {
    let near = Near::found();
    let invitation = near.administrator.invite("Robin", StaffRole::Mentor).unwrap();
    let home = near.home("robin");
    die_joining(&near, &invitation);
    // The endpoint has said yes: whatever else is begun here would throw that away.
    let other = Near::found();
    let others = other.administrator.invite("Robin", StaffRole::Mentor).unwrap();
    let begun = |ports: Ports, pin, invitation: &str| {
        Fieldfare::join(&home, ports, pin, cheap(), invitation).map(Fieldfare::lock)
    };
    let lent = || Ports { transport: other.ports("robin").transport, ..near.ports("robin") };
    assert_eq!(begun(lent(), PIN, &others), Err(taken(FolderHolds::OtherBeginning)));
    let founding = Founding {
        organisation: "Another",
        base_url: "http://127.0.0.1:1",
        recovery_file: &near.home("new-recovery"),
        holders: Holders::One,
    };
    let founded = Fieldfare::found(&home, near.ports("robin"), PIN, cheap(), &founding);
    assert_eq!(founded.err(), Some(taken(FolderHolds::OtherBeginning)));
    assert!(!near.home("new-recovery").exists());
    let recovery_files = [near.home("recovery.txt")];
    let recovering = Recovering { base_url: "http://127.0.0.1:1", recovery_files: &recovery_files };
    let recovered = Fieldfare::recover(&home, near.ports("robin"), PIN, cheap(), &recovering);
    assert_eq!(recovered.err(), Some(taken(FolderHolds::OtherBeginning)));
    let wrong = begun(near.ports("robin"), OTHER_PIN, &invitation);
    assert!(matches!(wrong, Err(Problem::WrongPin { .. })), "{wrong:?}");
    assert_eq!(begun(near.ports("robin"), PIN, &invitation), Ok(()));
    near.open("robin").exchange(|_| ()).unwrap();
}

#[test]
fn p05_a_beginning_that_too_many_wrong_pins_erased_is_said_and_not_begun_over_at_once() {
    let near = Near::found();
    let invitation = near.administrator.invite("Robin", StaffRole::Mentor).unwrap();
    let home = near.home("robin");
    die_joining(&near, &invitation);
    let join = |invitation: &str| {
        near.clock.pass(3_600_000);
        Fieldfare::join(&home, near.ports("robin"), OTHER_PIN, cheap(), invitation).map(Fieldfare::lock)
    };
    for tries_left in (1..10).rev() {
        assert_eq!(join(&invitation), Err(Problem::WrongPin { tries_left }));
    }
    assert_eq!(join(&invitation), Err(Problem::Erased), "somebody has to hear of it");
    // What our own erasure left is a place to begin in.
    let another = near.administrator.invite("Robin", StaffRole::Mentor).unwrap();
    assert_eq!(join(&another), Ok(()));
}
