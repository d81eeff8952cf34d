//! What somebody changed in a text, word by word.
//!
//! A difference is as fine as the change: words, and in scripts without spaces single characters. Knows nothing of who
//! changed it, nor of other changes.

use super::alignment::{Change, align};
use super::alike::between_alike;
use unicode_segmentation::UnicodeSegmentation;

/// Beyond it, only what lies between stretches that are alike is compared word by word.
const LONG_BYTES: usize = 2 * 1024;
/// So many changed words in a row, with blanks between them, are one phrase: two people who each wrote a sentence anew get
/// two sentences, not one with their words in turn.
const PHRASE_WORDS: usize = 4;

/// One place of a text where bytes go and others come. Places are byte offsets at the edges of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Splice<'text> {
    pub(super) at: usize,
    pub(super) removed: usize,
    pub(super) inserted: &'text str,
}

impl Splice<'_> {
    pub(super) const fn end(&self) -> usize {
        self.at.saturating_add(self.removed)
    }
}

/// What turns one text into another, found once for all who want to know.
#[derive(Clone, Debug)]
pub struct Changes<'text> {
    /// The one text.
    pub before: &'text str,
    /// The other.
    pub after: &'text str,
    pub(super) splices: Vec<Splice<'text>>,
}

impl<'text> Changes<'text> {
    /// Compares two texts.
    #[must_use]
    pub fn between(before: &'text str, after: &'text str) -> Self {
        Self { before, after, splices: differences(before, after) }
    }
}

/// The changes that turn one text into the other, from the first to the last, with something unchanged between any two.
pub(super) fn differences<'text>(before: &str, after: &'text str) -> Vec<Splice<'text>> {
    if before == after {
        return Vec::new();
    }
    // Most saves change little: what stands alike at both ends of a long text is not taken apart into words.
    let alike = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
    let start = edge_before(before, alike);
    let left = before.len().min(after.len()).saturating_sub(alike);
    let tails = before.bytes().rev().zip(after.bytes().rev()).take(left);
    let end = edge_behind(before, tails.take_while(|(one, other)| one == other).count());
    let middle = |text: &str| start..text.len().saturating_sub(end);
    let (Some(old), Some(new)) = (before.get(middle(before)), after.get(middle(after))) else {
        return vec![Splice { at: 0, removed: before.len(), inserted: after }];
    };
    let mut splices = Vec::new();
    let stretches = if old.len().max(new.len()) > LONG_BYTES {
        between_alike(old, new)
    } else {
        vec![(0..old.len(), 0..new.len())]
    };
    for (of_old, of_new) in stretches {
        let at = start.saturating_add(of_old.start);
        let (one, other) = (old.get(of_old).unwrap_or_default(), new.get(of_new).unwrap_or_default());
        word_by_word(one, other, at, &mut splices);
    }
    splices
}

/// The changes from one stretch of a text to another, which begins at a place of it.
fn word_by_word<'text>(old: &str, new: &'text str, start: usize, splices: &mut Vec<Splice<'text>>) {
    let (old_words, new_words) = (words(old), words(new));
    let changes = phrases(align(&old_words, &new_words), &old_words);
    let (old_edges, new_edges) = (edges(&old_words), edges(&new_words));
    let place = |edges: &[usize], word: usize| edges.get(word).copied().unwrap_or_default();
    splices.extend(changes.into_iter().filter_map(|change| {
        let (from, to) = (place(&old_edges, change.old.start), place(&old_edges, change.old.end));
        let inserted = new.get(place(&new_edges, change.new.start)..place(&new_edges, change.new.end))?;
        Some(Splice { at: start.saturating_add(from), removed: to.saturating_sub(from), inserted })
    }));
}

/// Where a word begins behind another and a single space, as late as possible within the first `alike` bytes: there every
/// text falls apart in the same way.
fn edge_before(text: &str, alike: usize) -> usize {
    (2..alike).rev().find(|at| is_edge(text, at.saturating_sub(1))).unwrap_or(0)
}

/// How many of the last `alike` bytes stand behind a word and a single space, beginning with another word.
fn edge_behind(text: &str, alike: usize) -> usize {
    let first = text.len().saturating_sub(alike).saturating_add(1);
    (first..text.len())
        .find(|at| is_edge(text, *at))
        .map_or(0, |at| text.len().saturating_sub(at.saturating_add(1)))
}

/// Whether a single space stands there between two plain letters or digits.
fn is_edge(text: &str, at: usize) -> bool {
    let byte = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)).copied();
    let plain = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    byte(Some(at)) == Some(b' ') && plain(byte(at.checked_sub(1))) && plain(byte(at.checked_add(1)))
}

/// A text as words, blanks and signs; in scripts without spaces as single characters.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in text.split_word_bounds() {
        if word.chars().next().is_some_and(is_katakana) {
            words.extend(word.graphemes(true));
        } else {
            words.push(word);
        }
    }
    words
}

/// The one script without spaces whose characters the rules for words keep together.
const fn is_katakana(letter: char) -> bool {
    matches!(letter, '\u{30a0}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' | '\u{1b000}'..='\u{1b16f}')
}

pub(super) fn is_blank(word: &str) -> bool {
    word.chars().all(char::is_whitespace)
}

