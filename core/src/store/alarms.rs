//! What a person has to hear of: that a store was copied, that somebody tells two stories.
//!
//! Each is kept from the first time it was seen, whatever happens to the segments that showed it.

use fieldfare_protocol::id::{DeviceId, VaultId};
use rusqlite::named_params;

use super::chains::signed;
use super::problem::StoreProblem;
use super::{Read, Write};

/// What an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Another device writes under the name that this one had: its store was copied, or turned back.
    DeviceCopied,
    /// Two devices were shown different edits under one name and number.
    TwoHistories,
    /// The audit of this device was changed by somebody without its key.
    AuditBroken,
}

/// An alarm as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAlarm {
    /// Lasting name of what it is about.
    pub what: String,
    /// The device whose name or chain it is about.
    pub device: DeviceId,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
}

impl Alarm {
    const fn name(self) -> &'static str {
        match self {
            Self::DeviceCopied => "device_copied",
            Self::TwoHistories => "two_histories",
            Self::AuditBroken => "audit_broken",
        }
    }
}

impl Read<'_> {
    /// Every alarm, oldest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn alarms(&self) -> Result<Vec<StoredAlarm>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT what, device, min(since_ms) FROM alarm GROUP BY what, device ORDER BY 3, what, device",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(StoredAlarm { what: row.get(0)?, device: DeviceId(row.get(1)?), since_ms: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Write<'_> {
    /// Keeps an alarm, once for each vault and device. `seq` is the number at which it was seen, 0 if there is none.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn raise_alarm(
        &self,
        alarm: Alarm,
        vault: VaultId,
        device: DeviceId,
        seq: u64,
        since_ms: i64,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR IGNORE INTO alarm (what, vault, device, seq, since_ms)
             VALUES (:what, :vault, :device, :seq, :since_ms)",
        )?;
        statement.execute(named_params! {
            ":what": alarm.name(),
            ":vault": vault.0,
            ":device": device.0,
            ":seq": signed(seq)?,
            ":since_ms": since_ms,
        })?;
        Ok(())
    }
}
