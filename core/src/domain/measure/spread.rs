//! Where a list of scores lies: mean, standard deviation, median and quartiles.
//!
//! It refuses to know what the scores are. Sums are exact decimals; only the square root is not, and it is
//! good to 20 digits.

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// A list of two or more scores, described. Nothing is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many scores.
    pub n: u32,
    /// Sum divided by n.
    pub mean: Decimal,
    /// Sample standard deviation, divisor n − 1. Exactly zero when every score is the same.
    pub sd: Decimal,
    /// Half of the scores lie at or below it.
    pub median: Decimal,
    /// First quartile.
    pub lower_quartile: Decimal,
    /// Third quartile.
    pub upper_quartile: Decimal,
}

impl Spread {
    /// Describes at least two scores; `None` for fewer, or where a figure would not fit a decimal.
    ///
    /// Quartiles are Hyndman and Fan's type 7: the value at place 1 + (n − 1) × q of the sorted scores,
    /// straight line between neighbours; what R, NumPy and `QUARTILE.INC` give by default. (Hyndman & Fan
    /// 1996, The American Statistician 50(4).)
    pub(super) fn of(scores: &[Decimal]) -> Option<Self> {
        if scores.len() < 2 {
            return None;
        }
        let n = u32::try_from(scores.len()).ok()?;
        let mut sum = Decimal::ZERO;
        let mut sum_of_squares = Decimal::ZERO;
        for score in scores {
            sum = sum.checked_add(*score)?;
            sum_of_squares = sum_of_squares.checked_add(score.checked_mul(*score)?)?;
        }
        // n·Σx² − (Σx)² is exact for scores of few decimals, so that equal scores give a true zero.
        let scaled = Decimal::from(n).checked_mul(sum_of_squares)?.checked_sub(sum.checked_mul(sum)?)?;
        let divisor = Decimal::from(n).checked_mul(Decimal::from(n.checked_sub(1)?))?;
        let mut sorted = scores.to_vec();
        sorted.sort_unstable();
        Some(Self {
            n,
            mean: sum.checked_div(Decimal::from(n))?,
            sd: root(scaled.checked_div(divisor)?)?,
            median: quartile(&sorted, 2)?,
            lower_quartile: quartile(&sorted, 1)?,
            upper_quartile: quartile(&sorted, 3)?,
        })
    }

    /// The interquartile range: upper quartile less lower quartile.
    pub fn iqr(&self) -> Decimal {
        self.upper_quartile.saturating_sub(self.lower_quartile)
    }
}

fn quartile(sorted: &[Decimal], quarters: usize) -> Option<Decimal> {
    let place = sorted.len().checked_sub(1)?.checked_mul(quarters)?;
    let below = *sorted.get(place / 4)?;
    let above = sorted.get(place.div_ceil(4)).copied().unwrap_or(below);
    let share = Decimal::from(place % 4).checked_div(Decimal::from(4))?;
    above.checked_sub(below)?.checked_mul(share)?.checked_add(below)
}

/// The square root of a decimal; `None` below zero.
///
/// One Newton step doubles the sixteen digits of the floating-point root. `rust_decimal`'s own root is not
/// used: it asserts that it converges, and a library that may not panic cannot lean on that.
pub(super) fn root(of: Decimal) -> Option<Decimal> {
    if of.is_zero() {
        return Some(Decimal::ZERO);
    }
    let near = Decimal::from_f64(of.to_f64()?.sqrt())?;
    if near.is_zero() {
        return Some(Decimal::ZERO);
    }
    of.checked_div(near)?.checked_add(near)?.checked_div(Decimal::TWO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread(scores: &[i64]) -> Option<Spread> {
        Spread::of(&scores.iter().map(|score| Decimal::from(*score)).collect::<Vec<_>>())
    }

    #[test]
    fn quartiles_lie_on_a_straight_line_between_neighbours() {
        let found = spread(&[6, 4, 3, -1, 4, 5, 7, 3, 2, 0]).unwrap();
        assert_eq!(found.lower_quartile, Decimal::new(225, 2));
        assert_eq!(found.median, Decimal::new(35, 1));
        assert_eq!(found.upper_quartile, Decimal::new(475, 2));
        assert_eq!(found.iqr(), Decimal::new(25, 1));
        let five = spread(&[5, 1, 4, 2, 3]).unwrap();
        assert_eq!((five.lower_quartile, five.median, five.upper_quartile), (2.into(), 3.into(), 4.into()));
    }

    #[test]
    fn one_score_has_no_spread() {
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[3]), None);
    }

    #[test]
    fn equal_scores_have_a_spread_of_exactly_zero() {
        let thirds = [Decimal::new(33333, 4); 7];
        assert_eq!(Spread::of(&thirds).unwrap().sd, Decimal::ZERO);
    }

    #[test]
    fn the_root_of_two_is_right_to_twenty_digits() {
        let two = root(Decimal::TWO).unwrap().to_string();
        assert!(two.starts_with("1.4142135623730950488"), "{two}");
        assert_eq!(root(Decimal::NEGATIVE_ONE), None);
        assert!(root(Decimal::MAX).is_some());
    }

    proptest! {
        #[test]
        fn a_root_squared_is_the_number_again(hundredths in 1_i64..4_000_000_000_000) {
            let number = Decimal::new(hundredths, 2);
            let root = root(number).unwrap();
            let away = (root * root - number).abs() / number;
            prop_assert!(away < Decimal::new(1, 20), "{number} {root}");
        }

        #[test]
        fn the_middle_lies_between_the_quartiles(
            scores in proptest::collection::vec(-2000_i64..2000, 2..40),
        ) {
            let found = spread(&scores).unwrap();
            prop_assert!(found.lower_quartile <= found.median && found.median <= found.upper_quartile);
            prop_assert_eq!(found.sd.is_zero(), scores.iter().all(|score| *score == scores[0]));
        }
    }
}
