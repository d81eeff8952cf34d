//! SHA-256 as a type, so that a hash is never mistaken for a key or an identifier.
//!
//! Knows nothing of what is hashed; the callers name their own context first.

use ring::digest;
use serde::{Deserialize, Serialize};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What precedes the first link of any chain or log.
    pub const NOTHING: Self = Self([0; 32]);

    /// The digest of the parts one after another. Callers separate variable parts themselves.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Hasher::default();
        for part in parts {
            hasher.update(part);
        }
        hasher.end()
    }

    /// Reads a digest from exactly 32 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(Self)
    }

    /// The first `N` bytes, where a short mention is enough to notice a difference.
    #[must_use]
    pub fn short<const N: usize>(&self) -> [u8; N] {
        let mut short = [0; N];
        for (to, from) in short.iter_mut().zip(self.0) {
            *to = from;
        }
        short
    }
}

/// Makes the digest of something that comes in parts.
pub struct Hasher(digest::Context);

impl Default for Hasher {
    fn default() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }
}

impl Hasher {
    /// Takes the next part in.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The digest of all parts one after another.
    #[must_use]
    pub fn end(self) -> Hash {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        Hash(bytes)
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::id::write_hex(&self.0, out)
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Hash({self})")
    }
}
