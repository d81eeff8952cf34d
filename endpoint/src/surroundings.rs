//! What an endpoint takes from the machine around it: the time, randomness and its disk, read through here and nowhere else.
//!
//! The time stamps receipts and ends invitations; it orders nothing.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};

use crate::problem::Trouble;

/// Lends time and randomness, and says around each durable write whether it may be made.
pub trait Surroundings: Send + Sync {
    /// Milliseconds since 1970, 0 if the machine believes it is earlier.
    fn now_ms(&self) -> i64;

    /// Fills `bytes` with randomness fit for keys; false if there is none to be had.
    fn fill(&self, bytes: &mut [u8]) -> bool;

    /// Called right before something becomes durable.
    ///
    /// # Errors
    /// Why nothing can: the call is refused and leaves everything as it is.
    fn begin_write(&self) -> io::Result<()> {
        Ok(())
    }

    /// Called right after something has become durable.
    ///
    /// # Errors
    /// The machine has stopped: what was written stays, and nobody is answered.
    fn end_write(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The machine the endpoint runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl Surroundings for Machine {
    fn now_ms(&self) -> i64 {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
    }

    fn fill(&self, bytes: &mut [u8]) -> bool {
        SystemRandom::new().fill(bytes).is_ok()
    }
}

/// Random bytes.
pub(crate) fn random<const N: usize>(around: &dyn Surroundings) -> Result<[u8; N], Trouble> {
    let mut bytes = [0; N];
    if around.fill(&mut bytes) { Ok(bytes) } else { Err(Trouble::Unavailable) }
}
