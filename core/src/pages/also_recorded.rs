//! Values that were recorded without knowing of each other, for a person to decide between.
//!
//! Which of them is shown is the domain's to say, and nothing here decides. Values that say the same need no decision.

use std::collections::BTreeMap;

use crate::contract::{AlsoRecorded, PersonId, Problem, RecordId, YoungPersonId};
use crate::domain::day;
use crate::domain::field::{Field, STRUCK};
use crate::domain::merge::{self, Held};
use crate::domain::rules::Asker;
use crate::domain::rules::case::CaseFacts;
use crate::domain::rules::decide::{Dispute, decide};
use crate::domain::value::Value;
use crate::store::{Read, StandingValue};

use super::standing::made;
use super::{View, why_not};

/// Values from which on a page lists no further field; whoever decides some of them sees the next.
const VALUES_MAX: usize = 200;

/// Stands in place of a value where a record was taken back while somebody was editing it: deciding for it brings the
/// record back.
const EDITED_MEANWHILE: &str = "edited_meanwhile";

/// What stands in a field of a record and waits for a decision.
struct Undecided {
    record: RecordId,
    kind: String,
    field: &'static Field,
    values: Vec<StandingValue>,
    /// Of a record that was taken back: the last edit of somebody who did not know.
    edited_meanwhile: Option<StandingValue>,
}

impl Undecided {
    /// Two signatures both hold for good: they are shown beside each other, and nobody is asked.
    fn can_be_decided(&self) -> bool {
        !self.field.is_for_good()
    }
}

/// Undecided values of a record.
pub(super) fn of_record(
    read: &Read<'_>,
    view: &View,
    record: RecordId,
) -> Result<Vec<AlsoRecorded>, Problem> {
    let Some((kind_name, vault_no)) = read.record(record)? else {
        return Ok(Vec::new());
    };
    let deciding = Deciding::of(read, view, vault_no)?;
    let mut all = Vec::new();
    for field in read.undecided_fields(record)? {
        if all.len() >= VALUES_MAX {
            break;
        }
        if let Some(undecided) = undecided(read, record, &kind_name, &field)? {
            all.extend(in_words(read, &deciding, &undecided)?);
        }
    }
    Ok(all)
}

/// Undecided values of everything in a vault, those of one record first, and of how many fields they are.
pub(super) fn in_vault(
    read: &Read<'_>,
    view: &View,
    vault_no: i64,
    first: RecordId,
) -> Result<(Vec<AlsoRecorded>, u32), Problem> {
    let mut fields_of = read.undecided(Some(vault_no))?;
    fields_of.sort_by_key(|(record, ..)| (*record != first, *record));
    let deciding = Deciding::of(read, view, vault_no)?;
    let (mut all, mut fields) = (Vec::new(), 0_u32);
    for (record, kind_name, field) in fields_of {
        let Some(undecided) = undecided(read, record, &kind_name, &field)?.filter(Undecided::can_be_decided)
        else {
            continue;
        };
        fields = fields.saturating_add(1);
        if all.len() < VALUES_MAX {
            all.extend(in_words(read, &deciding, &undecided)?);
        }
    }
    Ok((all, fields))
}

/// How many fields wait for a decision, by vault.
pub(super) fn by_vault(read: &Read<'_>) -> Result<BTreeMap<i64, u32>, Problem> {
    let mut fields = BTreeMap::new();
    for (record, kind_name, field) in read.undecided(None)? {
        if !undecided(read, record, &kind_name, &field)?.is_some_and(|one| one.can_be_decided()) {
            continue;
        }
        if let Some((_, vault_no)) = read.record(record)? {
            let count: &mut u32 = fields.entry(vault_no).or_default();
            *count = count.saturating_add(1);
        }
    }
    Ok(fields)
}

fn undecided(
    read: &Read<'_>,
    record: RecordId,
    kind_name: &str,
    field: &str,
) -> Result<Option<Undecided>, Problem> {
    let Some(field) = read.vocabulary().kind(kind_name).and_then(|kind| kind.field(field)) else {
        return Ok(None);
    };
    if !field.shows_one() {
        return Ok(None);
    }
    let values = read.standing(record, field.name)?;
    let edited_meanwhile = if field.name == STRUCK.name { read.edited_meanwhile(record)? } else { None };
    let undecided = disagree(&values) || edited_meanwhile.is_some();
    let kind = kind_name.to_owned();
    Ok(undecided.then_some(Undecided { record, kind, field, values, edited_meanwhile }))
}

/// Whether there is anything to decide between: two values that differ, or one that this version cannot read.
fn disagree(values: &[StandingValue]) -> bool {
    let Some((first, others)) = values.split_first() else {
        return false;
    };
    others.iter().any(|other| first.held.value.is_none() || other.held.value != first.held.value)
}

/// Who might decide, in which case.
struct Deciding {
    asker: Asker,
    case: CaseFacts,
}

impl Deciding {
    fn of(read: &Read<'_>, view: &View, vault_no: i64) -> Result<Self, Problem> {
        let case = read.case_facts_of_vault(vault_no, view.person())?;
        Ok(Self { asker: view.asker(read)?, case })
    }

