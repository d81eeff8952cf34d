//! Photos and documents on a case note: attached whole or not at all, taken back visibly.
//!
//! A signed note may still be given one, as it may be given an addendum.

use super::Outcome;
use super::allowed::ask_attach;
use super::work::{Place, Work, check, said};
use crate::contract::{AttachmentId, NoteId, Problem, RecordId, Thing};
use crate::domain::attachment::{BYTES_MAX, KIND, MEDIA_TYPE, NAME, is_media_type};
use crate::domain::field::STRUCK;
use crate::store::{AttachmentTrouble, NewAttachment};

pub(super) fn attach(
    work: &Work<'_>,
    note: NoteId,
    name: &str,
    media_type: &str,
    content: &mut dyn std::io::Read,
) -> Result<RecordId, Problem> {
    let read = work.write.read();
    let known = read.note(note)?.ok_or(Problem::NoSuch { thing: Thing::Note })?;
    ask_attach(work, note)?;
    let name = said("name", name)?;
    check(&NAME, &name.into())?;
    check(&MEDIA_TYPE, &media_type.into())?;
    if !is_media_type(media_type) {
        return Err(Problem::Malformed { why: "a media type looks like image/jpeg".to_owned() });
    }
    let vault = work.vault(known.vault_no)?;
    let record = work.new_id(&vault)?;
    work.attach(&vault, &NewAttachment { record, note, name, media_type }, content).map_err(of_trouble)?;
    Ok(record)
}

pub(super) fn remove(
    work: &Work<'_>,
    attachment: AttachmentId,
    reason: Option<String>,
) -> Result<Outcome, Problem> {
    const NONE: Problem = Problem::NoSuch { thing: Thing::Attachment };
    let (kind, vault_no) = work.write.read().record(attachment.into())?.ok_or(NONE)?;
    if kind != KIND.name {
        return Err(NONE);
    }
    let vault = work.vault(vault_no)?;
    let at = Place { vault: &vault, kind: &KIND, record: attachment.into() };
    work.put(&at, &STRUCK, reason.unwrap_or_default().into())?;
    Ok(Outcome::default())
}

/// What a person is told when a file was not attached or not handed out.
pub(crate) fn of_trouble(trouble: AttachmentTrouble) -> Problem {
    match trouble {
        AttachmentTrouble::Empty => Problem::Empty { field: "file".to_owned() },
        AttachmentTrouble::TooLarge => {
            Problem::AttachmentTooLarge { bytes_max: u32::try_from(BYTES_MAX).unwrap_or(u32::MAX) }
        }
        AttachmentTrouble::File(std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) => {
            Problem::DiskFull
        }
        AttachmentTrouble::File(_) => Problem::FileTrouble,
        AttachmentTrouble::Damaged => Problem::AttachmentDamaged,
        AttachmentTrouble::Store(problem) => problem.into(),
    }
}
