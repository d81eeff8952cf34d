//! The hybrid logical clock: stamps that never run backwards on a device and break ties between devices.
//!
//! A stamp decides only between edits that did not know of each other. What replaces what is causal and stands in the
//! edit itself, so a wrong clock can win a tie, visibly, and nothing else.

use fieldfare_protocol::sabotage::{self, Sabotage};
use serde::{Deserialize, Serialize};

/// How far ahead of our own corrected time another device's stamp may be and still move ours, in milliseconds.
/// Beyond it that device's clock is wrong, and ours does not follow: two minutes.
pub const FOLLOW_MS_MAX: i64 = 120_000;

/// Bits that count edits within one millisecond.
const COUNT_BITS: u32 = 16;

/// Milliseconds since 1970 in the upper 48 bits, a count within the millisecond in the lower 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp(pub u64);

impl Stamp {
    /// The first stamp of a millisecond. Times before 1970 or after the year 10,800 are brought to those ends.
    #[must_use]
    pub fn at_ms(ms: i64) -> Self {
        let ms = u64::try_from(ms).unwrap_or(0).min(u64::MAX >> (COUNT_BITS + 1));
        Self(ms << COUNT_BITS)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn ms(self) -> i64 {
        i64::try_from(self.0 >> COUNT_BITS).unwrap_or(i64::MAX)
    }

    /// The next stamp of a device whose last one was `self`, at its corrected time `now_ms`.
    #[must_use]
    pub fn next(self, now_ms: i64) -> Self {
        Self::at_ms(now_ms).max(Self(self.0.saturating_add(1)))
    }

    /// What a device remembers after it has seen `other`: the later of both, unless `other` is too far in the future.
    #[must_use]
    pub fn having_seen(self, other: Self, now_ms: i64) -> Self {
        let is_wrong = other.ms() > now_ms.saturating_add(FOLLOW_MS_MAX);
        if is_wrong && !sabotage::is_on(Sabotage::FollowEveryClock) { self } else { self.max(other) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_does_not_turn_the_stamps_back() {
        let first = Stamp::default().next(1_000_000);
        let second = first.next(500);
        assert!(second > first);
    }

    #[test]
    fn a_phone_in_2099_does_not_push_ours() {
        let ours = Stamp::at_ms(1_800_000_000_000);
        let theirs = Stamp::at_ms(4_070_908_800_000);
        assert_eq!(ours.having_seen(theirs, 1_800_000_000_000), ours);
        let near = Stamp::at_ms(1_800_000_060_000);
        assert_eq!(ours.having_seen(near, 1_800_000_000_000), near);
    }

    #[test]
    fn absurd_times_stay_within_the_range() {
        for ms in [i64::MIN, -1, 0, i64::MAX] {
            let _ = Stamp::at_ms(ms).next(ms).next(i64::MAX);
        }
    }
}
