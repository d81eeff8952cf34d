//! The time as the phone believes it to be.
//!
//! Nothing in the core orders edits by it: wall time is data, and a phone's clock may be years off.

/// Tells the time.
#[cfg_attr(feature = "foreign", uniffi::export(foreign))]
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970, by the phone's own clock, uncorrected.
    fn now_ms(&self) -> i64;
}

/// The clock of the machine the core runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        chrono::Utc::now().timestamp_millis()
    }
}
