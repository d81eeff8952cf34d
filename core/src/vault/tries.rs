//! How many tries there are, how long one waits between them, and why no clock shortens that.
//!
//! Pure rules over numbers handed in; who counts, and where, is decided elsewhere.

/// Failed tries after which a home is wiped, unless the organisation says otherwise.
pub const TRIES_MAX_DEFAULT: u8 = 10;
/// Fewest and most tries that an organisation may choose.
pub const TRIES_MAX_RANGE: std::ops::RangeInclusive<u8> = 5..=20;

/// Seconds to wait after so many failures: 30 s after the 5th, then 1 min, 5 min, 15 min and 1 h for the 9th and any
/// later one. Ten tries take about an hour and a half, whoever makes them.
#[must_use]
pub const fn delay_seconds(failures: u32) -> u32 {
    match failures {
        0..=4 => 0,
        5 => 30,
        6 => 60,
        7 => 5 * 60,
        8 => 15 * 60,
        _ => 60 * 60,
    }
}

/// Tries in a row that were begun and are not known to have succeeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub failures: u32,
    /// When the last one was made by the phone's clock, in milliseconds since 1970.
    pub last_ms: i64,
}

/// Whether a try may be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It may.
    Ready,
    /// Not yet.
    Wait {
        /// What is left of the delay, at least 1.
        seconds: u32,
    },
    /// Not yet, and the clock has been set back: the whole delay counts from now, which has to be written down.
    WaitAnew {
        /// The whole delay.
        seconds: u32,
    },
}

impl Tries {
    /// One try more, made now.
    #[must_use]
    pub const fn and_one(self, now_ms: i64) -> Self {
        Self { failures: self.failures.saturating_add(1), last_ms: now_ms }
    }

    /// Whether the next try may be made at `now_ms`. A clock that stands before the last try is not believed.
    #[must_use]
    pub fn patience(self, now_ms: i64) -> Patience {
        let seconds = delay_seconds(self.failures);
        if seconds == 0 {
            return Patience::Ready;
        }
        if now_ms < self.last_ms {
            return Patience::WaitAnew { seconds };
        }
        let passed_ms = now_ms.saturating_sub(self.last_ms);
        let left_ms = i64::from(seconds).saturating_mul(1000).saturating_sub(passed_ms);
        if left_ms <= 0 {
            return Patience::Ready;
        }
        // Rounded up, so that whoever waits this long need not wait again.
        let left = left_ms.saturating_add(999) / 1000;
        Patience::Wait { seconds: u32::try_from(left).unwrap_or(seconds) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_four_failures_cost_nothing_and_the_rest_ever_more() {
        let delays: Vec<u32> = (0..12).map(delay_seconds).collect();
        assert_eq!(delays, [0, 0, 0, 0, 0, 30, 60, 300, 900, 3600, 3600, 3600]);
    }

    #[test]
    fn a_delay_runs_off_with_the_clock() {
        let tries = Tries { failures: 5, last_ms: 1_000_000 };
        assert_eq!(tries.patience(1_000_000), Patience::Wait { seconds: 30 });
        assert_eq!(tries.patience(1_000_001), Patience::Wait { seconds: 30 });
        assert_eq!(tries.patience(1_029_999), Patience::Wait { seconds: 1 });
        assert_eq!(tries.patience(1_030_000), Patience::Ready);
    }

    #[test]
    fn a_clock_set_back_shortens_nothing() {
        let tries = Tries { failures: 7, last_ms: 1_000_000 };
        assert_eq!(tries.patience(999_999), Patience::WaitAnew { seconds: 300 });
        assert_eq!(tries.patience(i64::MIN), Patience::WaitAnew { seconds: 300 });
    }

    #[test]
    fn no_clock_and_no_count_overflow() {
        let tries = Tries { failures: u32::MAX, last_ms: i64::MIN };
        assert_eq!(tries.patience(i64::MAX), Patience::Ready);
        assert_eq!(tries.and_one(0).failures, u32::MAX);
    }
}
