//! Synthetic casework: invented notes, goals, concerns and answers such as mentors and young people write.
//!
//! It is made from a seed and from our own words alone, and knows neither the core nor a real person.
//!
//! # How it is built
//! The files of `words/` hold a grammar: some 280 sentence templates and 150 slots (people, places in Kent and
//! Medway, school, family, risk, plans, a young person's voice …) that ask for each other and for alternatives. A text
//! draws a cast (names, pronouns, one place) and a writer (how times and prices are written, short forms, slips,
//! clipped or full sentences, straight or curly quotes), takes up themes in random order and seldom says
//! anything twice. Sentences gain circumstances before or after them, are joined, put in other words, and carry
//! things no list holds: made-up names, streets, prices, times, dates, bus numbers. Chance is `SplitMix64` on integers,
//! so a seed gives the same texts everywhere.
//!
//! # What its figures are worth
//! Sizes, ratios and times taken from these texts are figures for synthetic text; say so beside each of them. A
//! grammar is more regular than people. Measured with zstd 19 on single texts, 400 of seed 2: alone they shrink
//! 1.6-fold, with a 64 KiB dictionary trained on 3,000 of seed 1 3.3-fold. Prose of Vim's handbook in pieces of 640
//! bytes, as a comparison: 1.7-fold alone, 2.6-fold with a dictionary trained on other pages. So the dictionary's gain
//! is flattered, by about a quarter against that handbook; how much against real notes nobody has measured.

mod batches;
mod body;
mod cast;
pub mod chance;
mod finish;
mod grammar;
mod invented;
mod slips;
mod teller;
#[cfg(test)]
mod tests;

use body::Matter;
use cast::{Cast, plain};
use chance::Chance;
use teller::Teller;

/// Shortest body of a [`SyntheticNote`], in characters.
pub const NOTE_CHARS_MIN: usize = 150;
/// Longest body of a [`SyntheticNote`], in characters.
pub const NOTE_CHARS_MAX: usize = 2_500;

/// Lengths of bodies at equal shares of all notes; their mean is near 700.
const NOTE_CHARS: &[usize] = &[150, 210, 280, 340, 400, 470, 550, 640, 740, 880, 1_100, 1_500, 2_450];

/// Contacts by how often they occur, each with its places and its shortest and longest length in minutes.
#[allow(clippy::type_complexity, reason = "a table, read once")]
const CONTACTS: &[(usize, &str, &[&str], (usize, usize))] = &[
    (
        48,
        "one_to_one",
        &[
            "car",
            "cafe",
            "cafe",
            "home",
            "outdoors",
            "outdoors",
            "school",
            "activity",
            "justice",
            "office",
            "elsewhere",
        ],
        (25, 180),
    ),
    (6, "group", &["activity", "activity", "school", "office", "outdoors"], (45, 150)),
    (12, "family", &["home", "home", "home", "cafe", "office", "car"], (15, 110)),
    (10, "professional", &["office", "remote", "school", "justice"], (10, 95)),
    (8, "call", &["remote"], (3, 45)),
    (5, "message", &["remote"], (1, 15)),
    (4, "crisis", &["home", "elsewhere", "outdoors", "justice", "school", "car"], (20, 240)),
    (7, "missed", &["home", "cafe", "school", "outdoors", "activity", "office"], (10, 45)),
];

/// Tags as mentors set them.
const TAGS: &[&str] = &[
    "school",
    "family",
    "boxing",
    "football",
    "constructive",
    "co-created",
    "customised",
    "consistent",
    "co-ordinated",
    "risk",
    "peers",
    "online",
    "work",
    "college",
    "money",
    "housing",
    "health",
    "sleep",
    "court",
    "police",
    "missing",
    "wellbeing",
    "identity",
    "confidence",
    "goal",
    "step-down",
    "safety plan",
    "siblings",
    "advocacy",
    "travel",
    "positive activity",
    "voice",
    "reachable moment",
    "ending",
    "substance use",
    "exclusion",
    "EHCP",
    "friendship",
    "grief",
    "practical support",
];

/// A seeded writer of casework; the same seed and the same calls give the same texts on every platform.
#[derive(Clone)]
pub struct Casework {
    chance: Chance,
}

/// A case note, not yet in anyone's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntheticNote {
    /// [`NOTE_CHARS_MIN`] to [`NOTE_CHARS_MAX`] characters, about 700 on average.
    pub body: String,
    /// Lasting name of a place.
    pub place: &'static str,
    /// Lasting name of a kind of contact.
    pub contact: &'static str,
    /// Whether it had been planned; a crisis never was.
    pub planned: bool,
    /// How long, 1 to 240.
    pub minutes: i64,
    /// What was agreed; never empty.
    pub agreed: String,
    /// None to four tags, no two alike.
    pub tags: Vec<&'static str>,
}

/// A goal in a young person's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntheticGoal {
    /// What is wanted.
    pub words: String,
    /// Why it matters.
    pub why: String,
    /// Two to five steps.
    pub steps: Vec<String>,
    /// One to five notes of progress.
    pub progress: Vec<String>,
}

