//! The lock of a home: a PIN is counted, delayed, tried, and after too many failures there is nothing left to try.
//!
//! Gives out a root key and nothing else; what that key opens is not known here.
//!
//! # The order of a try
//! 1. Nobody else is trying, the file is an envelope of this version, and no wipe is unfinished.
//! 2. The larger of the file's count and the hardware's rules; at the limit the home is wiped.
//! 3. The delay is over, else the try is refused. It is *not* counted then: it tests no PIN, and counting it would let
//!    anybody who holds the phone wipe it within a minute. What counts starts here, before anything is learned.
//! 4. The try is counted durably, in the file and in the hardware.
//! 5. Argon2id, the hardware key's MAC, the slot. If it opens, this try is taken back, and no other one.
//! 6. The caller opens its store and calls [`Unlock::succeeded`], which sets both counts to nothing.
//!
//! # What this promises, and what it cannot
//! - One try fewer than the limit may fail, and the right PIN still opens. The limit itself wipes.
//! - A count stands before its verdict is known: pulling the battery wins nothing, and costs its owner one try at most.
//! - Trouble is no verdict. If hardware, memory or disk fail in between, the count is put back; where even that fails the
//!   try stays counted, once. Trouble never makes or deletes a key. Nor does a store that fails to open behind the right
//!   PIN bring its owner nearer to the wipe.
//! - A clock set back shortens nothing. One set *forward* does, since a phone lends no other clock; the limit still holds.
//! - A restored file regains nothing: the hardware's count rules, it knows which PIN is the newest, and after a wipe the
//!   hardware key is another one.

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
use super::tries::{Patience, Tries, delay_seconds};
use super::turn::Turn;
use crate::ports::{Clock, Entropy, HardwareKey};

/// Name of the envelope's file in a home.
pub const ENVELOPE_FILE: &str = "envelope";
/// Name of the encrypted store in a home. Whoever wipes a home removes it with its keys.
pub const STORE_FILE: &str = "store.db";
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
/// Dropping it without [`Unlock::succeeded`] leaves the earlier failures counted.
pub struct Unlock<'a> {
    home: PathBuf,
    hardware: Hardware<'a>,
    envelope: Envelope,
    root: RootKey,
    before: Tries,
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
        let counted = before.and_one(clock.now_ms());
        count(home, &envelope, before, counted, hardware)?;
        match envelope.open(pin, hardware) {
            Ok(root) => {
                let envelope = envelope.turned(&root, pin, hardware).unwrap_or(envelope);
                // A first try may stay counted until the store is open: it never adds up to more than one.
                if before.failures > 0 {
                    put_back(home, &envelope, before, hardware);
                }
                Ok(Self {
                    home: home.to_owned(),
                    hardware,
                    envelope,
                    root,
                    before,
                    opened_by: OpenedBy::Pin,
                    _turn: turn,
                })
            }
            Err(EnvelopeProblem::NotOpened) => {
                match u32::from(envelope.rules().tries_max()).saturating_sub(counted.failures) {
                    0 => Err(wipe::now(home, hardware)),
                    tries_left => Err(UnlockProblem::WrongPin { tries_left }),
                }
            }
            Err(trouble) => {
                put_back(home, &envelope, before, hardware);
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
        let before = admit(home, &envelope, clock, hardware)?;
        let root = envelope.open_released(released, hardware).map_err(|problem| match problem {
            EnvelopeProblem::NotOpened => UnlockProblem::NotReleased,
            trouble => trouble.into(),
        })?;
        Ok(Self {
            home: home.to_owned(),
            hardware,
            envelope,
            root,
            before,
            opened_by: OpenedBy::Released,
            _turn: turn,
        })
    }

    /// The root key, to open the store with.
    #[must_use]
    pub const fn root_key(&self) -> &RootKey {
        &self.root
    }

    /// The tries that failed since the last success, for whoever keeps an account of them.
    #[must_use]
    pub const fn failed_before(&self) -> Tries {
        self.before
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

    /// The store is open and is the right one: sets both counts to nothing, unless it was not the PIN that opened, and writes
    /// down what was changed in the envelope.
    ///
    /// # Errors
    /// [`UnlockProblem::HardwareKey`] or [`UnlockProblem::Io`]; earlier failures may then stay counted, and the store may
    /// be used all the same. May be called again.
    pub fn succeeded(&self) -> Result<(), UnlockProblem> {
        let tries = if self.opened_by == OpenedBy::Released { self.before } else { Tries::default() };
        // The hardware first: if somebody wiped the home meanwhile, it says so, and no envelope is written again.
        self.hardware.key.set_failures(tries.failures)?;
        file::write(self.hardware.disk, &self.home, &self.envelope.with_tries(tries))?;
        self.keep_generation()
    }

    /// Seals the same root key under another PIN or other rules, in one step: at any moment either the old PIN opens or
    /// the new one does. Both counts become nothing, and an older copy of the envelope is one from here on.
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
        Ok(self.hardware.key.set_failures(0)?)
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

/// Settles which count rules, and refuses a try that is too many or too early. Returns the count before this try.
fn admit(
    home: &Path,
    envelope: &Envelope,
    clock: &dyn Clock,
    hardware: Hardware<'_>,
) -> Result<Tries, UnlockProblem> {
    let tries_max = u32::from(envelope.rules().tries_max());
    let in_file = envelope.tries();
    // Before the hardware is asked: a wipe that was cut off after the key was destroyed ends here.
    if in_file.failures >= tries_max {
        return Err(wipe::now(home, hardware));
    }
    let in_hardware = hardware.key.failures()?;
    let newest = Kept::read(hardware.key)?.generation;
    if envelope.generation() < newest {
        return Err(UnlockProblem::Outdated);
    }
    if in_hardware >= tries_max {
        return Err(wipe::now(home, hardware));
    }
    let now_ms = clock.now_ms();
    if in_hardware > in_file.failures {
        // An older file was put back, and with it the time of its last try: the whole delay counts from now.
        let tries = Tries { failures: in_hardware, last_ms: now_ms };
        file::write(hardware.disk, home, &envelope.with_tries(tries))?;
        return match delay_seconds(in_hardware) {
            0 => Ok(tries),
            seconds => Err(UnlockProblem::Wait { seconds }),
        };
    }
    match in_file.patience(now_ms) {
        Patience::Ready => Ok(in_file),
        Patience::Wait { seconds } => Err(UnlockProblem::Wait { seconds }),
        Patience::WaitAnew { seconds } => {
            file::write(hardware.disk, home, &envelope.with_tries(Tries { last_ms: now_ms, ..in_file }))?;
            Err(UnlockProblem::Wait { seconds })
        }
    }
}

/// Counts a try in both places, or in neither.
fn count(
    home: &Path,
    envelope: &Envelope,
    before: Tries,
    counted: Tries,
    hardware: Hardware<'_>,
) -> Result<(), UnlockProblem> {
    // The file first: on a full disk the hardware's count is then never touched.
    file::write(hardware.disk, home, &envelope.with_tries(counted))?;
    hardware.key.set_failures(counted.failures).map_err(|problem| {
        put_back(home, envelope, before, hardware);
        problem.into()
    })
}

/// Takes one try back. Where a count cannot be written it stays, and the larger one rules: once more, never twice.
fn put_back(home: &Path, envelope: &Envelope, before: Tries, hardware: Hardware<'_>) {
    let _ = hardware.key.set_failures(before.failures);
    let _ = file::write(hardware.disk, home, &envelope.with_tries(before));
}
