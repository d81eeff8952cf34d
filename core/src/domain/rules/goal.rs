//! A goal is worked on while it is open, and taken up again once it has ended.
//!
//! Pure. Nothing of a goal that was taken back changes.

use super::case::CaseFacts;
use super::reason::{GOAL_ENDED, GOAL_NOT_ENDED, GOAL_STRUCK, GOAL_WITHOUT_STEP};
use super::{Asker, Verdict, unless};

/// What the rules have to know of a goal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GoalFacts {
    /// Its case.
    pub case: CaseFacts,
    /// Whether it was taken back.
    pub struck: bool,
    /// Whether it was achieved or let go.
    pub ended: bool,
    /// Whether any step was agreed on the way to it.
    pub has_step: bool,
}

impl GoalFacts {
    fn stands(&self, asker: Asker) -> Verdict {
        asker.in_contact()?;
        self.case.not_handed_on(asker)?;
        unless(self.struck, GOAL_STRUCK)
    }

    fn is_open(&self, asker: Asker) -> Verdict {
        self.stands(asker)?;
        unless(self.ended, GOAL_ENDED)
    }
}

/// Changing the words of a goal or the day of its next review.
pub fn describe_goal(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.is_open(asker)
}

/// Agreeing a step.
pub fn add_step(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.is_open(asker)
}

/// Recording that a step was done. A step may be finished twice, and after the goal ended: the day recorded last holds.
pub fn finish_step(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.stands(asker)?;
    unless(!goal.has_step, GOAL_WITHOUT_STEP)
}

/// Noting progress.
pub fn record_progress(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.is_open(asker)
}

/// Reviewing a goal.
pub fn review_goal(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.is_open(asker)
}

/// Recording that it was achieved.
pub fn achieve_goal(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.is_open(asker)
}

/// Recording that it was let go.
pub fn let_go_of_goal(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.is_open(asker)
}

/// Taking it up again.
pub fn reopen_goal(asker: Asker, goal: &GoalFacts) -> Verdict {
    goal.stands(asker)?;
    unless(!goal.ended, GOAL_NOT_ENDED)
}

#[cfg(test)]
mod tests {
    use super::super::tests::asker;
    use super::*;
    use crate::contract::StaffRole;

    #[test]
    fn a_step_of_a_goal_that_ended_is_finished_and_of_one_that_was_taken_back_is_not() {
        let asker = asker(StaffRole::Mentor);
        let goal = GoalFacts { ended: true, has_step: true, ..GoalFacts::default() };
        assert_eq!((finish_step(asker, &goal), add_step(asker, &goal)), (Ok(()), Err(GOAL_ENDED)));
        let goal = GoalFacts { struck: true, ..goal };
        assert_eq!(
            (finish_step(asker, &goal), reopen_goal(asker, &goal)),
            (Err(GOAL_STRUCK), Err(GOAL_STRUCK))
        );
    }
}
