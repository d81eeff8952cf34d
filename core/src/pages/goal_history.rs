//! What happened to a goal, told from the edits that it was made of.
//!
//! Folds edits into moments and nothing more: what stands now is the goal's own row to say.

use crate::contract::{GoalMoment, GoalMomentKind, GoalOutcome, Problem, RecordId};
use crate::domain::goal::{ENDINGS, OUTCOME, PROGRESS, REVIEWS, WORDS};
use crate::domain::step::DONE_ON;
use crate::domain::value::Value;
use crate::store::{Goal, Read, StandingValue, Step};

use super::standing::text;

/// Most moments of a goal that are shown, the newest of them.
const MOMENTS_MAX: usize = 500;
/// How far apart in their author's chain the letting go of a goal and its reason can be: one command writes both.
const ENDING_EDITS_APART_MAX: u64 = 3;

/// A moment before anybody is asked who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Happening {
    what: GoalMomentKind,
    words: String,
    value: StandingValue,
}

/// Everything that happened to a goal, oldest first.
pub(super) fn history(read: &Read<'_>, goal: &Goal, steps: &[Step]) -> Result<Vec<GoalMoment>, Problem> {
    let record = RecordId::from(goal.goal);
    let of = |field: &str| read.history(record, field);
    let mut happenings = wordings(&of(WORDS.name)?);
    happenings.extend(entries(GoalMomentKind::Progress, &of(PROGRESS.name)?));
    happenings.extend(entries(GoalMomentKind::Reviewed, &of(REVIEWS.name)?));
    happenings.extend(endings(&of(OUTCOME.name)?, &of(ENDINGS.name)?));
    for step in steps.iter().filter(|step| step.done_on.is_some()) {
        let done = read.history(RecordId::from(step.step), DONE_ON.name)?;
        happenings.extend(step_done(&step.words, &done));
    }
    happenings.sort_by_key(|one| (one.value.believed(), one.value.held.edit));
    let unshown = happenings.len().saturating_sub(MOMENTS_MAX);
    happenings
        .into_iter()
        .skip(unshown)
        .map(|one| {
            let made = read.made_value(&one.value)?;
            Ok(GoalMoment { what: one.what, words: one.words, made })
        })
        .collect()
}

fn happening(what: GoalMomentKind, words: &str, value: &StandingValue) -> Happening {
    Happening { what, words: words.to_owned(), value: value.clone() }
}

/// The first words set the goal, later ones reword it.
fn wordings(values: &[StandingValue]) -> Vec<Happening> {
    let mut happenings: Vec<Happening> = Vec::new();
    for value in values {
        let Some(words) = text(value) else { continue };
        let what = if happenings.is_empty() { GoalMomentKind::Set } else { GoalMomentKind::Reworded };
        happenings.push(happening(what, words, value));
    }
    happenings
}

/// Every entry of a log is a moment of one kind.
fn entries(what: GoalMomentKind, values: &[StandingValue]) -> Vec<Happening> {
    values.iter().filter_map(|value| Some(happening(what, text(value)?, value))).collect()
}

/// How the goal ended and was taken up again. Being let go speaks in the words of the reason that was given with it; a
/// reason to which no letting go belongs, because a colleague had let it go already, is a moment of its own.
fn endings(outcomes: &[StandingValue], reasons: &[StandingValue]) -> Vec<Happening> {
    let mut unspoken: Vec<&StandingValue> = reasons.iter().filter(|reason| text(reason).is_some()).collect();
    let mut happenings = Vec::new();
    let mut ended = false;
    for value in outcomes {
        let outcome = text(value).map(GoalOutcome::from_name);
        match outcome {
            Some(Some(GoalOutcome::Achieved)) => {
                happenings.push(happening(GoalMomentKind::Achieved, "", value));
            }
            Some(Some(GoalOutcome::LetGo)) => {
                let reason = unspoken.iter().position(|reason| given_together(value, reason));
                let reason = reason.map(|at| unspoken.remove(at));
                let words = reason.and_then(text).unwrap_or_default();
                happenings.push(happening(GoalMomentKind::LetGo, words, value));
            }
            // An outcome that only a newer app knows ends the goal too, in a way that has no word here.
            Some(None) => {}
            None if ended => happenings.push(happening(GoalMomentKind::Reopened, "", value)),
            None => {}
        }
        ended = outcome.is_some();
    }
    happenings.extend(
        unspoken
            .into_iter()
            .filter_map(|reason| Some(happening(GoalMomentKind::LetGo, text(reason)?, reason))),
    );
    happenings
}

