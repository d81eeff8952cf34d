//! Whether a scale pack is whole: a known scale, every item and option, and a licence to use them.
//!
//! It checks form, not truth, and never repeats the pack's words: they are licensed.

use std::fmt;

use super::pack::ScalePack;
use super::pack_date::is_date;
use super::scale::scale;

/// Longest item, in characters.
pub const ITEM_CHARS_MAX: usize = 300;

/// Longest answer option, in characters.
pub const OPTION_CHARS_MAX: usize = 100;

/// Longest copyright notice, in characters.
pub const NOTICE_CHARS_MAX: usize = 1_000;

/// Longest licence reference and longest name of a licensee, in characters.
pub const NAME_CHARS_MAX: usize = 200;

/// Longest language tag, in characters (BCP 47 asks implementations to allow at least 35).
pub const LANGUAGE_CHARS_MAX: usize = 35;

/// A piece of text in a pack, for a refusal to point at. Numbers start at 1, as on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackText {
    /// The words of an item.
    Item(usize),
    /// The words of an option.
    Option(usize),
    /// The copyright notice.
    Notice,
    /// The licence reference.
    LicenceReference,
    /// The licensee.
    Licensee,
}

impl fmt::Display for PackText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(number) => write!(f, "item {number}"),
            Self::Option(number) => write!(f, "option {number}"),
            Self::Notice => f.write_str("the copyright notice"),
            Self::LicenceReference => f.write_str("the licence reference"),
            Self::Licensee => f.write_str("the licensee"),
        }
    }
}

/// Why a pack was refused, and what to do. Never repeats the pack's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackRefusal {
    /// A scale this version does not know.
    #[error("this pack is for a scale this version does not know: update the app, or check the pack's id")]
    UnknownScale,
    /// Not a language tag.
    #[error(
        "the language must be a tag such as en-GB: letters, digits and hyphens, at most {LANGUAGE_CHARS_MAX}"
    )]
    Language,
    /// Not as many items as the scale has.
    #[error(
        "the pack has {given} items and the scale has {wanted}: ask the licence holder for the whole scale"
    )]
    ItemCount {
        /// How many came.
        given: usize,
        /// How many the scale has.
        wanted: usize,
    },
    /// Not as many options as the scale has answers.
    #[error("the pack has {given} answer options and the scale has {wanted}: give one for every answer")]
    OptionCount {
        /// How many came.
        given: usize,
        /// How many the scale has.
        wanted: usize,
    },
    /// Options out of order, doubled or out of range.
    #[error(
        "option {number} is for answer {answer} and should be for {wanted}: list them from lowest to highest"
    )]
    OptionAnswer {
        /// Which option, from 1.
        number: usize,
        /// The answer it gives.
        answer: u8,
        /// The answer it should give.
        wanted: u8,
    },
    /// A text without a letter or digit.
    #[error("{0} is empty: the scale cannot start without it, copy it from the licence")]
    Blank(PackText),
    /// A text beyond its limit.
    #[error("{text} is longer than {chars_max} characters: copy it again from the licence")]
    TooLong {
        /// Which text.
        text: PackText,
        /// Its limit, in characters.
        chars_max: usize,
    },
    /// Not a date of the calendar.
    #[error("the date of the licence is not a date: write it as YYYY-MM-DD")]
    Date,
}

impl ScalePack {
    /// Checks that the pack is whole: a known scale, every item and option, and a licence to use them.
    ///
    /// It checks form, not truth: whether the licence exists is for a person, whether the pack is signed
    /// for the vault.
    ///
    /// # Errors
    /// The first thing wrong, in the order of the fields.
    pub fn check(&self) -> Result<(), PackRefusal> {
        let scale = scale(&self.scale).ok_or(PackRefusal::UnknownScale)?;
        if !is_language_tag(&self.language) {
            return Err(PackRefusal::Language);
        }
        let wanted = usize::from(scale.items);
        if self.items.len() != wanted {
            return Err(PackRefusal::ItemCount { given: self.items.len(), wanted });
        }
        for (number, item) in (1..).zip(&self.items) {
            check_text(PackText::Item(number), item, ITEM_CHARS_MAX)?;
        }
        let answers = scale.least..=scale.most;
        if self.options.len() != answers.len() {
            return Err(PackRefusal::OptionCount { given: self.options.len(), wanted: answers.len() });
        }
        for ((number, option), wanted) in (1..).zip(&self.options).zip(answers) {
            if option.answer != wanted {
                return Err(PackRefusal::OptionAnswer { number, answer: option.answer, wanted });
            }
            check_text(PackText::Option(number), &option.words, OPTION_CHARS_MAX)?;
        }
        check_text(PackText::Notice, &self.notice, NOTICE_CHARS_MAX)?;
        check_text(PackText::LicenceReference, &self.licence_reference, NAME_CHARS_MAX)?;
        check_text(PackText::Licensee, &self.licensee, NAME_CHARS_MAX)?;
        if !is_date(&self.licensed_on) {
            return Err(PackRefusal::Date);
        }
        Ok(())
    }
}

