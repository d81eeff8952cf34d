//! Lanes: which edits of a vault may overtake which.
//!
//! A lane is an order of sending, not a kind of record; the core says which record travels in which lane.

use serde::{Deserialize, Serialize};

/// The order in which a device's edits leave it. Each lane of a vault is a chain of its own, so none waits for a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Lane {
    /// Safeguarding concerns and whatever they point to. Goes alone and first, and comes back with a receipt.
    Urgent = 0,
    /// Check-ins, goals and the organisation's own records: small and soon.
    Progress = 1,
    /// Case notes.
    Notes = 2,
    /// Attachments: large and last.
    Attachments = 3,
}

impl Lane {
    /// All lanes, first to leave first.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::Progress, Self::Notes, Self::Attachments];

    /// The lane of a wire code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.code() == code)
    }

    /// The wire code of a lane.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}
