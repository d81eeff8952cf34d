//! Rows that pages read: the shown value of each field in a column of its own.
//!
//! Follows the domain's tables of kinds and fields; no kind is known by name here. Every row can be made again from the
//! edits.

use rusqlite::named_params;
use rusqlite::types::Value as Column;

use super::Write;
use super::problem::StoreProblem;
use super::times::believed;
use crate::contract::RecordId;
use crate::domain::edit::Edit;
use crate::domain::field::{Field, RecordKind, STRUCK};
use crate::domain::merge::{self, Held};
use crate::domain::value::Value;
use fieldfare_protocol::id::DeviceId;

impl Write<'_> {
    /// Makes the row of a record if this is the first that is heard of it. A stamp that is off by `off_ms` stands in the
    /// row as what it is believed to be, so that lists are in an order that makes sense.
    pub(super) fn make_row(
        &self,
        kind: &RecordKind,
        vault_no: i64,
        device: DeviceId,
        edit: &Edit,
        off_ms: i64,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(&format!(
            "INSERT OR IGNORE INTO {} (id, vault, made_device, made_stamp, made_ahead_ms)
             VALUES (:id, :vault, :device, :stamp, :ahead_ms)",
            kind.name
        ))?;
        statement.execute(named_params! {
            ":id": edit.record.0,
            ":vault": vault_no,
            ":device": device.0,
            ":stamp": believed(edit.stamp, off_ms).0.cast_signed(),
            ":ahead_ms": if off_ms == 0 { edit.clock_ahead_ms } else { off_ms },
        })?;
        Ok(())
    }

    /// Shows in a field's column what its standing values settle to, and remembers whether somebody has to decide.
    pub(super) fn show(
        &self,
        kind: &RecordKind,
        field: &Field,
        record: RecordId,
    ) -> Result<(), StoreProblem> {
        let held: Vec<Held> =
            self.read().standing(record, field.name)?.into_iter().map(|value| value.held).collect();
        let edited_meanwhile = field.name == STRUCK.name && self.read().edited_meanwhile(record)?.is_some();
        let remember = if held.len() > 1 || edited_meanwhile {
            "INSERT OR IGNORE INTO undecided (record, field, vault)
             SELECT :record, :field, vault FROM record WHERE id = :record"
        } else {
            "DELETE FROM undecided WHERE record = :record AND field = :field"
        };
        self.transaction
            .prepare_cached(remember)?
            .execute(named_params! { ":record": record.0, ":field": field.name })?;
        let value = merge::shown(&field.kind, &held).and_then(|one| one.value.as_ref());
        self.set_column(kind, field, record, column(field, value))
    }

    /// Puts a text's words into its column.
    pub(super) fn show_words(
        &self,
        kind: &RecordKind,
        field: &Field,
        record: RecordId,
        words: String,
    ) -> Result<(), StoreProblem> {
        self.set_column(kind, field, record, Column::Text(words))
    }

    fn set_column(
        &self,
        kind: &RecordKind,
        field: &Field,
        record: RecordId,
        value: Column,
    ) -> Result<(), StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached(&format!("UPDATE {} SET {} = :value WHERE id = :id", kind.name, field.name))?;
        statement.execute(named_params! { ":value": value, ":id": record.0 })?;
        Ok(())
    }
}

/// A value as its column holds it; what does not have the field's shape shows as nothing.
fn column(field: &Field, value: Option<&Value>) -> Column {
    match value.filter(|value| field.shows(value)) {
        None | Some(Value::Nothing) => Column::Null,
        Some(Value::Text(text)) => Column::Text(text.clone()),
        Some(Value::Whole(number) | Value::Instant(number)) => Column::Integer(*number),
        Some(Value::Truth(truth)) => Column::Integer(i64::from(*truth)),
        Some(Value::Day(day)) => Column::Integer(i64::from(*day)),
        Some(Value::Id(id)) => Column::Blob(id.to_vec()),
        Some(Value::Bytes(bytes)) => Column::Blob(bytes.clone()),
        Some(list @ Value::List(_)) => Column::Blob(list.to_bytes()),
    }
}