/// Where each change begins in the text that it led to.
pub(super) fn places(splices: &[Splice<'_>]) -> Vec<usize> {
    let mut places = Vec::with_capacity(splices.len());
    let mut by = 0_isize;
    for splice in splices {
        places.push(splice.at.saturating_add_signed(by));
        by = by
            .saturating_add(splice.inserted.len().cast_signed())
            .saturating_sub(splice.removed.cast_signed());
    }
    places
}

/// Where each word begins, and where the last one ends.
fn edges(words: &[&str]) -> Vec<usize> {
    let mut edges = Vec::with_capacity(words.len().saturating_add(1));
    let mut at = 0_usize;
    for word in words {
        edges.push(at);
        at = at.saturating_add(word.len());
    }
    edges.push(at);
    edges
}

/// Joins changes with nothing but a blank between them where enough of them follow each other.
fn phrases(changes: Vec<Change>, old: &[&str]) -> Vec<Change> {
    let mut runs: Vec<Vec<Change>> = Vec::new();
    for change in changes {
        let follows = runs.last().and_then(|run| run.last()).is_some_and(|last| {
            let between = old.get(last.old.end..change.old.start);
            between.is_some_and(|between| between.iter().all(|word| is_blank(word)))
        });
        match runs.last_mut().filter(|_| follows) {
            Some(run) => run.push(change),
            None => runs.push(vec![change]),
        }
    }
    let mut phrases = Vec::new();
    for run in runs {
        match (run.first(), run.last()) {
            (Some(first), Some(last)) if run.len() >= PHRASE_WORDS => phrases
                .push(Change { old: first.old.start..last.old.end, new: first.new.start..last.new.end }),
            _ => phrases.extend(run),
        }
    }
    phrases
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(before: &str, after: &str) -> Vec<String> {
        let said = differences(before, after);
        said.iter().map(|one| format!("{}>{}", &before[one.at..one.end()], one.inserted)).collect()
    }

    #[test]
    fn two_changes_of_one_save_are_two_differences() {
        let before = "On Monday he said that he did hit his brother. We agreed to meet again.";
        let after = "On Tuesday he said that he did hit his brother. We agreed to meet on Friday.";
        assert_eq!(said(before, after), ["Monday>Tuesday", "again>on Friday"]);
        assert_eq!(
            said("He was at shcool and left erly.", "He was at school and left early."),
            ["shcool>school", "erly>early"]
        );
    }

    #[test]
    fn a_word_that_becomes_like_its_neighbour_has_not_moved() {
        assert_eq!(said("a b c", "b b c"), ["a>b"]);
        assert_eq!(said("he said he came", "he said she came"), ["he>she"]);
        assert_eq!(said("He came.", "On Monday he came."), ["He>On Monday he"]);
    }

    #[test]
    fn a_word_is_put_in_and_taken_away_with_the_blank_behind_it() {
        assert_eq!(said("He did hit him.", "He did not hit him."), [">not "]);
        assert_eq!(said("He did not hit him.", "He did hit him."), ["not >"]);
        assert_eq!(said("He came.", "He came. Late."), ["> Late."]);
        assert_eq!(said("He met him. We ate.", "He met her. We ate. Late."), ["him>her", "> Late."]);
    }

    #[test]
    fn scripts_without_spaces_differ_by_character() {
        assert_eq!(said("我们在河边走路", "我们在湖边跑路"), ["河>湖", "走>跑"]);
        assert_eq!(said("コーヒーを飲む", "コーラーを飲む"), ["ヒ>ラ"]);
        assert_eq!(said("👨‍👩‍👧 went 🦋", "👨‍👩‍👦 went 🐝"), ["👨‍👩‍👧>👨‍👩‍👦", "🦋>🐝"]);
        assert_eq!(said("ذهبنا إلى المدرسة اليوم", "ذهبنا إلى الحديقة اليوم"), ["المدرسة>الحديقة"]);
        assert_eq!(said("naive cafe\u{301}", "naive cafe"), ["cafe\u{301}>cafe"]);
    }

    #[test]
    fn a_sentence_that_was_written_anew_is_one_difference() {
        assert_eq!(
            said("Then he was calm today.", "Then she did seem upset."),
            ["he was calm today>she did seem upset"]
        );
    }

    #[test]
    fn two_ends_of_a_long_note_and_a_page_between_are_found_without_comparing_everything() {
        let page = |from: usize, to: usize| (from..to).map(|n| format!("word{n} and ")).collect::<String>();
        let before = format!("begun {} ended", page(0, 2_800));
        let after = format!("began {}{}{} ending", page(0, 1_400), page(5_000, 6_000), page(1_400, 2_800));
        let found = differences(&before, &after);
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].inserted, found[2].inserted), ("began", "ending"));
        assert_eq!(found[1].inserted.len(), page(5_000, 6_000).len());
    }

    proptest! {
        #[test]
        fn differences_turn_one_text_into_the_other(
            before in "[ab日ヒ😀é\u{301}\u{200d}\\. \n]{0,40}", after in "[ab日ヒ😀é\u{301}\u{200d}\\. \n]{0,40}",
        ) {
            let mut made = String::new();
            let mut at = 0;
            for one in differences(&before, &after) {
                prop_assert!(one.at >= at);
                made.push_str(&before[at..one.at]);
                made.push_str(one.inserted);
                at = one.end();
            }
            made.push_str(&before[at..]);
            prop_assert_eq!(made, after);
        }
    }
}
