//! The hybrid logical clock: stamps that never run backwards on a device and break ties between devices.
//!
//! A stamp decides only between edits that did not know of each other. What replaces what is causal and stands in the
//! edit itself, so a wrong clock can win a tie, visibly, and nothing else.

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

    /// What a device goes on from once it knows the time: its last stamp, unless a wrong clock had carried that off into
    /// the future. What it wrote there stays as it is; what it writes from now on is not dragged along.
    #[must_use]
    pub fn brought_back(self, now_ms: i64) -> Self {
        self.min(Self::at_ms(now_ms.saturating_add(FOLLOW_MS_MAX)))
    }

    /// What a device remembers after it has seen `other`: the later of both, unless `other` is too far in the future.
    #[must_use]
    pub fn having_seen(self, other: Self, now_ms: i64) -> Self {
        let is_wrong = other.ms() > now_ms.saturating_add(FOLLOW_MS_MAX);
        if is_wrong { self } else { self.max(other) }
    }
}

/// Before this nobody can have written anything: 1 January 2020, in milliseconds since 1970.
pub const WRITTEN_MS_MIN: i64 = 1_577_836_800_000;

/// Beyond this a stamp is shown as doubtful, in milliseconds: two minutes.
pub const DOUBTFUL_MS_MAX: i64 = 120_000;

/// A doubtful stamp is put in order by when the endpoint held it, to this many milliseconds: its author learns of that a
/// moment later than everybody else does.
const HELD_MS_GRAIN: i64 = 60_000;

/// When an edit can have been made, as far as anybody but its author knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plausible {
    /// When its case was opened, in milliseconds since 1970; the least there is if that is not known.
    pub not_before_ms: i64,
    /// When the endpoint held it, by its own clock.
    pub held_at_ms: i64,
}

impl Plausible {
    /// By how much a stamp is off, in milliseconds: what has to be taken from it to come to when the endpoint held it.
    /// 0 if it can be true.
    #[must_use]
    pub fn off_ms(self, stamp: Stamp) -> i64 {
        let earliest = self.not_before_ms.max(WRITTEN_MS_MIN).saturating_sub(DOUBTFUL_MS_MAX);
        if (earliest..=self.held_at_ms.saturating_add(DOUBTFUL_MS_MAX)).contains(&stamp.ms()) {
            return 0;
        }
        stamp.ms().saturating_sub(self.held_at_ms.saturating_sub(self.held_at_ms.rem_euclid(HELD_MS_GRAIN)))
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
    fn a_phone_that_comes_back_from_2099_goes_on_from_now() {
        let now = 1_800_000_000_000;
        let lost = Stamp::at_ms(4_070_908_800_000);
        assert!(lost.brought_back(now).next(now).ms() <= now + FOLLOW_MS_MAX);
        let sound = Stamp::at_ms(now - 5);
        assert_eq!(sound.brought_back(now), sound);
    }

    #[test]
    fn a_stamp_is_doubted_after_it_was_held_before_its_case_and_before_anybody_wrote() {
        let held_at_ms = 1_800_000_030_000;
        let plausible = Plausible { not_before_ms: 1_790_000_000_000, held_at_ms };
        let off = |ms| plausible.off_ms(Stamp::at_ms(ms));
        assert_eq!((off(1_795_000_000_000), off(held_at_ms + 120_000), off(1_789_999_880_000)), (0, 0, 0));
        assert_eq!(off(4_070_908_800_000), 4_070_908_800_000 - 1_800_000_000_000);
        assert_eq!(off(1_789_000_000_000), 1_789_000_000_000 - 1_800_000_000_000);
        let anywhere = Plausible { not_before_ms: i64::MIN, held_at_ms };
        assert_eq!(anywhere.off_ms(Stamp::at_ms(0)), -1_800_000_000_000);
    }

    #[test]
    fn absurd_times_stay_within_the_range() {
        for ms in [i64::MIN, -1, 0, i64::MAX] {
            let _ = Stamp::at_ms(ms).next(ms).next(i64::MAX);
        }
    }
}
