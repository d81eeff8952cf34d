//! Edits as they are kept: which stand, which wait to be sealed, and what became of a field over time.
//!
//! Values are bytes here; whether they mean anything to this version is the domain's to say.

use std::collections::BTreeMap;

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use rusqlite::{OptionalExtension, named_params};

use super::chains::{chain_of, edit_no, seq_of, signed};
use super::problem::StoreProblem;
use super::times::believed;
use super::{Read, Write};
use crate::contract::RecordId;
use crate::domain::edit::{Edit, EditRef};
use crate::domain::merge::Held;
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;

/// A value that nobody has replaced, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingValue {
    /// Number under which its edit is stored.
    pub no: i64,
    /// The value with its edit and stamp.
    pub held: Held,
    /// How far the author's clock was ahead, in milliseconds.
    pub ahead_ms: i64,
    /// By how much the stamp was found to be off, in milliseconds; 0 if it can be true.
    pub off_ms: i64,
}

impl StandingValue {
    /// Its stamp, or what that is believed to be where it cannot be true.
    #[must_use]
    pub fn believed(&self) -> Stamp {
        believed(self.held.stamp, self.off_ms)
    }
}

/// One of this device's edits that is not sealed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingEdit {
    /// Its number in its chain.
    pub seq: u64,
    /// The edit.
    pub edit: Edit,
}

