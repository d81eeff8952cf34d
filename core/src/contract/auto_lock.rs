//! When a shell locks by itself.
//!
//! Data for the shell, which alone knows whether anybody touches it; how it counts is its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// After how long a shell locks by itself. Each counts by a clock of the phone's that runs on while it sleeps; after either,
/// the shell locks, and while handed over it covers the questions until somebody touches it or the mentor unlocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct AutoLock {
    /// Seconds in the background, that is, not in front on an unlocked screen; 0 locks at once.
    pub background_s: u32,
    /// Seconds without a touch.
    pub untouched_s: u32,
}
