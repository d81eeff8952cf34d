//! How long a phone may lie open, in bounds that no organisation can leave.
//!
//! Pure. Without a word from an administrator the defaults hold: long enough to look something up in another app, short
//! enough for a phone that was put down.

use super::field::Shape;
use crate::contract::AutoLock;

/// Longest stay in the background, in seconds.
pub const BACKGROUND_S_MAX: u32 = 300;
/// Shortest time without a touch, in seconds: a long paragraph has to be read.
pub const UNTOUCHED_S_MIN: u32 = 30;
/// Longest time without a touch, in seconds.
pub const UNTOUCHED_S_MAX: u32 = 900;

/// What holds unless an administrator says otherwise.
pub const DEFAULT: AutoLock = AutoLock { background_s: 60, untouched_s: 180 };

/// Shape of the first.
pub const BACKGROUND: Shape = Shape::Whole { least: 0, most: BACKGROUND_S_MAX as i64 };
/// Shape of the second.
pub const UNTOUCHED: Shape = Shape::Whole { least: UNTOUCHED_S_MIN as i64, most: UNTOUCHED_S_MAX as i64 };

/// What holds where either was set; a value outside its bounds, from a newer app or a forged file, is brought inside.
#[must_use]
pub fn within(background_s: Option<u32>, untouched_s: Option<u32>) -> AutoLock {
    AutoLock {
        background_s: background_s.unwrap_or(DEFAULT.background_s).min(BACKGROUND_S_MAX),
        untouched_s: untouched_s.unwrap_or(DEFAULT.untouched_s).clamp(UNTOUCHED_S_MIN, UNTOUCHED_S_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_a_phone_locks_within_bounds() {
        assert_eq!(within(None, None), DEFAULT);
        assert_eq!(within(Some(0), Some(0)), AutoLock { background_s: 0, untouched_s: UNTOUCHED_S_MIN });
        let longest = AutoLock { background_s: BACKGROUND_S_MAX, untouched_s: UNTOUCHED_S_MAX };
        assert_eq!(within(Some(u32::MAX), Some(u32::MAX)), longest);
        assert_eq!(within(Some(longest.background_s), Some(longest.untouched_s)), longest);
    }
}
