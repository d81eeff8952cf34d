//! What happened in a case, newest first, page by page.
//!
//! Cuts pages and knows no record: nothing is lost between two pages, even where several moments share a millisecond.

use crate::contract::{CaseId, Moment, Problem, Thing, TimelinePage};
use crate::store::{Read, StoredMoment};

use super::excerpt::one_line;
use super::kept::Keeping;
use super::no_such;

/// Moments on a page if nobody says how many.
const LIMIT_DEFAULT: u32 = 50;
/// Most moments that may be asked for.
const LIMIT_MAX: u32 = 200;
/// Most moments of one millisecond that a page can be made to hold.
const SAME_MS_MAX: u32 = 1_000;

/// Draws a page of a case's timeline.
///
/// A page that would break off among moments of one millisecond ends before them. Only where that millisecond alone is
/// more than was asked for does the page hold all of it, since no later page could begin in its middle.
pub(super) fn timeline(
    read: &Read<'_>,
    case: CaseId,
    before_ms: Option<i64>,
    limit: Option<u32>,
) -> Result<TimelinePage, Problem> {
    let limit = limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::OutOfRange { field: "limit".to_owned(), least: 1, most: i64::from(LIMIT_MAX) });
    }
    if read.vault_of_case(case)?.is_none() {
        return Err(no_such(Thing::Case));
    }
    let mut found = read.moments(case, before_ms, limit.saturating_add(1))?;
    let next_before_ms = match cut(&times(&found), limit) {
        Cut::Last => None,
        Cut::After { shown, next_before_ms } => {
            found.truncate(shown);
            Some(next_before_ms)
        }
        Cut::Within { ms } => {
            found = read.moments(case, Some(ms.saturating_add(1)), SAME_MS_MAX)?;
            found.retain(|moment| moment.at_ms == ms);
            let older = read.moments(case, Some(ms), 1)?;
            (!older.is_empty()).then_some(ms)
        }
    };
    let mut keeping = Keeping::default();
    let moments =
        found.into_iter().map(|stored| moment(read, &mut keeping, stored)).collect::<Result<_, Problem>>()?;
    Ok(TimelinePage { case, moments, next_before_ms })
}

fn times(moments: &[StoredMoment]) -> Vec<i64> {
    moments.iter().map(|moment| moment.at_ms).collect()
}

fn moment(read: &Read<'_>, keeping: &mut Keeping, stored: StoredMoment) -> Result<Moment, Problem> {
    Ok(Moment {
        at_ms: stored.at_ms,
        what: stored.what,
        record: stored.record,
        words: one_line(&stored.words),
        kept: keeping.of(read, stored.vault_no)?,
        made: stored.made,
    })
}

/// Where a page ends.
#[derive(Debug, PartialEq, Eq)]
enum Cut {
    /// Everything fits, and nothing comes after it.
    Last,
    /// After so many, and on from before the last of them.
    After { shown: usize, next_before_ms: i64 },
    /// Nowhere: more than fit share the first millisecond.
    Within { ms: i64 },
}

