//! Files that this device has handed on, and since when.
//!
//! What the log says of it is decided elsewhere; here is only how it is remembered and found.

use rusqlite::named_params;

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::CaseId;
use crate::domain::case;

impl Read<'_> {
    /// Since when this device departs from a vault, in milliseconds since 1970; `None` if it does not.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn departs_since(&self, vault_no: i64) -> Result<Option<i64>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT departs_since_ms FROM vault WHERE no = :vault")?;
        Ok(statement.query_row(named_params! { ":vault": vault_no }, |row| row.get(0))?)
    }

    /// The cases from whose files this device departs, the latest first, and since when.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn departing_cases(&self) -> Result<Vec<(CaseId, i64)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT record.id, vault.departs_since_ms FROM vault JOIN record ON record.vault = vault.no
             WHERE vault.departs_since_ms IS NOT NULL AND record.kind = :kind
             ORDER BY vault.departs_since_ms DESC, record.id",
        )?;
        let named = named_params! { ":kind": case::KIND.name };
        let rows = statement.query_map(named, |row| Ok((CaseId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Remembers whether this device has said its last word in a vault.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_has_left(&self, vault_no: i64, has_left: bool) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE vault SET has_left = :left WHERE no = :vault AND has_left <> :left")?
            .execute(named_params! { ":left": has_left, ":vault": vault_no })?;
        Ok(())
    }

    /// Remembers since when this device departs from a vault, or that it does not.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_departs_since(&self, vault_no: i64, since_ms: Option<i64>) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE vault SET departs_since_ms = :since WHERE no = :vault")?
            .execute(named_params! { ":since": since_ms, ":vault": vault_no })?;
        Ok(())
    }
}
