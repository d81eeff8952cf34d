//! A key that lives in the phone's secure hardware and never leaves it.
//!
//! The core asks for a MAC and never sees the key. The three errors must not be confused: only `NotFound` allows making
//! a key, `Transient` neither makes nor deletes one, `Invalidated` means that what was bound to it is gone.

/// Lends the phone's hardware-bound key.
#[cfg_attr(feature = "foreign", uniffi::export(foreign))]
pub trait HardwareKey: Send + Sync {
    /// HMAC-SHA256 under the key, over a label and a message; 32 bytes.
    ///
    /// # Errors
    /// [`HardwareKeyProblem`], of which only `NotFound` means that no key was ever made.
    fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem>;

    /// Makes the key if there is none. Called when a store is founded, never on the way to opening one.
    ///
    /// # Errors
    /// [`HardwareKeyProblem::Transient`] if the hardware does not answer.
    fn create(&self) -> Result<(), HardwareKeyProblem>;

    /// Destroys the key for good; whatever it protected stays closed. Succeeds if there was none.
    ///
    /// # Errors
    /// [`HardwareKeyProblem::Transient`] if the hardware does not answer.
    fn delete(&self) -> Result<(), HardwareKeyProblem>;

    /// How many unlocks in a row have failed, counted where a restored file cannot turn it back.
    ///
    /// # Errors
    /// [`HardwareKeyProblem`] if the hardware does not answer or holds no key.
    fn failures(&self) -> Result<u32, HardwareKeyProblem>;

    /// Sets that count durably.
    ///
    /// # Errors
    /// [`HardwareKeyProblem`] if the hardware does not answer or holds no key.
    fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem>;

    /// What was kept last, where a restored file cannot turn it back; empty if nothing was. Deleted with the key.
    ///
    /// # Errors
    /// [`HardwareKeyProblem`] if the hardware does not answer or holds no key.
    fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem>;

    /// Keeps these bytes durably in the place of the last ones; at most [`KEPT_BYTES_MAX`], and no secret.
    ///
    /// # Errors
    /// [`HardwareKeyProblem`] if the hardware does not answer or holds no key.
    fn keep(&self, bytes: Vec<u8>) -> Result<(), HardwareKeyProblem>;
}

/// Most bytes that are ever kept beside a key.
pub const KEPT_BYTES_MAX: usize = 64;

/// Why the hardware key did not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "foreign", derive(uniffi::Error))]
pub enum HardwareKeyProblem {
    /// No key was ever made here.
    #[error("this device holds no key")]
    NotFound,
    /// The hardware is busy or locked; the same call may work later.
    #[error("this device's key does not answer at the moment")]
    Transient,
    /// The key existed and was destroyed or replaced.
    #[error("this device's key is gone")]
    Invalidated,
}

/// Whatever else a phone's code throws: nothing is known of the key, so that none is made and none is deleted.
#[cfg(feature = "foreign")]
impl From<uniffi::UnexpectedUniFFICallbackError> for HardwareKeyProblem {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Transient
    }
}
