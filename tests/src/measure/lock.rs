//! How long the lock takes: to open, to leave nothing behind in memory, to erase everything.
//!
//! With the lock that a person has, not the cheap one of the tests.

use std::sync::Arc;
use std::time::Instant;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::{Argon2id, SystemClock};
use fieldfare_core::vault::{Hardware, LockRules, Pin, kdf};
use serde_json::json;

use super::{largest, print};
use crate::locked::Locked;
use crate::memory::found_in;
use crate::phone::{PIN, Service, make, ports};

/// Rounds of each figure.
const ROUNDS: usize = 9;
/// Files that fill a store, each of the largest size that is taken.
const FILES: usize = 20;
/// Bytes of one of them.
const FILE_BYTES: usize = 10 * 1024 * 1024;

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A mentor's home behind the lock that people have, with one case.
fn home() -> (Service, std::path::PathBuf, Fieldfare, String) {
    let service = Service::found();
    let invitation = service.administrator.invite("mentor", StaffRole::Mentor).expect("an invitation");
    let home = service.home("mentor");
    let lent = ports(&home, Arc::new(SystemClock));
    let app = Fieldfare::join(&home, lent, PIN, LockRules::default(), &invitation).expect("joining");
    let case = make(&app, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    (service, home, app, case)
}

/// From the PIN to an open store, whole and without the stretching.
pub fn unlock() {
    let (_service, home, app, _case) = home();
    app.lock();
    let (mut whole, mut stretching) = (Vec::new(), Vec::new());
    let pin = Pin::entered(PIN).expect("a PIN");
    for _ in 0..ROUNDS {
        let lent = ports(&home, Arc::new(SystemClock));
        let begun = Instant::now();
        let app = Fieldfare::unlock(&home, lent, PIN).expect("unlocking");
        whole.push(ms(begun));
        app.lock();
        let begun = Instant::now();
        drop(kdf::stretch(&pin, &[1; 16], LockRules::default().cost(), &Argon2id).expect("stretching"));
        stretching.push(ms(begun));
    }
    let (whole, stretching) = (median(whole), median(stretching));
    print("unlock", whole, "ms, 64 MiB and 3 passes", "–");
    print("unlock_without_stretching", whole - stretching, "ms", "–");
}

/// How long somebody guesses who has the phone and its hardware key at work, reads every verdict before it is durable, and so
/// meets neither delay nor limit: the stretching is all that is left. Then the same for somebody who is killed out of every try
/// and waits for a minute, though nobody tells them a verdict.
pub fn guessing() {
    let pin = Pin::entered(PIN).expect("a PIN");
    let tries = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        drop(kdf::stretch(&pin, &[1; 16], LockRules::default().cost(), &Argon2id).expect("stretching"));
        ms(begun)
    });
    let try_ms = median(tries.collect());
    print("guess", try_ms, "ms a guess, one core, 64 MiB and 3 passes", "–");
    for digits in [6, 8, 12] {
        let years = |each_ms: f64| each_ms * 10_f64.powi(digits) / (365.25 * 24.0 * 3_600_000.0);
        print(&format!("guess_{digits}_digits"), years(try_ms), "years for every PIN, no delay assumed", "–");
        let waited = years(try_ms + 60_000.0);
        print(&format!("guess_{digits}_digits_waiting"), waited, "years, a minute between tries", "–");
    }
}

/// From the word to lock until nothing of what was written, nor any key, is in the memory of the process. The process is
/// looked through once it says that it has locked; while it waits it does nothing.
pub fn lock_to_clean() {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let mut phone = Locked::start(7_000 + round as u64, "locked", 20);
        let words = phone.words();
        let begun = Instant::now();
        phone.lock();
        times.push(ms(begun));
        let sought: Vec<_> = words.into_iter().chain(phone.keys()).collect();
        let found = found_in(phone.process(), &sought);
        assert!(found.is_empty(), "it is not clean: {found:?}");
    }
    print("lock_to_clean", median(times.clone()), "ms, two homes in one process", "at most 200");
    print("lock_to_clean_most", largest(&times), "ms, the slowest", "–");
}

/// Erasing a locked phone whose store holds 200 MB, from the word until everything is gone durably.
pub fn panic_wipe() {
    let (_service, home, app, case) = home();
    let note = make(&app, json!({"do": "begin_note", "case": case, "body": "with photos"}));
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64;
    for number in 0..FILES {
        let mut content = Vec::with_capacity(FILE_BYTES);
        while content.len() < FILE_BYTES {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            content.extend_from_slice(&noise.to_le_bytes());
        }
        let note = note.parse().expect("a name");
        app.attach(note, &format!("{number}.jpg"), "image/jpeg", &mut content.as_slice()).expect("room");
    }
    app.lock();
    let files = crate::scan::files_below(&home);
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    drop(files);
    print("panic_wipe_store", bytes as f64 / 1e6, "MB in the home", "200");
    let key = ports(&home, Arc::new(SystemClock)).hardware_key;
    let begun = Instant::now();
    Fieldfare::erase(&home, Hardware::with_key(key.as_ref())).expect("erasing");
    print("panic_wipe", ms(begun), "ms", "at most 1000");
}
