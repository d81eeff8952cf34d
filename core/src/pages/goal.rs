//! One goal, in the young person's own words: its steps, and everything that happened to it.
//!
//! Says what may be done with an open goal and with one that ended; it judges neither.

use crate::contract::{Action, GoalId, GoalPage, Problem, RecordId, StepRow, Thing};
use crate::domain::day;
use crate::domain::rules::Asker;
use crate::domain::rules::goal::{self as rules, GoalFacts};
use crate::store::Read;

use super::goal_history::history;
use super::kept::Keeping;
use super::struck::struck;
use super::{View, action, also_recorded, case_of, no_such};

/// Draws one goal. What waits for a decision includes its steps, which have no page of their own.
pub(super) fn goal(read: &Read<'_>, view: &View, goal: GoalId) -> Result<GoalPage, Problem> {
    let found = read.goal(goal)?.ok_or(no_such(Thing::Goal))?;
    let record = RecordId::from(goal);
    let steps = read.steps_of(goal)?;
    let struck = struck(read, record)?;
    let mut also_recorded = also_recorded::of_record(read, view, record)?;
    for step in &steps {
        also_recorded.extend(also_recorded::of_record(read, view, RecordId::from(step.step))?);
    }
    Ok(GoalPage {
        goal,
        case: case_of(read, found.case, found.vault_no)?,
        kept: Keeping::default().of(read, found.vault_no)?,
        history: history(read, &found, &steps)?,
        actions: actions(view.asker(read)?, &read.goal_facts(&found, view.person())?),
        words: found.words,
        why: found.why,
        made: found.made,
        review_on: found.review_on.map(day::text_of),
        outcome: found.outcome,
        steps: steps
            .into_iter()
            .map(|step| StepRow {
                step: step.step,
                words: step.words,
                done_on: step.done_on.map(day::text_of),
            })
            .collect(),
        struck,
        also_recorded,
    })
}

fn actions(asker: Asker, facts: &GoalFacts) -> Vec<Action> {
    vec![
        action("describe_goal", rules::describe_goal(asker, facts)),
        action("add_step", rules::add_step(asker, facts)),
        action("record_progress", rules::record_progress(asker, facts)),
        action("review_goal", rules::review_goal(asker, facts)),
        action("achieve_goal", rules::achieve_goal(asker, facts)),
        action("let_go_of_goal", rules::let_go_of_goal(asker, facts)),
        action("finish_step", rules::finish_step(asker, facts)),
        action("reopen_goal", rules::reopen_goal(asker, facts)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, GoalMomentKind, GoalOutcome, Page};
    use crate::domain::value::Value;
    use crate::domain::{goal as fields, step};
    use crate::pages::fixture::{House, NOW_MS};

    fn drawn(house: &House, goal: RecordId) -> GoalPage {
        let Page::Goal(page) = house.draw(&Ask::Goal { goal: goal.into() }) else { panic!() };
        *page
    }

    fn why_not<'p>(page: &'p GoalPage, command: &str) -> Option<&'p str> {
        page.actions.iter().find(|action| action.command == command).unwrap().why_not.as_deref()
    }

    #[test]
    fn everything_that_happened_to_a_goal_stands_in_order() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let goal = house.goal(&file, "swim a mile");
        house.put(&file, &fields::KIND, goal, &fields::WORDS, "swim two miles");
        house.add(&file, &fields::KIND, goal, &fields::PROGRESS, "twelve lengths");
        let swum = house.record();
        house.put(&file, &step::KIND, swum, &step::GOAL, Value::Id(goal.0));
        house.put(&file, &step::KIND, swum, &step::WORDS, "buy goggles");
        house.put(&file, &step::KIND, swum, &step::DONE_ON, Value::Day(house.view.today()));
        house.add(&file, &fields::KIND, goal, &fields::REVIEWS, "going well");
        house.put(&file, &fields::KIND, goal, &fields::OUTCOME, "let_go");
        house.add(&file, &fields::KIND, goal, &fields::ENDINGS, "the pool closed");
        house.put(&file, &fields::KIND, goal, &fields::OUTCOME, Value::Nothing);
        house.put(&file, &fields::KIND, goal, &fields::OUTCOME, "achieved");
        let page = drawn(&house, goal);
        let seen: Vec<_> = page.history.iter().map(|moment| (moment.what, moment.words.as_str())).collect();
        assert_eq!(
            seen,
            [
                (GoalMomentKind::Set, "swim a mile"),
                (GoalMomentKind::Reworded, "swim two miles"),
                (GoalMomentKind::Progress, "twelve lengths"),
                (GoalMomentKind::StepDone, "buy goggles"),
                (GoalMomentKind::Reviewed, "going well"),
                (GoalMomentKind::LetGo, "the pool closed"),
                (GoalMomentKind::Reopened, ""),
                (GoalMomentKind::Achieved, ""),
            ]
        );
        assert_eq!((page.words.as_str(), page.outcome), ("swim two miles", Some(GoalOutcome::Achieved)));
        assert_eq!(page.steps[0].done_on.as_deref(), Some("2026-06-15"));
        assert!(page.history.iter().all(|moment| moment.made.by == "Robin"));
    }

    #[test]
    fn an_ended_goal_can_only_be_taken_up_again() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let goal = house.goal(&file, "swim a mile");
        let page = drawn(&house, goal);
        assert_eq!(why_not(&page, "achieve_goal"), None);
        assert_eq!(why_not(&page, "finish_step"), Some("goal.no_step"));
        assert_eq!(why_not(&page, "reopen_goal"), Some("goal.not_ended"));
        house.put(&file, &fields::KIND, goal, &fields::OUTCOME, "achieved");
        let page = drawn(&house, goal);
        assert_eq!(why_not(&page, "describe_goal"), Some("goal.ended"));
        assert_eq!(why_not(&page, "reopen_goal"), None);
        house.strike(&file, &fields::KIND, goal, "a mistake");
        assert_eq!(why_not(&drawn(&house, goal), "reopen_goal"), Some("goal.struck"));
    }

    #[test]
    fn two_people_who_reworded_it_offline_are_both_readable() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let goal = house.goal(&file, "swim a mile");
        house.theirs(&file, &fields::KIND, goal, &fields::WORDS, "swim for fun", NOW_MS + 3_600_000);
        let page = drawn(&house, goal);
        assert_eq!(page.words, "swim for fun");
        assert_eq!(page.also_recorded.len(), 2);
        assert_eq!(
            house.problem(&Ask::Goal { goal: GoalId([77; 16]) }),
            Problem::NoSuch { thing: Thing::Goal }
        );
    }
}
