//! Goals and their steps as rows.
//!
//! Reads what stands; progress, reviews and earlier words are read from the edits beside it.

use rusqlite::{OptionalExtension, Row, named_params};

use super::Read;
use super::made::RawMade;
use super::notes::nobody;
use super::problem::StoreProblem;
use crate::contract::{CaseId, GoalId, GoalOutcome, Made, RecordId, StepId};

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct Goal {
    pub goal: GoalId,
    pub vault_no: i64,
    pub case: Option<CaseId>,
    pub struck: Option<String>,
    pub words: String,
    pub why: String,
    pub review_on: Option<i32>,
    pub outcome: Option<GoalOutcome>,
    pub steps: u32,
    pub steps_done: u32,
    pub made: Made,
}

/// A step on the way to a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct Step {
    pub step: StepId,
    pub vault_no: i64,
    pub goal: Option<GoalId>,
    pub words: String,
    pub done_on: Option<i32>,
    pub made: Made,
}

const GOAL: &str = "SELECT goal.id, goal.vault, goal.case_id, goal.struck, goal.words, goal.why, goal.review_on,
        goal.outcome,
        (SELECT count(*) FROM step WHERE step.goal_id = goal.id AND step.struck IS NULL),
        (SELECT count(*) FROM step WHERE step.goal_id = goal.id AND step.struck IS NULL AND step.done_on IS NOT NULL),
        goal.made_device, goal.made_stamp, goal.made_ahead_ms
    FROM goal";

impl Read<'_> {
    /// One goal.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn goal(&self, goal: GoalId) -> Result<Option<Goal>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!("{GOAL} WHERE goal.id = :id"))?;
        let found = statement.query_row(named_params! { ":id": goal.0 }, goal_row).optional()?;
        found.map(|(goal, raw)| Ok(Goal { made: self.made_of(&raw)?, ..goal })).transpose()
    }

    /// Goals of a case, open ones first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn goals_of(&self, case: CaseId, limit: u32) -> Result<Vec<Goal>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{GOAL} WHERE goal.case_id = :case AND goal.struck IS NULL
             ORDER BY goal.outcome IS NOT NULL, goal.review_on IS NULL, goal.review_on,
                      goal.made_stamp, goal.id LIMIT :limit"
        ))?;
        let rows = statement
            .query_map(named_params! { ":case": case.0, ":limit": limit }, goal_row)?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|(goal, raw)| Ok(Goal { made: self.made_of(&raw)?, ..goal })).collect()
    }

    /// Open goals whose review day is not after `day`, the longest due first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn goals_to_review(&self, day: i32, limit: u32) -> Result<Vec<Goal>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{GOAL} WHERE goal.outcome IS NULL AND goal.struck IS NULL AND goal.review_on <= :day
             ORDER BY goal.review_on,
                      goal.made_stamp, goal.id LIMIT :limit"
        ))?;
        let rows = statement
            .query_map(named_params! { ":day": day, ":limit": limit }, goal_row)?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|(goal, raw)| Ok(Goal { made: self.made_of(&raw)?, ..goal })).collect()
    }

    /// Steps of a goal, in the order in which they were agreed.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn steps_of(&self, goal: GoalId) -> Result<Vec<Step>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, vault, goal_id, words, done_on, made_device, made_stamp, made_ahead_ms
             FROM step WHERE goal_id = :goal AND struck IS NULL ORDER BY made_stamp, id",
        )?;
        let rows = statement
            .query_map(named_params! { ":goal": goal.0 }, step_row)?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|(step, raw)| Ok(Step { made: self.made_of(&raw)?, ..step })).collect()
    }

    /// One step.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn step(&self, step: StepId) -> Result<Option<Step>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, vault, goal_id, words, done_on, made_device, made_stamp, made_ahead_ms
             FROM step WHERE id = :id",
        )?;
        let found = statement.query_row(named_params! { ":id": step.0 }, step_row).optional()?;
        found.map(|(step, raw)| Ok(Step { made: self.made_of(&raw)?, ..step })).transpose()
    }
}

fn goal_row(row: &Row<'_>) -> rusqlite::Result<(Goal, RawMade)> {
    let goal = Goal {
        goal: GoalId(row.get(0)?),
        vault_no: row.get(1)?,
        case: row.get::<_, Option<[u8; 16]>>(2)?.map(CaseId),
        struck: row.get(3)?,
        words: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        why: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
        review_on: row.get(6)?,
        outcome: row.get::<_, Option<String>>(7)?.as_deref().and_then(GoalOutcome::from_name),
        steps: row.get(8)?,
        steps_done: row.get(9)?,
        made: nobody(),
    };
    Ok((goal, RawMade::read(row, 10)?))
}

fn step_row(row: &Row<'_>) -> rusqlite::Result<(Step, RawMade)> {
    let step = Step {
        step: StepId::from(RecordId(row.get(0)?)),
        vault_no: row.get(1)?,
        goal: row.get::<_, Option<[u8; 16]>>(2)?.map(GoalId),
        words: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        done_on: row.get(4)?,
        made: nobody(),
    };
    Ok((step, RawMade::read(row, 5)?))
}
