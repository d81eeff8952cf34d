//! A case note: begun, typed, described, signed; after that it only grows addenda.
//!
//! Pure. Who may sign and where the note is kept is not decided here.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};
use crate::contract::{ContactKind, Place};

/// Longest contact that is believed, in minutes; beyond it somebody mistyped.
pub const MINUTES_MAX: i64 = 480;
/// Longest text of a note, in characters: some twenty printed pages.
pub const BODY_CHARS_MAX: usize = 40_000;
/// Longest agreement and longest addendum, in characters.
pub const AGREED_CHARS_MAX: usize = 4_000;
/// Longest tag, in characters.
pub const TAG_CHARS_MAX: usize = 40;
/// Most tags on one note.
pub const TAGS_MAX: usize = 20;

/// The case that the note belongs to.
pub const CASE: Field = Field::one("case_id", Shape::Id, Category::Ordinary);
/// When the contact began.
pub const BEGAN_AT: Field = Field::one("began_at", Shape::Instant, Category::Ordinary);
/// Where.
pub const PLACE: Field = Field::one("place", Shape::Choice(Place::NAMES), Category::Ordinary);
/// What kind of contact.
pub const CONTACT: Field = Field::one("contact", Shape::Choice(ContactKind::NAMES), Category::Ordinary);
/// Whether it had been planned.
pub const PLANNED: Field = Field::one("planned", Shape::Truth, Category::Ordinary);
/// How long, in minutes.
pub const MINUTES: Field =
    Field::one("minutes", Shape::Whole { least: 1, most: MINUTES_MAX }, Category::Ordinary);
/// What was agreed.
pub const AGREED: Field =
    Field::one("agreed", Shape::Text { chars_max: AGREED_CHARS_MAX }, Category::Special);
/// The draft.
pub const BODY: Field = Field::text("body", BODY_CHARS_MAX);
/// The signed text, whole: the signature is worth something only if it says what was signed.
pub const SIGNED: Field = Field::once("signed", Shape::Text { chars_max: BODY_CHARS_MAX }, Category::Special);
/// Tags.
pub const TAGS: Field = Field::set("tags", Shape::Text { chars_max: TAG_CHARS_MAX }, Category::Special);
/// Corrections and afterthoughts.
pub const ADDENDA: Field = Field::log("addenda", AGREED_CHARS_MAX);

/// Case notes.
pub static KIND: RecordKind = RecordKind {
    name: "note",
    home: Home::CaseFile,
    lane: Lane::Notes,
    fields: &[CASE, BEGAN_AT, PLACE, CONTACT, PLANNED, MINUTES, AGREED, BODY, SIGNED, TAGS, ADDENDA],
};
