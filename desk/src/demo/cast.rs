//! Who plays: an administrator's desk, two mentors' phones, a supervisor's desk, and the endpoint between them.
//!
//! All in one temporary folder that is gone when the story ends.

use std::path::{Path, PathBuf};

use fieldfare_core::app::Fieldfare;
use tempfile::TempDir;

use super::parts::EndpointProcess;

/// Everybody, and where they keep their things.
pub(super) struct Cast {
    /// Dropped first, so that nobody talks to a folder that is gone.
    pub(super) endpoint: EndpointProcess,
    pub(super) administrator: Fieldfare,
    pub(super) mo: Fieldfare,
    pub(super) ash: Fieldfare,
    pub(super) supervisor: Fieldfare,
    pub(super) folder: TempDir,
}

impl Cast {
    /// Where somebody keeps their things.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        home(self.folder.path(), name)
    }
}

/// A folder of the story.
pub(super) fn home(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}
