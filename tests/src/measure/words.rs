//! What it costs to save a few words into a draft as long as a draft may be.
//!
//! Beside a bare transaction of the same cipher that writes what such a save has to write at least.

use std::hint::black_box;
use std::time::{Duration, Instant};

use fieldfare_core::contract::StaffRole;
use fieldfare_core::domain::note::BODY_CHARS_MAX;
use serde_json::json;

use super::{SEED, print};
use crate::casework::Casework;
use crate::phone::{Service, level, make, run};
use crate::screen::saving;

/// Rounds that are not counted, and rounds that are.
const WARM_UP: usize = 20;
const ROUNDS: usize = 60;
/// Words that a save changes, at places all over the draft.
const CHANGED: usize = 5;

/// A save that changed five words of 40,000 characters, at places all over them ÷ one bare transaction of the same cipher and
/// durability that writes the text twice: once to be shown, and once to be typed on.
///
/// # Panics
/// If a command is refused.
pub fn merge_words() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let words = notes();
    let mut before = draft(&words, 0);
    let note = make(&mentor, json!({"do": "begin_note", "case": case, "body": before}));
    let bare = rusqlite::Connection::open(service.home("bare.db")).expect("a database");
    bare.execute_batch(
        "PRAGMA key = \"x'0707070707070707070707070707070707070707070707070707070707070707'\";
         PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;
         PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bare (no INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
         INSERT INTO bare VALUES (1, ''), (2, '');",
    )
    .expect("a table");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 1..=WARM_UP + ROUNDS {
        // What is saved begins on what has been sent, as after an hour with a signal.
        level(&[&mentor]);
        let after = draft(&words, round);
        let save = saving(&note, &before, &after);
        let since = Instant::now();
        black_box(run(&mentor, save).expect("a save"));
        ours.push(since.elapsed());
        let since = Instant::now();
        bare.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        bare.execute("UPDATE bare SET body = ?1", [&after]).expect("two rows");
        bare.execute_batch("COMMIT").expect("a commit");
        theirs.push(since.elapsed());
        before = after;
    }
    let (ours, theirs) = (median(ours), median(theirs));
    print("merge_words_ms", ours, "ms", "at most twice that of the build before differences went by word");
    print(
        "merge_words",
        ours / theirs,
        "ratio",
        "to one bare SQLCipher transaction writing the same text twice",
    );
}

/// Invented notes, one after another, as many as a draft may hold.
fn notes() -> Vec<String> {
    let mut casework = Casework::new(SEED);
    let mut words: Vec<String> = Vec::new();
    let mut chars = 0;
    while chars < BODY_CHARS_MAX {
        for word in casework.note_of_about(1_500).split(' ') {
            chars += word.chars().count() + 1;
            words.push(word.to_owned());
        }
    }
    // Room for what changes.
    while words.iter().map(|word| word.chars().count() + 1).sum::<usize>() > BODY_CHARS_MAX - 100 {
        words.pop();
    }
    words
}

/// The same draft with a few words that change from round to round.
fn draft(words: &[String], round: usize) -> String {
    let far = words.len() / CHANGED;
    let word = |(number, word): (usize, &String)| {
        if number % far == far / 2 { format!("changed{round}") } else { word.clone() }
    };
    words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.drain(..WARM_UP);
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}
