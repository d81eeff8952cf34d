//! Importing local services from an untidy table.
//!
//! Rows that make sense come in, the others are named; importing twice changes nothing.

use super::Outcome;
use super::work::{Place, Work};
use crate::contract::{ImportReport, Problem, RefusedRow};
use crate::domain::day;
use crate::domain::directory::import::Note;
use crate::domain::directory::{PlaceNote, Service, import};
use crate::domain::service::{AGES, AREAS, CHECKED_ON, CONTACT, KIND, NAME, OFFERS};
use crate::domain::value::Value;
use crate::store::StoredVault;

pub(super) fn import(work: &Work<'_>, table: &str) -> Result<Outcome, Problem> {
    let today = day::date_of(work.today()).ok_or(Problem::BadDate { field: "today".to_owned() })?;
    let read = import::read(table, today)
        .map_err(|refusal| Problem::TableNotAccepted { why: refusal.to_string() })?;
    let vault = work.organisation_vault()?;
    let mut report = ImportReport {
        added: 0,
        updated: 0,
        unchanged: 0,
        refused: read
            .refused
            .iter()
            .map(|row| RefusedRow { row: count(row.row), name: row.name.clone(), why: row.why.to_string() })
            .collect(),
        notes: read
            .notes
            .iter()
            .map(|row| RefusedRow { row: count(row.row), name: row.name.clone(), why: words(&row.note) })
            .collect(),
    };
    for service in &read.services {
        match keep(work, &vault, service)? {
            Kept::Added => report.added = report.added.saturating_add(1),
            Kept::Updated => report.updated = report.updated.saturating_add(1),
            Kept::Unchanged => report.unchanged = report.unchanged.saturating_add(1),
        }
    }
    Ok(Outcome { import: Some(report), ..Outcome::default() })
}

enum Kept {
    Added,
    Updated,
    Unchanged,
}

fn keep(work: &Work<'_>, vault: &StoredVault, service: &Service) -> Result<Kept, Problem> {
    let known = work.write.read().service_named(&service.name)?;
    let record = match known {
        Some(known) => known.into(),
        None => work.new_id(vault)?,
    };
    let at = Place { vault, kind: &KIND, record };
    let mut changed = work.put(&at, &NAME, service.name.as_str().into())?;
    changed |= work.put(&at, &OFFERS, service.offers.as_str().into())?;
    changed |= work.put(&at, &AGES, service.ages_as_published.as_str().into())?;
    changed |= work.put(&at, &AREAS, service.areas_as_published.as_str().into())?;
    changed |= work.put(&at, &CONTACT, service.contact_as_published.as_str().into())?;
    changed |= work.put(&at, &CHECKED_ON, Value::Day(day::number_of(service.checked_on)))?;
    Ok(match known {
        None => Kept::Added,
        Some(_) if changed => Kept::Updated,
        Some(_) => Kept::Unchanged,
    })
}

/// What a person should look at; places are public words, of services and not of people.
fn words(note: &Note) -> String {
    match note {
        Note::Place(PlaceNote::Corrected { written, read_as }) => {
            format!("\"{written}\" was read as {read_as}")
        }
        Note::Place(PlaceNote::Judged { written, read_as }) => {
            format!("\"{written}\" was taken to mean {read_as}")
        }
        Note::Place(PlaceNote::Unplaced { written }) => {
            format!("\"{written}\" is no place that is known here")
        }
        Note::DateReadDayFirst => "the date was read as day/month/year".to_owned(),
    }
}

fn count(row: impl TryInto<u32>) -> u32 {
    row.try_into().unwrap_or(u32::MAX)
}
