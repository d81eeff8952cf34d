//! The rules say who may do what to a record in which state; pages, commands and decisions ask the same functions.
//!
//! Pure. Each command has one rule, named as it is. What a rule has to know is handed in as facts; where they are read,
//! and how a refusal is shown, is not known here.

pub mod case;
pub mod concern;
pub mod decide;
pub mod goal;
pub mod note;
pub mod organisation;
pub mod reason;

use crate::contract::StaffRole;
use reason::{Reason, WITHOUT_CONTACT};

/// What a rule answers.
pub type Verdict = Result<(), Reason>;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// What they do in the organisation.
    pub role: StaffRole,
    /// Whether their device has been without contact for so long that it is for reading, see [`super::lease`].
    pub without_contact: bool,
}

impl Asker {
    /// Whether they see to it that young people are safe, whoever mentors them.
    #[must_use]
    pub const fn coordinates(self) -> bool {
        coordinates(self.role)
    }

    /// Refuses what has to wait until the endpoint has answered again. The rules that do not ask this are those of somebody's
    /// safety, and of the words of a draft that was begun and would be lost otherwise.
    fn in_contact(self) -> Verdict {
        unless(self.without_contact, WITHOUT_CONTACT)
    }

    /// Refuses everybody but the roles named.
    fn only(self, roles: &[StaffRole], reason: Reason) -> Verdict {
        unless(!roles.contains(&self.role), reason)
    }

    /// Refuses everybody but supervisors and the safeguarding lead.
    fn only_coordinators(self, reason: Reason) -> Verdict {
        unless(!self.coordinates(), reason)
    }
}

/// Whether whoever has a role sees to it that young people are safe, and so acts on concerns.
#[must_use]
pub const fn coordinates(role: StaffRole) -> bool {
    matches!(role, StaffRole::Supervisor | StaffRole::Safeguarding)
}

/// Refuses for a reason where something bars.
const fn unless(bars: bool, reason: Reason) -> Verdict {
    if bars { Err(reason) } else { Ok(()) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(super) const EVERYBODY: [StaffRole; 4] =
        [StaffRole::Administrator, StaffRole::Mentor, StaffRole::Supervisor, StaffRole::Safeguarding];

    pub(super) const fn asker(role: StaffRole) -> Asker {
        Asker { role, without_contact: false }
    }

    #[test]
    fn supervisors_and_the_safeguarding_lead_coordinate() {
        let coordinate = EVERYBODY.map(|role| asker(role).coordinates());
        assert_eq!(coordinate, [false, false, true, true]);
    }
}
