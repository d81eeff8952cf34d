//! What somebody does on a screen that shows a draft: types, saves and signs what stands there.
//!
//! A save says what it began from. Names are made as pages make them, so that a test can save ahead of the answers.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Done, NoteId, Problem};
use fieldfare_core::domain::note::BODY;
use fieldfare_core::domain::text::revision::name;
use serde_json::{Value, json};

use crate::phone::{page, run};

/// What a note's text is called when it says this.
///
/// # Panics
/// If that is no note's name.
#[must_use]
pub fn revision(note: &str, words: &str) -> String {
    let note: NoteId = note.parse().expect("a note's name");
    name(&note.0, BODY.name, words).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A save from a screen that showed one text and shows another now.
#[must_use]
pub fn saving(note: &str, before: &str, body: &str) -> Value {
    json!({"do": "save_draft", "note": note, "revision": revision(note, before), "body": body})
}

/// A signature under what a screen shows, all of it saved.
#[must_use]
pub fn signing(note: &str, body: &str) -> Value {
    json!({"do": "sign_note", "note": note, "revision": revision(note, body), "body": body})
}

/// Opens a note, types over what it says, and saves.
///
/// # Errors
/// Whatever the core refuses.
pub fn save(app: &Fieldfare, note: &str, body: &str) -> Result<Done, Problem> {
    let shown = page(app, json!({"page": "note", "note": note}));
    run(app, json!({"do": "save_draft", "note": note, "revision": shown["revision"], "body": body}))
}

/// Opens a note and signs what it says.
///
/// # Errors
/// Whatever the core refuses.
pub fn sign(app: &Fieldfare, note: &str) -> Result<Done, Problem> {
    let shown = page(app, json!({"page": "note", "note": note}));
    run(app, json!({"do": "sign_note", "note": note, "revision": shown["revision"], "body": shown["body"]}))
}
