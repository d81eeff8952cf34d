//! One safeguarding concern in a list, and whom to call until it has arrived.
//!
//! Whether it has arrived is what the exchange has recorded; nothing here sends anything.

use crate::contract::{Action, ConcernRow, Problem, StaffRole};
use crate::store::{Concern, Read};

use super::kept::Keeping;
use super::{View, case_of};

/// Rows of several concerns, in the order in which they came.
pub(super) fn concern_rows(
    read: &Read<'_>,
    keeping: &mut Keeping,
    view: &View,
    concerns: Vec<Concern>,
) -> Result<Vec<ConcernRow>, Problem> {
    let call = Some(read.crisis_card()?).filter(|card| !card.trim().is_empty());
    let why_not = match view.role {
        StaffRole::Supervisor | StaffRole::Safeguarding => None,
        StaffRole::Mentor | StaffRole::Administrator => Some("role.supervisors_handle"),
    };
    concerns
        .into_iter()
        .map(|concern| {
            Ok(ConcernRow {
                concern: concern.concern,
                case: case_of(read, concern.case, concern.vault_no)?,
                kept: keeping.of(read, concern.vault_no)?,
                about: concern.about,
                words: concern.words,
                state: concern.state,
                made: concern.made,
                delivered_at_ms: concern.delivered_at_ms,
                call: call.clone(),
                actions: vec![Action::unless("handle_concern", why_not)],
            })
        })
        .collect()
}
