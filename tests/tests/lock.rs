//! The lock as its owner meets it: another PIN, and the end of everything at one word.
//!
//! Real homes whose power fails at every moment that matters; the endpoint is in this process.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::{HardwareKey, HardwareKeyProblem, Ports, SystemEntropy};
use fieldfare_core::vault::{FileHardwareKey, Hardware};
use serde_json::json;
use tests::device::Device;
use tests::near::Near;
use tests::phone::{PIN, make, page, run};

const NEW_PIN: &str = "620573";
/// The file that stands for what no copy of a phone's folder holds.
const HARDWARE: &str = "device-key";

fn copy(from: &Path, to: &Path, except: &[&str]) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !except.contains(&name.as_str()) {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// A mentor's home with a note that was never sent, and the name of its case.
fn house() -> (Near, String) {
    let near = Near::found();
    let robin = near.join("robin", StaffRole::Mentor);
    let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
    let _note = make(&robin, json!({"do": "begin_note", "case": case, "body": "not sent yet"}));
    robin.lock();
    (near, case)
}

fn opens(near: &Near, name: &str, pin: &str) -> Result<(), Problem> {
    Fieldfare::unlock(&near.home(name), near.ports(name), pin).map(Fieldfare::lock)
}

#[test]
fn r15_another_pin_takes_over_whole_or_not_at_all_wherever_the_power_fails() {
    let (near, _) = house();
    let (home, kept) = (near.home("robin"), near.home("kept"));
    copy(&home, &kept, &[]);
    for moment in 0.. {
        copy(&kept, &home, &[]);
        let app = near.open("robin");
        let (changed, supply) = near.power.supplied(Some(moment), || app.change_pin(PIN, NEW_PIN));
        drop(app);
        let [old, new] = [PIN, NEW_PIN].map(|pin| opens(&near, "robin", pin).is_ok());
        assert!(old != new, "power failed at moment {moment}: old {old}, new {new}");
        if !supply.has_failed() {
            assert_eq!((changed, new), (Ok(()), true));
            assert!(moment > 3, "nothing was durable");
            break;
        }
        assert!(changed.is_err(), "what was said was durable");
    }
}

#[test]
fn r15_a_pin_that_is_not_accepted_changes_nothing_and_a_wrong_one_counts() {
    let (near, case) = house();
    let robin = near.open("robin");
    assert!(matches!(robin.change_pin(PIN, "123456"), Err(Problem::PinNotAccepted { .. })));
    assert_eq!(robin.change_pin("620574", NEW_PIN), Err(Problem::WrongPin { tries_left: 9 }));
    run(&robin, json!({"do": "set_risk", "case": case, "level": "high"})).unwrap();
    robin.change_pin(PIN, NEW_PIN).unwrap();
    robin.lock();
    assert_eq!(opens(&near, "robin", PIN), Err(Problem::WrongPin { tries_left: 9 }));
    assert_eq!(opens(&near, "robin", NEW_PIN), Ok(()));
}

#[test]
fn r12_erasing_is_finished_wherever_the_power_fails_and_an_old_copy_opens_nothing() {
    let (near, _) = house();
    let (home, kept, thief) = (near.home("robin"), near.home("kept"), near.home("thief"));
    copy(&home, &kept, &[]);
    // A copy of the folder lacks what only the hardware holds.
    copy(&home, &thief, &[HARDWARE]);
    for moment in 0.. {
        copy(&kept, &home, &[]);
        let lent = near.ports("robin");
        let erase = || Fieldfare::erase(&home, Hardware::of(&lent));
        let (erased, supply) = near.power.supplied(Some(moment), erase);
        if moment > 1 {
            // The mark stands: whoever tries next, with the right PIN, goes on with it.
            let after = opens(&near, "robin", PIN);
            assert!(matches!(after, Err(Problem::Erased | Problem::NoStore)), "{moment}: {after:?}");
            assert!(!home.join("store.db").exists() && !home.join("envelope").exists(), "{moment}");
        } else {
            // Nothing was begun, and nothing is lost to somebody who did not mean it.
            assert!(erased.is_err());
            erase().unwrap();
        }
        assert!(!home.join(HARDWARE).exists());
        for entry in fs::read_dir(&thief).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, home.join(path.file_name().unwrap())).unwrap();
        }
        assert_eq!(opens(&near, "robin", PIN), Err(Problem::HardwareKeyGone));
        if !supply.has_failed() {
            assert!(moment > 4, "nothing was durable");
            return;
        }
    }
}

