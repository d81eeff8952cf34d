//! The organisation's own card.
//!
//! Written by administrators, supervisors and the safeguarding lead, read by every phone.

use super::Outcome;
use super::work::{Place, Work, said};
use crate::contract::{Problem, RecordId, StaffRole};
use crate::domain::organisation::{CRISIS_CARD, KIND};

pub(super) fn set_crisis_card(work: &Work<'_>, words: &str) -> Result<Outcome, Problem> {
    work.only(
        &[StaffRole::Administrator, StaffRole::Safeguarding, StaffRole::Supervisor],
        "only administrators, supervisors and the safeguarding lead write the crisis card",
    )?;
    let vault = work.organisation_vault()?;
    let at = Place { vault: &vault, kind: &KIND, record: RecordId(work.me.organisation.0) };
    work.put(&at, &CRISIS_CARD, said("words", words)?.into())?;
    Ok(Outcome::default())
}
