//! How a home ends: its hardware key is destroyed, then the envelope, and a wipe that was cut off is taken up again.
//!
//! Destroys keys, not the store behind them: without its key the store is noise, and its owner deletes it.
//!
//! The mark is one byte written in place. Whoever finds it finishes the wipe; until the hardware has confirmed, the blanked
//! envelope stays as a reminder.

use std::io::ErrorKind;
use std::path::Path;

use super::{UnlockProblem, file};
use crate::ports::HardwareKey;
use crate::vault::durable;
use crate::vault::envelope::{MAGIC, WIPED};

/// Destroys a home at once, from any state and without a PIN. Needs no network, no clock and no free disk.
///
/// `Ok` means that nothing can open it any more. Succeeds where there is nothing, too.
///
/// # Errors
/// [`UnlockProblem::HardwareKey`] or [`UnlockProblem::Io`] if neither the hardware key nor the envelope could be
/// destroyed.
pub fn wipe(home: &Path, key: &dyn HardwareKey) -> Result<(), UnlockProblem> {
    let path = file::path(home);
    let marked = match durable::overwrite(&path, MAGIC.len() as u64, &[WIPED]) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        marked => marked,
    };
    let key_destroyed = key.delete();
    let file_destroyed = match key_destroyed {
        Ok(()) => durable::destroy(&path),
        // The mark stays, and what it marks is blank, until the hardware answers.
        Err(_) => marked.and_then(|()| blank_all_but_the_mark(&path)),
    };
    match (key_destroyed, file_destroyed) {
        (Ok(()), _) | (_, Ok(())) => Ok(()),
        (Err(problem), Err(_)) => Err(problem.into()),
    }
}

/// Wipes, and says so in the words of a try.
pub(super) fn now(home: &Path, key: &dyn HardwareKey) -> UnlockProblem {
    match wipe(home, key) {
        Ok(()) => UnlockProblem::Wiped,
        Err(problem) => problem,
    }
}

/// Takes up a wipe that was cut off, and insists on the hardware key.
pub(super) fn finish(home: &Path, key: &dyn HardwareKey) -> Result<(), UnlockProblem> {
    key.delete()?;
    Ok(durable::destroy(&file::path(home))?)
}

fn blank_all_but_the_mark(path: &Path) -> std::io::Result<()> {
    durable::destroy_beside(path)?;
    match durable::blank(path, (MAGIC.len() as u64).saturating_add(1)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        blanked => blanked,
    }
}
