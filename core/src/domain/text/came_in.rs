//! What a merge brought into a text, by whom, until somebody has looked.
//!
//! Places that move along as the text changes. Whose device it is that somebody looks at is not known here.

use serde::{Deserialize, Serialize};

use super::Changes;
use super::difference::{Splice, differences, places};

/// Most places that are told apart in one text; beyond it the two nearest become one.
const PIECES_MAX: usize = 100;
/// Most characters that are kept of what a merge took away.
const GONE_CHARS_MAX: usize = 1_000;

/// Who changed a text, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// From which device.
    pub device: [u8; 16],
    /// When, as a stamp.
    pub stamp: u64,
    /// How far that device's clock was ahead, in milliseconds.
    pub ahead_ms: i64,
}

/// A place that a merge changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Piece {
    at: usize,
    length: usize,
    gone: String,
    by: By,
}

/// All places of a text that a merge changed and nobody has looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameIn(Vec<Piece>);

/// A stretch of a text as it is shown; together they are the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'t> {
    /// The words; empty where something only went.
    pub words: &'t str,
    /// What stood there before.
    pub gone: &'t str,
    /// Who brought it in; nobody where nothing came in.
    pub by: Option<By>,
    /// Whether the same words stand right before it: two people wrote them.
    pub twice: bool,
}

impl CameIn {
    /// As it is stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// As it was stored; nothing if that is damaged.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        postcard::from_bytes(bytes).unwrap_or_default()
    }

    /// Whether there is nothing to look at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// After the text has changed: by somebody else, whose words are to be looked at, or here.
    #[must_use]
    pub fn changed(&self, changes: &Changes<'_>, by: Option<By>) -> Self {
        let splices = &changes.splices;
        let mut pieces: Vec<Piece> = self.0.iter().flat_map(|piece| piece.moved(splices)).collect();
        if let Some(by) = by {
            pieces.extend(splices.iter().zip(places(splices)).map(|(splice, at)| {
                let gone = changes.before.get(splice.at..splice.end()).unwrap_or_default();
                Piece { at, length: splice.inserted.len(), gone: cut(gone), by }
            }));
            pieces.sort_by_key(|piece| (piece.at, piece.length));
        }
        while pieces.len() > PIECES_MAX {
            join_nearest(&mut pieces);
        }
        Self(pieces)
    }

    /// After somebody has looked at a text that may have changed since.
    #[must_use]
    pub fn looked_at(&self, seen: &str, now: &str) -> Self {
        let splices = differences(seen, now);
        let came_since: Vec<(usize, usize)> = splices
            .iter()
            .zip(places(&splices))
            .map(|(splice, at)| (at, at.saturating_add(splice.inserted.len())))
            .collect();
        let is_new = |piece: &&Piece| {
            came_since.iter().any(|(from, to)| {
                let touches = piece.at <= *to && piece.end() >= *from;
                let overlaps = piece.at < *to && piece.end() > *from;
                overlaps || touches && (piece.length == 0 || from == to)
            })
        };
        Self(self.0.iter().filter(is_new).cloned().collect())
    }

    /// The text in stretches; one that nobody changed is one stretch.
    #[must_use]
    pub fn shown<'t>(&'t self, text: &'t str) -> Vec<Shown<'t>> {
        let mut shown = Vec::new();
        let mut at = 0;
        let plain = |from: usize, to: usize, shown: &mut Vec<Shown<'t>>| {
            let words = text.get(from..to).unwrap_or_default();
            if !words.is_empty() {
                shown.push(Shown { words, gone: "", by: None, twice: false });
            }
        };
        for piece in &self.0 {
            let Some(words) = text.get(piece.at.max(at)..piece.end().max(at)) else { continue };
            plain(at, piece.at, &mut shown);
            let behind = text.get(piece.end()..).unwrap_or_default();
            let before = text.get(..piece.at).unwrap_or_default();
            let alike = words.trim();
            let twice = !alike.is_empty()
                && (before.trim_end().ends_with(alike) || behind.trim_start().starts_with(alike));
            shown.push(Shown { words, gone: &piece.gone, by: Some(piece.by), twice });
            at = piece.end().max(at);
        }
        plain(at, text.len(), &mut shown);
        shown
    }

    /// The text without what came in at one place, and with what it took away; `None` if there is no such stretch.
    #[must_use]
    pub fn without(&self, text: &str, stretch: usize) -> Option<String> {
        let shown = self.shown(text);
        shown.get(stretch)?.by?;
        let said = shown.iter().enumerate();
        Some(said.map(|(at, one)| if at == stretch { one.gone } else { one.words }).collect())
    }
}

impl Piece {
    const fn end(&self) -> usize {
        self.at.saturating_add(self.length)
    }

