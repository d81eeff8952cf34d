//! The grammar behind the texts: slots, and the phrases that may fill them, read once from `words/*.txt`.
//!
//! A line `@slot` opens a slot, each line after it is a phrase, `#` comments. In a phrase `{slot}` asks for another
//! phrase and `[this|that|]` for one of several; a `~` in front lets a sentence take a circumstance ("while …").
//! This file knows the notation, not who is spoken of.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The files of `words/`, except the paraphrases, which have a notation of their own.
const SOURCES: &[&str] = &[
    include_str!("words/agreed.txt"),
    include_str!("words/concern.txt"),
    include_str!("words/family.txt"),
    include_str!("words/goals.txt"),
    include_str!("words/life.txt"),
    include_str!("words/openings.txt"),
    include_str!("words/people.txt"),
    include_str!("words/places.txt"),
    include_str!("words/reflect.txt"),
    include_str!("words/risk.txt"),
    include_str!("words/school.txt"),
    include_str!("words/talk.txt"),
    include_str!("words/things.txt"),
    include_str!("words/voice.txt"),
];

/// Deepest nesting of `[…]` that is read; deeper text is dropped.
const NESTING_MAX: u8 = 8;

/// Every slot with its phrases.
pub(super) static GRAMMAR: LazyLock<BTreeMap<&'static str, Vec<Phrase>>> = LazyLock::new(|| {
    let mut slots: BTreeMap<&'static str, Vec<Phrase>> = BTreeMap::new();
    for source in SOURCES {
        let mut slot = "";
        for line in source.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('@') {
                slot = name.trim();
            } else {
                slots.entry(slot).or_default().push(Phrase::read(line));
            }
        }
    }
    slots
});

/// The phrases of a slot; none of a slot that does not exist.
pub(super) fn phrases(slot: &str) -> &'static [Phrase] {
    GRAMMAR.get(slot).map_or(&[], Vec::as_slice)
}

/// One way to fill a slot.
pub(super) struct Phrase {
    /// Whether a circumstance may stand before or after it.
    pub(super) takes_circumstance: bool,
    /// What it is made of, in order.
    pub(super) parts: Vec<Part>,
}

/// A piece of a phrase.
pub(super) enum Part {
    /// Words as they stand.
    Text(&'static str),
    /// A phrase of another slot.
    Slot(&'static str),
    /// One of several sequences.
    Choice(Vec<Vec<Part>>),
}

impl Phrase {
    fn read(line: &'static str) -> Self {
        let (takes_circumstance, text) = line.strip_prefix('~').map_or((false, line), |text| (true, text));
        Self { takes_circumstance, parts: parts(text, NESTING_MAX) }
    }
}

fn parts(text: &'static str, nesting_left: u8) -> Vec<Part> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, from)) = rest.find(['{', '[']).and_then(|at| rest.split_at_checked(at)) {
        if !before.is_empty() {
            found.push(Part::Text(before));
        }
        rest = if let Some(slot) = from.strip_prefix('{') {
            let (name, after) = slot.split_once('}').unwrap_or((slot, ""));
            found.push(Part::Slot(name));
            after
        } else {
            let (inside, after) = bracketed(from);
            if let Some(left) = nesting_left.checked_sub(1) {
                found.push(Part::Choice(inside.into_iter().map(|one| parts(one, left)).collect()));
            }
            after
        };
    }
    if !rest.is_empty() {
        found.push(Part::Text(rest));
    }
    found
}

/// The alternatives of the bracket that `text` begins with, and what follows it.
fn bracketed(text: &'static str) -> (Vec<&'static str>, &'static str) {
    let mut alternatives = Vec::new();
    let (mut depth, mut from) = (0_usize, 1_usize);
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => depth = depth.saturating_add(1),
            '|' if depth == 1 => {
                alternatives.push(text.get(from..at).unwrap_or(""));
                from = at.saturating_add(1);
            }
            ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    alternatives.push(text.get(from..at).unwrap_or(""));
                    return (alternatives, text.get(at.saturating_add(1)..).unwrap_or(""));
                }
            }
            _ => {}
        }
    }
    (alternatives, "")
}
