//! Chains: how far each device's edits have come in each lane of each vault.
//!
//! Counts and hashes only; what travels in a chain is kept beside as segments and edits.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::segment::{Chain, Head, SeenHead};
use rusqlite::{OptionalExtension, Row, named_params};

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::domain::stamp::Stamp;

/// Bits of an edit's number that count within its chain.
const SEQ_BITS: u32 = 40;

/// Largest number that an edit of a chain can have.
pub const SEQ_MAX: u64 = (1 << SEQ_BITS) - 1;

/// The number under which an edit is stored.
pub(super) const fn edit_no(chain_no: i64, seq: u64) -> i64 {
    (chain_no << SEQ_BITS) | seq.cast_signed()
}

/// The number of an edit within its chain.
pub(super) const fn seq_of(edit_no: i64) -> u64 {
    (edit_no & ((1 << SEQ_BITS) - 1)).cast_unsigned()
}

/// The chain of an edit.
pub(super) const fn chain_of(edit_no: i64) -> i64 {
    edit_no >> SEQ_BITS
}

/// One of this device's own chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnChain {
    /// Row of the chain.
    pub no: i64,
    /// Number of the last edit written.
    pub written_seq: u64,
    /// Stamp of the last edit written.
    pub written_stamp: Stamp,
}

/// One of this device's own chains that has something to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutgoingChain {
    /// Row of the chain.
    pub no: i64,
    /// Who reads it, who writes it, in which lane.
    pub chain: Chain,
    /// The last segment that was sealed.
    pub head: Head,
    /// Number of the last edit written.
    pub written_seq: u64,
    /// Number of the last edit that the endpoint holds.
    pub acked_seq: u64,
}

/// How much waits to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unsent {
    /// Edits.
    pub edits: u64,
    /// Those of them that are urgent.
    pub urgent: u64,
    /// Stamp of the oldest.
    pub oldest: Option<Stamp>,
}

