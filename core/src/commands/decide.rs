//! Deciding between values that were recorded at the same time.
//!
//! The decision is an edit like any other: it replaces all of them by the one that holds.

use super::Outcome;
use super::work::{Place, Work, refused};
use crate::contract::{Problem, RecordId, Thing};
use crate::domain::edit::EditRef;
use crate::domain::field::FieldKind;
use crate::domain::kind::kind;

pub(super) fn decide(
    work: &Work<'_>,
    record: RecordId,
    field: &str,
    value_id: &str,
) -> Result<Outcome, Problem> {
    const NONE: Problem = Problem::NoSuch { thing: Thing::Value };
    let (kind_name, vault_no) = work.write.read().record(record)?.ok_or(NONE)?;
    let kind = kind(&kind_name).ok_or(NONE)?;
    let field = kind.field(field).ok_or(NONE)?;
    if !matches!(field.kind, FieldKind::One | FieldKind::Cautious { .. }) {
        return Err(refused("only a field of a single value can be decided"));
    }
    let standing = work.write.read().standing(record, field.name)?;
    if standing.len() < 2 {
        return Err(refused("there is nothing left to decide"));
    }
    let chosen: EditRef = value_id.parse().map_err(|_| NONE)?;
    let value =
        standing.into_iter().find(|value| value.held.edit == chosen).and_then(|value| value.held.value);
    let vault = work.vault(vault_no)?;
    work.put(&Place { vault: &vault, kind, record }, field, value.ok_or(NONE)?)?;
    Ok(Outcome::default())
}
