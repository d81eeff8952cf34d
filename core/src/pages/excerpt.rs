//! A few words of a longer text: its first ones, or those around what was looked for.
//!
//! Works on characters and never cuts one in two; how the index found the text is not known here.

/// Characters of an excerpt around a match.
const AROUND_CHARS: usize = 120;
/// Characters of it that stand before the match.
const BEFORE_CHARS: usize = 40;

/// A text on one line: every run of white space becomes a single space.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words around the first match of the first word looked for that is found, with "…" where text was left out.
///
/// A word matches where a word of the text begins with it, whatever its case. The index also overlooks accents; a match
/// that only it sees is looked for with any letter standing for one with an accent, and if even that fails the text is
/// shown from its beginning.
pub(super) fn around(text: &str, looked_for: &str) -> String {
    let text: Vec<char> = one_line(text).chars().collect();
    let at = first_match(&text, looked_for).unwrap_or(0);
    let end = at.saturating_sub(BEFORE_CHARS).saturating_add(AROUND_CHARS).min(text.len());
    let start = end.saturating_sub(AROUND_CHARS).min(at.saturating_sub(BEFORE_CHARS));
    let mut excerpt = String::new();
    if start > 0 {
        excerpt.push('…');
    }
    excerpt.extend(text.get(start..end).unwrap_or_default());
    if end < text.len() {
        excerpt.push('…');
    }
    excerpt
}

/// Whether a text has a word that was looked for.
pub(super) fn has_match(text: &str, looked_for: &str) -> bool {
    first_match(&text.chars().collect::<Vec<_>>(), looked_for).is_some()
}

fn first_match(text: &[char], looked_for: &str) -> Option<usize> {
    let words: Vec<Vec<char>> = looked_for
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().collect())
        .collect();
    let find = |alike: fn(char, char) -> bool| words.iter().find_map(|word| position(text, word, alike));
    find(same_letter).or_else(|| find(same_but_for_accents))
}

/// Where a word of the text first begins with another.
fn position(text: &[char], word: &[char], alike: fn(char, char) -> bool) -> Option<usize> {
    let begins_word = |at: usize| {
        at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|before| !before.is_alphanumeric())
    };
    (0..text.len()).find(|at| {
        begins_word(*at)
            && text.get(*at..).is_some_and(|rest| {
                rest.len() >= word.len() && rest.iter().zip(word).all(|(one, other)| alike(*one, *other))
            })
    })
}

fn same_letter(one: char, other: char) -> bool {
    one == other || one.to_lowercase().eq(other.to_lowercase())
}

fn same_but_for_accents(one: char, other: char) -> bool {
    let may_have_accent = |letter: char| !letter.is_ascii() && letter.is_alphabetic();
    same_letter(one, other) || may_have_accent(one) || may_have_accent(other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_text_is_shown_whole() {
        assert_eq!(around("Walked the\n\ndog.", "dog"), "Walked the dog.");
    }

    #[test]
    fn the_match_stands_within_what_is_shown() {
        let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let excerpt = around(&text, "need");
        assert!(excerpt.starts_with('…') && excerpt.ends_with('…'), "{excerpt}");
        assert!(excerpt.contains(" needle "), "{excerpt}");
        assert_eq!(excerpt.chars().count(), AROUND_CHARS + 2);
    }

    #[test]
    fn a_match_near_the_end_shows_the_end() {
        let text = format!("{} needle", "hay ".repeat(100));
        let excerpt = around(&text, "NEEDLE");
        assert!(excerpt.starts_with('…') && excerpt.ends_with("needle"), "{excerpt}");
    }

    #[test]
    fn only_the_beginning_of_a_word_matches() {
        let text = format!("preschool {} school", "and so on ".repeat(30));
        assert!(around(&text, "school").ends_with(" school"));
    }

    #[test]
    fn the_first_word_that_is_there_decides() {
        let text = format!("alpha {} omega", "and so on ".repeat(30));
        assert!(around(&text, "missing omega alpha").ends_with("omega"));
    }

    #[test]
    fn an_accent_is_no_obstacle() {
        let text = format!("{} Zoë came", "and so on ".repeat(30));
        assert!(around(&text, "zoe").contains("Zoë"));
        assert!(around(&text, "zoé").contains("Zoë"));
    }

    #[test]
    fn what_is_not_there_shows_the_beginning() {
        let text = "and so on ".repeat(30);
        assert!(around(&text, "zebra").starts_with("and so on"));
        assert!(around(&text, "?!").starts_with("and so on"));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_none_grows_too_long(text: String, looked_for: String) {
            prop_assert!(around(&text, &looked_for).chars().count() <= AROUND_CHARS + 2);
        }
    }
}
