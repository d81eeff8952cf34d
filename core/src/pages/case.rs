//! One case: its summary, the people on it, and what was recorded most recently.
//!
//! Draws the file, the compartment that every reader of a case shares; how far back the rest goes is the timeline's.

use crate::contract::{
    Action, CaseId, CasePage, ErasureRow, Kept, PersonId, PersonRow, Problem, RecordId, StaffRole, Thing,
    YoungPersonId,
};
use crate::domain::day;
use crate::domain::rules::Asker;
use crate::domain::rules::case::{self as rules, CaseFacts};
use crate::store::Read;

use super::case_row::case_row;
use super::concern_row::concern_rows;
use super::goal_row::goal_rows;
use super::kept::Keeping;
use super::note_row::note_rows;
use super::{View, action, also_recorded, handed_on, no_such};

/// Most notes on the page; older ones are on the timeline.
const NOTES_MAX: u32 = 50;
/// Most goals on the page, open ones first.
const GOALS_MAX: u32 = 50;
/// Most concerns on the page, those not closed first.
const CONCERNS_MAX: u32 = 50;

/// Draws one case. What waits for a decision is that of the whole file, as the summary counts it, since concerns and
/// check-ins have no page of their own.
pub(super) fn case(read: &Read<'_>, view: &View, case: CaseId) -> Result<CasePage, Problem> {
    let summary = read.case(case, view.week_ago_ms())?.ok_or(no_such(Thing::Case))?;
    let record = RecordId::from(case);
    let facts = read.case_facts(case, view.person())?;
    let (also_recorded, to_decide) = also_recorded::in_vault(read, view, summary.vault_no, record)?;
    let mut keeping = Keeping::default();
    Ok(CasePage {
        summary: case_row(&summary, to_decide),
        young_person: summary.young_person.unwrap_or(YoungPersonId([0; 16])),
        kept: keeping.of(read, summary.vault_no)?,
        compartments: compartments(read, &mut keeping, case)?,
        opened_on: summary.opened_on.map(day::text_of),
        legal_hold: facts.held,
        erasure: erasure(read, view, summary.vault_no)?,
        area: summary.area,
        mentors: people(read, read.mentors_of(case)?)?,
        mentors_before: people(read, read.mentors_before(case)?)?,
        handed_on: handed_on::of_case(read, view, case, summary.vault_no)?,
        concerns: concern_rows(read, &mut keeping, view, read.concerns_of(case, CONCERNS_MAX)?)?,
        goals: goal_rows(read, &mut keeping, view.today(), read.goals_of(case, GOALS_MAX)?)?,
        notes: note_rows(read, &mut keeping, read.notes_of(case, None, NOTES_MAX)?)?,
        also_recorded,
        actions: actions(view.asker(read)?, &facts),
    })
}

/// What can be done in a case, and why not.
fn actions(asker: Asker, facts: &CaseFacts) -> Vec<Action> {
    vec![
        action("begin_note", rules::begin_note(asker, facts)),
        action("set_goal", rules::set_goal(asker, facts)),
        // One scale at least has its words here.
        action("record_check_in", rules::record_check_in(asker, facts, true)),
        action("raise_concern", rules::raise_concern(facts)),
        action("set_cohort", rules::set_cohort(asker, facts)),
        action("set_risk", rules::set_risk(asker, facts)),
        action("add_mentor", rules::add_mentor(asker, facts)),
        action("transfer_case", rules::transfer_case(asker, facts, facts.is_mine)),
        action("set_legal_hold", rules::set_legal_hold(asker)),
        action("rotate_keys", rules::rotate_keys(asker, Some(facts))),
    ]
}

/// The compartments beside the file that are read here.
fn compartments(read: &Read<'_>, keeping: &mut Keeping, case: CaseId) -> Result<Vec<Kept>, Problem> {
    read.parts_of(case)?.into_iter().map(|part| keeping.of(read, part.vault_no)).collect()
}

