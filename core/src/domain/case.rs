//! A case: one young person's time with the service.
//!
//! Pure. Travels in the urgent lane, because a concern points to it.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::{Cohort, RiskLevel};

/// Meetings a week that Protect expects; Prevent sets its own target.
pub const PROTECT_MEETINGS_A_WEEK: u32 = 3;

/// The young person.
pub const YOUNG_PERSON: Field = Field::one("young_person", Shape::Id, Category::Ordinary);
/// The cohort.
pub const COHORT: Field = Field::one("cohort", Shape::Choice(Cohort::NAMES), Category::Offence);
/// The level of risk; the most cautious is shown.
pub const RISK: Field = Field::cautious("risk", RiskLevel::NAMES, Category::Offence);
/// The day support began.
pub const OPENED_ON: Field = Field::one("opened_on", Shape::Day, Category::Ordinary);
/// District or area.
pub const AREA: Field = Field::one("area", Shape::Text { chars_max: 120 }, Category::Ordinary);
/// Mentors on the case.
pub const MENTORS: Field = Field::set("mentors", Shape::Id, Category::Ordinary);
/// Whether a law or a dispute holds the file: then nothing of it is deleted. Where both were said at once it is held.
pub const LEGAL_HOLD: Field = Field::cautious("legal_hold", &[HELD, LIFTED], Category::Ordinary);
/// The file is held.
pub const HELD: &str = "held";
/// It is held no longer.
pub const LIFTED: &str = "lifted";

/// Cases.
pub static KIND: RecordKind = RecordKind {
    name: "casework",
    home: Home::CaseFile,
    lane: Lane::Urgent,
    fields: &[YOUNG_PERSON, COHORT, RISK, OPENED_ON, AREA, MENTORS, LEGAL_HOLD],
};

/// How many meetings a week a cohort expects; `None` where the service sets its own target.
#[must_use]
pub const fn meetings_a_week(cohort: Cohort) -> Option<u32> {
    match cohort {
        Cohort::Protect => Some(PROTECT_MEETINGS_A_WEEK),
        Cohort::Prevent => None,
    }
}

/// How long a phone that has handed a case on still takes a concern for it, in days: whoever was spoken to yesterday rings
/// today. Then it says its last word.
pub const DEPARTING_DAYS: i64 = 14;

/// The same in milliseconds.
pub const DEPARTING_MS: i64 = DEPARTING_DAYS * 24 * 60 * 60 * 1_000;
