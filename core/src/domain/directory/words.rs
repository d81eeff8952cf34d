//! Published text cut into words that can be compared: lower case, without apostrophes, each knowing where it stood.
//!
//! It does not know what any word means.

/// A word, or a break between two lists, whose `folded` is empty.
pub(super) struct Word {
    /// Byte at which the word starts in the text.
    pub(super) start: usize,
    /// Byte after its last.
    pub(super) end: usize,
    /// The word in lower case, without apostrophes; "and" for "&" and "+".
    pub(super) folded: String,
}

/// The words of a text in order. Lists break at ";", ",", "/", "|", brackets and line ends; words also at any other mark.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    for (start, character) in text.char_indices() {
        let end = start.saturating_add(character.len_utf8());
        if character.is_alphanumeric() || is_apostrophe(character) {
            let word = open.get_or_insert_with(|| Word { start, end, folded: String::new() });
            word.end = end;
            if character.is_alphanumeric() {
                word.folded.extend(character.to_lowercase());
            }
            continue;
        }
        words.extend(open.take().filter(|word| !word.folded.is_empty()));
        match character {
            ';' | ',' | '/' | '|' | '(' | ')' | '[' | ']' | '\n' | '\r' => {
                words.push(Word { start, end, folded: String::new() });
            }
            '&' | '+' => words.push(Word { start, end, folded: String::from("and") }),
            _ => {}
        }
    }
    words.extend(open.filter(|word| !word.folded.is_empty()));
    words
}

/// Whether these words are exactly the phrase, which is in lower case with single spaces.
pub(super) fn spell(words: &[Word], phrase: &str) -> bool {
    words.iter().map(|word| word.folded.as_str()).eq(phrase.split(' '))
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’' | '‘' | 'ʼ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_fold_case_and_apostrophes_and_keep_their_place() {
        let text = "King’s Hill;West-Malling & Öst";
        let found = words(text);
        let folded: Vec<&str> = found.iter().map(|word| word.folded.as_str()).collect();
        assert_eq!(folded, ["kings", "hill", "", "west", "malling", "and", "öst"]);
        assert_eq!(text.get(found[0].start..found[1].end), Some("King’s Hill"));
    }

    #[test]
    fn a_phrase_is_spelled_by_all_of_its_words_and_no_more() {
        let found = words("Tonbridge and Malling");
        assert!(spell(&found, "tonbridge and malling"));
        assert!(!spell(&found, "tonbridge and"));
        assert!(!spell(&found[..1], "tonbridge and malling"));
    }

    proptest! {
        #[test]
        fn every_word_of_any_text_can_be_found_where_it_says(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(text.get(word.start..word.end).is_some_and(|found| !found.is_empty()));
            }
        }
    }
}
