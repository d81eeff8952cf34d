//! Members of staff: one of them with their cases, and everybody.
//!
//! What somebody may read is decided by the membership log; a page shows it and cannot change it.

use std::collections::BTreeMap;

use crate::contract::{LeaverRow, MentorPage, PersonId, Problem, RecordId, StaffPage, StaffRow, Thing};
use crate::domain::person;
use crate::domain::rules::case::rotate_keys;
use crate::domain::rules::organisation as rules;
use crate::store::{CaseSummary, Read};

use super::also_recorded::by_vault;
use super::case_row::case_rows;
use super::{View, action, no_such};

/// Draws one member of staff, whoever holds this device if nobody is named.
pub(super) fn mentor(read: &Read<'_>, view: &View, who: Option<PersonId>) -> Result<MentorPage, Problem> {
    let who = who.unwrap_or(view.person());
    let is_me = who == view.person();
    let joined = read.person_role(who)?;
    let is_written_down =
        read.record(RecordId::from(who))?.is_some_and(|(kind, _)| kind == person::KIND.name);
    if joined.is_none() && !is_written_down && !is_me {
        return Err(no_such(Thing::Person));
    }
    let mut theirs = Vec::new();
    for summary in read.caseload(view.week_ago_ms())? {
        if read.mentors_of(summary.case)?.contains(&who) {
            theirs.push(summary);
        }
    }
    Ok(MentorPage {
        person: who,
        name: read.person_name(who)?,
        role: joined.map(|(role, _)| role).or(is_me.then_some(view.role)),
        is_me,
        devices: joined.map_or(0, |(_, devices)| devices),
        cases: case_rows(&theirs, &by_vault(read)?),
    })
}

/// Draws everybody in the organisation, in order of name.
pub(super) fn staff(read: &Read<'_>, view: &View) -> Result<StaffPage, Problem> {
    let staff = read.staff()?;
    let is_here = |person: PersonId| staff.iter().any(|(here, _, _)| *here == person);
    let mut left: BTreeMap<PersonId, Vec<CaseSummary>> = BTreeMap::new();
    for summary in read.caseload(view.week_ago_ms())? {
        for mentor in read.mentors_of(summary.case)?.into_iter().filter(|mentor| !is_here(*mentor)) {
            left.entry(mentor).or_default().push(summary.clone());
        }
    }
    let to_decide = by_vault(read)?;
    let row = |(person, cases): (PersonId, Vec<CaseSummary>)| {
        Ok(LeaverRow { person, name: read.person_name(person)?, cases: case_rows(&cases, &to_decide) })
    };
    let to_hand_on = left.into_iter().map(row).collect::<Result<_, Problem>>()?;
    let asker = view.asker(read)?;
    Ok(StaffPage {
        actions: vec![
            action("name_supervisor", rules::name_supervisor(asker)),
            action("set_crisis_card", rules::set_crisis_card(asker)),
            action("set_auto_lock", rules::set_auto_lock(asker)),
            action("set_lease", rules::set_lease(asker)),
            action("rotate_keys", rotate_keys(asker, None)),
        ],
        to_hand_on,
        staff: staff.into_iter().map(|(person, name, role)| StaffRow { person, name, role }).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page, StaffRole};
    use crate::domain::case;
    use crate::domain::value::Value;
    use crate::pages::fixture::{COLLEAGUE, House, ME};

    fn drawn(house: &House, person: Option<PersonId>) -> MentorPage {
        let Page::Mentor(page) = house.draw(&Ask::Mentor { person }) else { panic!() };
        page
    }

    #[test]
    fn nobody_named_means_me() {
        let house = House::new();
        house.open_case("Ash", None);
        let page = drawn(&house, None);
        assert_eq!((page.name.as_str(), page.is_me, page.devices), ("Robin", true, 1));
        assert_eq!(page.role, Some(StaffRole::Mentor));
        assert_eq!(page.cases.len(), 1);
        assert_eq!(page, drawn(&house, Some(PersonId(ME.person.0))));
    }

    #[test]
    fn a_colleague_shows_with_those_of_their_cases_that_are_here() {
        let house = House::new();
        house.open_case("Ash", None);
        let shared = house.open_case("Birch", None);
        house.add(&shared, &case::KIND, shared.case, &case::MENTORS, Value::Id(COLLEAGUE.0));
        let page = drawn(&house, Some(COLLEAGUE));
        assert_eq!((page.name.as_str(), page.role), ("Wren", Some(StaffRole::Supervisor)));
        let names: Vec<_> = page.cases.iter().map(|row| row.young_person.as_str()).collect();
        assert_eq!(names, ["Birch"]);
    }

    #[test]
    fn somebody_who_is_not_here_is_nobody() {
        let house = House::new();
        let ask = Ask::Mentor { person: Some(PersonId([77; 16])) };
        assert_eq!(house.problem(&ask), Problem::NoSuch { thing: Thing::Person });
    }

    #[test]
    fn everybody_is_listed_by_name() {
        let Page::Staff(page) = House::new().draw(&Ask::Staff {}) else { panic!() };
        let seen: Vec<_> = page.staff.iter().map(|row| (row.name.as_str(), row.role)).collect();
        assert_eq!(seen, [("Robin", StaffRole::Mentor), ("Wren", StaffRole::Supervisor)]);
    }
}
