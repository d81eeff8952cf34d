//! A PIN: 6 to 12 digits, and none that a thief would try first.
//!
//! Knows the digits alone: how often one may be tried, and what it opens, is decided elsewhere.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::common_pins;

/// Fewest digits. Six digits behind a hardware key and ten tries leave a thief one chance in a hundred thousand.
pub const DIGITS_MIN: usize = 6;
/// Most digits.
pub const DIGITS_MAX: usize = 12;

/// A PIN as somebody typed it, wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Pin(Box<[u8]>);

/// Why a PIN is not taken. Says which rule, never which digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinRefusal {
    /// Fewer than [`DIGITS_MIN`] digits.
    #[error("a PIN has at least {DIGITS_MIN} digits")]
    TooShort,
    /// More than [`DIGITS_MAX`] digits.
    #[error("a PIN has at most {DIGITS_MAX} digits")]
    TooLong,
    /// Something other than the digits 0 to 9.
    #[error("a PIN has digits only")]
    NotDigits,
    /// One digit or a short group over and over: 777777, 121212, 123123.
    #[error("this PIN repeats itself")]
    Repeats,
    /// Counts up or down, also in doubled digits and across 9 and 0: 234567, 987654, 112233, 890123.
    #[error("this PIN counts up or down")]
    Run,
    /// A day or a month of a year: 210984, 092015, 21091984.
    #[error("this PIN is a date")]
    Date,
    /// On the list of those that most people choose.
    #[error("this PIN is one of the most common")]
    Common,
}

impl Pin {
    /// A PIN that somebody chooses: it has the right shape and is not among the first that a thief would try.
    ///
    /// # Errors
    /// [`PinRefusal`] says which rule it breaks.
    pub fn chosen(text: &str) -> Result<Self, PinRefusal> {
        let pin = Self::entered(text)?;
        let digits = pin.expose();
        if repeats(digits) {
            return Err(PinRefusal::Repeats);
        }
        if runs(digits) {
            return Err(PinRefusal::Run);
        }
        if common_pins::all().any(|common| common.as_bytes() == digits) {
            return Err(PinRefusal::Common);
        }
        if is_date(digits) {
            return Err(PinRefusal::Date);
        }
        Ok(pin)
    }

    /// A PIN that somebody enters at the lock: only its shape is checked, so that a stricter list locks nobody out.
    ///
    /// # Errors
    /// [`PinRefusal::NotDigits`], [`PinRefusal::TooShort`] or [`PinRefusal::TooLong`].
    pub fn entered(text: &str) -> Result<Self, PinRefusal> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PinRefusal::NotDigits);
        }
        if text.len() < DIGITS_MIN {
            return Err(PinRefusal::TooShort);
        }
        if text.len() > DIGITS_MAX {
            return Err(PinRefusal::TooLong);
        }
        Ok(Self(Box::from(text.as_bytes())))
    }

    /// The digits as text bytes, for the stretching alone.
    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// Whether a group of at most half the digits comes again and again, the last time perhaps cut short.
fn repeats(digits: &[u8]) -> bool {
    (1..=digits.len() / 2).any(|period| digits.iter().skip(period).zip(digits).all(|(a, b)| a == b))
}

/// Whether every digit is the one before it or its neighbour, always in the same direction.
fn runs(digits: &[u8]) -> bool {
    let only_steps_of = |step: u8| {
        digits.iter().zip(digits.iter().skip(1)).all(|(from, to)| {
            let moved = to.wrapping_add(10).wrapping_sub(*from) % 10;
            moved == 0 || moved == step
        })
    };
    only_steps_of(1) || only_steps_of(9)
}

/// Whether it reads as a date. Six digits: DDMMYY as people here write it, MMYYYY, YYYYMM; eight: with the whole year,
/// in any of the three usual orders. Other orders of six digits are left alone: they would refuse another tenth of all.
fn is_date(digits: &[u8]) -> bool {
    match *digits {
        [a, b, c, d, e, f] => {
            (is_day([a, b]) && is_month([c, d]))
                || (is_month([a, b]) && is_year([c, d, e, f]))
                || (is_year([a, b, c, d]) && is_month([e, f]))
        }
        [a, b, c, d, e, f, g, h] => {
            let year_last = is_year([e, f, g, h]);
            (is_day([a, b]) && is_month([c, d]) && year_last)
                || (is_month([a, b]) && is_day([c, d]) && year_last)
                || (is_year([a, b, c, d]) && is_month([e, f]) && is_day([g, h]))
        }
        _ => false,
    }
}

// Digits of one length compare as text as they do as numbers.
fn is_day(digits: [u8; 2]) -> bool {
    (*b"01"..=*b"31").contains(&digits)
}

fn is_month(digits: [u8; 2]) -> bool {
    (*b"01"..=*b"12").contains(&digits)
}

fn is_year(digits: [u8; 4]) -> bool {
    (*b"1900"..=*b"2099").contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<PinRefusal> {
        Pin::chosen(text).err()
    }

    #[test]
    fn a_pin_has_six_to_twelve_digits() {
        assert_eq!(refusal("73918"), Some(PinRefusal::TooShort));
        assert_eq!(refusal("739184"), None);
        assert_eq!(refusal("739184620573"), None);
        assert_eq!(refusal("7391846205731"), Some(PinRefusal::TooLong));
        for text in ["", "73918a", "739 184", "-739184", "７３９１８４", "739184\n"] {
            assert!(matches!(refusal(text), Some(PinRefusal::NotDigits | PinRefusal::TooShort)), "{text:?}");
        }
    }

    #[test]
    fn what_repeats_is_refused() {
        for text in ["000000", "121212", "123123", "1231231", "12341234", "454545454"] {
            assert_eq!(refusal(text), Some(PinRefusal::Repeats), "{text}");
        }
    }

    #[test]
    fn what_counts_is_refused() {
        for text in ["123456", "987654", "112233", "332211", "890123", "210987", "111222", "012345678901"] {
            assert_eq!(refusal(text), Some(PinRefusal::Run), "{text}");
        }
    }

    #[test]
    fn dates_are_refused() {
        for text in ["210984", "311299", "092015", "201509", "21091984", "19840921", "09211984"] {
            assert_eq!(refusal(text), Some(PinRefusal::Date), "{text}");
        }
        for text in ["320984", "211384", "21091884", "849021"] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    #[test]
    fn the_common_ones_are_refused() {
        for text in ["147258", "159753", "123321", "246810", "5201314", "31415926"] {
            assert_eq!(refusal(text), Some(PinRefusal::Common), "{text}");
        }
    }

    #[test]
    fn everything_on_the_list_has_the_shape_of_a_pin_and_is_refused() {
        for text in common_pins::all() {
            assert!(Pin::entered(text).is_ok(), "{text}");
            assert!(refusal(text).is_some(), "{text}");
        }
    }

    #[test]
    fn the_rules_leave_nineteen_of_twenty_six_digit_pins_to_choose_from() {
        let refused = (0..1_000_000).filter(|pin| refusal(&format!("{pin:06}")).is_some()).count();
        assert!(refused < 50_000, "{refused}");
    }

    #[test]
    fn the_lock_takes_any_pin_of_the_right_shape() {
        assert!(Pin::entered("000000").is_ok());
    }
}
