//! When phones lock by themselves, as the organisation has it.
//!
//! A row only; what a shell does with it is the shell's.

use rusqlite::OptionalExtension;

use super::Read;
use super::problem::StoreProblem;
use crate::contract::AutoLock;
use crate::domain::auto_lock;

impl Read<'_> {
    /// When phones lock by themselves, within bounds.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn auto_lock(&self) -> Result<AutoLock, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT lock_background_s, lock_untouched_s FROM organisation ORDER BY no LIMIT 1",
        )?;
        let row = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (background_s, untouched_s): (Option<i64>, Option<i64>) = row.unwrap_or_default();
        let seconds = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        Ok(auto_lock::within(background_s.map(seconds), untouched_s.map(seconds)))
    }
}
