//! The one row about this life of the data: generation, receipt seed, organisation, the counter of arrivals.
//!
//! Knows nothing of devices.

use fieldfare_protocol::exchange::{Cursors, Generation};
use fieldfare_protocol::id::VaultId;
use rusqlite::named_params;

use super::{Read, Write, stored};
use crate::problem::Trouble;

/// What the row says.
pub(crate) struct Meta {
    /// Changes when the data is restored from a backup.
    pub(crate) generation: Generation,
    /// Seed of the key that signs receipts.
    pub(crate) receipt_seed: [u8; 32],
    /// The organisation, once there is one.
    pub(crate) organisation: Option<VaultId>,
}

impl Read<'_> {
    /// The row.
    pub(crate) fn meta(&self) -> Result<Meta, Trouble> {
        let meta =
            self.0.query_row("SELECT generation, receipt_seed, organisation FROM meta", [], |row| {
                let organisation: Option<[u8; 16]> = row.get("organisation")?;
                Ok(Meta {
                    generation: Generation(row.get("generation")?),
                    receipt_seed: row.get("receipt_seed")?,
                    organisation: organisation.map(VaultId),
                })
            })?;
        Ok(meta)
    }

    /// Bytes of all records and segments.
    pub(crate) fn kept_bytes(&self) -> Result<u64, Trouble> {
        let bytes: i64 = self.0.query_row("SELECT kept_bytes FROM meta", [], |row| row.get(0))?;
        Ok(bytes.cast_unsigned())
    }

    /// Whether this data can have given out these cursors: something has arrived under every number that they name.
    pub(crate) fn gave_out(&self, cursors: &Cursors) -> Result<bool, Trouble> {
        let mut arrived = self.0.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM membership WHERE arrival = :arrival)
                 OR EXISTS (SELECT 1 FROM segment WHERE arrival = :arrival)
                 OR EXISTS (SELECT 1 FROM late WHERE arrival = :arrival)
                 OR EXISTS (SELECT 1 FROM moved WHERE arrival = :arrival)",
        )?;
        let Cursors { first, rest } = cursors;
        for arrival in [first.since, first.arrival, rest.since, rest.arrival] {
            if arrival > 0
                && !arrived
                    .query_row(named_params! { ":arrival": stored(arrival) }, |row| row.get::<_, bool>(0))?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Write<'_> {
    /// Notes whose data this is.
    pub(crate) fn keep_organisation(&self, organisation: VaultId) -> Result<(), Trouble> {
        self.0.execute(
            "UPDATE meta SET organisation = :organisation",
            named_params! { ":organisation": organisation.as_bytes() },
        )?;
        Ok(())
    }

    /// Begins another life of the same data.
    pub(crate) fn set_generation(&self, generation: Generation) -> Result<(), Trouble> {
        self.0.execute(
            "UPDATE meta SET generation = :generation",
            named_params! { ":generation": generation.0 },
        )?;
        Ok(())
    }

    /// The next number in the order of arrival, for something of so many bytes.
    pub(super) fn next_arrival(&self, bytes: usize) -> Result<i64, Trouble> {
        let mut next = self.0.prepare_cached(
            "UPDATE meta SET last_arrival = last_arrival + :step, kept_bytes = kept_bytes + :bytes
             RETURNING last_arrival",
        )?;
        let named = named_params! { ":step": self.1, ":bytes": stored(bytes as u64) };
        Ok(next.query_row(named, |row| row.get(0))?)
    }
}
