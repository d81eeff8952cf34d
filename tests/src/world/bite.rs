//! Showing that every fault's invariants bite: with its protection broken on purpose, some seed must notice.
//!
//! Knows switches and seeds; what is broken and what notices is elsewhere.

use fieldfare_protocol::sabotage::{self, Sabotage};

use super::faults::Fault;
use super::template::Template;
use super::{Violation, play};

/// Most seeds until a broken promise has to be noticed.
pub const SEEDS_MAX: u64 = 40;

/// The first seed from `first` on that notices the broken promise, and what it noticed.
#[must_use]
pub fn bitten(template: &Template, fault: &Fault, switch: Sabotage, first: u64) -> Option<(u64, Violation)> {
    (first..first + SEEDS_MAX).find_map(|seed| {
        let run = sabotage::during(switch, || play(template, fault, seed));
        run.violation.map(|violation| (seed, violation))
    })
}
