//! A try and its verdict, as somebody meets them who pulls the battery, fills the disk, sets the clock or damages the key.
//!
//! Real homes whose power fails at every moment that matters; the endpoint is in this process.

use std::fs;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Founding, Handover, RESERVE_BYTES, Recovering, is_handed_over};
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::{Argon2id, PinStretching, Ports};
use fieldfare_core::vault::{Envelope, Hardware, Holders, Pin, Unlock, UnlockProblem};
use serde_json::json;
use tests::device::Device;
use tests::near::Near;
use tests::phone::{PIN, cheap, make, page, run};
use tests::power::Power;
use zeroize::Zeroizing;

const WRONG: &str = "837262";
const SECOND_MS: i64 = 1_000;

/// A mentor's home, locked.
fn house() -> Near {
    let near = Near::found();
    let robin = near.join("robin", StaffRole::Mentor);
    let _case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
    robin.lock();
    near
}

fn unlock(near: &Near, ports: Ports, pin: &str) -> Result<(), Problem> {
    Fieldfare::unlock(&near.home("robin"), ports, pin).map(Fieldfare::lock)
}

fn opens(near: &Near, pin: &str) -> Result<(), Problem> {
    unlock(near, near.ports("robin"), pin)
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Names and lengths of all files of a home.
fn shape(home: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(home).unwrap().map(|entry| entry.unwrap());
    let mut shape: Vec<_> = entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.metadata().unwrap().len()))
        .collect();
    shape.sort();
    shape
}

fn envelope(home: &Path) -> Envelope {
    Envelope::parse(&fs::read(home.join("envelope")).unwrap()).unwrap()
}

/// Does something once a PIN has been stretched, which is after a try has begun and before there is a verdict.
struct Then<F>(F);

impl<F: Fn() + Send + Sync> PinStretching for Then<F> {
    fn stretch(
        &self,
        pin: &[u8],
        salt: &[u8; 16],
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    ) -> Option<Zeroizing<[u8; 32]>> {
        let stretched = Argon2id.stretch(pin, salt, memory_kib, passes, lanes);
        self.0();
        stretched
    }
}

#[test]
fn p12_wherever_the_power_fails_right_and_wrong_look_alike() {
    let near = house();
    for _ in 0..2 {
        assert!(opens(&near, WRONG).is_err());
    }
    let (home, kept) = (near.home("robin"), near.home("kept"));
    copy(&home, &kept);
    let try_once = |pin: &str, moment| {
        copy(&kept, &home);
        let lent = near.ports("robin");
        let (tried, supply) = near.power.supplied(Some(moment), || {
            let pin = Pin::entered(pin).unwrap();
            Unlock::begin(&home, &pin, lent.clock.as_ref(), Hardware::of(&lent)).err()
        });
        (tried, supply, shape(&home))
    };
    for moment in 0.. {
        let (right, supply, right_shape) = try_once(PIN, moment);
        let counted =
            (envelope(&home).tries().failures, near.ports("robin").hardware_key.failures().unwrap());
        let (wrong, wrong_supply, wrong_shape) = try_once(WRONG, moment);
        assert_eq!(right_shape, wrong_shape, "moment {moment}");
        assert_eq!(supply, wrong_supply, "moment {moment}");
        if !supply.has_failed() {
            // The verdict is durable in both places before a root key is handed out.
            assert_eq!((right, counted), (None, (0, 0)));
            assert_eq!(wrong, Some(UnlockProblem::WrongPin { tries_left: 7 }));
            assert_eq!((envelope(&home).tries().failures, envelope(&home).tries().unanswered), (3, 0));
            assert_eq!(near.ports("robin").hardware_key.failures(), Ok(3));
            assert!(moment > 15, "only {moment} moments");
            return;
        }
        assert!(right.is_some(), "moment {moment}: it opened");
        assert_eq!(right, wrong, "moment {moment}");
        // Whatever it was, its owner opens it, after a minute at most.
        near.clock.pass(60 * SECOND_MS);
        assert_eq!(opens(&near, PIN), Ok(()), "moment {moment}");
    }
}

