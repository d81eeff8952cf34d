//! How a home begins: a hardware key of its own, a root key, and the envelope that binds both to a PIN.
//!
//! Runs once in the life of a home, and never on the way to opening one.

use std::path::Path;

use super::{Folder, UNFINISHED_FILE, UnlockProblem, file, wipe};
use crate::ports::Entropy;
use crate::vault::durable;
use crate::vault::envelope::{Envelope, EnvelopeProblem};
use crate::vault::hardware::Hardware;
use crate::vault::kept::Kept;
use crate::vault::lock_rules::LockRules;
use crate::vault::pin::Pin;
use crate::vault::root_key::RootKey;
use crate::vault::turn::Turn;

/// Founds a home in a folder, which is made if there is none, and returns its root key. The home is marked as unfinished;
/// whoever has filled its store takes [`UNFINISHED_FILE`] away.
///
/// Touches no folder that holds anything, but what our own erasure left, or a founding that was cut off before its envelope.
///
/// A hardware key that is left from an earlier home is replaced. Otherwise somebody could found a new home to turn back
/// the hardware's count and then put the old envelope in its place.
///
/// # Errors
/// [`UnlockProblem::AlreadyFounded`] if any envelope lies here, readable or not, [`UnlockProblem::WithoutLock`] or
/// [`UnlockProblem::NotEmpty`] if something else does; [`UnlockProblem::HardwareKey`], [`UnlockProblem::NoEntropy`],
/// [`UnlockProblem::NoMemory`], [`UnlockProblem::Busy`] or [`UnlockProblem::Io`] before one lies here.
pub fn found(
    home: &Path,
    pin: &Pin,
    rules: LockRules,
    entropy: &dyn Entropy,
    hardware: Hardware<'_>,
) -> Result<RootKey, UnlockProblem> {
    is_free(home)?;
    let mut folder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(home)?;
    let _turn = Turn::take(home)?.ok_or(UnlockProblem::Busy)?;
    // Once more, now that nobody else can begin anything here.
    is_free(home)?;
    if let Some(Err(EnvelopeProblem::Wiped)) = file::read(home)? {
        wipe::finish(home, hardware)?;
    }
    // The mark first of all: what is found beside it, and no envelope, was made for a home that never was.
    mark(home, hardware)?;
    hardware.key.delete()?;
    hardware.key.create()?;
    hardware.key.set_failures(0)?;
    let (envelope, root) = Envelope::found(pin, rules, entropy, hardware)?;
    Kept { generation: envelope.generation(), ..Kept::default() }.keep(hardware.key)?;
    file::write(hardware.disk, home, &envelope)?;
    Ok(root)
}

fn is_free(home: &Path) -> Result<(), UnlockProblem> {
    match Folder::look_at(home)? {
        Folder::Free => Ok(()),
        Folder::Unfinished | Folder::Home => Err(UnlockProblem::AlreadyFounded),
        Folder::WithoutLock => Err(UnlockProblem::WithoutLock),
        Folder::Foreign => Err(UnlockProblem::NotEmpty),
    }
}

fn mark(home: &Path, hardware: Hardware<'_>) -> Result<(), UnlockProblem> {
    match durable::create(hardware.disk, &home.join(UNFINISHED_FILE), &[]) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        made => Ok(made?),
    }
}
