//! Who one text is about, and how its writer puts things: names, pronouns, the place, the hand.
//!
//! One cast lasts for one text, so a text agrees with itself; it knows no sentences.

use super::chance::Chance;
use super::grammar::{Part, Phrase, phrases};
use super::invented::{self, Hand, capital};

/// Subject, object, possessive and reflexive form, then "was" and "has" beside the subject.
const PRONOUNS: &[[&str; 6]] = &[
    ["he", "him", "his", "himself", "was", "has"],
    ["she", "her", "her", "herself", "was", "has"],
    ["they", "them", "their", "themself", "were", "have"],
];

/// Slots that the cast fills, beside the numbers `n:least:most`.
#[cfg(test)]
pub(super) const SLOTS: &[&str] = &[
    "yp",
    "he",
    "he_cap",
    "him",
    "his",
    "himself",
    "was",
    "has",
    "carer",
    "carer_cap",
    "friend",
    "friend2",
    "here",
    "minutes",
    "time",
    "late",
    "early",
    "date",
    "price",
    "bus",
    "street",
    "nick",
    "invented",
];

/// The people and habits of one text.
pub(super) struct Cast {
    labels: Vec<String>,
    pronouns: [&'static str; 6],
    carer: &'static str,
    friends: [&'static str; 2],
    here: String,
    minutes: i64,
    hand: Hand,
}

impl Cast {
    /// Draws a cast. `here` is the slot of the place where the text happens.
    pub(super) fn new(chance: &mut Chance, here: &'static str, minutes: i64) -> Self {
        let name = plain("first_name", chance);
        let initial = name.chars().next().map(String::from).unwrap_or_default();
        let labels = match chance.below(5) {
            0 => vec![name.to_owned()],
            1 => vec!["YP".to_owned()],
            2 => vec![initial],
            3 => vec![name.to_owned(), initial],
            _ => vec![name.to_owned(), "YP".to_owned(), "the young person".to_owned()],
        };
        let which = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2];
        let which: usize = chance.of(&which).copied().unwrap_or(0);
        Self {
            labels,
            pronouns: PRONOUNS.get(which).copied().unwrap_or_default(),
            carer: plain("carer_word", chance),
            friends: [plain("first_name", chance), plain("first_name", chance)],
            here: here.to_owned(),
            minutes,
            hand: Hand::of_a_writer(chance),
        }
    }

    /// Whether verbs beside the pronoun are plural.
    pub(super) fn is_they(&self) -> bool {
        self.pronouns.first() == Some(&"they")
    }

    /// The subject form of the pronoun.
    pub(super) const fn subject(&self) -> &'static str {
        self.pronouns[0]
    }

    /// The slot of the place.
    pub(super) fn here(&self) -> &str {
        &self.here
    }

    /// What the cast puts into a slot; `None` for one that the grammar fills.
    pub(super) fn fill(&self, slot: &str, chance: &mut Chance) -> Option<String> {
        let [he, him, his, himself, was, has] = self.pronouns;
        let [friend, friend2] = self.friends;
        Some(match slot {
            "yp" => chance.of(&self.labels).cloned().unwrap_or_default(),
            "he" => he.to_owned(),
            "he_cap" => capital(he),
            "him" => him.to_owned(),
            "his" => his.to_owned(),
            "himself" => himself.to_owned(),
            "was" => was.to_owned(),
            "has" => has.to_owned(),
            "carer" => self.carer.to_owned(),
            "carer_cap" => capital(self.carer),
            "friend" => friend.to_owned(),
            "friend2" => friend2.to_owned(),
            "minutes" => self.minutes.to_string(),
            "time" => self.hand.time(8, 20, chance),
            "late" => self.hand.time(20, 23, chance),
            "early" => self.hand.time(5, 9, chance),
            "date" => self.hand.date(chance),
            "price" => self.hand.price(chance),
            "bus" => invented::bus(chance),
            "street" => invented::street(chance),
            "nick" => invented::word(chance),
            "invented" => invented::place(chance),
            _ => number(slot, chance)?,
        })
    }
}

/// A number for `n:least:most`.
fn number(slot: &str, chance: &mut Chance) -> Option<String> {
    let (least, most) = slot.strip_prefix("n:")?.split_once(':')?;
    Some(chance.between(least.parse().ok()?, most.parse().ok()?).to_string())
}

/// A phrase that is words alone, such as a name; empty if the slot holds none.
pub(super) fn plain(slot: &str, chance: &mut Chance) -> &'static str {
    let words = |phrase: &'static Phrase| match phrase.parts.as_slice() {
        [Part::Text(words)] => *words,
        _ => "",
    };
    chance.of(phrases(slot)).map_or("", words)
}
