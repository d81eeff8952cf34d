//! The states that a text goes through while someone types it, one state for each batch of keystrokes.
//!
//! Pure but for chance; it knows nothing of drafts, saves or time.

use super::chance::Chance;

/// Fewest and most characters of a batch: a few seconds of typing with a thumb.
const BATCH_CHARS: (usize, usize) = (10, 64);
/// Texts shorter than this are typed from front to back, with no sentence added in the middle afterwards.
const INSERTION_FROM_CHARS: usize = 240;

/// The states, each one whole text; the last is `body`. An empty body has one state, itself.
pub(super) fn states(body: &str, chance: &mut Chance) -> Vec<String> {
    let letters: Vec<char> = body.chars().collect();
    let (from, until) = held_back(&letters, chance);
    let (front, held) = letters.split_at(from.min(letters.len()));
    let (held, back) = held.split_at(until.saturating_sub(from).min(held.len()));

    let mut states = Vec::new();
    let first: Vec<char> = front.iter().chain(back).copied().collect();
    typed(&mut states, &[], &first, &[], chance);
    typed(&mut states, front, held, back, chance);
    if states.last().map(String::as_str) != Some(body) {
        states.push(body.to_owned());
    }
    states
}

/// Types `middle` between two texts that stand already.
fn typed(states: &mut Vec<String>, front: &[char], middle: &[char], back: &[char], chance: &mut Chance) {
    let mut done = 0_usize;
    while done < middle.len() {
        done = done.saturating_add(chance.between(BATCH_CHARS.0, BATCH_CHARS.1)).min(middle.len());
        let standing = middle.iter().take(done);
        if chance.percent(7) && done < middle.len() {
            // A word begun and thought better of: the next state no longer has it.
            let stray = chance.text(&[" and", " th", " becuase", " I thin", " so then", " nto", " he", ".."]);
            states.push(
                front
                    .iter()
                    .chain(standing.clone())
                    .copied()
                    .chain(stray.chars())
                    .chain(back.iter().copied())
                    .collect(),
            );
        }
        states.push(front.iter().chain(standing).chain(back).collect());
    }
}

/// A sentence in the middle that comes to the writer last; an empty range for most texts.
fn held_back(letters: &[char], chance: &mut Chance) -> (usize, usize) {
    if letters.len() < INSERTION_FROM_CHARS || !chance.percent(35) {
        return (0, 0);
    }
    let pairs = letters.iter().zip(letters.iter().skip(1)).enumerate();
    let ends: Vec<usize> =
        pairs.filter(|(_, pair)| *pair == (&'.', &' ')).map(|(at, _)| at.saturating_add(1)).collect();
    let which = chance.below(ends.len().saturating_sub(1));
    match (ends.get(which), ends.get(which.saturating_add(1))) {
        (Some(from), Some(until)) => (*from, *until),
        _ => (0, 0),
    }
}
