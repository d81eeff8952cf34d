//! Full-text search over notes, in an index that lives inside the encrypted file.
//!
//! Knows words and rows; who may see what is found was decided when this device was given the keys.

use rusqlite::{OptionalExtension, named_params};

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::{CaseId, NoteId, NotePart, RecordId};
use crate::domain::note;

/// Most words of a search that are looked at.
pub(super) const SEARCH_WORDS_MAX: usize = 12;

/// A note that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The note.
    pub note: NoteId,
    /// Everything of it that is indexed, part by part, as it was written.
    pub parts: Vec<(NotePart, String)>,
}

impl Write<'_> {
    /// Has a note's words indexed before this transaction ends, once however often they change.
    pub(super) fn index_later(&self, record: RecordId) {
        self.unindexed.borrow_mut().insert(record.0);
    }

    /// Indexes the words of every note that changed.
    pub(super) fn index_notes(&self) -> Result<(), StoreProblem> {
        let changed = self.unindexed.take();
        for record in changed.into_iter().map(RecordId) {
            let mut statement = self
                .transaction
                .prepare_cached("SELECT no, struck IS NULL OR signed IS NOT NULL FROM note WHERE id = :id")?;
            let row: Option<(i64, bool)> = statement
                .query_row(named_params! { ":id": record.0 }, |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((no, shown)) = row else { continue };
            if shown {
                let parts = self.read().indexed_parts(record)?;
                let words = parts.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join("\n");
                self.transaction
                    .prepare_cached("REPLACE INTO note_text (rowid, words) VALUES (:no, :words)")?
                    .execute(named_params! { ":no": no, ":words": words })?;
            } else {
                self.transaction
                    .prepare_cached("DELETE FROM note_text WHERE rowid = :no")?
                    .execute(named_params! { ":no": no })?;
            }
        }
        Ok(())
    }
}

impl Read<'_> {
    /// Everything of a note that can be found, in the order in which a person reads it.
    fn indexed_parts(&self, record: RecordId) -> Result<Vec<(NotePart, String)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT ifnull(signed, ''), CASE WHEN signed IS body THEN '' ELSE ifnull(body, '') END, ifnull(agreed, '')
             FROM note WHERE id = :id",
        )?;
        let mut parts = statement.query_row(named_params! { ":id": record.0 }, |row| {
            let signed: String = row.get(0)?;
            let draft = if signed.is_empty() { NotePart::Text } else { NotePart::WrittenMeanwhile };
            Ok(vec![(NotePart::Text, signed), (draft, row.get(1)?), (NotePart::Agreed, row.get(2)?)])
        })?;
        for addendum in self.standing(record, note::ADDENDA.name)? {
            let words = addendum.held.value.as_ref().and_then(|value| value.as_text());
            parts.extend(words.map(|words| (NotePart::Addendum, words.to_owned())));
        }
        parts.retain(|(_, words)| !words.is_empty());
        Ok(parts)
    }

    /// Notes that hold all the words, the latest to arrive first; the last letters of each word may be missing.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn search(&self, words: &str, case: Option<CaseId>, limit: usize) -> Result<Vec<Hit>, StoreProblem> {
        let Some(query) = query_of(words) else {
            return Ok(Vec::new());
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT note.id FROM note_text JOIN note ON note.no = note_text.rowid
             WHERE note_text MATCH :query AND (:case IS NULL OR note.case_id = :case)
             ORDER BY note_text.rowid DESC LIMIT :limit",
        )?;
        let named = named_params! {
            ":query": query,
            ":case": case.map(|id| id.0),
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let ids: Vec<[u8; 16]> = statement.query_map(named, |row| row.get(0))?.collect::<Result<_, _>>()?;
        ids.into_iter()
            .map(|id| Ok(Hit { note: NoteId(id), parts: self.indexed_parts(RecordId(id))? }))
            .collect()
    }
}

/// The words as the index wants them: each quoted, so that nothing a person types is taken for an operator.
fn query_of(words: &str) -> Option<String> {
    let terms: Vec<String> = words
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(SEARCH_WORDS_MAX)
        .map(|word| format!("\"{word}\"*"))
        .collect();
    (!terms.is_empty()).then(|| terms.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types_is_never_an_operator() {
        assert_eq!(query_of("school NOT \"ring*").as_deref(), Some("\"school\"* \"NOT\"* \"ring\"*"));
        assert_eq!(query_of(" -- ; "), None);
    }
}
