//! Deciding between values that were recorded at the same time.
//!
//! The decision is an edit like any other: it replaces all of them by the one that holds. A record that was taken back while
//! somebody edited it stays taken back, now knowingly, or comes back.

use super::Outcome;
use super::allowed::ask_decide;
use super::work::{Place, Work, refused};
use crate::contract::{Problem, RecordId, Thing};
use crate::domain::edit::EditRef;
use crate::domain::field::STRUCK;
use crate::domain::value::Value;

pub(super) fn decide(
    work: &Work<'_>,
    record: RecordId,
    field: &str,
    value_id: &str,
) -> Result<Outcome, Problem> {
    const NONE: Problem = Problem::NoSuch { thing: Thing::Value };
    let (kind_name, vault_no) = work.write.read().record(record)?.ok_or(NONE)?;
    let kind = work.write.read().vocabulary().kind(&kind_name).ok_or(NONE)?;
    let field = kind.field(field).ok_or(NONE)?;
    if !field.shows_one() {
        return Err(refused("only a field of a single value can be decided"));
    }
    let standing = work.write.read().standing(record, field.name)?;
    let edited_meanwhile =
        if field.name == STRUCK.name { work.write.read().edited_meanwhile(record)? } else { None };
    if standing.len() < 2 && edited_meanwhile.is_none() {
        return Err(refused("there is nothing left to decide"));
    }
    let chosen: EditRef = value_id.parse().map_err(|_| NONE)?;
    let value = if edited_meanwhile.is_some_and(|edit| edit.held.edit == chosen) {
        // The edit holds, so the record was not to be taken back.
        Some(Value::Nothing)
    } else {
        standing.into_iter().find(|value| value.held.edit == chosen).and_then(|value| value.held.value)
    };
    let value = value.ok_or(NONE)?;
    let takes_back = field.name == STRUCK.name && value != Value::Nothing;
    ask_decide(work, vault_no, kind.name, field, takes_back)?;
    let vault = work.vault(vault_no)?;
    work.put(&Place { vault: &vault, kind, record }, field, value)?;
    Ok(Outcome::default())
}
