//! The root key of a home and the keys that grow from it, one for each purpose.
//!
//! It is only ever kept sealed. Which cipher a purpose uses its key for is not known here.

use super::secret::{Secret, derive};
use crate::ports::{Entropy, NoEntropy};

/// 32 random bytes made when a home is founded; everything kept on the device hangs from them.
pub struct RootKey(Secret<32>);

/// What a derived key is for. No two purposes share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `K_db`: the encrypted database.
    Database,
    /// `K_outbox`: what waits to be sent.
    Outbox,
    /// `K_audit`: the chain of audit lines.
    Audit,
    /// `K_attachment`: files beside the database.
    Attachment,
}

impl Purpose {
    // Written into every store: a label never changes.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Database => b"fieldfare/root/database/1",
            Self::Outbox => b"fieldfare/root/outbox/1",
            Self::Audit => b"fieldfare/root/audit/1",
            Self::Attachment => b"fieldfare/root/attachment/1",
        }
    }
}

impl RootKey {
    /// Makes the root key of a new home.
    ///
    /// # Errors
    /// [`NoEntropy`] if there is no randomness.
    pub(super) fn random(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        Secret::random(entropy).map(Self)
    }

    pub(super) const fn from_secret(secret: Secret<32>) -> Self {
        Self(secret)
    }

    pub(super) const fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// The key for one purpose: HKDF-SHA256 of the root key, without salt.
    #[must_use]
    pub fn key(&self, purpose: Purpose) -> Secret<32> {
        derive(self.0.expose(), &[], &[purpose.label()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_a_key_of_its_own_and_always_the_same() {
        let root = || RootKey::from_secret(Secret::from_slice(&[7; 32]).unwrap());
        let purposes = [Purpose::Database, Purpose::Outbox, Purpose::Audit, Purpose::Attachment];
        let keys = purposes.map(|purpose| *root().key(purpose).expose());
        for (position, key) in keys.iter().enumerate() {
            assert!(!keys[..position].contains(key));
            assert_ne!(key, &[7; 32]);
            assert_eq!(*root().key(purposes[position]).expose(), *key);
        }
    }

    #[test]
    fn the_keys_of_released_stores_never_change() {
        // Computed with Python's `cryptography` 48.
        let root = RootKey::from_secret(Secret::from_slice(&[7; 32]).unwrap());
        let hex = |purpose| fieldfare_protocol::hash::Hash(*root.key(purpose).expose()).to_string();
        assert_eq!(
            hex(Purpose::Database),
            "99a5797bb5c1ca7fe407df3df05cb40afc6042e534c4734bee4639e5de4d5d1c"
        );
        assert_eq!(hex(Purpose::Outbox), "cd180550460b3037f39f9c7f038fab385443104b46e7ac88554c99b32695a61b");
        assert_eq!(hex(Purpose::Audit), "37dcf0dca9578c7fd076aa0a5e27699b8c97629e5774276b8846b6a34ae3802d");
        assert_eq!(
            hex(Purpose::Attachment),
            "fd67d7fd6f0b98abb8be3ef93901daf796e578d39f11178abe56c6f355fb67da"
        );
    }
}
