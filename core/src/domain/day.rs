//! Days as numbers: days since 1970-01-01, and as people write them.
//!
//! Knows the calendar and no clock; what day it is today is asked of a port.

use chrono::{DateTime, Datelike, NaiveDate, Weekday};

/// Earliest day that anybody is believed to have been born on or anything to have happened.
const YEAR_MIN: i32 = 1900;
/// Latest year that is believed.
const YEAR_MAX: i32 = 2200;

/// Reads `year-month-day`; `None` for anything else, an impossible day or one outside 1900 to 2200.
#[must_use]
pub fn day_of(text: &str) -> Option<i32> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == 10 && (YEAR_MIN..=YEAR_MAX).contains(&date.year())).then(|| number_of(date))
}

/// A date's number.
#[must_use]
pub fn number_of(date: NaiveDate) -> i32 {
    date.to_epoch_days()
}

/// A number's date; `None` beyond the calendar.
#[must_use]
pub fn date_of(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(day)
}

/// Writes a day as `year-month-day`, and nothing for a number beyond the calendar.
#[must_use]
pub fn text_of(day: i32) -> String {
    date_of(day).map_or_else(String::new, |date| date.format("%Y-%m-%d").to_string())
}

/// The day in UTC on which a moment in milliseconds since 1970 falls; 1970-01-01 beyond the calendar.
#[must_use]
pub fn day_of_ms(ms: i64) -> i32 {
    DateTime::from_timestamp_millis(ms).map_or(0, |moment| number_of(moment.date_naive()))
}

/// Whether a day is a Saturday or a Sunday; none is beyond the calendar.
#[must_use]
pub fn is_weekend(day: i32) -> bool {
    date_of(day).is_some_and(|date| matches!(date.weekday(), Weekday::Sat | Weekday::Sun))
}

/// Completed years between two days; `None` if the first is after the second or beyond the calendar.
#[must_use]
pub fn age_on(born: i32, day: i32) -> Option<u32> {
    date_of(day)?.years_since(date_of(born)?)
}

/// The day of somebody's birthday at an age; 1 March for those born on 29 February where there is none.
#[must_use]
pub fn birthday(born: i32, age: i32) -> Option<i32> {
    let born = date_of(born)?;
    let year = born.year().checked_add(age)?;
    born.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).map(number_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_back() {
        assert_eq!(text_of(day_of("2026-02-28").unwrap()), "2026-02-28");
        for text in ["2026-02-29", "26-02-01", "2026-2-1", "1066-10-14", "", "2026-02-28T00"] {
            assert_eq!(day_of(text), None, "{text}");
        }
    }

    #[test]
    fn an_age_counts_completed_years() {
        let born = day_of("2010-06-15").unwrap();
        assert_eq!(age_on(born, day_of("2026-06-14").unwrap()), Some(15));
        assert_eq!(age_on(born, day_of("2026-06-15").unwrap()), Some(16));
        assert_eq!(birthday(day_of("2008-02-29").unwrap(), 18), day_of("2026-03-01"));
    }
}
