//! How long a device may go on without contact, in words that warn days before anything happens.
//!
//! Says what will be and does none of it.

use crate::contract::{LeaseRow, LeaseState, Problem};
use crate::domain::lease::{Lease, OVER_AFTER_DAYS, READ_ONLY_AFTER_DAYS, WARNED_BEFORE_DAYS};
use crate::store::Read;

use super::View;

/// Draws how this device stands.
pub(super) fn row(read: &Read<'_>, view: &View, has_unsent: bool) -> Result<LeaseRow, Problem> {
    let removed = read.devices()?.into_iter().any(|one| one.device == view.me.device && one.removed);
    let days = read.lease()?.map_or(0, Lease::days);
    let erases = read.lease_erases()?;
    let erased_in_days = erases.then(|| OVER_AFTER_DAYS.saturating_sub(days));
    let soon = READ_ONLY_AFTER_DAYS.saturating_sub(WARNED_BEFORE_DAYS);
    let state = match days {
        _ if removed => LeaseState::Removed,
        READ_ONLY_AFTER_DAYS.. => LeaseState::ReadOnly,
        days if days >= soon => LeaseState::Warned,
        _ => LeaseState::Open,
    };
    let (words, next_step) = match (state, erased_in_days, has_unsent) {
        (LeaseState::Open, ..) => ("", ""),
        (LeaseState::Removed, _, true) => (
            "Your organisation has removed this device. What it holds unsent is handed over, then it is erased.",
            "Exchange once more where there is a signal, and talk to your coordinator.",
        ),
        (LeaseState::Removed, _, false) => (
            "Your organisation has removed this device. What it held unsent was handed over, and its keys are destroyed.",
            "Talk to your coordinator. Once this is closed nothing on this device can be read any more.",
        ),
        (LeaseState::Warned, ..) => (
            "This device has not reached the endpoint for long. Soon only reading, concerns and drafts go on.",
            "Exchange where there is a signal.",
        ),
        (LeaseState::ReadOnly, Some(_), true) => (
            "This device has not reached the endpoint for long. It will be erased once what is unsent has been sent.",
            "Exchange where there is a signal: that sends what is unsent and begins the time anew.",
        ),
        (LeaseState::ReadOnly, Some(_), false) => (
            "This device has not reached the endpoint for long, and will be erased if it does not before long.",
            "Exchange where there is a signal: that begins the time anew.",
        ),
        (LeaseState::ReadOnly, None, _) => (
            "This device has not reached the endpoint for long. Reading, concerns and drafts go on.",
            "Exchange where there is a signal: that brings everything else back.",
        ),
    };
    Ok(LeaseRow {
        state,
        days,
        read_only_in_days: READ_ONLY_AFTER_DAYS.saturating_sub(days),
        erased_in_days,
        kept_by_unsent: has_unsent && erases,
        words: words.to_owned(),
        next_step: next_step.to_owned(),
    })
}
