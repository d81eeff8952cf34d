//! The text of a draft: saved from a screen, looked at, signed as the screen shows it.
//!
//! A screen may show what the note said long ago. What it began from is a revision that a page gave; how two changes become
//! one text is the domain's to say.

use super::Outcome;
use super::note::{find, placed};
use super::work::{Place, Typed, Work};
use crate::contract::{NoteId, Problem, Revision};
use crate::domain::note::{BODY, KIND, SIGNED};
use crate::domain::text::revision::{is_of, name, save_name};
use crate::domain::text::{SharedText, shows_nothing};
use crate::store::{Note, StoredVault};

/// What a note's text is called when it says this.
pub(super) fn revision(note: NoteId, words: &str) -> Revision {
    Revision(name(&note.0, BODY.name, words))
}

pub(super) fn save(work: &Work<'_>, note: NoteId, shown: Revision, body: &str) -> Result<Outcome, Problem> {
    let (known, vault) = placed(work, note)?;
    let since = since(work, &known, shown)?;
    let began_from = since.first().unwrap_or(&known.body);
    let save = save_name(&shown.0, body);
    if began_from.as_str() != body && !work.write.read().has_saved(note.into(), BODY.name, &save)? {
        type_in(work, &vault, note, &Typed { since: &since, after: body, save: Some(&save) })?;
    }
    Ok(Outcome::default().shown(revision(note, body)))
}

/// Signs what the screen shows, or nothing: never words that nobody has seen.
pub(super) fn sign(work: &Work<'_>, note: NoteId, shown: Revision, body: &str) -> Result<Outcome, Problem> {
    let (known, vault) = placed(work, note)?;
    let since = since(work, &known, shown)?;
    if shows_nothing(body) {
        return Err(Problem::Empty { field: "body".to_owned() });
    }
    let save = save_name(&shown.0, body);
    let stands = if work.write.read().has_saved(note.into(), BODY.name, &save)? {
        known.body
    } else {
        SharedText::put_together(&since, &known.body, body)
    };
    if stands != body {
        return Err(Problem::TextDiffers);
    }
    type_in(work, &vault, note, &Typed { since: &since, after: body, save: None })?;
    let at = Place { vault: &vault, kind: &KIND, record: note.into() };
    work.put(&at, &SIGNED, body.into())?;
    Ok(Outcome::default())
}

pub(super) fn look_at(work: &Work<'_>, note: NoteId, shown: Revision) -> Result<Outcome, Problem> {
    let known = find(work, note)?;
    if known.signed.is_some() || known.struck.is_some() {
        return Ok(Outcome::default());
    }
    let since = since(work, &known, shown)?;
    let seen = since.first().unwrap_or(&known.body);
    work.write.look_at(note.into(), BODY.name, seen, &known.body)?;
    let vault = work.vault(known.vault_no)?;
    work.redrawn(&Place { vault: &vault, kind: &KIND, record: note.into() });
    Ok(Outcome::default())
}

/// The number of a stretch means something only on the page that was shown.
pub(super) fn take_out(
    work: &Work<'_>,
    note: NoteId,
    shown: Revision,
    stretch: u32,
) -> Result<Outcome, Problem> {
    let (known, vault) = placed(work, note)?;
    if !since(work, &known, shown)?.is_empty() {
        return Err(Problem::TextDiffers);
    }
    let came_in = work.write.read().came_in(note.into(), BODY.name)?.unwrap_or_default();
    let stretches = i64::try_from(came_in.shown(&known.body).len()).unwrap_or(i64::MAX);
    let stretch = usize::try_from(stretch).ok();
    let Some(without) = stretch.and_then(|stretch| came_in.without(&known.body, stretch)) else {
        let field = "stretch".to_owned();
        return Err(Problem::OutOfRange { field, least: 0, most: stretches.saturating_sub(1) });
    };
    type_in(work, &vault, note, &Typed { since: &[], after: &without, save: None })?;
    Ok(Outcome::default().shown(revision(note, &without)))
}

/// What the note has said since it said what the screen began from.
fn since(work: &Work<'_>, known: &Note, shown: Revision) -> Result<Vec<String>, Problem> {
    if !is_of(&shown.0, &known.note.0, BODY.name) {
        return Err(Problem::RevisionOfAnother);
    }
    let texts = work.write.read().texts_since(known.note.into(), BODY.name, &shown.0, &known.body)?;
    texts.ok_or(Problem::RevisionUnknown)
}

fn type_in(work: &Work<'_>, vault: &StoredVault, note: NoteId, typed: &Typed<'_>) -> Result<(), Problem> {
    work.type_in(&Place { vault, kind: &KIND, record: note.into() }, &BODY, typed)
}
