//! What is known already: which mutants were noticed and which killers hold, on exactly these sources.
//!
//! Only what held is kept. A failure is tried again each time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::copy::digest_of;

/// States of the sources whose results are kept, the latest ones.
const STATES_MAX: usize = 5;

/// Results on one state of the sources.
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// Of the sources with this digest, below a folder.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn of(folder: &Path, sources: &str) -> io::Result<Self> {
        let mine = folder.join(sources);
        fs::create_dir_all(&mine)?;
        let mut states: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            states.push((entry.metadata()?.modified()?, entry.path()));
        }
        states.sort();
        let others = states.iter().rev().map(|(_, path)| path).filter(|path| **path != mine);
        for old in others.skip(STATES_MAX - 1) {
            fs::remove_dir_all(old)?;
        }
        Ok(Self { folder: mine })
    }

    fn path(&self, about: &str) -> PathBuf {
        self.folder.join(digest_of(about))
    }

    /// What was kept about something.
    #[must_use]
    pub fn known(&self, about: &str) -> Option<String> {
        fs::read_to_string(self.path(about)).ok()
    }

    /// Keeps a result.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, about: &str, result: &str) -> io::Result<()> {
        // Whole or not at all: a run may be stopped at any moment.
        let half = self.folder.join("half-written");
        fs::write(&half, result)?;
        fs::rename(half, self.path(about))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_those_of_their_sources_alone() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::of(folder.path(), "one").unwrap();
        kept.keep("mutant a", "by b").unwrap();
        assert_eq!(Kept::of(folder.path(), "one").unwrap().known("mutant a").as_deref(), Some("by b"));
        assert_eq!(Kept::of(folder.path(), "two").unwrap().known("mutant a"), None);
        for other in 0..STATES_MAX {
            Kept::of(folder.path(), &other.to_string()).unwrap();
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), STATES_MAX);
        assert!(folder.path().join((STATES_MAX - 1).to_string()).exists());
    }
}
