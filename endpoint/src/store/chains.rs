//! Segments, verbatim, and where each chain ends.
//!
//! A segment is bytes with a place; what is sealed inside never matters here.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::segment::{Chain, Head};
use rusqlite::{OptionalExtension, named_params};

use super::{Read, Write, read_back, stored};
use crate::problem::Trouble;

/// A segment that the rules have taken.
pub(crate) struct KeptSegment<'s> {
    /// Its chain.
    pub(crate) chain: Chain,
    /// Number of its first edit.
    pub(crate) first_seq: u64,
    /// Number of its last edit, and its hash: the chain's head from now on.
    pub(crate) head: Head,
    /// Hash of the segment before.
    pub(crate) previous: Hash,
    /// The endpoint's clock.
    pub(crate) received_at_ms: i64,
    /// The signed bytes.
    pub(crate) bytes: &'s [u8],
}

/// Where a chain ends, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptHead {
    /// The last segment.
    pub(crate) head: Head,
    /// When it arrived.
    pub(crate) received_at_ms: i64,
}

impl Read<'_> {
    /// Where a chain ends; `None` if nothing of it has arrived.
    pub(crate) fn head(
        &self,
        vault: VaultId,
        device: DeviceId,
        lane_code: u8,
    ) -> Result<Option<KeptHead>, Trouble> {
        let mut head = self.0.prepare_cached(
            "SELECT seq, hash, received_at_ms FROM chain
             WHERE device = :device AND vault = :vault AND lane = :lane",
        )?;
        let chain = named_params! {
            ":device": device.as_bytes(), ":vault": vault.as_bytes(), ":lane": lane_code,
        };
        let found = head.query_row(chain, |row| {
            let head = Head { seq: read_back(row.get("seq")?), hash: Hash(row.get("hash")?) };
            Ok(KeptHead { head, received_at_ms: row.get("received_at_ms")? })
        });
        Ok(found.optional()?)
    }

    /// The segment of a chain that begins with this edit.
    pub(crate) fn segment(&self, chain: &Chain, first_seq: u64) -> Result<Option<Vec<u8>>, Trouble> {
        let mut segment = self.0.prepare_cached(
            "SELECT bytes FROM segment
             WHERE device = :device AND vault = :vault AND lane = :lane AND first_seq = :first_seq",
        )?;
        let place = named_params! {
            ":device": chain.device.as_bytes(),
            ":vault": chain.vault.as_bytes(),
            ":lane": chain.lane.code(),
            ":first_seq": stored(first_seq),
        };
        Ok(segment.query_row(place, |row| row.get("bytes")).optional()?)
    }

    /// The hash of the segment of a chain that ends with this edit.
    pub(crate) fn hash_at(&self, chain: &Chain, last_seq: u64) -> Result<Option<Hash>, Trouble> {
        let mut segment = self.0.prepare_cached(
            "SELECT hash FROM segment
             WHERE device = :device AND vault = :vault AND lane = :lane AND last_seq = :last_seq",
        )?;
        let place = named_params! {
            ":device": chain.device.as_bytes(),
            ":vault": chain.vault.as_bytes(),
            ":lane": chain.lane.code(),
            ":last_seq": stored(last_seq),
        };
        Ok(segment.query_row(place, |row| Ok(Hash(row.get("hash")?))).optional()?)
    }

    /// Author, lane code and head of every chain of a vault.
    pub(crate) fn chains_of(&self, vault: VaultId) -> Result<Vec<(DeviceId, u8, Head)>, Trouble> {
        let mut chains = self.0.prepare_cached(
            "SELECT device, lane, seq, hash FROM chain WHERE vault = :vault ORDER BY device, lane",
        )?;
        let rows = chains.query_map(named_params! { ":vault": vault.as_bytes() }, |row| {
            let head = Head { seq: read_back(row.get("seq")?), hash: Hash(row.get("hash")?) };
            Ok((DeviceId(row.get("device")?), row.get("lane")?, head))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many edits are held under a device's name.
    pub(crate) fn held(&self, device: DeviceId) -> Result<u64, Trouble> {
        let mut held =
            self.0.prepare_cached("SELECT ifnull(sum(seq), 0) FROM chain WHERE device = :device")?;
        let which = named_params! { ":device": device.as_bytes() };
        Ok(held.query_row(which, |row| Ok(read_back(row.get(0)?)))?)
    }

    /// Vault, lane code and head of a device's chains, at most so many.
    pub(crate) fn heads(
        &self,
        device: DeviceId,
        at_most: usize,
    ) -> Result<Vec<(VaultId, u8, Head)>, Trouble> {
        let mut heads = self.0.prepare_cached(
            "SELECT vault, lane, seq, hash FROM chain WHERE device = :device ORDER BY vault, lane LIMIT :at_most",
        )?;
        let which = named_params! {
            ":device": device.as_bytes(),
            ":at_most": i64::try_from(at_most).unwrap_or(i64::MAX),
        };
        let rows = heads.query_map(which, |row| {
            let head = Head { seq: read_back(row.get("seq")?), hash: Hash(row.get("hash")?) };
            Ok((VaultId(row.get("vault")?), row.get("lane")?, head))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Keeps the next segment of a chain.
    pub(crate) fn keep_segment(&self, segment: &KeptSegment<'_>) -> Result<(), Trouble> {
        let KeptSegment { chain, first_seq, head, previous, received_at_ms, bytes } = segment;
        self.0
            .prepare_cached(
                "INSERT INTO segment (arrival, vault, device, lane, first_seq, last_seq, hash, previous,
                                      received_at_ms, bytes)
                 VALUES (:arrival, :vault, :device, :lane, :first_seq, :last_seq, :hash, :previous,
                         :received_at_ms, :bytes)",
            )?
            .execute(named_params! {
                ":arrival": self.next_arrival(bytes.len())?,
                ":vault": chain.vault.as_bytes(),
                ":device": chain.device.as_bytes(),
                ":lane": chain.lane.code(),
                ":first_seq": stored(*first_seq),
                ":last_seq": stored(head.seq),
                ":hash": head.hash.0,
                ":previous": previous.0,
                ":received_at_ms": received_at_ms,
                ":bytes": bytes,
            })?;
        self.0
            .prepare_cached(
                "INSERT INTO chain (device, vault, lane, seq, hash, received_at_ms)
                 VALUES (:device, :vault, :lane, :seq, :hash, :received_at_ms)
                 ON CONFLICT (device, vault, lane)
                 DO UPDATE SET seq = :seq, hash = :hash, received_at_ms = :received_at_ms",
            )?
            .execute(named_params! {
                ":device": chain.device.as_bytes(),
                ":vault": chain.vault.as_bytes(),
                ":lane": chain.lane.code(),
                ":seq": stored(head.seq),
                ":hash": head.hash.0,
                ":received_at_ms": received_at_ms,
            })?;
        Ok(())
    }
}
