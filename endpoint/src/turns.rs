//! Which call each device made last: what was answered once is not answered again.
//!
//! In memory, under a name that is drawn anew at each start: after a restart every recorded call is of another run. Counts
//! recognised devices only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fieldfare_protocol::call_number::{CallNumber, Session};
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::request::Refused;

/// The last call of every device that has called. There are no more than the organisation has had devices.
pub(crate) struct Turns {
    session: Session,
    last: Mutex<HashMap<DeviceId, u64>>,
}

impl Turns {
    /// Nobody has called yet.
    pub(crate) fn new(session: Session) -> Self {
        Self { session, last: Mutex::default() }
    }

    /// Takes a call that is its device's own, if it is fresh.
    ///
    /// # Errors
    /// [`Refused::Stale`] with what the next call has to say.
    pub(crate) fn take(&self, device: DeviceId, call: CallNumber) -> Result<(), Refused> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.entry(device).or_default();
        let is_fresh = call.session == self.session && call.number > *before;
        if !is_fresh {
            return Err(Refused::Stale(CallNumber { session: self.session, number: *before }));
        }
        *before = call.number;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROBIN: DeviceId = DeviceId([1; 16]);
    const SANDY: DeviceId = DeviceId([2; 16]);

    #[test]
    fn r24_every_number_counts_once_for_its_device_in_its_run() {
        let here = Session([1; 8]);
        let turns = Turns::new(here);
        let call = |number| CallNumber { session: here, number };
        let stale = |number| Err(Refused::Stale(call(number)));
        assert_eq!(turns.take(ROBIN, call(0)), stale(0));
        assert_eq!(turns.take(ROBIN, call(1)), Ok(()));
        assert_eq!(turns.take(ROBIN, call(7)), Ok(()));
        assert_eq!((turns.take(ROBIN, call(7)), turns.take(ROBIN, call(3))), (stale(7), stale(7)));
        assert_eq!(turns.take(SANDY, call(1)), Ok(()));
        let before = CallNumber { session: Session([2; 8]), number: 99 };
        assert_eq!(turns.take(ROBIN, before), stale(7));
    }
}
