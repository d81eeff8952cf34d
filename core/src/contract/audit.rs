//! The page about what was done on a device.
//!
//! A shape without behaviour; who may see it is decided where it is drawn.

use schemars::JsonSchema;
use serde::Serialize;

use super::{PersonId, RecordId};

/// What was done on this device, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct AuditPage {
    /// How many lines there are in all.
    pub lines_in_all: u64,
    /// The first line that was changed, moved or taken out by somebody without the key; absent if the whole list stands.
    pub broken_at: Option<u64>,
    /// Those that were asked for.
    pub lines: Vec<AuditRow>,
    /// Ask again with this as `before` for the next ones; absent at the end.
    pub next_before: Option<u64>,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct AuditRow {
    /// Its number, from 1 without gaps.
    pub no: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Lasting name of what was done: a command, or `unlock`, `failed_tries`, `change_pin`, `read_case`, `receive` and the
    /// like.
    pub what: String,
    /// Who did it; absent where nobody was known yet.
    pub person: Option<PersonId>,
    /// That person's name; empty while it has not arrived.
    pub by: String,
    /// The record it was done to.
    pub record: Option<RecordId>,
    /// How often, for failed tries; else 0.
    pub number: u32,
}
