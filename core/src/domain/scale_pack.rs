//! A scale pack as a record that the organisation's devices share.
//!
//! Pure. What makes a pack usable is told in `measure::pack`.

use fieldfare_protocol::lane::Lane;

use super::field::{Category, Field, Home, RecordKind, Shape};
use super::measure::scale::Scale;
use crate::contract::ScalePack;

/// Name of the scale.
pub const SCALE: Field = Field::one("scale", Shape::Text { chars_max: 40 }, Category::Ordinary);
/// The pack as JSON, as it was added.
pub const PACK: Field = Field::one("pack", Shape::Text { chars_max: 20_000 }, Category::Ordinary);
/// SHA-256 of its canonical form, as hexadecimal.
pub const DIGEST: Field = Field::one("digest", Shape::Text { chars_max: 64 }, Category::Ordinary);

/// Scale packs.
pub static KIND: RecordKind = RecordKind {
    name: "scale_pack",
    home: Home::Organisation,
    lane: Lane::Progress,
    fields: &[SCALE, PACK, DIGEST],
};

/// A stored pack if it can be used: readable, whole, and for this scale. Half a pack is none.
#[must_use]
pub fn usable(json: &str, scale: &Scale) -> Option<ScalePack> {
    let input: ScalePack = serde_json::from_str(json).ok()?;
    (input.scale == scale.id.as_str() && input.check().is_ok()).then_some(input)
}
