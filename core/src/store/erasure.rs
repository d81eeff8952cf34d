//! Destroying what is here of a vault that was erased by law, and the tombstone by which it never returns.
//!
//! The log and the ends of the chains stay: they hold no words, and an endpoint that was put back learns of the erasure by
//! them. Whether a vault is to be erased, the exchange decides.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::Seen;
use rusqlite::{OptionalExtension, named_params};

use super::chains::{edit_no, unsigned};
use super::problem::StoreProblem;
use super::{Alarm, Read, Store, StoredVault, Touched, Write, lock};
use crate::contract::{ERASED_UNSENT_DAYS, RecordId};
use crate::domain::edit::Op;
use crate::domain::field::Shape;
use crate::domain::kind::KINDS;
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;
use crate::domain::{case, text, young_person};

/// Most pieces of somebody's own unsent words that are kept readable, what is urgent first.
const ERASED_UNSENT_MAX: u32 = 500;
const DAY_MS: i64 = 24 * 3_600_000;

/// Words that were written here and not sent when their vault was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedWords {
    /// Kind of the record.
    pub kind: String,
    /// Field of the record.
    pub field: String,
    /// The words.
    pub words: String,
    /// When they were written, in milliseconds since 1970.
    pub written_at_ms: i64,
    /// Until when they are kept, in milliseconds since 1970.
    pub until_ms: i64,
}

/// What a person has to see to before a vault may be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// A concern is not closed.
    pub concern_open: bool,
    /// Something urgent of ours has not been delivered.
    pub undelivered: bool,
    /// Something of ours has not been sent.
    pub unsent: bool,
    /// Something waits for what has not come.
    pub waiting: bool,
    /// Something was set aside.
    pub set_aside: bool,
}

impl Store {
    /// Folds the log of changes into the database and empties it, so that no older page of what was erased is left in a file.
    /// Whoever reads at this very moment may keep it from being emptied; the next fold does it then.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn fold(&self) -> Result<(), StoreProblem> {
        Ok(lock(&self.writer).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }
}

