//! What people write in a world, and what of it has to be there in the end.
//!
//! Every word is one that nobody else writes, so that it can be looked for. Nobody deletes here; what is to be lost by
//! right, a fault writes itself.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_core::contract::{Done, StaffRole};
use serde_json::{Value, json};

use super::phone::Did;
use super::template::{STAFF, Template};
use super::{Held, World};
use crate::screen;

/// Stands in every word that is written, and must stand nowhere outside the members' own cores.
pub const MARKER: &str = "kestrel";

/// A word that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub word: String,
    /// The case, by its place.
    pub case: usize,
    /// Whether whoever wrote it was told that it is kept.
    pub sure: bool,
    /// The note whose text it stands in, if it does.
    pub note: Option<String>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Whose phones read it for certain, by their place among the phones.
    pub readers: BTreeSet<usize>,
    /// Whose phones may read it besides.
    pub perhaps: BTreeSet<usize>,
    /// Drafts that everybody types into.
    pub notes: Vec<String>,
    /// Signed notes.
    pub signed: Vec<String>,
    /// Goals.
    pub goals: Vec<String>,
    /// Concerns.
    pub concerns: Vec<String>,
}

/// Everything that was written.
#[derive(Clone, Debug, Default)]
pub struct Writing {
    /// The cases.
    pub cases: Vec<Case>,
    /// The words.
    pub words: Vec<Word>,
    /// Most cases.
    pub cases_max: usize,
    screens: BTreeMap<(usize, String), String>,
    count: u32,
}

impl Writing {
    /// What the template holds.
    #[must_use]
    pub fn begin(template: &Template, staff: &[usize]) -> Self {
        let mut case = Case::of(template.case.clone(), staff, None);
        case.readers
            .extend(staff.iter().enumerate().filter(|(_, who)| [1, 2].contains(*who)).map(|(at, _)| at));
        case.notes.push(template.note.clone());
        Self { cases: vec![case], cases_max: 3, ..Self::default() }
    }

    /// A word that nobody has written before.
    pub fn new_word(&mut self) -> String {
        self.count += 1;
        // Its first letter stands nowhere else, so that an insertion can be told apart from what it is inserted into.
        let letter = char::from_u32(0x4E00 + self.count).unwrap_or('?');
        format!("{letter}{MARKER}{}~", self.count)
    }
}

impl Case {
    /// A case that the phones of supervisors, the safeguarding lead and one mentor read.
    fn of(id: String, staff: &[usize], mentor: Option<usize>) -> Self {
        let everywhere =
            |who: &usize| matches!(STAFF[*who].1, StaffRole::Supervisor | StaffRole::Safeguarding);
        let readers = staff.iter().enumerate().filter(|(_, who)| everywhere(who)).map(|(at, _)| at);
        Self {
            id,
            readers: readers.chain(mentor).collect(),
            perhaps: BTreeSet::new(),
            notes: Vec::new(),
            signed: Vec::new(),
            goals: Vec::new(),
            concerns: Vec::new(),
        }
    }
}

impl World {
    /// One piece of work on a phone.
    ///
    /// # Errors
    /// Whatever did not hold.
    pub fn write(&mut self, who: usize) -> Held {
        let case = self.chance.below(self.writing.cases.len());
        match self.chance.below(20) {
            0..=5 => self.type_words(who, case),
            6..=7 => self.begin_note(who, case),
            8 => self.sign_note_of_ones_own(who, case),
            9 => self.on_a_record(who, case, "add_addendum", |case| &case.signed, "note"),
            10..=11 => self.set_goal(who, case),
            12 => self.on_a_record(who, case, "add_step", |case| &case.goals, "goal"),
            13 => self.on_a_record(who, case, "record_progress", |case| &case.goals, "goal"),
            14 => self.raise_concern(who, case),
            15 => self.check_in(who, case),
            16..=17 => self.describe(who, case),
            18 => self.open_case(who),
            _ => self.add_mentor(who, case),
        }
    }

