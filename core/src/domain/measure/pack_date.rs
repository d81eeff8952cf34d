//! A date as a scale pack writes it: `YYYY-MM-DD`, of the Gregorian calendar.
//!
//! It refuses to know today, so it cannot say whether a date has come yet.

/// Earliest year believed; no scale was licensed by pack before it.
pub const YEAR_MIN: u16 = 1990;

/// Latest year believed.
pub const YEAR_MAX: u16 = 2200;

/// Whether this is a date that exists, written with exactly four, two and two digits.
pub fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    (YEAR_MIN..=YEAR_MAX).contains(&year) && day >= 1 && day <= days_in(year, month)
}

fn number(digits: &str, width: usize) -> Option<u16> {
    // `parse` alone would let a plus sign through.
    (digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// Zero for a month that does not exist, so that no day fits into it.
fn days_in(year: u16, month: u16) -> u16 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_exist_are_dates() {
        for text in ["2026-01-31", "2024-02-29", "2000-02-29", "1990-12-01", "2200-04-30"] {
            assert!(is_date(text), "{text}");
        }
    }

    #[test]
    fn dates_that_never_come_are_not() {
        for text in [
            "2026-02-29",
            "2100-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "0026-01-01",
            "9999-01-01",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn other_ways_to_write_a_date_are_refused() {
        for text in [
            "",
            "2026-1-01",
            "01-01-2026",
            "2026/01/01",
            "2026-01-01-",
            "+026-01-01",
            "2026-01-01T00:00",
            " 2026-01-01",
            "２０２６-01-01",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}
