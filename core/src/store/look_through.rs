//! Looking through what a digest covers, field by field: what stands is compared with what ought to, and goes into the hash.
//!
//! Within memory for one field's history, and within a limit of work after which it stops between two fields and goes on
//! another time. What is covered never changes, so it does not matter when.

use std::collections::BTreeSet;

use fieldfare_protocol::hash::Hash;
use rusqlite::{OptionalExtension, named_params};

use super::Read;
use super::chains::{chain_of, seq_of};
use super::digests::{Coverage, Pass};
use super::edits::decode_places;
use super::problem::StoreProblem;
use crate::contract::RecordId;
use crate::domain::digest::{self, Counted};
use crate::domain::edit::Op;
use crate::domain::vocabulary::Vocabulary;

/// How much may still be looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Edits.
    pub edits: usize,
    /// Bytes of their values.
    pub bytes: usize,
}

impl Room {
    /// Whether there is none left.
    #[must_use]
    pub const fn is_spent(self) -> bool {
        self.edits == 0 || self.bytes == 0
    }
}

/// One edit of the field that is looked at.
struct Row {
    no: i64,
    op_code: u8,
    stamp: i64,
    stands: bool,
    understood: bool,
    replaces: Vec<i64>,
    value: Hash,
}

impl Row {
    /// Whether it brings a value of which this version can say whether it ought to stand.
    fn is_judged(&self, vocabulary: &Vocabulary) -> bool {
        self.understood && vocabulary.op(self.op_code).is_some_and(Op::stands)
    }
}

impl Read<'_> {
    /// Goes on with a pass until it is through or no room is left. Returns whether it is through.
    ///
    /// # Errors
    /// Only the database's own; what a pass covers must be here.
    pub fn look_through(&self, pass: &mut Pass, room: &mut Room) -> Result<bool, StoreProblem> {
        let coverage = self.coverage(pass.vault.no, &pass.settled.heads)?;
        let coverage = coverage.ok_or(StoreProblem::Damaged("digest"))?;
        let mut last = [0xFF; 16];
        for (to, from) in last.iter_mut().zip(pass.vault.id.tag()) {
            *to = from;
        }
        let mut first = [0; 16];
        for (to, from) in first.iter_mut().zip(pass.vault.id.tag()) {
            *to = from;
        }
        // Names of records begin with their vault's, so this is one stretch of the index.
        let mut statement = self.connection.prepare_cached(
            "SELECT edit.no, edit.record, edit.field, edit.op, edit.stamp, edit.standing, edit.known, edit.replaces,
                    edit.value
             FROM edit CROSS JOIN record ON record.id = edit.record
             WHERE edit.record >= :first AND edit.record <= :last AND record.kind <> :digest
               AND (edit.record > :record OR (edit.record = :record AND edit.field > :field))
             ORDER BY edit.record, edit.field",
        )?;
        let (record, field) = &pass.after;
        let mut rows = statement.query(named_params! {
            ":first": first.max(record.0),
            ":last": last,
            ":digest": digest::KIND.name,
            ":record": record.0,
            ":field": field,
        })?;
        let mut of_field: Vec<Row> = Vec::new();
        let mut at: Option<(RecordId, String)> = None;
        while let Some(row) = rows.next()? {
            let here = (RecordId(row.get(1)?), row.get::<_, String>(2)?);
            if at.as_ref() != Some(&here) {
                if let Some(before) = at.replace(here) {
                    self.look_at_field(pass, &coverage, before, &mut of_field)?;
                }
                if room.is_spent() {
                    return Ok(false);
                }
            }
            let no: i64 = row.get(0)?;
            // What members of other vaults claimed of this one's records counts nowhere.
            if !coverage.contains_key(&chain_of(no)) {
                continue;
            }
            let value = row.get_ref(8)?.as_blob().map_err(rusqlite::Error::from)?;
            room.edits = room.edits.saturating_sub(1);
            room.bytes = room.bytes.saturating_sub(value.len());
            of_field.push(Row {
                no,
                op_code: row.get(3)?,
                stamp: row.get(4)?,
                stands: row.get(5)?,
                understood: row.get(6)?,
                replaces: decode_places(&row.get::<_, Vec<u8>>(7)?)?,
                value: Hash::of(&[value]),
            });
        }
        if let Some(before) = at {
            self.look_at_field(pass, &coverage, before, &mut of_field)?;
        }
        Ok(true)
    }

    /// Looks at every edit of one field. What came after the heads of the digest is taken back in thought: it counts for
    /// whether this store settles as it should, and not for the hash.
    fn look_at_field(
        &self,
        pass: &mut Pass,
        coverage: &Coverage,
        (record, field): (RecordId, String),
        rows: &mut Vec<Row>,
    ) -> Result<(), StoreProblem> {
        let covered = |no: i64| coverage.get(&chain_of(no)).filter(|chain| seq_of(no) <= chain.seq);
        let replaced_by = |rows: &[Row], counts: &dyn Fn(i64) -> bool| -> BTreeSet<i64> {
            rows.iter().filter(|row| counts(row.no)).flat_map(|row| row.replaces.iter().copied()).collect()
        };
        let replaced = replaced_by(rows, &|_| true);
        let replaced_before = replaced_by(rows, &|no| covered(no).is_some());
        let mut counted = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            let is_replaced = replaced.contains(&row.no);
            let mut stands = row.stands;
            if row.is_judged(self.vocabulary) {
                let ought = !is_replaced && (row.stands || !self.has_never_stood(row.no)?);
                if row.stands != ought {
                    pass.faults = pass.faults.saturating_add(1);
                }
                let fell_since = is_replaced && !replaced_before.contains(&row.no);
                stands |= fell_since && !self.has_never_stood(row.no)?;
            }
            if let Some(chain) = covered(row.no) {
                counted.push(Counted {
                    device: chain.device,
                    lane_code: chain.lane_code,
                    seq: seq_of(row.no),
                    op_code: row.op_code,
                    stamp: row.stamp,
                    stands: stands && pass.settled.understood,
                    value: &row.value,
                });
            }
        }
        counted.sort_unstable_by_key(|edit| (edit.device, edit.lane_code, edit.seq));
        for edit in &counted {
            pass.running.take(record, &field, edit);
        }
        pass.after = (record, field);
        rows.clear();
        Ok(())
    }

    fn has_never_stood(&self, no: i64) -> Result<bool, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM never_stood WHERE edit = :no")?;
        Ok(statement.query_row(named_params! { ":no": no }, |_| Ok(())).optional()?.is_some())
    }
}
