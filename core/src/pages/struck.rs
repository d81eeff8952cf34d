//! That a record was taken back, by whom and why, and whether somebody went on without knowing.
//!
//! A record that was taken back is still there and still drawn; who may take one back is not decided here.

use crate::contract::{Problem, RecordId, Struck};
use crate::domain::field::STRUCK;
use crate::store::Read;

use super::standing::{made, shown, text};

/// How a record was taken back, if it was.
///
/// An edit counts as made without knowing when whoever took the record back had not seen it, whatever the clocks said:
/// nobody who knows of it is offered to edit.
pub(super) fn struck(read: &Read<'_>, record: RecordId) -> Result<Option<Struck>, Problem> {
    let Some(value) = shown(read, record, &STRUCK)? else {
        return Ok(None);
    };
    let Some(reason) = text(&value) else {
        return Ok(None);
    };
    Ok(Some(Struck {
        reason: reason.to_owned(),
        made: made(read, &value)?,
        edited_since: read.edited_meanwhile(record)?.is_some(),
    }))
}
