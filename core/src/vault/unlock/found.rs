//! How a home begins: a hardware key of its own, a root key, and the envelope that binds both to a PIN.
//!
//! Runs once in the life of a home, and never on the way to opening one.

use std::path::Path;

use super::{UNFINISHED_FILE, UnlockProblem, file, wipe};
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
/// A hardware key that is left from an earlier home is replaced. Otherwise somebody could found a new home to turn back
/// the hardware's count and then put the old envelope in its place.
///
/// # Errors
/// [`UnlockProblem::AlreadyFounded`] if any envelope lies here, readable or not; [`UnlockProblem::HardwareKey`],
/// [`UnlockProblem::NoEntropy`], [`UnlockProblem::NoMemory`], [`UnlockProblem::Busy`] or [`UnlockProblem::Io`] before one
/// does.
pub fn found(
    home: &Path,
    pin: &Pin,
    rules: LockRules,
    entropy: &dyn Entropy,
    hardware: Hardware<'_>,
) -> Result<RootKey, UnlockProblem> {
    let mut folder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(home)?;
    let _turn = Turn::take(home)?.ok_or(UnlockProblem::Busy)?;
    match file::read(home)? {
        None => {}
        Some(Err(EnvelopeProblem::Wiped)) => wipe::finish(home, hardware)?,
        Some(_) => return Err(UnlockProblem::AlreadyFounded),
    }
    hardware.key.delete()?;
    hardware.key.create()?;
    hardware.key.set_failures(0)?;
    let (envelope, root) = Envelope::found(pin, rules, entropy, hardware)?;
    Kept { generation: envelope.generation(), ..Kept::default() }.keep(hardware.key)?;
    // First, so that power failing in between leaves no lock with nothing behind it, which nobody could begin again.
    durable::replace(hardware.disk, &home.join(UNFINISHED_FILE), &[])?;
    file::write(hardware.disk, home, &envelope)?;
    Ok(root)
}
