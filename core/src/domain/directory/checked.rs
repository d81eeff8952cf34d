//! The day somebody last confirmed a service, and how long that is believed (G04).
//!
//! It does not know what day it is: whoever asks says so.

use chrono::NaiveDate;

/// Days for which a check is believed; on the day after, the entry is stale.
///
/// Our own choice: about half a year. The source asks for a warning and names no term; its own entries, checked on
/// 4 December 2020, have long been stale.
pub const STALE_AFTER_DAYS: u32 = 180;

/// Earliest day believed of a check; before it someone mistyped, or wrote the year in two digits. Our own choice.
pub const CHECKED_YEAR_MIN: i32 = 2000;

/// Whether a check is recent enough to rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    /// Checked no more than [`STALE_AFTER_DAYS`] ago.
    Fresh,
    /// Checked longer ago than that.
    Stale {
        /// Whole days since the check.
        days: u32,
    },
}

/// Why a day was not accepted as that of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateRefusal {
    /// No day was given; every entry needs one (G04).
    #[error("there is no checked-on date")]
    Missing,
    /// Neither year-month-day nor day/month/year, or no day of the calendar.
    #[error("the checked-on date is not a day of the calendar, written 2020-12-04 or 04/12/2020")]
    NotADay,
    /// The day is later than the one it is read on.
    #[error("the checked-on date is in the future")]
    Future,
    /// The day is before [`CHECKED_YEAR_MIN`].
    #[error("the checked-on date is before the year {CHECKED_YEAR_MIN}")]
    TooLongAgo,
}

/// How a day was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateForm {
    /// `2020-12-04`.
    YearFirst,
    /// `04/12/2020`, which British spreadsheets make of the former when a file is saved again.
    DayFirst,
}

/// Reads the day of a check, written year-month-day or day/month/year, that is not after `today`.
pub fn read(text: &str, today: NaiveDate) -> Result<(NaiveDate, DateForm), DateRefusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DateRefusal::Missing);
    }
    let (day, form) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map(|day| (day, DateForm::YearFirst))
        .or_else(|_| NaiveDate::parse_from_str(text, "%d/%m/%Y").map(|day| (day, DateForm::DayFirst)))
        .map_err(|_| DateRefusal::NotADay)?;
    if day > today {
        return Err(DateRefusal::Future);
    }
    if chrono::Datelike::year(&day) < CHECKED_YEAR_MIN {
        return Err(DateRefusal::TooLongAgo);
    }
    Ok((day, form))
}

/// How a check made on one day stands on another. A day before the check counts as fresh: the asking clock is wrong.
pub fn staleness(checked_on: NaiveDate, on: NaiveDate) -> Staleness {
    match u32::try_from(on.signed_duration_since(checked_on).num_days()) {
        Ok(days) if days > STALE_AFTER_DAYS => Staleness::Stale { days },
        _ => Staleness::Fresh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_day_is_read_year_first_or_day_first_and_says_which() {
        let today = day(2026, 1, 1);
        assert_eq!(read(" 2020-12-04 ", today), Ok((day(2020, 12, 4), DateForm::YearFirst)));
        assert_eq!(read("04/12/2020", today), Ok((day(2020, 12, 4), DateForm::DayFirst)));
        assert_eq!(read("2026-01-01", today), Ok((today, DateForm::YearFirst)));
    }

    #[test]
    fn a_day_that_is_missing_impossible_future_or_too_long_ago_is_refused() {
        let today = day(2026, 1, 1);
        assert_eq!(read("  ", today), Err(DateRefusal::Missing));
        for text in
            ["2021-02-29", "2020-13-01", "12/31/2020", "December 2020", "4.12.2020", "2020-12-04T00:00"]
        {
            assert_eq!(read(text, today), Err(DateRefusal::NotADay), "{text}");
        }
        assert_eq!(read("2026-01-02", today), Err(DateRefusal::Future));
        assert_eq!(read("04/12/20", today), Err(DateRefusal::TooLongAgo));
    }

    #[test]
    fn a_check_is_believed_for_half_a_year_and_stale_the_day_after() {
        let checked = day(2020, 12, 4);
        assert_eq!(staleness(checked, checked), Staleness::Fresh);
        assert_eq!(staleness(checked, day(2021, 6, 2)), Staleness::Fresh);
        assert_eq!(staleness(checked, day(2021, 6, 3)), Staleness::Stale { days: 181 });
        assert_eq!(staleness(checked, day(2020, 1, 1)), Staleness::Fresh);
        assert!(matches!(staleness(NaiveDate::MIN, NaiveDate::MAX), Staleness::Stale { .. }));
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(text in any::<String>(), near in "[+-]?[0-9]{1,12}[-/][0-9]{1,3}[-/][0-9]{1,12}") {
            let _ = read(&text, NaiveDate::MAX);
            let _ = read(&near, NaiveDate::MAX);
        }
    }
}
