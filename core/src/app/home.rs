//! A home: the folder of one device, used by one process at a time.
//!
//! Knows file names and the lock; what is in the files is the vault's and the store's.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::contract::Problem;
use crate::ports::Disk;
use crate::vault::handover;

use crate::vault::unlock::IN_USE_FILE;
pub use crate::vault::unlock::STORE_FILE;

/// How long a second process waits for the first, in milliseconds: commands of a script follow each other closely.
const WAIT_MS_MAX: u64 = 2_000;

/// A home that this process uses, until it is dropped.
pub(super) struct Home {
    folder: PathBuf,
    _lock: File,
}

impl Home {
    /// Takes a home for this process; the folder must exist.
    pub(super) fn take(folder: &Path, disk: &dyn Disk) -> Result<Self, Problem> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(folder.join(IN_USE_FILE)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Problem::NoStore,
            std::io::ErrorKind::StorageFull => Problem::DiskFull,
            _ => Problem::FileTrouble,
        })?;
        let since = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { folder: folder.to_owned(), _lock: lock }),
                Err(TryLockError::WouldBlock) if !disk.waits() => return Err(Problem::StoreBusy),
                Err(TryLockError::WouldBlock) if since.elapsed() < Duration::from_millis(WAIT_MS_MAX) => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Err(Problem::StoreBusy),
                Err(TryLockError::Error(_)) => return Err(Problem::FileTrouble),
            }
        }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the encrypted store is.
    pub(super) fn store_path(&self) -> PathBuf {
        self.folder.join(STORE_FILE)
    }
}

/// Removes the files of a store from a home whose keys are gone.
pub(super) fn remove_store(disk: &dyn Disk, folder: &Path) {
    for name in [STORE_FILE.to_owned(), format!("{STORE_FILE}-wal"), format!("{STORE_FILE}-shm")] {
        // What is left without a key is noise; there is nobody to tell that a file would not go.
        let _ = std::fs::remove_file(folder.join(name));
    }
    let _ = handover::destroy(disk, folder);
}
