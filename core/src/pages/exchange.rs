//! What waits to be sent, what has come, and what could not be believed.
//!
//! Reports on the exchange and takes no part in it.

use fieldfare_protocol::lane::Lane;

use crate::contract::{
    Action, AlarmRow, ConcernArrival, ErasedWordsRow, ExchangePage, ForkRow, Problem, StaffRole, UnsentPart,
    UnsentWhat, WaitingRow,
};
use crate::store::{ErasedWords, HeldBack, Read, StoredAlarm, UnsentLane};

use super::concern::sort_by_urgency;
use super::concern_row::concern_rows;
use super::kept::Keeping;
use super::lease;
use super::reasons::meaning;
use super::{View, count};

/// Digits by which a device is told apart.
const DEVICE_DIGITS: usize = 8;
/// Most open concerns that are looked through for such as are not delivered.
const CONCERNS_MAX: u32 = 50;

/// Draws the state of the exchange.
pub(super) fn exchange(read: &Read<'_>, view: &View) -> Result<ExchangePage, Problem> {
    let unsent = read.unsent(view.me.device)?;
    let endpoint = read.endpoint()?;
    let link = read.link()?;
    let open = read.open_concerns(CONCERNS_MAX)?;
    let mut undelivered = concern_rows(read, &mut Keeping::default(), view, open)?;
    undelivered.retain(|concern| concern.arrival != ConcernArrival::Delivered);
    sort_by_urgency(&mut undelivered);
    let lease = lease::row(read, view, unsent.edits > 0)?;
    let waiting = rows(read, read.held_back(false)?)?;
    let set_aside = rows(read, read.held_back(true)?)?;
    Ok(ExchangePage {
        unsent: count(unsent.edits),
        unsent_urgent: count(unsent.urgent),
        oldest_unsent_at_ms: unsent.oldest.map(|stamp| stamp.ms()),
        unsent_parts: read.unsent_by_lane(view.me.device)?.into_iter().map(part).collect(),
        undelivered,
        trouble: read.exchange_trouble()?,
        last_exchange_at_ms: endpoint.last_exchange_at_ms,
        clock_ahead_ms: endpoint.clock_ahead_ms,
        two_histories: count(read.logs_with_two_histories()?),
        forks: forks(read, view)?,
        alarms: read.alarms()?.into_iter().map(|one| alarm(read, one)).collect::<Result<_, _>>()?,
        erased_unsent: read.erased_words()?.into_iter().map(erased_words).collect(),
        endpoint_full: link.no_room,
        not_before_at_ms: link.not_before_ms.filter(|until_ms| *until_ms > view.now_ms),
        waiting,
        set_aside,
        unknown_edits: count(read.unknown_edits()?),
        // Its pins are for machines.
        endpoint: endpoint.base_url.split('#').next().unwrap_or_default().to_owned(),
        lease,
    })
}

fn forks(read: &Read<'_>, view: &View) -> Result<Vec<ForkRow>, Problem> {
    let mut rows = Vec::new();
    for alarm in read.alarms()?.into_iter().filter(|alarm| alarm.what == "log_forked") {
        let Some(vault) = read.vault(alarm.vault)? else { continue };
        let why_not = if view.role == StaffRole::Mentor {
            Some("role.supervisors_resolve")
        } else {
            read.other_branch(vault.no)?.is_empty().then_some("fork.one_branch_known")
        };
        rows.push(ForkRow {
            case: alarm.case,
            young_person: alarm.case.map(|case| read.name_in_case(case)).transpose()?.unwrap_or_default(),
            since_ms: alarm.since_ms,
            concerns_leave: read.branches_have_one_key(vault.no)?,
            actions: vec![Action::unless("resolve_fork", why_not)],
        });
    }
    Ok(rows)
}

fn alarm(read: &Read<'_>, alarm: StoredAlarm) -> Result<AlarmRow, Problem> {
    let (words, next_step) = match alarm.what.as_str() {
        "device_copied" => (
            "Another phone writes under the name that this one had: its records were copied or put back.",
            "Nothing was lost. If you do not know of a copy, tell your administrator today.",
        ),
        "two_histories" => (
            "Two phones were shown different records under one name and number.",
            "Tell your administrator today. What cannot be trusted waits; everything else goes on.",
        ),
        "store_turned_back" => (
            "An older copy of the records on this phone was put in their place.",
            "Tell your administrator today. What had been exchanged comes back with the next exchange.",
        ),
        "audit_broken" => (
            "Somebody has changed the list of what was done on this phone.",
            "Tell your administrator today, and keep the phone as it is. Your records are all here.",
        ),
        "log_forked" => (
            "The list of who reads this case was told in two ways. Nothing is sent for it meanwhile but, where that is safe, concerns.",
            "Ask a supervisor or the safeguarding lead to end it on a phone that shows this too. Nothing was lost.",
        ),
        "phones_differ" => (
            "This colleague's phone shows something else in this case than this phone, from the same entries.",
            "Compare the case on both phones before you rely on it, and tell your administrator today. Nothing was lost.",
        ),
        "settled_wrongly" => (
            "This phone shows an entry in this case that was replaced, or hides one that stands.",
            "Update the app, and tell your administrator today. Nothing was lost.",
        ),
        "erased_unsent" => (
            "A case was erased by law before everything that you wrote in it was sent. None of it leaves this phone.",
            "Read your words here. What somebody's safety needs has to be written in another case, today; after 14 days they are gone.",
        ),
        _ => ("Something has to be looked at.", "Tell your administrator."),
    };
    Ok(AlarmRow {
        what: alarm.what,
        device: alarm.device.to_string().chars().take(DEVICE_DIGITS).collect(),
        by: alarm.by,
        case: alarm.case,
        young_person: alarm.case.map(|case| read.name_in_case(case)).transpose()?.unwrap_or_default(),
        since_ms: alarm.since_ms,
        words: words.to_owned(),
        next_step: next_step.to_owned(),
    })
}

