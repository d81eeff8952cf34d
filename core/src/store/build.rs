//! What one build of the app brings to a store: the vocabulary by which it reads edits, and the steps that shape its tables.
//!
//! A store is opened by this build; by an older or a newer one only where a test plays it.

use crate::domain::vocabulary::Vocabulary;

use super::migrate::STEPS;

/// A build of the app.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// What it understands.
    pub vocabulary: Vocabulary,
    /// Its steps, in order; the number of a step is its place, from 1.
    pub steps: &'static [&'static str],
}

impl Build {
    /// This build.
    pub const THIS: &'static Self = &Self { vocabulary: Vocabulary::THIS, steps: &STEPS };
}
