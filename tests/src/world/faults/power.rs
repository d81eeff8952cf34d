//! The power fails: of a phone in the middle of anything, and of the endpoint in the middle of a call.
//!
//! Whatever somebody was told stands; the rest stands whole or not at all.

use fieldfare_core::contract::Problem;
use serde_json::json;

use crate::world::network::Weather;
use crate::world::phone::Did;
use crate::world::{Held, World, demand};

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
    world.quiet()
}

/// Disks are full: of phones and of the endpoint, at any time, until somebody frees them.
pub(super) fn disk_full(world: &mut World) -> Held {
    world.leftovers.problems = vec!["disk_full", "endpoint_trouble", "endpoint_busy"];
    for _ in 0..10 {
        let who = world.chance.below(world.phones.len());
        let at_endpoint = world.chance.percent(25);
        if at_endpoint {
            world.network.line().post.disk_full = true;
        } else {
            world.open(who)?;
            world.phones[who].disk_full = true;
        }
        for _ in 0..4 {
            match world.chance.below(3) {
                0 => {
                    let did = world.exchange(who)?;
                    if matches!(did, Did::Refused(_)) {
                        world.strike(format!("disk full, at the endpoint {at_endpoint}: {did:?}"));
                    }
                }
                _ => full_write(world, who, at_endpoint)?,
            }
        }
        world.phones[who].disk_full = false;
        world.network.line().post.disk_full = false;
        world.work(3)?;
    }
    world.quiet()
}

/// Writes on a disk that may be full: a clear problem, or it is kept.
fn full_write(world: &mut World, who: usize, at_endpoint: bool) -> Held {
    let word = world.writing.new_word();
    let case = world.writing.cases[0].id.clone();
    world.open(who)?;
    let command = json!({"do": "begin_note", "case": case, "body": word});
    let parsed = crate::phone::command(command);
    let did = world.phones[who].with(None, |app| app.run(parsed));
    if did == Did::Refused(Problem::DiskFull) {
        world.strike("disk full");
        return demand(!at_endpoint, || "somebody else's disk stopped a phone".to_owned());
    }
    demand(matches!(did, Did::Done(_) | Did::Refused(Problem::NoSuch { .. })), || {
        format!("a full disk was told as {did:?}")
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
