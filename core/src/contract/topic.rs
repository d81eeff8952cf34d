//! Topics: which pages a change has made stale.
//!
//! A topic names a page to read again, never what changed in it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{CaseId, ConcernId, GoalId, NoteId, PersonId, YoungPersonId};

/// A page, or a family of pages, that should be read again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What today asks for.
    Today,
    /// The list of cases.
    Caseload,
    /// One case, its timeline and its check-ins.
    Case(CaseId),
    /// One young person.
    YoungPerson(YoungPersonId),
    /// One case note.
    Note(NoteId),
    /// One goal.
    Goal(GoalId),
    /// One safeguarding concern.
    Concern(ConcernId),
    /// One member of staff.
    Person(PersonId),
    /// The directory of local services.
    Services,
    /// The scale packs.
    Scales,
    /// What waits to be sent and what has come.
    Exchange,
}
