//! Which words of one text stand again in another, and which were changed.
//!
//! The cheapest way from one to the other, where a word that was changed costs less than one gone and another added: the
//! shortest list of changes, as libraries give it, takes a word changed into one like its neighbour for a neighbour that
//! moved. Knows words only as equal or not.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::alike::once_in_both;
use super::difference::is_blank;

/// Most cells of one comparison, which bounds time and memory whatever is compared: a note of 40,000 characters with some
/// twenty changes fits in.
const CELLS_MAX: usize = 1_500_000;
/// By how many words two texts are first believed to be apart; doubled as long as it was too little.
const BAND_FIRST: usize = 8;
/// What it costs to put a word or a sign in or to take one away.
const WORD: u32 = 10;
/// The same for a blank: it says nothing by itself.
const BLANK: u32 = 1;
/// What it costs to put one word in another's place: less than to let one go here and to add one there, so that a word
/// that was changed into one like its neighbour is not taken for a neighbour that moved.
const REPLACED: u32 = 19;
/// The same where only the case of letters differs: a sentence that begins otherwise has the same words after that.
const CASE_CHANGED: u32 = 12;
/// What a way pays at least, by and large, for each word, sign or blank that it leaves alone outside the band.
const OUTSIDE: u32 = 5;
/// More than any way costs.
const FAR: u32 = u32::MAX / 2;

/// Words of the one text that gave way to words of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The changes from one text to the other, with at least one unchanged word between any two.
pub(super) fn align(old: &[&str], new: &[&str]) -> Vec<Change> {
    let mut numbers = BTreeMap::new();
    let (old, new) = (numbered(&mut numbers, old), numbered(&mut numbers, new));
    let mut found = Found::default();
    stretch(&old, &new, (0, 0), &mut found);
    found.changes
}

fn numbered<'text>(numbers: &mut BTreeMap<Cow<'text, str>, usize>, words: &[&'text str]) -> Vec<Word> {
    let number = |word: &&'text str| {
        let mut number = |spelled: Cow<'text, str>| {
            let next = numbers.len();
            *numbers.entry(spelled).or_insert(next)
        };
        let exact = number(Cow::Borrowed(word));
        let is_small = !word.chars().any(char::is_uppercase);
        let alike = if is_small { exact } else { number(Cow::Owned(word.to_lowercase())) };
        Word { number: exact, alike, blank: is_blank(word), stop: word.chars().all(is_stop) }
    };
    words.iter().map(number).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Word {
    number: usize,
    /// Of the same word in small letters.
    alike: usize,
    blank: bool,
    /// A full stop, a comma or the like.
    stop: bool,
}

impl Word {
    /// What it costs to put it in or to take it away.
    const fn cost(&self) -> u32 {
        if self.blank { BLANK } else { WORD }
    }
}

/// Changes found so far, in order.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
}

impl Found {
    /// One more, joined to the last where nothing stands between them.
    fn add(&mut self, old: Range<usize>, new: Range<usize>) {
        match self.changes.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => self.changes.push(Change { old, new }),
        }
    }
}

