//! How a home ends: its hardware key is destroyed, then the envelope, and a wipe that was cut off is taken up again.
//!
//! Destroys keys first, then removes the files behind them by name; what is in those is not known here.
//!
//! The mark is one byte written in place. Whoever finds it finishes the wipe; until the hardware has confirmed and the files
//! are gone, the blanked envelope stays as a reminder.

use std::io;
use std::path::Path;

use super::forgotten::ASKED_FILE;
use super::{RESERVE_FILE, STORE_FILE, UNFINISHED_FILE, UnlockProblem, file};
use crate::ports::{Disk, HardwareKeyProblem};
use crate::vault::durable;
use crate::vault::envelope::{MAGIC, WIPED};
use crate::vault::handover::{BOX_FILE, TICKET_FILE};
use crate::vault::hardware::Hardware;

/// What lies in a home besides the envelope and is noise without it, or says that a home is there.
/// The mark of an unfinished home goes last of them: where no envelope was made yet, it alone says that this was ours.
const BEHIND: [&str; 8] = [
    STORE_FILE,
    "store.db-wal",
    "store.db-shm",
    ASKED_FILE,
    TICKET_FILE,
    BOX_FILE,
    RESERVE_FILE,
    UNFINISHED_FILE,
];

/// Destroys a home at once, from any state and without a PIN. Needs no network, no clock and no free disk.
///
/// `Ok` means that no copy of its files opens any more, whoever knows the PIN. Succeeds where there is no home, too.
///
/// # Errors
/// [`UnlockProblem::HardwareKey`] if the hardware key could not be destroyed. The envelope here is then blank unless the
/// folder failed as well, an older copy of it is not, and every later try goes on with the wipe.
pub fn wipe(home: &Path, hardware: Hardware<'_>) -> Result<(), UnlockProblem> {
    Ok(destroy(home, hardware).0?)
}

/// Wipes, and says so in the words of a try.
///
/// One of key and envelope destroyed is enough to call it that: at the limit of its own count the hardware key serves no
/// older copy either.
pub(super) fn now(home: &Path, hardware: Hardware<'_>) -> UnlockProblem {
    match destroy(home, hardware) {
        (Err(problem), Err(_)) => problem.into(),
        _ => UnlockProblem::Wiped,
    }
}

/// Destroys the key, then the files; where either fails, the envelope all the same.
fn destroy(home: &Path, hardware: Hardware<'_>) -> (Result<(), HardwareKeyProblem>, io::Result<()>) {
    let (disk, path) = (hardware.disk, file::path(home));
    let marked = durable::overwrite(disk, &path, MAGIC.len() as u64, &[WIPED]);
    let key_destroyed = hardware.key.delete();
    let files_destroyed = match key_destroyed {
        Ok(()) => remove_behind(disk, home).and_then(|()| remove_marked(disk, &path)),
        Err(_) => Err(io::ErrorKind::Interrupted.into()),
    };
    if files_destroyed.is_ok() {
        return (key_destroyed, files_destroyed);
    }
    // The mark stays, and what it marks is blank, until the hardware answers and the folder can be written.
    let blanked =
        marked.and_then(|()| blank_marked(disk, &path)).and_then(|()| durable::destroy_beside(disk, &path));
    (key_destroyed, blanked)
}

/// Blanks everything behind the mark: with the mark itself gone, nobody would finish what is left.
fn blank_marked(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    durable::blank(disk, path, (MAGIC.len() as u64).saturating_add(1))
}

/// Removes the envelope last of all.
fn remove_marked(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    // One that cannot be blanked, or is not there, is removed all the same.
    let _ = blank_marked(disk, path);
    durable::destroy_beside(disk, path)?;
    durable::remove(disk, path)
}

/// Removes what lies behind the envelope, and what a crash left beside it, each file whatever becomes of the others.
fn remove_behind(disk: &dyn Disk, home: &Path) -> io::Result<()> {
    let remove = |name: &&str| {
        let path = home.join(name);
        let beside = durable::destroy_beside(disk, &path);
        durable::remove(disk, &path).and(beside)
    };
    BEHIND.iter().map(remove).fold(Ok(()), io::Result::and)
}

/// Takes up a wipe that was cut off, and insists on the hardware key.
pub(super) fn finish(home: &Path, hardware: Hardware<'_>) -> Result<(), UnlockProblem> {
    hardware.key.delete()?;
    remove_behind(hardware.disk, home)?;
    Ok(remove_marked(hardware.disk, &file::path(home))?)
}