fn given_together(outcome: &StandingValue, reason: &StandingValue) -> bool {
    let (one, other) = (outcome.held.edit, reason.held.edit);
    one.device == other.device && one.seq.abs_diff(other.seq) <= ENDING_EDITS_APART_MAX
}

/// A step is done once: when its day was first recorded, even if the day was corrected later.
fn step_done(words: &str, done: &[StandingValue]) -> Option<Happening> {
    let first = done.iter().find(|value| matches!(value.held.value, Some(Value::Day(_))))?;
    Some(happening(GoalMomentKind::StepDone, words, first))
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::id::DeviceId;

    use super::*;
    use crate::domain::edit::EditRef;
    use crate::domain::merge::Held;
    use crate::domain::stamp::Stamp;

    fn edit(device: u8, seq: u64, value: impl Into<Value>) -> StandingValue {
        let held = Held {
            edit: EditRef { device: DeviceId([device; 16]), seq },
            stamp: Stamp::at_ms(i64::try_from(seq).unwrap()),
            value: Some(value.into()),
        };
        StandingValue { no: 0, held, ahead_ms: 0, off_ms: 0 }
    }

    fn told(happenings: &[Happening]) -> Vec<(GoalMomentKind, &str)> {
        happenings.iter().map(|one| (one.what, one.words.as_str())).collect()
    }

    #[test]
    fn each_letting_go_speaks_in_its_own_reason() {
        let outcomes = [edit(1, 10, "let_go"), edit(1, 20, Value::Nothing), edit(2, 30, "let_go")];
        let reasons = [edit(1, 11, "no time"), edit(2, 29, "no wish")];
        assert_eq!(
            told(&endings(&outcomes, &reasons)),
            [
                (GoalMomentKind::LetGo, "no time"),
                (GoalMomentKind::Reopened, ""),
                (GoalMomentKind::LetGo, "no wish"),
            ]
        );
    }

    #[test]
    fn a_reason_without_a_letting_go_of_its_own_is_not_lost() {
        let outcomes = [edit(1, 10, "let_go")];
        let reasons = [edit(1, 11, "no time"), edit(2, 11, "no wish")];
        assert_eq!(
            told(&endings(&outcomes, &reasons)),
            [(GoalMomentKind::LetGo, "no time"), (GoalMomentKind::LetGo, "no wish")]
        );
    }

    #[test]
    fn emptying_what_was_empty_takes_nothing_up_again() {
        assert!(endings(&[edit(1, 1, Value::Nothing)], &[]).is_empty());
        let outcomes = [edit(1, 1, "paused_by_a_newer_app"), edit(1, 2, Value::Nothing)];
        assert_eq!(told(&endings(&outcomes, &[])), [(GoalMomentKind::Reopened, "")]);
    }

    #[test]
    fn the_first_words_set_a_goal() {
        let words = [edit(1, 1, "swim"), edit(1, 2, "swim far")];
        assert_eq!(
            told(&wordings(&words)),
            [(GoalMomentKind::Set, "swim"), (GoalMomentKind::Reworded, "swim far")]
        );
    }

    #[test]
    fn a_corrected_day_does_not_finish_a_step_twice() {
        let done = [edit(1, 1, Value::Nothing), edit(1, 2, Value::Day(5)), edit(1, 3, Value::Day(4))];
        assert_eq!(step_done("buy goggles", &done).unwrap().value.held.edit.seq, 2);
    }
}
