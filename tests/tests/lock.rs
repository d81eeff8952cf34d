//! The lock as its owner meets it: another PIN, and the end of everything at one word.
//!
//! Real homes whose power fails at every moment that matters; the endpoint is in this process.

use std::fs;
use std::path::Path;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_protocol::power;
use serde_json::json;
use tests::device::Device;
use tests::near::Near;
use tests::phone::{PIN, make, run};

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
        let (changed, supply) = power::supplied(None, || {
            let app = near.open("robin");
            power::supplied(Some(moment), || app.change_pin(PIN, NEW_PIN))
        });
        assert!(!supply.has_failed());
        let (changed, supply) = changed;
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
        let key = near.ports("robin").hardware_key;
        let (erased, supply) = power::supplied(Some(moment), || Fieldfare::erase(&home, key.as_ref()));
        if moment > 1 {
            // The mark stands: whoever tries next, with the right PIN, goes on with it.
            let after = opens(&near, "robin", PIN);
            assert!(matches!(after, Err(Problem::Erased | Problem::NoStore)), "{moment}: {after:?}");
            assert!(!home.join("store.db").exists() && !home.join("envelope").exists(), "{moment}");
        } else {
            // Nothing was begun, and nothing is lost to somebody who did not mean it.
            assert!(erased.is_err());
            Fieldfare::erase(&home, key.as_ref()).unwrap();
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
        Fieldfare::erase(&near.home(name), near.ports(name).hardware_key.as_ref()).unwrap();
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
    let (joined, _) = power::supplied(Some(12), || {
        Fieldfare::join(&near.home("lark"), near.ports("lark"), PIN, tests::phone::cheap(), &invitation)
    });
    assert!(joined.is_err() && near.home("lark").is_dir());
    erase("lark");
    assert_eq!(opens(&near, "lark", PIN), Err(Problem::NoStore));
    // Not there at all.
    let nowhere = near.home("nowhere");
    let key = near.ports("nowhere").hardware_key;
    assert_eq!(Fieldfare::erase(&nowhere, key.as_ref()), Err(Problem::NoStore));
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
