//! One case note: draft or signed, with everything that was added since.
//!
//! Says what may be done in each state and why not; it does none of it.

use crate::contract::{
    Action, Addendum, AttachmentRow, AttachmentState, ComparedStretch, Made, NoteComparedPage, NoteId,
    NotePage, Problem, RecordId, Revision, SaidOn, Stretch, Thing,
};
use crate::domain::note::{ADDENDA, BODY, SIGNED, TAGS};
use crate::domain::rules::Asker;
use crate::domain::rules::note::{self as rules, NoteFacts};
use crate::domain::text::came_in::Shown;
use crate::domain::text::revision::name;
use crate::domain::text::{SaidBy, compared as compare};
use crate::store::Read;

use super::kept::Keeping;
use super::standing::{made, shown, text, texts};
use super::struck::struck;
use super::{View, action, also_recorded, case_of, no_such};

/// Draws one note.
pub(super) fn note(read: &Read<'_>, view: &View, note: NoteId) -> Result<NotePage, Problem> {
    let found = read.note(note)?.ok_or(no_such(Thing::Note))?;
    let record = RecordId::from(note);
    let case = case_of(read, found.case, found.vault_no)?;
    let struck = struck(read, record)?;
    let signed = if found.signed.is_some() { signed(read, record)? } else { None };
    let revision = revision(note, &found.body);
    let came_in = if found.signed.is_none() && struck.is_none() {
        came_in(read, note, &found.body)?
    } else {
        Vec::new()
    };
    let actions = actions(view.asker(read)?, &read.note_facts(&found, view.person())?);
    let (body, written_meanwhile) = bodies(found.body, found.signed);
    Ok(NotePage {
        note,
        case,
        kept: Keeping::default().of(read, found.vault_no)?,
        young_person: read.name_in_case(case)?,
        made: found.made,
        began_at_ms: found.began_at_ms,
        place: found.place,
        contact: found.contact,
        planned: found.planned,
        minutes: found.minutes,
        tags: texts(read, record, &TAGS)?,
        agreed: found.agreed,
        body,
        revision,
        came_in,
        signed,
        written_meanwhile,
        attachments: attachments(read, view, note)?,
        addenda: addenda(read, record)?,
        struck,
        also_recorded: also_recorded::of_record(read, view, record)?,
        sent: read.sent(record, view.me.device)?,
        actions,
    })
}

/// Draws what a note says beside what a screen says.
pub(super) fn compared(read: &Read<'_>, note: NoteId, screen: &str) -> Result<NoteComparedPage, Problem> {
    let found = read.note(note)?.ok_or(no_such(Thing::Note))?;
    let revision = revision(note, &found.body);
    let (says, _) = bodies(found.body, found.signed);
    let stretches = compare(&says, screen).into_iter().map(|(by, words)| ComparedStretch {
        words: words.to_owned(),
        on: match by {
            SaidBy::Both => SaidOn::Both,
            SaidBy::First => SaidOn::Note,
            SaidBy::Second => SaidOn::Screen,
        },
    });
    Ok(NoteComparedPage { note, revision, stretches: stretches.collect() })
}

fn revision(note: NoteId, draft: &str) -> Revision {
    Revision(name(&note.0, BODY.name, draft))
}

/// A draft in stretches, if something came in that nobody has looked at.
fn came_in(read: &Read<'_>, note: NoteId, draft: &str) -> Result<Vec<Stretch>, Problem> {
    let came_in = read.came_in(note.into(), BODY.name)?.unwrap_or_default();
    if came_in.is_empty() {
        return Ok(Vec::new());
    }
    let stretch = |shown: Shown<'_>| {
        Ok(Stretch {
            words: shown.words.to_owned(),
            came_in: shown.by.map(|by| read.made_by(by)).transpose()?,
            gone: shown.gone.to_owned(),
            twice: shown.twice,
        })
    };
    came_in.shown(draft).into_iter().map(stretch).collect()
}

/// The text to show, and what the draft says beside it once it is signed.
fn bodies(draft: String, signed: Option<String>) -> (String, Option<String>) {
    match signed {
        None => (draft, None),
        Some(signed) => {
            let meanwhile = (!draft.is_empty() && draft != signed).then_some(draft);
            (signed, meanwhile)
        }
    }
}

/// Who gave the signature that is shown.
fn signed(read: &Read<'_>, record: RecordId) -> Result<Option<Made>, Problem> {
    shown(read, record, &SIGNED)?.map(|value| made(read, &value)).transpose()
}

fn attachments(read: &Read<'_>, view: &View, note: NoteId) -> Result<Vec<AttachmentRow>, Problem> {
    let asker = view.asker(read)?;
    let mut rows = Vec::new();
    for one in read.attachments_of(note)? {
        let facts = read.attachment_facts(one.attachment, view.person())?.unwrap_or_default();
        let parts_sent = read.chunks_sent(&one, view.me.device)?;
        let state = match one.whole {
            None => AttachmentState::Arriving,
            Some(true) => AttachmentState::Complete,
            Some(false) => AttachmentState::Damaged,
        };
        rows.push(AttachmentRow {
            attachment: one.attachment,
            name: one.name,
            media_type: one.media_type,
            bytes: one.bytes,
            state,
            parts_here: one.arrived,
            parts_sent,
            parts: one.chunks,
            made: one.made,
            actions: vec![action("remove_attachment", rules::remove_attachment(asker, &facts))],
            struck: struck(read, one.attachment.into())?,
        });
    }
    Ok(rows)
}