    /// Puts a new word somewhere into a draft, on a screen that may be older than the draft.
    ///
    /// # Errors
    /// Whatever did not hold.
    pub fn type_words(&mut self, who: usize, case: usize) -> Held {
        let notes = self.writing.cases[case].notes.clone();
        let Some(note) = self.chance.of(&notes).cloned() else { return Ok(()) };
        self.open(who)?;
        let Some(page) = self.phones[who].page(&json!({"page": "note", "note": note})) else {
            return Ok(());
        };
        let stored = page["body"].as_str().unwrap_or_default().to_owned();
        let screen = (who, note.clone());
        let stale = self.writing.screens.get(&screen).cloned().filter(|_| self.chance.percent(25));
        let before = stale.unwrap_or_else(|| stored.clone());
        let word = self.writing.new_word();
        let after = self.with_word(&before, &word);
        self.writing.screens.insert(screen, stored);
        let command = screen::saving(&note, &before, &after);
        let did = self.run(who, command)?;
        self.wrote(&did, word, case, Some(note));
        Ok(())
    }

    /// A text with a word put in between two others.
    fn with_word(&mut self, text: &str, word: &str) -> String {
        let gaps: Vec<usize> = text.match_indices(' ').map(|(at, space)| at + space.len()).collect();
        let at = match self.chance.below(3) {
            0 => 0,
            1 => text.len(),
            _ => self.chance.of(&gaps).copied().unwrap_or(0),
        };
        let gap = if at == text.len() && !text.is_empty() && !text.ends_with(' ') { " " } else { "" };
        format!("{}{gap}{word} {}", &text[..at], &text[at..])
    }

    /// Begins a draft.
    ///
    /// # Errors
    /// Whatever did not hold.
    pub fn begin_note(&mut self, who: usize, case: usize) -> Held {
        let word = self.writing.new_word();
        let id = self.writing.cases[case].id.clone();
        let place = self.chance.text(&["car", "cafe"]);
        let command = json!({"do": "begin_note", "case": id, "place": place, "body": format!("{word} ")});
        let did = self.run(who, command)?;
        let note = made(&did);
        self.writing.cases[case].notes.extend(note.clone());
        self.wrote(&did, word, case, note);
        Ok(())
    }

    fn sign_note_of_ones_own(&mut self, who: usize, case: usize) -> Held {
        let word = self.writing.new_word();
        let id = self.writing.cases[case].id.clone();
        let did = self.run(who, json!({"do": "begin_note", "case": id, "body": word}))?;
        let note = made(&did);
        self.wrote(&did, word.clone(), case, None);
        let Some(note) = note else { return Ok(()) };
        if let Did::Done(_) = self.run(who, screen::signing(&note, &word))? {
            self.writing.cases[case].signed.push(note);
        }
        Ok(())
    }

    /// Writes words about a record of a case, if it has any.
    fn on_a_record(
        &mut self,
        who: usize,
        case: usize,
        what: &str,
        records: impl Fn(&super::writing::Case) -> &Vec<String>,
        field: &str,
    ) -> Held {
        let records = records(&self.writing.cases[case]).clone();
        let Some(record) = self.chance.of(&records).cloned() else { return Ok(()) };
        let word = self.writing.new_word();
        let did = self.run(who, json!({"do": what, field: record, "words": word}))?;
        self.wrote(&did, word, case, None);
        Ok(())
    }

    fn set_goal(&mut self, who: usize, case: usize) -> Held {
        let word = self.writing.new_word();
        let id = self.writing.cases[case].id.clone();
        let did = self.run(who, json!({"do": "set_goal", "case": id, "words": word}))?;
        self.writing.cases[case].goals.extend(made(&did));
        self.wrote(&did, word, case, None);
        Ok(())
    }

    /// Raises a concern.
    ///
    /// # Errors
    /// Whatever did not hold.
    pub fn raise_concern(&mut self, who: usize, case: usize) -> Held {
        let word = self.writing.new_word();
        let id = self.writing.cases[case].id.clone();
        let about = self.chance.text(&["threat", "weapon", "missing"]);
        let did = self.run(who, json!({"do": "raise_concern", "case": id, "about": about, "words": word}))?;
        self.writing.cases[case].concerns.extend(made(&did));
        self.wrote(&did, word, case, None);
        Ok(())
    }

