//! Case notes as rows.
//!
//! Reads what stands; tags, addenda and kept values are read from the edits beside it.

use rusqlite::{OptionalExtension, Row, named_params};

use super::Read;
use super::compartments::OF_CASE;
use super::made::RawMade;
use super::problem::StoreProblem;
use crate::contract::{CaseId, ContactKind, Kept, Made, NoteId, NoteRow, Place};
use crate::domain::stamp::DOUBTFUL_MS_MAX;

/// A case note.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct Note {
    pub note: NoteId,
    pub vault_no: i64,
    pub case: Option<CaseId>,
    pub struck: Option<String>,
    pub began_at_ms: Option<i64>,
    pub place: Option<Place>,
    pub contact: Option<ContactKind>,
    pub planned: Option<bool>,
    pub minutes: Option<u32>,
    pub agreed: String,
    pub body: String,
    pub signed: Option<String>,
    pub made: Made,
}

/// Characters of a note that a list shows.
const EXCERPT_CHARS: i64 = 90;

impl Read<'_> {
    /// One note.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn note(&self, note: NoteId) -> Result<Option<Note>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT vault, case_id, struck, began_at, place, contact, planned, minutes, agreed, body, signed,
                    made_device, made_stamp, made_ahead_ms
             FROM note WHERE id = :id",
        )?;
        let found = statement
            .query_row(named_params! { ":id": note.0 }, |row| {
                let choice = |column: usize| row.get::<_, Option<String>>(column);
                Ok((
                    Note {
                        note,
                        vault_no: row.get(0)?,
                        case: row.get::<_, Option<[u8; 16]>>(1)?.map(CaseId),
                        struck: row.get(2)?,
                        began_at_ms: row.get(3)?,
                        place: choice(4)?.as_deref().and_then(Place::from_name),
                        contact: choice(5)?.as_deref().and_then(ContactKind::from_name),
                        planned: row.get(6)?,
                        minutes: row.get::<_, Option<i64>>(7)?.and_then(|minutes| minutes.try_into().ok()),
                        agreed: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
                        body: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
                        signed: row.get(10)?,
                        made: nobody(),
                    },
                    RawMade::read(row, 11)?,
                ))
            })
            .optional()?;
        found.map(|(note, raw)| Ok(Note { made: self.made_of(&raw)?, ..note })).transpose()
    }

    /// Notes of a case, newest first, those before a moment only if one is given, each with the row of its
    /// vault.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn notes_of(
        &self,
        case: CaseId,
        before_ms: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(NoteRow, i64)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT id, began_at, substr(coalesce(signed, body, ''), 1, :excerpt), signed IS NOT NULL,
                    struck IS NOT NULL, made_device, made_stamp, made_ahead_ms, vault
             FROM note WHERE case_id = :case AND {OF_CASE} AND (:before IS NULL OR began_at < :before)
             ORDER BY CASE WHEN made_ahead_ms > :doubtful THEN min(began_at, made_stamp >> 16) ELSE began_at END DESC,
                      made_stamp DESC, id LIMIT :limit",
        ))?;
        let named = named_params! {
            ":excerpt": EXCERPT_CHARS, ":case": case.0, ":before": before_ms, ":limit": limit,
            ":doubtful": DOUBTFUL_MS_MAX,
        };
        let rows = statement.query_map(named, line)?.collect::<Result<Vec<_>, _>>()?;
        self.lines(rows)
    }

    /// Notes begun and not signed, oldest first, at most `limit`, each with the row of its vault.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn drafts(&self, limit: u32) -> Result<Vec<(NoteRow, i64)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, began_at, substr(ifnull(body, ''), 1, :excerpt), 0, 0,
                    made_device, made_stamp, made_ahead_ms, vault
             FROM note WHERE signed IS NULL AND struck IS NULL ORDER BY made_stamp, id LIMIT :limit",
        )?;
        let named = named_params! { ":excerpt": EXCERPT_CHARS, ":limit": limit };
        let rows = statement.query_map(named, line)?.collect::<Result<Vec<_>, _>>()?;
        self.lines(rows)
    }

    fn lines(&self, rows: Vec<(NoteRow, RawMade, i64)>) -> Result<Vec<(NoteRow, i64)>, StoreProblem> {
        let lines = rows.into_iter();
        lines
            .map(|(line, raw, vault_no)| Ok((NoteRow { made: self.made_of(&raw)?, ..line }, vault_no)))
            .collect()
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<(NoteRow, RawMade, i64)> {
    let line = NoteRow {
        note: NoteId(row.get(0)?),
        began_at_ms: row.get(1)?,
        excerpt: row.get(2)?,
        signed: row.get(3)?,
        struck: row.get(4)?,
        kept: Kept::default(),
        made: nobody(),
    };
    Ok((line, RawMade::read(row, 5)?, row.get(8)?))
}

/// Stands in until the directory has been asked.
pub(super) fn nobody() -> Made {
    Made { by: String::new(), device: String::new(), at_ms: 0, clock_doubtful: false }
}
