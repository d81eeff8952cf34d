//! Safeguarding concerns: raised by whoever sees one, added to, and handled by supervisors and the safeguarding lead.
//!
//! A concern is refused for missing or far too many words and for nothing else; it is durable before the person looks up.

use super::Outcome;
use super::note::{BEGAN_AT_MS_MAX as AT_MS_MAX, BEGAN_AT_MS_MIN as AT_MS_MIN};
use super::work::{Place, Work, refused, said};
use crate::contract::{CaseId, ConcernId, ConcernKind, ConcernState, PersonId, Problem, Thing};
use crate::domain::concern::{ABOUT, ADDED, CASE, DUE_AT, HANDLING, KIND, OWNER, SEEN, STATE, WORDS};
use crate::domain::rules::concern::is_news_that_it_was_seen;
use crate::domain::rules::coordinates;
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
    owner: Option<PersonId>,
    due_at_ms: Option<i64>,
) -> Result<Outcome, Problem> {
    let known = work.write.read().concern(concern)?.ok_or(Problem::NoSuch { thing: Thing::Concern })?;
    let vault = work.vault(known.vault_no)?;
    let at = Place { vault: &vault, kind: &KIND, record: concern.into() };
    if due_at_ms.is_some_and(|ms| !(AT_MS_MIN..=AT_MS_MAX).contains(&ms)) {
        let field = "due_at_ms".to_owned();
        return Err(Problem::OutOfRange { field, least: AT_MS_MIN, most: AT_MS_MAX });
    }
    // One after another: the page tells by their numbers that they are one act.
    work.add(&at, &HANDLING, said("words", words)?.into())?;
    work.put(&at, &STATE, state.name().into())?;
    // Whoever takes it on has it, unless somebody has it already or another is named.
    let takes_it = state == ConcernState::TakenOn && known.owner.is_none();
    if let Some(owner) = owner.or(takes_it.then_some(PersonId(work.me.person.0))) {
        able_to_act(work, owner)?;
        work.put(&at, &OWNER, Value::Id(owner.0))?;
    }
    work.put_if(&at, &DUE_AT, due_at_ms.map(Value::Instant))?;
    Ok(Outcome::default())
}

/// Refuses to give a concern to somebody who could not act on it.
fn able_to_act(work: &Work<'_>, owner: PersonId) -> Result<(), Problem> {
    if owner.0 == work.me.person.0 {
        return Ok(());
    }
    match work.write.read().person_role(owner)? {
        None => Err(Problem::NoSuch { thing: Thing::Person }),
        Some((role, _)) if coordinates(role) => Ok(()),
        Some(_) => Err(refused("only supervisors and the safeguarding lead have a concern")),
    }
}

pub(super) fn add_to(work: &Work<'_>, concern: ConcernId, words: &str) -> Result<Outcome, Problem> {
    let known = work.write.read().concern(concern)?.ok_or(Problem::NoSuch { thing: Thing::Concern })?;
    let vault = work.vault(known.vault_no)?;
    let at = Place { vault: &vault, kind: &KIND, record: concern.into() };
    work.add(&at, &ADDED, said("words", words)?.into())?;
    Ok(Outcome::default())
}

/// Notes that whoever holds this device has opened a concern, if that is news.
pub(crate) fn see(work: &Work<'_>, concern: ConcernId) -> Result<(), Problem> {
    let read = work.write.read();
    let me = PersonId(work.me.person.0);
    let Some((known, facts)) = read.concern(concern)?.zip(read.concern_facts(concern, me)?) else {
        return Ok(());
    };
    if !is_news_that_it_was_seen(read.asker(work.role)?, &facts) {
        return Ok(());
    }
    let vault = work.vault(known.vault_no)?;
    let at = Place { vault: &vault, kind: &KIND, record: concern.into() };
    work.add(&at, &SEEN, Value::Id(me.0))
}
