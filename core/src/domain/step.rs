//! A step on the way to a goal.
//!
//! Pure. Finishing twice keeps the day that was recorded last.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};

/// The goal.
pub const GOAL: Field = Field::one("goal_id", Shape::Id, Category::Ordinary);
/// What is to be done.
pub const WORDS: Field = Field::one("words", Shape::Text { chars_max: 500 }, Category::Special);
/// The day on which it was done.
pub const DONE_ON: Field = Field::one("done_on", Shape::Day, Category::Ordinary);

/// Steps.
pub static KIND: RecordKind =
    RecordKind { name: "step", home: Home::CaseFile, lane: Lane::Progress, fields: &[GOAL, WORDS, DONE_ON] };
