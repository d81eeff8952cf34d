//! One concern with everything that happened to it, and all concerns of this device.
//!
//! Says who has it, who can open it and who has; whom it is to be passed on to outside is not known here.

use crate::contract::{
    ConcernId, ConcernMoment, ConcernMomentKind, ConcernPage, ConcernRow, ConcernState, ConcernsPage, Made,
    PersonId, PersonRow, Problem, RecordId, Thing,
};
use crate::domain::concern::{ADDED, DUE_AT, HANDLING, OWNER, STATE, WORDS};
use crate::domain::field::Field;
use crate::domain::rules::concern as rules;
use crate::domain::value::Value;
use crate::store::{Read, StandingValue};

use super::concern_row::concern_rows;
use super::kept::Keeping;
use super::standing::{made, text};
use super::{View, action, also_recorded, count, no_such};

/// Most open concerns on the list.
const OPEN_MAX: u32 = 500;
/// Most closed ones.
const CLOSED_MAX: u32 = 200;

/// Draws one concern.
pub(super) fn concern(read: &Read<'_>, view: &View, concern: ConcernId) -> Result<ConcernPage, Problem> {
    let found = read.concern(concern)?.ok_or(no_such(Thing::Concern))?;
    let facts = read.concern_facts(concern, view.person())?.unwrap_or_default();
    let (asker, record) = (view.asker(read)?, RecordId::from(concern));
    let mut rows = concern_rows(read, &mut Keeping::default(), view, vec![found])?;
    let row = rows.pop().ok_or(no_such(Thing::Concern))?;
    Ok(ConcernPage {
        young_person: read.name_in_case(row.case)?,
        concern: row,
        log: log(read, concern)?,
        also_recorded: also_recorded::of_record(read, view, record)?,
        sent: read.words_sent(concern, view.me.device)?,
        actions: vec![
            action("handle_concern", rules::handle_concern(asker)),
            action("add_to_concern", rules::add_to_concern(asker, &facts)),
        ],
    })
}

/// Draws all of them.
pub(super) fn concerns(read: &Read<'_>, view: &View) -> Result<ConcernsPage, Problem> {
    let mut keeping = Keeping::default();
    let mut open = concern_rows(read, &mut keeping, view, read.open_concerns(OPEN_MAX)?)?;
    sort_by_urgency(&mut open);
    let closed = concern_rows(read, &mut keeping, view, read.closed_concerns(CLOSED_MAX)?)?;
    let (all_open, all_closed) = read.concerns_counted()?;
    Ok(ConcernsPage {
        open_left_out: all_open.saturating_sub(count(open.len())),
        open,
        closed_left_out: all_closed.saturating_sub(count(closed.len())),
        closed,
    })
}

/// Puts the most urgent first. The sort is stable: what is as urgent keeps its order.
pub(super) fn sort_by_urgency(rows: &mut [ConcernRow]) {
    rows.sort_by_key(|row| {
        let taken_on = row.state == Some(ConcernState::TakenOn);
        (row.arrival, !row.overdue, taken_on, row.due_at_ms)
    });
}

/// An edit of the concern, and of which field.
struct Told {
    field: &'static Field,
    value: StandingValue,
}

/// Everything that happened, the oldest first.
fn log(read: &Read<'_>, concern: ConcernId) -> Result<Vec<ConcernMoment>, Problem> {
    let record = RecordId::from(concern);
    let mut told = Vec::new();
    for field in [&WORDS, &HANDLING, &STATE, &OWNER, &DUE_AT, &ADDED] {
        let history = read.history(record, field.name)?;
        told.extend(history.into_iter().map(|value| Told { field, value }));
    }
    // A device numbers what it writes without gaps, so what one act wrote stands together.
    told.sort_by_key(|one| one.value.no);
    let mut moments: Vec<(i64, ConcernMoment)> = Vec::new();
    for one in told {
        let no = one.value.no;
        let follows = moments.last().is_some_and(|(last, moment)| {
            let acts = matches!(moment.what, ConcernMomentKind::Handled | ConcernMomentKind::Raised);
            acts && last.checked_add(1) == Some(no)
        });
        if follows && [STATE.name, OWNER.name, DUE_AT.name].contains(&one.field.name) {
            if let Some((last, moment)) = moments.last_mut() {
                *last = no;
                fill_in(read, moment, &one)?;
            }
            continue;
        }
        let what = match one.field.name {
            field if field == WORDS.name => ConcernMomentKind::Raised,
            field if field == HANDLING.name => ConcernMomentKind::Handled,
            field if field == ADDED.name => ConcernMomentKind::Added,
            _ => ConcernMomentKind::Decided,
        };
        let words = text(&one.value).filter(|_| what != ConcernMomentKind::Decided).unwrap_or_default();
        let mut moment = moment(what, words, made(read, &one.value)?);
        fill_in(read, &mut moment, &one)?;
        moments.push((no, moment));
    }
    let mut moments: Vec<ConcernMoment> = moments.into_iter().map(|(_, moment)| moment).collect();
    for (_, value) in read.seen(concern)? {
        moments.push(moment(ConcernMomentKind::Seen, "", made(read, &value)?));
    }
    moments.sort_by_key(|moment| moment.made.at_ms);
    Ok(moments)
}