/// That somebody has asked for erasing the case.
fn erasure(read: &Read<'_>, view: &View, vault_no: i64) -> Result<Option<ErasureRow>, Problem> {
    // Rows can stand here before the log that says who reads them.
    if read.log(vault_no)?.is_empty() {
        return Ok(None);
    }
    let Some(asking) = read.case_file(vault_no, &read.organisation()?)?.asked else { return Ok(None) };
    let person = PersonId(asking.person.0);
    let by = read.person_name(person)?;
    let mentor = (view.role == StaffRole::Mentor).then_some("role.supervisors_erase");
    let alone = (person == view.person()).then_some("erasure.somebody_else");
    let held = read.is_held(vault_no)?.then_some("case.legal_hold");
    Ok(Some(ErasureRow {
        person,
        words: format!("{by} has asked for erasing this case. It is erased once somebody else confirms it."),
        by,
        actions: vec![
            Action::unless("keep_after_all", mentor),
            Action::unless("erase_case", mentor.or(alone).or(held)),
        ],
    }))
}

/// People by name, in its order.
pub(super) fn people(read: &Read<'_>, people: Vec<PersonId>) -> Result<Vec<PersonRow>, Problem> {
    let mut rows = people
        .into_iter()
        .map(|person| Ok(PersonRow { person, name: read.person_name(person)? }))
        .collect::<Result<Vec<_>, Problem>>()?;
    rows.sort_by(|one, other| (&one.name, one.person).cmp(&(&other.name, other.person)));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Compartment, Page};
    use crate::domain::organisation;
    use crate::pages::fixture::{House, NOW_MS};

    fn drawn(house: &House, case: CaseId) -> CasePage {
        let Page::Case(page) = house.draw(&Ask::Case { case }) else { panic!() };
        *page
    }

    #[test]
    fn a_case_that_is_not_here_is_no_case() {
        let house = House::new();
        let ask = Ask::Case { case: CaseId([77; 16]) };
        assert_eq!(house.problem(&ask), Problem::NoSuch { thing: Thing::Case });
    }

    #[test]
    fn a_case_shows_its_people_and_its_newest_notes_first() {
        let house = House::new();
        let file = house.open_case("Ash", Some("2011-02-03"));
        let old = house.signed_note(&file, NOW_MS - 50, "the\n first");
        let new = house.draft(&file, NOW_MS - 10, "the second");
        let page = drawn(&house, file.case_id());
        assert_eq!(page.summary.young_person, "Ash");
        assert_eq!(page.kept.compartment, Some(Compartment::File));
        assert_eq!(page.mentors.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Robin"]);
        let notes: Vec<_> = page.notes.iter().map(|row| RecordId::from(row.note)).collect();
        assert_eq!(notes, [new, old]);
        assert_eq!(page.notes[1].excerpt, "the first");
        let barred: Vec<_> = page.actions.iter().filter(|action| action.why_not.is_some()).collect();
        assert_eq!(barred, [&Action::unless("set_legal_hold", Some("role.supervisors_hold"))]);
    }

    #[test]
    fn a_concern_says_whom_to_call_and_who_may_handle_it() {
        let mut house = House::new();
        let file = house.open_case("Ash", None);
        house.raise(&file, "seen near the station");
        let row = drawn(&house, file.case_id()).concerns.remove(0);
        assert_eq!((row.call.as_deref(), row.delivered_at_ms), (None, None));
        assert_eq!(row.actions, [Action::unless("handle_concern", Some("role.supervisors_handle"))]);

        house.put_for_all(
            &organisation::KIND,
            RecordId([1; 16]),
            &organisation::CRISIS_CARD,
            "Call the duty line",
        );
        house.view.role = StaffRole::Safeguarding;
        let row = drawn(&house, file.case_id()).concerns.remove(0);
        assert_eq!(row.call.as_deref(), Some("Call the duty line"));
        assert_eq!(row.actions, [Action::allowed("handle_concern")]);
    }
}
