//! One case note in a list.
//!
//! First words only; the note itself is a page of its own.

use crate::contract::NoteRow;
use crate::store::NoteLine;

/// Rows of several notes, in the order in which they came.
pub(super) fn note_rows(lines: Vec<NoteLine>) -> Vec<NoteRow> {
    lines
        .into_iter()
        .map(|line| NoteRow {
            note: line.note,
            began_at_ms: line.began_at_ms,
            excerpt: super::excerpt::one_line(&line.excerpt),
            signed: line.signed,
            struck: line.struck,
            made: line.made,
        })
        .collect()
}
