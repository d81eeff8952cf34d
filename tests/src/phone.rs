//! Phones in this process: real homes in a temporary folder, a real endpoint on loopback, a cheap lock.
//!
//! Only the cost of the key stretching differs from what a person has.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::{Ask, Command, Done, Page, Problem, StaffRole};
use fieldfare_core::ports::{
    Argon2id, Clock, Entropy, HttpsTransport, PinStretching, Ports, SystemDisk, SystemEntropy,
};
use fieldfare_core::vault::{FileHardwareKey, Holders, KdfCost, LockRules};
use fieldfare_endpoint::{Endpoint, Settings};
use fieldfare_protocol::hash::Hash;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::power::Power;

/// The PIN of every home in the tests.
pub const PIN: &str = "837261";

/// A clock that a test sets; it moves on by a second whenever somebody looks.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at a moment.
    #[must_use]
    pub fn at(ms: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(ms)))
    }

    /// Sets the clock.
    pub fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.fetch_add(1_000, Ordering::SeqCst)
    }
}

/// An organisation with its endpoint, in a folder of its own.
pub struct Service {
    /// Everything on disk; gone with the service.
    pub folder: TempDir,
    /// The endpoint, on a real socket.
    pub endpoint: Endpoint,
    /// The administrator's desk.
    pub administrator: Fieldfare,
}

/// Ports for a home; a test clock if one is given.
#[must_use]
pub fn ports(home: &Path, clock: Arc<dyn Clock>) -> Ports {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    Ports {
        clock,
        hardware_key: Arc::new(FileHardwareKey::new(home, entropy.clone())),
        entropy,
        disk: Arc::new(SystemDisk),
        stretching: Arc::new(Argon2id),
        transport: Arc::new(HttpsTransport::new().expect("TLS")),
    }
}

/// Stretching that costs next to nothing and protects nothing, for homes that are opened a hundred thousand times.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStretching;

impl PinStretching for NoStretching {
    fn stretch(
        &self,
        pin: &[u8],
        salt: &[u8; 16],
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    ) -> Option<Zeroizing<[u8; 32]>> {
        let cost = [memory_kib, passes, lanes].map(u32::to_be_bytes).concat();
        Some(Zeroizing::new(Hash::of(&[salt, &cost, pin]).0))
    }
}

/// The same ports on a disk whose power a test holds.
#[must_use]
pub fn on_power(ports: Ports, home: &Path, power: &Arc<Power>) -> Ports {
    let key = FileHardwareKey::new(home, ports.entropy.clone()).on(power.clone());
    Ports { disk: power.clone(), hardware_key: Arc::new(key), ..ports }
}

/// The cheapest lock that the vault allows.
#[must_use]
pub fn cheap() -> LockRules {
    LockRules::new(KdfCost::FLOOR, 10).expect("ten tries are allowed")
}

impl Service {
    /// Founds an organisation on a fresh endpoint.
    #[must_use]
    pub fn found() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let endpoint = start_endpoint(&folder.path().join("endpoint"));
        let home = folder.path().join("administrator");
        let founding = Founding {
            organisation: "Test Mentoring",
            base_url: &format!("http://{}", endpoint.address()),
            recovery_file: &folder.path().join("recovery.txt"),
            holders: Holders::One,
        };
        let clock = Arc::new(fieldfare_core::ports::SystemClock);
        let administrator =
            Fieldfare::found(&home, ports(&home, clock), PIN, cheap(), &founding).expect("founding");
        Self { folder, endpoint, administrator }
    }

    /// Where a device of this name keeps its home.
    #[must_use]
    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Invites and joins one device with this machine's clock.
    #[must_use]
    pub fn join(&self, name: &str, role: StaffRole) -> Fieldfare {
        self.join_with(name, role, Arc::new(fieldfare_core::ports::SystemClock))
    }

    /// Invites and joins one device with a clock of its own.
    #[must_use]
    pub fn join_with(&self, name: &str, role: StaffRole, clock: Arc<dyn Clock>) -> Fieldfare {
        let invitation = self.administrator.invite(name, role).expect("an invitation");
        let home = self.home(name);
        let app = Fieldfare::join(&home, ports(&home, clock), PIN, cheap(), &invitation).expect("joining");
        app.exchange(|_| ()).expect("the first exchange");
        app
    }
}

/// An endpoint on a free port of this machine.
#[must_use]
pub fn start_endpoint(data: &Path) -> Endpoint {
    let listen = "127.0.0.1:0".parse().expect("an address");
    Endpoint::start(Settings { data: data.to_owned(), listen, quota_bytes: None }).expect("an endpoint")
}

/// A command from its JSON.
#[must_use]
pub fn command(json: serde_json::Value) -> Command {
    serde_json::from_value(json).expect("a command of the contract")
}

/// Runs a command from its JSON.
///
/// # Errors
/// Whatever the core refuses.
pub fn run(app: &Fieldfare, json: serde_json::Value) -> Result<Done, Problem> {
    app.run(command(json))
}

/// Runs a command that makes a record, and returns its name.
#[must_use]
pub fn make(app: &Fieldfare, json: serde_json::Value) -> String {
    run(app, json).expect("a command that is allowed").made.expect("a record").to_string()
}

/// A page as JSON.
#[must_use]
pub fn page(app: &Fieldfare, json: serde_json::Value) -> serde_json::Value {
    let ask: Ask = serde_json::from_value(json).expect("a page of the contract");
    let page: Page = app.page(&ask).expect("a page that is there");
    serde_json::to_value(page).expect("JSON")
}

/// Exchanges on every device, twice around, so that everybody has heard of everybody.
pub fn level(apps: &[&Fieldfare]) {
    for _ in 0..2 {
        for app in apps {
            app.exchange(|_| ()).expect("an exchange");
        }
    }
}

/// The segments that an endpoint keeps in its database, as they came.
#[must_use]
pub fn segments_kept(database: &Path) -> Vec<Vec<u8>> {
    let connection = rusqlite::Connection::open(database).expect("the endpoint's database");
    let mut segments = connection.prepare("SELECT bytes FROM segment").expect("its table");
    let rows = segments.query_map([], |row| row.get(0)).expect("its rows");
    rows.collect::<Result<_, _>>().expect("bytes")
}

/// Segments on a device that came after their author had left.
#[must_use]
pub fn late(app: &Fieldfare) -> u64 {
    let page = page(app, serde_json::json!({"page": "exchange"}));
    let rows = page["set_aside"].as_array().expect("rows").iter();
    let late = rows.filter(|row| row["why"] == "quarantine.after_removal");
    late.map(|row| row["segments"].as_u64().expect("a count")).sum()
}