fn erased_words(one: ErasedWords) -> ErasedWordsRow {
    let ErasedWords { kind, field, words, written_at_ms, until_ms } = one;
    ErasedWordsRow { kind, field, words, written_at_ms, until_ms }
}

fn part(lane: UnsentLane) -> UnsentPart {
    UnsentPart {
        what: match lane.lane {
            Lane::Urgent => UnsentWhat::Concerns,
            Lane::Progress => UnsentWhat::CheckInsAndGoals,
            Lane::Notes => UnsentWhat::Notes,
            Lane::Attachments => UnsentWhat::Attachments,
        },
        edits: count(lane.edits),
        bytes: lane.bytes,
        oldest_at_ms: lane.oldest.map(|stamp| stamp.ms()),
    }
}

fn rows(read: &Read<'_>, held_back: Vec<HeldBack>) -> Result<Vec<WaitingRow>, Problem> {
    let row = |one: HeldBack| {
        let reason = meaning(&one.why);
        Ok(WaitingRow {
            needs_a_person: reason.alarm,
            device: one.device.to_string().chars().take(DEVICE_DIGITS).collect(),
            segments: count(one.segments),
            why: one.why,
            by: one.by,
            case: one.case,
            young_person: one.case.map(|case| read.name_in_case(case)).transpose()?.unwrap_or_default(),
            since_ms: one.since_ms,
            says: reason.says.to_owned(),
            next: reason.next.to_owned(),
        })
    };
    held_back.into_iter().map(row).collect()
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
        let seen: Vec<_> = page.unsent_parts.iter().map(|part| part.what).collect();
        assert_eq!(seen, [UnsentWhat::Concerns, UnsentWhat::CheckInsAndGoals, UnsentWhat::Notes]);
        assert_eq!(page.unsent_parts.iter().map(|part| part.edits).sum::<u32>(), page.unsent);
        assert!(page.unsent_parts.iter().all(|part| part.bytes > 0 && part.oldest_at_ms == Some(NOW_MS)));
        assert_eq!(page.endpoint, "https://endpoint.example");
        assert_eq!((page.waiting.len(), page.set_aside.len(), page.unknown_edits), (0, 0, 0));
    }

    #[test]
    fn what_is_held_back_says_whose_it_is_and_why() {
        let house = House::new();
        house.set_aside("segment.signature");
        house.set_aside("segment.signature");
        let Page::Exchange(page) = house.draw(&Ask::Exchange {}) else { panic!() };
        let [row] = page.set_aside.as_slice() else { panic!("{page:?}") };
        assert_eq!(
            (row.device.as_str(), row.segments, row.why.as_str()),
            ("09090909", 2, "segment.signature")
        );
        assert_eq!((row.by.as_str(), row.since_ms, row.case), ("Wren", NOW_MS, None));
        assert!(row.says.contains("signature") && row.next.contains("administrator"), "{row:?}");
        assert!(row.needs_a_person);
    }

    #[test]
    fn a_concern_that_is_not_delivered_says_whom_to_call() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let card = crate::contract::RecordId(crate::pages::fixture::ME.organisation.0);
        let crisis_card = &crate::domain::organisation::CRISIS_CARD;
        house.put_for_all(&crate::domain::organisation::KIND, card, crisis_card, "Ring the duty line.");
        let raised = house.raise(&file, "seen near the station");
        let _theirs = house.their_concern(&file, "heard of", NOW_MS);
        let Page::Exchange(page) = house.draw(&Ask::Exchange {}) else { panic!() };
        let [row, theirs] = page.undelivered.as_slice() else { panic!("{page:?}") };
        assert_eq!((row.concern, row.delivered_at_ms), (raised.into(), None));
        // The endpoint has this one, and nobody who acts on concerns has its key.
        assert_eq!((theirs.received_at_ms, theirs.delivered_at_ms), (Some(NOW_MS), None));
        assert_eq!(row.call.as_deref(), Some("Ring the duty line."));
    }
}