    /// Where it is once a text has changed: without what was taken away of it, in parts where something was put into it.
    fn moved(&self, splices: &[Splice<'_>]) -> Vec<Self> {
        let mut parts = Vec::new();
        let part = |from: usize, to: usize, by: isize| Self {
            at: from.saturating_add_signed(by),
            length: to.saturating_sub(from),
            ..self.clone()
        };
        let (mut at, mut by) = (self.at, 0_isize);
        for splice in splices {
            let moves = splice.inserted.len().cast_signed().saturating_sub(splice.removed.cast_signed());
            // What stands at a place and has no length stays before what is put in there.
            if splice.at > self.end()
                || splice.at == self.end() && self.length > 0
                || splice.at == self.at && self.length == 0
            {
                break;
            }
            if splice.at > at {
                parts.push(part(at, splice.at, by));
            }
            at = at.max(splice.end());
            by = by.saturating_add(moves);
        }
        if at < self.end() || self.length == 0 && at == self.at {
            parts.push(part(at, self.end(), by));
        }
        // What it took away is told once.
        for rest in parts.iter_mut().skip(1) {
            rest.gone.clear();
        }
        parts
    }
}

fn cut(gone: &str) -> String {
    match gone.char_indices().nth(GONE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", gone.get(..end).unwrap_or_default()),
        None => gone.to_owned(),
    }
}

/// Makes one piece of the two that lie nearest each other; it is the later one's.
fn join_nearest(pieces: &mut Vec<Piece>) {
    let gaps = pieces.windows(2).enumerate().filter_map(|(at, pair)| match pair {
        [one, other] => Some((other.at.saturating_sub(one.end()), at)),
        _ => None,
    });
    let Some((_, first)) = gaps.min() else { return pieces.clear() };
    let second = pieces.remove(first.saturating_add(1));
    if let Some(one) = pieces.get_mut(first) {
        one.length = one.length.max(second.end().saturating_sub(one.at));
        one.gone = cut(&format!("{} {}", one.gone, second.gone));
        one.by = if second.by.stamp > one.by.stamp { second.by } else { one.by };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THEM: By = By { device: [2; 16], stamp: 7, ahead_ms: 0 };
    const OTHER: By = By { device: [3; 16], stamp: 9, ahead_ms: 0 };

    fn told(came: &CameIn, text: &str) -> String {
        let shown = came.shown(text);
        let told = shown.iter().map(|one| match (one.by, one.gone) {
            (None, _) => one.words.to_owned(),
            (Some(by), "") => format!("[{}{}]", one.words, by.device[0]),
            (Some(by), gone) => format!("[{}{}-{gone}]", one.words, by.device[0]),
        });
        told.collect()
    }

    #[test]
    fn what_came_in_is_told_until_it_was_looked_at_and_moves_along() {
        let (base, theirs) = ("He did hit him.", "He did not hit her.");
        let came = CameIn::default().changed(&Changes::between(base, theirs), Some(THEM));
        assert_eq!(told(&came, theirs), "He did [not 2]hit [her2-him].");
        let ours = "On Monday he did not hit her, he said.";
        let came = came.changed(&Changes::between(theirs, ours), None);
        assert_eq!(told(&came, ours), "On Monday he did [not 2]hit [her2-him], he said.");
        let more = "On Monday he did not hit her, he said. Late.";
        let came = came.changed(&Changes::between(ours, more), Some(OTHER));
        assert_eq!(
            told(&came.looked_at(ours, more), more),
            "On Monday he did not hit her, he said.[ Late.3]"
        );
        assert!(came.looked_at(more, more).is_empty());
    }

    #[test]
    fn what_only_went_is_told_too_and_can_be_put_back() {
        let (base, theirs) = ("He did not hit him.", "He did hit him.");
        let came = CameIn::default().changed(&Changes::between(base, theirs), Some(THEM));
        assert_eq!(told(&came, theirs), "He did [2-not ]hit him.");
        assert_eq!(came.without(theirs, 1).as_deref(), Some(base));
        assert_eq!(came.without(theirs, 0), None);
        assert_eq!(came.without(theirs, 9), None);
    }

    #[test]
    fn what_stands_twice_is_told_and_one_of_it_goes() {
        let (base, theirs) = ("He left early.", "He left earlyearly.");
        let came = CameIn(vec![Piece { at: 13, length: 5, gone: String::new(), by: THEM }]);
        assert_eq!(came.shown(theirs).iter().map(|one| one.twice).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(came.without(theirs, 1).as_deref(), Some(base));
    }

    #[test]
    fn a_text_changed_everywhere_keeps_no_more_places_than_it_may() {
        let word = |new: bool| {
            (0..400).map(move |n| if new && n % 2 == 0 { format!("x{n} ") } else { format!("w{n} ") })
        };
        let (base, theirs): (String, String) = (word(false).collect(), word(true).collect());
        let came = CameIn::default().changed(&Changes::between(&base, &theirs), Some(THEM));
        assert_eq!(came.0.len(), PIECES_MAX);
    }

    proptest! {
        #[test]
        fn the_stretches_are_the_text_whatever_happens_to_it(
            steps in prop::collection::vec(("[ab日 ]{0,20}", 0_u8..3), 1..8),
        ) {
            let (mut came, mut text) = (CameIn::default(), String::new());
            for (next, who) in steps {
                let by = (who > 0).then_some(By { device: [who; 16], stamp: 1, ahead_ms: 0 });
                came = came.changed(&Changes::between(&text, &next), by);
                text = next;
                prop_assert_eq!(came.shown(&text).iter().map(|one| one.words).collect::<String>(), text.clone());
                prop_assert_eq!(CameIn::from_bytes(&came.to_bytes()), came.clone());
            }
        }
    }
}
