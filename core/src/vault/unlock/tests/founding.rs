//! How a home begins, and how its PIN changes.
//!
//! The PINs themselves are judged elsewhere.

use std::sync::Arc;

use super::*;
use crate::vault::stand_in::{FileHardwareKey, KEY_FILE};

#[test]
fn a_home_that_is_not_there_is_no_trouble_and_asks_the_hardware_nothing() {
    let phone = Phone::new();
    let nowhere = phone.home.join("nowhere");
    let problem = Unlock::begin(&nowhere, &pin(RIGHT), &phone.clock, Hardware::with_key(&phone.key)).err();
    assert_eq!(problem, Some(UnlockProblem::NoStore));
    assert_eq!(phone.key.calls(), []);
}

#[test]
fn founding_makes_no_second_home_and_leaves_no_old_key() {
    let phone = Phone::new();
    let again = found(&phone.home, &pin(WRONG), rules(10), &phone.entropy, Hardware::with_key(&phone.key));
    assert_eq!(again.err(), Some(UnlockProblem::AlreadyFounded));
    assert!(phone.opens());

    let old = std::fs::read(phone.file()).unwrap();
    phone.fail(4);
    std::fs::remove_file(phone.file()).unwrap();
    found(&phone.home, &pin(WRONG), rules(10), &phone.entropy, Hardware::with_key(&phone.key))
        .unwrap_or_else(|_| panic!());
    assert_eq!(phone.counts(), (0, 0));
    std::fs::write(phone.file(), old).unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::HardwareKey(Invalidated));
    assert_eq!(phone.counts(), (0, 0));
}

#[test]
fn founding_without_the_hardware_leaves_no_home() {
    let folder = tempfile::tempdir().unwrap();
    for call in [KeyCall::Delete, KeyCall::Create, KeyCall::SetFailures, KeyCall::Mac] {
        let key = MemoryHardwareKey::default();
        key.fail(call, Transient);
        let problem =
            found(folder.path(), &pin(RIGHT), rules(10), &FixedEntropy::new(1), Hardware::with_key(&key))
                .err();
        assert_eq!(problem, Some(UnlockProblem::HardwareKey(Transient)));
        assert!(!folder.path().join(ENVELOPE_FILE).exists());
    }
}

#[test]
fn r15_another_pin_takes_over_in_one_step_with_the_same_root_key() {
    let phone = Phone::new();
    phone.fail(2);
    let mut unlock = phone.begin(RIGHT).unwrap_or_else(|_| panic!());
    unlock.change_pin(&pin("620573"), rules(5), &phone.entropy).unwrap();
    assert_eq!(unlock.rules(), rules(5));
    drop(unlock);
    assert_eq!(phone.counts(), (0, 0));
    assert_eq!(phone.problem(RIGHT), UnlockProblem::WrongPin { tries_left: 4 });
    let unlock = phone.begin("620573").unwrap_or_else(|_| panic!());
    assert_eq!(*unlock.root_key().secret().expose(), phone.root);
}

#[test]
fn a_home_behind_the_stand_in_opens_after_a_restart_and_not_without_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let key = || FileHardwareKey::new(&home, Arc::new(FixedEntropy::new(2)));
    let clock = FixedClock::at(START_MS);
    let root = found(&home, &pin(RIGHT), rules(10), &FixedEntropy::new(1), Hardware::with_key(&key()));
    let root = *root.unwrap_or_else(|_| panic!()).secret().expose();

    let first = key();
    let wrong = Unlock::begin(&home, &pin(WRONG), &clock, Hardware::with_key(&first)).err();
    assert_eq!(wrong, Some(UnlockProblem::WrongPin { tries_left: 9 }));
    let second = key();
    assert_eq!(second.failures(), Ok(1));
    let unlock =
        Unlock::begin(&home, &pin(RIGHT), &clock, Hardware::with_key(&second)).unwrap_or_else(|_| panic!());
    unlock.succeeded().unwrap();
    assert_eq!(second.failures(), Ok(0));
    assert_eq!(*unlock.into_root_key().secret().expose(), root);

    std::fs::remove_file(home.join(KEY_FILE)).unwrap();
    let third = key();
    let gone = Unlock::begin(&home, &pin(RIGHT), &clock, Hardware::with_key(&third)).err();
    assert_eq!(gone, Some(UnlockProblem::HardwareKey(NotFound)));
    assert!(!home.join(KEY_FILE).exists());
}
