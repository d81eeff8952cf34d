//! Segments as they were signed, those that wait, and those that were set aside.
//!
//! Bytes in, the same bytes out. Nothing is opened here.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::segment::Chain;
use rusqlite::{OptionalExtension, named_params};

use super::chains::{signed, unsigned};
use super::problem::StoreProblem;
use super::{Read, Write};

/// Most segments that may wait for something that has not come.
pub const WAITING_MAX: u64 = 4_096;
/// Most bytes of segments that may wait: nobody can check their signature before what they follow has come.
pub const WAITING_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most segments that are kept after they were set aside; what comes beyond it is not kept.
pub(super) const SET_ASIDE_MAX: u64 = 200;

/// Why a segment waits that made a library fail: only an update of the app can help it.
pub const LIBRARY_FAILED: &str = "waits.library_failed";

/// Something that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Row.
    pub no: i64,
    /// The vault that it says it belongs to.
    pub vault: VaultId,
    /// The device that it says it is from.
    pub device: DeviceId,
    /// The key of the reason.
    pub why: String,
    /// When it came, in milliseconds since 1970.
    pub at_ms: i64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A segment in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSegment {
    /// Number of its first edit.
    pub first_seq: u64,
    /// Number of its last edit.
    pub last_seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// The signed bytes; empty if a colleague's bundle brought what was in it.
    pub bytes: Vec<u8>,
}

/// A received segment that cannot be settled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingSegment {
    /// Its chain.
    pub chain: Chain,
    /// Number of its first edit.
    pub first_seq: u64,
    /// When the endpoint was known to hold it.
    pub held_at_ms: i64,
    /// The signed bytes.
    pub bytes: Vec<u8>,
}

impl Read<'_> {
    /// Sealed segments of a chain after an edit, in order, at least one and at most `bytes_max` bytes.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn segments_after(
        &self,
        chain_no: i64,
        seq: u64,
        bytes_max: usize,
    ) -> Result<Vec<StoredSegment>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT first_seq, last_seq, hash, bytes FROM segment
             WHERE chain = :chain AND first_seq > :seq ORDER BY first_seq",
        )?;
        let mut rows = statement.query(named_params! { ":chain": chain_no, ":seq": signed(seq)? })?;
        let (mut segments, mut bytes_so_far) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(3)?;
            // What came within a bundle is not here as a segment: nothing can be offered over it.
            if bytes.is_empty() {
                break;
            }
            bytes_so_far = bytes_so_far.saturating_add(bytes.len());
            if bytes_so_far > bytes_max && !segments.is_empty() {
                break;
            }
            segments.push(StoredSegment {
                first_seq: unsigned(row, 0)?,
                last_seq: unsigned(row, 1)?,
                hash: Hash(row.get(2)?),
                bytes,
            });
        }
        Ok(segments)
    }

    /// The hash of the segment that ends with an edit, if there is one. The number may be anybody's claim.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn segment_hash_at(&self, chain_no: i64, last_seq: u64) -> Result<Option<Hash>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT hash FROM segment WHERE chain = :chain AND last_seq = :seq")?;
        // Beyond all counting there is none, and the store is not to blame for the question.
        let Ok(last_seq) = signed(last_seq) else { return Ok(None) };
        let named = named_params! { ":chain": chain_no, ":seq": last_seq };
        Ok(statement.query_row(named, |row| Ok(Hash(row.get(0)?))).optional()?)
    }

    /// Segments of a vault that wait for something that may come, in the order in which they came.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn waiting(&self, vault_no: i64, vault: VaultId) -> Result<Vec<WaitingSegment>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT device, lane, first_seq, held_at_ms, bytes FROM waiting
             WHERE vault = :vault AND why <> :failed ORDER BY no",
        )?;
        let named = named_params! { ":vault": vault_no, ":failed": LIBRARY_FAILED };
        let mut rows = statement.query(named)?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            let lane = Lane::from_code(row.get(1)?).ok_or(StoreProblem::Damaged("lane"))?;
            waiting.push(WaitingSegment {
                chain: Chain { vault, device: DeviceId(row.get(0)?), lane },
                first_seq: unsigned(row, 2)?,
                held_at_ms: row.get(3)?,
                bytes: row.get(4)?,
            });
        }
        Ok(waiting)
    }

    /// What was set aside for one of these reasons, in the order in which it came.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn aside(&self, reasons: &[&str]) -> Result<Vec<Aside>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT no, vault, device, why, at_ms, bytes FROM set_aside ORDER BY no")?;
        let rows = statement.query_map([], |row| {
            Ok(Aside {
                no: row.get(0)?,
                vault: VaultId(row.get(1)?),
                device: DeviceId(row.get(2)?),
                why: row.get(3)?,
                at_ms: row.get(4)?,
                bytes: row.get(5)?,
            })
        })?;
        let mut aside: Vec<Aside> = rows.collect::<Result<_, _>>()?;
        aside.retain(|one| reasons.contains(&one.why.as_str()));
        Ok(aside)
    }

    /// Vaults in which something waits.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn vaults_that_wait(&self) -> Result<Vec<VaultId>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM vault WHERE no IN (SELECT vault FROM waiting)")?;
        let rows = statement.query_map([], |row| Ok(VaultId(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether there is room for one more segment to wait.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn may_wait(&self) -> Result<bool, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*), ifnull(sum(length(bytes)), 0) FROM waiting")?;
        Ok(statement.query_row([], |row| {
            Ok(unsigned(row, 0)? < WAITING_MAX && unsigned(row, 1)? < WAITING_BYTES_MAX)
        })?)
    }
}

