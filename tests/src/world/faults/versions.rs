//! Apps of different ages, and libraries that fail: what one does not understand is kept until it does.
//!
//! Whoever is behind is never stopped, and loses nothing.

use std::path::Path;

use fieldfare_core::contract::Problem;
use fieldfare_core::store::Build;
use rusqlite::Connection;
use serde_json::json;

use crate::builds::{FAILING, NEWER, OLDER};
use crate::world::phone::Did;
use crate::world::{Held, World, demand};

/// One phone has an older app, and is brought up to date later.
pub(super) fn newer_app(world: &mut World) -> Held {
    let old = 1;
    world.phones[old].build = &OLDER;
    for _ in 0..4 {
        // Whoever has the newer app uses what is new in it.
        let who = [0, 2][world.chance.below(2)];
        let case = world.chance.below(world.writing.cases.len());
        let (notes, goals) =
            (world.writing.cases[case].notes.clone(), world.writing.cases[case].goals.clone());
        if goals.is_empty() {
            let id = world.writing.cases[case].id.clone();
            let word = world.writing.new_word();
            let did = world.run(who, json!({"do": "set_goal", "case": id, "words": word}))?;
            world.writing.cases[case].goals.extend(crate::world::writing::made(&did));
            world.wrote(&did, word, case, None);
        }
        if let Some(goal) = goals.first() {
            let word = world.writing.new_word();
            let did = world.run(who, json!({"do": "add_step", "goal": goal, "words": word}))?;
            world.wrote(&did, word, case, None);
        }
        if let Some(note) = notes.first() {
            // A later agreement takes the place of this one: only that it is shown somewhere can be asked.
            world.run(who, json!({"do": "describe_note", "note": note, "agreed": "to meet again"}))?;
            world.run(who, json!({"do": "describe_note", "note": note, "add_tags": ["a", "b"]}))?;
            world.run(who, json!({"do": "describe_note", "note": note, "remove_tags": ["a"]}))?;
        }
        world.exchange_all()?;
        world.exchange_all()?;
        // Whoever has the older one goes on with what they know.
        let word = world.chance.below(world.writing.cases.len());
        world.type_words(old, word)?;
        world.begin_note(old, case)?;
        world.exchange(old)?;
    }
    let page = world.page(old, json!({"page": "exchange"}))?;
    let unknown = page["unknown_edits"].as_u64().unwrap_or_default();
    if unknown > 0 {
        world.strike(format!("{unknown} edits came from a newer app"));
    }
    world.phones[old].build = Build::THIS;
    world.phones[old].close();
    world.quiet()
}

/// A change makes a library panic on one phone, until its app is updated.
pub(super) fn library_fails(world: &mut World) -> Held {
    world.exchange_all()?;
    let bad = world.chance.below(world.phones.len());
    let good = (bad + 1) % world.phones.len();
    world.phones[bad].build = &FAILING;
    world.phones[bad].close();
    for _ in 0..world.chance.between(1, 4) {
        world.type_words(good, 0)?;
        world.exchange(good)?;
        world.raise_concern(good, 0)?;
        world.exchange(good)?;
        world.exchange(bad)?;
        // It starts, and does everything else.
        world.phones[bad].close();
        world.open(bad)?;
        world.raise_concern(bad, 0)?;
        world.exchange(bad)?;
        world.exchange(good)?;
    }
    let reasons = world.reasons(bad, "waiting")?;
    let asleep = world.page(bad, json!({"page": "exchange"}))?["unknown_edits"].clone();
    if asleep != 0 || reasons.iter().any(|why| why == "waits.library_failed") {
        world.strike(format!("a library failed: {asleep} edits sleep, {reasons:?} wait"));
    }
    world.phones[bad].build = Build::THIS;
    world.phones[bad].close();
    world.quiet()
}

/// A store is brought further by a newer app, whose power fails on the way; then this one meets it, refuses kindly and
/// leaves it alone.
pub(super) fn older_app(world: &mut World) -> Held {
    for _ in 0..3 {
        world.work(8)?;
        let who = world.chance.below(world.phones.len());
        world.open(who)?;
        world.phones[who].close();
        let key: String = world.store_key(who)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let store = world.phones[who].home.join(fieldfare_core::app::STORE_FILE);
        let real = set_version(&store, &key, 99);
        let before = std::fs::read(&store).unwrap_or_default();
        let did = world.phones[who].open(None);
        world.phones[who].close();
        world.strike(format!("the store of {} is newer: {did:?}", world.phones[who].name));
        demand(did == Did::Refused(Problem::StoreNewer), || format!("a newer store was met with {did:?}"))?;
        let after = std::fs::read(&store).unwrap_or_default();
        demand(before == after, || "a newer store was changed".to_owned())?;
        set_version(&store, &key, real);
    }
    update_interrupted(world)?;
    world.quiet()
}

/// The power fails at any step of an update, as often as not; in the end the store is brought all the way, and all of it
/// is there.
fn update_interrupted(world: &mut World) -> Held {
    let who = world.chance.below(world.phones.len());
    world.open(who)?;
    let before = world.phones[who].digests();
    world.phones[who].close();
    let key: String = world.store_key(who)?.iter().map(|byte| format!("{byte:02x}")).collect();
    let store = world.phones[who].home.join(fieldfare_core::app::STORE_FILE);
    world.phones[who].build = &NEWER;
    for _ in 0..4 {
        let at = world.chance.below(7) as u32;
        let did = world.phones[who].open(Some(at));
        world.phones[who].close();
        world.strike(format!("an update, power fails at {at}: {did:?}"));
    }
    world.open(who)?;
    demand(before == world.phones[who].digests(), || "an update changed what stands".to_owned())?;
    world.phones[who].close();
    let further = numbers(&store, &key, "SELECT count(*), ifnull(sum(again), 0) FROM further");
    demand(further == Some((2, 2)), || format!("an update was taken in part: {further:?}"))?;
    world.phones[who].build = Build::THIS;
    let did = world.phones[who].open(None);
    world.phones[who].close();
    demand(did == Did::Refused(Problem::StoreNewer), || format!("a newer store was met with {did:?}"))?;
    world.phones[who].build = &NEWER;
    Ok(())
}

/// Two numbers that a store answers, if it can.
fn numbers(store: &Path, key: &str, question: &str) -> Option<(i64, i64)> {
    let connection = Connection::open(store).expect("a store");
    connection.execute_batch(&format!("PRAGMA key = \"x'{key}'\";")).expect("a key");
    connection.query_row(question, [], |row| Ok((row.get(0)?, row.get(1)?))).ok()
}

/// Says that a store is of another version; returns of which it was.
fn set_version(store: &Path, key: &str, version: i32) -> i32 {
    let connection = Connection::open(store).expect("a store");
    connection.execute_batch(&format!("PRAGMA key = \"x'{key}'\";")).expect("a key");
    let was = connection.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    connection.pragma_update(None, "user_version", version).expect("another version");
    connection.pragma_update_and_check(None, "wal_checkpoint", "TRUNCATE", |_| Ok(())).expect("a checkpoint");
    was
}
