//! The endpoint's clock, read here and nowhere else.
//!
//! It stamps receipts and ends invitations; it orders nothing.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, 0 if the machine believes it is earlier.
pub(crate) fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
