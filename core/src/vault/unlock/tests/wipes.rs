//! The end of a home, whether it comes by the last failure, by a crash or by a hand on the panic button.
//!
//! What becomes of the store is not looked at.

use super::*;

#[test]
fn r11_the_last_failure_wipes_and_nothing_restored_opens_again() {
    let phone = Phone::new();
    let copy = std::fs::read(phone.file()).unwrap();
    phone.fail(9);
    phone.clock.pass(3600);
    assert_eq!(phone.problem(WRONG), UnlockProblem::Wiped);
    assert!(!phone.key.holds_a_key());
    assert!(!phone.file().exists());
    assert_eq!(phone.problem(RIGHT), UnlockProblem::NoStore);

    std::fs::write(phone.file(), &copy).unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::HardwareKey(NotFound));
    std::fs::remove_file(phone.file()).unwrap();
    found(&phone.home, &pin(RIGHT), rules(10), &phone.entropy, Hardware::with_key(&phone.key))
        .unwrap_or_else(|_| panic!());
    std::fs::write(phone.file(), &copy).unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::HardwareKey(Invalidated));
}

#[test]
fn a_crash_at_the_limit_is_taken_up_as_a_wipe_even_with_the_right_pin() {
    let phone = Phone::new();
    phone.key.set_failures(10).unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wiped);
    assert!(!phone.key.holds_a_key() && !phone.file().exists());

    // The same where the key is gone already and only the file is left.
    let phone = Phone::new();
    let envelope = Envelope::parse(&std::fs::read(phone.file()).unwrap()).unwrap();
    let counted = envelope.with_tries(Tries { failures: 10, unanswered: 0, last_ms: START_MS });
    std::fs::write(phone.file(), counted.to_bytes().unwrap()).unwrap();
    phone.key.delete().unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wiped);
    assert!(!phone.file().exists());
}

#[test]
fn r12_a_wipe_outlasts_a_hardware_key_that_does_not_answer() {
    let phone = Phone::with_tries_max(5);
    let before = std::fs::read(phone.file()).unwrap();
    phone.fail(4);
    phone.key.fail(KeyCall::Delete, Transient);
    assert_eq!(phone.problem(WRONG), UnlockProblem::Wiped);
    let blank = std::fs::read(phone.file()).unwrap();
    assert!(blank[15..].iter().all(|byte| *byte == 0), "{blank:?}");
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wiped);
    assert!(
        found(&phone.home, &pin(RIGHT), rules(5), &phone.entropy, Hardware::with_key(&phone.key)).is_err()
    );

    // An older copy put in its place meets the hardware's count.
    std::fs::write(phone.file(), &before).unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wiped);

    phone.key.recover();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wiped);
    assert!(!phone.key.holds_a_key() && !phone.file().exists());
    assert_eq!(phone.problem(RIGHT), UnlockProblem::NoStore);
}

#[test]
fn r12_a_panic_wipe_works_from_any_state_and_says_when_it_could_not() {
    let phone = Phone::new();
    let unlock = phone.begin(RIGHT).unwrap_or_else(|_| panic!());
    wipe(&phone.home, Hardware::with_key(&phone.key)).unwrap();
    assert_eq!(unlock.succeeded(), Err(UnlockProblem::HardwareKey(NotFound)));
    drop(unlock);
    assert!(!phone.key.holds_a_key() && !phone.file().exists());
    wipe(&phone.home, Hardware::with_key(&phone.key)).unwrap();

    let phone = Phone::new();
    std::fs::write(phone.home.join("envelope.new"), b"what a crash left").unwrap();
    phone.key.fail(KeyCall::Delete, Transient);
    assert_eq!(wipe(&phone.home, Hardware::with_key(&phone.key)), Err(UnlockProblem::HardwareKey(Transient)));
    assert!(!phone.home.join("envelope.new").exists());
    phone.key.recover();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wiped);
    assert_eq!(phone.problem(RIGHT), UnlockProblem::NoStore);
}