impl Write<'_> {
    /// Keeps a segment, ours or another's. `held_at_ms` is when the endpoint was known to hold it, if it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keep_segment(
        &self,
        chain_no: i64,
        segment: &StoredSegment,
        held_at_ms: Option<i64>,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO segment (chain, first_seq, last_seq, hash, held_at_ms, bytes)
             VALUES (:chain, :first_seq, :last_seq, :hash, :held_at_ms, :bytes)",
        )?;
        statement.execute(named_params! {
            ":chain": chain_no,
            ":first_seq": signed(segment.first_seq)?,
            ":last_seq": signed(segment.last_seq)?,
            ":hash": segment.hash.0,
            ":held_at_ms": held_at_ms,
            ":bytes": segment.bytes,
        })?;
        Ok(())
    }

    /// Notes that the endpoint holds a chain up to an edit, where that was not known before.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn mark_held(&self, chain_no: i64, seq: u64, held_at_ms: i64) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE segment SET held_at_ms = :held_at_ms
             WHERE chain = :chain AND last_seq <= :seq AND held_at_ms IS NULL",
        )?;
        statement
            .execute(named_params! { ":held_at_ms": held_at_ms, ":chain": chain_no, ":seq": signed(seq)? })?;
        Ok(())
    }

    /// Keeps the endpoint's receipt for an urgent chain.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keep_receipt(&self, chain_no: i64, seq: u64, bytes: &[u8]) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR IGNORE INTO receipt (chain, seq, bytes) VALUES (:chain, :seq, :bytes)",
        )?;
        statement.execute(named_params! { ":chain": chain_no, ":seq": signed(seq)?, ":bytes": bytes })?;
        Ok(())
    }

    /// Lets a segment wait, or says anew why it does.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn let_wait(&self, vault_no: i64, waiting: &WaitingSegment, why: &str) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO waiting (vault, device, lane, first_seq, why, held_at_ms, hash, bytes)
             VALUES (:vault, :device, :lane, :first_seq, :why, :held_at_ms, :hash, :bytes)
             ON CONFLICT (vault, device, lane, first_seq, hash) DO UPDATE SET why = excluded.why",
        )?;
        statement.execute(named_params! {
            ":vault": vault_no,
            ":device": waiting.chain.device.0,
            ":lane": waiting.chain.lane.code(),
            ":first_seq": signed(waiting.first_seq)?,
            ":why": why,
            ":held_at_ms": waiting.held_at_ms,
            ":hash": Hash::of(&[&waiting.bytes]).0,
            ":bytes": waiting.bytes,
        })?;
        Ok(())
    }

    /// After an update of the app: what made a library fail is looked at again as if it had just come.
    pub(super) fn try_failed_again(&self) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE waiting SET why = 'waits.update' WHERE why = :why")?
            .execute(named_params! { ":why": LIBRARY_FAILED })?;
        Ok(())
    }

    /// Ends the waiting of a segment.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn stop_waiting(&self, vault_no: i64, waiting: &WaitingSegment) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "DELETE FROM waiting WHERE vault = :vault AND device = :device AND lane = :lane
               AND first_seq = :first_seq AND hash = :hash",
        )?;
        statement.execute(named_params! {
            ":vault": vault_no,
            ":device": waiting.chain.device.0,
            ":lane": waiting.chain.lane.code(),
            ":first_seq": signed(waiting.first_seq)?,
            ":hash": Hash::of(&[&waiting.bytes]).0,
        })?;
        Ok(())
    }

    /// Forgets something that was set aside: it has found its place.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn no_longer_aside(&self, no: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("DELETE FROM set_aside WHERE no = :no")?
            .execute(named_params! { ":no": no })?;
        Ok(())
    }
}
