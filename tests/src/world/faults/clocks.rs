//! Clocks that are wrong: by years, jumping, stuttering, or set to the summer by hand.
//!
//! No edit is refused for its time, and no clock decides what only people know.

use serde_json::json;

use crate::world::machine::PhoneClock;
use crate::world::phone::Did;
use crate::world::writing::{items, made};
use crate::world::{Held, World, demand};

const HOUR_MS: i64 = 3_600_000;
const YEAR_MS: i64 = 365 * 24 * HOUR_MS;

/// Every clock does what it likes.
pub(super) fn wander(world: &mut World) -> Held {
    for _ in 0..12 {
        let who = world.chance.below(world.phones.len());
        let years = world.chance.between(1, 70) as i64;
        let kind = world.chance.below(6);
        let ahead_ms = match kind {
            0 => years * YEAR_MS,
            1 => -years * YEAR_MS,
            2 => HOUR_MS,
            3 => -HOUR_MS,
            _ => 0,
        };
        let clock: &PhoneClock = &world.phones[who].clock;
        clock.stop(false);
        clock.set_ahead(ahead_ms);
        clock.stop(kind == 4);
        world.strike(format!("the clock of {} is off by {ahead_ms} ms, kind {kind}", world.phones[who].name));
        world.work(4)?;
    }
    world.quiet()?;
    // Whoever has seen everything decides, whatever their clock says.
    let note = world.writing.cases[0].notes[0].clone();
    let last = world.chance.below(world.phones.len());
    world.phones[last].clock.set_ahead(-50 * YEAR_MS);
    world.run(last, json!({"do": "describe_note", "note": note, "minutes": 471}))?;
    world.settle_down()?;
    shows_minutes(world, &note, 471)?;
    world.quiet()
}

/// One phone lives in 2099 and writes; then the others do.
pub(super) fn in_2099(world: &mut World) -> Held {
    let note = world.writing.cases[0].notes[0].clone();
    world.exchange_all()?;
    let late = world.chance.below(2);
    let other = 1 - late;
    world.phones[late].clock.set_ahead(73 * YEAR_MS);
    world.strike(format!("{} lives in 2099", world.phones[late].name));
    // At the same time as a colleague, so that neither knows of the other.
    world.run(late, json!({"do": "describe_note", "note": note, "minutes": 299}))?;
    world.run(other, json!({"do": "describe_note", "note": note, "minutes": 26}))?;
    world.type_words(late, 0)?;
    world.exchange(late)?;
    world.exchange(other)?;
    // Whoever has just seen a stamp of 2099 stamps their own as ever.
    is_stamped_now(world, other)?;
    world.work(8)?;
    world.settle_down()?;
    for who in 0..world.phones.len() {
        let page = world.page(who, json!({"page": "note", "note": note}))?;
        let both = items(&page["also_recorded"]).iter().filter(|row| row["field"] == "minutes").count();
        demand(page["minutes"] != 299 || both >= 2, || format!("a phone in 2099 won unseen: {page}"))?;
    }
    // Now the others have seen it, and what they say holds.
    world.run(other, json!({"do": "describe_note", "note": note, "minutes": 27}))?;
    world.settle_down()?;
    shows_minutes(world, &note, 27)?;
    is_stamped_now(world, other)?;
    world.quiet()
}

/// What a phone writes now bears about this time.
fn is_stamped_now(world: &mut World, who: usize) -> Held {
    let case = world.writing.cases[0].id.clone();
    let begun = world.run(who, json!({"do": "begin_note", "case": case, "body": "after"}))?;
    let note = made(&begun).unwrap_or_default();
    let page = world.page(who, json!({"page": "note", "note": note}))?;
    let at_ms = page["made"]["at_ms"].as_i64().unwrap_or_default();
    let now_ms = world.time.now_ms();
    demand(at_ms.abs_diff(now_ms) < 24 * HOUR_MS.unsigned_abs(), || {
        format!("a phone in 2099 has pushed a colleague's time to {at_ms}")
    })
}

fn shows_minutes(world: &mut World, note: &str, minutes: i64) -> Held {
    for who in 0..world.phones.len() {
        let page = world.page(who, json!({"page": "note", "note": note}))?;
        demand(page["minutes"] == minutes, || {
            format!("{} shows {} minutes, not {minutes}", world.phones[who].name, page["minutes"])
        })?;
    }
    Ok(())
}

/// Two processes work on one store.
pub(super) fn two_processes(world: &mut World) -> Held {
    for _ in 0..6 {
        world.work(5)?;
        let who = world.chance.below(world.phones.len());
        world.open(who)?;
        let first = world.phones[who].app.take();
        let second = world.phones[who].open(None);
        let is_busy = matches!(&second, Did::Refused(fieldfare_core::contract::Problem::StoreBusy));
        world.strike(format!("a second process: {second:?}"));
        demand(is_busy, || format!("a second process was not told: {second:?}"))?;
        world.phones[who].app = first;
        world.write(who)?;
    }
    world.quiet()
}
