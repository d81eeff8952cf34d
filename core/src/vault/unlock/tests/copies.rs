//! Older copies, other ways in, and hardware that fails at any of its calls.
//!
//! Nobody here guesses: whoever tries knows what was valid once, or what is.

use super::*;
use crate::vault::secret::Secret;

const NEW: &str = "620573";

fn released(byte: u8) -> Secret<32> {
    Secret::from_slice(&[byte; 32]).unwrap()
}

#[test]
fn r15_an_older_copy_of_the_envelope_no_longer_opens_with_the_older_pin() {
    let phone = Phone::new();
    let copy = std::fs::read(phone.file()).unwrap();
    phone.begin(RIGHT).unwrap_or_else(|_| panic!()).change_pin(&pin(NEW), rules(10), &phone.entropy).unwrap();
    let now = std::fs::read(phone.file()).unwrap();
    std::fs::write(phone.file(), &copy).unwrap();
    for text in [RIGHT, NEW] {
        assert_eq!(phone.problem(text), UnlockProblem::Outdated);
    }
    assert_eq!(phone.counts(), (0, 0));
    std::fs::write(phone.file(), &now).unwrap();
    assert!(phone.begin(NEW).is_ok());
}

#[test]
fn a_crash_between_the_new_envelope_and_the_hardware_costs_nothing() {
    let phone = Phone::new();
    let mut unlock = phone.begin(RIGHT).unwrap_or_else(|_| panic!());
    phone.key.fail(KeyCall::Keep, Transient);
    unlock.change_pin(&pin(NEW), rules(10), &phone.entropy).unwrap();
    drop(unlock);
    phone.key.recover();
    let unlock = phone.begin(NEW).unwrap_or_else(|_| panic!());
    unlock.succeeded().unwrap();
    assert_eq!(Kept::read(&phone.key).map(|kept| kept.generation), Ok(2));
}

#[test]
fn r13_a_released_key_opens_counts_nothing_and_ends_with_the_pin() {
    let phone = Phone::new();
    let begin = |byte| {
        Unlock::begin_released(&phone.home, &released(byte), &phone.clock, Hardware::with_key(&phone.key))
    };
    assert_eq!(begin(7).err(), Some(UnlockProblem::NotReleased));
    let mut unlock = phone.begin(RIGHT).unwrap_or_else(|_| panic!());
    unlock.set_biometric(Some(&released(7)), &phone.entropy).unwrap();
    drop(unlock);
    phone.fail(2);
    for _ in 0..12 {
        assert_eq!(begin(8).err(), Some(UnlockProblem::NotReleased));
    }
    let unlock = begin(7).unwrap_or_else(|_| panic!());
    assert_eq!(*unlock.root_key().secret().expose(), phone.root);
    unlock.succeeded().unwrap();
    assert_eq!(unlock.opened_by(), OpenedBy::Released);
    drop(unlock);
    // Whoever was guessing meanwhile has not won their tries back.
    assert_eq!(phone.counts(), (2, 2));
    phone.fail(3);
    assert!(matches!(begin(7).err(), Some(UnlockProblem::Wait { .. })));
    phone.clock.pass(3600);
    phone.begin(RIGHT).unwrap_or_else(|_| panic!()).change_pin(&pin(NEW), rules(10), &phone.entropy).unwrap();
    assert_eq!(begin(7).err(), Some(UnlockProblem::NotReleased));
}

#[test]
fn r08_hardware_that_fails_at_any_call_of_anything_costs_no_key_no_verdict_and_no_home() {
    type Operation = fn(&Phone) -> Result<(), UnlockProblem>;
    let operations: [(&str, Operation); 5] = [
        ("unlock", |phone| phone.begin(RIGHT)?.succeeded()),
        ("wrong PIN", |phone| phone.begin(WRONG).map(drop)),
        ("another PIN", |phone| phone.begin(RIGHT)?.change_pin(&pin(NEW), rules(10), &phone.entropy)),
        ("released", |phone| {
            Unlock::begin_released(&phone.home, &released(7), &phone.clock, Hardware::with_key(&phone.key))?
                .succeeded()
        }),
        ("enrolling", |phone| phone.begin(RIGHT)?.set_biometric(Some(&released(9)), &phone.entropy)),
    ];
    for (name, operation) in operations {
        for problem in [NotFound, Transient, Invalidated] {
            for call in 0.. {
                let phone = Phone::new();
                phone
                    .begin(RIGHT)
                    .unwrap_or_else(|_| panic!())
                    .set_biometric(Some(&released(7)), &phone.entropy)
                    .unwrap();
                phone.key.calls();
                phone.key.fail_after(call, problem);
                let ended = operation(&phone);
                let calls = phone.key.calls();
                assert!(
                    !calls.contains(&KeyCall::Create) && !calls.contains(&KeyCall::Delete),
                    "{name}: {calls:?}"
                );
                if name != "wrong PIN" {
                    assert!(
                        matches!(ended, Ok(()) | Err(UnlockProblem::HardwareKey(_))),
                        "{name}, {call}: {ended:?}"
                    );
                }
                phone.key.recover();
                let opens = |text| {
                    phone.begin(text).is_ok_and(|unlock| *unlock.root_key().secret().expose() == phone.root)
                };
                assert!(opens(RIGHT) || opens(NEW), "{name}, {problem:?} at call {call}");
                if calls.len() <= call {
                    break;
                }
            }
        }
    }
}
