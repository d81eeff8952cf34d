//! Pages: what a person sees, ready to draw, with what they may do and why not.
//!
//! Looks and changes nothing. How a page is put on a screen, in which words a key is shown, and how records came to be
//! what they are is not known here.

mod also_recorded;
mod audit;
mod case;
mod case_row;
mod caseload;
mod check_in_form;
mod check_ins;
mod concern;
mod concern_row;
mod devices;
mod excerpt;
mod exchange;
pub mod export;
mod goal;
mod goal_history;
mod goal_row;
mod handed_on;
pub mod handover;
mod kept;
mod lease;
mod note;
mod note_row;
mod pack;
mod reasons;
mod scales;
mod score;
mod search;
mod services;
mod staff;
mod standing;
mod struck;
mod timeline;
mod today;
mod young_person;

#[cfg(test)]
mod fixture;

use crate::contract::{Action, Ask, CaseId, Page, PersonId, Problem, StaffRole, Thing};
use crate::domain::day;
use crate::domain::rules::{Asker, Verdict};
use crate::store::{AuditFilter, Me, Read};

/// Days over which contacts are counted against what a cohort expects in a week.
const CONTACT_DAYS: i64 = 7;
/// Milliseconds in a day.
const DAY_MS: i64 = 86_400_000;

/// Who looks, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Whose device it is.
    pub me: Me,
    /// What they do in the organisation.
    pub role: StaffRole,
    /// Corrected time in milliseconds since 1970.
    pub now_ms: i64,
}

impl View {
    /// Today in UTC, in days since 1970-01-01.
    fn today(&self) -> i32 {
        day::day_of_ms(self.now_ms)
    }

    /// The moment from which contacts count as last week's.
    fn week_ago_ms(&self) -> i64 {
        self.now_ms.saturating_sub(CONTACT_DAYS.saturating_mul(DAY_MS))
    }

    /// Whoever asks, for the rules.
    fn asker(&self, read: &Read<'_>) -> Result<Asker, Problem> {
        Ok(read.asker(self.role)?)
    }

    /// Whoever holds this device.
    const fn person(&self) -> PersonId {
        PersonId(self.me.person.0)
    }
}

/// Draws a page from one consistent state of the store.
///
/// # Errors
/// [`Problem::NoSuch`] for a record or scale that is not known here, [`Problem::OutOfRange`], [`Problem::TooLong`] or
/// [`Problem::Malformed`] for an argument that makes no sense, and the store's own.
pub fn draw(read: &Read<'_>, view: &View, ask: &Ask) -> Result<Page, Problem> {
    Ok(match ask {
        Ask::Today {} => Page::Today(today::today(read, view)?),
        Ask::Caseload {} => Page::Caseload(caseload::caseload(read, view)?),
        Ask::Case { case } => Page::Case(Box::new(case::case(read, view, *case)?)),
        Ask::YoungPerson { young_person } => {
            Page::YoungPerson(young_person::young_person(read, view, *young_person)?)
        }
        Ask::Timeline { case, before_ms, limit } => {
            Page::Timeline(timeline::timeline(read, *case, *before_ms, *limit)?)
        }
        Ask::NoteCompared { note, body } => Page::NoteCompared(note::compared(read, *note, body)?),
        Ask::Note { note } => Page::Note(Box::new(note::note(read, view, *note)?)),
        Ask::Goal { goal } => Page::Goal(Box::new(goal::goal(read, view, *goal)?)),
        Ask::Concern { concern } => Page::Concern(Box::new(concern::concern(read, view, *concern)?)),
        Ask::Concerns {} => Page::Concerns(concern::concerns(read, view)?),
        Ask::CheckInForm { case, scale } => {
            Page::CheckInForm(check_in_form::check_in_form(read, view, *case, scale)?)
        }
        Ask::CheckIns { case, scale } => Page::CheckIns(check_ins::check_ins(read, view, *case, scale)?),
        Ask::Scales {} => Page::Scales(scales::scales(read, view)?),
        Ask::Search { words, case } => Page::Search(search::search(read, words, *case)?),
        Ask::Mentor { person } => Page::Mentor(staff::mentor(read, view, *person)?),
        Ask::Devices {} => Page::Devices(devices::devices(read, view)?),
        Ask::Audit { before, limit, what, record, since_ms, until_ms } => {
            let filter = AuditFilter {
                before: *before,
                what: what.as_deref(),
                record: *record,
                since_ms: *since_ms,
                until_ms: *until_ms,
            };
            Page::Audit(audit::audit(read, view, &filter, *limit)?)
        }
        Ask::Staff {} => Page::Staff(staff::staff(read, view)?),
        Ask::Exchange {} => Page::Exchange(exchange::exchange(read, view)?),
        Ask::Services { age, district, tag } => {
            Page::Services(services::services(read, view, *age, district.as_deref(), tag.as_deref())?)
        }
    })
}

/// A command with what its rule says.
fn action(command: &str, verdict: Verdict) -> Action {
    Action::unless(command, why_not(verdict).as_deref())
}

/// The key of the reason for which a rule bars something, if it does.
fn why_not(verdict: Verdict) -> Option<String> {
    verdict.err().map(|reason| reason.key.to_owned())
}

/// The refusal for a record that is not known here.
const fn no_such(thing: Thing) -> Problem {
    Problem::NoSuch { thing }
}

/// The case of a record: as it says itself, else the one whose file it lies in. A record that came before its case
/// names none, in sixteen zeros, and is drawn all the same.
fn case_of(read: &Read<'_>, stated: Option<CaseId>, vault_no: i64) -> Result<CaseId, Problem> {
    let found = match stated {
        Some(case) => Some(case),
        None => read.case_of_vault(vault_no)?,
    };
    Ok(found.unwrap_or(CaseId([0; 16])))
}

/// A count as pages carry it; more than fits shows as the most that does.
fn count(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}
