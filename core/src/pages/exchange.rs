//! What waits to be sent, what has come, and what could not be believed.
//!
//! Reports on the exchange and takes no part in it.

use fieldfare_protocol::id::DeviceId;

use crate::contract::{AlarmRow, ExchangePage, Problem, WaitingRow};
use crate::store::{Read, StoredAlarm};

use super::{View, count};

/// Digits by which a device is told apart.
const DEVICE_DIGITS: usize = 8;

/// Draws the state of the exchange.
pub(super) fn exchange(read: &Read<'_>, view: &View) -> Result<ExchangePage, Problem> {
    let unsent = read.unsent(view.me.device)?;
    let endpoint = read.endpoint()?;
    let link = read.link()?;
    Ok(ExchangePage {
        unsent: count(unsent.edits),
        unsent_urgent: count(unsent.urgent),
        oldest_unsent_at_ms: unsent.oldest.map(|stamp| stamp.ms()),
        last_exchange_at_ms: endpoint.last_exchange_at_ms,
        clock_ahead_ms: endpoint.clock_ahead_ms,
        waiting: rows(read.held_back(false)?),
        set_aside: rows(read.held_back(true)?),
        unknown_edits: count(read.unknown_edits()?),
        alarms: read.alarms()?.into_iter().map(alarm).collect(),
        endpoint_full: link.no_room,
        not_before_at_ms: link.not_before_ms.filter(|until_ms| *until_ms > view.now_ms),
        endpoint: endpoint.base_url,
    })
}

fn alarm(alarm: StoredAlarm) -> AlarmRow {
    let (words, next_step) = match alarm.what.as_str() {
        "device_copied" => (
            "Another phone writes under the name that this one had: its records were copied or put back.",
            "Nothing was lost. If you do not know of a copy, tell your administrator today.",
        ),
        "two_histories" => (
            "Two phones were shown different records under one name and number.",
            "Tell your administrator today. What cannot be trusted waits; everything else goes on.",
        ),
        _ => ("Something has to be looked at.", "Tell your administrator."),
    };
    AlarmRow {
        what: alarm.what,
        device: alarm.device.to_string().chars().take(DEVICE_DIGITS).collect(),
        since_ms: alarm.since_ms,
        words: words.to_owned(),
        next_step: next_step.to_owned(),
    }
}

fn rows(held_back: Vec<(DeviceId, u64, String)>) -> Vec<WaitingRow> {
    held_back
        .into_iter()
        .map(|(device, segments, why)| WaitingRow {
            device: device.to_string().chars().take(DEVICE_DIGITS).collect(),
            segments: count(segments),
            why,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page};
    use crate::pages::fixture::{House, NOW_MS};

    #[test]
    fn what_waits_is_counted_with_what_is_urgent_of_it() {
        let house = House::new();
        let drawn = || {
            let Page::Exchange(page) = house.draw(&Ask::Exchange {}) else { panic!() };
            page
        };
        let before = drawn();
        let file = house.open_case("Ash", None);
        house.draft(&file, NOW_MS, "first words");
        let page = drawn();
        assert!(page.unsent > page.unsent_urgent && page.unsent_urgent > before.unsent_urgent);
        assert_eq!(page.oldest_unsent_at_ms, Some(NOW_MS));
        assert_eq!(page.endpoint, "https://endpoint.example");
        assert_eq!((page.waiting.len(), page.set_aside.len(), page.unknown_edits), (0, 0, 0));
    }

    #[test]
    fn what_is_held_back_says_whose_it_is_and_why() {
        let house = House::new();
        house.set_aside("signature");
        house.set_aside("signature");
        let Page::Exchange(page) = house.draw(&Ask::Exchange {}) else { panic!() };
        let row = WaitingRow { device: "09090909".to_owned(), segments: 2, why: "signature".to_owned() };
        assert_eq!(page.set_aside, [row]);
    }
}
