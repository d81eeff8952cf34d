//! Goals as a shell shows them: in the young person's own words.
//!
//! Ready to draw; how a goal moves from one state to another is not decided here.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Action, AlsoRecorded, CaseId, GoalId, GoalOutcome, Kept, Made, StepId, Struck};

/// One goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct GoalPage {
    /// The goal.
    pub goal: GoalId,
    /// Its case.
    pub case: CaseId,
    /// Where it is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// In the young person's own words.
    pub words: String,
    /// Why it matters to the young person.
    pub why: String,
    /// Who wrote it down.
    pub made: Made,
    /// The day of the next review, year-month-day.
    pub review_on: Option<String>,
    /// How it ended, if it has.
    pub outcome: Option<GoalOutcome>,
    /// Steps on the way, in the order in which they were agreed.
    pub steps: Vec<StepRow>,
    /// Everything that happened to it, oldest first.
    pub history: Vec<GoalMoment>,
    /// Present when it was taken back.
    pub struck: Option<Struck>,
    /// Values that were recorded at the same time.
    pub also_recorded: Vec<AlsoRecorded>,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// One step on the way to a goal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct StepRow {
    /// The step.
    pub step: StepId,
    /// What is to be done.
    pub words: String,
    /// The day on which it was done, year-month-day.
    pub done_on: Option<String>,
}

/// What kind of moment in a goal's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum GoalMomentKind {
    /// It was set.
    Set,
    /// Its words were changed.
    Reworded,
    /// Progress was noted.
    Progress,
    /// It was reviewed.
    Reviewed,
    /// A step was done.
    StepDone,
    /// It was achieved.
    Achieved,
    /// It was let go.
    LetGo,
    /// It was taken up again.
    Reopened,
}

/// One moment in a goal's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct GoalMoment {
    /// What happened.
    pub what: GoalMomentKind,
    /// In which words.
    pub words: String,
    /// By whom and when.
    pub made: Made,
}

/// One goal in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct GoalRow {
    /// The goal.
    pub goal: GoalId,
    /// Its case.
    pub case: CaseId,
    /// Where it is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// In the young person's own words.
    pub words: String,
    /// Steps done.
    pub steps_done: u32,
    /// Steps agreed.
    pub steps: u32,
    /// The day of the next review, year-month-day.
    pub review_on: Option<String>,
    /// Whether that day has passed.
    pub review_due: bool,
    /// How it ended, if it has.
    pub outcome: Option<GoalOutcome>,
}