#[test]
fn r12_erasing_asks_for_nothing_in_any_state() {
    // Locked.
    let (near, case) = house();
    let erase = |name: &str| {
        Fieldfare::erase(&near.home(name), Hardware::of(&near.ports(name))).unwrap();
        let left: Vec<_> =
            fs::read_dir(near.home(name)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name == "in-use" || name == "envelope.turn"), "{left:?}");
    };
    erase("robin");
    assert_eq!(opens(&near, "robin", PIN), Err(Problem::NoStore));
    erase("robin");
    // Open, and used at this moment.
    let wren = near.join("wren", StaffRole::Mentor);
    let _case = make(&wren, json!({"do": "open_case", "name": "Kit", "cohort": "protect"}));
    erase("wren");
    drop(wren);
    assert_eq!(opens(&near, "wren", PIN), Err(Problem::NoStore));
    // Half made: the power failed while it joined.
    let invitation = near.administrator.invite("Lark", StaffRole::Mentor).unwrap();
    let (joined, _) = near.power.supplied(Some(12), || {
        Fieldfare::join(&near.home("lark"), near.ports("lark"), PIN, tests::phone::cheap(), &invitation)
    });
    assert!(joined.is_err() && near.home("lark").is_dir());
    erase("lark");
    assert_eq!(opens(&near, "lark", PIN), Err(Problem::NoStore));
    // Not there at all.
    let nowhere = near.home("nowhere");
    let lent = near.ports("nowhere");
    assert_eq!(Fieldfare::erase(&nowhere, Hardware::of(&lent)), Err(Problem::NoStore));
    assert!(!nowhere.exists() && !case.is_empty());
}

#[test]
fn the_binary_changes_a_pin_and_erases() {
    let (near, _) = house();
    let robin = Device::at(&near.home("robin"));
    let mut command = robin.command("pin", &[]);
    let ran = tests::binary::finish(command.env("FIELDFARE_NEW_PIN", "111111"), b"");
    assert_eq!(ran.problem(), "pin_not_accepted");
    let ran = tests::binary::finish(command.env("FIELDFARE_NEW_PIN", NEW_PIN), b"");
    assert_eq!(ran.done()["changed"], true);
    assert_eq!(robin.ask("today", &json!({})).problem(), "wrong_pin");
    let robin = Device { pin: NEW_PIN.to_owned(), ..robin };
    assert_eq!(robin.ask("today", &json!({})).status, 0);
    // Without saying that it is meant, nothing happens.
    assert!(!robin.command("erase", &[]).output().unwrap().status.success());
    assert_eq!(robin.ask("today", &json!({})).status, 0);
    let robin = Device { pin: "nothing".to_owned(), ..robin };
    assert_eq!(robin.act("erase", &["--yes"]).done()["erased"], true);
    assert_eq!(robin.ask("today", &json!({})).problem(), "pin_not_accepted");
    assert_eq!(Device { pin: NEW_PIN.to_owned(), ..robin }.ask("today", &json!({})).problem(), "no_store");
}

/// The usual stand-in, watched by somebody who notes how many tries were wrong and how many have begun whenever it is asked
/// about a PIN.
struct Watched {
    key: FileHardwareKey,
    counts: Mutex<Vec<(u32, u32)>>,
}

impl HardwareKey for Watched {
    fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
        if label.starts_with("unlock/") {
            let kept = self.key.kept()?;
            let begun = kept.last_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
            self.counts.lock().unwrap().push((self.key.failures()?, begun));
        }
        self.key.mac(label, message)
    }
    fn create(&self) -> Result<(), HardwareKeyProblem> {
        self.key.create()
    }
    fn delete(&self) -> Result<(), HardwareKeyProblem> {
        self.key.delete()
    }
    fn failures(&self) -> Result<u32, HardwareKeyProblem> {
        self.key.failures()
    }
    fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem> {
        self.key.set_failures(count)
    }
    fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
        self.key.kept()
    }
    fn keep(&self, bytes: Vec<u8>) -> Result<(), HardwareKeyProblem> {
        self.key.keep(bytes)
    }
}

#[test]
fn r09_whenever_the_hardware_key_is_asked_about_a_pin_this_try_has_begun_already() {
    let (near, _) = house();
    let seen = |name: &str| {
        let key = FileHardwareKey::new(&near.home(name), Arc::new(SystemEntropy::default()));
        let watched = Arc::new(Watched { key, counts: Mutex::default() });
        let ports = Ports { hardware_key: watched.clone(), ..near.ports(name) };
        let refused = Fieldfare::unlock(&near.home(name), ports, NEW_PIN);
        assert!(matches!(refused.err(), Some(Problem::WrongPin { .. })));
        watched.counts.lock().unwrap().clone()
    };
    assert_eq!(seen("robin"), [(0, 1)]);
    assert_eq!(seen("robin"), [(1, 1)]);
}

