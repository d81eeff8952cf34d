//! The organisation's own card.
//!
//! Written by administrators, supervisors and the safeguarding lead, read by every phone.

use super::work::{Place, Work, said};
use super::{Outcome, WorkDone};
use crate::contract::{Problem, RecordId};
use crate::domain::organisation::{
    CRISIS_CARD, DRILL_FAILED, DRILL_OPENED, DRILLED_ON, KIND, LEASE_ERASES, LOCK_BACKGROUND_S,
    LOCK_UNTOUCHED_S,
};
use crate::domain::value::Value;

pub(super) fn set_crisis_card(work: &Work<'_>, words: &str) -> Result<Outcome, Problem> {
    let vault = work.organisation_vault()?;
    let at = Place { vault: &vault, kind: &KIND, record: RecordId(work.me.organisation.0) };
    work.put(&at, &CRISIS_CARD, said("words", words)?.into())?;
    Ok(Outcome::default())
}

pub(super) fn set_lease(work: &Work<'_>, erases: bool) -> Result<Outcome, Problem> {
    let vault = work.organisation_vault()?;
    let at = Place { vault: &vault, kind: &KIND, record: RecordId(work.me.organisation.0) };
    work.put(&at, &LEASE_ERASES, Value::Truth(erases))?;
    Ok(Outcome::default())
}

pub(super) fn set_auto_lock(
    work: &Work<'_>,
    background_s: u32,
    untouched_s: u32,
) -> Result<Outcome, Problem> {
    let vault = work.organisation_vault()?;
    let at = Place { vault: &vault, kind: &KIND, record: RecordId(work.me.organisation.0) };
    work.put(&at, &LOCK_BACKGROUND_S, Value::Whole(background_s.into()))?;
    work.put(&at, &LOCK_UNTOUCHED_S, Value::Whole(untouched_s.into()))?;
    Ok(Outcome::default())
}

/// Records that a drill of the recovery key was held today, and what it found.
pub(crate) fn record_drill(work: &Work<'_>, opened: u32, failed: u32) -> Result<WorkDone, Problem> {
    let vault = work.organisation_vault()?;
    let at = Place { vault: &vault, kind: &KIND, record: RecordId(work.me.organisation.0) };
    work.put(&at, &DRILLED_ON, Value::Day(work.today()))?;
    work.put(&at, &DRILL_OPENED, Value::Whole(opened.into()))?;
    work.put(&at, &DRILL_FAILED, Value::Whole(failed.into()))?;
    work.write.note_in_audit(work.now_ms, "drill", None)?;
    Ok(WorkDone { did: "drill", made: None, import: None, revision: None })
}
