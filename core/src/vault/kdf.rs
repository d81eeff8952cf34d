//! How a PIN is stretched: Argon2id, version 0x13, with a floor under its cost and a ceiling over it.
//!
//! Knows neither the store nor the hardware key; on its own, what it makes of a PIN opens nothing.

use super::pin::Pin;
use super::secret::Secret;
use crate::ports::PinStretching;

/// What one try costs whoever makes it. Values outside the floor and the ceiling cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Why a PIN could not be stretched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KdfProblem {
    /// Cheaper than [`KdfCost::FLOOR`]: somebody made guessing cheap.
    #[error("the PIN would be stretched too little to be safe")]
    TooWeak,
    /// Dearer than [`KdfCost::CEILING`]: a hostile file must not exhaust the phone.
    #[error("the PIN would be stretched more than this device takes on")]
    TooHeavy,
    /// The device has not enough memory free at the moment.
    #[error("there is not enough memory to stretch the PIN")]
    NoMemory,
}

impl KdfCost {
    /// 64 MiB, 3 passes, 1 lane: the second recommendation of RFC 9106 with one lane, since phones lend one core.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    /// 19 MiB, 2 passes, 1 lane: OWASP's minimum. Neither memory nor passes may be less.
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    /// 1 GiB, 10 passes, 4 lanes. Nothing may be more.
    pub const CEILING: Self = Self { memory_kib: 1024 * 1024, passes: 10, lanes: 4 };

    /// Takes a cost between the floor and the ceiling.
    ///
    /// # Errors
    /// [`KdfProblem::TooWeak`] or [`KdfProblem::TooHeavy`].
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, KdfProblem> {
        let (floor, ceiling) = (Self::FLOOR, Self::CEILING);
        if memory_kib < floor.memory_kib || passes < floor.passes || lanes < floor.lanes {
            return Err(KdfProblem::TooWeak);
        }
        if memory_kib > ceiling.memory_kib || passes > ceiling.passes || lanes > ceiling.lanes {
            return Err(KdfProblem::TooHeavy);
        }
        Ok(Self { memory_kib, passes, lanes })
    }

    /// Memory in KiB.
    #[must_use]
    pub const fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes over that memory.
    #[must_use]
    pub const fn passes(&self) -> u32 {
        self.passes
    }

    /// Lanes, computed one after another.
    #[must_use]
    pub const fn lanes(&self) -> u32 {
        self.lanes
    }
}

impl Default for KdfCost {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Stretches a PIN to 32 bytes. Takes tens to hundreds of milliseconds and wipes the memory it used.
///
/// # Errors
/// [`KdfProblem::NoMemory`] if the device cannot lend the memory.
pub fn stretch(
    pin: &Pin,
    salt: &[u8; 16],
    cost: KdfCost,
    stretching: &dyn PinStretching,
) -> Result<Secret<32>, KdfProblem> {
    let KdfCost { memory_kib, passes, lanes } = cost;
    let stretched = stretching.stretch(pin.expose(), salt, memory_kib, passes, lanes);
    let stretched = stretched.ok_or(KdfProblem::NoMemory)?;
    Secret::from_slice(stretched.as_slice()).ok_or(KdfProblem::NoMemory)
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::id::read_hex;

    use super::*;
    use crate::ports::Argon2id;

    fn stretched(cost: KdfCost) -> [u8; 32] {
        let pin = Pin::entered("739184").unwrap_or_else(|_| panic!());
        *stretch(&pin, b"0123456789abcdef", cost, &Argon2id).unwrap_or_else(|_| panic!()).expose()
    }

    // Both vectors were computed with OpenSSL's Argon2id through Python's `cryptography` 48.
    #[test]
    fn the_floor_agrees_with_another_implementation() {
        let expected =
            read_hex::<32>("6b2bbc872fa4b2b974e23da982c098311c419b3b205abdba3fc689ee342bfe24").unwrap();
        assert_eq!(stretched(KdfCost::FLOOR), expected);
    }

    #[test]
    fn the_default_agrees_with_another_implementation() {
        let expected =
            read_hex::<32>("e050f35e53abf22d78e7e38808cfe64016c73f4b84797eee2d25ef3fcecb3380").unwrap();
        assert_eq!(stretched(KdfCost::default()), expected);
    }

    #[test]
    fn r06_nothing_under_the_floor_or_over_the_ceiling_can_be_said() {
        let floor = KdfCost::FLOOR;
        assert_eq!(KdfCost::new(19 * 1024, 2, 1), Ok(floor));
        assert_eq!(KdfCost::new(19 * 1024 - 1, 10, 1), Err(KdfProblem::TooWeak));
        assert_eq!(KdfCost::new(64 * 1024, 1, 1), Err(KdfProblem::TooWeak));
        assert_eq!(KdfCost::new(64 * 1024, 3, 0), Err(KdfProblem::TooWeak));
        assert_eq!(KdfCost::new(1024 * 1024, 10, 4), Ok(KdfCost::CEILING));
        assert_eq!(KdfCost::new(1024 * 1024 + 1, 3, 1), Err(KdfProblem::TooHeavy));
        assert_eq!(KdfCost::new(64 * 1024, 11, 1), Err(KdfProblem::TooHeavy));
        assert_eq!(KdfCost::new(u32::MAX, u32::MAX, u32::MAX), Err(KdfProblem::TooHeavy));
    }
}
