//! How long this device has been without a word from the endpoint, and what the organisation says of that.
//!
//! Rows only; what follows from them is decided where a home is opened and where commands are run.

use rusqlite::OptionalExtension;

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::domain::lease::Lease;

const LEASE: &str = "lease";

impl Read<'_> {
    /// What has passed without contact; `None` before the first opening.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn lease(&self) -> Result<Option<Lease>, StoreProblem> {
        let bytes = self.meta(LEASE)?;
        bytes.map(|bytes| postcard::from_bytes(&bytes).map_err(|_| StoreProblem::Damaged(LEASE))).transpose()
    }

    /// Whether the organisation has devices erased that have been without contact for too long; not unless it says so.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn lease_erases(&self) -> Result<bool, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT ifnull(lease_erases, 0) <> 0 FROM organisation ORDER BY no LIMIT 1")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or(false))
    }
}

impl Write<'_> {
    /// Remembers what has passed without contact.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_lease(&self, lease: &Lease) -> Result<(), StoreProblem> {
        self.set_meta_of(LEASE, lease)
    }
}
