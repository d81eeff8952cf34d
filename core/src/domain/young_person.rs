//! A young person: who they are to the people who support them.
//!
//! Pure. What they did or what was done to them stands in no field of this kind.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 120;
/// Youngest age that the service takes.
pub const AGE_FROM: u32 = 10;
/// Oldest age that the service takes.
pub const AGE_TO: u32 = 17;
/// Days before the eighteenth birthday from which the page warns: half a year.
pub const EIGHTEEN_SOON_DAYS: i32 = 183;

/// The name they go by.
pub const NAME: Field = Field::one("name", Shape::Text { chars_max: NAME_CHARS_MAX }, Category::Ordinary);
/// Day of birth.
pub const BORN_ON: Field = Field::one("born_on", Shape::Day, Category::Ordinary);
/// Pronouns.
pub const PRONOUNS: Field = Field::one("pronouns", Shape::Text { chars_max: 40 }, Category::Special);
/// Special circumstances met in practice.
pub const CIRCUMSTANCES: Field =
    Field::set("circumstances", Shape::Text { chars_max: 120 }, Category::Special);

/// Young people.
pub static KIND: RecordKind = RecordKind {
    name: "young_person",
    home: Home::CaseFile,
    lane: Lane::Urgent,
    fields: &[NAME, BORN_ON, PRONOUNS, CIRCUMSTANCES],
};
