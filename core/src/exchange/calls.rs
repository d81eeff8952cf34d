//! Which call of this device the next one is.
//!
//! Kept in memory while an exchange runs and in the store between two; a number that is lost costs a round trip.

use std::sync::{Mutex, PoisonError};

use fieldfare_protocol::call_number::CallNumber;

/// Counts calls.
#[derive(Debug)]
pub struct Calls(Mutex<CallNumber>);

impl Calls {
    /// Goes on after the last call that is remembered.
    #[must_use]
    pub const fn after(last: CallNumber) -> Self {
        Self(Mutex::new(last))
    }

    /// The last call that was made.
    #[must_use]
    pub fn last(&self) -> CallNumber {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the next call; it counts as made.
    pub(super) fn next(&self) -> CallNumber {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = last.next();
        *last
    }

    /// Goes on where the endpoint says.
    pub(super) fn go_on_after(&self, last: CallNumber) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }
}
