//! One safeguarding concern and the list of all of them, as a shell shows them.
//!
//! *Received*, *delivered* and *read* are three words: the endpoint has it, somebody who acts can open it, somebody opened it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, AlsoRecorded, ConcernRow, ConcernState, Made, PersonId, PersonRow};

/// How far a concern has come on its way to those who act on it. The gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ConcernArrival {
    /// The endpoint does not have it.
    NotSent,
    /// The endpoint has it, and nobody who acts on concerns has a device that can open it.
    NobodyCanOpen,
    /// The endpoint has it, and somebody who acts on concerns can open it.
    Delivered,
}

/// Somebody who has opened a concern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct SeenRow {
    /// Who.
    pub person: PersonId,
    /// Their name; empty while it has not arrived.
    pub name: String,
    /// When they first did, in milliseconds since 1970.
    pub at_ms: i64,
    /// Whether they act on concerns.
    pub acts: bool,
}

/// What happened to a concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ConcernMomentKind {
    /// It was raised.
    Raised,
    /// Somebody opened it.
    Seen,
    /// Words were added to it.
    Added,
    /// Somebody who acts on it said what was done.
    Handled,
    /// Somebody decided between what two had said at the same time.
    Decided,
}

/// One moment of a concern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ConcernMoment {
    /// What happened.
    pub what: ConcernMomentKind,
    /// What was said; empty where nothing was.
    pub words: String,
    /// How far it had come then, if that was said.
    pub state: Option<ConcernState>,
    /// Who was to have it from then on, if that was said.
    pub owner: Option<PersonRow>,
    /// When it was to be dealt with, in milliseconds since 1970, if that was said.
    pub due_at_ms: Option<i64>,
    /// Who did it, and when.
    pub made: Made,
}

/// One concern. Opening it is reading it: whoever does stands among `seen` on everybody's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ConcernPage {
    /// The concern, as in lists.
    pub concern: ConcernRow,
    /// The young person's name.
    pub young_person: String,
    /// Everything that happened to it, the oldest first.
    pub log: Vec<ConcernMoment>,
    /// Values that were recorded at the same time.
    pub also_recorded: Vec<AlsoRecorded>,
    /// Whether everything in it that was said here has reached the endpoint, added words included.
    pub sent: bool,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// Every concern that this device can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ConcernsPage {
    /// Those not closed, the most urgent first: not delivered, overdue, not taken on, then by when they are due.
    pub open: Vec<ConcernRow>,
    /// How many more of them there are than are listed.
    pub open_left_out: u32,
    /// Those that are closed, the newest first.
    pub closed: Vec<ConcernRow>,
    /// How many more of them there are than are listed.
    pub closed_left_out: u32,
}
