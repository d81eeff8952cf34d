//! A local service of the directory, as a record that colleagues share.
//!
//! Pure. How an untidy table becomes one is told in `directory`.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};

/// Longest text of any of its fields, in characters.
pub const CHARS_MAX: usize = 500;

const fn text(name: &'static str) -> Field {
    Field::one(name, Shape::Text { chars_max: CHARS_MAX }, Category::Ordinary)
}

/// Its name.
pub const NAME: Field = text("name");
/// What it offers.
pub const OFFERS: Field = text("offers");
/// The ages as published; what they mean is read from them each time.
pub const AGES: Field = text("ages");
/// The areas as published, likewise.
pub const AREAS: Field = text("areas");
/// Whom to ask, as published.
pub const CONTACT: Field = text("contact");
/// The day it was last checked.
pub const CHECKED_ON: Field = Field::one("checked_on", Shape::Day, Category::Ordinary);

/// Local services.
pub static KIND: RecordKind = RecordKind {
    name: "service",
    home: Home::Organisation,
    lane: Lane::Progress,
    fields: &[NAME, OFFERS, AGES, AREAS, CONTACT, CHECKED_ON],
};
