//! The ages a service takes, read from the words it was published with (G02).
//!
//! Keeps the meaning alone: the wording stays with the service, and nothing here knows whose age is asked about.

/// Oldest age we believe, in years; beyond it someone mistyped. Our own choice.
pub const AGE_YEARS_MAX: u8 = 120;

/// Words that may follow a number and change nothing: "18s", "18’s", "18yrs".
const UNITS: [&str; 4] = ["s", "yrs", "years", "yr"];

/// Ages in whole years, both ends included; an absent end is open.
///
/// Always in order and never beyond [`AGE_YEARS_MAX`]. Both ends absent means that no age was stated, which is not the
/// same as "all ages": that is stated, and reads as from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AgeRange {
    from: Option<u8>,
    to: Option<u8>,
}

/// Why ages were not accepted. Holds numbers only, never the words that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgeRefusal {
    /// The words follow none of the forms [`AgeRange::read`] lists.
    #[error("the ages are not written in a form we know")]
    NotUnderstood,
    /// The youngest age is above the oldest.
    #[error("the ages run backwards, from {from_years} to {to_years}")]
    Backwards {
        /// Youngest age as written, in years.
        from_years: u8,
        /// Oldest age as written, in years.
        to_years: u8,
    },
    /// An age nobody has: below 0 ("under 0") or above [`AGE_YEARS_MAX`].
    #[error("an age is below 0 or above {AGE_YEARS_MAX}")]
    Impossible,
}

impl AgeRange {
    /// No age was stated.
    pub const NOT_STATED: Self = Self { from: None, to: None };

    /// Ages between two ends, both included, each of which may be open.
    ///
    /// Refuses ends in the wrong order and ends above [`AGE_YEARS_MAX`].
    pub fn between(from_years: Option<u8>, to_years: Option<u8>) -> Result<Self, AgeRefusal> {
        let beyond = |end: Option<u8>| end.is_some_and(|years| years > AGE_YEARS_MAX);
        if beyond(from_years) || beyond(to_years) {
            return Err(AgeRefusal::Impossible);
        }
        match (from_years, to_years) {
            (Some(from_years), Some(to_years)) if from_years > to_years => {
                Err(AgeRefusal::Backwards { from_years, to_years })
            }
            _ => Ok(Self { from: from_years, to: to_years }),
        }
    }

    /// Reads published words.
    ///
    /// Understood, in any case and spacing, with any dash or apostrophe: blank (not stated), "all ages", "Under 18",
    /// "Under 18s", "Under 18’s" (up to 17), "Up to 18yrs" (up to 18), "25 and under" (up to 25), "4-18" and "16+".
    /// Anything else is refused rather than guessed at.
    pub fn read(text: &str) -> Result<Self, AgeRefusal> {
        if text.trim().is_empty() {
            return Ok(Self::NOT_STATED);
        }
        let pieces = pieces(text)?;
        let word = |piece: &Piece, expected: &str| matches!(piece, Piece::Word(found) if found == expected);
        match pieces.as_slice() {
            [all, ages] if word(all, "all") && word(ages, "ages") => Self::between(Some(0), None),
            [under, Piece::Years(years)] if word(under, "under") => {
                let oldest = years.checked_sub(1).ok_or(AgeRefusal::Impossible)?;
                Self::between(None, Some(oldest))
            }
            [up, to, Piece::Years(years)] if word(up, "up") && word(to, "to") => {
                Self::between(None, Some(*years))
            }
            [Piece::Years(years), and, under] if word(and, "and") && word(under, "under") => {
                Self::between(None, Some(*years))
            }
            [Piece::Years(from), Piece::Dash, Piece::Years(to)] => Self::between(Some(*from), Some(*to)),
            [Piece::Years(from), Piece::Plus] => Self::between(Some(*from), None),
            _ => Err(AgeRefusal::NotUnderstood),
        }
    }

    /// Youngest age taken, in years; `None` when open.
    pub fn from_years(&self) -> Option<u8> {
        self.from
    }

    /// Oldest age taken, in years; `None` when open.
    pub fn to_years(&self) -> Option<u8> {
        self.to
    }

    /// Whether any age was stated at all.
    pub fn stated(&self) -> bool {
        *self != Self::NOT_STATED
    }

    /// Whether somebody of this age, in years, is taken. Where nothing was stated, yes: ask the service.
    pub fn takes(&self, age_years: u8) -> bool {
        self.from.is_none_or(|from| from <= age_years) && self.to.is_none_or(|to| age_years <= to)
    }
}

enum Piece {
    Years(u8),
    Word(String),
    Dash,
    Plus,
}