impl Read<'_> {
    /// Whether a vault was erased by law.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn is_erased(&self, vault_no: i64) -> Result<bool, StoreProblem> {
        let mut erased =
            self.connection.prepare_cached("SELECT erased_at_ms IS NOT NULL FROM vault WHERE no = :vault")?;
        Ok(erased.query_row(named_params! { ":vault": vault_no }, |row| row.get(0))?)
    }

    /// How many vaults were erased by law.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn erased_vaults(&self) -> Result<u64, StoreProblem> {
        let mut erased =
            self.connection.prepare_cached("SELECT count(*) FROM vault WHERE erased_at_ms IS NOT NULL")?;
        Ok(erased.query_row([], |row| unsigned(row, 0))?)
    }

    /// How far every chain of a vault has come here, in order of device and lane.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn seen_of(&self, vault_no: i64) -> Result<Vec<Seen>, StoreProblem> {
        let mut chains = self.connection.prepare_cached(
            "SELECT device, lane, head_seq, head_hash FROM chain
             WHERE vault = :vault AND head_seq > 0 ORDER BY device, lane",
        )?;
        let rows = chains.query_map(named_params! { ":vault": vault_no }, |row| {
            Ok(Seen {
                device: DeviceId(row.get(0)?),
                lane_code: row.get(1)?,
                seq: unsigned(row, 2)?,
                hash: Hash(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What stands in the way of erasing a vault.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn unfinished(&self, vault: &StoredVault, me: DeviceId) -> Result<Unfinished, StoreProblem> {
        let mut unfinished = self.connection.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM concern WHERE vault = :no AND state IS NOT 'closed' AND struck IS NULL),
                    EXISTS (SELECT 1 FROM chain WHERE vault = :no AND device = :me AND lane = :urgent
                            AND acked_seq < written_seq),
                    EXISTS (SELECT 1 FROM chain WHERE vault = :no AND device = :me AND acked_seq < written_seq),
                    EXISTS (SELECT 1 FROM waiting WHERE vault = :no),
                    EXISTS (SELECT 1 FROM set_aside WHERE vault = :id)",
        )?;
        let named = named_params! {
            ":no": vault.no, ":id": vault.id.0, ":me": me.0, ":urgent": Lane::Urgent.code(),
        };
        Ok(unfinished.query_row(named, |row| {
            Ok(Unfinished {
                concern_open: row.get(0)?,
                undelivered: row.get(1)?,
                unsent: row.get(2)?,
                waiting: row.get(3)?,
                set_aside: row.get(4)?,
            })
        })?)
    }

    /// What is still readable of unsent words out of erased vaults, as it was written.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn erased_words(&self) -> Result<Vec<ErasedWords>, StoreProblem> {
        let mut words = self.connection.prepare_cached(
            "SELECT kind, field, words, written_at_ms, until_ms FROM erased_unsent ORDER BY no",
        )?;
        let rows = words.query_map([], |row| {
            Ok(ErasedWords {
                kind: row.get(0)?,
                field: row.get(1)?,
                words: row.get(2)?,
                written_at_ms: row.get(3)?,
                until_ms: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Destroys everything that is here of a vault but its log and the ends of its chains. Returns the case and the young
    /// person that pages have to be without. Own words that were not sent are laid aside for a time, and the alarm says so.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn erase_vault(
        &self,
        vault: &StoredVault,
        me: DeviceId,
        now_ms: i64,
    ) -> Result<BTreeSet<Touched>, StoreProblem> {
        let touched = self.pages_of(vault)?;
        self.destroy_alarms_and_aside(vault)?;
        if self.lay_unsent_aside(vault, me, now_ms)? {
            self.raise_alarm(Alarm::ErasedUnsent, vault.id, me, 0, now_ms)?;
        }
        self.destroy_rows(vault)?;
        self.destroy_chains(vault, me)?;
        self.transaction
            .prepare_cached(
                "UPDATE vault SET erased_at_ms = :now, to_offer = 0, undigested_since_ms = NULL, mistrusted = NULL
                 WHERE no = :vault",
            )?
            .execute(named_params! { ":now": now_ms, ":vault": vault.no })?;
        Ok(touched)
    }

    /// Destroys unsent words out of erased vaults whose time is over.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn forget_erased_words(&self, now_ms: i64) -> Result<(), StoreProblem> {
        let forgotten = self
            .transaction
            .prepare_cached("DELETE FROM erased_unsent WHERE until_ms <= :now")?
            .execute(named_params! { ":now": now_ms })?;
        if forgotten > 0 {
            self.transaction.execute(
                "DELETE FROM alarm WHERE what = :what AND vault NOT IN (SELECT vault FROM erased_unsent)",
                named_params! { ":what": Alarm::ErasedUnsent.name() },
            )?;
        }
        Ok(())
    }

    fn pages_of(&self, vault: &StoredVault) -> Result<BTreeSet<Touched>, StoreProblem> {
        let mut touched = BTreeSet::new();
        for kind in [case::KIND.name, young_person::KIND.name] {
            let mut records =
                self.transaction.prepare_cached(&format!("SELECT id FROM {kind} WHERE vault = :vault"))?;
            let mut rows = records.query(named_params! { ":vault": vault.no })?;
            while let Some(row) = rows.next()? {
                touched.insert(Touched { kind, record: RecordId(row.get(0)?), vault_no: vault.no });
            }
        }
        Ok(touched)
    }

    /// Lays this device's own words aside that it has not sent. Returns whether there are any.
    fn lay_unsent_aside(&self, vault: &StoredVault, me: DeviceId, now_ms: i64) -> Result<bool, StoreProblem> {
        let mut unsent = self.transaction.prepare_cached(
            "SELECT record.kind, edit.record, edit.field, edit.op, edit.stamp, edit.value, chain.lane, edit.no
             FROM chain JOIN edit ON edit.no > (chain.no << 40) + chain.acked_seq AND edit.no < (chain.no + 1) << 40
                  JOIN record ON record.id = edit.record
             WHERE chain.vault = :vault AND chain.device = :me ORDER BY chain.lane, edit.no",
        )?;
        let mut rows = unsent.query(named_params! { ":vault": vault.no, ":me": me.0 })?;
        // Of one text the typing is put together; of everything else each value is a piece of its own.
        let mut pieces: BTreeMap<(u8, i64), ErasedWords> = BTreeMap::new();
        let mut typed: BTreeMap<([u8; 16], String), (u8, i64)> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (kind_name, record, field): (String, [u8; 16], String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let op: u8 = row.get(3)?;
            let value: Vec<u8> = row.get(5)?;
            let is_text = |field: &str| {
                let known = self.vocabulary.kind(&kind_name).and_then(|kind| kind.field(field));
                known.is_some_and(|field| matches!(field.shape, Shape::Text { .. }))
            };
            let words = match self.vocabulary.op(op) {
                Some(Op::Type) => text::typed(&value),
                Some(Op::Put | Op::Add) if is_text(&field) => {
                    Value::from_bytes(&value).and_then(|value| value.as_text().map(str::to_owned))
                }
                _ => None,
            };
            let Some(words) = words.filter(|words| !words.is_empty()) else { continue };
            let place = (row.get(6)?, row.get(7)?);
            if op == Op::Type.code() {
                let place = *typed.entry((record, field.clone())).or_insert(place);
                if let Some(piece) = pieces.get_mut(&place) {
                    piece.words.push_str(&words);
                    continue;
                }
            }
            let written_at_ms = Stamp(row.get::<_, i64>(4)?.cast_unsigned()).ms();
            let until_ms = now_ms.saturating_add(ERASED_UNSENT_DAYS.saturating_mul(DAY_MS));
            pieces.insert(place, ErasedWords { kind: kind_name, field, words, written_at_ms, until_ms });
        }
        let mut keep = self.transaction.prepare_cached(
            "INSERT INTO erased_unsent (vault, kind, field, words, written_at_ms, until_ms)
             SELECT :vault, :kind, :field, :words, :written_at_ms, :until_ms
             WHERE (SELECT count(*) FROM erased_unsent) < :most",
        )?;
        for piece in pieces.values() {
            keep.execute(named_params! {
                ":vault": vault.id.0,
                ":kind": piece.kind,
                ":field": piece.field,
                ":words": piece.words,
                ":written_at_ms": piece.written_at_ms,
                ":until_ms": piece.until_ms,
                ":most": ERASED_UNSENT_MAX,
            })?;
        }
        Ok(!pieces.is_empty())
    }

    fn destroy_alarms_and_aside(&self, vault: &StoredVault) -> Result<(), StoreProblem> {
        for sql in ["DELETE FROM alarm WHERE vault = :vault", "DELETE FROM set_aside WHERE vault = :vault"] {
            self.transaction.prepare_cached(sql)?.execute(named_params! { ":vault": vault.id.0 })?;
        }
        Ok(())
    }

    /// Destroys keys, records and everything that was computed from them.
    fn destroy_rows(&self, vault: &StoredVault) -> Result<(), StoreProblem> {
        let named = named_params! { ":vault": vault.no };
        for sql in [
            "DELETE FROM epoch WHERE vault = :vault",
            "DELETE FROM other_epoch WHERE vault = :vault",
            "DELETE FROM other_branch WHERE vault = :vault",
            "DELETE FROM waiting WHERE vault = :vault",
            "DELETE FROM undecided WHERE vault = :vault",
            "DELETE FROM digest_pass WHERE vault = :vault",
            "DELETE FROM note_text WHERE rowid IN (SELECT no FROM note WHERE vault = :vault)",
            "DELETE FROM revision WHERE record IN (SELECT id FROM record WHERE vault = :vault)",
            "DELETE FROM came_in WHERE record IN (SELECT id FROM record WHERE vault = :vault)",
            "DELETE FROM text_state WHERE record IN (SELECT id FROM record WHERE vault = :vault)",
        ] {
            self.transaction.prepare_cached(sql)?.execute(named)?;
        }
        for kind in KINDS {
            let sql = format!("DELETE FROM {} WHERE vault = :vault", kind.name);
            self.transaction.prepare_cached(&sql)?.execute(named)?;
        }
        self.transaction.prepare_cached("DELETE FROM record WHERE vault = :vault")?.execute(named)?;
        // Deleting leaves a note's words in the index until it is written anew.
        self.transaction.execute("INSERT INTO note_text (note_text) VALUES ('optimize')", [])?;
        Ok(())
    }

    /// Destroys edits and sealed bytes; of each segment its place and its hash stay, by which the endpoint's word is judged.
    fn destroy_chains(&self, vault: &StoredVault, me: DeviceId) -> Result<(), StoreProblem> {
        let mut chains = self
            .transaction
            .prepare_cached("SELECT no, device, acked_seq FROM chain WHERE vault = :vault")?;
        let rows = chains.query_map(named_params! { ":vault": vault.no }, |row| {
            Ok((row.get::<_, i64>(0)?, DeviceId(row.get(1)?), row.get::<_, i64>(2)?))
        })?;
        for chain in rows {
            let (no, device, acked_seq) = chain?;
            let (from, end) = (edit_no(no, 0), edit_no(no.saturating_add(1), 0));
            for sql in [
                "DELETE FROM edit WHERE no > :from AND no < :end",
                "DELETE FROM not_understood WHERE edit > :from AND edit < :end",
                "DELETE FROM never_stood WHERE edit > :from AND edit < :end",
            ] {
                let named = named_params! { ":from": from, ":end": end };
                self.transaction.prepare_cached(sql)?.execute(named)?;
            }
            for sql in [
                "UPDATE segment SET bytes = x'' WHERE chain = :no",
                "DELETE FROM bundle WHERE chain = :no",
                "DELETE FROM receipt WHERE chain = :no",
            ] {
                self.transaction.prepare_cached(sql)?.execute(named_params! { ":no": no })?;
            }
            if device == me {
                self.end_own_chain(no, acked_seq)?;
            }
        }
        Ok(())
    }

    /// Ends one of our own chains where the endpoint holds it: nothing beyond leaves any more.
    fn end_own_chain(&self, no: i64, acked_seq: i64) -> Result<(), StoreProblem> {
        let named = named_params! { ":no": no, ":seq": acked_seq };
        self.transaction
            .prepare_cached("DELETE FROM segment WHERE chain = :no AND last_seq > :seq")?
            .execute(named)?;
        let mut hash = self
            .transaction
            .prepare_cached("SELECT hash FROM segment WHERE chain = :no AND last_seq = :seq")?;
        let hash: Option<[u8; 32]> = hash.query_row(named, |row| row.get(0)).optional()?;
        self.transaction
            .prepare_cached(
                "UPDATE chain SET written_seq = :seq, head_seq = :seq, head_hash = :hash WHERE no = :no",
            )?
            .execute(named_params! {
                ":no": no, ":seq": acked_seq, ":hash": hash.unwrap_or(Hash::NOTHING.0),
            })?;
        Ok(())
    }
}

#[cfg(test)]
#[path = "erasure_tests.rs"]
mod tests;
