//! What must hold once a world is quiet: everybody equal, everything there, nothing left over, nothing in clear.
//!
//! Asks pages and digests as a shell would, and reads files as a thief would.

use std::collections::BTreeMap;
use std::path::Path;

use fieldfare_protocol::id::VaultId;
use serde_json::{Value, json};

use super::network::Weather;
use super::phone::Did;
use super::writing::{Case, MARKER, items};
use super::{Held, Violation, World, demand};

/// Most rounds until nothing moves any more.
const ROUNDS_MAX: usize = 24;

/// What may be left over in the end, because the fault says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Reasons for which something may wait.
    pub waiting: Vec<&'static str>,
    /// Reasons for which something may be set aside.
    pub set_aside: Vec<&'static str>,
    /// Problems with which an exchange may end on the way, by name.
    pub problems: Vec<&'static str>,
    /// Phones that need not be level in the end, by their place.
    pub behind: Vec<usize>,
    /// Vaults that need not be level in the end.
    pub vaults: Vec<VaultId>,
    /// Whether whoever lies on the line goes on lying.
    pub lie: bool,
}

impl World {
    /// Makes the world honest, and lets everybody exchange until nothing moves.
    ///
    /// # Errors
    /// A phone that does not open or cannot exchange, or a world that never comes to rest.
    pub fn settle_down(&mut self) -> Held {
        self.power_cuts = 0;
        self.weather(Weather::CLEAR);
        {
            let mut line = self.network.line();
            if !self.leftovers.lie {
                line.lie = None;
            }
            (line.meanwhile, line.turn_away) = (None, None);
            line.post.disk = None;
            (line.cut_next_request_at, line.cut_next_reply_at) = (None, None);
            line.let_late_arrive();
        }
        // Whoever was asked to come back later does.
        self.time.pass(2 * 3_600_000);
        for phone in &mut self.phones {
            phone.clock.stop(false);
            phone.disk = None;
        }
        let mut last = String::new();
        for _ in 0..ROUNDS_MAX {
            let mut moved = false;
            for who in self.level_ones() {
                self.time.pass(1_000);
                match self.exchange(who)? {
                    Did::Done(done) => moved |= done.sent + done.received > 0,
                    other => {
                        return Err(Violation(format!(
                            "{} cannot exchange: {other:?}",
                            self.phones[who].name
                        )));
                    }
                }
            }
            let now = self.states()?;
            if !moved && now == last {
                return Ok(());
            }
            last = now;
        }
        Err(Violation("the world does not come to rest".to_owned()))
    }

    /// Everything that must hold in a quiet world.
    ///
    /// # Errors
    /// The first thing that does not.
    pub fn quiet(&mut self) -> Held {
        self.settle_down()?;
        self.nothing_is_left_over()?;
        self.everybody_is_level()?;
        for case in 0..self.writing.cases.len() {
            self.everything_is_there(case)?;
        }
        self.nothing_stands_in_clear()
    }

    /// The phones that must be level, by their place.
    #[must_use]
    pub fn level_ones(&self) -> Vec<usize> {
        (0..self.phones.len()).filter(|who| !self.leftovers.behind.contains(who)).collect()
    }

    fn states(&self) -> Held<String> {
        let mut all = String::new();
        for who in self.level_ones() {
            let app = self.phones[who].app.as_ref();
            let digests = app.map(|app| app.digests()).transpose();
            let digests = digests.map_err(|problem| Violation(format!("no digest: {problem:?}")))?;
            all.push_str(&format!("{digests:?}\n"));
        }
        Ok(all)
    }

    /// Nothing unsent, and nothing that waits or was set aside but for what the fault says.
    ///
    /// # Errors
    /// The first thing that is left over.
    pub fn nothing_is_left_over(&mut self) -> Held {
        for who in self.level_ones() {
            let name = self.phones[who].name.clone();
            let page = self.phones[who].page(&json!({"page": "exchange"})).unwrap_or_default();
            self.tell(format!("{name}: waiting {}, set aside {}", page["waiting"], page["set_aside"]));
            demand(page["unsent"] == 0 && page["unsent_urgent"] == 0, || {
                format!("{name} has unsent edits: {page}")
            })?;
            for (field, allowed) in
                [("waiting", &self.leftovers.waiting), ("set_aside", &self.leftovers.set_aside)]
            {
                for row in items(&page[field]) {
                    let why = row["why"].as_str().unwrap_or_default();
                    demand(allowed.contains(&why), || format!("{name}: {field} for {why}"))?;
                }
            }
        }
        Ok(())
    }

