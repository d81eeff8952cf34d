//! A wellbeing check-in: the answers as given, and the circumstances that colour them.
//!
//! Pure. Scores are never stored: they are computed from the answers, so that a corrected table corrects every score.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::{Company, Manner};

/// The case.
pub const CASE: Field = Field::one("case_id", Shape::Id, Category::Ordinary);
/// Name of the scale.
pub const SCALE: Field = Field::one("scale", Shape::Text { chars_max: 40 }, Category::Ordinary);
/// Digest of the pack whose wording was shown, as hexadecimal; empty for open wording.
pub const PACK_DIGEST: Field = Field::one("pack_digest", Shape::Text { chars_max: 64 }, Category::Ordinary);
/// One whole number a question, nothing for a skipped one.
pub const ANSWERS: Field = Field::one("answers", Shape::List, Category::Special);
/// The day.
pub const TAKEN_ON: Field = Field::one("taken_on", Shape::Day, Category::Ordinary);
/// How it was answered.
pub const MANNER: Field = Field::one("manner", Shape::Choice(Manner::NAMES), Category::Ordinary);
/// Who else was there.
pub const COMPANY: Field = Field::set("company", Shape::Choice(Company::NAMES), Category::Ordinary);

/// Check-ins.
pub static KIND: RecordKind = RecordKind {
    name: "check_in",
    home: Home::CaseFile,
    lane: Lane::Progress,
    fields: &[CASE, SCALE, PACK_DIGEST, ANSWERS, TAKEN_ON, MANNER, COMPANY],
};