fn addenda(read: &Read<'_>, record: RecordId) -> Result<Vec<Addendum>, Problem> {
    let mut addenda = Vec::new();
    for value in read.standing(record, ADDENDA.name)? {
        let Some(words) = text(&value) else { continue };
        addenda.push(Addendum { words: words.to_owned(), made: made(read, &value)? });
    }
    Ok(addenda)
}

fn actions(asker: Asker, facts: &NoteFacts) -> Vec<Action> {
    vec![
        action("save_draft", rules::save_draft(asker, facts)),
        action("describe_note", rules::describe_note(asker, facts)),
        action("sign_note", rules::sign_note(asker, facts)),
        action("delete_draft", rules::delete_draft(asker, facts)),
        action("attach", rules::attach(asker, facts)),
        action("add_addendum", rules::add_addendum(asker, facts)),
        action("look_at_note", rules::look_at_note(facts)),
        action("take_out_came_in", rules::take_out_came_in(asker, facts)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Ask, Page};
    use crate::domain::note as fields;
    use crate::pages::fixture::{House, NOW_MS};

    fn drawn(house: &House, note: RecordId) -> NotePage {
        let Page::Note(page) = house.draw(&Ask::Note { note: note.into() }) else { panic!() };
        *page
    }

    fn why_not(page: &NotePage) -> Vec<Option<&str>> {
        page.actions.iter().map(|action| action.why_not.as_deref()).collect()
    }

    #[test]
    fn a_draft_can_be_changed_and_signed_and_not_added_to() {
        let (house, seen) = (House::new(), Some("note.looked_at"));
        let file = house.open_case("Ash", None);
        let note = house.draft(&file, NOW_MS, "");
        assert_eq!(
            why_not(&drawn(&house, note)),
            [None, None, Some("note.empty"), None, None, Some("note.not_signed"), seen, seen]
        );
        house.type_body(&file, note, "first words");
        let page = drawn(&house, note);
        assert_eq!(why_not(&page), [None, None, None, None, None, Some("note.not_signed"), seen, seen]);
        assert_eq!((page.body.as_str(), page.young_person.as_str()), ("first words", "Ash"));
        assert_eq!((page.signed, page.sent), (None, false));
    }

    #[test]
    fn a_signed_note_only_grows_addenda() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let note = house.signed_note(&file, NOW_MS, "what was signed");
        house.add(&file, &fields::KIND, note, &fields::ADDENDA, "one more thing");
        house.add(&file, &fields::KIND, note, &fields::TAGS, "school");
        house.add(&file, &fields::KIND, note, &fields::TAGS, "boxing");
        let page = drawn(&house, note);
        let refused = Some("note.signed");
        assert_eq!(
            why_not(&page),
            [refused, refused, refused, refused, None, None, Some("note.looked_at"), refused]
        );
        assert_eq!((page.body.as_str(), page.written_meanwhile.as_deref()), ("what was signed", None));
        assert_eq!(page.signed.as_ref().unwrap().by, "Robin");
        assert_eq!(page.addenda[0].words, "one more thing");
        assert_eq!(page.tags, ["boxing", "school"]);
    }

    #[test]
    fn words_that_came_after_the_signature_are_shown_beside_it() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let note = house.signed_note(&file, NOW_MS, "what was signed");
        house.type_body(&file, note, "what was signed, and what a colleague wrote");
        let page = drawn(&house, note);
        assert_eq!(page.body, "what was signed");
        assert_eq!(page.written_meanwhile.as_deref(), Some("what was signed, and what a colleague wrote"));
        assert_eq!(bodies(String::new(), Some("signed".to_owned())), ("signed".to_owned(), None));
    }

    #[test]
    fn a_note_that_was_taken_back_is_still_there_and_says_who_went_on_without_knowing() {
        let house = House::new();
        let file = house.open_case("Ash", None);
        let note = house.draft(&file, NOW_MS, "written in the wrong case");
        house.strike(&file, &fields::KIND, note, "wrong case");
        let page = drawn(&house, note);
        let struck = page.struck.clone().unwrap();
        assert_eq!((struck.reason.as_str(), struck.made.by.as_str()), ("wrong case", "Robin"));
        assert!(!struck.edited_since);
        assert_eq!(page.body, "written in the wrong case");
        let refused = Some("note.struck");
        assert_eq!(
            why_not(&page),
            [
                refused,
                refused,
                refused,
                refused,
                refused,
                Some("note.not_signed"),
                Some("note.looked_at"),
                refused
            ]
        );

        house.theirs(&file, &fields::KIND, note, &fields::AGREED, "to meet on Friday", NOW_MS + 3_600_000);
        let page = drawn(&house, note);
        assert!(page.struck.unwrap().edited_since);
        assert_eq!(page.agreed, "to meet on Friday");
    }

    #[test]
    fn a_note_that_is_not_here_is_no_note() {
        let problem = House::new().problem(&Ask::Note { note: NoteId([77; 16]) });
        assert_eq!(problem, Problem::NoSuch { thing: Thing::Note });
    }
}
