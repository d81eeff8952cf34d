//! How many tries there are, and how long one waits between them.
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

/// Most seconds to wait for tries that nobody has answered: whoever kills the app must not keep its owner out for long.
pub const UNANSWERED_SECONDS_MAX: u32 = 60;

/// Tries in a row since the right PIN was given last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Those that were found wrong. They alone count towards erasing.
    pub failures: u32,
    /// Those that were begun and never answered, because the app was killed or the power failed in between.
    pub unanswered: u32,
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
    /// One try more, begun now and not answered yet.
    #[must_use]
    pub const fn and_one_begun(self, now_ms: i64) -> Self {
        Self { unanswered: self.unanswered.saturating_add(1), last_ms: now_ms, ..self }
    }

    /// One try more, made now and found wrong.
    #[must_use]
    pub const fn and_one_failed(self, now_ms: i64) -> Self {
        Self { failures: self.failures.saturating_add(1), last_ms: now_ms, ..self }
    }

    /// Seconds from the last try to the next: as after that many failures, but no more than [`UNANSWERED_SECONDS_MAX`] for
    /// those that nobody has answered.
    #[must_use]
    pub fn delay_seconds(self) -> u32 {
        let of_all = delay_seconds(self.failures.saturating_add(self.unanswered));
        delay_seconds(self.failures).max(of_all.min(UNANSWERED_SECONDS_MAX))
    }

    /// Whether the next try may be made at `now_ms`. A clock that stands before the last try is not believed.
    #[must_use]
    pub fn patience(self, now_ms: i64) -> Patience {
        let seconds = self.delay_seconds();
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
        let tries = Tries { failures: 5, unanswered: 0, last_ms: 1_000_000 };
        assert_eq!(tries.patience(1_000_000), Patience::Wait { seconds: 30 });
        assert_eq!(tries.patience(1_000_001), Patience::Wait { seconds: 30 });
        assert_eq!(tries.patience(1_029_999), Patience::Wait { seconds: 1 });
        assert_eq!(tries.patience(1_030_000), Patience::Ready);
    }

    #[test]
    fn a_clock_set_back_shortens_nothing() {
        let tries = Tries { failures: 7, unanswered: 0, last_ms: 1_000_000 };
        assert_eq!(tries.patience(999_999), Patience::WaitAnew { seconds: 300 });
        assert_eq!(tries.patience(i64::MIN), Patience::WaitAnew { seconds: 300 });
    }

    #[test]
    fn no_clock_and_no_count_overflow() {
        let tries = Tries { failures: u32::MAX, unanswered: u32::MAX, last_ms: i64::MIN };
        assert_eq!(tries.patience(i64::MAX), Patience::Ready);
        assert_eq!(tries.and_one_failed(0).failures, u32::MAX);
        assert_eq!(tries.and_one_begun(0).unanswered, u32::MAX);
    }

    #[test]
    fn p12_a_try_that_nobody_answered_delays_like_a_wrong_one_and_never_for_more_than_a_minute() {
        let delay = |failures, unanswered| Tries { failures, unanswered, last_ms: 0 }.delay_seconds();
        let unanswered: Vec<u32> = (0..10).map(|unanswered| delay(0, unanswered)).collect();
        assert_eq!(unanswered, [0, 0, 0, 0, 0, 30, 60, 60, 60, 60]);
        for failures in 0..12 {
            for unanswered in 0..12 {
                let (one, all) = (delay_seconds(failures), delay_seconds(failures + unanswered));
                assert_eq!(delay(failures, unanswered), one.max(all.min(60)));
            }
        }
        assert_eq!((delay(4, 1), delay(7, 5), delay(3, 1000)), (30, 300, 60));
    }
}
