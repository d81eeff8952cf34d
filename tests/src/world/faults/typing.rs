//! People write at the same time, without knowing of each other.
//!
//! Whatever one of them wrote stays, and stands once.

use crate::world::{Held, World};

/// Two to five people type into one note.
pub(super) fn together(world: &mut World) -> Held {
    let people = world.chance.between(2, 5);
    // Whoever is no mentor of the case yet becomes one.
    let person = world.phones[4].person.clone();
    let case = world.writing.cases[0].id.clone();
    world.run(0, serde_json::json!({"do": "add_mentor", "case": case, "mentor": person}))?;
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
