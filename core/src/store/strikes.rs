//! What whoever took a record back knew of it, and whether somebody was editing it meanwhile.
//!
//! An edit that takes back names the last edit of the record that it knew of each other device. Nothing falls by that, since
//! only values of one field replace each other; it tells what was done without knowing, whatever the clocks said.

use std::collections::BTreeMap;

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use rusqlite::{OptionalExtension, named_params};

use super::chains::{chain_of, seq_of};
use super::edits::decode_places;
use super::problem::StoreProblem;
use super::{Read, StandingValue, Write};
use crate::contract::RecordId;
use crate::domain::attachment;
use crate::domain::edit::EditRef;
use crate::domain::field::{Field, RecordKind, STRUCK};
use crate::domain::merge::Held;
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;

impl Read<'_> {
    /// The last edit of a record in each chain of a lane but one.
    pub(super) fn last_edits(
        &self,
        record: RecordId,
        vault_no: i64,
        lane: Lane,
        but_chain: i64,
    ) -> Result<Vec<i64>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT max(edit.no) FROM edit JOIN chain ON chain.no = edit.no >> 40
             WHERE edit.record = :record AND chain.vault = :vault AND chain.lane = :lane AND chain.no <> :but
             GROUP BY chain.no ORDER BY chain.no",
        )?;
        let named = named_params! {
            ":record": record.0, ":vault": vault_no, ":lane": lane.code(), ":but": but_chain,
        };
        let rows = statement.query_map(named, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last edit of a record that was taken back, by somebody who did not know of that and of whom whoever took it back
    /// did not know either. The value is left out.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn edited_meanwhile(&self, record: RecordId) -> Result<Option<StandingValue>, StoreProblem> {
        // How far each chain was known to somebody who took the record back.
        let mut known: BTreeMap<i64, i64> = BTreeMap::new();
        {
            let mut strikes = self.connection.prepare_cached(
                "SELECT no, replaces FROM edit
                 WHERE record = :record AND field = :struck AND standing = 1 AND value <> :nothing",
            )?;
            let mut rows = strikes.query(named_params! {
                ":record": record.0, ":struck": STRUCK.name, ":nothing": Value::Nothing.to_bytes(),
            })?;
            while let Some(row) = rows.next()? {
                let no: i64 = row.get(0)?;
                // Whoever takes it back knows what they did themselves, before and afterwards.
                known.insert(chain_of(no), i64::MAX);
                for seen in decode_places(&row.get::<_, Vec<u8>>(1)?)? {
                    let last = known.entry(chain_of(seen)).or_default();
                    *last = seen.max(*last);
                }
            }
        }
        if known.is_empty() {
            return Ok(None);
        }
        // The parts of a file go on arriving after it was taken back, and nobody edits it by that.
        let mut edits = self.connection.prepare_cached(
            "SELECT max(edit.no), chain.device, edit.stamp, edit.ahead_ms, edit.off_ms
             FROM edit JOIN chain ON chain.no = edit.no >> 40 JOIN record ON record.id = edit.record
             WHERE edit.record = :record AND edit.field <> :struck AND chain.vault = record.vault
               AND record.kind <> :attachment
             GROUP BY chain.no ORDER BY chain.device",
        )?;
        let mut rows = edits.query(named_params! {
            ":record": record.0, ":struck": STRUCK.name, ":attachment": attachment::KIND.name,
        })?;
        let mut latest: Option<StandingValue> = None;
        while let Some(row) = rows.next()? {
            let no: i64 = row.get(0)?;
            if known.get(&chain_of(no)).is_some_and(|last| *last >= no) {
                continue;
            }
            let edit = EditRef { device: DeviceId(row.get(1)?), seq: seq_of(no) };
            let held = Held { edit, stamp: Stamp(row.get::<_, i64>(2)?.cast_unsigned()), value: None };
            let one = StandingValue { no, held, ahead_ms: row.get(3)?, off_ms: row.get(4)? };
            if latest.as_ref().is_none_or(|latest| latest.held.stamp < one.held.stamp) {
                latest = Some(one);
            }
        }
        Ok(latest)
    }

    fn is_taken_back(&self, record: RecordId) -> Result<bool, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM edit
             WHERE record = :record AND field = :struck AND standing = 1 AND value <> :nothing LIMIT 1",
        )?;
        let named = named_params! {
            ":record": record.0, ":struck": STRUCK.name, ":nothing": Value::Nothing.to_bytes(),
        };
        Ok(statement.query_row(named, |_| Ok(())).optional()?.is_some())
    }
}

impl Write<'_> {
    /// Looks again, after an edit of a record that was taken back, whether somebody has to decide.
    pub(super) fn look_at_strike(
        &self,
        kind: &RecordKind,
        field: &Field,
        record: RecordId,
    ) -> Result<(), StoreProblem> {
        if field.name != STRUCK.name && self.read().is_taken_back(record)? {
            self.show(kind, &STRUCK, record)?;
        }
        Ok(())
    }
}
