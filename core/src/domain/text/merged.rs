//! Two changes of one text put together, word by word.
//!
//! For a screen that shows an older text than the one that stands. What both changed alike is changed once; what both changed
//! otherwise stands twice, and nobody's new word is lost. Pure; the same for every device.

use super::difference::{Splice, differences};

/// What a screen made of the first of some texts, carried on to the last of them. Each grew out of the one before: step by
/// step, since several changes at once can look like others.
pub(super) fn carried(since: &[String], made: &str) -> String {
    let steps = since.windows(2);
    steps.fold(made.to_owned(), |made, step| match step {
        [older, newer] => merged(older, &made, newer),
        _ => made,
    })
}

/// A text that both ours and theirs were made of, with the changes of both.
pub(super) fn merged(base: &str, ours: &str, theirs: &str) -> String {
    if base == theirs || ours == theirs {
        return ours.to_owned();
    }
    if base == ours {
        return theirs.to_owned();
    }
    let (ours, theirs) = (differences(base, ours), differences(base, theirs));
    let mut pieces: Vec<Piece<'_>> = theirs.iter().map(|splice| Piece { splice, ours: false }).collect();
    for splice in &ours {
        // Both put the same words in the place of the same ones.
        if !theirs.iter().any(|their| their == splice) {
            pieces.push(Piece { splice, ours: true });
        }
    }
    pieces.sort_by_key(Piece::place);
    let mut merged = String::with_capacity(base.len());
    let mut at = 0;
    for Piece { splice, .. } in &pieces {
        // What somebody else took away already does not come back with the words before this change.
        merged.push_str(base.get(at..splice.at).unwrap_or_default());
        merged.push_str(splice.inserted);
        at = at.max(splice.end());
    }
    merged.push_str(base.get(at..).unwrap_or_default());
    merged
}

struct Piece<'s> {
    splice: &'s Splice<'s>,
    ours: bool,
}

impl Piece<'_> {
    /// By the first byte that is changed; what is only put in before a word stands before what is written in its place.
    const fn place(&self) -> (usize, bool, bool) {
        (self.splice.at, self.splice.removed > 0, self.ours)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_of_both_stand_and_what_both_corrected_stands_once() {
        let base = "He was at shcool. He did hit him.";
        let ours = "He was at school. He did not hit him.";
        let theirs = "She was at school. He did hit him. Left at noon.";
        assert_eq!(merged(base, ours, theirs), "She was at school. He did not hit him. Left at noon.");
        assert_eq!(merged(base, ours, ours), ours);
        assert_eq!(merged(base, base, theirs), theirs);
        assert_eq!(merged(base, ours, base), ours);
    }

    #[test]
    fn what_both_wrote_otherwise_stands_twice() {
        assert_eq!(merged("He hit him.", "He pushed him.", "He kicked him."), "He kickedpushed him.");
        assert_eq!(merged("one two three", "one three", "one 2 three"), "one 2three");
    }

    proptest! {
        #[test]
        fn whoever_is_asked_says_the_same_but_for_the_order_at_one_place(
            base in "[abc ]{0,16}", ours in "[abcX ]{0,16}", theirs in "[abcY ]{0,16}",
        ) {
            let letters = |text: String| {
                let mut letters: Vec<char> = text.chars().collect();
                letters.sort_unstable();
                letters
            };
            prop_assert_eq!(letters(merged(&base, &ours, &theirs)), letters(merged(&base, &theirs, &ours)));
        }
    }
}
