//! A safeguarding concern: what was seen or said, and how far it has come.
//!
//! Pure. It travels in the urgent lane; whether it has arrived is the exchange's to say.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::{ConcernKind, ConcernState};

/// Longest concern, in characters; beyond it, a case note says the rest.
pub const WORDS_CHARS_MAX: usize = 2_000;

/// The case.
pub const CASE: Field = Field::one("case_id", Shape::Id, Category::Ordinary);
/// What it is about.
pub const ABOUT: Field = Field::one("about", Shape::Choice(ConcernKind::NAMES), Category::Offence);
/// What was seen or said.
pub const WORDS: Field = Field::one("words", Shape::Text { chars_max: WORDS_CHARS_MAX }, Category::Special);
/// How far it has come; of concurrent states the least handled is shown.
pub const STATE: Field = Field::cautious("state", ConcernState::NAMES, Category::Ordinary);
/// What was done and decided.
pub const HANDLING: Field = Field::log("handling", 4_000);

/// Concerns.
pub static KIND: RecordKind = RecordKind {
    name: "concern",
    home: Home::CaseFile,
    lane: Lane::Urgent,
    fields: &[CASE, ABOUT, WORDS, STATE, HANDLING],
};