/// Where a page of at most `limit` ends, of which one more than that was looked for, newest first.
fn cut(times: &[i64], limit: u32) -> Cut {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let Some(beyond) = times.get(limit) else {
        return Cut::Last;
    };
    let shown = times.iter().take_while(|time| *time > beyond).count();
    match shown.checked_sub(1).and_then(|last| times.get(last)) {
        Some(last) => Cut::After { shown, next_before_ms: *last },
        None => Cut::Within { ms: *beyond },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contract::{Ask, MomentKind, Page, RecordId};
    use crate::domain::{goal, note};
    use crate::pages::fixture::{House, NOW_MS};

    fn drawn(house: &House, case: CaseId, before_ms: Option<i64>, limit: Option<u32>) -> TimelinePage {
        let Page::Timeline(page) = house.draw(&Ask::Timeline { case, before_ms, limit }) else { panic!() };
        page
    }

    fn all_pages(house: &House, case: CaseId, limit: u32) -> Vec<RecordId> {
        let (mut seen, mut before_ms) = (Vec::new(), None);
        loop {
            let page = drawn(house, case, before_ms, Some(limit));
            seen.extend(page.moments.iter().map(|moment| moment.record));
            match page.next_before_ms {
                Some(next) => before_ms = Some(next),
                None => return seen,
            }
        }
    }

    #[test]
    fn a_page_ends_before_a_millisecond_it_cannot_hold_whole() {
        assert_eq!(cut(&[9, 8, 7], 3), Cut::Last);
        assert_eq!(cut(&[9, 8, 7], 2), Cut::After { shown: 2, next_before_ms: 8 });
        assert_eq!(cut(&[9, 8, 8], 2), Cut::After { shown: 1, next_before_ms: 9 });
        assert_eq!(cut(&[8, 8, 8], 2), Cut::Within { ms: 8 });
        assert_eq!(cut(&[], 1), Cut::Last);
    }

    proptest! {
        #[test]
        fn no_moment_is_lost_or_doubled_between_pages(mut times in prop::collection::vec(0_i64..8, 0..30), limit in 1_u32..6) {
            times.sort_by_key(|time| std::cmp::Reverse(*time));
            let (mut seen, mut before) = (Vec::new(), i64::MAX);
            loop {
                let wanted = usize::try_from(limit).unwrap() + 1;
                let found: Vec<i64> = times.iter().copied().filter(|time| *time < before).take(wanted).collect();
                match cut(&found, limit) {
                    Cut::Last => {
                        seen.extend(found);
                        break;
                    }
                    Cut::After { shown, next_before_ms } => {
                        prop_assert!(shown <= usize::try_from(limit).unwrap());
                        seen.extend(&found[..shown]);
                        before = next_before_ms;
                    }
                    Cut::Within { ms } => {
                        seen.extend(times.iter().filter(|time| **time == ms));
                        before = ms;
                    }
                }
            }
            prop_assert_eq!(seen, times);
        }
    }

    #[test]
    fn every_kind_of_moment_stands_in_one_order() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let note = house.signed_note(&file, NOW_MS - 5_000, "walked the\ndog");
        let goal = house.goal(&file, "swim a mile");
        let check_in = house.check_in(&file, "ons4", &[Some(5); 4], "2026-06-15");
        let concern = house.raise(&file, "seen near the station");
        let page = drawn(&house, file.case_id(), None, None);
        let seen: Vec<_> =
            page.moments.iter().map(|moment| (moment.what, moment.record, moment.words.as_str())).collect();
        assert_eq!(
            seen,
            [
                (MomentKind::Concern, concern, "seen near the station"),
                (MomentKind::CheckIn, check_in, "ons4"),
                (MomentKind::Goal, goal, "swim a mile"),
                (MomentKind::Note, note, "walked the dog"),
            ]
        );
        assert_eq!(page.next_before_ms, None);
    }

    #[test]
    fn notes_of_one_minute_are_all_read_whatever_the_page_holds() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let mut notes: Vec<_> = [0, 0, 0, 1, 1, 2]
            .iter()
            .map(|minutes| house.signed_note(&file, NOW_MS - minutes * 60_000, "met"))
            .collect();
        notes.sort();
        for limit in 1..=7 {
            let mut seen = all_pages(&house, file.case_id(), limit);
            seen.sort();
            assert_eq!(seen, notes, "{limit}");
        }
    }

    #[test]
    fn what_was_taken_back_is_left_out_and_a_note_without_a_beginning_is_not() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let gone = house.goal(&file, "swim a mile");
        house.strike(&file, &goal::KIND, gone, "a mistake");
        let bare = house.record();
        house.put(&file, &note::KIND, bare, &note::CASE, file.case_value());
        let seen: Vec<_> =
            drawn(&house, file.case_id(), None, None).moments.into_iter().map(|one| one.record).collect();
        assert_eq!(seen, [bare]);
    }

    #[test]
    fn a_limit_outside_its_range_and_a_case_that_is_not_here_are_refused() {
        let house = House::new();
        let case = house.open_case("Ash", None).case_id();
        for limit in [0, 201, u32::MAX] {
            let problem = house.problem(&Ask::Timeline { case, before_ms: None, limit: Some(limit) });
            assert_eq!(problem, Problem::OutOfRange { field: "limit".to_owned(), least: 1, most: 200 });
        }
        let unknown = Ask::Timeline { case: CaseId([77; 16]), before_ms: None, limit: None };
        assert_eq!(house.problem(&unknown), Problem::NoSuch { thing: Thing::Case });
    }
}
