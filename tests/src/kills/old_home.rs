//! A home as the first version of the store left it, made from one of today.
//!
//! Opens the store with its own key, as only somebody with the PIN can.

use std::fmt::Write as _;
use std::fs;

use fieldfare_core::ports::SystemClock;
use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::vault::{FileHardwareKey, Hardware, Pin, Purpose, Unlock};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::VaultId;
use rusqlite::Connection;

use crate::device::Device;

/// The first step of the store; a released step never changes.
const FIRST_STEP: &str = include_str!("../../../core/src/store/migrations/0001_the_house.sql");

/// Copies a home and rewrites the copy's store in the first version's shape. Returns what stands in it.
pub(super) fn make(from: &Device, to: &Device) -> Vec<(VaultId, Hash)> {
    let app = from.open().expect("a home opens");
    let digests = app.digests().expect("digests");
    drop(app);
    fs::create_dir(&to.home).expect("a folder");
    for entry in fs::read_dir(&from.home).expect("a home") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, to.home.join(path.file_name().expect("a name"))).expect("a copy");
    }
    // A hardware key of that time kept nothing beside itself.
    let device_key = to.home.join("device-key");
    let text = fs::read_to_string(&device_key).expect("a device key");
    let of_that_time = |line: &&str| !line.starts_with("kept ") && !line.starts_with("check ");
    let lines: Vec<&str> = text.lines().filter(of_that_time).collect();
    let text = lines.join("\n").replace("Version 2.", "Version 1.") + "\n";
    fs::write(&device_key, text).expect("a device key");
    let key = key_of(to);
    let store = to.home.join("store.db");
    let old = to.home.join("old.db");
    let connection = Connection::open(&old).expect("a file");
    let attach = |name: &str, file: &std::path::Path| {
        format!("ATTACH DATABASE '{}' AS {name} KEY \"x'{key}'\"", file.display())
    };
    connection.execute_batch(&format!("PRAGMA key = \"x'{key}'\"")).expect("a key");
    connection.execute_batch(FIRST_STEP).expect("the first step");
    connection.execute_batch(&attach("now", &store)).expect("today's store");
    let rows = |table: &str| -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0").expect("columns");
        let names = statement.query_map([table], |row| row.get(0)).expect("columns");
        names.collect::<Result<_, _>>().expect("names")
    };
    let mut tables_of = connection
        .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'note_text%'")
        .expect("tables");
    let tables: Vec<String> =
        tables_of.query_map([], |row| row.get(0)).expect("tables").collect::<Result<_, _>>().expect("names");
    for table in tables {
        let columns = rows(&table).join(", ");
        connection
            .execute_batch(&format!(
                "DELETE FROM main.{table}; INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}"
            ))
            .expect("rows that fit the first version");
    }
    connection
        .execute_batch(&format!("PRAGMA application_id = {}; PRAGMA user_version = 1;", 0x4646_5245))
        .expect("its mark");
    drop(tables_of);
    drop(connection);
    for beside in ["store.db-wal", "store.db-shm", "old.db-wal", "old.db-shm"] {
        let _ = fs::remove_file(to.home.join(beside));
    }
    fs::rename(&old, &store).expect("a store");
    digests
}

fn key_of(device: &Device) -> String {
    let entropy = std::sync::Arc::new(SystemEntropy::default());
    let hardware_key = FileHardwareKey::new(&device.home, entropy);
    let pin = Pin::entered(&device.pin).expect("a PIN");
    let unlock = Unlock::begin(&device.home, &pin, &SystemClock, Hardware::with_key(&hardware_key))
        .expect("a home unlocks");
    let mut key = String::new();
    for byte in unlock.root_key().key(Purpose::Database).expose() {
        let _ = write!(key, "{byte:02x}");
    }
    let _ = unlock.succeeded();
    key
}