    /// The same digest of every vault on every phone that holds it.
    ///
    /// # Errors
    /// The first phone that differs.
    pub fn everybody_is_level(&mut self) -> Held {
        let mut digests = BTreeMap::new();
        let mut told = Vec::new();
        for who in self.level_ones() {
            let Some(app) = &self.phones[who].app else { continue };
            let own = app.digests().map_err(|problem| Violation(format!("no digest: {problem:?}")))?;
            for (vault, digest) in own {
                if self.leftovers.vaults.contains(&vault) || !self.belongs_to(who, vault) {
                    continue;
                }
                let first = *digests.entry(vault.0).or_insert(digest);
                demand(first == digest, || format!("{} differs in vault {vault}", self.phones[who].name))?;
            }
        }
        told.extend(digests.values().map(|digest| format!("digest {digest}")));
        told.sort();
        self.tell(told.join(", "));
        Ok(())
    }

    /// Whether a phone reads a vault: somebody who lies may hand out sealed things to anybody.
    fn belongs_to(&self, who: usize, vault: VaultId) -> bool {
        let of_vault = |case: &&Case| case.id.get(..8) == vault.to_string().get(..8);
        let case = self.writing.cases.iter().find(of_vault);
        case.is_none_or(|case| {
            let perhaps = case.perhaps.contains(&who);
            let seen = || self.phones[who].page(&json!({"page": "case", "case": case.id})).is_some();
            case.readers.contains(&who) || (perhaps && seen())
        })
    }

    /// Every word of a case on every phone that reads it, and nothing of it on any other.
    ///
    /// # Errors
    /// The first word that is missing, doubled or shown to somebody else.
    pub fn everything_is_there(&mut self, number: usize) -> Held {
        let case = self.writing.cases[number].clone();
        for who in self.level_ones() {
            let name = self.phones[who].name.clone();
            let page = self.phones[who].page(&json!({"page": "case", "case": case.id}));
            let reads = case.readers.contains(&who);
            demand(page.is_some() || !reads, || format!("{name} does not see case {number}"))?;
            demand(page.is_none() || reads || case.perhaps.contains(&who), || {
                format!("{name} sees case {number}, which is none of theirs")
            })?;
            let Some(page) = page else { continue };
            let text = self.whole_file(who, &case, &page);
            for word in self.writing.words.iter().filter(|word| word.case == number) {
                let found = text.contains(&word.word);
                demand(found || !word.sure, || {
                    let note = word.note.as_ref().map(|note| json!({"page": "note", "note": note}));
                    let shows = note.and_then(|ask| self.phones[who].page(&ask)).unwrap_or_default();
                    format!("{name} has lost {}; the note says {}", word.word, shows["body"])
                })?;
                let Some(note) = word.note.as_ref().filter(|_| found) else { continue };
                let page = self.phones[who].page(&json!({"page": "note", "note": note})).unwrap_or_default();
                let body = page["body"].as_str().unwrap_or_default();
                let times = body.matches(&word.word).count();
                let meanwhile = page["written_meanwhile"].as_str().unwrap_or_default();
                demand(times == 1 || (times == 0 && meanwhile.contains(&word.word)), || {
                    format!("{} stands {times} times in a note of {name}", word.word)
                })?;
            }
        }
        Ok(())
    }

    /// Everything that a phone shows of a case.
    fn whole_file(&self, who: usize, case: &Case, page: &Value) -> String {
        let mut text = page.to_string();
        let mut asks = Vec::new();
        for note in case.notes.iter().chain(&case.signed) {
            asks.push(json!({"page": "note", "note": note}));
        }
        // A note whose making nobody heard of is known from the page of the case alone.
        for row in items(&page["notes"]) {
            asks.push(json!({"page": "note", "note": row["note"]}));
        }
        for row in items(&page["goals"]) {
            asks.push(json!({"page": "goal", "goal": row["goal"]}));
        }
        asks.extend(case.goals.iter().map(|goal| json!({"page": "goal", "goal": goal})));
        asks.dedup();
        for ask in asks {
            if let Some(page) = self.phones[who].page(&ask) {
                text.push_str(&page.to_string());
            }
        }
        text
    }

    /// No word of anybody's on the line, at the endpoint or in a file.
    ///
    /// # Errors
    /// The place where it can be read.
    pub fn nothing_stands_in_clear(&mut self) -> Held {
        let marker = MARKER.as_bytes();
        let mut line = self.network.line();
        line.post.close();
        let data = line.post.data().to_owned();
        let heard = line.heard().iter().any(|said| contains(said, marker));
        drop(line);
        demand(!heard, || "somebody on the line could read a word".to_owned())?;
        demand(!folder_contains(&data, marker), || "the endpoint could read a word".to_owned())?;
        for phone in &self.phones {
            let name = &phone.name;
            demand(!folder_contains(&phone.home, marker), || format!("a thief could read a word of {name}"))?;
        }
        Ok(())
    }
}

/// Whether bytes stand in other bytes.
#[must_use]
pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return true };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(part) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

fn folder_contains(folder: &Path, part: &[u8]) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| std::fs::read(entry.path()).is_ok_and(|bytes| contains(&bytes, part)))
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        assert!(contains(b"kekestrel", b"kestrel") && contains(b"kestrel", b"kestrel"));
        assert!(!contains(b"kestre", b"kestrel") && !contains(b"", b"k"));
    }
}