#[test]
fn p12_tries_that_are_killed_never_erase_and_delay_for_a_minute_at_most() {
    let near = house();
    let killed = |pin: &str| {
        let stretching = Arc::new(Then(|| std::panic::resume_unwind(Box::new(()))));
        let lent = Ports { stretching, ..near.ports("robin") };
        catch_unwind(AssertUnwindSafe(|| unlock(&near, lent, pin)))
    };
    let wait = |seconds| Err(Problem::WaitBeforeNextTry { seconds });
    for round in 0..40 {
        let pin = if round % 2 == 0 { PIN } else { WRONG };
        let tried = killed(pin);
        match round {
            0..5 => assert!(tried.is_err(), "{round}: {tried:?}"),
            5 => assert_eq!(tried.unwrap(), wait(30)),
            6 => {
                near.clock.pass(30 * SECOND_MS);
                assert!(killed(pin).is_err());
            }
            _ => {
                near.clock.pass(SECOND_MS * 59);
                assert_eq!(killed(pin).unwrap(), wait(1));
                near.clock.pass(SECOND_MS);
                assert!(killed(pin).is_err());
            }
        }
    }
    assert_eq!(opens(&near, PIN), wait(60));
    near.clock.pass(60 * SECOND_MS);
    // None of them was a verdict, and the right PIN ends them.
    assert!(opens(&near, WRONG) == Err(Problem::WrongPin { tries_left: 9 }));
    near.clock.pass(60 * SECOND_MS);
    assert_eq!(opens(&near, PIN), Ok(()));
    for tries_left in [9, 8, 7, 6] {
        assert_eq!(opens(&near, WRONG), Err(Problem::WrongPin { tries_left }));
    }
    assert_eq!(opens(&near, PIN), Ok(()));
}

#[test]
fn p12_where_the_disk_takes_no_verdict_right_and_wrong_are_refused_alike() {
    let near = house();
    for (refused, told) in
        [(ErrorKind::StorageFull, "disk_full"), (ErrorKind::ReadOnlyFilesystem, "file_trouble")]
    {
        for _ in 0..4 {
            let [right, wrong] = [PIN, WRONG].map(|pin| {
                // Without a reserve each of them is tried once.
                let _ = fs::remove_file(near.home("robin").join("reserve"));
                let power: Arc<Power> = near.power.clone();
                let stretching = Arc::new(Then(move || power.refuse_writes(Some(refused))));
                let tried = unlock(&near, Ports { stretching, ..near.ports("robin") }, pin);
                near.power.refuse_writes(None);
                near.clock.pass(60 * SECOND_MS);
                tried.expect_err("it opened")
            });
            assert_eq!(right, wrong);
            // On a desk the key is a file, too.
            assert!([told, "hardware_key_busy"].contains(&right.name().as_str()), "{right:?}");
        }
    }
    assert_eq!(opens(&near, WRONG), Err(Problem::WrongPin { tries_left: 9 }));
    near.clock.pass(60 * SECOND_MS);
    assert_eq!(opens(&near, PIN), Ok(()));
}

#[test]
fn p12_no_call_without_a_pin_costs_a_delay_or_a_try() {
    let near = house();
    let home = near.home("robin");
    // One more of anything would be a delay.
    for tries_left in [9, 8, 7, 6] {
        assert_eq!(opens(&near, WRONG), Err(Problem::WrongPin { tries_left }));
    }
    let invitation = near.administrator.invite("Wren", StaffRole::Mentor).unwrap();
    let founding = Founding {
        organisation: "Another",
        base_url: "http://127.0.0.1:1",
        recovery_file: &near.home("new-recovery"),
        holders: Holders::One,
    };
    let recovery_files = [near.home("recovery.txt")];
    let recovering = Recovering { base_url: "http://127.0.0.1:1", recovery_files: &recovery_files };
    let lent = || near.ports("robin");
    for _ in 0..12 {
        let _ = Fieldfare::ask_for_help(&home, &lent());
        assert!(!is_handed_over(&home));
        let Ports { clock, entropy, disk, .. } = lent();
        assert!(Handover::open(&home, clock, entropy, disk).is_err());
        assert_eq!(
            Fieldfare::found(&home, lent(), WRONG, cheap(), &founding).err(),
            Some(Problem::StoreExists)
        );
        let joined = Fieldfare::join(&home, lent(), WRONG, cheap(), &invitation).err();
        assert_eq!(joined, Some(Problem::StoreExists));
        let recovered = Fieldfare::recover(&home, lent(), WRONG, cheap(), &recovering).err();
        assert_eq!(recovered, Some(Problem::StoreExists));
        assert!(matches!(opens(&near, "12"), Err(Problem::PinNotAccepted { .. })));
        let released = Fieldfare::unlock_released(&home, lent(), &[7; 32]).err();
        assert_eq!(released, Some(Problem::NotReleased));
    }
    assert_eq!(opens(&near, WRONG), Err(Problem::WrongPin { tries_left: 5 }));
    near.clock.pass(30 * SECOND_MS);
    assert_eq!(opens(&near, PIN), Ok(()));
}