/// Aligns two stretches that begin at a place of the texts.
fn stretch(old: &[Word], new: &[Word], (old_at, new_at): (usize, usize), found: &mut Found) {
    let start = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let (old, new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
    // A blank or a full stop belongs to the word before it: what came or went in front of the tail takes along what is
    // behind it.
    let tail = old.get(old.len().saturating_sub(end)..).unwrap_or_default();
    let end = end.saturating_sub(tail.iter().take_while(|word| word.blank || word.stop).count());
    let old = old.get(..old.len().saturating_sub(end)).unwrap_or_default();
    let new = new.get(..new.len().saturating_sub(end)).unwrap_or_default();
    let at = (old_at.saturating_add(start), new_at.saturating_add(start));
    if old.is_empty() && new.is_empty() {
        return;
    }
    if old.is_empty() || new.is_empty() {
        return replaced(old, new, at, found);
    }
    if let Some(table) = Table::within_reach(old, new) {
        return table.walk(old, new, at, found);
    }
    // Too far apart to be compared word by word: what stands once in each and in the same order holds them together.
    let anchors = once_in_both(old.iter().map(|word| word.number), new.iter().map(|word| word.number));
    if anchors.is_empty() {
        return replaced(old, new, at, found);
    }
    let (mut old_from, mut new_from) = (0, 0);
    for (old_to, new_to) in anchors.into_iter().chain([(old.len(), new.len())]) {
        let (one, other) = (old.get(old_from..old_to), new.get(new_from..new_to));
        let place = (at.0.saturating_add(old_from), at.1.saturating_add(new_from));
        stretch(one.unwrap_or_default(), other.unwrap_or_default(), place, found);
        (old_from, new_from) = (old_to.saturating_add(1), new_to.saturating_add(1));
    }
}

fn replaced(old: &[Word], new: &[Word], at: (usize, usize), found: &mut Found) {
    found.add(at.0..at.0.saturating_add(old.len()), at.1..at.1.saturating_add(new.len()));
}

/// What is left to pay from each pair of places on, for pairs that lie near each other.
struct Table {
    /// By how much the place in the new text may be behind the one in the old.
    behind: usize,
    width: usize,
    left: Vec<u32>,
}

impl Table {
    /// Fills a table that holds the cheapest way, if that fits.
    fn within_reach(old: &[Word], new: &[Word]) -> Option<Self> {
        let longer = new.len().saturating_sub(old.len());
        let shorter = old.len().saturating_sub(new.len());
        let mut band = BAND_FIRST;
        loop {
            let behind = shorter.saturating_add(band);
            let width = behind.saturating_add(longer).saturating_add(band).saturating_add(1);
            if width.saturating_mul(old.len().saturating_add(1)) > CELLS_MAX {
                return None;
            }
            let table = Self::filled(old, new, behind, width);
            // A way that leaves the band has to come back: it pays for the way out and for the way back.
            let words_outside =
                band.saturating_add(1).saturating_mul(2).saturating_add(longer).saturating_add(shorter);
            let outside = u32::try_from(words_outside).unwrap_or(FAR).saturating_mul(OUTSIDE);
            if table.left(0, 0) <= outside {
                return Some(table);
            }
            band = band.saturating_mul(2);
        }
    }

    fn filled(old: &[Word], new: &[Word], behind: usize, width: usize) -> Self {
        let cells = width.saturating_mul(old.len().saturating_add(1));
        let mut table = Self { behind, width, left: vec![FAR; cells] };
        for at in (0..=old.len()).rev() {
            let Some((above, below)) =
                table.left.split_at_mut_checked(at.saturating_add(1).saturating_mul(width))
            else {
                break;
            };
            let row = above.get_mut(at.saturating_mul(width)..).unwrap_or_default();
            let one = old.get(at);
            let first = behind.saturating_sub(at);
            let last = new.len().saturating_add(behind).saturating_sub(at).min(width.saturating_sub(1));
            // What one word further on in the new text costs in this row, and in the row below, where it stands one to the left.
            let mut added_from = FAR;
            for column in (first..=last).rev() {
                let other = new.get(at.saturating_add(column).saturating_sub(behind));
                let gone_from =
                    column.checked_sub(1).and_then(|column| below.get(column)).copied().unwrap_or(FAR);
                let both_from = below.get(column).copied().unwrap_or(FAR);
                let cost = match (one, other) {
                    (None, None) => 0,
                    (Some(one), None) => gone_from.saturating_add(one.cost()),
                    (None, Some(other)) => added_from.saturating_add(other.cost()),
                    (Some(one), Some(other)) => {
                        let gone = gone_from.saturating_add(one.cost());
                        let added = added_from.saturating_add(other.cost());
                        gone.min(added).min(both_from.saturating_add(step(one, other)))
                    }
                };
                if let Some(cell) = row.get_mut(column) {
                    *cell = cost;
                }
                added_from = cost;
            }
        }
        table
    }

    fn cell(&self, at: usize, other: usize) -> Option<usize> {
        let column =
            other.saturating_add(self.behind).checked_sub(at).filter(|column| *column < self.width)?;
        at.checked_mul(self.width)?.checked_add(column)
    }

    fn left(&self, at: usize, other: usize) -> u32 {
        self.cell(at, other).and_then(|cell| self.left.get(cell)).copied().unwrap_or(FAR)
    }

    /// Goes the cheapest way. Of two that cost the same it takes the one that keeps words as early as it can, so that a word
    /// comes and goes with the blank behind it.
    fn walk(&self, old: &[Word], new: &[Word], place: (usize, usize), found: &mut Found) {
        let (mut at, mut other) = (0, 0);
        while at < old.len() || other < new.len() {
            let left = self.left(at, other);
            let (next, next_other) = (at.saturating_add(1), other.saturating_add(1));
            let goes = |to: u32, cost: u32| to.saturating_add(cost) == left;
            let (one, another) = (old.get(at), new.get(other));
            let (to, to_other, kept) = match (one, another) {
                (Some(one), Some(another)) if goes(self.left(next, next_other), step(one, another)) => {
                    (next, next_other, one == another)
                }
                (Some(one), _) if goes(self.left(next, other), one.cost()) => (next, other, false),
                (_, Some(_)) => (at, next_other, false),
                _ => (next, other, false),
            };
            if !kept {
                let shifted = |range: Range<usize>, by: usize| {
                    range.start.saturating_add(by)..range.end.saturating_add(by)
                };
                found.add(shifted(at..to, place.0), shifted(other..to_other, place.1));
            }
            (at, other) = (to, to_other);
        }
    }
}

/// Whether a letter divides words or sentences, in the scripts that we know of.
const fn is_stop(letter: char) -> bool {
    letter.is_ascii_punctuation()
        || matches!(letter, '\u{2010}'..='\u{205e}' | '\u{3001}'..='\u{301f}' | '\u{60c}' | '\u{61b}' | '\u{61f}')
}

/// What it costs to go on by one word in both texts.
const fn step(one: &Word, other: &Word) -> u32 {
    match (one.number == other.number, one.blank, other.blank) {
        (true, ..) => 0,
        (false, true, true) => BLANK,
        (false, false, false) if one.alike == other.alike => CASE_CHANGED,
        (false, false, false) => REPLACED,
        // A blank is no word: one is not written in the other's place.
        (false, ..) => FAR,
    }
}
