//! A small seeded source of chance: `SplitMix64`, as published by Steele, Lea and Flood in 2014.
//!
//! Integers only, so every platform draws the same; it knows nothing of words, and is no source of keys.

/// Draws that depend on the seed and on nothing else.
#[derive(Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    /// Starts from a seed; any seed will do, zero too.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; zero if `bound` is zero. The bias is under 2⁻³² for bounds that fit 32 bits.
    pub fn below(&mut self, bound: usize) -> usize {
        let scaled = (u128::from(self.bits()) * bound as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }

    /// A number from `least` to `most`, both included; `least` if the two are the wrong way round.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least.saturating_add(self.below(most.saturating_sub(least).saturating_add(1)))
    }

    /// True in `percent` of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several; `None` only of none.
    pub fn of<'a, T>(&mut self, several: &'a [T]) -> Option<&'a T> {
        several.get(self.below(several.len()))
    }

    /// One of several texts; empty only of none.
    pub fn text(&mut self, several: &[&'static str]) -> &'static str {
        self.of(several).copied().unwrap_or("")
    }
}
