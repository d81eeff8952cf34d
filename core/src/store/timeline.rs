//! What happened in a case, of whatever kind, in one order.
//!
//! Reads when and by whom, and the first words; how a page is cut from it is the pages' to say.

use rusqlite::named_params;

use super::Read;
use super::compartments::OF_CASE;
use super::made::RawMade;
use super::problem::StoreProblem;
use crate::contract::{CaseId, Made, MomentKind, RecordId};
use crate::domain::stamp::DOUBTFUL_MS_MAX;

/// One moment of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct StoredMoment {
    pub at_ms: i64,
    pub what: MomentKind,
    pub record: RecordId,
    pub words: String,
    pub made: Made,
    pub vault_no: i64,
}

/// Characters of a record that a timeline shows.
const WORDS_CHARS: i64 = 90;

impl Read<'_> {
    /// Moments of a case, newest first, those before a moment only if one is given, at most `limit`.
    ///
    /// A note stands where its contact began, everything else, and a note that does not say, where it was made. A note of
    /// a clock that was ahead stands no later than it was made. What
    /// was taken back is left out, except a note that somebody had signed.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn moments(
        &self,
        case: CaseId,
        before_ms: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredMoment>, StoreProblem> {
        // Words are looked up after the limit, so that a long case does not cost a long note for every row.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT at_ms, what, id, made_device, made_stamp, made_ahead_ms,
                    CASE what
                        WHEN 0 THEN (SELECT substr(coalesce(signed, body, ''), 1, :chars) FROM note WHERE no = row)
                        WHEN 1 THEN (SELECT substr(ifnull(words, ''), 1, :chars) FROM goal WHERE no = row)
                        WHEN 2 THEN (SELECT ifnull(scale, '') FROM check_in WHERE no = row)
                        ELSE (SELECT substr(ifnull(words, ''), 1, :chars) FROM concern WHERE no = row)
                    END, vault
             FROM (SELECT at_ms, what, row, id, made_device, made_stamp, made_ahead_ms, vault FROM (
                       SELECT CASE WHEN made_ahead_ms > :doubtful THEN min(ifnull(began_at, made_stamp >> 16), made_stamp >> 16)
                                   ELSE ifnull(began_at, made_stamp >> 16) END AS at_ms, 0 AS what, no AS row, id,
                              made_device, made_stamp, made_ahead_ms, vault
                       FROM note WHERE case_id = :case AND (struck IS NULL OR signed IS NOT NULL)
                       UNION ALL
                       SELECT made_stamp >> 16, 1, no, id, made_device, made_stamp, made_ahead_ms, vault
                       FROM goal WHERE case_id = :case AND struck IS NULL
                       UNION ALL
                       SELECT made_stamp >> 16, 2, no, id, made_device, made_stamp, made_ahead_ms, vault
                       FROM check_in WHERE case_id = :case AND struck IS NULL
                       UNION ALL
                       SELECT made_stamp >> 16, 3, no, id, made_device, made_stamp, made_ahead_ms, vault
                       FROM concern WHERE case_id = :case AND struck IS NULL)
                   WHERE {OF_CASE} AND (:before IS NULL OR at_ms < :before)
                   ORDER BY at_ms DESC, made_stamp DESC, id LIMIT :limit)
             ORDER BY at_ms DESC, made_stamp DESC, id",
        ))?;
        let named = named_params! {
            ":chars": WORDS_CHARS, ":case": case.0, ":before": before_ms, ":limit": limit,
            ":doubtful": DOUBTFUL_MS_MAX,
        };
        let mut rows = statement.query(named)?;
        let mut moments = Vec::new();
        while let Some(row) = rows.next()? {
            let what = match row.get::<_, i64>(1)? {
                0 => MomentKind::Note,
                1 => MomentKind::Goal,
                2 => MomentKind::CheckIn,
                _ => MomentKind::Concern,
            };
            moments.push(StoredMoment {
                at_ms: row.get(0)?,
                what,
                record: RecordId(row.get(2)?),
                words: row.get(6)?,
                made: self.made_of(&RawMade::read(row, 3)?)?,
                vault_no: row.get(7)?,
            });
        }
        Ok(moments)
    }
}