fn moment(what: ConcernMomentKind, words: &str, made: Made) -> ConcernMoment {
    ConcernMoment { what, words: words.to_owned(), state: None, owner: None, due_at_ms: None, made }
}

/// Adds what a field says to a moment.
fn fill_in(read: &Read<'_>, moment: &mut ConcernMoment, one: &Told) -> Result<(), Problem> {
    let value = one.value.held.value.as_ref();
    match one.field.name {
        field if field == STATE.name => {
            moment.state = value.and_then(Value::as_text).and_then(ConcernState::from_name);
        }
        field if field == OWNER.name => {
            let person = value.and_then(Value::as_id).map(PersonId);
            let row = |person| Ok::<_, Problem>(PersonRow { person, name: read.person_name(person)? });
            moment.owner = person.map(row).transpose()?;
        }
        field if field == DUE_AT.name => {
            moment.due_at_ms = match value {
                Some(Value::Instant(ms)) => Some(*ms),
                _ => None,
            };
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, ConcernArrival, Page, StaffRole};
    use crate::domain::concern::KIND;
    use crate::pages::fixture::{COLLEAGUE, House, NOW_MS};

    #[test]
    fn p06_every_act_on_a_concern_is_one_moment_with_who_did_it_and_when() {
        let mut house = House::new();
        let file = house.open_case("Ash", None);
        let raised = house.raise(&file, "seen near the station");
        house.view.now_ms = NOW_MS + 60_000;
        house.add(&file, &KIND, raised, &HANDLING, "rang the school");
        house.put(&file, &KIND, raised, &STATE, "taken_on");
        house.put(&file, &KIND, raised, &OWNER, Value::Id(COLLEAGUE.0));
        house.view.now_ms = NOW_MS + 120_000;
        house.add(&file, &KIND, raised, &ADDED, "and again at noon");
        // Theirs cannot be later than when the endpoint held it.
        house.theirs(&file, &KIND, raised, &STATE, "closed", NOW_MS);
        let Page::Concern(page) = house.draw(&Ask::Concern { concern: raised.into() }) else { panic!() };
        let seen: Vec<_> = page
            .log
            .iter()
            .map(|one| (one.what, one.words.as_str(), one.state, one.made.by.as_str(), one.made.at_ms))
            .collect();
        use ConcernMomentKind::{Added, Decided, Handled, Raised};
        assert_eq!(
            seen,
            [
                (Raised, "seen near the station", Some(ConcernState::Raised), "Robin", NOW_MS),
                (Decided, "", Some(ConcernState::Closed), "Wren", NOW_MS),
                (Handled, "rang the school", Some(ConcernState::TakenOn), "Robin", NOW_MS + 60_000),
                (Added, "and again at noon", None, "Robin", NOW_MS + 120_000),
            ]
        );
        assert_eq!(page.log[2].owner.as_ref().map(|owner| owner.name.as_str()), Some("Wren"));
        assert_eq!(page.concern.owner.map(|owner| owner.name).as_deref(), Some("Wren"));
        assert!(!page.sent);
    }

    #[test]
    fn p06_the_most_urgent_concern_is_first_and_closed_ones_are_listed() {
        let mut house = House::new();
        let file = house.open_case("Ash", None);
        let taken_on = house.raise(&file, "taken on");
        house.put(&file, &KIND, taken_on, &STATE, "taken_on");
        let new = house.raise(&file, "new");
        let overdue = house.raise(&file, "overdue");
        // Also of one that somebody has.
        house.put(&file, &KIND, overdue, &STATE, "taken_on");
        house.put(&file, &KIND, overdue, &DUE_AT, Value::Instant(NOW_MS - 1));
        let closed = house.raise(&file, "closed");
        house.put(&file, &KIND, closed, &STATE, "closed");
        let arrived = house.their_concern(&file, "nobody who acts can open it", NOW_MS);
        house.view.role = StaffRole::Safeguarding;
        let Page::Concerns(page) = house.draw(&Ask::Concerns {}) else { panic!() };
        let ids = |rows: &[ConcernRow]| rows.iter().map(|row| row.concern.into()).collect::<Vec<RecordId>>();
        assert_eq!(ids(&page.open), [overdue, new, taken_on, arrived]);
        assert_eq!(ids(&page.closed), [closed]);
        assert_eq!((page.open_left_out, page.closed_left_out), (0, 0));
        assert_eq!(page.open[3].arrival, ConcernArrival::NobodyCanOpen);
        assert!(page.open[3].says.contains("nobody who acts") && page.open[3].next.contains("Call"));
    }
}
