//! What is recorded of a young person.
//!
//! Rectifying appends: what was recorded before stays in the history.

use super::Outcome;
use super::work::{Place, Work, day_value, said};
use crate::contract::{Problem, Thing, YoungPersonId};
use crate::domain::value::Value;
use crate::domain::young_person::{BORN_ON, CIRCUMSTANCES, KIND, NAME, PRONOUNS};

/// What is to be changed; absent fields stay as they are.
pub(super) struct Told {
    pub(super) name: Option<String>,
    pub(super) born_on: Option<String>,
    pub(super) pronouns: Option<String>,
    pub(super) add_circumstances: Vec<String>,
    pub(super) remove_circumstances: Vec<String>,
}

pub(super) fn describe(work: &Work<'_>, who: YoungPersonId, told: Told) -> Result<Outcome, Problem> {
    let known = work.write.read().young_person(who)?;
    let known = known.ok_or(Problem::NoSuch { thing: Thing::YoungPerson })?;
    let vault = work.vault(known.vault_no)?;
    let at = Place { vault: &vault, kind: &KIND, record: who.into() };
    if let Some(name) = &told.name {
        work.put(&at, &NAME, said("name", name)?.into())?;
    }
    let born_on = day_value("born_on", told.born_on)?;
    if matches!(born_on, Some(Value::Day(born)) if born > work.today()) {
        return Err(Problem::BadDate { field: "born_on".to_owned() });
    }
    work.put_if(&at, &BORN_ON, born_on)?;
    work.put_if(&at, &PRONOUNS, told.pronouns)?;
    for words in &told.add_circumstances {
        work.add(&at, &CIRCUMSTANCES, said("circumstances", words)?.into())?;
    }
    for words in &told.remove_circumstances {
        work.remove(&at, &CIRCUMSTANCES, words.trim().into())?;
    }
    Ok(Outcome::default())
}
