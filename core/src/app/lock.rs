//! The lock from the outside: changing the PIN, locking, erasing at once.
//!
//! How tries are counted and how a home ends is the vault's; here is only who asks for it and what the shell is told.

use std::path::Path;

use super::Fieldfare;
use super::ending::has_ended;
use super::home::{Home, remove_store};
use super::refusal::{of_pin, of_unlock};
use crate::contract::Problem;
use crate::ports::Ports;
use crate::vault::unlock::{ENVELOPE_FILE, Folder, wipe};
use crate::vault::{Hardware, Pin, Secret, Unlock, UnlockProblem};

impl Fieldfare {
    /// Changes the PIN in one step: at any moment either the old one opens this home or the new one does. The old PIN counts
    /// as a try, like any other, and the last wrong one erases. Takes as long as stretching a PIN twice does.
    ///
    /// # Errors
    /// [`Problem::PinNotAccepted`] before anything was tried, or whatever a try is refused with; the old PIN then still
    /// opens.
    pub fn change_pin(&self, pin: &str, new: &str) -> Result<(), Problem> {
        let new = Pin::chosen(new).map_err(of_pin)?;
        let pin = Pin::entered(pin).map_err(of_pin)?;
        let folder = self.home.folder();
        let clock = self.ports.clock.as_ref();
        let mut unlock = Unlock::begin(folder, &pin, clock, Hardware::of(&self.ports))
            .map_err(|problem| refused(&self.ports, folder, problem))?;
        let rules = unlock.rules();
        unlock.change_pin(&new, rules, self.ports.entropy.as_ref()).map_err(of_unlock)?;
        self.store.write(|write| {
            let now_ms = self.now(&write.read())?.ms;
            Ok(write.note_in_audit(now_ms, "change_pin", None)?)
        })
    }

    /// Lets a key of 32 bytes open this home which the shell keeps in the phone's secure hardware and releases after a look
    /// or a touch; or no key any longer. The PIN is asked for and counts like any other try. A change of the PIN ends it, too.
    ///
    /// # Errors
    /// Whatever a try is refused with; [`Problem::NotReleased`] for anything but 32 bytes.
    pub fn enrol_biometric(&self, pin: &str, released: Option<&[u8]>) -> Result<(), Problem> {
        let released = released.map(|key| Secret::from_slice(key).ok_or(Problem::NotReleased)).transpose()?;
        let pin = Pin::entered(pin).map_err(of_pin)?;
        let folder = self.home.folder();
        let clock = self.ports.clock.as_ref();
        let mut unlock = Unlock::begin(folder, &pin, clock, Hardware::of(&self.ports))
            .map_err(|problem| refused(&self.ports, folder, problem))?;
        unlock.set_biometric(released.as_ref(), self.ports.entropy.as_ref()).map_err(of_unlock)?;
        let what = if released.is_some() { "enrol_biometric" } else { "end_biometric" };
        self.store.write(|write| Ok(write.note_in_audit(self.now(&write.read())?.ms, what, None)?))
    }

    /// Locks: the store closes, every key of it is wiped, and only the PIN opens it again. An exchange that runs in another
    /// thread holds the home as well; end it first.
    pub fn lock(self) {}

    /// Erases a home at once: no PIN, no network, from any state, also while it is open or half made. First its hardware key
    /// is destroyed, then the envelope and the store; one that was cut off is gone on with by the next attempt to do anything
    /// with the home. Takes no longer for a large store than for a small one.
    ///
    /// `Ok` means that no copy of its files opens any more, whoever knows the PIN.
    ///
    /// # Errors
    /// [`Problem::NoStore`] where there is no such folder, [`Problem::HardwareKeyBusy`] if the hardware key could not be
    /// destroyed yet: the home here is blank all the same, and every later attempt goes on.
    pub fn erase(folder: &Path, hardware: Hardware<'_>) -> Result<(), Problem> {
        if !folder.is_dir() {
            return Err(Problem::NoStore);
        }
        let wiped = wipe(folder, hardware).map_err(of_unlock);
        remove_store(hardware.disk, folder);
        wiped
    }
}

/// Takes a home that has a lock for this process. A folder without one is not touched, and what lies there is said.
pub(super) fn take(ports: &Ports, folder: &Path) -> Result<Home, Problem> {
    if !folder.join(ENVELOPE_FILE).exists() {
        return Err(refused(ports, folder, UnlockProblem::NoStore));
    }
    Home::take(folder, ports.disk.as_ref())
}

/// Tells why a try was refused; a home whose keys are gone keeps no store.
pub(super) fn refused(ports: &Ports, folder: &Path, problem: UnlockProblem) -> Problem {
    if problem == UnlockProblem::Wiped {
        remove_store(ports.disk.as_ref(), folder);
    }
    if problem == UnlockProblem::NoStore {
        if has_ended(folder) {
            return Problem::Erased;
        }
        if matches!(Folder::look_at(folder), Ok(Folder::WithoutLock)) {
            return of_unlock(UnlockProblem::WithoutLock);
        }
    }
    of_unlock(problem)
}
