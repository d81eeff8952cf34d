//! Safeguarding concerns as rows.
//!
//! Reads what stands and whether the endpoint is known to hold it.

use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, Row, named_params};

use super::made::RawMade;
use super::notes::nobody;
use super::problem::StoreProblem;
use super::{Read, StandingValue};
use crate::contract::{CaseId, ConcernId, ConcernKind, ConcernState, Made, PersonId, RecordId, SeenRow};
use crate::domain::concern::SEEN;
use crate::domain::rules::coordinates;
use crate::domain::value::Value;

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
    pub received_at_ms: Option<i64>,
    pub owner: Option<PersonId>,
    pub due_at_ms: Option<i64>,
}

const CONCERN: &str =
    "SELECT id, vault, case_id, about, words, state, owner, due_at, made_device, made_stamp, made_ahead_ms
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

    /// Concerns that are closed, newest first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn closed_concerns(&self, limit: u32) -> Result<Vec<Concern>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{CONCERN} WHERE state = 'closed' AND struck IS NULL ORDER BY made_stamp DESC, id LIMIT :limit"
        ))?;
        let rows = statement
            .query_map(named_params! { ":limit": limit }, concern_row)?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|found| self.complete(found)).collect()
    }

    /// How many concerns are not closed, and how many are.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn concerns_counted(&self) -> Result<(u32, u32), StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT ifnull(sum(state IS NOT 'closed'), 0), ifnull(sum(state IS 'closed'), 0)
             FROM concern WHERE struck IS NULL",
        )?;
        Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Who has opened a concern, each the first time, the earliest first, with the edit that says so. Somebody is believed to
    /// have opened it by a device of their own alone.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn seen(&self, concern: ConcernId) -> Result<Vec<(SeenRow, StandingValue)>, StoreProblem> {
        let mut rows: Vec<(SeenRow, StandingValue)> = Vec::new();
        for value in self.history(RecordId::from(concern), SEEN.name)? {
            let Some((person, role)) = self.device(value.held.edit.device)? else { continue };
            let person = PersonId(person.0);
            let said = value.held.value.as_ref().and_then(Value::as_id).map(PersonId);
            if said != Some(person) || rows.iter().any(|(row, _)| row.person == person) {
                continue;
            }
            let (name, at_ms) = (self.person_name(person)?, value.believed().ms());
            rows.push((SeenRow { person, name, at_ms, acts: coordinates(role) }, value));
        }
        Ok(rows)
    }

    /// Whether everything that this device wrote in a concern has reached the endpoint, its readings left out.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn words_sent(&self, concern: ConcernId, me: DeviceId) -> Result<bool, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT NOT EXISTS (
                 SELECT 1 FROM edit JOIN chain ON chain.no = edit.no >> 40
                 WHERE edit.record = :record AND edit.field <> :seen AND chain.device = :me
                   AND edit.no > (chain.no << 40) + chain.acked_seq)",
        )?;
        let named = named_params! { ":record": concern.0, ":seen": SEEN.name, ":me": me.0 };
        Ok(statement.query_row(named, |row| row.get(0))?)
    }

    fn complete(&self, (concern, raw): (Concern, RawMade)) -> Result<Concern, StoreProblem> {
        let received_at_ms = self.held_since(RecordId::from(concern.concern))?;
        Ok(Concern { made: self.made_of(&raw)?, received_at_ms, ..concern })
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
        received_at_ms: None,
        owner: row.get::<_, Option<[u8; 16]>>(6)?.map(PersonId),
        due_at_ms: row.get(7)?,
    };
    Ok((concern, RawMade::read(row, 8)?))
}
