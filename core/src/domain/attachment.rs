//! A photo or a document on a case note: what it is, and its content in chunks of one size.
//!
//! Pure. The chunks are the entries that the attachment's own maker added, in the order in which they stand in the chain.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, FieldKind, Home, RecordKind, Shape};

/// Largest attachment, in bytes: a photo of a phone, a scanned letter.
pub const BYTES_MAX: usize = 10 * 1024 * 1024;
/// Bytes of a chunk, the last one excepted: a segment holds one, and nobody holds more than one in memory.
pub const CHUNK_BYTES: usize = 24 * 1024;
/// Most chunks of an attachment.
pub const CHUNKS_MAX: usize = BYTES_MAX.div_ceil(CHUNK_BYTES);
/// Most attachments on a note, those taken back included.
pub const PER_NOTE_MAX: usize = 20;
/// Longest name of an attachment, in characters.
pub const NAME_CHARS_MAX: usize = 120;
/// Longest media type, in characters.
pub const MEDIA_TYPE_CHARS_MAX: usize = 100;

/// The note.
pub const NOTE: Field = Field::one("note_id", Shape::Id, Category::Ordinary);
/// What the file was called.
pub const NAME: Field = Field::one("name", Shape::Text { chars_max: NAME_CHARS_MAX }, Category::Special);
/// What kind of file it says it is, such as image/jpeg.
pub const MEDIA_TYPE: Field =
    Field::one("media_type", Shape::Text { chars_max: MEDIA_TYPE_CHARS_MAX }, Category::Ordinary);
/// How long its content is.
pub const BYTES: Field =
    Field::one("bytes", Shape::Whole { least: 1, most: BYTES_MAX as i64 }, Category::Ordinary);
/// In how many chunks it travels.
pub const CHUNKS: Field =
    Field::one("chunks", Shape::Whole { least: 1, most: CHUNKS_MAX as i64 }, Category::Ordinary);
/// SHA-256 of its content, in 64 hexadecimal digits.
pub const DIGEST: Field = Field::one("digest", Shape::Text { chars_max: 64 }, Category::Ordinary);
/// The chunks.
pub const CONTENT: Field = Field {
    name: "content",
    kind: FieldKind::Log,
    shape: Shape::Bytes { bytes_max: CHUNK_BYTES },
    category: Category::Special,
};

/// What is said of an attachment before its first chunk, each in an edit of its own.
pub const HEADER: [&Field; 6] = [&NOTE, &NAME, &MEDIA_TYPE, &BYTES, &CHUNKS, &DIGEST];

/// Attachments.
pub static KIND: RecordKind = RecordKind {
    name: "attachment",
    home: Home::CaseFile,
    lane: Lane::Attachments,
    fields: &[NOTE, NAME, MEDIA_TYPE, BYTES, CHUNKS, DIGEST, CONTENT],
};

/// Whether a text looks like a media type: two plain words with a stroke between them.
#[must_use]
pub fn is_media_type(text: &str) -> bool {
    let plain = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.split_once('/').is_some_and(|(kind, format)| plain(kind) && plain(format))
}

// The largest attachment fits its chunks, and nothing larger does.
const _: () = assert!(CHUNKS_MAX * CHUNK_BYTES >= BYTES_MAX && (CHUNKS_MAX - 1) * CHUNK_BYTES < BYTES_MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_two_plain_words() {
        for good in ["image/jpeg", "application/vnd.oasis.opendocument.text", "image/svg+xml"] {
            assert!(is_media_type(good), "{good}");
        }
        for bad in ["", "jpeg", "/", "image/", "image/a b", "text/html; charset=utf-8", "a/b/c", "ä/b"] {
            assert!(!is_media_type(bad), "{bad}");
        }
    }
}
