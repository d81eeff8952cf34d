//! Goals: set in the young person's own words, stepped towards, reviewed, achieved or let go.
//!
//! Every change stays readable in the goal's history.

use super::Outcome;
use super::work::{Place, Work, day, day_value, said};
use crate::contract::{CaseId, GoalId, GoalOutcome, Problem, StepId, Thing};
use crate::domain::goal::{CASE, ENDINGS, KIND, OUTCOME, PROGRESS, REVIEW_ON, REVIEWS, WHY, WORDS};
use crate::domain::step;
use crate::domain::value::Value;
use crate::store::StoredVault;

pub(super) fn set(
    work: &Work<'_>,
    case: CaseId,
    words: &str,
    why: Option<String>,
    review_on: Option<String>,
) -> Result<Outcome, Problem> {
    let vault = work.vault_of_case(case)?;
    let at = Place { vault: &vault, kind: &KIND, record: work.new_id(&vault)? };
    work.put(&at, &CASE, Value::Id(case.0))?;
    work.put(&at, &WORDS, said("words", words)?.into())?;
    work.put_if(&at, &WHY, why)?;
    work.put_if(&at, &REVIEW_ON, day_value("review_on", review_on)?)?;
    Ok(Outcome::made(at.record))
}

pub(super) fn describe(
    work: &Work<'_>,
    goal: GoalId,
    words: Option<String>,
    why: Option<String>,
    review_on: Option<String>,
) -> Result<Outcome, Problem> {
    let vault = placed(work, goal)?;
    let at = Place { vault: &vault, kind: &KIND, record: goal.into() };
    if let Some(words) = &words {
        work.put(&at, &WORDS, said("words", words)?.into())?;
    }
    work.put_if(&at, &WHY, why)?;
    work.put_if(&at, &REVIEW_ON, day_value("review_on", review_on)?)?;
    Ok(Outcome::default())
}

pub(super) fn add_step(work: &Work<'_>, goal: GoalId, words: &str) -> Result<Outcome, Problem> {
    let vault = placed(work, goal)?;
    let at = Place { vault: &vault, kind: &step::KIND, record: work.new_id(&vault)? };
    work.put(&at, &step::GOAL, Value::Id(goal.0))?;
    work.put(&at, &step::WORDS, said("words", words)?.into())?;
    Ok(Outcome::made(at.record))
}

pub(super) fn finish_step(
    work: &Work<'_>,
    step: StepId,
    done_on: Option<String>,
) -> Result<Outcome, Problem> {
    let known = work.write.read().step(step)?.ok_or(Problem::NoSuch { thing: Thing::Step })?;
    let vault = work.vault(known.vault_no)?;
    let at = Place { vault: &vault, kind: &step::KIND, record: step.into() };
    let done_on = done_on.map_or(Ok(work.today()), |text| day("done_on", &text))?;
    work.put(&at, &step::DONE_ON, Value::Day(done_on))?;
    Ok(Outcome::default())
}

pub(super) fn record_progress(work: &Work<'_>, goal: GoalId, words: &str) -> Result<Outcome, Problem> {
    let vault = placed(work, goal)?;
    let at = Place { vault: &vault, kind: &KIND, record: goal.into() };
    work.add(&at, &PROGRESS, said("words", words)?.into())?;
    Ok(Outcome::default())
}

pub(super) fn review(
    work: &Work<'_>,
    goal: GoalId,
    words: &str,
    next_review_on: Option<String>,
) -> Result<Outcome, Problem> {
    let vault = placed(work, goal)?;
    let at = Place { vault: &vault, kind: &KIND, record: goal.into() };
    work.add(&at, &REVIEWS, said("words", words)?.into())?;
    // A review without a next day ends the reminders until somebody sets one.
    let next = day_value("next_review_on", next_review_on)?.unwrap_or(Value::Nothing);
    work.put(&at, &REVIEW_ON, next)?;
    Ok(Outcome::default())
}

pub(super) fn achieve(work: &Work<'_>, goal: GoalId) -> Result<Outcome, Problem> {
    let vault = placed(work, goal)?;
    let at = Place { vault: &vault, kind: &KIND, record: goal.into() };
    work.put(&at, &OUTCOME, GoalOutcome::Achieved.name().into())?;
    Ok(Outcome::default())
}

pub(super) fn let_go(work: &Work<'_>, goal: GoalId, reason: &str) -> Result<Outcome, Problem> {
    let vault = placed(work, goal)?;
    let at = Place { vault: &vault, kind: &KIND, record: goal.into() };
    work.add(&at, &ENDINGS, said("reason", reason)?.into())?;
    work.put(&at, &OUTCOME, GoalOutcome::LetGo.name().into())?;
    Ok(Outcome::default())
}

pub(super) fn reopen(work: &Work<'_>, goal: GoalId) -> Result<Outcome, Problem> {
    let vault = placed(work, goal)?;
    let at = Place { vault: &vault, kind: &KIND, record: goal.into() };
    work.put(&at, &OUTCOME, Value::Nothing)?;
    Ok(Outcome::default())
}

/// The vault that a goal stands in.
fn placed(work: &Work<'_>, goal: GoalId) -> Result<StoredVault, Problem> {
    let known = work.write.read().goal(goal)?.ok_or(Problem::NoSuch { thing: Thing::Goal })?;
    work.vault(known.vault_no)
}
