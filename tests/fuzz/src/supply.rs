//! Choices drawn from the bytes of an input, so that a fuzzer steers a structure and not only its spelling.
//!
//! An input that has run out chooses zero for ever, which every target takes for "nothing more".

/// What is left of an input.
pub struct Supply<'i> {
    rest: &'i [u8],
}

impl<'i> Supply<'i> {
    /// All of an input.
    #[must_use]
    pub const fn new(input: &'i [u8]) -> Self {
        Self { rest: input }
    }

    /// Whether anything is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes are left.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// A number of up to 64 bits: small ones are the most likely, extremes are within reach.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=0xef => u64::from(small),
            0xf0..=0xf3 => u64::from(u16::from_le_bytes(self.array())),
            0xf4..=0xf7 => u64::from(u32::from_le_bytes(self.array())),
            0xf8..=0xfb => u64::from_le_bytes(self.array()),
            0xfc => u64::MAX,
            0xfd => i64::MAX as u64,
            0xfe => i64::MAX as u64 + 1,
            0xff => u64::from(u32::MAX),
        }
    }

    /// A number below `bound`; zero if that is zero.
    pub fn below(&mut self, bound: usize) -> usize {
        let drawn =
            if bound > 256 { usize::from(u16::from_le_bytes(self.array())) } else { self.byte().into() };
        drawn.checked_rem(bound).unwrap_or(0)
    }

    /// Exactly so many bytes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// Up to `most` bytes; how many is drawn too.
    pub fn bytes(&mut self, most: usize) -> &'i [u8] {
        let length = self.below(most + 1).min(self.rest.len());
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'i [u8] {
        std::mem::take(&mut self.rest)
    }
}
