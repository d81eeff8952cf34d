//! Case notes: begun, described, added to; a draft can be taken back.
//!
//! A signed note never changes, whoever asks.

use super::Outcome;
use super::draft::revision;
use super::work::{Place, Typed, Work, refused, said};
use crate::contract::{CaseId, ContactKind, NoteId, Place as ContactPlace, Problem, Thing};
use crate::domain::field::STRUCK;
use crate::domain::note::{
    ADDENDA, AGREED, BEGAN_AT, BODY, CASE, CONTACT, KIND, MINUTES, PLACE, PLANNED, TAGS, TAGS_MAX,
};
use crate::domain::value::Value;
use crate::store::{Note, StoredVault};

/// Earliest moment at which a contact is believed to have begun: 2000-01-01, in milliseconds since 1970.
pub(super) const BEGAN_AT_MS_MIN: i64 = 946_684_800_000;
/// Latest: 2200-01-01. A phone's clock may be years off, so the present is no bound.
pub(super) const BEGAN_AT_MS_MAX: i64 = 7_258_118_400_000;

/// What is to be recorded about a contact; absent fields stay as they are.
#[derive(Default)]
pub(super) struct Told {
    pub(super) began_at_ms: Option<i64>,
    pub(super) place: Option<ContactPlace>,
    pub(super) contact: Option<ContactKind>,
    pub(super) planned: Option<bool>,
    pub(super) minutes: Option<i64>,
    pub(super) agreed: Option<String>,
    pub(super) add_tags: Vec<String>,
    pub(super) remove_tags: Vec<String>,
}

pub(super) fn begin(
    work: &Work<'_>,
    vault: &StoredVault,
    case: CaseId,
    told: Told,
    body: Option<String>,
) -> Result<Outcome, Problem> {
    let at = Place { vault, kind: &KIND, record: work.new_id(vault)? };
    work.put(&at, &CASE, Value::Id(case.0))?;
    // A clock that stands where nobody can have begun anything says nothing; the note is begun all the same.
    let now_ms = Some(work.now_ms).filter(|ms| (BEGAN_AT_MS_MIN..=BEGAN_AT_MS_MAX).contains(ms));
    let began_at_ms = told.began_at_ms.or(now_ms);
    write_told(work, &at, Told { began_at_ms, ..told })?;
    let body = body.unwrap_or_default();
    work.type_in(&at, &BODY, &Typed { since: &[], after: &body, save: None })?;
    Ok(Outcome::made(at.record).shown(revision(at.record.into(), &body)))
}

pub(super) fn describe(work: &Work<'_>, note: NoteId, told: Told) -> Result<Outcome, Problem> {
    let (_, vault) = placed(work, note)?;
    let at = Place { vault: &vault, kind: &KIND, record: note.into() };
    write_told(work, &at, told)?;
    Ok(Outcome::default())
}

pub(super) fn add_addendum(work: &Work<'_>, note: NoteId, words: &str) -> Result<Outcome, Problem> {
    let known = find(work, note)?;
    let vault = work.vault(known.vault_no)?;
    let at = Place { vault: &vault, kind: &KIND, record: note.into() };
    work.add(&at, &ADDENDA, said("words", words)?.into())?;
    Ok(Outcome::default())
}

pub(super) fn delete_draft(
    work: &Work<'_>,
    note: NoteId,
    reason: Option<String>,
) -> Result<Outcome, Problem> {
    let (_, vault) = placed(work, note)?;
    let at = Place { vault: &vault, kind: &KIND, record: note.into() };
    work.put(&at, &STRUCK, reason.unwrap_or_default().into())?;
    Ok(Outcome::default())
}

fn write_told(work: &Work<'_>, at: &Place<'_>, told: Told) -> Result<(), Problem> {
    if let Some(began_at_ms) = told.began_at_ms {
        if !(BEGAN_AT_MS_MIN..=BEGAN_AT_MS_MAX).contains(&began_at_ms) {
            let field = "began_at_ms".to_owned();
            return Err(Problem::OutOfRange { field, least: BEGAN_AT_MS_MIN, most: BEGAN_AT_MS_MAX });
        }
        work.put(at, &BEGAN_AT, Value::Instant(began_at_ms))?;
    }
    work.put_if(at, &PLACE, told.place.map(ContactPlace::name))?;
    work.put_if(at, &CONTACT, told.contact.map(ContactKind::name))?;
    work.put_if(at, &PLANNED, told.planned.map(Value::Truth))?;
    work.put_if(at, &MINUTES, told.minutes.map(Value::Whole))?;
    work.put_if(at, &AGREED, told.agreed)?;
    for tag in &told.remove_tags {
        work.remove(at, &TAGS, tag.trim().into())?;
    }
    for tag in &told.add_tags {
        if work.write.read().standing(at.record, TAGS.name)?.len() >= TAGS_MAX {
            return Err(refused("a note has at most 20 tags"));
        }
        work.add(at, &TAGS, said("tag", tag)?.into())?;
    }
    Ok(())
}

pub(super) fn find(work: &Work<'_>, note: NoteId) -> Result<Note, Problem> {
    work.write.read().note(note)?.ok_or(Problem::NoSuch { thing: Thing::Note })
}

/// A note, and the vault that it stands in.
pub(super) fn placed(work: &Work<'_>, note: NoteId) -> Result<(Note, StoredVault), Problem> {
    let known = find(work, note)?;
    let vault = work.vault(known.vault_no)?;
    Ok((known, vault))
}
