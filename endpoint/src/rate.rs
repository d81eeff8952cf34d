//! How often one device may call: a bucket that fills slowly and is emptied by calls.
//!
//! Counts recognised devices only, in memory; a restart forgives everybody.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fieldfare_protocol::id::DeviceId;

use crate::limits::{CALLS_AT_ONCE_MAX, CALLS_PER_SECOND, URGENT_CALLS_MORE};

/// One call, in the unit of a bucket: what fills in a millisecond is then a whole number.
const CALL: i64 = 1_000;

/// The buckets of all devices that have called. There are no more than the organisation has had devices.
#[derive(Default)]
pub(crate) struct Rate {
    buckets: Mutex<HashMap<DeviceId, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    filled: i64,
    at_ms: i64,
}

impl Rate {
    /// Whether a device may call now. One that brings nothing but what is urgent has calls of its own left when it has
    /// none otherwise.
    pub(crate) fn lets_through(&self, device: DeviceId, urgent_alone: bool, now_ms: i64) -> bool {
        let full = CALLS_AT_ONCE_MAX.saturating_mul(CALL);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(device).or_insert(Bucket { filled: full, at_ms: now_ms });
        // A clock that was set back fills nothing.
        let passed_ms = now_ms.saturating_sub(bucket.at_ms).max(0);
        bucket.filled = bucket.filled.saturating_add(passed_ms.saturating_mul(CALLS_PER_SECOND)).min(full);
        bucket.at_ms = now_ms;
        let floor = if urgent_alone { URGENT_CALLS_MORE.saturating_mul(-CALL) } else { 0 };
        let left = bucket.filled.saturating_sub(CALL);
        if left < floor {
            return false;
        }
        bucket.filled = left;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROBIN: DeviceId = DeviceId([1; 16]);
    const SANDY: DeviceId = DeviceId([2; 16]);

    #[test]
    fn a_device_that_calls_without_end_is_slowed_down_alone_and_may_still_bring_a_concern() {
        let rate = Rate::default();
        for _ in 0..CALLS_AT_ONCE_MAX {
            assert!(rate.lets_through(ROBIN, false, 50));
        }
        assert!(!rate.lets_through(ROBIN, false, 50));
        assert!(rate.lets_through(SANDY, false, 50));
        for _ in 0..URGENT_CALLS_MORE {
            assert!(rate.lets_through(ROBIN, true, 50));
        }
        assert!(!rate.lets_through(ROBIN, true, 50));
        let later_ms = 50 + (URGENT_CALLS_MORE / CALLS_PER_SECOND + 1) * 1_000;
        assert!(rate.lets_through(ROBIN, false, later_ms));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let rate = Rate::default();
        assert!(rate.lets_through(ROBIN, false, i64::MAX));
        assert!(rate.lets_through(ROBIN, false, 0));
        assert!(rate.lets_through(ROBIN, false, i64::MIN));
    }
}
