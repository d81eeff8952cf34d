//! The lock from the shell's side: locking, closing, changing the PIN, erasing.
//!
//! Calls the core and forgets what was open. How often a PIN may be tried is not known here.

use fieldfare_core::app;
use fieldfare_core::contract::Problem;
use fieldfare_core::vault::Hardware;
use zeroize::Zeroizing;

use crate::Fieldfare;
use crate::apart::apart;
use crate::fieldfare::State;
use crate::open::digits;

#[uniffi::export]
impl Fieldfare {
    /// Locks the home. Calls that are still running end first, an exchange at its next round trip; then the keys are gone.
    pub fn lock(&self) {
        self.0.shut(State::Locked);
    }

    /// Locks the home for good and ends every watch.
    pub fn close(&self) {
        self.0.shut(State::Closed);
        self.0.watches.end();
    }

    /// Changes the PIN in one step. The old one counts as a try, like any other, and the last wrong one erases.
    ///
    /// # Errors
    /// [`Problem::PinNotAccepted`] before anything was tried, or whatever a try is refused with; the old PIN then still opens.
    pub async fn change_pin(&self, pin: Vec<u8>, new_pin: Vec<u8>) -> Result<(), Problem> {
        let (pin, new_pin) = (Zeroizing::new(pin), Zeroizing::new(new_pin));
        self.0.long(move |app| app.change_pin(digits(&pin)?, digits(&new_pin)?)).await
    }

    /// Lets 32 bytes open this home that the phone's secure hardware keeps and releases after a look or a touch; or, if absent,
    /// no such bytes any longer. The PIN counts as a try. A change of the PIN ends it, too.
    ///
    /// # Errors
    /// Whatever a try is refused with; [`Problem::NotReleased`] for anything but 32 bytes.
    pub async fn enrol_biometric(&self, pin: Vec<u8>, released: Option<Vec<u8>>) -> Result<(), Problem> {
        let (pin, released) = (Zeroizing::new(pin), released.map(Zeroizing::new));
        self.0
            .long(move |app| app.enrol_biometric(digits(&pin)?, released.as_ref().map(|key| &key[..])))
            .await
    }

    /// Erases the home at once: no PIN, no network, from any state. Goes on to its end whoever waits for it.
    ///
    /// # Errors
    /// [`Problem::NoStore`] where there is no such folder, [`Problem::HardwareKeyBusy`] if the hardware key could not be
    /// destroyed yet: the home is blank all the same.
    pub async fn erase(&self) -> Result<(), Problem> {
        self.0.shut(State::Locked);
        let door = self.0.clone();
        apart(move || app::Fieldfare::erase(&door.folder, Hardware::with_key(door.hardware_key.as_ref())))
            .await
    }
}

impl Drop for Fieldfare {
    fn drop(&mut self) {
        self.close();
    }
}
