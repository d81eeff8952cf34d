//! Whether there is a way to the endpoint at the moment, as the phone knows it.
//!
//! A hint that saves waiting for a connection that cannot come. What is sent, and whether it arrives, is not known here.

/// Tells whether there is a signal.
#[cfg_attr(feature = "foreign", uniffi::export(foreign))]
pub trait Connectivity: Send + Sync {
    /// Whether the phone has any network at all.
    fn has_signal(&self) -> bool;
}
