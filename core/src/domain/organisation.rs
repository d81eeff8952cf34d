//! The organisation's own card: what it is called and whom to call in a crisis.
//!
//! Pure. There is one such record, named like the organisation itself.

use fieldfare_protocol::lane::Lane;

use super::auto_lock;
use super::field::{Category, Field, Home, RecordKind, Shape};

/// What it is called.
pub const NAME: Field = Field::one("name", Shape::Text { chars_max: 120 }, Category::Ordinary);
/// Whom to call while a concern is not delivered, and in any danger.
pub const CRISIS_CARD: Field = Field::one("crisis_card", Shape::Text { chars_max: 300 }, Category::Ordinary);
/// Day of the last drill of the recovery key.
pub const DRILLED_ON: Field = Field::one("drilled_on", Shape::Day, Category::Ordinary);
/// How many vaults the recovery key opened in it.
pub const DRILL_OPENED: Field = Field::one("drill_opened", VAULTS, Category::Ordinary);
/// How many it did not open.
pub const DRILL_FAILED: Field = Field::one("drill_failed", VAULTS, Category::Ordinary);
/// Whether devices are erased that have been without contact for too long.
pub const LEASE_ERASES: Field = Field::one("lease_erases", Shape::Truth, Category::Ordinary);
/// Seconds in the background after which phones lock by themselves.
pub const LOCK_BACKGROUND_S: Field =
    Field::one("lock_background_s", auto_lock::BACKGROUND, Category::Ordinary);
/// Seconds without a touch after which they do.
pub const LOCK_UNTOUCHED_S: Field = Field::one("lock_untouched_s", auto_lock::UNTOUCHED, Category::Ordinary);

/// A number of vaults.
const VAULTS: Shape = Shape::Whole { least: 0, most: u32::MAX as i64 };

/// The organisation.
pub static KIND: RecordKind = RecordKind {
    name: "organisation",
    home: Home::Organisation,
    lane: Lane::Progress,
    fields: &[
        NAME,
        CRISIS_CARD,
        DRILLED_ON,
        DRILL_OPENED,
        DRILL_FAILED,
        LEASE_ERASES,
        LOCK_BACKGROUND_S,
        LOCK_UNTOUCHED_S,
    ],
};
