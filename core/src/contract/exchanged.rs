//! What one exchange with the endpoint did.
//!
//! Counts only; which pages to read again stands in the topics.

use schemars::JsonSchema;
use serde::Serialize;

use super::Topic;

/// An exchange ended well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Exchanged {
    /// Edits of this device that the endpoint holds now and did not before.
    pub sent: u64,
    /// Edits of others that were settled.
    pub received: u64,
    /// Bytes of request bodies.
    pub bytes_up: u64,
    /// Bytes of reply bodies.
    pub bytes_down: u64,
    /// Calls to the endpoint.
    pub round_trips: u64,
    /// Whether this device goes on under a new name, because another copy of its store writes under the old one. Nothing
    /// was lost; the page of the exchange says what to do.
    pub renewed: bool,
    /// Pages that should be read again.
    pub topics: Vec<Topic>,
}
