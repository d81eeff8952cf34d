//! How far one person has to move before it is called change, and which way they moved.
//!
//! It knows no scale and no direction that is better: up is a higher score, down a lower one.

use std::borrow::Cow;

use rust_decimal::Decimal;

/// The smallest difference counted as change, with the publication it comes from.
///
/// A parameter, never a fact: printed with its citation wherever a count rests on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeThreshold {
    points: Decimal,
    citation: Cow<'static, str>,
}

/// Why a threshold was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdRefusal {
    /// Zero or less would count standing still as change in both directions.
    #[error("a change threshold must be above zero")]
    NotAboveZero,
    /// Nobody can check a threshold without its source.
    #[error("a change threshold needs the publication it comes from")]
    NoCitation,
}

impl ChangeThreshold {
    /// A threshold of an evaluator's own, in points of the score it will be applied to.
    ///
    /// # Errors
    /// Zero or less, or a blank citation.
    pub fn new(points: Decimal, citation: String) -> Result<Self, ThresholdRefusal> {
        if points <= Decimal::ZERO {
            return Err(ThresholdRefusal::NotAboveZero);
        }
        if citation.trim().is_empty() {
            return Err(ThresholdRefusal::NoCitation);
        }
        Ok(Self { points, citation: Cow::Owned(citation) })
    }

    pub(super) const fn published(points: Decimal, citation: &'static str) -> Self {
        Self { points, citation: Cow::Borrowed(citation) }
    }

    /// Points of score; above zero.
    pub fn points(&self) -> Decimal {
        self.points
    }

    /// The publication the figure comes from.
    pub fn citation(&self) -> &str {
        &self.citation
    }

    /// Which way a difference (post − pre) goes; a difference of exactly the threshold counts as change.
    pub fn judge(&self, difference: Decimal) -> Change {
        if difference >= self.points {
            Change::Up
        } else if difference <= -self.points {
            Change::Down
        } else {
            Change::Within
        }
    }
}

/// One person's change against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Higher by the threshold or more.
    Up,
    /// Lower by the threshold or more.
    Down,
    /// Less than the threshold either way.
    Within,
}

/// How many people changed. The three add up to the number of pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Higher by the threshold or more.
    pub up: u32,
    /// Lower by the threshold or more.
    pub down: u32,
    /// Less than the threshold either way.
    pub within: u32,
}

impl Changed {
    /// Counts every difference once.
    pub fn count(differences: &[Decimal], threshold: &ChangeThreshold) -> Self {
        let mut changed = Self::default();
        for difference in differences {
            let cell = match threshold.judge(*difference) {
                Change::Up => &mut changed.up,
                Change::Down => &mut changed.down,
                Change::Within => &mut changed.within,
            };
            *cell = cell.saturating_add(1);
        }
        changed
    }
}

/// A difference as a percentage of a scale's range, unrounded; `None` unless the range is above zero.
///
/// The published result, +4.5 raw points on a range of 28, is 16.07 %.
pub fn percent_of_range(points: Decimal, range: Decimal) -> Option<Decimal> {
    if range <= Decimal::ZERO {
        return None;
    }
    points.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(range)
}

#[cfg(test)]
mod tests {
    use super::super::rounding::round_half_up;
    use super::*;

    fn threshold() -> ChangeThreshold {
        ChangeThreshold::new(Decimal::new(287, 2), "a paper".into()).unwrap()
    }

    #[test]
    fn exactly_the_threshold_is_change_and_a_hundredth_less_is_not() {
        assert_eq!(threshold().judge(Decimal::new(287, 2)), Change::Up);
        assert_eq!(threshold().judge(Decimal::new(286, 2)), Change::Within);
        assert_eq!(threshold().judge(Decimal::new(-286, 2)), Change::Within);
        assert_eq!(threshold().judge(Decimal::new(-287, 2)), Change::Down);
    }

    #[test]
    fn a_threshold_without_size_or_source_is_refused() {
        assert_eq!(
            ChangeThreshold::new(Decimal::ZERO, "a paper".into()),
            Err(ThresholdRefusal::NotAboveZero)
        );
        assert_eq!(ChangeThreshold::new(Decimal::ONE, " ".into()), Err(ThresholdRefusal::NoCitation));
    }

    #[test]
    fn everybody_is_counted_once() {
        let differences = [3, -3, 0, 2].map(Decimal::from);
        let changed = Changed::count(&differences, &threshold());
        assert_eq!(changed, Changed { up: 1, down: 1, within: 2 });
    }

    #[test]
    fn the_published_change_is_sixteen_percent_of_the_range() {
        let share = percent_of_range(Decimal::new(45, 1), Decimal::from(28)).unwrap();
        assert_eq!(round_half_up(share, 2).to_string(), "16.07");
        assert_eq!(round_half_up(share, 0).to_string(), "16");
        assert_eq!(percent_of_range(Decimal::ONE, Decimal::ZERO), None);
    }
}
