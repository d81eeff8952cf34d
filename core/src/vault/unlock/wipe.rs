//! How a home ends: its hardware key is destroyed, then the envelope, and a wipe that was cut off is taken up again.
//!
//! Destroys keys, not the store behind them: without its key the store is noise, and its owner deletes it.
//!
//! The mark is one byte written in place. Whoever finds it finishes the wipe; until the hardware has confirmed, the blanked
//! envelope stays as a reminder.

use std::io;
use std::path::Path;

use super::{UnlockProblem, file};
use crate::ports::{HardwareKey, HardwareKeyProblem};
use crate::vault::durable;
use crate::vault::envelope::{MAGIC, WIPED};

/// Destroys a home at once, from any state and without a PIN. Needs no network, no clock and no free disk.
///
/// `Ok` means that no copy of its files opens any more, whoever knows the PIN. Succeeds where there is no home, too.
///
/// # Errors
/// [`UnlockProblem::HardwareKey`] if the hardware key could not be destroyed. The envelope here is then blank unless the
/// folder failed as well, an older copy of it is not, and every later try goes on with the wipe.
pub fn wipe(home: &Path, key: &dyn HardwareKey) -> Result<(), UnlockProblem> {
    Ok(destroy(home, key).0?)
}

/// Wipes, and says so in the words of a try.
///
/// One of key and envelope destroyed is enough to call it that: at the limit of its own count the hardware key serves no
/// older copy either.
pub(super) fn now(home: &Path, key: &dyn HardwareKey) -> UnlockProblem {
    match destroy(home, key) {
        (Err(problem), Err(_)) => problem.into(),
        _ => UnlockProblem::Wiped,
    }
}

/// Destroys the key and the envelope, each whatever becomes of the other.
fn destroy(home: &Path, key: &dyn HardwareKey) -> (Result<(), HardwareKeyProblem>, io::Result<()>) {
    let path = file::path(home);
    let marked = durable::overwrite(&path, MAGIC.len() as u64, &[WIPED]);
    let key_destroyed = key.delete();
    let file_destroyed = match key_destroyed {
        Ok(()) => durable::destroy(&path),
        // The mark stays, and what it marks is blank, until the hardware answers.
        Err(_) => marked
            .and_then(|()| durable::blank(&path, (MAGIC.len() as u64).saturating_add(1)))
            .and_then(|()| durable::destroy_beside(&path)),
    };
    (key_destroyed, file_destroyed)
}

/// Takes up a wipe that was cut off, and insists on the hardware key.
pub(super) fn finish(home: &Path, key: &dyn HardwareKey) -> Result<(), UnlockProblem> {
    key.delete()?;
    Ok(durable::destroy(&file::path(home))?)
}
