//! A copy of a case for the person it is about: what is left out of it and why, and what was written.
//!
//! Words only. Who may ask for a copy, and what goes into it, is decided elsewhere.

use serde::{Deserialize, Serialize};

use super::RecordId;

/// Why the law lets a record be left out of what somebody is given about themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithholdReason {
    /// It is information about another person, who has not agreed and would be harmed.
    AnotherPerson,
    /// It would be likely to cause somebody serious harm.
    SeriousHarm,
    /// A lawyer's advice, or what was written to get it.
    LegalPrivilege,
    /// Telling it would be likely to prejudice preventing or finding out a crime.
    CrimePrejudiced,
}

impl WithholdReason {
    /// Every reason.
    pub const ALL: [Self; 4] =
        [Self::AnotherPerson, Self::SeriousHarm, Self::LegalPrivilege, Self::CrimePrejudiced];

    /// Its lasting name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnotherPerson => "another_person",
            Self::SeriousHarm => "serious_harm",
            Self::LegalPrivilege => "legal_privilege",
            Self::CrimePrejudiced => "crime_prejudiced",
        }
    }

    /// What the audit calls a record that was left out for it.
    #[must_use]
    pub const fn audit_name(self) -> &'static str {
        match self {
            Self::AnotherPerson => "withhold_another_person",
            Self::SeriousHarm => "withhold_serious_harm",
            Self::LegalPrivilege => "withhold_legal_privilege",
            Self::CrimePrejudiced => "withhold_crime_prejudiced",
        }
    }

    /// The reason of a lasting name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// A record that is left out, and what hangs on it with it: the attachments of a note, the steps of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// The record.
    pub record: RecordId,
    /// Why.
    pub why: WithholdReason,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Records in the file.
    pub records: u32,
    /// Records that were left out for a reason, with those that hang on them.
    pub withheld: u32,
    /// Attachments of which the content is not here, and segments that wait or were set aside.
    pub not_here: u32,
    /// Bytes of the file.
    pub bytes: u64,
}
