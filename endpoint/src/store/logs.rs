//! Membership records, verbatim and in order, and whom they let in.
//!
//! Keeps what the rules have already taken; a record out of place is a broken promise of the caller.

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::SignedRecord;
use rusqlite::{OptionalExtension, named_params};

use super::{Read, Write};
use crate::problem::Trouble;

impl Read<'_> {
    /// The record at one place of one log.
    pub(crate) fn record(&self, vault: VaultId, number: u32) -> Result<Option<Vec<u8>>, Trouble> {
        let mut record = self
            .0
            .prepare_cached("SELECT bytes FROM membership WHERE vault = :vault AND number = :number")?;
        let place = named_params! { ":vault": vault.as_bytes(), ":number": number };
        Ok(record.query_row(place, |row| row.get("bytes")).optional()?)
    }

    /// One log, oldest record first.
    pub(crate) fn log(&self, vault: VaultId) -> Result<Vec<Vec<u8>>, Trouble> {
        let mut log =
            self.0.prepare_cached("SELECT bytes FROM membership WHERE vault = :vault ORDER BY number")?;
        let records = log.query_map(named_params! { ":vault": vault.as_bytes() }, |row| row.get("bytes"))?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// Shows every record of every log in the order of arrival.
    pub(crate) fn each_record(
        &self,
        mut show: impl FnMut(&[u8]) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let mut all = self.0.prepare("SELECT bytes FROM membership ORDER BY arrival")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            show(row.get_ref("bytes")?.as_blob().map_err(|_| Trouble::Damaged)?)?;
        }
        Ok(())
    }
}

impl Write<'_> {
    /// Keeps the next record of a log; the devices it lets in are members from its arrival on.
    pub(crate) fn keep_record(&self, signed: &SignedRecord, admitted: &[DeviceId]) -> Result<(), Trouble> {
        let arrival = self.next_arrival(signed.bytes().len())?;
        let vault = signed.record.vault;
        self.0
            .prepare_cached(
                "INSERT INTO membership (arrival, vault, number, hash, bytes)
                 VALUES (:arrival, :vault, :number, :hash, :bytes)",
            )?
            .execute(named_params! {
                ":arrival": arrival,
                ":vault": vault.as_bytes(),
                ":number": signed.record.number,
                ":hash": signed.hash().0,
                ":bytes": signed.bytes(),
            })?;
        self.follow_members(signed, admitted, arrival)
    }
}
