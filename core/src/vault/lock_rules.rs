//! How hard a lock is: what one try costs, and how many there are.
//!
//! Two numbers within their bounds; who chose them is not known here.

use super::kdf::KdfCost;
use super::tries::{TRIES_MAX_DEFAULT, TRIES_MAX_RANGE};

/// How hard a lock is: what a try costs, and how many there are. Bound to the slot, so nobody can soften it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRules {
    cost: KdfCost,
    tries_max: u8,
}

impl LockRules {
    /// Takes a cost and a number of tries; `None` outside [`TRIES_MAX_RANGE`].
    #[must_use]
    pub fn new(cost: KdfCost, tries_max: u8) -> Option<Self> {
        TRIES_MAX_RANGE.contains(&tries_max).then_some(Self { cost, tries_max })
    }

    /// What a try costs.
    #[must_use]
    pub const fn cost(&self) -> KdfCost {
        self.cost
    }

    /// Failed tries after which the home is wiped.
    #[must_use]
    pub const fn tries_max(&self) -> u8 {
        self.tries_max
    }
}

impl Default for LockRules {
    fn default() -> Self {
        Self { cost: KdfCost::DEFAULT, tries_max: TRIES_MAX_DEFAULT }
    }
}
