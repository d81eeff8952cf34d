//! Who made something and when, as pages show it.
//!
//! Joins the directory to the edits; a device that the directory does not name yet shows without a name.

use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, Row, named_params};

use super::Read;
use super::StandingValue;
use super::problem::StoreProblem;
use crate::contract::Made;
use crate::domain::stamp::{DOUBTFUL_MS_MAX, Stamp};

/// The three columns that every kind's table has about its first edit, in the order of [`RawMade::read`].
pub(super) struct RawMade {
    device: DeviceId,
    stamp: Stamp,
    ahead_ms: i64,
}

impl RawMade {
    /// Reads `made_device`, `made_stamp` and `made_ahead_ms` from three columns in a row.
    pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            device: DeviceId(row.get(first)?),
            stamp: Stamp(row.get::<_, i64>(first.saturating_add(1))?.cast_unsigned()),
            ahead_ms: row.get(first.saturating_add(2))?,
        })
    }
}

impl Read<'_> {
    /// Who brought a value, and when. A time that cannot be true is given as when the endpoint held the edit.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn made_value(&self, value: &StandingValue) -> Result<Made, StoreProblem> {
        let ahead_ms = if value.off_ms == 0 { value.ahead_ms } else { value.off_ms };
        self.made(value.held.edit.device, value.believed(), ahead_ms)
    }

    /// Who made an edit, and when.
    ///
    /// # Errors
    /// Only the database's own.
    pub(super) fn made(&self, device: DeviceId, stamp: Stamp, ahead_ms: i64) -> Result<Made, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT ifnull(person.name, '') FROM device JOIN person ON person.id = device.person
             WHERE device.id = :device",
        )?;
        let by = statement.query_row(named_params! { ":device": device.0 }, |row| row.get(0)).optional()?;
        Ok(Made {
            by: by.unwrap_or_default(),
            device: device.to_string().chars().take(8).collect(),
            at_ms: stamp.ms(),
            clock_doubtful: ahead_ms.unsigned_abs() > DOUBTFUL_MS_MAX.unsigned_abs(),
        })
    }

    pub(super) fn made_of(&self, raw: &RawMade) -> Result<Made, StoreProblem> {
        self.made(raw.device, raw.stamp, raw.ahead_ms)
    }
}