#[test]
fn p13_trouble_with_the_hardware_key_is_no_wrong_pin_and_costs_nothing() {
    let near = house();
    let home = near.home("robin");
    let key = home.join("device-key");
    let (good, locked) = (fs::read(&key).unwrap(), fs::read(home.join("envelope")).unwrap());
    let other = fs::read(near.home("administrator").join("device-key")).unwrap();
    let flip = |at: usize| {
        let mut flipped = good.clone();
        flipped[at] ^= 1 << (at % 7);
        flipped
    };
    let flipped = (0..good.len()).step_by(3).map(flip);
    for bytes in flipped.chain([other]) {
        fs::write(&key, &bytes).unwrap();
        for pin in [PIN, WRONG] {
            assert_eq!(opens(&near, pin), Err(Problem::HardwareKeyGone));
            assert!(fs::read(&key).unwrap() == bytes, "a damaged key was written to");
        }
    }
    assert!(fs::read(home.join("envelope")).unwrap() == locked, "something was counted");
    let ran = Device::at(&home).ask("today", &json!({}));
    assert_eq!(ran.problem(), "hardware_key_gone");
    fs::write(&key, good).unwrap();
    assert_eq!(opens(&near, WRONG), Err(Problem::WrongPin { tries_left: 9 }));
    assert_eq!(opens(&near, PIN), Ok(()));
}

#[test]
fn h5_what_is_said_of_the_clock_is_what_it_does() {
    let near = house();
    for tries_left in [9, 8, 7, 6, 5] {
        assert_eq!(opens(&near, WRONG), Err(Problem::WrongPin { tries_left }));
    }
    let told = opens(&near, WRONG).unwrap_err();
    assert_eq!(told, Problem::WaitBeforeNextTry { seconds: 30 });
    // Set back: the whole wait begins anew.
    near.clock.pass(-3_600 * SECOND_MS);
    assert_eq!(opens(&near, WRONG), Err(Problem::WaitBeforeNextTry { seconds: 30 }));
    // Set forward: a phone lends no other clock, so that the wait is over. The number of tries is what it was.
    near.clock.pass(31 * SECOND_MS);
    assert_eq!(opens(&near, WRONG), Err(Problem::WrongPin { tries_left: 4 }));
    let words = told.next_step();
    assert!(!words.contains("shorten"), "{words}");
    assert!(words.contains("wins no more tries") && words.contains("back makes the wait longer"), "{words}");
}

#[test]
fn f_a_full_disk_keeps_nobody_from_unlocking_reading_and_sending_wherever_the_power_fails() {
    let near = house();
    let home = near.home("robin");
    let reserve = home.join("reserve");
    let robin = near.open("robin");
    let case = make(&robin, json!({"do": "open_case", "name": "Kit", "cohort": "protect"}));
    let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "not sent yet"}));
    robin.lock();
    assert_eq!(fs::metadata(&reserve).unwrap().len(), RESERVE_BYTES);
    let write =
        |app: &Fieldfare| run(app, json!({"do": "begin_note", "case": case, "body": "a word"})).map(|_| ());
    let work = || {
        let robin = Fieldfare::unlock(&home, near.ports("robin"), PIN)?;
        assert_eq!(page(&robin, json!({"page": "note", "note": note}))["body"], "not sent yet");
        // Nothing that can wait takes what was given up.
        assert_eq!(write(&robin), Err(Problem::DiskFull));
        run(&robin, json!({"do": "raise_concern", "case": case, "about": "threat", "words": "now"}))?;
        let sent = robin.exchange(|_| ())?.sent;
        robin.lock();
        Ok::<_, Problem>(sent)
    };
    for moment in 0.. {
        near.power.fill_with(Some(&reserve));
        let (worked, supply) = near.power.supplied(Some(moment), || catch_unwind(AssertUnwindSafe(work)));
        // The power is back, and the disk as full as before.
        near.clock.pass(60 * SECOND_MS);
        let again = work();
        assert!(again.is_ok(), "moment {moment}: {again:?}");
        near.power.fill_with(None);
        let robin = near.open("robin");
        assert_eq!(write(&robin), Ok(()), "moment {moment}");
        robin.lock();
        assert_eq!(fs::metadata(&reserve).unwrap().len(), RESERVE_BYTES, "moment {moment}");
        if !supply.has_failed() {
            assert!(worked.unwrap().unwrap() > 0);
            assert!(moment > 30, "only {moment} moments");
            return;
        }
    }
}
