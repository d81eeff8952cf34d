//! The power fails: of a phone in the middle of anything, and of the endpoint in the middle of a call.
//!
//! Whatever somebody was told stands; the rest stands whole or not at all.

use std::io::ErrorKind;

use fieldfare_core::app::STORE_FILE;
use fieldfare_core::contract::Problem;
use rusqlite::Connection;
use serde_json::json;

use crate::world::network::Weather;
use crate::world::phone::Did;
use crate::world::{Held, World, demand};

/// What PINs are changed to.
const PINS: [&str; 2] = ["592740", "618305"];

/// Power fails right before and right after whatever becomes durable.
pub(super) fn fails(world: &mut World) -> Held {
    world.weather(Weather { crash: 25, ..Weather::CLEAR });
    world.power_cuts = 25;
    world.work(45)?;
    world.power_cuts = 100;
    for who in 0..world.phones.len() {
        if world.exchange(who)? == Did::Cut {
            world.strike("power failed in an exchange");
        }
    }
    world.struck += world.network.line().happened.crash;
    world.power_cuts = 0;
    for _ in 0..3 {
        change_pin(world)?;
    }
    world.quiet()
}

/// Power fails while somebody changes their PIN: afterwards one of the two opens the phone, and all is there.
fn change_pin(world: &mut World) -> Held {
    let who = world.chance.below(world.phones.len());
    world.open(who)?;
    let old = world.phones[who].pin.clone();
    let new = PINS.iter().find(|pin| **pin != old).copied().unwrap_or_default();
    let at = world.chance.below(10) as u32;
    let did = world.phones[who].with(Some(at), |app| app.change_pin(&old, new));
    world.strike(format!("{} changes the PIN, power fails at {at}: {did:?}", world.phones[who].name));
    demand(matches!(did, Did::Done(()) | Did::Cut), || format!("the PIN could not be changed: {did:?}"))?;
    world.phones[who].pin = new.to_owned();
    if did == Did::Cut && world.phones[who].open(None) != Did::Done(()) {
        world.phones[who].pin = old;
    }
    world.open(who)
}

/// Disks take nothing, of phones and of the endpoint, at any time, until somebody sees to it: they are full, or they are
/// read-only. Or somebody else is busy with a store.
pub(super) fn disk_refuses(world: &mut World) -> Held {
    world.leftovers.problems = vec!["disk_full", "file_trouble", "endpoint_trouble", "endpoint_busy"];
    for _ in 0..10 {
        let who = world.chance.below(world.phones.len());
        let at_endpoint = world.chance.percent(25);
        let refused =
            if world.chance.percent(60) { ErrorKind::StorageFull } else { ErrorKind::ReadOnlyFilesystem };
        if at_endpoint {
            world.network.line().post.disk = Some(refused);
        } else {
            world.open(who)?;
            world.phones[who].disk = Some(refused);
        }
        for _ in 0..4 {
            match world.chance.below(3) {
                0 => {
                    let did = world.exchange(who)?;
                    if matches!(did, Did::Refused(_)) {
                        world.strike(format!("{refused:?}, at the endpoint {at_endpoint}: {did:?}"));
                    }
                }
                _ => refused_write(world, who, refused, at_endpoint)?,
            }
        }
        world.phones[who].disk = None;
        world.network.line().post.disk = None;
        world.work(3)?;
    }
    for _ in 0..2 {
        busy_store(world)?;
        world.work(3)?;
    }
    world.quiet()
}

/// Something else writes to a phone's store and takes its time: whoever writes or exchanges is told, and loses nothing.
fn busy_store(world: &mut World) -> Held {
    let who = world.chance.below(world.phones.len());
    world.open(who)?;
    world.phones[who].close();
    let key: String = world.store_key(who)?.iter().map(|byte| format!("{byte:02x}")).collect();
    world.open(who)?;
    let store = Connection::open(world.phones[who].home.join(STORE_FILE)).expect("a store");
    store.execute_batch(&format!("PRAGMA key = \"x'{key}'\"; BEGIN IMMEDIATE;")).expect("the writer's place");
    let word = world.writing.new_word();
    let case = world.writing.cases[0].id.clone();
    let command = crate::phone::command(json!({"do": "begin_note", "case": case, "body": word}));
    let ran = world.phones[who].with(None, |app| app.run(command));
    let exchanged = world.phones[who].with(None, |app| app.exchange(|_| ()));
    store.execute_batch("ROLLBACK").expect("the writer's place given back");
    world.strike(format!("the store of {} is busy: {ran:?}", world.phones[who].name));
    let told = |busy: bool, what: &str| demand(busy, || format!("a busy store was told as {what}"));
    told(ran == Did::Refused(Problem::StoreBusy), &format!("{ran:?}"))?;
    told(exchanged == Did::Refused(Problem::StoreBusy), &format!("{exchanged:?}"))
}

/// Writes on a disk that may take nothing: a clear problem, or it is kept.
fn refused_write(world: &mut World, who: usize, refused: ErrorKind, at_endpoint: bool) -> Held {
    let clear = if refused == ErrorKind::StorageFull { Problem::DiskFull } else { Problem::FileTrouble };
    let word = world.writing.new_word();
    let case = world.writing.cases[0].id.clone();
    world.open(who)?;
    let command = json!({"do": "begin_note", "case": case, "body": word});
    let parsed = crate::phone::command(command);
    let did = world.phones[who].with(None, |app| app.run(parsed));
    if did == Did::Refused(clear) {
        world.strike(format!("{refused:?}"));
        return demand(!at_endpoint, || "somebody else's disk stopped a phone".to_owned());
    }
    demand(matches!(did, Did::Done(_) | Did::Refused(Problem::NoSuch { .. })), || {
        format!("a disk that takes nothing was told as {did:?}")
    })?;
    world.wrote(&did, word, 0, None);
    Ok(())
}

/// Power fails between everything that a reply brings and the place from which the next one goes on.
pub(super) fn while_fetching(world: &mut World) -> Held {
    for _ in 0..5 {
        world.power_cuts = 0;
        world.work(6)?;
        let writes = world.chance.below(world.phones.len());
        world.begin_note(writes, 0)?;
        world.exchange(writes)?;
        let who = (writes + 1) % world.phones.len();
        for at in 0..6 {
            world.open(who)?;
            let did = world.phones[who].with(Some(at), |app| app.exchange(|_| ()));
            if did == Did::Cut {
                world.strike(format!("power failed at moment {at} of fetching"));
            }
            world.steps += 1;
        }
    }
    world.quiet()
}
