//! Turns phrases of the grammar into finished sentences of one text.
//!
//! It keeps from repeating itself within a text, and knows neither lengths nor kinds of record.

use std::collections::BTreeSet;

use super::cast::Cast;
use super::chance::Chance;
use super::finish;
use super::grammar::{Part, Phrase, phrases};
use super::invented::capital;
use super::slips::Slips;

/// Deepest slot within slot that is followed; deeper ones stay empty.
const DEPTH_MAX: u8 = 16;
/// How often another phrase is tried before one is used twice in a text.
const TRIES_MAX: usize = 6;
const LEADS: &[&str] = &[
    "also",
    "then",
    "later,",
    "anyway,",
    "again,",
    "so",
    "after that",
    "apart from this,",
    "on the plus side,",
    "still,",
];
const JOINTS: &[&str] = &["; ", " - ", ", and ", "; ", ". ", ", but ", " … "];

/// The one who tells a text.
pub(super) struct Teller<'a> {
    pub(super) chance: &'a mut Chance,
    cast: Cast,
    slips: Slips,
    clipped: bool,
    curly: bool,
    told: BTreeSet<(&'static str, usize)>,
}

impl<'a> Teller<'a> {
    /// A writer with a cast and habits of their own.
    pub(super) fn new(chance: &'a mut Chance, cast: Cast) -> Self {
        let (slips, clipped, curly) = (Slips::of_a_writer(chance), chance.percent(30), chance.percent(30));
        Self { chance, cast, slips, clipped, curly, told: BTreeSet::new() }
    }

    /// A finished sentence of a slot, with its full stop; now and then two joined to one.
    pub(super) fn sentence(&mut self, slot: &'static str) -> String {
        let mut words = self.clause(slot);
        if self.chance.percent(9) {
            let (joint, clause) = (self.chance.text(JOINTS), self.clause(slot));
            words.push_str(joint);
            words.push_str(&if joint == ". " { capital(&clause) } else { clause });
        }
        let words = finish::tidy(&words, self.cast.is_they());
        let words = finish::paraphrased(&words, self.chance);
        let words = self.slips.put_into(&words, self.chance);
        let mut words = capital(words.trim());
        if !words.ends_with(['.', '?', '!', '…']) {
            words.push('.');
        }
        if self.curly { finish::curly(&words) } else { words }
    }

    /// A short text in a young person's hand: no paraphrase, few capitals, no full stop.
    pub(super) fn own_words(&mut self, slot: &'static str) -> String {
        let mut words = String::new();
        self.fill(slot, 0, &mut words);
        let words = self.slips.put_into(&finish::tidy(&words, false), self.chance);
        if self.chance.percent(80) { capital(&words) } else { words }
    }

    /// A sentence without its circumstance, or with one before or after it.
    fn clause(&mut self, slot: &'static str) -> String {
        let mut words = String::new();
        let Some(phrase) = self.choose(slot) else { return words };
        self.spell(&phrase.parts, 0, &mut words);
        if self.clipped
            && self.chance.percent(50)
            && let Some(rest) = words.strip_prefix(self.cast.subject())
            && let Some(rest) = rest.strip_prefix(' ')
        {
            words = String::from(rest);
        }
        if !phrase.takes_circumstance {
            return words;
        }
        match self.chance.below(100) {
            0..20 => {
                let mut circumstance = String::new();
                self.fill("when", 0, &mut circumstance);
                format!("{circumstance}, {words}")
            }
            20..34 => {
                words.push(' ');
                self.fill("when", 0, &mut words);
                words
            }
            34..46 => {
                words.push_str(", ");
                self.fill("tail", 0, &mut words);
                words
            }
            46..54 => format!("{} {words}", self.chance.text(LEADS)),
            _ => words,
        }
    }

    fn fill(&mut self, slot: &'static str, depth: u8, out: &mut String) {
        if slot == "here" {
            let here = format!("here_{}", self.cast.here());
            if let Some(phrase) = self.chance.of(phrases(&here)) {
                self.spell(&phrase.parts, depth, out);
            }
        } else if let Some(words) = self.cast.fill(slot, self.chance) {
            out.push_str(&words);
        } else if let Some(phrase) = self.choose(slot) {
            self.spell(&phrase.parts, depth, out);
        }
    }

    fn choose(&mut self, slot: &'static str) -> Option<&'static Phrase> {
        let several = phrases(slot);
        let mut at = self.chance.below(several.len());
        for _ in 0..TRIES_MAX {
            if self.told.insert((slot, at)) {
                break;
            }
            at = self.chance.below(several.len());
        }
        several.get(at)
    }

    fn spell(&mut self, parts: &'static [Part], depth: u8, out: &mut String) {
        let Some(deeper) = depth.checked_add(1).filter(|deeper| *deeper < DEPTH_MAX) else { return };
        for part in parts {
            match part {
                Part::Text(words) => out.push_str(words),
                Part::Slot(slot) => self.fill(slot, deeper, out),
                Part::Choice(several) => {
                    if let Some(one) = self.chance.of(several) {
                        self.spell(one, deeper, out);
                    }
                }
            }
        }
    }
}
