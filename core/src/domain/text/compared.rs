//! Two texts side by side: what both say, and what only one of them says.
//!
//! Pure, and word by word like everything that is said of changes.

use super::difference::differences;

/// Which of two texts says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidBy {
    /// Both.
    Both,
    /// Only the first.
    First,
    /// Only the second.
    Second,
}

/// Two texts in stretches: those of both and of the first are the first text, those of both and of the second the second.
#[must_use]
pub fn compared<'t>(first: &'t str, second: &'t str) -> Vec<(SaidBy, &'t str)> {
    let mut stretches = Vec::new();
    let mut at = 0;
    for one in differences(first, second) {
        stretches.push((SaidBy::Both, first.get(at..one.at).unwrap_or_default()));
        stretches.push((SaidBy::First, first.get(one.at..one.end()).unwrap_or_default()));
        stretches.push((SaidBy::Second, one.inserted));
        at = one.end();
    }
    stretches.push((SaidBy::Both, first.get(at..).unwrap_or_default()));
    stretches.retain(|(_, words)| !words.is_empty());
    stretches
}

/// Whether a text shows nothing at all: only blanks, and characters that nobody can see.
#[must_use]
pub fn shows_nothing(text: &str) -> bool {
    let unseen = |letter: char| {
        matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
    };
    text.chars().all(|letter| letter.is_whitespace() || letter.is_control() || unseen(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_texts_are_told_apart_word_by_word() {
        assert_eq!(
            compared("He did hit him.", "He did not hit her."),
            [
                (SaidBy::Both, "He did "),
                (SaidBy::Second, "not "),
                (SaidBy::Both, "hit "),
                (SaidBy::First, "him"),
                (SaidBy::Second, "her"),
                (SaidBy::Both, "."),
            ]
        );
        assert_eq!(compared("", ""), []);
    }

    #[test]
    fn what_nobody_can_see_shows_nothing() {
        for text in ["", " \n\t", "\u{200b}\u{feff} ", "\u{202e}\u{2066}"] {
            assert!(shows_nothing(text), "{text:?}");
        }
        assert!(!shows_nothing("."));
        assert!(!shows_nothing("\u{200b}日"));
    }
}
