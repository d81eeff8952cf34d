//! The organisation's own card: what it is called and whom to call in a crisis.
//!
//! Pure. There is one such record, named like the organisation itself.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};

/// What it is called.
pub const NAME: Field = Field::one("name", Shape::Text { chars_max: 120 }, Category::Ordinary);
/// Whom to call while a concern is not delivered, and in any danger.
pub const CRISIS_CARD: Field = Field::one("crisis_card", Shape::Text { chars_max: 300 }, Category::Ordinary);

/// The organisation.
pub static KIND: RecordKind = RecordKind {
    name: "organisation",
    home: Home::Organisation,
    lane: Lane::Progress,
    fields: &[NAME, CRISIS_CARD],
};
