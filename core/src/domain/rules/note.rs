//! A note is typed into and described until it is signed, and added to afterwards.
//!
//! Pure. A signed note's words never change, whoever asks.

use super::case::CaseFacts;
use super::reason::{
    ATTACHMENT_STRUCK, CASE_HELD, NOTE_EMPTY, NOTE_FULL, NOTE_LOOKED_AT, NOTE_NOT_SIGNED, NOTE_SIGNED,
    NOTE_STRUCK,
};
use super::{Asker, Verdict, unless};

/// What the rules have to know of a note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteFacts {
    /// Its case.
    pub case: CaseFacts,
    /// Whether it was taken back.
    pub struck: bool,
    /// Whether it is signed.
    pub signed: bool,
    /// Whether it has no words.
    pub empty: bool,
    /// Whether it has as many attachments as a note may have.
    pub full: bool,
    /// Whether nothing that a merge brought in waits for whoever holds this device to look at it.
    pub looked_at: bool,
}

/// What the rules have to know of an attachment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttachmentFacts {
    /// Its case.
    pub case: CaseFacts,
    /// Whether it was taken back.
    pub struck: bool,
}

impl NoteFacts {
    /// Whether it is a draft that may still change.
    fn is_draft(&self, asker: Asker) -> Verdict {
        self.case.not_handed_on(asker)?;
        unless(self.struck, NOTE_STRUCK)?;
        unless(self.signed, NOTE_SIGNED)
    }
}

/// Saving the words of a draft, also without contact: they would be lost otherwise.
pub fn save_draft(asker: Asker, note: &NoteFacts) -> Verdict {
    note.is_draft(asker)
}

/// Changing what is recorded about a contact.
pub fn describe_note(asker: Asker, note: &NoteFacts) -> Verdict {
    asker.in_contact()?;
    note.is_draft(asker)
}

/// Looking at what a merge brought in: nobody is kept from knowing what stands in a draft.
pub fn look_at_note(note: &NoteFacts) -> Verdict {
    unless(note.looked_at, NOTE_LOOKED_AT)
}

/// Taking out one piece of what a merge brought in.
pub fn take_out_came_in(asker: Asker, note: &NoteFacts) -> Verdict {
    asker.in_contact()?;
    note.is_draft(asker)?;
    unless(note.looked_at, NOTE_LOOKED_AT)
}

/// Signing a note.
pub fn sign_note(asker: Asker, note: &NoteFacts) -> Verdict {
    asker.in_contact()?;
    note.is_draft(asker)?;
    unless(note.empty, NOTE_EMPTY)
}

/// Adding to a signed note.
pub fn add_addendum(asker: Asker, note: &NoteFacts) -> Verdict {
    asker.in_contact()?;
    note.case.not_handed_on(asker)?;
    unless(!note.signed, NOTE_NOT_SIGNED)
}

/// Taking a draft back.
pub fn delete_draft(asker: Asker, note: &NoteFacts) -> Verdict {
    asker.in_contact()?;
    note.is_draft(asker)?;
    unless(note.case.held, CASE_HELD)
}

/// Attaching a file to a note; a signed one may be given one, as it may be given an addendum.
pub fn attach(asker: Asker, note: &NoteFacts) -> Verdict {
    asker.in_contact()?;
    note.case.not_handed_on(asker)?;
    unless(note.struck, NOTE_STRUCK)?;
    unless(note.full, NOTE_FULL)
}

/// Taking an attachment back.
pub fn remove_attachment(asker: Asker, attachment: &AttachmentFacts) -> Verdict {
    asker.in_contact()?;
    attachment.case.not_handed_on(asker)?;
    unless(attachment.struck, ATTACHMENT_STRUCK)?;
    unless(attachment.case.held, CASE_HELD)
}

#[cfg(test)]
mod tests {
    use super::super::tests::asker;
    use super::*;
    use crate::contract::StaffRole;

    #[test]
    fn a_signed_note_is_only_added_to() {
        let asker = asker(StaffRole::Mentor);
        let note = NoteFacts { signed: true, ..NoteFacts::default() };
        assert_eq!((save_draft(asker, &note), sign_note(asker, &note)), (Err(NOTE_SIGNED), Err(NOTE_SIGNED)));
        assert_eq!((add_addendum(asker, &note), attach(asker, &note)), (Ok(()), Ok(())));
    }

    #[test]
    fn words_of_a_draft_are_saved_without_contact_and_nothing_else_of_it() {
        let asker = Asker { without_contact: true, ..asker(StaffRole::Mentor) };
        let note = NoteFacts::default();
        assert!(save_draft(asker, &note).is_ok() && sign_note(asker, &note).is_err());
    }
}
