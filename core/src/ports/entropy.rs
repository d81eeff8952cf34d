//! Random bytes for keys, identifiers and salts.
//!
//! A port, so that a seeded world can be replayed; outside tests only the system's generator stands behind it.

use ring::rand::{SecureRandom, SystemRandom};

/// Makes random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with randomness fit for keys.
    ///
    /// # Errors
    /// [`NoEntropy`] if the system cannot provide any; nothing may be made without it.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The system cannot provide randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system provides no randomness")]
pub struct NoEntropy;

/// The operating system's generator, through `ring`.
#[derive(Debug)]
pub struct SystemEntropy(SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        self.0.fill(bytes).map_err(|_| NoEntropy)
    }
}
