//! Case notes in a list.
//!
//! First words only, on one line; the note itself is a page of its own.

use crate::contract::{NoteRow, Problem};
use crate::store::Read;

use super::kept::Keeping;

/// Rows of several notes, each with the row of its vault, in the order in which they came.
pub(super) fn note_rows(
    read: &Read<'_>,
    keeping: &mut Keeping,
    rows: Vec<(NoteRow, i64)>,
) -> Result<Vec<NoteRow>, Problem> {
    rows.into_iter()
        .map(|(row, vault_no)| {
            let excerpt = super::excerpt::one_line(&row.excerpt);
            Ok(NoteRow { excerpt, kept: keeping.of(read, vault_no)?, ..row })
        })
        .collect()
}
