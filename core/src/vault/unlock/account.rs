//! How tries are accounted for: which count rules, a try as begun, and its verdict, each durable before anything follows from it.
//!
//! Knows nothing of PINs: a verdict is handed in.
//!
//! The file is written first when a try begins, so that on a full disk the hardware is never touched; and last when there is a
//! verdict, so that nobody reads from the file what the hardware has not counted yet.

use std::path::Path;

use super::{UnlockProblem, file, wipe};
use crate::ports::{Clock, HardwareKey, HardwareKeyProblem};
use crate::vault::envelope::Envelope;
use crate::vault::hardware::Hardware;
use crate::vault::kept::Kept;
use crate::vault::tries::{Patience, Tries};

/// Settles which counts rule, and refuses a try that is too many, that another hardware key would answer, or that comes from an
/// older copy. Returns the counts before this try, and whether an older file had been put back.
pub(super) fn standing(
    home: &Path,
    envelope: &Envelope,
    hardware: Hardware<'_>,
) -> Result<(Tries, bool), UnlockProblem> {
    let tries_max = u32::from(envelope.rules().tries_max());
    let in_file = envelope.tries();
    // Before the hardware is asked: a wipe that was cut off after the key was destroyed ends here.
    if in_file.failures >= tries_max {
        return Err(wipe::now(home, hardware));
    }
    let failures = hardware.key.failures()?;
    let kept = Kept::read(hardware.key)?;
    // Another key's counts are none of this home's: nothing is counted, delayed or wiped for them.
    envelope.knows_key(hardware)?;
    if envelope.generation() < kept.generation {
        return Err(UnlockProblem::Outdated);
    }
    if failures >= tries_max {
        return Err(wipe::now(home, hardware));
    }
    let is_behind = failures > in_file.failures || kept.unanswered > in_file.unanswered;
    let tries = Tries {
        failures: failures.max(in_file.failures),
        unanswered: kept.unanswered.max(in_file.unanswered),
        ..in_file
    };
    Ok((tries, is_behind))
}

/// The same, and refuses a try that comes too early.
pub(super) fn admit(
    home: &Path,
    envelope: &Envelope,
    clock: &dyn Clock,
    hardware: Hardware<'_>,
) -> Result<Tries, UnlockProblem> {
    let (tries, is_behind) = standing(home, envelope, hardware)?;
    let now_ms = clock.now_ms();
    if is_behind {
        // An older file was put back, and with it the time of its last try: the whole delay counts from now.
        let tries = Tries { last_ms: now_ms, ..tries };
        file::write(hardware.disk, home, &envelope.with_tries(tries))?;
        return match tries.delay_seconds() {
            0 => Ok(tries),
            seconds => Err(UnlockProblem::Wait { seconds }),
        };
    }
    match tries.patience(now_ms) {
        Patience::Ready => Ok(tries),
        Patience::Wait { seconds } => Err(UnlockProblem::Wait { seconds }),
        Patience::WaitAnew { seconds } => {
            file::write(hardware.disk, home, &envelope.with_tries(Tries { last_ms: now_ms, ..tries }))?;
            Err(UnlockProblem::Wait { seconds })
        }
    }
}

/// A try that has begun, durably in both places, and has no verdict.
pub(super) struct Attempt<'a> {
    home: &'a Path,
    hardware: Hardware<'a>,
    envelope: &'a Envelope,
    before: Tries,
    now_ms: i64,
}

impl<'a> Attempt<'a> {
    /// Begins one in both places, or in neither.
    pub(super) fn begin(
        home: &'a Path,
        hardware: Hardware<'a>,
        envelope: &'a Envelope,
        before: Tries,
        now_ms: i64,
    ) -> Result<Self, UnlockProblem> {
        let begun = before.and_one_begun(now_ms);
        file::write(hardware.disk, home, &envelope.with_tries(begun))?;
        let attempt = Self { home, hardware, envelope, before, now_ms };
        match keep_unanswered(hardware.key, begun.unanswered) {
            Ok(()) => Ok(attempt),
            Err(problem) => {
                attempt.take_back();
                Err(problem.into())
            }
        }
    }

    /// Writes the verdict, in the same places, in the same order and in as many bytes whichever it is; and returns the envelope
    /// as it lies there now. Where it cannot be written, both are refused alike and the try was none.
    pub(super) fn end(self, is_right: bool) -> Result<Envelope, UnlockProblem> {
        let ended = if is_right {
            self.envelope.cleared(self.before)
        } else {
            self.envelope.with_tries(self.before.and_one_failed(self.now_ms))
        };
        self.write(&ended).inspect_err(|_| self.take_back())?;
        Ok(ended)
    }

    fn write(&self, ended: &Envelope) -> Result<(), UnlockProblem> {
        let tries = ended.tries();
        self.hardware.key.set_failures(tries.failures)?;
        keep_unanswered(self.hardware.key, tries.unanswered)?;
        file::write(self.hardware.disk, self.home, ended)
    }

    /// Takes the try back, because trouble is no verdict. What cannot be written stays, and the larger count rules: then the try
    /// stays one that nobody has answered.
    pub(super) fn take_back(&self) {
        let _ = self.hardware.key.set_failures(self.before.failures);
        let _ = keep_unanswered(self.hardware.key, self.before.unanswered);
        let _ = file::write(self.hardware.disk, self.home, &self.envelope.with_tries(self.before));
    }
}

/// Sets both counts of the hardware to nothing.
pub(super) fn clear(key: &dyn HardwareKey) -> Result<(), HardwareKeyProblem> {
    key.set_failures(0)?;
    keep_unanswered(key, 0)
}

fn keep_unanswered(key: &dyn HardwareKey, unanswered: u32) -> Result<(), HardwareKeyProblem> {
    let kept = Kept::read(key)?;
    Kept { unanswered, ..kept }.keep(key)
}