    /// Why they may not decide for a value, if they may not.
    fn why_not(&self, undecided: &Undecided, value: Option<&Value>) -> Option<String> {
        let field = undecided.field;
        let dispute = Dispute {
            kind: &undecided.kind,
            field: field.name,
            case: self.case,
            for_good: field.is_for_good(),
            takes_back: field.name == STRUCK.name && value.is_some_and(|value| *value != Value::Nothing),
        };
        why_not(decide(self.asker, &dispute))
    }
}

fn in_words(
    read: &Read<'_>,
    deciding: &Deciding,
    undecided: &Undecided,
) -> Result<Vec<AlsoRecorded>, Problem> {
    let held: Vec<Held> = undecided.values.iter().map(|value| value.held.clone()).collect();
    let shown = merge::shown(&undecided.field.kind, &held).map(|one| one.edit);
    let mut rows = Vec::with_capacity(undecided.values.len().saturating_add(1));
    for value in undecided.values.iter().chain(&undecided.edited_meanwhile) {
        let edit = value.held.edit;
        let is_edit = undecided.edited_meanwhile.as_ref().is_some_and(|one| one.no == value.no);
        rows.push(AlsoRecorded {
            record: undecided.record,
            field: undecided.field.name.to_owned(),
            value_id: edit.to_string(),
            value: match &value.held.value {
                _ if is_edit => EDITED_MEANWHILE.to_owned(),
                Some(Value::Id(id)) => name_of(read, *id)?,
                Some(value) => words(value),
                None => String::new(),
            },
            shown: shown == Some(edit),
            made: made(read, value)?,
            why_not: deciding.why_not(undecided, value.held.value.as_ref().filter(|_| !is_edit)),
        });
    }
    Ok(rows)
}

/// The name of whoever an identifier names; its digits if it names nobody known here.
fn name_of(read: &Read<'_>, id: [u8; 16]) -> Result<String, Problem> {
    let staff = read.person_name(PersonId(id))?;
    if !staff.is_empty() {
        return Ok(staff);
    }
    let young_person = read.young_person(YoungPersonId(id))?.map(|one| one.name);
    Ok(young_person.filter(|name| !name.is_empty()).unwrap_or_else(|| RecordId(id).to_string()))
}

/// A value in words; nothing for one that was emptied.
fn words(value: &Value) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Text(text) => text.clone(),
        Value::Whole(number) | Value::Instant(number) => number.to_string(),
        Value::Truth(true) => "yes".to_owned(),
        Value::Truth(false) => "no".to_owned(),
        Value::Day(day) => day::text_of(*day),
        Value::Id(id) => RecordId(*id).to_string(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        // A skipped answer keeps its place: "3, –, 5".
        Value::List(values) => values
            .iter()
            .map(|value| if *value == Value::Nothing { "–".to_owned() } else { words(value) })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page, RiskLevel};
    use crate::domain::case;
    use crate::pages::fixture::{COLLEAGUE, House, NOW_MS};

    #[test]
    fn values_read_as_a_person_writes_them() {
        assert_eq!(words(&Value::Truth(true)), "yes");
        assert_eq!(words(&Value::Day(0)), "1970-01-01");
        assert_eq!(words(&Value::List(vec![Value::Whole(3), Value::Nothing])), "3, –");
        assert_eq!(words(&Value::Id([1; 16])), "01".repeat(16));
    }

    #[test]
    fn of_two_levels_of_risk_the_graver_is_shown_and_both_wait_for_a_decision() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        house.put(&file, &case::KIND, file.case, &case::RISK, "high");
        house.theirs(&file, &case::KIND, file.case, &case::RISK, "low", NOW_MS + 5);
        let Page::Case(page) = house.draw(&Ask::Case { case: file.case_id() }) else { panic!() };
        assert_eq!(page.summary.to_decide, 1);
        assert_eq!(page.summary.risk, Some(RiskLevel::High));
        let seen: Vec<_> = page.also_recorded.iter().map(|one| (one.value.as_str(), one.shown)).collect();
        assert_eq!(seen, [("high", true), ("low", false)]);
        assert_eq!(page.also_recorded[0].made.by, "Robin");
        assert!(page.also_recorded[1].value_id.starts_with(&"09".repeat(16)));
    }

    #[test]
    fn the_same_value_from_two_phones_needs_no_decision() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        house.put(&file, &case::KIND, file.case, &case::RISK, "high");
        house.theirs(&file, &case::KIND, file.case, &case::RISK, "high", NOW_MS);
        let Page::Case(page) = house.draw(&Ask::Case { case: file.case_id() }) else { panic!() };
        assert_eq!(page.summary.to_decide, 0);
        assert!(page.also_recorded.is_empty());
    }

    #[test]
    fn whoever_is_in_dispute_is_named_if_anybody_knows_them() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        for (id, at_ms) in [(COLLEAGUE.0, NOW_MS - 2), ([0xee; 16], NOW_MS - 1)] {
            house.theirs(&file, &case::KIND, file.case, &case::YOUNG_PERSON, Value::Id(id), at_ms);
        }
        let Page::Case(page) = house.draw(&Ask::Case { case: file.case_id() }) else { panic!() };
        let values: Vec<_> = page.also_recorded.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(values, ["Wren", "ee".repeat(16).as_str(), "Ash"]);
    }
}
