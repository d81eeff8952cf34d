//! Faults of hardware, file and folder, none of which is a wrong PIN.
//!
//! Whoever tries here knows the PIN as often as not, and it makes no difference.

use super::*;

#[test]
fn r08_trouble_with_the_hardware_key_is_never_a_wrong_pin_and_makes_and_deletes_nothing() {
    for problem in [Transient, Invalidated, NotFound] {
        for call in [KeyCall::Failures, KeyCall::SetFailures, KeyCall::Mac] {
            let phone = Phone::new();
            phone.fail(2);
            phone.key.fail(call, problem);
            phone.key.calls();
            for _ in 0..12 {
                for text in [RIGHT, WRONG] {
                    assert_eq!(phone.problem(text), UnlockProblem::HardwareKey(problem), "{call:?}");
                }
            }
            let calls = phone.key.calls();
            assert!(!calls.contains(&KeyCall::Create) && !calls.contains(&KeyCall::Delete), "{calls:?}");
            phone.key.recover();
            assert_eq!(phone.counts(), (2, 2), "{call:?}");
            assert!(phone.opens());
        }
    }
}

#[test]
fn a_count_that_cannot_be_taken_back_stays_once() {
    // As after a crash or fault that left the hardware's count standing and the file's not.
    let phone = Phone::new();
    phone.fail(2);
    phone.key.set_failures(3).unwrap();
    assert_eq!(phone.counts(), (2, 3));
    assert_eq!(phone.problem(WRONG), UnlockProblem::WrongPin { tries_left: 6 });
    assert_eq!(phone.counts(), (4, 4));
}

#[test]
fn a_store_that_does_not_open_behind_the_right_pin_wipes_nothing() {
    let phone = Phone::with_tries_max(5);
    phone.fail(4);
    for _ in 0..8 {
        phone.clock.pass(3600);
        assert!(phone.opens());
        assert_eq!(phone.counts(), (0, 0));
    }
}

#[test]
fn r09_a_crash_between_a_try_and_its_verdict_costs_a_delay_and_no_try() {
    let phone = Phone::new();
    phone.fail(4);
    let envelope = Envelope::parse(&std::fs::read(phone.file()).unwrap()).unwrap();
    let begun = Tries { failures: 4, unanswered: 1, last_ms: phone.clock.now_ms() };
    std::fs::write(phone.file(), envelope.with_tries(begun).to_bytes().unwrap()).unwrap();
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Wait { seconds: 30 });
    phone.clock.pass(30);
    assert_eq!(phone.problem(WRONG), UnlockProblem::WrongPin { tries_left: 5 });
    assert_eq!(phone.counts(), (5, 5));
}

#[test]
fn a_file_that_is_no_envelope_is_named_and_nothing_is_counted() {
    let phone = Phone::new();
    let good = std::fs::read(phone.file()).unwrap();
    let mut newer = good.clone();
    newer[14] = 4;
    let mut damaged = good.clone();
    damaged[40] ^= 1;
    let cases = [
        (newer, UnlockProblem::Newer),
        (damaged, UnlockProblem::Damaged),
        (good[..50].to_vec(), UnlockProblem::Truncated),
        (Vec::new(), UnlockProblem::Truncated),
        (b"SQLite format 3\0".to_vec(), UnlockProblem::Foreign),
        (vec![7; 10_000], UnlockProblem::Foreign),
    ];
    for (bytes, problem) in cases {
        std::fs::write(phone.file(), &bytes).unwrap();
        assert_eq!(phone.problem(RIGHT), problem);
        assert_eq!(std::fs::read(phone.file()).unwrap(), bytes);
        let refounded =
            found(&phone.home, &pin(RIGHT), rules(10), &phone.entropy, Hardware::with_key(&phone.key));
        assert_eq!(refounded.err(), Some(UnlockProblem::AlreadyFounded));
    }
    std::fs::write(phone.file(), &good).unwrap();
    assert_eq!(phone.key.calls(), []);
    assert!(phone.opens());
}

#[test]
fn nobody_tries_while_somebody_else_does() {
    let phone = Phone::new();
    let unlock = phone.begin(RIGHT).unwrap_or_else(|_| panic!());
    assert_eq!(phone.problem(RIGHT), UnlockProblem::Busy);
    let root = unlock.into_root_key();
    assert_eq!(*root.secret().expose(), phone.root);
    assert!(phone.opens());
}

#[cfg(unix)]
#[test]
fn a_try_that_cannot_be_written_down_is_not_made() {
    let phone = Phone::new();
    // A folder in the place of the file beside the envelope: nothing can be written, whoever the tests run as.
    std::fs::create_dir_all(phone.home.join("envelope.new/full")).unwrap();
    assert!(matches!(phone.problem(RIGHT), UnlockProblem::Io(_)));
    assert_eq!(phone.key.calls(), [KeyCall::Failures, KeyCall::Kept, KeyCall::Mac]);
    std::fs::remove_dir_all(phone.home.join("envelope.new")).unwrap();
    assert_eq!(phone.counts(), (0, 0));
    assert!(phone.opens());
}

#[test]
fn p13_a_hardware_key_that_answers_with_other_bytes_is_no_wrong_pin_and_counts_towards_nothing() {
    let phone = Phone::new();
    phone.fail(2);
    let other = MemoryHardwareKey::with_key([9; 32]);
    // Its own count is another home's: it neither delays nor wipes this one.
    for failures in [0, 7, 10] {
        other.set_failures(failures).unwrap();
        let before = std::fs::read(phone.file()).unwrap();
        for _ in 0..12 {
            for text in [RIGHT, WRONG] {
                let tried =
                    Unlock::begin(&phone.home, &pin(text), &phone.clock, Hardware::with_key(&other)).err();
                assert_eq!(tried, Some(UnlockProblem::HardwareKey(Invalidated)));
            }
        }
        assert_eq!(std::fs::read(phone.file()).unwrap(), before);
        assert_eq!(other.failures(), Ok(failures));
    }
    assert_eq!(phone.counts(), (2, 2));
    assert!(phone.opens());
}

#[test]
fn p12_where_a_verdict_cannot_be_written_right_and_wrong_are_refused_alike_and_nothing_is_counted() {
    // Calls of a try: failures, kept, the check, the begun try, the slot, and then the verdict's.
    for problem in [Transient, Invalidated, NotFound] {
        for call in 0.. {
            let ended = [RIGHT, WRONG].map(|text| {
                let phone = Phone::new();
                phone.fail(2);
                phone.key.calls();
                phone.key.fail_after(call, problem);
                let told = phone.begin(text).err();
                let calls = phone.key.calls();
                phone.key.recover();
                (told, calls.len(), phone.counts(), calls)
            });
            let [(right, right_calls, counts, calls), (wrong, wrong_calls, wrong_counts, _)] = ended;
            if right_calls <= call {
                assert_eq!((right, wrong), (None, Some(UnlockProblem::WrongPin { tries_left: 7 })));
                assert!(call > 8, "{calls:?}");
                break;
            }
            assert_eq!((right, wrong), (Some(UnlockProblem::HardwareKey(problem)), right), "at call {call}");
            assert_eq!((right_calls, counts), (wrong_calls, wrong_counts), "at call {call}: {calls:?}");
            assert_eq!(counts, (2, 2), "at call {call}");
        }
    }
}
