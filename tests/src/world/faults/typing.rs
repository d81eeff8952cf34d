//! People write at the same time, without knowing of each other.
//!
//! Whatever one of them wrote stays, and stands once.

use serde_json::json;

use crate::screen;
use crate::world::writing::made;
use crate::world::{Held, World, demand};

/// Two to five people type into one note.
pub(super) fn together(world: &mut World) -> Held {
    let people = world.chance.between(2, 5);
    // Whoever is no mentor of the case yet becomes one.
    let person = world.phones[4].person.clone();
    let case = world.writing.cases[0].id.clone();
    world.run(0, json!({"do": "add_mentor", "case": case, "mentor": person}))?;
    world.writing.cases[0].readers.insert(4);
    for _ in 0..2 {
        for who in 0..world.phones.len() {
            world.exchange(who)?;
        }
    }
    for _ in 0..world.chance.between(2, 4) {
        for who in 0..people {
            for _ in 0..world.chance.between(1, 4) {
                world.type_words(who, 0)?;
            }
        }
        world.strike(format!("{people} people typed into one note"));
        for _ in 0..world.chance.below(4) {
            let who = world.chance.below(people);
            world.exchange(who)?;
        }
    }
    world.quiet()
}

/// One person takes a draft back while another one goes on writing, both without signal.
pub(super) fn deleted(world: &mut World) -> Held {
    for _ in 0..3 {
        let word = world.writing.new_word();
        let case = world.writing.cases[0].id.clone();
        let did = world.run(0, json!({"do": "begin_note", "case": case, "body": format!("{word} ")}))?;
        let Some(note) = made(&did) else { continue };
        world.settle_down()?;
        let (deletes, edits) = if world.chance.percent(50) { (0, 1) } else { (1, 0) };
        let edit_first = world.chance.percent(50);
        let words = world.writing.new_word();
        for turn in 0..2 {
            let minutes = world.chance.between(1, 90) as i64;
            world.time.pass(minutes * 60_000);
            if (turn == 0) == edit_first {
                let before = world.page(edits, json!({"page": "note", "note": note}))?["body"].clone();
                let body = format!("{}{words} ", before.as_str().unwrap_or_default());
                world.run(edits, screen::saving(&note, before.as_str().unwrap_or_default(), &body))?;
            } else {
                world.run(deletes, json!({"do": "delete_draft", "note": note, "reason": "twice"}))?;
            }
        }
        world.strike(format!("taken back and edited at once, edited first: {edit_first}"));
        world.settle_down()?;
        for who in 0..world.phones.len() {
            let page = world.page(who, json!({"page": "note", "note": note}))?;
            demand(page["body"].as_str().unwrap_or_default().contains(&words), || {
                format!("{} lost what was written into a note taken back", world.phones[who].name)
            })?;
            demand(!page["struck"].is_null(), || "the taking back was lost".to_owned())?;
            demand(page["struck"]["edited_since"] == true, || {
                format!(
                    "{} does not say that somebody went on (edited first: {edit_first})",
                    world.phones[who].name
                )
            })?;
        }
    }
    world.work(15)?;
    world.quiet()
}
