//! The lock of a home: a PIN is counted, delayed, tried, and after too many failures there is nothing left to try.
//!
//! Gives out a root key and nothing else; what that key opens is not known here.
//!
//! # The order of a try
//! 1. Nobody else is trying, the file is an envelope that this version reads, and no wipe is unfinished.
//! 2. The larger of the file's counts and the hardware's rules; at the limit the home is wiped. The hardware key is asked whether
//!    it is the one of this home: a key that answers with other bytes is no wrong PIN.
//! 3. The delay is over, else the try is refused. It is *not* counted then: it tests no PIN, and counting it would let
//!    anybody who holds the phone wipe it within a minute.
//! 4. The try is durable as *begun*, in the file and in the hardware.
//! 5. Argon2id, the hardware key's MAC, the slot.
//! 6. The verdict is durable, in the hardware and in the file: right or wrong, the same writes of the same length. Right sets
//!    both counts to nothing. Only now is a root key handed out, or anything said.
//! 7. The caller opens its store and calls [`Unlock::succeeded`].
//!
//! # What this promises, and what it cannot
//! - One try fewer than the limit may fail, and the right PIN still opens. The limit itself wipes. Only verdicts count to it.
//! - A try without a verdict, because the app was killed or the battery pulled, delays the next one like a wrong one, for a
//!   minute at most. It wins nothing: what was not durable was not said, and nothing was opened for it.
//! - Trouble is no verdict. If hardware, memory or disk fail in between, the try is taken back; where even that fails it stays one
//!   without a verdict. Where a verdict cannot be written, a right PIN is refused like a wrong one. Trouble never makes or deletes
//!   a key. Nor does a store that fails to open behind the right PIN bring its owner nearer to the wipe.
//! - A clock set back shortens nothing. One set *forward* does, since a phone lends no other clock; the limit still holds.
//! - A restored file regains nothing: the hardware's counts rule, it knows which PIN is the newest, and after a wipe the
//!   hardware key is another one.

mod account;
mod file;
mod folder;
mod forgotten;
mod found;
mod problem;
mod wipe;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use folder::{ENDED_FILE, ENDED_WORDS, Folder, IN_USE_FILE};
pub use forgotten::{ask, take_help};
pub use found::found;
pub use problem::UnlockProblem;
pub use wipe::wipe;

use super::envelope::{Envelope, EnvelopeProblem, Helped, HelperCard};
use super::hardware::Hardware;
use super::kept::{Kept, Mark};
use super::lock_rules::LockRules;
use super::pin::Pin;
use super::root_key::RootKey;
use super::secret::Secret;
use super::tries::Tries;
use super::turn::Turn;
use crate::ports::{Clock, Entropy, HardwareKey};
use account::{Attempt, admit};

/// Name of the envelope's file in a home.
pub const ENVELOPE_FILE: &str = "envelope";
/// Name of the encrypted store in a home. Whoever wipes a home removes it with its keys.
pub const STORE_FILE: &str = "store.db";
/// Name of the file that keeps room on the disk for a home.
pub const RESERVE_FILE: &str = "reserve";
/// Lies in a home from its making until it is finished; it is empty.
pub const UNFINISHED_FILE: &str = "unfinished";

/// What opened a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenedBy {
    /// Its PIN.
    Pin,
    /// A key that the shell released.
    Released,
    /// A helper's secret, which put another PIN in the place of a forgotten one.
    Help,
}

/// A try that found the right PIN. While it lives, nobody else can try.
///
/// Dropping it without [`Unlock::succeeded`] leaves what failed before still to be told, and nothing counted.
pub struct Unlock<'a> {
    home: PathBuf,
    hardware: Hardware<'a>,
    envelope: Envelope,
    root: RootKey,
    opened_by: OpenedBy,
    _turn: Turn,
}

impl<'a> Unlock<'a> {
    /// Makes one try. Takes as long as the stretching does.
    ///
    /// # Errors
    /// [`UnlockProblem`] says what a person can do. Only `WrongPin` and `Wiped` mean that the PIN was wrong.
    pub fn begin(
        home: &Path,
        pin: &Pin,
        clock: &dyn Clock,
        hardware: Hardware<'a>,
    ) -> Result<Self, UnlockProblem> {
        let (turn, envelope) = take_turn(home, hardware)?;
        let before = admit(home, &envelope, clock, hardware)?;
        let attempt = Attempt::begin(home, hardware, &envelope, before, clock.now_ms())?;
        match envelope.open(pin, hardware) {
            Ok(root) => {
                let ended = attempt.end(true)?;
                // An older form is written anew once the store is open; until then the one that lies there opens.
                let envelope = ended.turned(&root, pin, hardware).unwrap_or(ended);
                Ok(Self {
                    home: home.to_owned(),
                    hardware,
                    envelope,
                    root,
                    opened_by: OpenedBy::Pin,
                    _turn: turn,
                })
            }
            Err(EnvelopeProblem::NotOpened) => {
                let failures = attempt.end(false)?.tries().failures;
                match u32::from(envelope.rules().tries_max()).saturating_sub(failures) {
                    0 => Err(wipe::now(home, hardware)),
                    tries_left => Err(UnlockProblem::WrongPin { tries_left }),
                }
            }
            Err(trouble) => {
                attempt.take_back();
                Err(trouble.into())
            }
        }
    }

