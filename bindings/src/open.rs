//! How a home comes to be unlocked: with its PIN, by founding, by joining, by the recovery key.
//!
//! Each stretches a key and most call the endpoint, so each is awaited. Whoever stops waiting leaves the home locked.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use fieldfare_core::app::{self, Founding, Recovering};
use fieldfare_core::contract::Problem;
use fieldfare_core::ports::Ports;
use fieldfare_core::vault::{Holders, LockRules};
use zeroize::Zeroizing;

use crate::Fieldfare;
use crate::apart::apart;
use crate::fault::caught;
use crate::fieldfare::{Door, Opened, State, WaitedFor, opened};

#[uniffi::export]
impl Fieldfare {
    /// Unlocks the home with its PIN, given as the digits' ASCII bytes. Overwrite them afterwards; here they are.
    ///
    /// # Errors
    /// [`Problem`]; a wrong PIN counts against the tries that are left.
    pub async fn unlock(&self, pin: Vec<u8>) -> Result<(), Problem> {
        self.opened(pin, app::Fieldfare::unlock).await
    }

    /// Unlocks the home with the 32 bytes that `enrol_biometric` was told of, released by the phone after a look or a touch.
    ///
    /// # Errors
    /// [`Problem::NotReleased`] for any other bytes; the PIN still opens.
    pub async fn unlock_released(&self, released: Vec<u8>) -> Result<(), Problem> {
        let released = Zeroizing::new(released);
        self.opened_by(move |folder, ports| app::Fieldfare::unlock_released(folder, ports, &released)).await
    }

    /// Unlocks the home with a helper's answer, and puts a new PIN in the place of the forgotten one, in one step.
    ///
    /// # Errors
    /// [`Problem::PinNotAccepted`] before anything else, [`Problem::HelpNotAccepted`]; nothing was changed then.
    pub async fn unlock_with_help(&self, answer: String, new_pin: Vec<u8>) -> Result<(), Problem> {
        let answer = Zeroizing::new(answer);
        self.opened(new_pin, move |folder, ports, pin| {
            app::Fieldfare::unlock_with_help(folder, ports, &answer, pin)
        })
        .await
    }

    /// Founds an organisation in this home and unlocks it. Its endpoint must be reachable and keep nobody yet. The recovery
    /// key is written to new files, which should not stay on this device: `recovery_pages` of them, 3 (any two open it) or 5
    /// (any three), with a point and their number behind the name; or 1, under the name itself. 3 if absent.
    ///
    /// # Errors
    /// [`Problem`]; nothing is left behind.
    #[uniffi::method(default(recovery_pages = None))]
    pub async fn found(
        &self,
        pin: Vec<u8>,
        organisation: String,
        endpoint: String,
        recovery_file: String,
        recovery_pages: Option<u32>,
    ) -> Result<(), Problem> {
        let holders = match recovery_pages {
            None | Some(3) => Holders::TwoOfThree,
            Some(1) => Holders::One,
            Some(5) => Holders::ThreeOfFive,
            Some(_) => {
                return Err(Problem::OutOfRange { field: "recovery_pages".to_owned(), least: 1, most: 5 });
            }
        };
        self.opened(pin, move |folder, ports, pin| {
            let founding = Founding {
                organisation: &organisation,
                base_url: &endpoint,
                recovery_file: Path::new(&recovery_file),
                holders,
            };
            app::Fieldfare::found(folder, ports, pin, LockRules::default(), &founding)
        })
        .await
    }

    /// Joins an organisation with an invitation and unlocks the home. The endpoint must be reachable.
    ///
    /// # Errors
    /// [`Problem`]; nothing is left behind, and an invitation that was not used up stays usable.
    pub async fn join(&self, pin: Vec<u8>, invitation: String) -> Result<(), Problem> {
        let invitation = Zeroizing::new(invitation);
        self.opened(pin, move |folder, ports, pin| {
            app::Fieldfare::join(folder, ports, pin, LockRules::default(), &invitation)
        })
        .await
    }