fn is_language_tag(text: &str) -> bool {
    text.len() <= LANGUAGE_CHARS_MAX
        && text.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn check_text(which: PackText, text: &str, chars_max: usize) -> Result<(), PackRefusal> {
    // Invisible characters are not white space, and a screen shows nothing of either.
    if !text.chars().any(char::is_alphanumeric) {
        return Err(PackRefusal::Blank(which));
    }
    if text.chars().count() > chars_max {
        return Err(PackRefusal::TooLong { text: which, chars_max });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::pack::tests::pack;
    use super::*;

    fn refusal(change: impl FnOnce(&mut ScalePack)) -> PackRefusal {
        let mut pack = pack();
        change(&mut pack);
        pack.check().unwrap_err()
    }

    #[test]
    fn a_whole_pack_passes() {
        assert_eq!(pack().check(), Ok(()));
    }

    #[test]
    fn an_unknown_scale_is_refused() {
        assert_eq!(refusal(|pack| pack.scale = "swemwbs2".into()), PackRefusal::UnknownScale);
    }

    #[test]
    fn a_language_that_is_no_tag_is_refused() {
        for tag in ["", "-", "en_GB", "englishes", "en-", &"a-".repeat(40)] {
            assert_eq!(refusal(|pack| pack.language = tag.into()), PackRefusal::Language, "{tag}");
        }
    }

    #[test]
    fn a_missing_item_or_option_is_refused_with_both_numbers() {
        assert_eq!(refusal(|pack| pack.items.truncate(6)), PackRefusal::ItemCount { given: 6, wanted: 7 });
        assert_eq!(
            refusal(|pack| pack.options.truncate(4)),
            PackRefusal::OptionCount { given: 4, wanted: 5 }
        );
    }

    #[test]
    fn options_out_of_order_are_refused() {
        assert_eq!(
            refusal(|pack| pack.options.reverse()),
            PackRefusal::OptionAnswer { number: 1, answer: 5, wanted: 1 }
        );
        assert_eq!(
            refusal(|pack| pack.options[2].answer = 2),
            PackRefusal::OptionAnswer { number: 3, answer: 2, wanted: 3 }
        );
    }

    #[test]
    fn a_pack_without_notice_licence_or_licensee_is_refused() {
        assert_eq!(refusal(|pack| pack.notice.clear()), PackRefusal::Blank(PackText::Notice));
        assert_eq!(
            refusal(|pack| pack.licence_reference = " \n".into()),
            PackRefusal::Blank(PackText::LicenceReference)
        );
        assert_eq!(refusal(|pack| pack.licensee = "—".into()), PackRefusal::Blank(PackText::Licensee));
    }

    #[test]
    fn words_nobody_can_see_are_no_words() {
        assert_eq!(
            refusal(|pack| pack.items[3] = "\u{200b}\u{2060}".into()),
            PackRefusal::Blank(PackText::Item(4))
        );
        assert_eq!(refusal(|pack| pack.options[0].words.clear()), PackRefusal::Blank(PackText::Option(1)));
    }

    #[test]
    fn text_beyond_its_limit_is_refused_and_text_at_it_is_not() {
        let mut at_limit = pack();
        at_limit.items[0] = "é".repeat(ITEM_CHARS_MAX);
        assert_eq!(at_limit.check(), Ok(()));
        assert_eq!(
            refusal(|pack| pack.items[0] = "é".repeat(ITEM_CHARS_MAX + 1)),
            PackRefusal::TooLong { text: PackText::Item(1), chars_max: ITEM_CHARS_MAX }
        );
        assert!(matches!(
            refusal(|pack| pack.notice = "n".repeat(NOTICE_CHARS_MAX + 1)),
            PackRefusal::TooLong { text: PackText::Notice, .. }
        ));
    }

    #[test]
    fn an_impossible_date_is_refused() {
        assert_eq!(refusal(|pack| pack.licensed_on = "2026-02-30".into()), PackRefusal::Date);
    }

    #[test]
    fn a_refusal_says_which_and_what_to_do() {
        assert_eq!(
            PackRefusal::Blank(PackText::LicenceReference).to_string(),
            "the licence reference is empty: the scale cannot start without it, copy it from the licence"
        );
    }
}
