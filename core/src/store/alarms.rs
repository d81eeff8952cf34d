//! What a person has to hear of: that a store was copied, that somebody tells two stories.
//!
//! Each is kept from the first time it was seen, whatever happens to the segments that showed it.

use fieldfare_protocol::id::{DeviceId, VaultId};
use rusqlite::named_params;

use super::chains::signed;
use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::CaseId;

/// What an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Another device writes under the name that this one had: its store was copied, or turned back.
    DeviceCopied,
    /// Two devices were shown different edits under one name and number.
    TwoHistories,
    /// The audit of this device was changed by somebody without its key.
    AuditBroken,
    /// The log of a vault has two branches.
    LogForked,
    /// Another device has settled the same edits to something else.
    PhonesDiffer,
    /// What stands in this store is not what its edits say.
    SettledWrongly,
    /// The store of this device is older than it was: a copy was put in its place.
    StoreTurnedBack,
    /// A vault was erased by law in which something of this device's was not sent.
    ErasedUnsent,
}

/// An alarm as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAlarm {
    /// Lasting name of what it is about.
    pub what: String,
    /// The vault it is about; zeros if it is about none of its own.
    pub vault: VaultId,
    /// The device whose name or chain it is about.
    pub device: DeviceId,
    /// Whose device it is, by name; empty if nobody knows.
    pub by: String,
    /// The case it is about, if it is about one and that is here.
    pub case: Option<CaseId>,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
}

impl Alarm {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DeviceCopied => "device_copied",
            Self::TwoHistories => "two_histories",
            Self::AuditBroken => "audit_broken",
            Self::LogForked => "log_forked",
            Self::PhonesDiffer => "phones_differ",
            Self::SettledWrongly => "settled_wrongly",
            Self::StoreTurnedBack => "store_turned_back",
            Self::ErasedUnsent => "erased_unsent",
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
            "SELECT alarm.what, alarm.device, alarm.since_ms,
                    (SELECT person.name FROM device JOIN person ON person.id = device.person
                     WHERE device.id = alarm.device),
                    vault.no, alarm.vault
             FROM alarm LEFT JOIN vault ON vault.id = alarm.vault ORDER BY 3, what, alarm.device, alarm.vault",
        )?;
        let mut rows = statement.query([])?;
        let mut alarms = Vec::new();
        while let Some(row) = rows.next()? {
            let vault_no: Option<i64> = row.get(4)?;
            alarms.push(StoredAlarm {
                what: row.get(0)?,
                vault: VaultId(row.get(5)?),
                device: DeviceId(row.get(1)?),
                since_ms: row.get(2)?,
                by: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                case: vault_no.map(|no| self.case_of_vault(no)).transpose()?.flatten(),
            });
        }
        Ok(alarms)
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

    /// Takes an alarm back: what it was about is no longer so.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn lower_alarm(&self, alarm: Alarm, vault: VaultId, device: DeviceId) -> Result<(), StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("DELETE FROM alarm WHERE what = :what AND vault = :vault AND device = :device")?;
        statement.execute(named_params! { ":what": alarm.name(), ":vault": vault.0, ":device": device.0 })?;
        Ok(())
    }
}
