//! A locked home from outside: its keys and its store, as somebody has them who knows the PIN and holds the phone.
//!
//! Opens and reads; what must not be found where is the tests'.

use std::path::Path;
use std::sync::Arc;

use fieldfare_core::ports::{SystemClock, SystemEntropy};
use fieldfare_core::store::{Store, StoreProblem};
use fieldfare_core::vault::{FileHardwareKey, Hardware, Pin, Purpose, Secret, Unlock};

/// The database key and the audit key of a home, and its store.
///
/// # Panics
/// If the home does not open.
#[must_use]
pub fn opened(home: &Path, pin: &str) -> ([Secret<32>; 2], Store) {
    let hardware_key = FileHardwareKey::new(home, Arc::new(SystemEntropy::default()));
    let pin = Pin::entered(pin).expect("a PIN");
    let unlock =
        Unlock::begin(home, &pin, &SystemClock, Hardware::with_key(&hardware_key)).expect("it opens");
    let keys = [Purpose::Database, Purpose::Audit].map(|purpose| unlock.root_key().key(purpose));
    let [database, audit] = keys.each_ref().map(Secret::expose);
    let store = Store::open(&home.join("store.db"), database, audit).expect("a store");
    (keys, store)
}

/// Every key of a home, by what it is called.
///
/// # Panics
/// If the home does not open.
#[must_use]
pub fn all(home: &Path, pin: &str) -> Vec<(&'static str, Secret<32>)> {
    let ([database, audit], store) = opened(home, pin);
    let mut keys = vec![("database key", database), ("audit key", audit)];
    store
        .read(|read| {
            keys.push(("seed of the device's keys", read.identity_seed()?));
            for vault in read.vaults()? {
                if let Some((_, key)) = read.newest_key(vault.no)? {
                    keys.push(("key of a vault", key));
                }
            }
            Ok::<_, StoreProblem>(())
        })
        .expect("keys");
    assert!(keys.len() > 3, "a home has a vault at least");
    keys
}
