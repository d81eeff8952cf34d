//! Corrections that two people made alike, at once and without knowing of each other, as one.
//!
//! To the text library everything that was typed has a writer. Words put into a text that stands get one of their own, named
//! by what they say and what they stand between, so that whoever types the same there has typed the very same thing. Knows
//! no text, only the places it is given.

use fieldfare_protocol::hash::Hash;

use super::WRITER_MAX;
use super::typing::{Origin, Parts, Put, parts, put_together};

/// Most bytes of a correction: words, not pages, which nobody writes alike by chance.
const CORRECTION_BYTES_MAX: usize = 256;
/// Most corrections of one save that become writers of their own: each costs some 30 bytes, and what changes at more places
/// is a text written anew.
const CORRECTIONS_MAX: usize = 64;

/// An update of one writer with every correction as its own writer; `None` if it holds none.
pub(super) fn as_corrections(update: &[u8], writer: u64) -> Option<Vec<u8>> {
    let Parts { writer: typed_by, first, put, gone } = parts(update)?;
    let ours = |origin: &Option<Origin>| origin.is_some_and(|(by, at)| by == writer && at >= first);
    // What stands beside something typed in the same save cannot be told from where it stands.
    let alone = put.iter().all(|one| !ours(&one.behind) && !ours(&one.before));
    if typed_by != writer || !alone || put.len() > CORRECTIONS_MAX {
        return None;
    }
    let (corrections, rest): (Vec<&Put<'_>>, Vec<&Put<'_>>) =
        put.iter().rev().partition(|one| one.words.len() <= CORRECTION_BYTES_MAX);
    if corrections.is_empty() {
        return None;
    }
    let rest = (!rest.is_empty()).then_some((writer, first, rest));
    let corrections = corrections.into_iter().map(|one| (name(one), 0, vec![one]));
    let by: Vec<_> = rest.into_iter().chain(corrections).collect();
    Some(put_together(&by, gone))
}

/// The writer of a correction: the same for everybody who puts the same words between the same two characters.
fn name(correction: &Put<'_>) -> u64 {
    let place = |origin: Option<Origin>| {
        let (by, at) = origin.unwrap_or((u64::MAX, u64::MAX));
        [by.to_be_bytes(), at.to_be_bytes()].concat()
    };
    let (behind, before) = (place(correction.behind), place(correction.before));
    let hash = Hash::of(&[b"fieldfare correction", &behind, &before, correction.words.as_bytes()]);
    let first = hash.0.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    first & WRITER_MAX
}
