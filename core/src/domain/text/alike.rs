//! Where two long texts are alike for some words in a row, found without looking at each word.
//!
//! So that only what lies between is compared word by word: a long note is saved every few seconds, and changed at few
//! places. What stands once in each text and in the same order is alike; a single word is too short to be sure of.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

/// So many pieces in a row have to be the same, and nowhere else in either text.
const ROW: usize = 6;

/// Where two texts differ, as stretches of both from the first to the last; they begin and end some pieces away from what
/// differs.
pub(super) fn between_alike(old: &str, new: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let (old_ends, new_ends) = (pieces(old), pieces(new));
    let mut found = Vec::new();
    let (mut old_from, mut new_from) = (0, 0);
    let middle = |ends: &[usize], row: usize| {
        ends.get(row.saturating_add(ROW / 2).saturating_sub(1)).copied().unwrap_or_default()
    };
    let alike = once_in_both(rows(old, &old_ends), rows(new, &new_ends)).into_iter();
    let cuts = alike.map(|(one, other)| (middle(&old_ends, one), middle(&new_ends, other)));
    for (old_to, new_to) in cuts.chain([(old.len(), new.len())]) {
        if old.get(old_from..old_to) != new.get(new_from..new_to) {
            found.push((old_from..old_to, new_from..new_to));
        }
        (old_from, new_from) = (old_to, new_to);
    }
    found
}

/// Where each piece of a text ends: a word with the blank behind it, or one character of a script without spaces.
fn pieces(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    for (at, letter) in text.char_indices() {
        if letter == ' ' || letter == '\n' || is_written_alone(letter) {
            ends.push(at.saturating_add(letter.len_utf8()));
        }
    }
    if ends.last().is_none_or(|last| *last < text.len()) {
        ends.push(text.len());
    }
    ends
}

/// Han and kana, which no mark behind them belongs to.
const fn is_written_alone(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// Every six pieces of a text that stand in a row.
fn rows<'text>(text: &'text str, ends: &[usize]) -> impl Iterator<Item = &'text str> {
    let begins = [0].into_iter().chain(ends.iter().copied());
    let ends = ends.iter().copied().skip(ROW.saturating_sub(1));
    begins.zip(ends).map(|(from, to)| text.get(from..to).unwrap_or_default())
}

/// Pairs of places of what stands once in each of two texts, in the longest row that is in order in both.
pub(super) fn once_in_both<T: Eq + Hash>(
    old: impl Iterator<Item = T>,
    new: impl Iterator<Item = T>,
) -> Vec<(usize, usize)> {
    let there = once(new);
    let mut pairs: Vec<(usize, usize)> = once(old)
        .into_iter()
        .filter_map(|(one, place)| Some((place?, there.get(&one).copied().flatten()?)))
        .collect();
    pairs.sort_unstable();
    in_order(&pairs)
}

/// Where each stands that stands once.
fn once<T: Eq + Hash>(all: impl Iterator<Item = T>) -> HashMap<T, Option<usize>> {
    let mut places = HashMap::with_capacity(all.size_hint().0);
    for (place, one) in all.enumerate() {
        places.entry(one).and_modify(|once| *once = None).or_insert(Some(place));
    }
    places
}

/// Of pairs in the order of their first halves, the longest row in which the second halves are in order too.
fn in_order(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // By the least last place of each length.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let there = |pair: usize| pairs.get(pair).map_or(usize::MAX, |(_, place)| *place);
    for (pair, (_, place)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| there(*end) < *place);
        before.push(length.checked_sub(1).and_then(|last| ends.get(last)).copied());
        match ends.get_mut(length) {
            Some(end) => *end = pair,
            None => ends.push(pair),
        }
    }
    let mut row = Vec::new();
    let mut last = ends.last().copied();
    while let Some(pair) = last {
        row.extend(pairs.get(pair).copied());
        last = before.get(pair).copied().flatten();
    }
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_between_alike_rows_is_left() {
        let words = |changed: &[usize]| {
            let word = |number: usize| {
                if changed.contains(&number) { format!("x{number} ") } else { format!("w{} ", number % 90) }
            };
            (0..1_000).map(word).collect::<String>()
        };
        let (old, new) = (words(&[]), words(&[100, 700]));
        // Nothing stands once in a text that says the same again and again.
        assert_eq!(between_alike(&old, &new).len(), 1);
        let told = |changed: &[usize]| {
            words(changed)
                .split(' ')
                .enumerate()
                .map(|(at, word)| format!("{word}{} ", at / 90))
                .collect::<String>()
        };
        let (old, new) = (told(&[]), told(&[100, 700]));
        let found = between_alike(&old, &new);
        assert_eq!(found.len(), 2);
        for (one, other) in found {
            assert!(one.len() < 100 && other.len() < 100, "{one:?} {other:?}");
        }
        assert_eq!(between_alike(&old, &old), []);
    }

    #[test]
    fn what_lies_between_joins_to_the_whole() {
        let old = "星期一我们在河边走路他说他没有打他的弟弟他很平静后来又不平静我们说好星期五再见面";
        let new = "星期二我们在河边走路他说他没有打他的弟弟他很高兴后来又不平静我们说好星期五再见面";
        let mut made = String::new();
        let mut at = 0;
        for (one, other) in between_alike(old, new) {
            made.push_str(&old[at..one.start]);
            made.push_str(&new[other]);
            at = one.end;
        }
        assert_eq!(made + &old[at..], new);
    }
}
