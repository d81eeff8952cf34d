//! Measures in Rust what `FIELDFARE_MEASURE=1 tests/foreign/run` measures from other languages, for the two to be compared.
//!
//! Usage: measure FOLDER ENDPOINT. Knows nothing of the door: it calls the core as the door does.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::{Ask, Command, Page, Problem, StaffRole};
use fieldfare_core::ports::{
    Argon2id, HardwareKey, HardwareKeyProblem, HttpsTransport, Ports, SystemClock, SystemDisk, SystemEntropy,
};
use fieldfare_core::vault::{Holders, LockRules};
use serde_json::json;

// For its allocator: what is compared is the door, and not what wiping memory costs.
use fieldfare as _;

/// Rows of the page.
const ROWS: u32 = 100;

/// Pages before time is taken: until caches are full, and in other languages until the calls are compiled.
const PAGES_BEFORE: u64 = 5_000;

/// Pages of which the time is taken together, and how often. The median counts.
const PAGES: u64 = 100;
const TIMES: u64 = 21;

/// Small commands before the memory is looked at: until SQLCipher holds as many pages as it may.
const COMMANDS_BEFORE: usize = 12_000;

/// Small commands over which it ought to stay.
const COMMANDS: usize = 10_000;

/// A key of the process, as strong as a measure needs.
#[derive(Default)]
struct Key(Mutex<(u32, Vec<u8>)>);

impl Key {
    fn held(&self) -> std::sync::MutexGuard<'_, (u32, Vec<u8>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HardwareKey for Key {
    fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
        let mut mac = vec![1; 32];
        for (place, byte) in label.bytes().chain(message).enumerate() {
            mac.rotate_left(1);
            if let Some(byte_of_mac) = mac.get_mut(place % 32) {
                *byte_of_mac ^= byte;
            }
        }
        Ok(mac)
    }

    fn create(&self) -> Result<(), HardwareKeyProblem> {
        Ok(())
    }

    fn delete(&self) -> Result<(), HardwareKeyProblem> {
        Ok(())
    }

    fn failures(&self) -> Result<u32, HardwareKeyProblem> {
        Ok(self.held().0)
    }

    fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem> {
        self.held().0 = count;
        Ok(())
    }

    fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
        Ok(self.held().1.clone())
    }

    fn keep(&self, bytes: Vec<u8>) -> Result<(), HardwareKeyProblem> {
        self.held().1 = bytes;
        Ok(())
    }
}

const PIN: &str = "837261";

fn ports() -> Result<Ports, Problem> {
    let unexpected = |_| Problem::Unexpected { place: "tls".to_owned() };
    Ok(Ports {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy::default()),
        hardware_key: Arc::new(Key::default()),
        disk: Arc::new(SystemDisk),
        stretching: Arc::new(Argon2id),
        transport: Arc::new(HttpsTransport::new().map_err(unexpected)?),
    })
}

/// A mentor's phone, since administrators open no case.
fn joined(folder: &Path, endpoint: &str) -> Result<Fieldfare, Problem> {
    let founding = Founding {
        organisation: "Example Mentoring",
        base_url: endpoint,
        recovery_file: &folder.join("recovery.txt"),
        holders: Holders::One,
    };
    let rules = LockRules::default;
    let office = Fieldfare::found(&folder.join("office"), ports()?, PIN, rules(), &founding)?;
    let invitation = office.invite("Mentor", StaffRole::Mentor)?;
    Fieldfare::join(&folder.join("home"), ports()?, PIN, rules(), &invitation)
}

fn command(fields: serde_json::Value) -> Result<Command, Box<dyn std::error::Error>> {
    Ok(serde_json::from_value(fields)?)
}

fn made(app: &Fieldfare, fields: serde_json::Value) -> Result<String, Box<dyn std::error::Error>> {
    Ok(app.run(command(fields)?)?.made.ok_or("nothing was made")?.to_string())
}

/// Time of a processor that this thread has had: what else the machine does is not in it.
fn processor_ns() -> Result<u64, Box<dyn std::error::Error>> {
    let had = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(had.split(' ').next().unwrap_or_default().parse()?)
}

/// Resident memory, in KiB.
fn resident_kib() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (folder, endpoint) = arguments.next().zip(arguments.next()).ok_or("measure FOLDER ENDPOINT")?;
    let app = joined(Path::new(&folder), &endpoint)?;
    let case = made(&app, json!({"do": "open_case", "name": "K", "cohort": "prevent"}))?;
    for number in 0..ROWS {
        let body = format!("Note {number}. {}", "We talked about school. ".repeat(10));
        made(&app, json!({"do": "begin_note", "case": case, "body": body}))?;
    }
    let ask =
        Ask::Timeline { case: case.parse().map_err(|_| "no name")?, before_ms: None, limit: Some(ROWS) };
    let draw = |times: u64| -> Result<u64, Box<dyn std::error::Error>> {
        let begun = processor_ns()?;
        for _ in 0..times {
            let Page::Timeline(page) = app.page(&ask)? else { return Err("another page".into()) };
            assert_eq!(page.moments.len(), ROWS as usize);
        }
        Ok((processor_ns()? - begun) / times)
    };
    draw(PAGES_BEFORE)?;
    let mut taken = (0..TIMES).map(|_| draw(PAGES)).collect::<Result<Vec<_>, _>>()?;
    taken.sort_unstable();
    let page_us = taken.get(taken.len() / 2).ok_or("nothing was taken")? / 1_000;
    let small = |commands: usize| -> Result<u64, Box<dyn std::error::Error>> {
        for number in 0..commands {
            let level = if number % 2 == 0 { "low" } else { "high" };
            app.run(command(json!({"do": "set_risk", "case": case, "level": level}))?)?;
        }
        resident_kib()
    };
    let resident = [small(COMMANDS_BEFORE)?, small(COMMANDS)?];
    println!(
        "rust: a page of {ROWS} rows in {page_us} us, resident KiB {resident:?} before and after {COMMANDS} commands"
    );
    Ok(())
}
