//! How long a device may go on without a word from the endpoint.
//!
//! Pure. Counts what has passed between openings of a home, and believes no clock further than a few days at a time: one
//! that jumps must neither lock nor erase anything by itself.

use serde::{Deserialize, Serialize};

/// Milliseconds in a day.
const DAY_MS: i64 = 86_400_000;
/// After so many days without contact a device is for reading, for concerns and for what was begun.
pub const READ_ONLY_AFTER_DAYS: u32 = 14;
/// After so many it is erased, if the organisation says so and nothing on it is unsent.
pub const OVER_AFTER_DAYS: u32 = 30;
/// So many days before either, pages say so.
pub const WARNED_BEFORE_DAYS: u32 = 4;
/// The most that passes between two openings: a clock set forward costs no more, so that reading alone takes three openings
/// and erasing six.
const STEP_DAYS_MAX: i64 = 5;
/// The least that is worth counting by itself, in milliseconds; less is counted with the next opening.
const STEP_MS_MIN: i64 = 3_600_000;

/// What has passed since the endpoint last answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Counted without contact, in milliseconds.
    passed_ms: i64,
    /// Corrected time up to which it is counted, in milliseconds since 1970.
    seen_ms: i64,
}

impl Lease {
    /// The endpoint has just answered, or the device has just been made.
    #[must_use]
    pub const fn fresh(now_ms: i64) -> Self {
        Self { passed_ms: 0, seen_ms: now_ms }
    }

    /// A home is opened. A clock that was set back adds nothing and takes nothing away.
    #[must_use]
    pub fn opened(self, now_ms: i64) -> Self {
        let step_ms = now_ms.saturating_sub(self.seen_ms);
        if step_ms.saturating_abs() < STEP_MS_MIN {
            return self;
        }
        let counted_ms = step_ms.clamp(0, STEP_DAYS_MAX.saturating_mul(DAY_MS));
        Self { passed_ms: self.passed_ms.saturating_add(counted_ms), seen_ms: now_ms }
    }

    /// Whole days without contact, as far as they are counted.
    #[must_use]
    pub fn days(self) -> u32 {
        u32::try_from(self.passed_ms / DAY_MS).unwrap_or(0)
    }

    /// Whether only reading, concerns and what was begun go on.
    #[must_use]
    pub fn is_read_only(self) -> bool {
        self.days() >= READ_ONLY_AFTER_DAYS
    }

    /// Whether the device has been without contact for as long as any may be.
    #[must_use]
    pub fn is_over(self) -> bool {
        self.days() >= OVER_AFTER_DAYS
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn opened_daily(days: i64) -> Lease {
        (1..=days).fold(Lease::fresh(0), |lease, day| lease.opened(day * DAY_MS))
    }

    #[test]
    fn r25_a_fortnight_without_contact_leaves_reading_and_a_month_is_the_end() {
        assert!(!opened_daily(13).is_read_only() && opened_daily(14).is_read_only());
        assert!(!opened_daily(29).is_over() && opened_daily(30).is_over());
        assert_eq!(Lease::fresh(99).days(), 0);
    }

    #[test]
    fn r25_a_clock_that_jumps_neither_locks_nor_erases_by_itself() {
        let jumped = Lease::fresh(0).opened(70 * 365 * DAY_MS);
        assert!(!jumped.is_read_only() && jumped.days() == 5);
        let back = jumped.opened(DAY_MS);
        assert_eq!((back.days(), back.opened(2 * DAY_MS).days()), (5, 6));
    }

    #[test]
    fn openings_that_follow_each_other_closely_add_up() {
        let step_ms = STEP_MS_MIN / 4;
        let lease = (1..=4 * 24 * 3).fold(Lease::fresh(0), |lease, step| lease.opened(step * step_ms));
        assert_eq!(lease.days(), 3);
    }

    proptest! {
        #[test]
        fn r25_no_clock_makes_it_shorter_and_none_makes_it_longer_than_the_openings_allow(
            clock in proptest::collection::vec(any::<i64>(), 0..40),
        ) {
            let mut lease = Lease::fresh(0);
            for (number, now_ms) in clock.into_iter().enumerate() {
                let next = lease.opened(now_ms);
                prop_assert!(next.days() >= lease.days());
                prop_assert!(next.days() <= 5 * (number as u32 + 1));
                lease = next;
            }
        }
    }
}
