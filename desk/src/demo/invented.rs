//! Invented names and sentences, picked by a seed.
//!
//! Ours, every one; nobody in them exists. The larger generator for figures lives with the tests.

/// Picks from the lists below; the same seed picks the same.
pub(super) struct Invented {
    seed: u64,
    state: u64,
}

const NAMES: [&str; 14] = [
    "Jay T", "Amara K", "Kofi B", "Leila S", "Rhys M", "Zofia W", "Dembe O", "Tamsin H", "Idris A", "Noor F",
    "Callum P", "Mei L", "Anton V", "Saskia R",
];

const PLACES: [&str; 6] = [
    "the seafront",
    "his nan's kitchen",
    "the skate park",
    "the café by the station",
    "the car",
    "the boxing gym",
];

const WORRIES: [&str; 5] = [
    "Older boys wait at the bus stop after school",
    "Somebody keeps messaging about a debt that is not his",
    "He no longer takes the footpath behind the shops",
    "A car has followed him home twice this week",
    "His cousin's friends ask him to hold a bag",
];

const HOPES: [&str; 5] = [
    "Get back into school three days a week",
    "Pass the theory test before my birthday",
    "Have dinner with mum once without shouting",
    "Coach the under-nines on Saturdays",
    "Fix the bike and sell it for a fair price",
];

impl Invented {
    pub(super) const fn from_seed(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    pub(super) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn name(&mut self) -> &'static str {
        self.pick(&NAMES)
    }

    pub(super) fn place(&mut self) -> &'static str {
        self.pick(&PLACES)
    }

    pub(super) fn worry(&mut self) -> &'static str {
        self.pick(&WORRIES)
    }

    pub(super) fn hope(&mut self) -> &'static str {
        self.pick(&HOPES)
    }

    /// Every sentence and name that may have been used.
    pub(super) fn all_words() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().chain(PLACES).chain(WORRIES).chain(HOPES)
    }

    fn pick(&mut self, list: &[&'static str]) -> &'static str {
        let length = u64::try_from(list.len()).unwrap_or(1).max(1);
        let place = usize::try_from(self.next() % length).unwrap_or(0);
        list.get(place).copied().unwrap_or("")
    }

    /// SplitMix64, by Steele, Lea and Flood (2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
