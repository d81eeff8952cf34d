//! One goal in a list.
//!
//! Says whether its review is due on a day it is given; it knows no clock.

use crate::contract::{GoalRow, Problem};
use crate::domain::day;
use crate::store::{Goal, Read};

use super::case_of;
use super::kept::Keeping;

/// Rows of several goals, in the order in which they came. A review is due from its own day on.
pub(super) fn goal_rows(
    read: &Read<'_>,
    keeping: &mut Keeping,
    today: i32,
    goals: Vec<Goal>,
) -> Result<Vec<GoalRow>, Problem> {
    goals
        .into_iter()
        .map(|goal| {
            Ok(GoalRow {
                goal: goal.goal,
                case: case_of(read, goal.case, goal.vault_no)?,
                kept: keeping.of(read, goal.vault_no)?,
                words: goal.words,
                steps_done: goal.steps_done,
                steps: goal.steps,
                review_on: goal.review_on.map(day::text_of),
                review_due: goal.outcome.is_none() && goal.review_on.is_some_and(|day| day <= today),
                outcome: goal.outcome,
            })
        })
        .collect()
}
