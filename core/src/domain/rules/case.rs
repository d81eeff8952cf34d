//! A case is opened, described, shared and handed on by these rules; a concern can always be raised in it.
//!
//! Pure. Who reads a case is the membership log's to say.

use super::reason::{
    CASE_HANDED_ON, CASE_LEFT, CASE_OF_NOBODY, CASE_STRUCK, ONLY_COORDINATORS_HOLD, ONLY_MENTORS_OPEN,
    ONLY_OWN_CASES, SCALE_WITHOUT_PACK, YOUNG_PERSON_STRUCK,
};
use super::{Asker, Verdict, unless};
use crate::contract::StaffRole;

/// What the rules have to know of a case, and of whoever asks in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseFacts {
    /// Whether it was taken back.
    pub struck: bool,
    /// Whether a law or a dispute holds the file.
    pub held: bool,
    /// Whether anybody works on it as a mentor.
    pub has_mentor: bool,
    /// Whether whoever asks is one of them.
    pub is_mine: bool,
    /// Whether whoever asks was one of them once and is not any more, or their device is on its way out of the file.
    pub was_mine: bool,
    /// Whether their device has said its last word in the file.
    pub has_left: bool,
}

impl CaseFacts {
    /// Whether whoever asks is a mentor who has handed the case on: what they write in it counts nowhere. A coordinator who
    /// mentored it goes on reading and writing it as a coordinator.
    #[must_use]
    pub fn handed_on(&self, role: StaffRole) -> bool {
        role == StaffRole::Mentor && self.was_mine
    }

    /// Refuses those who have handed the case on.
    pub(super) fn not_handed_on(&self, asker: Asker) -> Verdict {
        unless(self.handed_on(asker.role), CASE_HANDED_ON)
    }

    /// Whether new work in the case is taken.
    pub(super) fn takes_work(&self, asker: Asker) -> Verdict {
        asker.in_contact()?;
        unless(self.struck, CASE_STRUCK)?;
        self.not_handed_on(asker)
    }
}

/// Opening a case.
pub fn open_case(asker: Asker) -> Verdict {
    asker.in_contact()?;
    asker.only(&[StaffRole::Mentor, StaffRole::Supervisor], ONLY_MENTORS_OPEN)
}

/// Changing what is recorded of a young person, who may have been taken back, in the case of whose file they stand.
pub fn describe_young_person(asker: Asker, case: &CaseFacts, is_struck: bool) -> Verdict {
    asker.in_contact()?;
    unless(is_struck, YOUNG_PERSON_STRUCK)?;
    case.not_handed_on(asker)
}

/// Moving a case to another cohort.
pub fn set_cohort(asker: Asker, case: &CaseFacts) -> Verdict {
    case.takes_work(asker)
}

/// Recording the level of risk.
pub fn set_risk(asker: Asker, case: &CaseFacts) -> Verdict {
    case.takes_work(asker)
}

/// Holding a file for a law or a dispute, and letting it go. A case that was taken back can be held: there is something to
/// keep.
pub fn set_legal_hold(asker: Asker) -> Verdict {
    asker.in_contact()?;
    asker.only_coordinators(ONLY_COORDINATORS_HOLD)
}

/// Letting a colleague work on a case.
pub fn add_mentor(asker: Asker, case: &CaseFacts) -> Verdict {
    case.takes_work(asker)
}

/// Handing a case on, one's own if `own`.
pub fn transfer_case(asker: Asker, case: &CaseFacts, own: bool) -> Verdict {
    case.takes_work(asker)?;
    unless(!own && !asker.coordinates(), ONLY_OWN_CASES)?;
    unless(!case.has_mentor, CASE_OF_NOBODY)
}

/// Having the keys of a case changed; of everything that is read here if there is none.
pub fn rotate_keys(asker: Asker, case: Option<&CaseFacts>) -> Verdict {
    asker.in_contact()?;
    case.map_or(Ok(()), |case| case.not_handed_on(asker))
}

/// Beginning a note.
pub fn begin_note(asker: Asker, case: &CaseFacts) -> Verdict {
    case.takes_work(asker)
}

/// Setting a goal.
pub fn set_goal(asker: Asker, case: &CaseFacts) -> Verdict {
    case.takes_work(asker)
}

/// Recording a check-in by a scale whose wording is here, or is not.
pub fn record_check_in(asker: Asker, case: &CaseFacts, has_words: bool) -> Verdict {
    case.takes_work(asker)?;
    unless(!has_words, SCALE_WITHOUT_PACK)
}

/// Handing the phone to the young person with the questions of a scale.
pub fn hand_over(asker: Asker, case: &CaseFacts, has_words: bool) -> Verdict {
    record_check_in(asker, case, has_words)
}

/// Raising a concern: whoever knows of one may, in whatever state the case is, and however long the device was without
/// contact. Only where it would reach nobody who works on the case it is refused, and says whom to tell.
pub fn raise_concern(case: &CaseFacts) -> Verdict {
    unless(case.has_left, CASE_LEFT)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{EVERYBODY, asker};
    use super::*;

    #[test]
    fn whoever_coordinates_goes_on_in_a_case_that_they_handed_on() {
        let case = CaseFacts { was_mine: true, has_mentor: true, ..CaseFacts::default() };
        let risk = EVERYBODY.map(|role| set_risk(asker(role), &case));
        assert_eq!(risk, [Ok(()), Err(CASE_HANDED_ON), Ok(()), Ok(())]);
    }

    #[test]
    fn without_contact_a_concern_can_be_raised_and_a_level_of_risk_waits() {
        let asker = Asker { without_contact: true, ..asker(StaffRole::Mentor) };
        assert_eq!(raise_concern(&CaseFacts::default()), Ok(()));
        let left = CaseFacts { has_left: true, ..CaseFacts::default() };
        assert_eq!(raise_concern(&left), Err(CASE_LEFT));
        let risk = set_risk(asker, &CaseFacts::default());
        assert_eq!(risk, Err(super::super::reason::WITHOUT_CONTACT));
    }
}
