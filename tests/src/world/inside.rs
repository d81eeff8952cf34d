//! Looking into the home of a phone that is off, as whoever knows its PIN could: its store, its keys, its logs.
//!
//! For faults that forge what no command would write, and for promises that no page shows.

use fieldfare_core::app::STORE_FILE;
use fieldfare_core::ports::SystemDisk;
use fieldfare_core::store::{Read, Store, StoreProblem, StoredVault};
use fieldfare_core::vault::{Hardware, Identity, Pin, Purpose, Unlock};
use fieldfare_protocol::id::VaultId;

use super::{Held, Violation, World};

/// The inside of a phone.
pub struct Inside {
    /// Its store.
    pub store: Store,
    /// Its keys.
    pub identity: Identity,
}

impl World {
    /// The key of a phone's store, as its owner's PIN opens it.
    ///
    /// # Errors
    /// A home that the PIN does not open.
    pub fn store_key(&self, who: usize) -> Held<[u8; 32]> {
        self.key_for(who, Purpose::Database)
    }

    fn key_for(&self, who: usize, purpose: Purpose) -> Held<[u8; 32]> {
        let phone = &self.phones[who];
        let pin = Pin::entered(&phone.pin).map_err(|_| Violation("the PIN".to_owned()))?;
        let ports = phone.ports();
        // Whoever looks in takes the phone's disk out first: that it is full is the phone's trouble.
        let hardware = Hardware { disk: &SystemDisk, ..Hardware::of(&ports) };
        let unlock = Unlock::begin(&phone.home, &pin, phone.clock.as_ref(), hardware);
        let unlock = unlock.map_err(|problem| Violation(format!("no unlocking: {problem:?}")))?;
        let key = *unlock.root_key().key(purpose).expose();
        let _ = unlock.succeeded();
        Ok(key)
    }

    /// Switches a phone off and looks into it.
    ///
    /// # Errors
    /// A home that does not open.
    pub fn inside(&mut self, who: usize) -> Held<Inside> {
        self.open(who)?;
        self.phones[who].close();
        let (key, audit_key) = (self.store_key(who)?, self.key_for(who, Purpose::Audit)?);
        let path = self.phones[who].home.join(STORE_FILE);
        let store = Store::open(&path, &key, &audit_key)
            .map_err(|problem| Violation(format!("no store: {problem}")))?;
        let seed = store.read(|read| read.identity_seed());
        let identity = seed.ok().and_then(|seed| Identity::from_seed(&seed).ok());
        Ok(Inside { store, identity: identity.ok_or_else(|| Violation("no keys".to_owned()))? })
    }
}

impl Inside {
    /// Looks at the store.
    ///
    /// # Errors
    /// Whatever the store reports.
    pub fn read<T>(&self, look: impl FnOnce(&Read<'_>) -> Result<T, StoreProblem>) -> Held<T> {
        self.store.read(look).map_err(|problem| Violation(format!("a store: {problem}")))
    }

    /// The vault in which a record lies.
    ///
    /// # Errors
    /// There is none.
    pub fn vault_of(&self, record: &str) -> Held<StoredVault> {
        let vaults = self.store.read(|read| read.vaults()).unwrap_or_default();
        let found = vaults.into_iter().find(|vault| lies_in(record, vault.id));
        found.ok_or_else(|| Violation(format!("no vault of {record}")))
    }
}

/// Whether a record lies in a vault: its name begins with the vault's.
#[must_use]
pub fn lies_in(record: &str, vault: VaultId) -> bool {
    record.get(..8) == vault.to_string().get(..8)
}
