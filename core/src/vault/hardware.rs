//! The parts of a phone on which a lock rests, passed as one: its key, its disk, and the work that a guess costs.
//!
//! Lends them on and decides nothing.

use crate::ports::{Argon2id, Disk, HardwareKey, PinStretching, Ports, SystemDisk};

/// What a lock is built on.
#[derive(Clone, Copy)]
pub struct Hardware<'a> {
    /// The key that never leaves the phone.
    pub key: &'a dyn HardwareKey,
    /// Says whether what is written lasts.
    pub disk: &'a dyn Disk,
    /// Makes guessing a PIN dear.
    pub stretching: &'a dyn PinStretching,
}

impl<'a> Hardware<'a> {
    /// A key together with the disk and the processor of the machine the core runs on.
    #[must_use]
    pub fn with_key(key: &'a dyn HardwareKey) -> Self {
        Self { key, disk: &SystemDisk, stretching: &Argon2id }
    }

    /// What these ports lend.
    #[must_use]
    pub fn of(ports: &'a Ports) -> Self {
        Self {
            key: ports.hardware_key.as_ref(),
            disk: ports.disk.as_ref(),
            stretching: ports.stretching.as_ref(),
        }
    }
}
