//! Case notes in a list.
//!
//! First words only, on one line; the note itself is a page of its own.

use crate::contract::NoteRow;

/// Rows of several notes, in the order in which they came.
pub(super) fn note_rows(mut rows: Vec<NoteRow>) -> Vec<NoteRow> {
    for row in &mut rows {
        row.excerpt = super::excerpt::one_line(&row.excerpt);
    }
    rows
}