    /// Opens with a key that the shell releases after a look or a touch, where one was enrolled. That key is as long as any
    /// other and not guessed, so nothing is counted; the delays of the PIN are kept, and its failures stay as they are.
    ///
    /// # Errors
    /// [`UnlockProblem::NotReleased`] for any other key, and whatever a try is refused with.
    pub fn begin_released(
        home: &Path,
        released: &Secret<32>,
        clock: &dyn Clock,
        hardware: Hardware<'a>,
    ) -> Result<Self, UnlockProblem> {
        let (turn, envelope) = take_turn(home, hardware)?;
        admit(home, &envelope, clock, hardware)?;
        let root = envelope.open_released(released, hardware).map_err(|problem| match problem {
            EnvelopeProblem::NotOpened => UnlockProblem::NotReleased,
            trouble => trouble.into(),
        })?;
        let opened_by = OpenedBy::Released;
        Ok(Self { home: home.to_owned(), hardware, envelope, root, opened_by, _turn: turn })
    }

    /// The root key, to open the store with.
    #[must_use]
    pub const fn root_key(&self) -> &RootKey {
        &self.root
    }

    /// The tries that failed since an account of them was kept last, for whoever keeps one.
    #[must_use]
    pub const fn failed_before(&self) -> Tries {
        self.envelope.untold()
    }

    /// What opened it.
    #[must_use]
    pub const fn opened_by(&self) -> OpenedBy {
        self.opened_by
    }

    /// How far the store had come when that was kept last.
    ///
    /// # Errors
    /// [`UnlockProblem::HardwareKey`].
    pub fn mark(&self) -> Result<Mark, UnlockProblem> {
        Ok(Kept::read(self.hardware.key)?.mark)
    }

    /// How hard the lock is at present.
    #[must_use]
    pub const fn rules(&self) -> LockRules {
        self.envelope.rules()
    }

    /// The store is open and is the right one, and has an account of what failed before: writes down what was changed in the
    /// envelope.
    ///
    /// # Errors
    /// [`UnlockProblem::HardwareKey`] or [`UnlockProblem::Io`]; the store may be used all the same. May be called again.
    pub fn succeeded(&self) -> Result<(), UnlockProblem> {
        // The hardware first: if somebody wiped the home meanwhile, it says so, and no envelope is written again.
        self.hardware.key.failures()?;
        let told = match self.opened_by {
            // What failed is told when the PIN ends it.
            OpenedBy::Released => self.envelope.clone(),
            OpenedBy::Pin | OpenedBy::Help => self.envelope.told(),
        };
        if file::read(&self.home)?.is_none_or(|read| read.as_ref() != Ok(&told)) {
            file::write(self.hardware.disk, &self.home, &told)?;
        }
        self.keep_generation()
    }

    /// Seals the same root key under another PIN or other rules, in one step: at any moment either the old PIN opens or
    /// the new one does. An older copy of the envelope is one from here on.
    ///
    /// # Errors
    /// [`UnlockProblem`]. The old PIN then still opens, except where the hardware's count or the last flush failed.
    pub fn change_pin(
        &mut self,
        pin: &Pin,
        rules: LockRules,
        entropy: &dyn Entropy,
    ) -> Result<(), UnlockProblem> {
        let envelope = self.envelope.with_pin(&self.root, pin, rules, entropy, self.hardware)?;
        file::write(self.hardware.disk, &self.home, &envelope)?;
        self.envelope = envelope;
        // Should it fail here, the next success keeps it.
        let _ = self.keep_generation();
        Ok(account::clear(self.hardware.key)?)
    }

    /// Lets a key that the shell releases open this home, or no longer. Durable when it returns.
    ///
    /// # Errors
    /// [`UnlockProblem`]; what opened before still does.
    pub fn set_biometric(
        &mut self,
        released: Option<&Secret<32>>,
        entropy: &dyn Entropy,
    ) -> Result<(), UnlockProblem> {
        self.envelope.set_biometric(&self.root, released, entropy, self.hardware)?;
        self.succeeded()
    }

    /// Lets these devices help whoever forgets the PIN, and no others. Written down by [`Unlock::succeeded`].
    ///
    /// # Errors
    /// [`UnlockProblem`]; those who could help before still can.
    pub fn let_help(
        &mut self,
        helped: Helped,
        cards: &[HelperCard],
        entropy: &dyn Entropy,
    ) -> Result<(), UnlockProblem> {
        if self.envelope.is_helped_by(&helped, cards) {
            return Ok(());
        }
        Ok(self.envelope.let_help(&self.root, helped, cards, entropy, self.hardware)?)
    }

    fn keep_generation(&self) -> Result<(), UnlockProblem> {
        let kept = Kept::read(self.hardware.key)?;
        let generation = kept.generation.max(self.envelope.generation());
        Ok(Kept { generation, ..kept }.keep(self.hardware.key)?)
    }

    /// Keeps the root key and lets others try again.
    #[must_use]
    pub fn into_root_key(self) -> RootKey {
        self.root
    }
}

/// Remembers how far a store has come, where no restored file turns it back.
///
/// # Errors
/// [`UnlockProblem::HardwareKey`]; an earlier mark then stays, and nothing is held against the store.
pub fn keep_mark(key: &dyn HardwareKey, mark: Mark) -> Result<(), UnlockProblem> {
    let kept = Kept::read(key)?;
    Ok(Kept { mark, ..kept }.keep(key)?)
}

/// Takes the turn of whoever tries, and reads the envelope. A wipe that was cut off is finished first.
fn take_turn(home: &Path, hardware: Hardware<'_>) -> Result<(Turn, Envelope), UnlockProblem> {
    if !file::exists(home)? {
        return Err(UnlockProblem::NoStore);
    }
    let turn = Turn::take(home)?.ok_or(UnlockProblem::Busy)?;
    match file::read(home)?.ok_or(UnlockProblem::NoStore)? {
        Err(EnvelopeProblem::Wiped) => Err(wipe::now(home, hardware)),
        read => Ok((turn, read?)),
    }
}
