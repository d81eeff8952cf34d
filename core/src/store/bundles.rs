//! Bundles: which of our own runs the endpoint has taken, and colleagues' bytes as they were signed.
//!
//! Bytes in, the same bytes out. Nothing is packed or opened here.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::DeviceId;
use rusqlite::named_params;

use super::chains::{signed, unsigned};
use super::problem::StoreProblem;
use super::{Read, StoredSegment, Write};

/// One of our own chains with many segments that no bundle covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongChain {
    /// Row of the chain.
    pub no: i64,
    /// Row of its vault.
    pub vault_no: i64,
    /// Wire code of its lane.
    pub lane_code: u8,
    /// Number of the last edit that was looked at already.
    pub done_seq: u64,
    /// Number of the last edit that the endpoint holds.
    pub acked_seq: u64,
}

impl Read<'_> {
    /// Chains of this device with at least so many segments that the endpoint holds and no bundle has covered.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn long_chains(&self, me: DeviceId, segments_min: u32) -> Result<Vec<LongChain>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "WITH done AS (
                 SELECT chain.no, chain.vault, chain.lane, chain.acked_seq,
                        ifnull((SELECT max(last_seq) FROM bundle WHERE bundle.chain = chain.no), 0) AS done_seq
                 FROM chain JOIN vault ON vault.no = chain.vault
                 WHERE chain.device = :me AND vault.erased_at_ms IS NULL
             )
             SELECT no, vault, lane, done_seq, acked_seq FROM done
             WHERE (SELECT count(*) FROM segment WHERE segment.chain = done.no
                    AND segment.first_seq > done.done_seq AND segment.last_seq <= done.acked_seq) >= :least
             ORDER BY no",
        )?;
        let rows = statement.query_map(named_params! { ":me": me.0, ":least": segments_min }, |row| {
            Ok(LongChain {
                no: row.get(0)?,
                vault_no: row.get(1)?,
                lane_code: row.get(2)?,
                done_seq: unsigned(row, 3)?,
                acked_seq: unsigned(row, 4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The hash of the segment of a chain that ends with an edit, and those that follow it up to another edit, at most so
    /// many.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn run_of_segments(
        &self,
        chain_no: i64,
        after_seq: u64,
        until_seq: u64,
        count_max: usize,
    ) -> Result<(Hash, Vec<StoredSegment>), StoreProblem> {
        let before = self.segment_hash_at(chain_no, after_seq)?.unwrap_or(Hash::NOTHING);
        let mut statement = self.connection.prepare_cached(
            "SELECT first_seq, last_seq, hash, bytes FROM segment
             WHERE chain = :chain AND first_seq > :after AND last_seq <= :until
             ORDER BY first_seq LIMIT :count",
        )?;
        let named = named_params! {
            ":chain": chain_no,
            ":after": signed(after_seq)?,
            ":until": signed(until_seq)?,
            ":count": i64::try_from(count_max).unwrap_or(i64::MAX),
        };
        let rows = statement.query_map(named, |row| {
            Ok(StoredSegment {
                first_seq: unsigned(row, 0)?,
                last_seq: unsigned(row, 1)?,
                hash: Hash(row.get(2)?),
                bytes: row.get(3)?,
            })
        })?;
        Ok((before, rows.collect::<Result<_, _>>()?))
    }

    /// The bundle by which a colleague's edit came, if it did: its first and last number and the signed bytes.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn bundles_of(&self, chain_no: i64) -> Result<Vec<(u64, u64, Vec<u8>)>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT first_seq, last_seq, bytes FROM bundle WHERE chain = :chain AND kept = 2 ORDER BY first_seq",
        )?;
        let rows = statement.query_map(named_params! { ":chain": chain_no }, |row| {
            Ok((unsigned(row, 0)?, unsigned(row, 1)?, row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Keeps a colleague's bundle, of which something has settled.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keep_their_bundle(
        &self,
        chain_no: i64,
        first_seq: u64,
        last_seq: u64,
        bytes: &[u8],
    ) -> Result<(), StoreProblem> {
        self.keep_bundle(chain_no, first_seq, last_seq, 2, bytes)
    }

    /// Notes that a run of our own segments is covered by a bundle that the endpoint holds, or is left as it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn run_done(
        &self,
        chain_no: i64,
        first_seq: u64,
        last_seq: u64,
        bundled: bool,
    ) -> Result<(), StoreProblem> {
        self.keep_bundle(chain_no, first_seq, last_seq, u8::from(bundled), &[])
    }

    fn keep_bundle(
        &self,
        chain_no: i64,
        first_seq: u64,
        last_seq: u64,
        kept: u8,
        bytes: &[u8],
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR IGNORE INTO bundle (chain, first_seq, last_seq, kept, bytes)
             VALUES (:chain, :first_seq, :last_seq, :kept, :bytes)",
        )?;
        statement.execute(named_params! {
            ":chain": chain_no,
            ":first_seq": signed(first_seq)?,
            ":last_seq": signed(last_seq)?,
            ":kept": kept,
            ":bytes": bytes,
        })?;
        Ok(())
    }

    /// Forgets which runs of ours the endpoint has bundles of: it began a new life.
    pub(super) fn forget_runs(&self, me: DeviceId) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached(
                "DELETE FROM bundle WHERE kept < 2 AND chain IN (SELECT no FROM chain WHERE device = :me)",
            )?
            .execute(named_params! { ":me": me.0 })?;
        Ok(())
    }
}
