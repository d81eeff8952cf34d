//! Safeguarding concerns: raised by whoever sees one, handled by supervisors and the safeguarding lead.
//!
//! A concern is refused for missing or far too many words and for nothing else; it is durable before the person looks up.

use super::Outcome;
use super::work::{Place, Work, said};
use crate::contract::{CaseId, ConcernId, ConcernKind, ConcernState, Problem, Thing};
use crate::domain::concern::{ABOUT, CASE, HANDLING, KIND, STATE, WORDS};
use crate::domain::value::Value;

pub(super) fn raise(
    work: &Work<'_>,
    case: CaseId,
    about: ConcernKind,
    words: &str,
) -> Result<Outcome, Problem> {
    let vault = work.vault_of_case(case)?;
    let at = Place { vault: &vault, kind: &KIND, record: work.new_id(&vault)? };
    work.put(&at, &CASE, Value::Id(case.0))?;
    work.put(&at, &ABOUT, about.name().into())?;
    work.put(&at, &WORDS, said("words", words)?.into())?;
    work.put(&at, &STATE, ConcernState::Raised.name().into())?;
    Ok(Outcome::made(at.record))
}

pub(super) fn handle(
    work: &Work<'_>,
    concern: ConcernId,
    state: ConcernState,
    words: &str,
) -> Result<Outcome, Problem> {
    let known = work.write.read().concern(concern)?.ok_or(Problem::NoSuch { thing: Thing::Concern })?;
    let vault = work.vault(known.vault_no)?;
    let at = Place { vault: &vault, kind: &KIND, record: concern.into() };
    work.add(&at, &HANDLING, said("words", words)?.into())?;
    work.put(&at, &STATE, state.name().into())?;
    Ok(Outcome::default())
}