impl Read<'_> {
    /// Values of a field that nobody has replaced, the oldest first; doubtful ones by when they were held.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn standing(&self, record: RecordId, field: &str) -> Result<Vec<StandingValue>, StoreProblem> {
        self.values(record, field, "edit.standing = 1")
    }

    /// Every value that a field ever had by putting or adding, the oldest first, replaced ones included.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn history(&self, record: RecordId, field: &str) -> Result<Vec<StandingValue>, StoreProblem> {
        self.values(record, field, "edit.op IN (0, 1)")
    }

    fn values(
        &self,
        record: RecordId,
        field: &str,
        which: &'static str,
    ) -> Result<Vec<StandingValue>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT edit.no, chain.device, edit.stamp, edit.ahead_ms, edit.value, edit.off_ms
             FROM edit JOIN chain ON chain.no = edit.no >> 40
             WHERE edit.record = :record AND edit.field = :field AND {which}
             ORDER BY edit.stamp - (edit.off_ms << 16), chain.device, edit.no"
        ))?;
        let mut rows = statement.query(named_params! { ":record": record.0, ":field": field })?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            let no: i64 = row.get(0)?;
            let value: Vec<u8> = row.get(4)?;
            values.push(StandingValue {
                no,
                held: Held {
                    edit: EditRef { device: DeviceId(row.get(1)?), seq: seq_of(no) },
                    stamp: Stamp(row.get::<_, i64>(2)?.cast_unsigned()),
                    value: Value::from_bytes(&value),
                },
                ahead_ms: row.get(3)?,
                off_ms: row.get(5)?,
            });
        }
        Ok(values)
    }

    /// Fields of a record in which more than one value stands though it shows one.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn undecided_fields(&self, record: RecordId) -> Result<Vec<String>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT field FROM undecided WHERE record = :record ORDER BY field")?;
        let rows = statement.query_map(named_params! { ":record": record.0 }, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Fields of a single value in which more than one value stands, in a vault or in all: record, kind, field.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn undecided(&self, vault_no: Option<i64>) -> Result<Vec<(RecordId, String, String)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT undecided.record, record.kind, undecided.field
             FROM undecided JOIN record ON record.id = undecided.record
             WHERE :vault IS NULL OR undecided.vault = :vault",
        )?;
        let rows = statement.query_map(named_params! { ":vault": vault_no }, |row| {
            Ok((RecordId(row.get(0)?), row.get(1)?, row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The kind and vault of a record, if it is known here.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn record(&self, record: RecordId) -> Result<Option<(String, i64)>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT kind, vault FROM record WHERE id = :record")?;
        Ok(statement
            .query_row(named_params! { ":record": record.0 }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    }

    /// This device's edits of a chain that come after a number, in order, at least one and at most `bytes_max` bytes
    /// of values or `count_max` edits.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn pending(
        &self,
        chain_no: i64,
        after_seq: u64,
        bytes_max: usize,
        count_max: usize,
    ) -> Result<Vec<PendingEdit>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT edit.no, record.kind, edit.record, edit.field, edit.op, edit.stamp, edit.ahead_ms,
                    edit.replaces, edit.value
             FROM edit JOIN record ON record.id = edit.record
             WHERE edit.no > :after AND edit.no < :end ORDER BY edit.no",
        )?;
        let mut rows = statement.query(named_params! {
            ":after": edit_no(chain_no, after_seq),
            ":end": edit_no(chain_no.saturating_add(1), 0),
        })?;
        let mut device_of = self.connection.prepare_cached("SELECT device FROM chain WHERE no = :no")?;
        let mut devices: BTreeMap<i64, DeviceId> = BTreeMap::new();
        let (mut pending, mut bytes_so_far) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next()? {
            let no: i64 = row.get(0)?;
            let value: Vec<u8> = row.get(8)?;
            bytes_so_far = bytes_so_far.saturating_add(value.len()).saturating_add(64);
            if !pending.is_empty() && (bytes_so_far > bytes_max || pending.len() >= count_max) {
                break;
            }
            let replaced: Vec<i64> = decode_places(&row.get::<_, Vec<u8>>(7)?)?;
            let mut replaces = Vec::with_capacity(replaced.len());
            for place in replaced {
                let chain = chain_of(place);
                let device = match devices.get(&chain) {
                    Some(device) => *device,
                    None => {
                        let device =
                            DeviceId(device_of.query_row(named_params! { ":no": chain }, |row| row.get(0))?);
                        devices.insert(chain, device);
                        device
                    }
                };
                replaces.push(EditRef { device, seq: seq_of(place) });
            }
            pending.push(PendingEdit {
                seq: seq_of(no),
                edit: Edit {
                    kind: row.get(1)?,
                    record: RecordId(row.get(2)?),
                    field: row.get(3)?,
                    op_code: row.get(4)?,
                    stamp: Stamp(row.get::<_, i64>(5)?.cast_unsigned()),
                    clock_ahead_ms: row.get(6)?,
                    replaces,
                    value,
                },
            });
        }
        Ok(pending)
    }

    /// Edits whose kind, field or operation this version does not know.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn unknown_edits(&self) -> Result<u64, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT count(*) FROM edit WHERE known = 0")?;
        Ok(statement.query_row([], |row| super::chains::unsigned(row, 0))?)
    }

    /// Whether everything in a record has reached the endpoint.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn sent(&self, record: RecordId, me: DeviceId) -> Result<bool, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT NOT EXISTS (
                 SELECT 1 FROM edit JOIN chain ON chain.no = edit.no >> 40
                 WHERE edit.record = :record AND chain.device = :me
                   AND edit.no > (chain.no << 40) + chain.acked_seq)",
        )?;
        Ok(statement.query_row(named_params! { ":record": record.0, ":me": me.0 }, |row| row.get(0))?)
    }

    /// When the endpoint was known to hold a record's first edit, by its own clock.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn held_since(&self, record: RecordId) -> Result<Option<i64>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT segment.held_at_ms
             FROM edit JOIN segment ON segment.chain = edit.no >> 40
                  AND edit.no - ((edit.no >> 40) << 40) BETWEEN segment.first_seq AND segment.last_seq
             WHERE edit.record = :record ORDER BY edit.stamp LIMIT 1",
        )?;
        Ok(statement.query_row(named_params! { ":record": record.0 }, |row| row.get(0)).optional()?.flatten())
    }

    /// A digest of everything that stands in a vault. Two devices that hold the same edits have the same digest.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn vault_digest(&self, vault: VaultId) -> Result<Hash, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT edit.record, edit.field, edit.op, chain.device, chain.lane,
                    edit.no - ((edit.no >> 40) << 40), edit.stamp, edit.standing, edit.value
             FROM edit JOIN chain ON chain.no = edit.no >> 40 JOIN vault ON vault.no = chain.vault
             WHERE vault.id = :vault
             ORDER BY edit.record, edit.field, chain.device, chain.lane, 6",
        )?;
        let mut rows = statement.query(named_params! { ":vault": vault.0 })?;
        let mut digest = Hash::of(&[b"fieldfare/vault-digest/1", vault.as_bytes()]);
        while let Some(row) = rows.next()? {
            let (record, field): ([u8; 16], String) = (row.get(0)?, row.get(1)?);
            let (op, device, lane): (u8, [u8; 16], u8) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let (seq, stamp, standing): (i64, i64, u8) = (row.get(5)?, row.get(6)?, row.get(7)?);
            let value: Vec<u8> = row.get(8)?;
            digest = Hash::of(&[
                &digest.0,
                &record,
                field.as_bytes(),
                &[0, op, lane, standing],
                &device,
                &seq.to_be_bytes(),
                &stamp.to_be_bytes(),
                &value,
            ]);
        }
        Ok(digest)
    }
}