impl Read<'_> {
    /// The last settled or sealed segment of a chain; the start if nothing is known of it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn head(&self, vault_no: i64, device: DeviceId, lane: Lane) -> Result<Head, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT head_seq, head_hash FROM chain WHERE vault = :vault AND device = :device AND lane = :lane",
        )?;
        let head = statement
            .query_row(
                named_params! { ":vault": vault_no, ":device": device.0, ":lane": lane.code() },
                |row| Ok(Head { seq: unsigned(row, 0)?, hash: Hash(row.get(1)?) }),
            )
            .optional()?;
        Ok(head.unwrap_or(Head::START))
    }

    /// The row of a chain, if anything was ever heard of it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn known_chain(
        &self,
        vault_no: i64,
        device: DeviceId,
        lane: Lane,
    ) -> Result<Option<i64>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT no FROM chain WHERE vault = :vault AND device = :device AND lane = :lane",
        )?;
        let named = named_params! { ":vault": vault_no, ":device": device.0, ":lane": lane.code() };
        Ok(statement.query_row(named, |row| row.get(0)).optional()?)
    }

    /// This device's chains in which something is written and not held by the endpoint, first lane first.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn outgoing(&self, me: DeviceId) -> Result<Vec<OutgoingChain>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT chain.no, vault.id, chain.lane, chain.head_seq, chain.head_hash,
                    chain.written_seq, chain.acked_seq
             FROM chain JOIN vault ON vault.no = chain.vault
             WHERE chain.device = :me AND chain.acked_seq < chain.written_seq
             ORDER BY chain.lane, chain.no",
        )?;
        let mut rows = statement.query(named_params! { ":me": me.0 })?;
        let mut chains = Vec::new();
        while let Some(row) = rows.next()? {
            let lane = Lane::from_code(row.get(2)?).ok_or(StoreProblem::Damaged("lane"))?;
            chains.push(OutgoingChain {
                no: row.get(0)?,
                chain: Chain { vault: VaultId(row.get(1)?), device: me, lane },
                head: Head { seq: unsigned(row, 3)?, hash: Hash(row.get(4)?) },
                written_seq: unsigned(row, 5)?,
                acked_seq: unsigned(row, 6)?,
            });
        }
        Ok(chains)
    }

    /// Number of the last edit of one of this device's own chains that the endpoint holds.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn acked(&self, chain_no: i64) -> Result<u64, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT acked_seq FROM chain WHERE no = :no")?;
        Ok(statement.query_row(named_params! { ":no": chain_no }, |row| unsigned(row, 0))?)
    }

    /// How much waits to be sent.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn unsent(&self, me: DeviceId) -> Result<Unsent, StoreProblem> {
        let mut unsent = Unsent::default();
        for chain in self.outgoing(me)? {
            let edits = chain.written_seq.saturating_sub(chain.acked_seq);
            unsent.edits = unsent.edits.saturating_add(edits);
            if chain.chain.lane == Lane::Urgent {
                unsent.urgent = unsent.urgent.saturating_add(edits);
            }
            let first = edit_no(chain.no, chain.acked_seq.saturating_add(1));
            let stamp: Option<i64> = self
                .connection
                .prepare_cached("SELECT stamp FROM edit WHERE no = :no")?
                .query_row(named_params! { ":no": first }, |row| row.get(0))
                .optional()?;
            let stamp = stamp.map(|stamp| Stamp(stamp.cast_unsigned()));
            unsent.oldest = [unsent.oldest, stamp].into_iter().flatten().min();
        }
        Ok(unsent)
    }

    /// The latest stamp that this device has written, under whatever name.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn last_stamp(&self) -> Result<Stamp, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT ifnull(max(written_stamp), 0) FROM chain")?;
        let stamp: i64 = statement.query_row([], |row| row.get(0))?;
        Ok(Stamp(stamp.cast_unsigned()))
    }

    /// Whether every head that a segment's author had seen is settled here too, and is the same.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn frontier(
        &self,
        vault_no: i64,
        lane: Lane,
        seen: &[SeenHead],
    ) -> Result<FrontierStanding, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT chain.no, chain.head_seq, chain.device FROM chain
             WHERE chain.vault = :vault AND chain.lane = :lane AND substr(chain.device, 1, 4) = :tag",
        )?;
        let mut hash_at = self
            .connection
            .prepare_cached("SELECT hash FROM segment WHERE chain = :chain AND last_seq = :seq")?;
        for head in seen {
            let known: Option<(i64, u64, DeviceId)> = statement
                .query_row(
                    named_params! { ":vault": vault_no, ":lane": lane.code(), ":tag": head.device_tag },
                    |row| Ok((row.get(0)?, unsigned(row, 1)?, DeviceId(row.get(2)?))),
                )
                .optional()?;
            let Some((chain_no, head_seq, device)) = known.filter(|(_, seq, _)| *seq >= head.seq) else {
                return Ok(FrontierStanding::Missing);
            };
            if head_seq == 0 {
                return Ok(FrontierStanding::Missing);
            }
            let seq = signed(head.seq)?;
            let hash: Option<[u8; 32]> = hash_at
                .query_row(named_params! { ":chain": chain_no, ":seq": seq }, |row| row.get(0))
                .optional()?;
            if hash.is_none_or(|hash| !hash.starts_with(&head.hash)) {
                return Ok(FrontierStanding::OtherHistory(device));
            }
        }
        Ok(FrontierStanding::Settled)
    }
}

/// How the heads that an author had seen stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontierStanding {
    /// All are settled here.
    Settled,
    /// Something that the author had seen has not come yet.
    Missing,
    /// The author was shown another history than we were: the endpoint, or a device, has told two stories.
    /// The device is the one of whose work there are two.
    OtherHistory(DeviceId),
}

