//! Members of staff, and what the exchange is doing, as a shell shows them.
//!
//! A person tells the truth about themselves; what a role may read is decided by the membership log.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Action, CaseId, CaseRow, ConcernRow, ErasedWordsRow, PersonId, StaffRole};

/// One member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
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
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct StaffPage {
    /// In order of name.
    pub staff: Vec<StaffRow>,
    /// Whoever has left and still stands on cases that this device reads: these have to be handed on.
    pub to_hand_on: Vec<LeaverRow>,
    /// What can be done for everybody.
    pub actions: Vec<Action>,
}

/// Somebody who has left, and their cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct LeaverRow {
    /// Who.
    pub person: PersonId,
    /// Their name; empty while it has not arrived.
    pub name: String,
    /// Cases on which they stand as a mentor.
    pub cases: Vec<CaseRow>,
}

/// One member of staff in the list of everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct StaffRow {
    /// Who.
    pub person: PersonId,
    /// Their name; empty while it has not arrived.
    pub name: String,
    /// What they do, from the membership log.
    pub role: StaffRole,
}

/// Every device that ever joined the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct DevicesPage {
    /// In order of the name of their person.
    pub devices: Vec<DeviceRow>,
    /// Whether the recovery key is known to open everything.
    pub drill: DrillRow,
}

/// The last time that somebody found out whether the recovery key opens what it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct DrillRow {
    /// The day, as year-month-day; absent if there was none yet.
    pub last_on: Option<String>,
    /// How many vaults it opened then.
    pub opened: u32,
    /// How many it did not: somebody has to change their keys while they can still be read.
    pub failed: u32,
    /// Whether the next one is due: none was held within 180 days, or the last one failed.
    pub is_due: bool,
}

/// One device of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct DeviceRow {
    /// Its name, 32 hexadecimal digits.
    pub device: String,
    /// Whose it is.
    pub person: PersonId,
    /// That person's name; empty while it has not arrived.
    pub name: String,
    /// What that person does, from the membership log.
    pub role: StaffRole,
    /// Whether it is this device.
    pub is_me: bool,
    /// Whether it was removed: it reads nothing that was written since.
    pub removed: bool,
}

/// What waits and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
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
    /// What has not reached the endpoint, by what it is, first to leave first; what is sent is left out.
    pub unsent_parts: Vec<UnsentPart>,
    /// Concerns that are **not delivered yet**, with why and whom to call, at most 50: not sent, or nobody who acts can open them.
    pub undelivered: Vec<ConcernRow>,
    /// Why the last exchange ended before its time; absent if it did not, or if there has been none.
    pub trouble: Option<ExchangeTrouble>,
    /// Segments that were received and wait for something that has not come.
    pub waiting: Vec<WaitingRow>,
    /// What was received and could not be believed, kept for an administrator.
    pub set_aside: Vec<WaitingRow>,
    /// Files whose membership log was told in two ways. Nothing is sent there until an administrator has looked; nothing is
    /// lost.
    pub two_histories: u32,
    /// Edits of kinds or fields that this version does not know; kept and passed on.
    pub unknown_edits: u32,
    /// The cases among them that this device can read, with who ends the fork.
    pub forks: Vec<ForkRow>,
    /// What a person has to hear of, oldest first.
    pub alarms: Vec<AlarmRow>,
    /// Own words out of cases that were erased before they were sent, at most 500. What is still needed has to be written
    /// in another case; they are destroyed after 14 days.
    pub erased_unsent: Vec<ErasedWordsRow>,
    /// Whether the endpoint has no room for anything but what is urgent; the rest is kept here.
    pub endpoint_full: bool,
    /// Until when the endpoint asked to be left alone, in milliseconds since 1970 by this device.
    pub not_before_at_ms: Option<i64>,
    /// Where the endpoint is.
    pub endpoint: String,
    /// How long this device may go on without contact, or that it may not go on.
    pub lease: LeaseRow,
}

