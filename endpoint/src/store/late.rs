//! Segments that came after their author had left: kept apart, verbatim, for those who coordinate.
//!
//! They stand in no chain, and no member is handed them.

use fieldfare_protocol::exchange::Item;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::segment::{Chain, Head};
use rusqlite::{OptionalExtension, Row, named_params};

use super::{Read, Write, stored};
use crate::problem::Trouble;

/// A segment that came too late.
pub(crate) struct LateSegment<'s> {
    /// The chain it says it belongs to.
    pub(crate) chain: Chain,
    /// Number of its first edit.
    pub(crate) first_seq: u64,
    /// The bytes as they came.
    pub(crate) bytes: &'s [u8],
}

impl Read<'_> {
    /// A late segment as it is handed out.
    pub(super) fn sent_late(&self, arrival: i64) -> Result<Item, Trouble> {
        let mut late =
            self.0.prepare_cached("SELECT vault, device, bytes FROM late WHERE arrival = :arrival")?;
        let item = |row: &Row<'_>| {
            let bytes: Vec<u8> = row.get("bytes")?;
            Ok(Item::Late {
                vault: VaultId(row.get("vault")?),
                device: DeviceId(row.get("device")?),
                bytes: bytes.into(),
            })
        };
        Ok(late.query_row(named_params! { ":arrival": arrival }, item)?)
    }
}

impl Write<'_> {
    /// Lays a segment aside, once; false if its author has no room left.
    pub(crate) fn lay_aside(
        &self,
        late: &LateSegment<'_>,
        segments_max: u64,
        bytes_max: u64,
    ) -> Result<bool, Trouble> {
        let LateSegment { chain, bytes, .. } = late;
        let hash = Hash::of(&[bytes]);
        let mut known =
            self.0.prepare_cached("SELECT 1 FROM late WHERE device = :device AND hash = :hash")?;
        let which = named_params! { ":device": chain.device.as_bytes(), ":hash": hash.0 };
        if known.query_row(which, |_| Ok(())).optional()?.is_some() {
            return Ok(true);
        }
        let mut used = self.0.prepare_cached(
            "SELECT count(*), ifnull(sum(length(bytes)), 0) FROM late WHERE device = :device",
        )?;
        let (segments, so_far): (i64, i64) = used
            .query_row(named_params! { ":device": chain.device.as_bytes() }, |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let size = so_far.cast_unsigned().saturating_add(bytes.len() as u64);
        if segments.cast_unsigned() >= segments_max || size > bytes_max {
            return Ok(false);
        }
        self.keep_late(late, &hash)?;
        Ok(true)
    }

    fn keep_late(&self, late: &LateSegment<'_>, hash: &Hash) -> Result<(), Trouble> {
        let LateSegment { chain, first_seq, bytes } = late;
        self.0
            .prepare_cached(
                "INSERT OR IGNORE INTO late (arrival, vault, device, lane, first_seq, hash, bytes)
                 VALUES (:arrival, :vault, :device, :lane, :first_seq, :hash, :bytes)",
            )?
            .execute(named_params! {
                ":arrival": self.next_arrival(bytes.len())?,
                ":vault": chain.vault.as_bytes(),
                ":device": chain.device.as_bytes(),
                ":lane": chain.lane.code(),
                ":first_seq": stored(*first_seq),
                ":hash": hash.0,
                ":bytes": bytes,
            })?;
        Ok(())
    }

    /// Ends a chain where its author's removal says; what was kept beyond that is late.
    pub(crate) fn cut_off(&self, chain: &Chain, end: Head) -> Result<(), Trouble> {
        let (device, vault) = (chain.device.as_bytes(), chain.vault.as_bytes());
        let lane = chain.lane.code();
        let seq = stored(end.seq);
        let beyond: Vec<(i64, Vec<u8>)> = self
            .0
            .prepare_cached(
                "SELECT first_seq, bytes FROM segment
                 WHERE device = :device AND vault = :vault AND lane = :lane AND last_seq > :seq
                 ORDER BY first_seq",
            )?
            .query_map(
                named_params! { ":device": device, ":vault": vault, ":lane": lane, ":seq": seq },
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .collect::<Result<_, _>>()?;
        for (first_seq, bytes) in &beyond {
            let first_seq = first_seq.cast_unsigned();
            let late = LateSegment { chain: *chain, first_seq, bytes };
            self.keep_late(&late, &Hash::of(&[bytes]))?;
        }
        self.0
            .prepare_cached(
                "INSERT INTO moved (arrival) SELECT arrival FROM segment
                 WHERE device = :device AND vault = :vault AND lane = :lane AND last_seq > :seq",
            )?
            .execute(named_params! { ":device": device, ":vault": vault, ":lane": lane, ":seq": seq })?;
        self.0
            .prepare_cached(
                "DELETE FROM segment
                 WHERE device = :device AND vault = :vault AND lane = :lane AND last_seq > :seq",
            )?
            .execute(named_params! { ":device": device, ":vault": vault, ":lane": lane, ":seq": seq })?;
        self.0
            .prepare_cached(if end.seq == 0 {
                "DELETE FROM chain WHERE device = :device AND vault = :vault AND lane = :lane
                   AND seq > :seq AND :hash IS NOT NULL"
            } else {
                "UPDATE chain SET seq = :seq, hash = :hash
                 WHERE device = :device AND vault = :vault AND lane = :lane AND seq > :seq"
            })?
            .execute(named_params! {
                ":device": device, ":vault": vault, ":lane": lane, ":seq": seq, ":hash": end.hash.0,
            })?;
        Ok(())
    }
}