/// Cuts the text into pieces, leaving out spaces and the [`UNITS`] behind a number.
fn pieces(text: &str) -> Result<Vec<Piece>, AgeRefusal> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        let after_number = matches!(pieces.last(), Some(Piece::Years(_)));
        match first {
            _ if first.is_whitespace() => {}
            '\'' | '’' | '‘' | 'ʼ' if after_number => {}
            '-' | '‐' | '‑' | '‒' | '–' | '—' | '−' => pieces.push(Piece::Dash),
            '+' => pieces.push(Piece::Plus),
            _ if first.is_ascii_digit() => {
                let mut digits = String::from(first);
                while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                pieces.push(Piece::Years(digits.parse().map_err(|_| AgeRefusal::Impossible)?));
            }
            _ if first.is_alphabetic() => {
                let mut word = String::from(first);
                while let Some(letter) = rest.next_if(|next| next.is_alphabetic()) {
                    word.push(letter);
                }
                let word = word.to_lowercase();
                if !(after_number && UNITS.contains(&word.as_str())) {
                    pieces.push(Piece::Word(word));
                }
            }
            _ => return Err(AgeRefusal::NotUnderstood),
        }
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ends(text: &str) -> (Option<u8>, Option<u8>) {
        let ages = AgeRange::read(text).unwrap_or_else(|refusal| panic!("{text:?}: {refusal}"));
        (ages.from_years(), ages.to_years())
    }

    #[test]
    fn under_an_age_stops_a_year_short_of_it() {
        for text in ["Under 18’s", "Under 18's", "Under 18s", "under 18", " UNDER  18 s ", "Under 18yrs"] {
            assert_eq!(ends(text), (None, Some(17)), "{text}");
        }
        assert_eq!(ends("Under 1"), (None, Some(0)));
    }

    #[test]
    fn up_to_an_age_and_an_age_and_under_include_it() {
        assert_eq!(ends("Up to 18yrs"), (None, Some(18)));
        assert_eq!(ends("up to 18 years"), (None, Some(18)));
        assert_eq!(ends("25 and under"), (None, Some(25)));
    }

    #[test]
    fn a_span_may_use_any_dash_and_any_spaces() {
        for text in ["4-18", "4 - 18", "4–18", "4\u{a0}— 18", "4−18", "4-18yrs", "4yrs-18yrs"] {
            assert_eq!(ends(text), (Some(4), Some(18)), "{text}");
        }
        assert_eq!(ends("0-16"), (Some(0), Some(16)));
        assert_eq!(ends("16-16"), (Some(16), Some(16)));
    }

    #[test]
    fn an_open_end_stays_open() {
        assert_eq!(ends("16+"), (Some(16), None));
        assert_eq!(ends("16 +"), (Some(16), None));
    }

    #[test]
    fn all_ages_is_stated_and_blank_is_not_and_both_take_anybody() {
        let all = AgeRange::read("All ages").unwrap();
        let blank = AgeRange::read(" \u{a0} ").unwrap();
        assert!(all.stated());
        assert!(!blank.stated());
        for age in [0, 10, 17, 120] {
            assert!(all.takes(age) && blank.takes(age));
        }
    }

    #[test]
    fn both_ends_of_a_range_are_taken_and_their_neighbours_are_not() {
        let ages = AgeRange::read("10-17").unwrap();
        assert!(!ages.takes(9) && ages.takes(10) && ages.takes(17) && !ages.takes(18));
    }

    #[test]
    fn ages_in_the_wrong_order_are_refused_with_both_numbers() {
        assert_eq!(AgeRange::read("18-4"), Err(AgeRefusal::Backwards { from_years: 18, to_years: 4 }));
    }

    #[test]
    fn ages_nobody_has_are_refused() {
        for text in ["10-121", "Up to 121", "121+", "under 0", "4-99999999999999999999"] {
            assert_eq!(AgeRange::read(text).unwrap_err(), AgeRefusal::Impossible, "{text}");
        }
        assert_eq!(ends("Under 121"), (None, Some(120)));
    }

    #[test]
    fn words_we_do_not_know_are_refused_rather_than_guessed_at() {
        for text in
            ["teenagers", "18", "4-", "-18", "4-18-25", "1 8-25", "over 18", "’s", "4..18", "٤-١٨", "16+ 18"]
        {
            assert!(AgeRange::read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(text in any::<String>()) {
            let _ = AgeRange::read(&text);
        }

        #[test]
        fn no_near_miss_panics_the_reader_or_escapes_its_limits(text in "[0-9uptonder ’'s+–-]{0,14}") {
            if let Ok(ages) = AgeRange::read(&text) {
                prop_assert_eq!(AgeRange::between(ages.from_years(), ages.to_years()), Ok(ages));
            }
        }

        #[test]
        fn a_span_takes_exactly_the_ages_within_it(from in 0u8..=120, to in 0u8..=120, age in any::<u8>()) {
            match AgeRange::read(&format!("{from} – {to}")) {
                Ok(ages) => prop_assert_eq!(ages.takes(age), (from..=to).contains(&age)),
                Err(refusal) => {
                    prop_assert_eq!(refusal, AgeRefusal::Backwards { from_years: from, to_years: to });
                    prop_assert!(from > to);
                }
            }
        }
    }
}
