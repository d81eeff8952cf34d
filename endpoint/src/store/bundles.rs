//! Bundles, verbatim, and which kept segments they cover.
//!
//! Nothing is ever taken away for a bundle: the segments stay, and whoever reads already goes on reading them.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::segment::Chain;
use rusqlite::{OptionalExtension, named_params};

use super::{Read, Write, stored};
use crate::problem::Trouble;

/// What is kept of a run of segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Covered {
    /// Hash of what precedes the first.
    pub(crate) before: Hash,
    /// Hash of the last.
    pub(crate) last_hash: Hash,
    /// How many there are.
    pub(crate) segments: u32,
    /// How many of them a bundle covers already.
    pub(crate) bundled: u32,
    /// Whether one bundle covers exactly all of them.
    pub(crate) same: bool,
}

/// A bundle that the rules have taken.
pub(crate) struct KeptBundle<'b> {
    /// Its chain.
    pub(crate) chain: Chain,
    /// Number of the first edit inside.
    pub(crate) first_seq: u64,
    /// Number of the last edit inside.
    pub(crate) last_seq: u64,
    /// The signed bytes.
    pub(crate) bytes: &'b [u8],
}

impl Read<'_> {
    /// The segments of a chain that begin and end with these edits; `None` unless whole segments do.
    pub(crate) fn covered(
        &self,
        chain: &Chain,
        first_seq: u64,
        last_seq: u64,
    ) -> Result<Option<Covered>, Trouble> {
        let mut run = self.0.prepare_cached(
            "SELECT first.previous, last.hash, count(*) AS segments, count(each.bundle) AS bundled,
                    EXISTS (SELECT 1 FROM bundle WHERE arrival = first.bundle
                            AND bundle.first_seq = :first_seq AND bundle.last_seq = :last_seq) AS same
             FROM segment AS first
                  JOIN segment AS last ON last.device = first.device AND last.vault = first.vault
                       AND last.lane = first.lane AND last.last_seq = :last_seq
                  JOIN segment AS each ON each.device = first.device AND each.vault = first.vault
                       AND each.lane = first.lane AND each.first_seq BETWEEN :first_seq AND :last_seq
             WHERE first.device = :device AND first.vault = :vault AND first.lane = :lane
               AND first.first_seq = :first_seq
             GROUP BY first.arrival",
        )?;
        let place = named_params! {
            ":device": chain.device.as_bytes(),
            ":vault": chain.vault.as_bytes(),
            ":lane": chain.lane.code(),
            ":first_seq": stored(first_seq),
            ":last_seq": stored(last_seq),
        };
        let found = run.query_row(place, |row| {
            Ok(Covered {
                before: Hash(row.get(0)?),
                last_hash: Hash(row.get(1)?),
                segments: row.get("segments")?,
                bundled: row.get("bundled")?,
                same: row.get("same")?,
            })
        });
        Ok(found.optional()?)
    }
}

impl Write<'_> {
    /// Keeps a bundle beside the segments that it covers.
    pub(crate) fn keep_bundle(&self, bundle: &KeptBundle<'_>) -> Result<(), Trouble> {
        let KeptBundle { chain, first_seq, last_seq, bytes } = bundle;
        let arrival = self.next_arrival(bytes.len())?;
        self.0
            .prepare_cached(
                "INSERT INTO bundle (arrival, vault, device, first_seq, last_seq, bytes)
                 VALUES (:arrival, :vault, :device, :first_seq, :last_seq, :bytes)",
            )?
            .execute(named_params! {
                ":arrival": arrival,
                ":vault": chain.vault.as_bytes(),
                ":device": chain.device.as_bytes(),
                ":first_seq": stored(*first_seq),
                ":last_seq": stored(*last_seq),
                ":bytes": bytes,
            })?;
        self.0
            .prepare_cached(
                "UPDATE segment SET bundle = :arrival
                 WHERE device = :device AND vault = :vault AND lane = :lane
                   AND first_seq BETWEEN :first_seq AND :last_seq",
            )?
            .execute(named_params! {
                ":arrival": arrival,
                ":device": chain.device.as_bytes(),
                ":vault": chain.vault.as_bytes(),
                ":lane": chain.lane.code(),
                ":first_seq": stored(*first_seq),
                ":last_seq": stored(*last_seq),
            })?;
        Ok(())
    }
}
