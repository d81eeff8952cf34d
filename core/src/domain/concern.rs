//! A safeguarding concern: what was seen or said, and how far it has come.
//!
//! Pure. It travels in the urgent lane; whether it has arrived is the exchange's to say.

use fieldfare_protocol::lane::Lane;

use super::day;
use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::{ConcernArrival, ConcernKind, ConcernState};

/// Longest concern, in characters; beyond it, a case note says the rest.
pub const WORDS_CHARS_MAX: usize = 2_000;
/// Within so many working days a concern is to be dealt with, unless somebody who acts on it says another time. It is what is
/// allowed for the answer to a referral; no shorter time is set by the service.
pub const DUE_WORKING_DAYS: u32 = 1;
/// Milliseconds in a day.
const DAY_MS: i64 = 86_400_000;

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
/// Words that were added later.
pub const ADDED: Field = Field::log("added", WORDS_CHARS_MAX);
/// Who has it.
pub const OWNER: Field = Field::one("owner", Shape::Id, Category::Ordinary);
/// When it is to be dealt with, if somebody said so.
pub const DUE_AT: Field = Field::one("due_at", Shape::Instant, Category::Ordinary);
/// Who has opened it.
pub const SEEN: Field = Field::set("seen", Shape::Id, Category::Ordinary);

/// Concerns.
pub static KIND: RecordKind = RecordKind {
    name: "concern",
    home: Home::CaseFile,
    lane: Lane::Urgent,
    fields: &[CASE, ABOUT, WORDS, STATE, HANDLING, ADDED, OWNER, DUE_AT, SEEN],
};

/// How far a concern has come that the endpoint has or does not, and that so many people who act on concerns can open.
#[must_use]
pub const fn arrival(is_received: bool, can_open: usize) -> ConcernArrival {
    match (is_received, can_open) {
        (false, _) => ConcernArrival::NotSent,
        (true, 0) => ConcernArrival::NobodyCanOpen,
        (true, _) => ConcernArrival::Delivered,
    }
}

/// When a concern is due that was raised at a moment, both in milliseconds since 1970: the same time on the next working day.
/// Holidays are known to nobody here, so a concern is due too early rather than too late.
#[must_use]
pub fn due_at_ms(raised_at_ms: i64) -> i64 {
    let (mut at_ms, mut left) = (raised_at_ms, DUE_WORKING_DAYS);
    while left > 0 {
        at_ms = at_ms.saturating_add(DAY_MS);
        left = left.saturating_sub(u32::from(!day::is_weekend(day::day_of_ms(at_ms))));
        if at_ms == i64::MAX {
            break;
        }
    }
    at_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p06_delivered_means_received_and_somebody_who_acts_can_open_it() {
        assert_eq!(arrival(false, 2), ConcernArrival::NotSent);
        assert_eq!(arrival(true, 0), ConcernArrival::NobodyCanOpen);
        assert_eq!(arrival(true, 1), ConcernArrival::Delivered);
    }

    #[test]
    fn p06_a_concern_is_due_on_the_next_working_day() {
        let noon = |text| i64::from(day::day_of(text).unwrap()) * DAY_MS + DAY_MS / 2;
        // A Monday, a Friday, a Saturday and a Sunday.
        for (raised, due) in [
            ("2026-06-15", "2026-06-16"),
            ("2026-06-19", "2026-06-22"),
            ("2026-06-20", "2026-06-22"),
            ("2026-06-21", "2026-06-22"),
        ] {
            assert_eq!(due_at_ms(noon(raised)), noon(due), "{raised}");
        }
        assert_eq!(due_at_ms(i64::MAX), i64::MAX);
    }
}
