//! Members of staff, and what the exchange is doing, as a shell shows them.
//!
//! A person tells the truth about themselves; what a role may read is decided by the membership log.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CaseRow, PersonId, StaffRole};

/// One member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MentorPage {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// What they do, from the membership log.
    pub role: Option<StaffRole>,
    /// Whether it is whoever holds this device.
    pub is_me: bool,
    /// How many devices they have joined with.
    pub devices: u32,
    /// Cases of theirs that this device can read.
    pub cases: Vec<CaseRow>,
}

/// Everybody in the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StaffPage {
    /// In order of name.
    pub staff: Vec<StaffRow>,
}

/// One member of staff in the list of everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StaffRow {
    /// Who.
    pub person: PersonId,
    /// Their name; empty while it has not arrived.
    pub name: String,
    /// What they do, from the membership log.
    pub role: StaffRole,
}

/// What waits and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExchangePage {
    /// Edits that have not reached the endpoint.
    pub unsent: u32,
    /// Those of them that are urgent.
    pub unsent_urgent: u32,
    /// When the oldest of them was made, in milliseconds since 1970.
    pub oldest_unsent_at_ms: Option<i64>,
    /// When the last exchange ended well, in milliseconds since 1970 by this device.
    pub last_exchange_at_ms: Option<i64>,
    /// How far this device's clock is ahead of the endpoint's, in milliseconds, if known.
    pub clock_ahead_ms: Option<i64>,
    /// Segments that were received and wait for something that has not come.
    pub waiting: Vec<WaitingRow>,
    /// What was received and could not be believed, kept for an administrator.
    pub set_aside: Vec<WaitingRow>,
    /// Edits of kinds or fields that this version does not know; kept and passed on.
    pub unknown_edits: u32,
    /// What a person has to hear of, oldest first.
    pub alarms: Vec<AlarmRow>,
    /// Whether the endpoint has no room for anything but what is urgent; the rest is kept here.
    pub endpoint_full: bool,
    /// Until when the endpoint asked to be left alone, in milliseconds since 1970 by this device.
    pub not_before_at_ms: Option<i64>,
    /// Where the endpoint is.
    pub endpoint: String,
}

/// Something that a person has to hear of. Nothing was lost, and everything else goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AlarmRow {
    /// Lasting name: `device_copied` or `two_histories`.
    pub what: String,
    /// The device it is about, by the start of its name.
    pub device: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// What it is, in plain words.
    pub words: String,
    /// What to do.
    pub next_step: String,
}

/// Received segments that cannot be settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaitingRow {
    /// Author, by the start of the device's name.
    pub device: String,
    /// How many segments.
    pub segments: u32,
    /// Key of the reason.
    pub why: String,
}
