//! Who looked at what: a line in the audit for each record whose page was drawn, without a word of what it showed.
//!
//! A page that a change has made stale is drawn again by itself; within a while that is one reading.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::contract::{Ask, Problem, RecordId};
use crate::store::Store;

/// How long the same page counts as the same reading, in milliseconds.
const SAME_MS: i64 = 10 * 60 * 1_000;
/// Most readings that are remembered at once; beyond it all are forgotten, and counted again.
const REMEMBERED_MAX: usize = 256;

type Reading = (&'static str, Option<RecordId>);

/// What was looked at lately, and when.
#[derive(Default)]
pub(super) struct Readings(Mutex<BTreeMap<Reading, i64>>);

impl Readings {
    /// Notes that a page was drawn. A full disk keeps nobody from reading; the line is then added when there is room.
    pub(super) fn note(&self, store: &Store, ask: &Ask, now_ms: i64) {
        let Some(reading) = of(ask) else { return };
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lately
            .get(&reading)
            .is_some_and(|at_ms| now_ms.saturating_sub(*at_ms).unsigned_abs() < SAME_MS.unsigned_abs())
        {
            return;
        }
        let (what, record) = reading;
        if store.write_lightly(|write| Ok::<_, Problem>(write.note_in_audit(now_ms, what, record)?)).is_err()
        {
            return;
        }
        if lately.len() >= REMEMBERED_MAX {
            lately.clear();
        }
        lately.insert(reading, now_ms);
    }
}

/// What a page shows of one record; `None` for pages about nobody or everybody.
fn of(ask: &Ask) -> Option<Reading> {
    Some(match ask {
        Ask::Case { case } => ("read_case", Some((*case).into())),
        Ask::YoungPerson { young_person } => ("read_young_person", Some((*young_person).into())),
        Ask::Timeline { case, .. } => ("read_timeline", Some((*case).into())),
        Ask::Note { note } | Ask::NoteCompared { note, .. } => ("read_note", Some((*note).into())),
        Ask::Goal { goal } => ("read_goal", Some((*goal).into())),
        Ask::Concern { concern } => ("read_concern", Some((*concern).into())),
        Ask::CheckIns { case, .. } => ("read_check_ins", Some((*case).into())),
        Ask::Search { case, .. } => ("search", case.map(Into::into)),
        Ask::Audit { .. } => ("read_audit", None),
        Ask::Today {}
        | Ask::Caseload {}
        | Ask::Concerns {}
        | Ask::CheckInForm { .. }
        | Ask::Scales {}
        | Ask::Mentor { .. }
        | Ask::Staff {}
        | Ask::Devices {}
        | Ask::Exchange {}
        | Ask::Services { .. } => return None,
    })
}
