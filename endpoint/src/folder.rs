//! The data folder and its lock: one endpoint at a time works on it.
//!
//! Knows which files there are, not what they hold.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::problem::StartProblem;

/// A data folder that no other endpoint works on while this value lives.
#[derive(Debug)]
pub(crate) struct Folder {
    database: PathBuf,
    // Held, never read: closing the file is what frees the folder, also after a kill.
    _lock: File,
}

impl Folder {
    /// Makes the folder if there is none, readable by its owner only, and takes it.
    pub(crate) fn hold(path: &Path) -> Result<Self, StartProblem> {
        let unusable = |error: std::io::Error| StartProblem::Folder(error.kind());
        if !path.is_dir() {
            private(DirBuilder::new().recursive(true)).create(path).map_err(unusable)?;
        }
        let lock = open(&path.join("endpoint.lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StartProblem::InUse),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let database = path.join("endpoint.db");
        // Made here and empty, so that SQLite's own files take over its permissions.
        open(&database).map_err(unusable)?;
        Ok(Self { database, _lock: lock })
    }

    /// Where the database is.
    pub(crate) fn database(&self) -> &Path {
        &self.database
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn private(builder: &mut DirBuilder) -> &mut DirBuilder {
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(builder, 0o700);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_and_free_once_dropped() {
        let place = tempfile::tempdir().unwrap();
        let held = Folder::hold(place.path()).unwrap();
        assert!(matches!(Folder::hold(place.path()), Err(StartProblem::InUse)));
        drop(held);
        assert!(Folder::hold(place.path()).is_ok());
    }

    #[test]
    fn a_file_in_the_way_is_a_clear_problem() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("taken");
        std::fs::write(&file, b"").unwrap();
        assert!(matches!(Folder::hold(&file), Err(StartProblem::Folder(_))));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let place = tempfile::tempdir().unwrap();
        let folder = Folder::hold(&place.path().join("new")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o077;
        assert_eq!((mode(folder.database().parent().unwrap()), mode(folder.database())), (0, 0));
    }
}
