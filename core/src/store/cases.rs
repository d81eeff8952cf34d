//! Cases and young people as rows, with the counts that lists show.
//!
//! Reads what stands; what a count means for the work is the pages' to say.

use rusqlite::{OptionalExtension, Row, named_params};

use super::Read;
use super::problem::StoreProblem;
use crate::contract::{CaseId, Cohort, PersonId, RecordId, RiskLevel, YoungPersonId};
use crate::domain::case::{self, HELD};
use crate::domain::value::Value;

/// A case with its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct CaseSummary {
    pub case: CaseId,
    pub vault_no: i64,
    pub young_person: Option<YoungPersonId>,
    pub name: String,
    pub cohort: Option<Cohort>,
    pub risk: Option<RiskLevel>,
    pub opened_on: Option<i32>,
    pub area: Option<String>,
    pub contacts_since: u32,
    pub last_contact_at_ms: Option<i64>,
    pub drafts: u32,
    pub open_concerns: u32,
}

/// A young person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct YoungPerson {
    pub young_person: YoungPersonId,
    pub vault_no: i64,
    pub name: String,
    pub born_on: Option<i32>,
    pub pronouns: Option<String>,
}

const SUMMARY: &str = "SELECT casework.id, casework.vault, casework.young_person, ifnull(young_person.name, ''),
        casework.cohort, casework.risk, casework.opened_on, casework.area,
        (SELECT count(*) FROM note WHERE note.case_id = casework.id AND note.vault = casework.vault
            AND note.began_at >= :since AND note.signed IS NOT NULL AND note.contact IS NOT 'missed'),
        (SELECT max(note.began_at) FROM note WHERE note.case_id = casework.id AND note.vault = casework.vault
            AND note.signed IS NOT NULL AND note.contact IS NOT 'missed'),
        (SELECT count(*) FROM note WHERE note.case_id = casework.id AND note.signed IS NULL AND note.struck IS NULL),
        (SELECT count(*) FROM concern WHERE concern.case_id = casework.id AND concern.state IS NOT 'closed'
            AND concern.struck IS NULL) AS open_concerns
    FROM casework LEFT JOIN young_person ON young_person.id = casework.young_person";

impl Read<'_> {
    /// One case. `since_ms` is the moment from which contacts are counted.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn case(&self, case: CaseId, since_ms: i64) -> Result<Option<CaseSummary>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!("{SUMMARY} WHERE casework.id = :id"))?;
        Ok(statement.query_row(named_params! { ":since": since_ms, ":id": case.0 }, summary).optional()?)
    }

    /// Every case that this device can read, those with open concerns first, then by name.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn caseload(&self, since_ms: i64) -> Result<Vec<CaseSummary>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{SUMMARY} WHERE casework.struck IS NULL ORDER BY open_concerns = 0, 4, casework.id"
        ))?;
        let rows = statement.query_map(named_params! { ":since": since_ms }, summary)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Cases of a young person.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn cases_of(
        &self,
        young_person: YoungPersonId,
        since_ms: i64,
    ) -> Result<Vec<CaseSummary>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{SUMMARY} WHERE casework.young_person = :id AND casework.struck IS NULL
             ORDER BY casework.made_stamp, casework.id"
        ))?;
        let rows =
            statement.query_map(named_params! { ":since": since_ms, ":id": young_person.0 }, summary)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The row of the vault that a case lives in.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn vault_of_case(&self, case: CaseId) -> Result<Option<i64>, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT vault FROM casework WHERE id = :id")?;
        Ok(statement.query_row(named_params! { ":id": case.0 }, |row| row.get(0)).optional()?)
    }

    /// Whether a legal hold stands on the case that a vault belongs to, whichever compartment it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn is_held(&self, vault_no: i64) -> Result<bool, StoreProblem> {
        let Some(case) = self.case_of_vault(vault_no)? else { return Ok(false) };
        let mut statement = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM casework WHERE id = :case AND legal_hold = :held)",
        )?;
        Ok(statement.query_row(named_params! { ":case": case.0, ":held": HELD }, |row| row.get(0))?)
    }

    /// The name of the young person of a case; empty while it has not arrived.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn name_in_case(&self, case: CaseId) -> Result<String, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT ifnull(young_person.name, '') FROM casework
             JOIN young_person ON young_person.id = casework.young_person WHERE casework.id = :id",
        )?;
        Ok(statement
            .query_row(named_params! { ":id": case.0 }, |row| row.get(0))
            .optional()?
            .unwrap_or_default())
    }

    /// One young person.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn young_person(&self, young_person: YoungPersonId) -> Result<Option<YoungPerson>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT vault, ifnull(name, ''), born_on, pronouns FROM young_person WHERE id = :id",
        )?;
        Ok(statement
            .query_row(named_params! { ":id": young_person.0 }, |row| {
                Ok(YoungPerson {
                    young_person,
                    vault_no: row.get(0)?,
                    name: row.get(1)?,
                    born_on: row.get(2)?,
                    pronouns: row.get(3)?,
                })
            })
            .optional()?)
    }

    /// Mentors on a case.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn mentors_of(&self, case: CaseId) -> Result<Vec<PersonId>, StoreProblem> {
        let mut mentors: Vec<PersonId> = self
            .standing(RecordId::from(case), case::MENTORS.name)?
            .into_iter()
            .filter_map(|value| value.held.value.as_ref().and_then(Value::as_id).map(PersonId))
            .collect();
        mentors.sort();
        mentors.dedup();
        Ok(mentors)
    }

    /// Who worked on a case once and does not any more, by their names as persons.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn mentors_before(&self, case: CaseId) -> Result<Vec<PersonId>, StoreProblem> {
        let now = self.mentors_of(case)?;
        let ever = self.history(RecordId::from(case), case::MENTORS.name)?;
        let ever = ever.into_iter().filter_map(|value| value.held.value.as_ref().and_then(Value::as_id));
        let mut before: Vec<PersonId> = ever.map(PersonId).filter(|person| !now.contains(person)).collect();
        before.sort();
        before.dedup();
        Ok(before)
    }
}

fn summary(row: &Row<'_>) -> rusqlite::Result<CaseSummary> {
    let choice = |column: usize| row.get::<_, Option<String>>(column);
    Ok(CaseSummary {
        case: CaseId(row.get(0)?),
        vault_no: row.get(1)?,
        young_person: row.get::<_, Option<[u8; 16]>>(2)?.map(YoungPersonId),
        name: row.get(3)?,
        cohort: choice(4)?.as_deref().and_then(Cohort::from_name),
        // A level that only a newer app knows is shown as the gravest that this one knows.
        risk: choice(5)?.map(|name| RiskLevel::from_name(&name).unwrap_or(RiskLevel::VeryHigh)),
        opened_on: row.get(6)?,
        area: row.get(7)?,
        contacts_since: row.get(8)?,
        last_contact_at_ms: row.get(9)?,
        drafts: row.get(10)?,
        open_concerns: row.get(11)?,
    })
}
