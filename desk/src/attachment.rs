//! Files that go into the encrypted store as attachments, and come out of it.
//!
//! Opens one file and hands it on; what may be attached to what is the core's to say.

use std::fs::{File, OpenOptions};
use std::path::Path;

use fieldfare_core::contract::{AttachmentId, NoteId, Problem, Thing};
use serde::Serialize;

use crate::arguments::{Attach, Attachment};
use crate::home::unlock;
use crate::output::{self, Refusal};

/// Media types by the end of a file's name; whatever is not in here travels as plain bytes.
const MEDIA_TYPES: [(&str, &str); 10] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("heic", "image/heic"),
    ("webp", "image/webp"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("m4a", "audio/mp4"),
];

pub(crate) fn attach(attach: &Attach) -> Result<(), Refusal> {
    let note: NoteId = attach.note.parse().map_err(|_| Problem::NoSuch { thing: Thing::Note })?;
    let mut file = File::open(&attach.file).map_err(|_| Problem::FileTrouble)?;
    let name = attach.file.file_name().unwrap_or_default().to_string_lossy();
    let media_type = attach.media_type.as_deref().unwrap_or_else(|| media_type_of(&attach.file));
    output::line(&unlock(&attach.home)?.attach(note, &name, media_type, &mut file)?)
}

#[derive(Serialize)]
struct Written {
    written: bool,
}

pub(crate) fn attachment(attachment: &Attachment) -> Result<(), Refusal> {
    let id: AttachmentId = attachment.id.parse().map_err(|_| Problem::NoSuch { thing: Thing::Attachment })?;
    let app = unlock(&attachment.home)?;
    let mut options = OpenOptions::new();
    // Nothing that is there already is written over.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&attachment.to).map_err(|_| Problem::FileTrouble)?;
    let copied = app.attachment(id, &mut file);
    if copied.is_err() {
        // Half a file would be taken for a whole one.
        let _ = std::fs::remove_file(&attachment.to);
    }
    copied?;
    output::line(&Written { written: true })
}

fn media_type_of(file: &Path) -> &'static str {
    let end = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let known = MEDIA_TYPES.iter().find(|(known, _)| *known == end);
    known.map_or("application/octet-stream", |(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_told_from_the_end_of_the_name() {
        assert_eq!(media_type_of(Path::new("/x/Letter.PDF")), "application/pdf");
        assert_eq!(media_type_of(Path::new("archive.tar.xyz")), "application/octet-stream");
    }
}
