//! The one way a figure is rounded before anybody reads it.
//!
//! It knows nothing of what a figure means, and refuses to be called in the middle of a sum: only ends are
//! rounded.

use rust_decimal::{Decimal, RoundingStrategy};

/// Rounds to `places` decimals, half up by size: 0.5 becomes 1 and −0.5 becomes −1.
///
/// Ties go away from zero, so that a gain and a loss of one size print the same digits. The result always
/// carries `places` decimals (3.3 to four places prints `3.3000`) unless more than 28 digits would be
/// needed, and is never `-0`.
pub fn round_half_up(value: Decimal, places: u32) -> Decimal {
    let mut rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    if rounded.is_zero() {
        rounded.set_sign_positive(true);
    }
    if rounded.scale() < places {
        rounded.rescale(places);
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(text: &str, places: u32) -> String {
        round_half_up(text.parse().unwrap(), places).to_string()
    }

    #[test]
    fn a_half_goes_away_from_zero_on_both_sides() {
        assert_eq!(rounded("0.5", 0), "1");
        assert_eq!(rounded("1.5", 0), "2");
        assert_eq!(rounded("2.5", 0), "3");
        assert_eq!(rounded("-2.5", 0), "-3");
        assert_eq!(rounded("1.005", 2), "1.01");
        assert_eq!(rounded("2.4999", 0), "2");
    }

    #[test]
    fn every_asked_decimal_is_printed() {
        assert_eq!(rounded("3.3", 4), "3.3000");
        assert_eq!(rounded("7", 2), "7.00");
    }

    #[test]
    fn nothing_is_ever_minus_nothing() {
        assert_eq!(rounded("-0.4", 0), "0");
        assert_eq!(rounded("-0.001", 2), "0.00");
    }

    #[test]
    fn the_largest_value_survives_more_places_than_it_can_carry() {
        assert_eq!(round_half_up(Decimal::MAX, 28), Decimal::MAX);
        assert_eq!(round_half_up(Decimal::MIN, 99), Decimal::MIN);
    }
}
