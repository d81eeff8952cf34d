//! The work that makes every guess of a PIN dear, lent so that a test may spare itself the work.
//!
//! Numbers and bytes only: which costs are allowed, and what the result opens, is not known here.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

/// Stretches a PIN to a key, at a cost.
pub trait PinStretching: Send + Sync {
    /// 32 bytes that follow from the PIN, the salt and the cost alone; `None` if the device cannot lend the memory.
    fn stretch(
        &self,
        pin: &[u8],
        salt: &[u8; 16],
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    ) -> Option<Zeroizing<[u8; 32]>>;
}

/// Argon2id, version 0x13 (RFC 9106), in memory that is wiped afterwards.
#[derive(Debug, Clone, Copy, Default)]
pub struct Argon2id;

impl PinStretching for Argon2id {
    fn stretch(
        &self,
        pin: &[u8],
        salt: &[u8; 16],
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    ) -> Option<Zeroizing<[u8; 32]>> {
        let params = Params::new(memory_kib, passes, lanes, Some(32)).ok()?;
        // The library frees its own blocks without wiping them, so it is lent ours.
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(params.block_count()).ok()?;
        blocks.resize(params.block_count(), Block::new());
        let mut blocks = Zeroizing::new(blocks);
        let mut stretched = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(pin, salt, stretched.as_mut_slice(), blocks.as_mut_slice())
            .ok()?;
        Some(stretched)
    }
}
