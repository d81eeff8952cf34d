//! What stands in one field of a record, as pages need it: the value that is shown, or all of a set.
//!
//! Settles nothing: which value is shown is the domain's to say.

use crate::contract::{Made, Problem, RecordId};
use crate::domain::field::Field;
use crate::domain::merge::{self, Held};
use crate::domain::value::Value;
use crate::store::{Read, StandingValue};

/// The value of a field that is shown, with where it came from.
pub(super) fn shown(
    read: &Read<'_>,
    record: RecordId,
    field: &Field,
) -> Result<Option<StandingValue>, Problem> {
    let standing = read.standing(record, field.name)?;
    let held: Vec<Held> = standing.iter().map(|value| value.held.clone()).collect();
    let edit = merge::shown(&field.kind, &held).map(|one| one.edit);
    Ok(standing.into_iter().find(|value| Some(value.held.edit) == edit))
}

/// Texts of a set, each once, in alphabetical order.
pub(super) fn texts(read: &Read<'_>, record: RecordId, field: &Field) -> Result<Vec<String>, Problem> {
    let standing = read.standing(record, field.name)?;
    let mut texts: Vec<String> = standing.iter().filter_map(text).map(str::to_owned).collect();
    texts.sort();
    texts.dedup();
    Ok(texts)
}

/// The text of a value, if it is one.
pub(super) fn text(value: &StandingValue) -> Option<&str> {
    value.held.value.as_ref().and_then(Value::as_text)
}

/// Who brought a value, and when.
pub(super) fn made(read: &Read<'_>, value: &StandingValue) -> Result<Made, Problem> {
    Ok(read.made_value(value)?)
}
