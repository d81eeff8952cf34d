//! Where the envelope lies in a home, and how it is read and replaced.
//!
//! Knows a name and a limit; what an envelope means is not known here.

use std::path::{Path, PathBuf};

use super::{ENVELOPE_FILE, UnlockProblem};
use crate::ports::Disk;
use crate::vault::durable;
use crate::vault::envelope::{BYTES_MAX, Envelope, EnvelopeProblem};

pub(super) fn path(home: &Path) -> PathBuf {
    home.join(ENVELOPE_FILE)
}

pub(super) fn exists(home: &Path) -> Result<bool, UnlockProblem> {
    Ok(path(home).try_exists()?)
}

/// Reads the envelope; the outer error is the folder's, the inner one the file's. `None` if there is no file.
pub(super) fn read(home: &Path) -> Result<Option<Result<Envelope, EnvelopeProblem>>, UnlockProblem> {
    match durable::read(&path(home), BYTES_MAX) {
        Ok(bytes) => Ok(bytes.map(|bytes| Envelope::parse(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            Ok(Some(Err(EnvelopeProblem::Foreign)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Replaces the envelope durably.
pub(super) fn write(disk: &dyn Disk, home: &Path, envelope: &Envelope) -> Result<(), UnlockProblem> {
    Ok(durable::replace(disk, &path(home), &envelope.to_bytes()?)?)
}