    /// Makes a new administrator's device with the recovery key, whole or as many pages as it takes, opens every file of the organisation and unlocks the home.
    ///
    /// # Errors
    /// [`Problem::RecoveryKeyNotAccepted`], [`Problem::EndpointForeign`], and whatever the exchange brings.
    pub async fn recover(
        &self,
        pin: Vec<u8>,
        endpoint: String,
        recovery_files: Vec<String>,
    ) -> Result<(), Problem> {
        let recovery_files: Vec<_> = recovery_files.into_iter().map(PathBuf::from).collect();
        self.opened(pin, move |folder, ports, pin| {
            let recovering = Recovering { base_url: &endpoint, recovery_files: &recovery_files };
            app::Fieldfare::recover(folder, ports, pin, LockRules::default(), &recovering)
        })
        .await
    }
}

#[uniffi::export]
impl Fieldfare {
    /// Goes on opening the organisation's files after `recover` broke off: unlock, then call this. Returns how many it opened.
    ///
    /// # Errors
    /// As `recover`.
    pub async fn open_files(&self, recovery_files: Vec<String>) -> Result<u32, Problem> {
        let recovery_files: Vec<_> = recovery_files.into_iter().map(PathBuf::from).collect();
        self.0.exchanging(move |app| app.open_files(&recovery_files)).await
    }
}

/// A turn at opening a home. Unless it opened, the home is locked again.
pub(crate) struct Opening(Arc<Door>);

impl Opening {
    /// A turn that begins with a home that is open: it goes out of everybody's reach, and back with `end`.
    pub(crate) fn once_more(door: &Arc<Door>) -> Result<(Self, Arc<Opened>), Problem> {
        let mut state = door.state();
        let opened = opened(&state)?;
        *state = State::Opening;
        Ok((Self(door.clone()), opened))
    }

    pub(crate) fn begin(door: &Arc<Door>) -> Result<Self, Problem> {
        caught(|| {
            let mut state = door.state();
            match *state {
                State::Locked => *state = State::Opening,
                State::Opening | State::Open(_) => return Err(Problem::Unlocked),
                State::Closed => return Err(Problem::Closed),
            }
            Ok(Self(door.clone()))
        })
    }

    /// Unlocks the home, unless it was locked or closed meanwhile.
    pub(crate) fn end(self, opened: Arc<Opened>) -> Result<(), Problem> {
        let mut state = self.0.state();
        match *state {
            State::Opening => *state = State::Open(opened),
            State::Closed => return Err(Problem::Closed),
            State::Locked | State::Open(_) => return Err(Problem::StoreLocked),
        }
        Ok(())
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if matches!(*state, State::Opening) {
            *state = State::Locked;
        }
    }
}

impl Fieldfare {
    async fn opened(
        &self,
        pin: Vec<u8>,
        open: impl FnOnce(&Path, Ports, &str) -> Result<app::Fieldfare, Problem> + Send + 'static,
    ) -> Result<(), Problem> {
        let pin = Zeroizing::new(pin);
        self.opened_by(move |folder, ports| open(folder, ports, digits(&pin)?)).await
    }

    async fn opened_by(
        &self,
        open: impl FnOnce(&Path, Ports) -> Result<app::Fieldfare, Problem> + Send + 'static,
    ) -> Result<(), Problem> {
        let turn = Opening::begin(&self.0)?;
        let stopped = Arc::new(AtomicBool::new(false));
        let waited_for = WaitedFor(stopped.clone());
        let door = self.0.clone();
        let opened = apart(move || {
            door.look_at_the_clock()?;
            let app = open(&door.folder, door.ports(stopped.clone())?)?;
            Ok(Opened::new(app, stopped))
        })
        .await?;
        drop(waited_for);
        turn.end(opened)
    }
}

/// A PIN as the core takes it.
pub(crate) fn digits(pin: &[u8]) -> Result<&str, Problem> {
    let rule = |_| Problem::PinNotAccepted { rule: "a PIN is made of digits".to_owned() };
    std::str::from_utf8(pin).map_err(rule)
}
