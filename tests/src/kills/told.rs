//! What a device has been told and has answered, and whether it is still so.
//!
//! Knows what a person can see, and nothing of how it is kept.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_core::app::Fieldfare;
use serde_json::{Value, json};

use crate::{phone, screen};

/// Something that was said to a device, in the order in which it was said.
#[derive(Clone)]
pub(super) enum Said {
    /// A note was begun with these words.
    Note(String),
    /// A note that said one thing was given other words.
    Draft(String, String, String),
    /// A concern was raised in these words.
    Concern(String),
    /// A goal was set in these words.
    Goal(String),
}

impl Said {
    /// The command.
    pub(super) fn command(&self, case: &str) -> Value {
        match self {
            Self::Note(body) => json!({"do": "begin_note", "case": case, "body": body}),
            Self::Draft(note, before, body) => screen::saving(note, before, body),
            Self::Concern(words) => {
                json!({"do": "raise_concern", "case": case, "about": "other", "words": words})
            }
            Self::Goal(words) => json!({"do": "set_goal", "case": case, "words": words}),
        }
    }
}

/// Everything that was answered, and what may have been done without an answer.
#[derive(Default)]
pub(super) struct Told {
    /// Notes and the words that each may hold: the answered ones first, then those whose answer never came.
    notes: BTreeMap<String, Vec<String>>,
    /// Concerns and goals, by name.
    records: BTreeMap<String, Said>,
    /// Words of concerns and goals whose answer never came.
    perhaps: BTreeSet<String>,
    /// Words of notes whose answer never came.
    perhaps_notes: BTreeSet<String>,
    /// Notes since the last look.
    fresh: BTreeSet<String>,
}

impl Told {
    /// A note that was begun, if there is any.
    pub(super) fn note(&self, number: usize) -> Option<&String> {
        self.notes.keys().nth(number.checked_rem(self.notes.len())?)
    }

    /// What a note says, as far as it was heard.
    pub(super) fn says(&self, note: &str) -> String {
        self.notes.get(note).and_then(|bodies| bodies.last()).cloned().unwrap_or_default()
    }

    /// How many concerns may be there.
    pub(super) fn concerns(&self) -> usize {
        self.records.values().filter(|said| matches!(said, Said::Concern(_))).count() + self.perhaps.len()
    }

    /// How many goals may be there.
    pub(super) fn goals(&self) -> usize {
        self.records.values().filter(|said| matches!(said, Said::Goal(_))).count() + self.perhaps.len()
    }

    /// Takes down what was answered, or that no answer came.
    pub(super) fn take(&mut self, said: &Said, answer: Option<&Value>) {
        let made = || answer.and_then(|answer| answer["made"].as_str()).map(str::to_owned);
        match (said, answer) {
            (Said::Draft(note, _, body), _) => {
                let bodies = self.notes.get_mut(note).expect("a note that was begun");
                if answer.is_some() {
                    bodies.clear();
                }
                bodies.push(body.clone());
                self.fresh.insert(note.clone());
            }
            (Said::Note(body), Some(_)) => {
                let note = made().expect("a note");
                self.fresh.insert(note.clone());
                self.notes.insert(note, vec![body.clone()]);
            }
            (Said::Concern(_) | Said::Goal(_), Some(_)) => {
                self.records.insert(made().expect("a record"), said.clone());
            }
            (Said::Concern(words) | Said::Goal(words), None) => {
                self.perhaps.insert(words.clone());
            }
            // A note without an answer is whole or absent; it is looked for on the timeline, as everything there is.
            (Said::Note(words), None) => {
                self.perhaps_notes.insert(words.clone());
            }
        }
    }

    /// Asserts that what was said since the last look is as it was answered.
    pub(super) fn look_at_fresh(&mut self, app: &Fieldfare) {
        for note in std::mem::take(&mut self.fresh) {
            self.look_at_note(app, &note);
        }
    }

    fn look_at_note(&mut self, app: &Fieldfare, note: &str) {
        let page = phone::page(app, json!({"page": "note", "note": note}));
        let body = page["body"].as_str().expect("words").to_owned();
        let bodies = self.notes.get_mut(note).expect("a note that was begun");
        assert!(bodies.contains(&body), "{note} says {body:?} and may say {bodies:?}");
        *bodies = vec![body];
    }

    /// Whether somebody wrote words that begin like these.
    fn could_say(&self, start: &str) -> bool {
        let begins = |words: &String| words.starts_with(start);
        let said = self.records.values().any(|said| match said {
            Said::Note(words) | Said::Draft(.., words) | Said::Concern(words) | Said::Goal(words) => {
                begins(words)
            }
        });
        let perhaps = self.perhaps.iter().chain(&self.perhaps_notes).any(begins);
        said || perhaps || self.notes.values().flatten().any(begins)
    }

    /// Asserts that a device shows everything, each once, and nothing that nobody wrote.
    pub(super) fn look_at_everything(&mut self, app: &Fieldfare, case: &str) {
        for note in self.notes.keys().cloned().collect::<Vec<_>>() {
            self.look_at_note(app, &note);
        }
        let (mut seen, mut before_ms) = (BTreeSet::new(), json!(null));
        loop {
            let ask = json!({"page": "timeline", "case": case, "limit": 200, "before_ms": before_ms});
            let page = phone::page(app, ask);
            for moment in page["moments"].as_array().expect("moments") {
                let words = moment["words"].as_str().unwrap_or_default().trim_end_matches('…').to_owned();
                assert!(seen.insert(words.clone()), "{words:?} is there twice");
                assert!(self.could_say(&words), "nobody wrote {words:?}");
            }
            before_ms = page["next_before_ms"].clone();
            if before_ms.is_null() {
                break;
            }
        }
        let page = phone::page(app, json!({"page": "case", "case": case}));
        for (list, name) in [("concerns", "concern"), ("goals", "goal")] {
            let rows = page[list].as_array().expect("rows");
            let there: BTreeMap<&str, &str> = rows
                .iter()
                .map(|row| (row[name].as_str().unwrap(), row["words"].as_str().unwrap()))
                .collect();
            let told = |said: &Said| match (said, name) {
                (Said::Concern(words), "concern") | (Said::Goal(words), "goal") => Some(words.clone()),
                _ => None,
            };
            for (record, said) in &self.records {
                let Some(words) = told(said) else { continue };
                assert_eq!(there.get(record.as_str()), Some(&words.as_str()), "{name} {record}");
            }
            for (record, words) in &there {
                let answered = self.records.contains_key(*record);
                assert!(answered || self.perhaps.contains(*words), "nobody wrote {words:?}");
            }
        }
    }
}
