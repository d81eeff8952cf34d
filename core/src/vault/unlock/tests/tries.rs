//! Tries, counts and delays, as somebody meets them who does not know the PIN.
//!
//! Nothing fails here but the PIN.

use std::sync::Arc;

use super::*;

#[test]
fn the_right_pin_opens_and_a_success_sets_both_counts_to_nothing() {
    let phone = Phone::new();
    phone.fail(3);
    let unlock = phone.begin(RIGHT).unwrap_or_else(|_| panic!());
    assert_eq!(*unlock.root_key().secret().expose(), phone.root);
    // Before a store is opened or anything is shown; what failed is not forgotten before somebody was told.
    assert_eq!((phone.counts(), unlock.failed_before().failures), ((0, 0), 3));
    drop(unlock);
    let unlock = phone.begin(RIGHT).unwrap_or_else(|_| panic!());
    assert_eq!(unlock.failed_before().failures, 3);
    unlock.succeeded().unwrap();
    drop(unlock);
    assert_eq!(phone.begin(RIGHT).unwrap_or_else(|_| panic!()).failed_before().failures, 0);
}

#[test]
fn r11_all_tries_but_one_may_fail_and_the_right_pin_still_opens() {
    for tries_max in [5, 10, 20] {
        let phone = Phone::with_tries_max(tries_max);
        phone.fail(u32::from(tries_max) - 1);
        phone.clock.pass(3600);
        assert!(phone.opens(), "{tries_max}");
    }
}

#[test]
fn a_wrong_pin_is_told_how_many_tries_are_left() {
    let phone = Phone::with_tries_max(5);
    let told: Vec<_> = (0..5).map(|_| phone.problem(WRONG)).collect();
    let left = |tries_left| UnlockProblem::WrongPin { tries_left };
    assert_eq!(told, [left(4), left(3), left(2), left(1), UnlockProblem::Wiped]);
}

#[test]
fn r09_a_try_is_begun_in_both_places_before_the_hardware_key_is_asked_about_a_pin() {
    let phone = Phone::new();
    let (seen, file) = (Arc::new(std::sync::Mutex::new(Vec::new())), phone.file());
    let sees = Arc::clone(&seen);
    phone.key.watch(move |label, failures, kept| {
        let in_file = Envelope::parse(&std::fs::read(&file).unwrap()).unwrap().tries();
        let unanswered = u32::from_be_bytes(kept[28..].try_into().unwrap());
        if label.starts_with("unlock/") {
            sees.lock().unwrap().push(((in_file.failures, in_file.unanswered), (failures, unanswered)));
        }
    });
    phone.fail(2);
    assert!(phone.opens());
    assert_eq!(*seen.lock().unwrap(), [((0, 1), (0, 1)), ((1, 1), (1, 1)), ((2, 1), (2, 1))]);
}

#[test]
fn r10_delays_grow_from_the_fifth_failure_and_outlive_a_restart() {
    let phone = Phone::new();
    phone.fail(5);
    for seconds in [30, 60, 300, 900, 3600] {
        assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds });
        phone.clock.pass(i64::from(seconds) - 1);
        assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds: 1 });
        if seconds == 3600 {
            break;
        }
        phone.clock.pass(1);
        assert!(matches!(phone.problem(WRONG), UnlockProblem::WrongPin { .. }));
    }
    phone.clock.pass(1);
    assert!(phone.opens());
}

#[test]
fn a_try_that_comes_too_early_is_neither_made_nor_counted() {
    let phone = Phone::new();
    phone.fail(5);
    phone.key.calls();
    for _ in 0..20 {
        assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds: 30 });
    }
    // The one MAC is the check of the key, which knows no PIN.
    let reads = |call: &KeyCall| matches!(call, KeyCall::Failures | KeyCall::Kept | KeyCall::Mac);
    assert!(phone.key.calls().iter().all(reads));
    assert_eq!(phone.counts(), (5, 5));
}

#[test]
fn r10_a_clock_set_back_makes_the_whole_delay_count_again() {
    let phone = Phone::new();
    phone.fail(7);
    let tried_ms = phone.clock.now_ms();
    phone.clock.pass(200);
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds: 100 });
    phone.clock.set(0);
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds: 300 });
    phone.clock.pass(299);
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds: 1 });
    phone.clock.pass(1);
    assert!(phone.opens());
    assert!(phone.clock.now_ms() < tried_ms);
}

#[test]
fn a_restored_file_turns_no_count_and_no_delay_back() {
    let phone = Phone::new();
    let copy = std::fs::read(phone.file()).unwrap();
    phone.fail(6);
    phone.clock.pass(3600);
    std::fs::write(phone.file(), &copy).unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds: 60 });
    phone.clock.pass(60);
    assert_eq!(phone.problem(WRONG), UnlockProblem::WrongPin { tries_left: 3 });

    for _ in 0..3 {
        std::fs::write(phone.file(), &copy).unwrap();
        let UnlockProblem::Wait { seconds } = phone.problem(WRONG) else { panic!() };
        phone.clock.pass(i64::from(seconds));
        phone.begin(WRONG).err();
    }
    assert!(!phone.key.holds_a_key());
    assert!(!phone.file().exists());
}
