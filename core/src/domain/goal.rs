//! A goal: the young person's own words, and what became of it.
//!
//! Pure. Steps are records of their own, because two people may finish different steps at once.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::GoalOutcome;

/// Longest words of a goal, in characters.
pub const WORDS_CHARS_MAX: usize = 1_000;
/// Longest remark on progress and longest review, in characters.
pub const REMARK_CHARS_MAX: usize = 4_000;

/// The case.
pub const CASE: Field = Field::one("case_id", Shape::Id, Category::Ordinary);
/// In the young person's own words.
pub const WORDS: Field = Field::one("words", Shape::Text { chars_max: WORDS_CHARS_MAX }, Category::Special);
/// Why it matters.
pub const WHY: Field = Field::one("why", Shape::Text { chars_max: WORDS_CHARS_MAX }, Category::Special);
/// The day of the next review.
pub const REVIEW_ON: Field = Field::one("review_on", Shape::Day, Category::Ordinary);
/// How it ended; emptied when it is taken up again.
pub const OUTCOME: Field = Field::one("outcome", Shape::Choice(GoalOutcome::NAMES), Category::Ordinary);
/// What moved.
pub const PROGRESS: Field = Field::log("progress", REMARK_CHARS_MAX);
/// What reviews found.
pub const REVIEWS: Field = Field::log("reviews", REMARK_CHARS_MAX);
/// Why it was let go, each time.
pub const ENDINGS: Field = Field::log("endings", REMARK_CHARS_MAX);

/// Goals.
pub static KIND: RecordKind = RecordKind {
    name: "goal",
    home: Home::CaseFile,
    lane: Lane::Progress,
    fields: &[CASE, WORDS, WHY, REVIEW_ON, OUTCOME, PROGRESS, REVIEWS, ENDINGS],
};