    fn check_in(&mut self, who: usize, case: usize) -> Held {
        let id = self.writing.cases[case].id.clone();
        let answers = [self.chance.below(11), self.chance.below(11), self.chance.below(11)];
        self.run(
            who,
            json!({"do": "record_check_in", "case": id, "scale": "ons4", "company": ["mentor"],
                "manner": "alone", "answers": answers}),
        )?;
        Ok(())
    }

    /// Sets something that others may set at the same time.
    ///
    /// # Errors
    /// Whatever did not hold.
    pub fn describe(&mut self, who: usize, case: usize) -> Held {
        let notes = self.writing.cases[case].notes.clone();
        let id = self.writing.cases[case].id.clone();
        let note = self.chance.of(&notes).cloned().unwrap_or_default();
        let command = match self.chance.below(if notes.is_empty() { 2 } else { 5 }) {
            0 => json!({"do": "set_risk", "case": id, "level": self.chance.text(&["low", "medium", "high"])}),
            1 => json!({"do": "set_cohort", "case": id, "cohort": self.chance.text(&["protect", "prevent"])}),
            2 => json!({"do": "describe_note", "note": note, "minutes": 1 + self.chance.below(400)}),
            3 => {
                json!({"do": "describe_note", "note": note, "add_tags": [self.chance.text(&["a", "b", "c"])]})
            }
            _ => {
                json!({"do": "describe_note", "note": note, "remove_tags": [self.chance.text(&["a", "b", "c"])]})
            }
        };
        self.run(who, command)?;
        Ok(())
    }

    /// Opens a case, as long as there are few.
    ///
    /// # Errors
    /// Whatever did not hold.
    pub fn open_case(&mut self, who: usize) -> Held {
        if self.writing.cases.len() >= self.writing.cases_max {
            return Ok(());
        }
        let word = self.writing.new_word();
        let did = self.run(who, json!({"do": "open_case", "name": word, "cohort": "prevent"}))?;
        if let Some(id) = made(&did) {
            let staff: Vec<usize> = self.staff();
            self.writing.cases.push(Case::of(id, &staff, Some(who)));
            let case = self.writing.cases.len() - 1;
            self.wrote(&did, word, case, None);
        }
        Ok(())
    }

    fn add_mentor(&mut self, who: usize, case: usize) -> Held {
        let mentors = |at: &usize| self.phones[*at].role == StaffRole::Mentor;
        let mentors: Vec<usize> = (0..self.phones.len()).filter(mentors).collect();
        let Some(mentor) = self.chance.of(&mentors).copied() else { return Ok(()) };
        let (id, person) = (self.writing.cases[case].id.clone(), self.phones[mentor].person.clone());
        match self.run(who, json!({"do": "add_mentor", "case": id, "mentor": person}))? {
            Did::Done(_) => self.writing.cases[case].readers.insert(mentor),
            Did::Cut => self.writing.cases[case].perhaps.insert(mentor),
            Did::Refused(_) => false,
        };
        Ok(())
    }

    /// Whose phones there are, by their place among the staff.
    #[must_use]
    pub fn staff(&self) -> Vec<usize> {
        let place = |name: &str| STAFF.iter().position(|(other, _)| *other == name).unwrap_or_default();
        self.phones.iter().map(|phone| place(&phone.name)).collect()
    }

    /// Remembers a word, unless it was refused.
    pub fn wrote(&mut self, did: &Did<Done>, word: String, case: usize, note: Option<String>) {
        let sure = match did {
            Did::Done(_) => true,
            Did::Cut => false,
            Did::Refused(_) => return,
        };
        self.writing.words.push(Word { word, case, sure, note });
    }
}

/// The record that a command made, if it is known to have made one.
#[must_use]
pub fn made(did: &Did<Done>) -> Option<String> {
    match did {
        Did::Done(done) => done.made.map(|made| made.to_string()),
        _ => None,
    }
}

/// A JSON array's items; none of anything else.
#[must_use]
pub fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
