//! Everything that a vault holds, record by record and edit by edit, for a copy that leaves nothing out.
//!
//! Asks what there is and not what this version knows: a kind or a field of a newer app is in the lists like any other.

use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, named_params};

use super::chains::{seq_of, unsigned};
use super::problem::StoreProblem;
use super::{Read, StandingValue};
use crate::contract::RecordId;
use crate::domain::edit::EditRef;
use crate::domain::merge::Held;
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;

/// An edit as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEdit {
    /// Lasting name of its field.
    pub field: String,
    /// Whether its value stands.
    pub stands: bool,
    /// Its value as bytes, also where this version cannot read it.
    pub bytes: Vec<u8>,
    /// Its value and where it came from.
    pub value: StandingValue,
}

impl Read<'_> {
    /// Every record of a vault with its kind, in order of name.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn records_in(&self, vault_no: i64) -> Result<Vec<(RecordId, String)>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, kind FROM record WHERE vault = :vault ORDER BY id")?;
        let rows = statement.query_map(named_params! { ":vault": vault_no }, |row| {
            Ok((RecordId(row.get(0)?), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every value that a record was ever given in its vault, the oldest first. Of one field the values are left out,
    /// where it is named. Typing that has become words, and taking back, bring no value and are not among them.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn every_value(
        &self,
        record: RecordId,
        vault_no: i64,
        but_field: Option<&str>,
    ) -> Result<Vec<KeptEdit>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT edit.no, chain.device, edit.stamp, edit.ahead_ms, edit.off_ms, edit.field, edit.standing, edit.value
             FROM edit JOIN chain ON chain.no = edit.no >> 40
             WHERE edit.record = :record AND chain.vault = :vault AND edit.field IS NOT :but
               AND (edit.op NOT IN (2, 3) OR edit.no IN (SELECT edit FROM not_understood))
             ORDER BY edit.stamp - (edit.off_ms << 16), chain.device, edit.no",
        )?;
        let mut rows =
            statement.query(named_params! { ":record": record.0, ":vault": vault_no, ":but": but_field })?;
        let mut edits = Vec::new();
        while let Some(row) = rows.next()? {
            let no: i64 = row.get(0)?;
            let bytes: Vec<u8> = row.get(7)?;
            let held = Held {
                edit: EditRef { device: DeviceId(row.get(1)?), seq: seq_of(no) },
                stamp: Stamp(row.get::<_, i64>(2)?.cast_unsigned()),
                value: Value::from_bytes(&bytes),
            };
            let value = StandingValue { no, held, ahead_ms: row.get(3)?, off_ms: row.get(4)? };
            edits.push(KeptEdit { field: row.get(5)?, stands: row.get(6)?, bytes, value });
        }
        Ok(edits)
    }

    /// The first edit of a record in its vault without its value: who began it, and when.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn begun_by(&self, record: RecordId, vault_no: i64) -> Result<Option<StandingValue>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT edit.no, chain.device, edit.stamp, edit.ahead_ms, edit.off_ms
             FROM edit JOIN chain ON chain.no = edit.no >> 40
             WHERE edit.record = :record AND chain.vault = :vault
             ORDER BY edit.stamp - (edit.off_ms << 16), chain.device, edit.no LIMIT 1",
        )?;
        let first = statement.query_row(named_params! { ":record": record.0, ":vault": vault_no }, |row| {
            let no: i64 = row.get(0)?;
            let edit = EditRef { device: DeviceId(row.get(1)?), seq: seq_of(no) };
            let held = Held { edit, stamp: Stamp(row.get::<_, i64>(2)?.cast_unsigned()), value: None };
            Ok(StandingValue { no, held, ahead_ms: row.get(3)?, off_ms: row.get(4)? })
        });
        Ok(first.optional()?)
    }

    /// Texts of a record that people type into, by field, as the library that merges them keeps them.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn texts_of(&self, record: RecordId) -> Result<Vec<(String, Vec<u8>)>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT field, state FROM text_state WHERE record = :record ORDER BY field")?;
        let rows = statement
            .query_map(named_params! { ":record": record.0 }, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Edits that came in a vault and are of none of its records: they stand nowhere.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn strays_in(&self, vault_no: i64) -> Result<u64, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM edit JOIN chain ON chain.no = edit.no >> 40
             WHERE chain.vault = :vault
               AND NOT EXISTS (SELECT 1 FROM record WHERE record.id = edit.record AND record.vault = :vault)",
        )?;
        Ok(statement.query_row(named_params! { ":vault": vault_no }, |row| unsigned(row, 0))?)
    }
}