impl Write<'_> {
    /// Keeps one edit.
    #[allow(clippy::too_many_arguments, reason = "one argument a column")]
    pub(super) fn keep_edit(
        &self,
        no: i64,
        edit: &Edit,
        replaces: &[i64],
        standing: bool,
        known: bool,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO edit (no, record, field, op, stamp, ahead_ms, standing, known, replaces, value)
             VALUES (:no, :record, :field, :op, :stamp, :ahead_ms, :standing, :known, :replaces, :value)",
        )?;
        statement.execute(named_params! {
            ":no": no,
            ":record": edit.record.0,
            ":field": edit.field,
            ":op": edit.op_code,
            ":stamp": edit.stamp.0.cast_signed(),
            ":ahead_ms": edit.clock_ahead_ms,
            ":standing": standing,
            ":known": known,
            ":replaces": encode_places(replaces)?,
            ":value": edit.value,
        })?;
        Ok(())
    }

    /// Lets the values that an edit replaces fall.
    pub(super) fn let_fall(&self, record: RecordId, field: &str, places: &[i64]) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE edit SET standing = 0 WHERE no = :no AND record = :record AND field = :field",
        )?;
        for no in places {
            statement.execute(named_params! { ":no": no, ":record": record.0, ":field": field })?;
        }
        Ok(())
    }

    /// Replaces the update of an edit that nobody has seen yet.
    pub(super) fn set_typing(&self, no: i64, stamp: Stamp, update: &[u8]) -> Result<(), StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("UPDATE edit SET stamp = :stamp, value = :value WHERE no = :no")?;
        statement.execute(named_params! { ":stamp": stamp.0.cast_signed(), ":value": update, ":no": no })?;
        Ok(())
    }

    /// Says of which kind and vault a record is, and whether that is now so: the first word on it holds.
    pub(super) fn keep_record(
        &self,
        record: RecordId,
        kind: &str,
        vault_no: i64,
    ) -> Result<bool, StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR IGNORE INTO record (id, kind, vault) VALUES (:record, :kind, :vault)",
        )?;
        let new =
            statement.execute(named_params! { ":record": record.0, ":kind": kind, ":vault": vault_no })? == 1;
        Ok(new || self.read().record(record)? == Some((kind.to_owned(), vault_no)))
    }
}

pub(super) fn encode_places(places: &[i64]) -> Result<Vec<u8>, StoreProblem> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    postcard::to_stdvec(places).map_err(|_| StoreProblem::Damaged("replaces"))
}

pub(super) fn decode_places(bytes: &[u8]) -> Result<Vec<i64>, StoreProblem> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    postcard::from_bytes(bytes).map_err(|_| StoreProblem::Damaged("replaces"))
}

/// The number under which an edit of a chain is stored.
///
/// # Errors
/// [`StoreProblem::Damaged`] if the chain is longer than can be.
pub(super) fn place(chain_no: i64, seq: u64) -> Result<i64, StoreProblem> {
    if signed(seq)? >= 1 << 40 {
        return Err(StoreProblem::Damaged("seq"));
    }
    Ok(edit_no(chain_no, seq))
}
