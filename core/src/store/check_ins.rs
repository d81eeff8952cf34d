//! Wellbeing check-ins and scale packs as rows.
//!
//! Answers are read as they were given; what they score is the domain's to say.

use rusqlite::{OptionalExtension, named_params};

use super::Read;
use super::made::RawMade;
use super::notes::nobody;
use super::problem::StoreProblem;
use crate::contract::{CaseId, CheckInId, Made, Manner, ScalePackId};
use crate::domain::value::Value;

/// A check-in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct CheckIn {
    pub check_in: CheckInId,
    pub answers: Vec<Option<u8>>,
    pub taken_on: Option<i32>,
    pub manner: Option<Manner>,
    pub made: Made,
}

/// A scale pack in use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct StoredPack {
    pub pack: ScalePackId,
    pub json: String,
    pub digest: String,
}

impl Read<'_> {
    /// Check-ins of a case on one scale, oldest first; those taken back are left out.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn check_ins_of(&self, case: CaseId, scale: &str) -> Result<Vec<CheckIn>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, answers, taken_on, manner, made_device, made_stamp, made_ahead_ms
             FROM check_in WHERE case_id = :case AND scale = :scale AND struck IS NULL
             ORDER BY taken_on, made_stamp, id",
        )?;
        let rows = statement
            .query_map(named_params! { ":case": case.0, ":scale": scale }, |row| {
                let check_in = CheckIn {
                    check_in: CheckInId(row.get(0)?),
                    answers: answers_of(row.get::<_, Option<Vec<u8>>>(1)?.as_deref()),
                    taken_on: row.get(2)?,
                    manner: row.get::<_, Option<String>>(3)?.as_deref().and_then(Manner::from_name),
                    made: nobody(),
                };
                Ok((check_in, RawMade::read(row, 4)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|(one, raw)| Ok(CheckIn { made: self.made_of(&raw)?, ..one })).collect()
    }

    /// The newest pack of a scale that was not taken back.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn pack_of(&self, scale: &str) -> Result<Option<StoredPack>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, pack, ifnull(digest, '') FROM scale_pack
             WHERE scale = :scale AND struck IS NULL AND pack IS NOT NULL ORDER BY made_stamp DESC, id LIMIT 1",
        )?;
        Ok(statement
            .query_row(named_params! { ":scale": scale }, |row| {
                Ok(StoredPack { pack: ScalePackId(row.get(0)?), json: row.get(1)?, digest: row.get(2)? })
            })
            .optional()?)
    }
}

/// Answers as they were given; a place that is no small number counts as skipped.
fn answers_of(bytes: Option<&[u8]>) -> Vec<Option<u8>> {
    match bytes.and_then(Value::from_bytes) {
        Some(Value::List(values)) => values
            .iter()
            .map(|value| match value {
                Value::Whole(number) => u8::try_from(*number).ok(),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
