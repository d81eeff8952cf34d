//! One safeguarding concern in a list, and whom to call until it has arrived.
//!
//! Whether it has arrived is what the exchange has recorded; nothing here sends anything.

use crate::contract::{ConcernRow, Problem};
use crate::domain::rules::concern::handle_concern;
use crate::store::{Concern, Read};

use super::kept::Keeping;
use super::{View, action, case_of};

/// Rows of several concerns, in the order in which they came.
pub(super) fn concern_rows(
    read: &Read<'_>,
    keeping: &mut Keeping,
    view: &View,
    concerns: Vec<Concern>,
) -> Result<Vec<ConcernRow>, Problem> {
    let call = Some(read.crisis_card()?).filter(|card| !card.trim().is_empty());
    let asker = view.asker(read)?;
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
                actions: vec![action("handle_concern", handle_concern(asker))],
            })
        })
        .collect()
}
