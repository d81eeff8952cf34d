//! One try at a time: two processes at one home take turns at its lock.
//!
//! Holds an advisory lock on a file of its own. Knows nothing of what is done in a turn.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Name of that file in a home; it is empty.
pub(super) const TURN_FILE: &str = "envelope.turn";

/// Somebody's turn at the lock of a home; it ends when dropped, also by a crash.
pub(super) struct Turn {
    _file: File,
}

impl Turn {
    /// Takes the turn, or `None` while somebody else has it: tries in parallel would each be counted as the first.
    ///
    /// # Errors
    /// Whatever the system reports.
    pub(super) fn take(home: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(home.join(TURN_FILE))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // Where the system knows no file locks, an app is a single process anyway.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                Ok(Some(Self { _file: file }))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_taken_by_one_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let turn = Turn::take(home.path()).unwrap();
        assert!(turn.is_some());
        assert!(Turn::take(home.path()).unwrap().is_none());
        drop(turn);
        assert!(Turn::take(home.path()).unwrap().is_some());
    }
}
