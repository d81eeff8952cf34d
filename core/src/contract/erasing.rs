//! Erasing a case by law: why it is asked for, what stands against it, and what is shown of it.
//!
//! Words only. Nothing here names a case or says anything that was written in one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Action, PersonId};

/// Days for which somebody's own unsent words out of an erased case can still be read on the phone on which they were
/// written.
pub const ERASED_UNSENT_DAYS: i64 = 14;

/// Why a case is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EraseReason {
    /// The young person asks for it, and no duty to keep the case stands against that.
    Requested,
    /// The time for which the organisation keeps cases is over.
    RetentionOver,
    /// A court or an authority orders it.
    Ordered,
    /// It ought never to have been opened.
    Mistake,
}

impl EraseReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Requested, Self::RetentionOver, Self::Ordered, Self::Mistake];

    /// Its lasting name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::RetentionOver => "retention_over",
            Self::Ordered => "ordered",
            Self::Mistake => "mistake",
        }
    }

    /// What the audit of whoever asks calls it.
    #[must_use]
    pub const fn asked_name(self) -> &'static str {
        match self {
            Self::Requested => "ask_to_erase_requested",
            Self::RetentionOver => "ask_to_erase_retention_over",
            Self::Ordered => "ask_to_erase_ordered",
            Self::Mistake => "ask_to_erase_mistake",
        }
    }

    /// What the audit of whoever confirms calls it.
    #[must_use]
    pub const fn confirmed_name(self) -> &'static str {
        match self {
            Self::Requested => "erase_case_requested",
            Self::RetentionOver => "erase_case_retention_over",
            Self::Ordered => "erase_case_ordered",
            Self::Mistake => "erase_case_mistake",
        }
    }

    /// The reason of a lasting name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// What stands against erasing a case now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum EraseBar {
    /// The file is under legal hold.
    LegalHold,
    /// A concern of the case is not closed.
    ConcernOpen,
    /// A concern of the case, or what it points to, has not been delivered.
    ConcernUndelivered,
    /// Something that was written in it here has not been sent.
    Unsent,
    /// Something of it has come and waits for what is missing.
    Waiting,
    /// Something of it was set aside for a person to look at.
    SetAside,
    /// Its list of members was told in two ways.
    Forked,
    /// Nobody has asked for it.
    NotAsked,
    /// Whoever would confirm it has asked for it.
    SamePerson,
    /// Something has come that was not here when the case was looked at last.
    SomethingNew,
}

impl std::fmt::Display for EraseBar {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::LegalHold => "the file is under legal hold",
            Self::ConcernOpen => "a concern of the case is not closed",
            Self::ConcernUndelivered => "something urgent of the case has not been delivered",
            Self::Unsent => "something that was written in it here has not been sent",
            Self::Waiting => "something of it waits for what has not come",
            Self::SetAside => "something of it was set aside for a person to look at",
            Self::Forked => "its list of members was told in two ways",
            Self::NotAsked => "nobody has asked for it",
            Self::SamePerson => "it has to be confirmed by somebody else than whoever asked for it",
            Self::SomethingNew => "something has come that was not here before; look at it first",
        })
    }
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Compartments of the case that are erased, its file among them.
    pub compartments: u32,
    /// Compartments that this device reads and that stand: nobody else has asked for erasing them.
    pub left: u32,
}

/// An erasure that somebody has asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ErasureRow {
    /// Who asks.
    pub person: PersonId,
    /// Their name.
    pub by: String,
    /// What is asked and what is missing, in plain words.
    pub words: String,
    /// `keep_after_all` and `erase_case`, and why not if it cannot be done here.
    pub actions: Vec<Action>,
}

/// Words that were written here and not sent when their case was erased. They leave this phone no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ErasedWordsRow {
    /// Lasting name of the kind of record.
    pub kind: String,
    /// Lasting name of the field.
    pub field: String,
    /// The words.
    pub words: String,
    /// When they were written, in milliseconds since 1970.
    pub written_at_ms: i64,
    /// Until when they can be read, in milliseconds since 1970.
    pub until_ms: i64,
}
