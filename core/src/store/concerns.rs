//! Safeguarding concerns as rows.
//!
//! Reads what stands and whether the endpoint is known to hold it.

use rusqlite::{OptionalExtension, Row, named_params};

use super::Read;
use super::made::RawMade;
use super::notes::nobody;
use super::problem::StoreProblem;
use crate::contract::{CaseId, ConcernId, ConcernKind, ConcernState, Made, RecordId};

/// A concern.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct Concern {
    pub concern: ConcernId,
    pub vault_no: i64,
    pub case: Option<CaseId>,
    pub about: Option<ConcernKind>,
    pub words: String,
    pub state: Option<ConcernState>,
    pub made: Made,
    pub delivered_at_ms: Option<i64>,
}

const CONCERN: &str = "SELECT id, vault, case_id, about, words, state, made_device, made_stamp, made_ahead_ms
    FROM concern";

impl Read<'_> {
    /// One concern.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn concern(&self, concern: ConcernId) -> Result<Option<Concern>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!("{CONCERN} WHERE id = :id"))?;
        let found = statement.query_row(named_params! { ":id": concern.0 }, concern_row).optional()?;
        found.map(|found| self.complete(found)).transpose()
    }

    /// Concerns of a case, those not closed first, then the newest, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn concerns_of(&self, case: CaseId, limit: u32) -> Result<Vec<Concern>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{CONCERN} WHERE case_id = :case AND struck IS NULL
             ORDER BY state IS 'closed', made_stamp DESC, id LIMIT :limit"
        ))?;
        let rows = statement
            .query_map(named_params! { ":case": case.0, ":limit": limit }, concern_row)?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|found| self.complete(found)).collect()
    }

    /// Concerns that are not closed, newest first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn open_concerns(&self, limit: u32) -> Result<Vec<Concern>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{CONCERN} WHERE state IS NOT 'closed' AND struck IS NULL
             ORDER BY made_stamp DESC, id LIMIT :limit"
        ))?;
        let rows = statement
            .query_map(named_params! { ":limit": limit }, concern_row)?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|found| self.complete(found)).collect()
    }

    fn complete(&self, (concern, raw): (Concern, RawMade)) -> Result<Concern, StoreProblem> {
        let delivered_at_ms = self.held_since(RecordId::from(concern.concern))?;
        Ok(Concern { made: self.made_of(&raw)?, delivered_at_ms, ..concern })
    }
}

fn concern_row(row: &Row<'_>) -> rusqlite::Result<(Concern, RawMade)> {
    let choice = |column: usize| row.get::<_, Option<String>>(column);
    let concern = Concern {
        concern: ConcernId(row.get(0)?),
        vault_no: row.get(1)?,
        case: row.get::<_, Option<[u8; 16]>>(2)?.map(CaseId),
        about: choice(3)?.as_deref().and_then(ConcernKind::from_name),
        words: choice(4)?.unwrap_or_default(),
        state: choice(5)?.as_deref().and_then(ConcernState::from_name),
        made: nobody(),
        delivered_at_ms: None,
    };
    Ok((concern, RawMade::read(row, 6)?))
}
