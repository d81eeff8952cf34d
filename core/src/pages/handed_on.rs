//! That a case was handed on by whoever holds this device: since when, to whom, and what can still be done.
//!
//! Drawn from what has come here. Who may write what is the commands' to say.

use crate::contract::{CaseId, HandedOnRow, PersonRow, Problem};
use crate::domain::case::DEPARTING_MS;
use crate::domain::day;
use crate::store::Read;

use super::View;
use super::case::people;

/// Every case that was handed on lately, the latest first.
pub(super) fn all(read: &Read<'_>, view: &View) -> Result<Vec<HandedOnRow>, Problem> {
    let departing = read.departing_cases()?;
    departing.into_iter().map(|(case, since_ms)| row(read, view, case, since_ms)).collect()
}

/// That one case was handed on, if it was.
pub(super) fn of_case(
    read: &Read<'_>,
    view: &View,
    case: CaseId,
    vault_no: i64,
) -> Result<Option<HandedOnRow>, Problem> {
    read.departs_since(vault_no)?.map(|since_ms| row(read, view, case, since_ms)).transpose()
}

fn row(read: &Read<'_>, view: &View, case: CaseId, since_ms: i64) -> Result<HandedOnRow, Problem> {
    let mut to = people(read, read.mentors_of(case)?)?;
    to.retain(|mentor| mentor.person != view.person());
    let until_ms = since_ms.saturating_add(DEPARTING_MS);
    let young_person = read.case(case, view.week_ago_ms())?.map(|summary| summary.name).unwrap_or_default();
    let words = words(&to, until_ms);
    Ok(HandedOnRow { case, young_person, to, since_ms, until_ms, words })
}

fn words(to: &[PersonRow], until_ms: i64) -> String {
    let names = to.iter().map(|mentor| mentor.name.as_str()).collect::<Vec<_>>().join(", ");
    let until = day::text_of(day::day_of_ms(until_ms));
    let whom = if names.is_empty() { "your supervisor".to_owned() } else { names.clone() };
    let to = if names.is_empty() { String::new() } else { format!(" to {names}") };
    format!(
        "This case was handed on{to}. Everything you wrote in it still arrives. Until {until} a concern can be raised here; \
         after that, tell {whom}."
    )
}
