//! Every case that this device can read.
//!
//! Who was given which case is decided by the membership log, not here.

use crate::contract::{CaseloadPage, Problem};
use crate::domain::rules::case::open_case;
use crate::store::Read;

use super::also_recorded::by_vault;
use super::case_row::case_rows;
use super::{View, action};

/// Draws the caseload, in the store's order: open concerns first, then by name.
pub(super) fn caseload(read: &Read<'_>, view: &View) -> Result<CaseloadPage, Problem> {
    let mut cases = Vec::new();
    for summary in read.caseload(view.week_ago_ms())? {
        // A case that was handed on stays here to be read for as long as the device keeps it, and is nobody's work here.
        if !read.case_facts(summary.case, view.person())?.handed_on(view.role) {
            cases.push(summary);
        }
    }
    Ok(CaseloadPage {
        cases: case_rows(&cases, &by_vault(read)?),
        actions: vec![action("open_case", open_case(view.asker(read)?))],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Action, Ask, Cohort, Page, StaffRole};
    use crate::domain::{case, concern};
    use crate::pages::fixture::{House, NOW_MS};

    fn drawn(house: &House) -> CaseloadPage {
        let Page::Caseload(page) = house.draw(&Ask::Caseload {}) else { panic!() };
        page
    }

    #[test]
    fn a_case_with_an_open_concern_comes_before_the_alphabet() {
        let house = House::new();
        house.open_case("Ash", None);
        let birch = house.open_case("Birch", None);
        house.raise(&birch, "seen near the station");
        let names: Vec<_> = drawn(&house).cases.into_iter().map(|row| row.young_person).collect();
        assert_eq!(names, ["Birch", "Ash"]);
    }

    #[test]
    fn a_closed_concern_is_not_open() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let raised = house.raise(&file, "seen near the station");
        house.put(&file, &concern::KIND, raised, &concern::STATE, "closed");
        assert_eq!(drawn(&house).cases[0].open_concerns, 0);
    }

    #[test]
    fn only_signed_contacts_of_the_last_seven_days_count() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        house.put(&file, &case::KIND, file.case, &case::COHORT, "protect");
        let day = 86_400_000;
        house.signed_note(&file, NOW_MS - 6 * day, "in time");
        house.signed_note(&file, NOW_MS - 8 * day, "too long ago");
        house.draft(&file, NOW_MS - day, "not signed");
        let row = drawn(&house).cases.remove(0);
        assert_eq!((row.cohort, row.meetings_a_week), (Some(Cohort::Protect), Some(3)));
        assert_eq!((row.contacts_last_week, row.drafts), (1, 1));
        assert_eq!(row.last_contact_at_ms, Some(NOW_MS - 6 * day));
    }

    #[test]
    fn mentors_and_supervisors_open_cases() {
        let mut house = House::new();
        for (role, why_not) in [
            (StaffRole::Mentor, None),
            (StaffRole::Supervisor, None),
            (StaffRole::Safeguarding, Some("role.mentors_open_cases")),
            (StaffRole::Administrator, Some("role.mentors_open_cases")),
        ] {
            house.view.role = role;
            assert_eq!(drawn(&house).actions, [Action::unless("open_case", why_not)]);
        }
    }
}
