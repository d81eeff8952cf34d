//! A locked home as whoever has its PIN and its hardware key can open it: its database, its store and its keys.
//!
//! For tests that damage what no command would, or sign what no phone of ours would.

use std::path::Path;
use std::sync::Arc;

use fieldfare_core::app::STORE_FILE;
use fieldfare_core::ports::{SystemClock, SystemEntropy};
use fieldfare_core::store::Store;
use fieldfare_core::vault::{FileHardwareKey, Hardware, Identity, Pin, Purpose, Unlock};
use rusqlite::Connection;

use crate::phone::PIN;
use crate::world::inside::Inside;

/// The database of a locked home. Whoever writes into it has not the key of its audit.
///
/// # Panics
/// If the home does not open.
#[must_use]
pub fn database(home: &Path) -> Connection {
    let digits: String = key(home, Purpose::Database).iter().map(|byte| format!("{byte:02x}")).collect();
    let connection = Connection::open(home.join(STORE_FILE)).expect("a database");
    connection.execute_batch(&format!("PRAGMA key = \"x'{digits}'\"")).expect("its key");
    connection
}

/// The inside of a locked home.
///
/// # Panics
/// If the home does not open.
#[must_use]
pub fn inside(home: &Path) -> Inside {
    let (key, audit_key) = (key(home, Purpose::Database), key(home, Purpose::Audit));
    let store = Store::open(&home.join(STORE_FILE), &key, &audit_key).expect("a store");
    let seed = store.read(|read| read.identity_seed()).expect("a seed");
    let Ok(identity) = Identity::from_seed(&seed) else { panic!("no keys") };
    Inside { store, identity }
}

fn key(home: &Path, purpose: Purpose) -> [u8; 32] {
    let hardware_key = FileHardwareKey::new(home, Arc::new(SystemEntropy::default()));
    let Ok(pin) = Pin::entered(PIN) else { panic!("no PIN") };
    let unlock = Unlock::begin(home, &pin, &SystemClock, Hardware::with_key(&hardware_key));
    let unlock = unlock.unwrap_or_else(|problem| panic!("{problem}"));
    let key = *unlock.root_key().key(purpose).expose();
    let _ = unlock.succeeded();
    key
}
