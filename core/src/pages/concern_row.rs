//! One safeguarding concern in a list: how far it has come, who has it, who has read it, and whom to call.
//!
//! Whether it has arrived is what the exchange has recorded; nothing here sends anything.

use crate::contract::{ConcernArrival, ConcernRow, ConcernState, PersonRow, Problem};
use crate::domain::concern::{arrival, due_at_ms};
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
            let can_open = keeping.acting(read, concern.vault_no)?;
            let arrival = arrival(concern.received_at_ms.is_some(), can_open.len());
            let is_delivered = arrival == ConcernArrival::Delivered;
            let (says, next) = in_words(arrival, &can_open);
            let due_at_ms = concern.due_at_ms.unwrap_or_else(|| due_at_ms(concern.made.at_ms));
            let owner = |person| Ok::<_, Problem>(PersonRow { person, name: read.person_name(person)? });
            Ok(ConcernRow {
                concern: concern.concern,
                case: case_of(read, concern.case, concern.vault_no)?,
                kept: keeping.of(read, concern.vault_no)?,
                about: concern.about,
                words: concern.words,
                state: concern.state,
                arrival,
                received_at_ms: concern.received_at_ms,
                delivered_at_ms: concern.received_at_ms.filter(|_| is_delivered),
                delivered_to: if is_delivered { can_open } else { Vec::new() },
                says,
                next,
                seen: read.seen(concern.concern)?.into_iter().map(|(row, _)| row).collect(),
                owner: concern.owner.map(owner).transpose()?,
                due_at_ms,
                overdue: concern.state != Some(ConcernState::Closed) && due_at_ms < view.now_ms,
                made: concern.made,
                call: call.clone(),
                actions: vec![action("handle_concern", handle_concern(asker))],
            })
        })
        .collect()
}

/// What a person is told of how far a concern has come, and what they do next.
fn in_words(arrival: ConcernArrival, can_open: &[PersonRow]) -> (String, String) {
    let (says, next) = match arrival {
        ConcernArrival::NotSent => (
            "This concern has not left this phone.".to_owned(),
            "Call now if somebody is in danger. It is sent first, as soon as there is a signal.",
        ),
        ConcernArrival::NobodyCanOpen => (
            "The endpoint has this concern, but nobody who acts on concerns can open it.".to_owned(),
            "Call somebody who acts on concerns now, and tell your administrator that nobody can read this case.",
        ),
        ConcernArrival::Delivered => {
            let names: Vec<&str> = can_open.iter().map(|row| row.name.as_str()).collect();
            let names = names.join(", ");
            (
                format!("This concern was delivered: {names} can open it."),
                "That it was delivered does not mean that it was read. Call if somebody is in danger.",
            )
        }
    };
    (says, next.to_owned())
}
