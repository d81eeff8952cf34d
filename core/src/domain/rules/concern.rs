//! A concern is handled by those who coordinate, and added to by them and by whoever raised it.
//!
//! Pure. Neither the state of the case nor want of contact bars what somebody's safety needs.

use super::case::CaseFacts;
use super::reason::{CASE_LEFT, CONCERN_NOT_YOURS, ONLY_COORDINATORS_HANDLE};
use super::{Asker, Verdict, unless};

/// What the rules have to know of a concern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConcernFacts {
    /// Its case.
    pub case: CaseFacts,
    /// Whether whoever asks has raised it.
    pub is_mine: bool,
    /// Whether they have opened it before.
    pub seen_by_me: bool,
}

/// Recording how far a concern has come.
pub fn handle_concern(asker: Asker) -> Verdict {
    asker.only_coordinators(ONLY_COORDINATORS_HANDLE)
}

/// Adding words to a concern, also to one that is closed. A device that has said its last word in the case reaches nobody in it.
pub fn add_to_concern(asker: Asker, concern: &ConcernFacts) -> Verdict {
    unless(concern.case.has_left, CASE_LEFT)?;
    unless(!concern.is_mine && !asker.coordinates(), CONCERN_NOT_YOURS)
}

/// Whether it is to be written down that somebody opens a concern: the first time, unless they raised it, or have handed its
/// case on and nothing that they write counts.
#[must_use]
pub fn is_news_that_it_was_seen(asker: Asker, concern: &ConcernFacts) -> bool {
    !concern.is_mine && !concern.seen_by_me && !concern.case.handed_on(asker.role)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{EVERYBODY, asker};
    use super::*;

    #[test]
    fn a_concern_is_handled_by_those_who_coordinate() {
        let handle = EVERYBODY.map(|role| handle_concern(asker(role)).is_ok());
        assert_eq!(handle, [false, false, true, true]);
    }

    #[test]
    fn p06_words_are_added_by_whoever_raised_it_and_by_those_who_act_on_it() {
        let theirs = EVERYBODY.map(|role| add_to_concern(asker(role), &ConcernFacts::default()).is_ok());
        assert_eq!(theirs, [false, false, true, true]);
        let mine = ConcernFacts { is_mine: true, ..ConcernFacts::default() };
        assert!(EVERYBODY.iter().all(|role| add_to_concern(asker(*role), &mine).is_ok()));
    }

    #[test]
    fn p01_after_the_last_word_in_a_case_nothing_is_added_that_nobody_could_read() {
        let case = CaseFacts { has_left: true, ..CaseFacts::default() };
        let left = ConcernFacts { case, is_mine: true, ..ConcernFacts::default() };
        assert!(EVERYBODY.iter().all(|role| add_to_concern(asker(*role), &left) == Err(CASE_LEFT)));
    }
}