/// How a device stands that has been without contact, or was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum LeaseState {
    /// Everything goes on.
    Open,
    /// Everything goes on, but not for long.
    Warned,
    /// Reading, concerns and drafts that were begun go on; the next exchange brings the rest back.
    ReadOnly,
    /// The organisation has removed this device. It hands over what is unsent and is erased then.
    Removed,
}

/// How long a device may go on without contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct LeaseRow {
    /// How it stands.
    pub state: LeaseState,
    /// Days without contact, as far as they are counted; a clock that jumps counts for little.
    pub days: u32,
    /// Days until only reading, concerns and drafts go on; 0 if that is so.
    pub read_only_in_days: u32,
    /// Days until this device is erased; absent if the organisation does not want that.
    pub erased_in_days: Option<u32>,
    /// Whether something unsent keeps it from being erased until it has been sent.
    pub kept_by_unsent: bool,
    /// What it is, in plain words; empty while there is nothing to say.
    pub words: String,
    /// What to do; empty likewise.
    pub next_step: String,
}

/// A case whose list of members was told in two ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ForkRow {
    /// The case.
    pub case: Option<CaseId>,
    /// Whose it is, by name; empty if that has not arrived.
    pub young_person: String,
    /// Since when it has been known, in milliseconds since 1970.
    pub since_ms: i64,
    /// Whether concerns leave all the same. If not, call as the concern's own row says.
    pub concerns_leave: bool,
    /// `resolve_fork`, and why not if it cannot be done here.
    pub actions: Vec<Action>,
}

/// Something that a person has to hear of. Nothing was lost, and everything else goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct AlarmRow {
    /// Lasting name: `device_copied`, `two_histories`, `log_forked`, `audit_broken`, `store_turned_back`, `phones_differ`,
    /// `settled_wrongly` or `erased_unsent`.
    pub what: String,
    /// The device it is about, by the start of its name.
    pub device: String,
    /// Whose device it is, by name; empty if nobody knows.
    pub by: String,
    /// The case it is about, if it is about one.
    pub case: Option<CaseId>,
    /// Whose case that is, by name; empty if it is about none.
    pub young_person: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// What it is, in plain words.
    pub words: String,
    /// What to do.
    pub next_step: String,
}

/// What something unsent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum UnsentWhat {
    /// Safeguarding concerns, and the cases and young people they point to.
    Concerns,
    /// Check-ins, goals and what the organisation keeps for everybody.
    CheckInsAndGoals,
    /// Case notes.
    Notes,
    /// Photos and documents.
    Attachments,
}

/// What has not reached the endpoint, of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct UnsentPart {
    /// What it is.
    pub what: UnsentWhat,
    /// How many edits.
    pub edits: u32,
    /// How many bytes they hold, before they are packed.
    pub bytes: u64,
    /// When the oldest of them was made, in milliseconds since 1970.
    pub oldest_at_ms: Option<i64>,
}

/// Why an exchange ended before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ExchangeTrouble {
    /// When, in milliseconds since 1970 by this device.
    pub at_ms: i64,
    /// Name of the problem.
    pub problem: String,
    /// What happened.
    pub says: String,
    /// What to do next.
    pub next: String,
}

/// Received segments that cannot be settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct WaitingRow {
    /// Author, by the start of the device's name.
    pub device: String,
    /// How many segments.
    pub segments: u32,
    /// Key of the reason.
    pub why: String,
    /// Whose device it is, by name; empty if nobody here knows.
    pub by: String,
    /// The case it belongs to, if that is here.
    pub case: Option<CaseId>,
    /// The young person's name, likewise.
    pub young_person: String,
    /// Since when, in milliseconds since 1970 by the endpoint's clock.
    pub since_ms: i64,
    /// Whether it should not happen among honest devices, and somebody has to look at it.
    pub needs_a_person: bool,
    /// What happened, in plain words.
    pub says: String,
    /// What to do next.
    pub next: String,
}

/// Who asks for help, as a helper has to make sure of before giving it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct HelpAsked {
    /// Whose phone it is.
    pub name: String,
    /// What they do.
    pub role: StaffRole,
    /// The phone, 32 hexadecimal digits.
    pub device: String,
}