#[test]
fn r07_the_right_pin_opens_nothing_with_another_hardware_key() {
    let (near, _) = house();
    let (own, other) = (near.home("robin").join(HARDWARE), near.home("administrator").join(HARDWARE));
    fs::copy(other, own).unwrap();
    let before = fs::read(near.home("robin").join("envelope")).unwrap();
    for pin in [PIN, NEW_PIN] {
        assert_eq!(opens(&near, "robin", pin), Err(Problem::HardwareKeyGone));
    }
    // It is told from a wrong PIN, and nothing is counted for it.
    assert!(fs::read(near.home("robin").join("envelope")).unwrap() == before);
}

#[test]
fn r15_an_older_envelope_with_the_older_pin_opens_nothing() {
    let (near, _) = house();
    let (home, kept) = (near.home("robin"), near.home("kept"));
    copy(&home, &kept, &[HARDWARE]);
    let robin = near.open("robin");
    robin.change_pin(PIN, NEW_PIN).unwrap();
    robin.lock();
    fs::copy(kept.join("envelope"), home.join("envelope")).unwrap();
    assert_eq!(opens(&near, "robin", PIN), Err(Problem::LockOutdated));
    assert_eq!(opens(&near, "robin", NEW_PIN), Err(Problem::LockOutdated));
}

#[test]
fn r13_a_released_key_opens_until_the_pin_changes_and_leaves_its_own_line() {
    let (near, _) = house();
    let robin = near.open("robin");
    let released = [7; 32];
    assert_eq!(robin.enrol_biometric(NEW_PIN, Some(&released)), Err(Problem::WrongPin { tries_left: 9 }));
    assert_eq!(robin.enrol_biometric(PIN, Some(&[7; 31])), Err(Problem::NotReleased));
    robin.enrol_biometric(PIN, Some(&released)).unwrap();
    robin.lock();
    let touch = |key: &[u8]| Fieldfare::unlock_released(&near.home("robin"), near.ports("robin"), key);
    assert_eq!(touch(&[8; 32]).err(), Some(Problem::NotReleased));
    let robin = touch(&released).unwrap();
    robin.change_pin(PIN, NEW_PIN).unwrap();
    robin.lock();
    assert_eq!(touch(&released).err(), Some(Problem::NotReleased));
    assert_eq!(opens(&near, "robin", NEW_PIN), Ok(()));
}

/// Puts the store of an older copy in the place of a home's, as somebody does who has the files and not the hardware.
fn turn_back(home: &Path, older: &Path) {
    for name in ["store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(home.join(name));
    }
    for name in ["store.db", "store.db-wal"] {
        if older.join(name).exists() {
            fs::copy(older.join(name), home.join(name)).unwrap();
        }
    }
}

#[test]
fn r27_a_store_that_was_turned_back_is_found_before_it_exchanges_and_nothing_is_lost() {
    let (near, case) = house();
    let (home, older) = (near.home("robin"), near.home("older"));
    copy(&home, &older, &[HARDWARE]);
    let robin = near.open("robin");
    let sent =
        make(&robin, json!({"do": "begin_note", "case": case, "body": "sent before the copy came back"}));
    robin.exchange(|_| ()).unwrap();
    robin.lock();
    turn_back(&home, &older);
    let alarms = |app: &Fieldfare| -> Vec<String> {
        let page = page(app, json!({"page": "exchange"}));
        page["alarms"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["what"].as_str().unwrap().to_owned())
            .collect()
    };
    let robin = near.open("robin");
    assert_eq!(alarms(&robin), ["store_turned_back"], "before any exchange");
    let written = make(&robin, json!({"do": "begin_note", "case": case, "body": "written since"}));
    assert!(robin.exchange(|_| ()).unwrap().renewed);
    robin.exchange(|_| ()).unwrap();
    for (note, body) in [(&sent, "sent before the copy came back"), (&written, "written since")] {
        assert_eq!(page(&robin, json!({"page": "note", "note": note}))["body"], body);
    }
    robin.lock();
    // Once it has been said it is over: nothing is compared again.
    let robin = near.open("robin");
    assert!(!robin.exchange(|_| ()).unwrap().renewed);
}

#[test]
fn r27_a_store_that_is_merely_closed_killed_or_copied_forward_raises_no_alarm() {
    let (near, case) = house();
    for _ in 0..3 {
        let robin = near.open("robin");
        run(&robin, json!({"do": "set_risk", "case": case, "level": "high"})).unwrap();
        // Killed: nothing is said to the hardware.
        std::mem::forget(robin);
        let (home, moved) = (near.home("robin"), near.home("moved"));
        copy(&home, &moved, &[]);
        fs::remove_dir_all(&home).unwrap();
        fs::rename(&moved, &home).unwrap();
    }
    let robin = near.open("robin");
    assert_eq!(page(&robin, json!({"page": "exchange"}))["alarms"], json!([]));
}
