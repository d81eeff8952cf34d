//! What today asks for: concerns first, then what was begun, what is due, and what is stuck.
//!
//! Asks and never nags: it knows of no reminders and no notifications.

use crate::contract::{LeaseState, Problem, TodayPage};
use crate::domain::day;
use crate::store::Read;

use super::also_recorded::by_vault;
use super::case_row::case_rows;
use super::concern::sort_by_urgency;
use super::concern_row::concern_rows;
use super::goal_row::goal_rows;
use super::handed_on;
use super::kept::Keeping;
use super::lease;
use super::note_row::note_rows;
use super::{View, count};

/// Most concerns on the page.
const CONCERNS_MAX: u32 = 500;
/// Most drafts on the page, the oldest of them.
const DRAFTS_MAX: u32 = 100;
/// Most goals to review on the page, those longest due.
const REVIEWS_MAX: u32 = 100;

/// Draws what today asks for.
pub(super) fn today(read: &Read<'_>, view: &View) -> Result<TodayPage, Problem> {
    let today = view.today();
    let mut keeping = Keeping::default();
    let mut concerns = concern_rows(read, &mut keeping, view, read.open_concerns(CONCERNS_MAX)?)?;
    sort_by_urgency(&mut concerns);
    let to_decide = by_vault(read)?;
    let mut due = case_rows(&read.caseload(view.week_ago_ms())?, &to_decide);
    let handed_on = read.departing_cases()?;
    due.retain(|row| row.meetings_a_week.is_some_and(|expected| row.contacts_last_week < expected));
    due.retain(|row| !handed_on.iter().any(|(case, _)| *case == row.case));
    due.sort_by_key(|row| row.contacts_last_week);
    let unsent = count(read.unsent(view.me.device)?.edits);
    Ok(TodayPage {
        day: day::text_of(today),
        concerns,
        drafts: note_rows(read, &mut keeping, read.drafts(DRAFTS_MAX)?)?,
        reviews: goal_rows(read, &mut keeping, today, read.goals_to_review(today, REVIEWS_MAX)?)?,
        contact_due: due,
        handed_on: handed_on::all(read, view)?,
        to_decide: to_decide.into_values().fold(0_u32, u32::saturating_add),
        unsent,
        lease: Some(lease::row(read, view, unsent > 0)?).filter(|row| row.state != LeaseState::Open),
        auto_lock: read.auto_lock()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page, RecordId};
    use crate::domain::case;
    use crate::domain::goal;
    use crate::domain::value::Value;
    use crate::pages::fixture::{House, NOW_MS};

    fn drawn(house: &House) -> TodayPage {
        let Page::Today(page) = house.draw(&Ask::Today {}) else { panic!() };
        page
    }

    #[test]
    fn an_undelivered_concern_stands_before_a_newer_one_that_arrived() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let waiting = house.raise(&file, "not sent");
        let arrived = house.their_concern(&file, "came from a colleague", NOW_MS + 60_000);
        let seen: Vec<_> = drawn(&house)
            .concerns
            .iter()
            .map(|row| (RecordId::from(row.concern), row.received_at_ms))
            .collect();
        assert_eq!(seen, [(waiting, None), (arrived, Some(NOW_MS))]);
    }

    #[test]
    fn a_review_is_due_from_its_own_day_on() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let today = house.view.today();
        let due = house.goal(&file, "swim a mile");
        house.put(&file, &goal::KIND, due, &goal::REVIEW_ON, Value::Day(today));
        let later = house.goal(&file, "finish the course");
        house.put(&file, &goal::KIND, later, &goal::REVIEW_ON, Value::Day(today + 1));
        let page = drawn(&house);
        let seen: Vec<_> =
            page.reviews.iter().map(|row| (RecordId::from(row.goal), row.review_due)).collect();
        assert_eq!(seen, [(due, true)]);
    }

    #[test]
    fn protect_cases_with_too_few_contacts_are_due_and_those_with_fewest_come_first() {
        let house = House::new();
        let once = house.open_case("Ash", None);
        let never = house.open_case("Birch", None);
        let enough = house.open_case("Cedar", None);
        let prevent = house.open_case("Dill", None);
        for file in [&once, &never, &enough] {
            house.put(file, &case::KIND, file.case, &case::COHORT, "protect");
        }
        house.put(&prevent, &case::KIND, prevent.case, &case::COHORT, "prevent");
        house.signed_note(&once, NOW_MS - 1_000, "met");
        for _ in 0..3 {
            house.signed_note(&enough, NOW_MS - 1_000, "met");
        }
        let due: Vec<_> = drawn(&house).contact_due.into_iter().map(|row| row.young_person).collect();
        assert_eq!(due, ["Birch", "Ash"]);
    }

    #[test]
    fn drafts_and_unsent_edits_are_counted() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let before = drawn(&house).unsent;
        house.draft(&file, NOW_MS, "first words");
        let page = drawn(&house);
        assert_eq!(page.drafts.len(), 1);
        assert!(page.unsent > before);
        assert_eq!(page.day, "2026-06-15");
    }
}
