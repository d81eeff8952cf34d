//! When to strike: drawn up to a bound that follows the machine, so that a fast one is interrupted as well as a slow one.
//!
//! Knows nothing of what is struck.

use crate::casework::chance::Chance;

/// How long after the beginning the next blow falls.
pub struct Moment {
    most_us: usize,
}

impl Default for Moment {
    fn default() -> Self {
        Self { most_us: 150_000 }
    }
}

impl Moment {
    /// The shortest bound, in microseconds.
    const LEAST_US: usize = 2_000;
    /// The longest bound, in microseconds.
    const MOST_US: usize = 2_000_000;

    /// Draws a moment, in microseconds.
    pub fn drawn_us(&self, chance: &mut Chance) -> u64 {
        chance.between(self.most_us / 16, self.most_us) as u64
    }

    /// Learns whether there was still something to strike.
    pub fn learn(&mut self, was_under_way: bool) {
        let next = if was_under_way { self.most_us * 5 / 4 } else { self.most_us * 4 / 5 };
        self.most_us = next.clamp(Self::LEAST_US, Self::MOST_US);
    }
}
