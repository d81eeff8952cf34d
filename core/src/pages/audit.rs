//! What was done on this device: by whom, when, to which record, and whether the list is whole.
//!
//! Shows names of actions and records and no content. Nothing here adds a line.

use crate::contract::{AuditPage, AuditRow, PersonId, Problem, StaffRole};
use crate::store::{AuditFilter, AuditLine, Read};

use super::View;

/// Lines on a page if nobody says how many.
const LIMIT_DEFAULT: u32 = 50;
/// Most lines that may be asked for.
const LIMIT_MAX: u32 = 200;

/// Draws the lines that match, the newest first.
pub(super) fn audit(
    read: &Read<'_>,
    view: &View,
    filter: &AuditFilter<'_>,
    limit: Option<u32>,
) -> Result<AuditPage, Problem> {
    if view.role == StaffRole::Mentor {
        let why = "only administrators, supervisors and the safeguarding lead read what was done on a device";
        return Err(Problem::not_allowed(why));
    }
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::OutOfRange { field: "limit".to_owned(), least: 1, most: i64::from(LIMIT_MAX) });
    }
    let state = read.audit_state(None)?;
    let mut found = read.audit(filter, limit.saturating_add(1))?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    Ok(AuditPage {
        lines_in_all: state.lines,
        broken_at: state.broken_at,
        next_before: found.last().filter(|_| more).map(|line| line.no),
        lines: found.into_iter().map(|line| row(read, line)).collect::<Result<_, _>>()?,
    })
}

fn row(read: &Read<'_>, line: AuditLine) -> Result<AuditRow, Problem> {
    let person = line.person.map(|person| PersonId(person.0));
    Ok(AuditRow {
        no: line.no,
        at_ms: line.at_ms,
        what: line.what,
        by: person.map(|person| read.person_name(person)).transpose()?.unwrap_or_default(),
        person,
        record: line.record,
        number: line.number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Ask;
    use crate::pages::fixture::House;

    fn ask(limit: Option<u32>) -> Ask {
        Ask::Audit { before: None, limit, what: None, record: None, since_ms: None, until_ms: None }
    }

    #[test]
    fn a_mentor_does_not_read_it_and_a_limit_has_bounds() {
        let mut house = House::new();
        assert!(matches!(house.problem(&ask(None)), Problem::NotAllowed { .. }));
        house.view.role = StaffRole::Supervisor;
        assert!(matches!(house.problem(&ask(Some(0))), Problem::OutOfRange { .. }));
        assert!(matches!(house.problem(&ask(Some(201))), Problem::OutOfRange { .. }));
    }
}