impl Casework {
    /// Starts from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { chance: Chance::new(seed) }
    }

    /// The next note.
    pub fn note(&mut self) -> SyntheticNote {
        let (contact, places, minutes) = self.contact();
        let place = self.chance.text(places);
        let exact = self.chance.between(minutes.0, minutes.1);
        let minutes = if exact > 10 && self.chance.percent(80) { exact / 5 * 5 } else { exact };
        let minutes = i64::try_from(minutes).unwrap_or(1);
        let planned = contact != "crisis" && self.chance.percent(if contact == "message" { 40 } else { 82 });

        let rung = self.chance.below(NOTE_CHARS.len().saturating_sub(1));
        let from = NOTE_CHARS.get(rung).copied().unwrap_or(NOTE_CHARS_MIN);
        let until = NOTE_CHARS.get(rung.saturating_add(1)).copied().unwrap_or(NOTE_CHARS_MAX);
        let chars = self.chance.between(from, until);
        let (least, most) = (chars * 97 / 100, chars * 112 / 100);

        let mut teller = self.teller(place, minutes);
        let body = teller.body(Matter::Contact(contact), least.max(NOTE_CHARS_MIN), most.min(NOTE_CHARS_MAX));
        let agreed = teller.sentence("agreed");
        SyntheticNote { body, place, contact, planned, minutes, agreed, tags: self.tags() }
    }

    /// A note's body of `chars` characters, give or take five in a hundred.
    pub fn note_of_about(&mut self, chars: usize) -> String {
        let (contact, places, _) = self.contact();
        let place = self.chance.text(places);
        let (least, most) = span(chars);
        self.teller(place, 60).body(Matter::Contact(contact), least, most)
    }

    /// The states of `body` while it is typed, one for each batch of 10 to 64 characters; the last one is `body`.
    ///
    /// In some a word is begun and taken back, and in some longer texts a sentence is added in the middle at the end.
    pub fn draft_batches(&mut self, body: &str) -> Vec<String> {
        batches::states(body, &mut self.chance)
    }

    /// A goal with its steps and its progress.
    pub fn goal(&mut self) -> SyntheticGoal {
        let (steps, progress) = (self.chance.between(2, 5), self.chance.between(1, 5));
        let mut teller = self.teller("activity", 60);
        SyntheticGoal {
            words: teller.own_words("goal"),
            why: teller.own_words("goal_why"),
            steps: (0..steps).map(|_| teller.own_words("goal_step")).collect(),
            progress: (0..progress).map(|_| teller.own_words("goal_progress")).collect(),
        }
    }

    /// The words of a safeguarding concern, `chars` characters give or take five in a hundred; 600 is usual.
    ///
    /// Serious but never graphic.
    pub fn concern(&mut self, chars: usize) -> String {
        let place = self.chance.text(&["car", "cafe", "home", "outdoors", "school", "activity", "remote"]);
        let (least, most) = span(chars);
        self.teller(place, 60).body(Matter::Concern, least, most)
    }

    /// What a supervisor writes when taking on or closing a concern: two to four sentences.
    pub fn handling(&mut self) -> String {
        let sentences = self.chance.between(2, 4);
        let mut teller = self.teller("office", 30);
        let all: Vec<String> = (0..sentences).map(|_| teller.sentence("handling")).collect();
        all.join(" ")
    }

    /// Answers to a scale of `items` questions, each from `least` to `most`; 4 % are skipped.
    ///
    /// They lie around a mood of the day, as a person's answers do, rather than evenly.
    pub fn answers(&mut self, items: usize, least: u8, most: u8) -> Vec<Option<u8>> {
        let (least, most) = (least.min(most), least.max(most));
        let mood = self.chance.between(usize::from(least), usize::from(most));
        let answer = |_| {
            let (drop, lift) = (self.chance.below(3), self.chance.below(3));
            let value = mood.saturating_add(lift).saturating_sub(drop);
            let value = u8::try_from(value).unwrap_or(most).clamp(least, most);
            (!self.chance.percent(4)).then_some(value)
        };
        (0..items).map(answer).collect()
    }

    /// What a young person goes by: a first name and an invented initial, such as "Amara K.".
    pub fn young_person(&mut self) -> String {
        let name = plain("first_name", &mut self.chance);
        let initial = self.chance.text(&[
            "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "R", "S", "T",
            "V", "W", "Z",
        ]);
        format!("{name} {initial}.")
    }

    fn contact(&mut self) -> (&'static str, &'static [&'static str], (usize, usize)) {
        let mut ticket = self.chance.below(CONTACTS.iter().map(|(weight, ..)| weight).sum());
        for (weight, contact, places, minutes) in CONTACTS {
            if ticket < *weight {
                return (contact, places, *minutes);
            }
            ticket = ticket.saturating_sub(*weight);
        }
        ("one_to_one", &["home"], (25, 180))
    }

    fn teller(&mut self, place: &'static str, minutes: i64) -> Teller<'_> {
        let cast = Cast::new(&mut self.chance, place, minutes);
        Teller::new(&mut self.chance, cast)
    }

    fn tags(&mut self) -> Vec<&'static str> {
        let mut tags = Vec::new();
        for _ in 0..self.chance.below(5) {
            let tag = self.chance.text(TAGS);
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        tags
    }
}

/// The lengths within five in a hundred of `chars`.
const fn span(chars: usize) -> (usize, usize) {
    let spare = chars / 20;
    (chars.saturating_sub(spare), chars.saturating_add(spare))
}
