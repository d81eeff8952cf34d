//! A phone that was away for long: it catches up with what it has missed, and with nothing else.
//!
//! How much that is, is counted in bytes on the line.

use crate::world::phone::Did;
use crate::world::{Held, World, demand};

/// Bytes that a reply may cost beside what is new, with a few round trips.
const BESIDE_BYTES: u64 = 4_096;

/// One phone is off for half a year.
pub(super) fn half_a_year(world: &mut World) -> Held {
    world.work(40)?;
    for _ in 0..3 {
        world.settle_down()?;
    }
    let away = world.chance.below(world.phones.len());
    let others: Vec<usize> = (0..world.phones.len()).filter(|who| *who != away).collect();
    world.begin_note(away, 0)?;
    world.raise_concern(away, 0)?;
    world.phones[away].close();
    let before = world.network.line().happened;
    for _ in 0..6 {
        world.time.pass(30 * 24 * 3_600_000);
        for _ in 0..5 {
            let who = others[world.chance.below(others.len())];
            world.write(who)?;
            if world.chance.percent(30) {
                world.exchange(who)?;
            }
        }
    }
    for who in others {
        world.exchange(who)?;
    }
    let between = world.network.line().happened;
    let did = world.exchange(away)?;
    demand(matches!(did, Did::Done(_)), || format!("whoever came back could not exchange: {did:?}"))?;
    let after = world.network.line().happened;
    world.strike("half a year away");
    let new_bytes = between.bytes_up - before.bytes_up;
    let fetched = after.bytes_down - between.bytes_down;
    demand(fetched <= new_bytes + BESIDE_BYTES, || {
        format!("{fetched} bytes were fetched, although only {new_bytes} were new")
    })?;
    world.quiet()
}