impl Write<'_> {
    /// The row of a chain, made if this is the first that is heard of it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn chain_no(&self, vault_no: i64, device: DeviceId, lane: Lane) -> Result<i64, StoreProblem> {
        if let Some(no) = self.read().known_chain(vault_no, device, lane)? {
            return Ok(no);
        }
        let named = named_params! { ":vault": vault_no, ":device": device.0, ":lane": lane.code() };
        self.transaction
            .prepare_cached("INSERT INTO chain (vault, device, lane) VALUES (:vault, :device, :lane)")?
            .execute(named)?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// One of this device's own chains.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn own_chain(&self, vault_no: i64, me: DeviceId, lane: Lane) -> Result<OwnChain, StoreProblem> {
        let no = self.chain_no(vault_no, me, lane)?;
        let mut statement =
            self.transaction.prepare_cached("SELECT written_seq, written_stamp FROM chain WHERE no = :no")?;
        Ok(statement.query_row(named_params! { ":no": no }, |row| {
            let stamp: i64 = row.get(1)?;
            Ok(OwnChain { no, written_seq: unsigned(row, 0)?, written_stamp: Stamp(stamp.cast_unsigned()) })
        })?)
    }

    /// Moves the end of one of this device's own chains.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_written(&self, chain_no: i64, seq: u64, stamp: Stamp) -> Result<(), StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("UPDATE chain SET written_seq = :seq, written_stamp = :stamp WHERE no = :no")?;
        statement.execute(
            named_params! { ":seq": signed(seq)?, ":stamp": stamp.0.cast_signed(), ":no": chain_no },
        )?;
        Ok(())
    }

    /// Moves the head of a chain: a segment was sealed, or settled.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_head(&self, chain_no: i64, head: Head) -> Result<(), StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("UPDATE chain SET head_seq = :seq, head_hash = :hash WHERE no = :no")?;
        statement
            .execute(named_params! { ":seq": signed(head.seq)?, ":hash": head.hash.0, ":no": chain_no })?;
        Ok(())
    }

    /// Records how far the endpoint holds one of this device's own chains.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_acked(&self, chain_no: i64, seq: u64) -> Result<(), StoreProblem> {
        // Of an erased vault nothing is left to send: there the endpoint's word is all there is.
        let mut statement = self.transaction.prepare_cached(
            "UPDATE chain SET acked_seq = :seq, written_seq = iif(
                 (SELECT erased_at_ms FROM vault WHERE vault.no = chain.vault) IS NULL, written_seq, :seq)
             WHERE no = :no",
        )?;
        statement.execute(named_params! { ":seq": signed(seq)?, ":no": chain_no })?;
        Ok(())
    }

    /// Forgets every acknowledgement and every delivery of ours: the endpoint began a new life, and says itself what it
    /// still holds.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn forget_acks(&self, me: DeviceId) -> Result<(), StoreProblem> {
        let named = named_params! { ":me": me.0 };
        self.transaction
            .prepare_cached(
                "UPDATE segment SET held_at_ms = NULL WHERE chain IN (SELECT no FROM chain WHERE device = :me)",
            )?
            .execute(named)?;
        self.transaction
            .prepare_cached(
                "UPDATE chain SET acked_seq = 0, written_seq = iif(
                     (SELECT erased_at_ms FROM vault WHERE vault.no = chain.vault) IS NULL, written_seq, 0)
                 WHERE device = :me",
            )?
            .execute(named)?;
        self.forget_runs(me)?;
        Ok(())
    }

    /// The heads of other devices' chains in a lane that moved since our segments last named them; they count as named
    /// from now on. At most `limit`, those that moved first.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn name_heads(
        &self,
        vault_no: i64,
        lane: Lane,
        me: DeviceId,
        limit: usize,
    ) -> Result<Vec<SeenHead>, StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT no, device, head_seq, head_hash FROM chain
             WHERE vault = :vault AND lane = :lane AND device <> :me AND named_seq < head_seq
             ORDER BY no LIMIT :limit",
        )?;
        let mut rows = statement.query(named_params! {
            ":vault": vault_no,
            ":lane": lane.code(),
            ":me": me.0,
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        })?;
        let mut heads = Vec::new();
        let mut name =
            self.transaction.prepare_cached("UPDATE chain SET named_seq = head_seq WHERE no = :no")?;
        while let Some(row) = rows.next()? {
            let device = DeviceId(row.get(1)?);
            let hash = Hash(row.get(3)?);
            name.execute(named_params! { ":no": row.get::<_, i64>(0)? })?;
            heads.push(SeenHead { device_tag: device.tag(), seq: unsigned(row, 2)?, hash: hash.short() });
        }
        Ok(heads)
    }
}

/// A count that SQLite keeps signed.
pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// A count as SQLite keeps it.
pub(super) fn signed(count: u64) -> Result<i64, StoreProblem> {
    i64::try_from(count).map_err(|_| StoreProblem::Damaged("count"))
}
