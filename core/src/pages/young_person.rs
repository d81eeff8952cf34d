//! One young person: who they are, and their cases with the service.
//!
//! A young person is no case; what is recorded of their cases stands on those pages.

use crate::contract::{Problem, RecordId, Thing, YoungPersonId, YoungPersonPage};
use crate::domain::day;
use crate::domain::rules::case::describe_young_person;
use crate::domain::young_person::{AGE_FROM, AGE_TO, CIRCUMSTANCES, EIGHTEEN_SOON_DAYS};
use crate::store::Read;

use super::case_row::case_rows;
use super::kept::Keeping;
use super::standing::texts;
use super::{View, action, also_recorded, no_such};

/// Draws one young person.
pub(super) fn young_person(
    read: &Read<'_>,
    view: &View,
    young_person: YoungPersonId,
) -> Result<YoungPersonPage, Problem> {
    let found = read.young_person(young_person)?.ok_or(no_such(Thing::YoungPerson))?;
    let record = RecordId::from(young_person);
    let today = view.today();
    let (facts, is_struck) = read.young_person_facts(young_person, view.person())?.unwrap_or_default();
    Ok(YoungPersonPage {
        young_person,
        name: found.name,
        kept: Keeping::default().of(read, found.vault_no)?,
        born_on: found.born_on.map(day::text_of),
        age: found.born_on.and_then(|born| day::age_on(born, today)),
        age_remark: found.born_on.and_then(|born| age_remark(born, today)).map(str::to_owned),
        pronouns: found.pronouns,
        circumstances: texts(read, record, &CIRCUMSTANCES)?,
        cases: case_rows(&read.cases_of(young_person, view.week_ago_ms())?, &also_recorded::by_vault(read)?),
        also_recorded: also_recorded::of_record(read, view, record)?,
        actions: vec![action(
            "describe_young_person",
            describe_young_person(view.asker(read)?, &facts, is_struck),
        )],
    })
}

/// Key of what to say about an age: outside the service's ages, or eighteen within half a year.
fn age_remark(born: i32, today: i32) -> Option<&'static str> {
    let age = day::age_on(born, today)?;
    if age < AGE_FROM {
        return Some("age.under_10");
    }
    if age > AGE_TO {
        return Some("age.over_17");
    }
    let eighteenth = day::birthday(born, 18)?;
    (eighteenth.saturating_sub(today) <= EIGHTEEN_SOON_DAYS).then_some("age.eighteen_soon")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page};
    use crate::domain::young_person as fields;
    use crate::pages::fixture::House;

    #[test]
    fn a_remark_stands_at_the_edges_of_the_service_only() {
        let today = day::day_of("2026-06-15").unwrap();
        for (born, remark) in [
            ("2016-06-16", Some("age.under_10")),
            ("2016-06-15", None),
            ("2009-01-15", None),
            ("2008-12-15", Some("age.eighteen_soon")),
            ("2008-06-16", Some("age.eighteen_soon")),
            ("2008-06-15", Some("age.over_17")),
            ("2027-01-01", None),
        ] {
            assert_eq!(age_remark(day::day_of(born).unwrap(), today), remark, "{born}");
        }
    }

    #[test]
    fn a_young_person_shows_with_circumstances_and_cases() {
        let house = House::new();
        let file = house.open_case("Ash", Some("2011-02-03"));
        house.add(&file, &fields::KIND, file.young_person, &fields::CIRCUMSTANCES, "no school place");
        house.add(&file, &fields::KIND, file.young_person, &fields::CIRCUMSTANCES, "electronic tag");
        let ask = Ask::YoungPerson { young_person: file.young_person.into() };
        let Page::YoungPerson(page) = house.draw(&ask) else { panic!() };
        assert_eq!((page.name.as_str(), page.age), ("Ash", Some(15)));
        assert_eq!(page.circumstances, ["electronic tag", "no school place"]);
        assert_eq!(page.cases.len(), 1);
        let ask = Ask::YoungPerson { young_person: YoungPersonId([77; 16]) };
        assert_eq!(house.problem(&ask), Problem::NoSuch { thing: Thing::YoungPerson });
    }
}
