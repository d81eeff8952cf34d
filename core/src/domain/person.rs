//! A member of staff as colleagues see them.
//!
//! Pure. What they may read is decided by the membership log, never by this record.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 120;

/// Their name.
pub const NAME: Field = Field::one("name", Shape::Text { chars_max: NAME_CHARS_MAX }, Category::Ordinary);

/// Who supervises them, and so reads their reflections.
pub const SUPERVISOR: Field = Field::one("supervisor", Shape::Id, Category::Ordinary);

/// Members of staff.
pub static KIND: RecordKind = RecordKind {
    name: "person",
    home: Home::Organisation,
    lane: Lane::Progress,
    fields: &[NAME, SUPERVISOR],
};
