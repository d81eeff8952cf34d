//! An endpoint that has no time or no room, and what its replies' and requests' sizes give away.
//!
//! Whoever is asked to wait waits, but for what is urgent.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fieldfare_core::exchange::padding::padded_len;
use fieldfare_core::ports::Answer;
use fieldfare_protocol::exchange::Request;
use fieldfare_protocol::request::{EXCHANGE_PATH, Refused};
use fieldfare_protocol::segment::Segment;
use fieldfare_protocol::wire;
use serde_json::json;

use crate::casework::chance::Chance;
use crate::world::phone::{Did, name_of};
use crate::world::{Held, World, demand};

/// Bytes of a seal's tag.
const TAG_BYTES: usize = 16;

/// The endpoint turns calls away, with and without a word about when to come back.
pub(super) fn turned_away(world: &mut World) -> Held {
    world.leftovers.problems = vec!["endpoint_busy", "endpoint_trouble"];
    for _ in 0..6 {
        let mut chance = Chance::new(world.chance.bits());
        world.network.line().turn_away = Some(Box::new(move |_| {
            let status = if chance.percent(50) { 429 } else { 503 };
            let retry_after_s = chance.percent(60).then(|| 600 + chance.below(3_000) as u64);
            let body = wire::encode(&Refused::Trouble).unwrap_or_default();
            chance.percent(60).then_some(Answer { status, retry_after_s, body })
        }));
        world.work(6)?;
        asked_to_wait(world)?;
        world.network.line().turn_away = None;
        world.time.pass(2 * 3_600_000);
    }
    too_large(world)?;
    no_room(world)?;
    world.quiet()
}

/// Somebody on the way takes no large requests: smaller ones go, and what is urgent first.
fn too_large(world: &mut World) -> Held {
    let who = world.chance.below(world.phones.len());
    world.settle_down()?;
    let case = world.writing.cases[0].id.clone();
    for _ in 0..6 {
        let word = world.writing.new_word();
        let letters: String = (0..7_000).map(|_| char::from(b'a' + world.chance.below(26) as u8)).collect();
        let body = format!("{word} {letters}");
        let did = world.run(who, json!({"do": "begin_note", "case": case, "body": body}))?;
        world.wrote(&did, word, 0, None);
    }
    world.raise_concern(who, 0)?;
    let bytes_max = 20_000 + world.chance.below(4_000);
    let turned_away = Arc::new(AtomicU64::new(0));
    let counted = turned_away.clone();
    world.network.line().turn_away = Some(Box::new(move |call| {
        let large = call.body.len() > bytes_max;
        counted.fetch_add(u64::from(large), Ordering::SeqCst);
        large.then(|| Answer { status: 413, retry_after_s: None, body: Vec::new() })
    }));
    world.exchange(who)?;
    let page = world.page(who, json!({"page": "exchange"}))?;
    demand(page["unsent"] == 0, || format!("requests of {bytes_max} bytes were not tried: {page}"))?;
    let times = turned_away.load(Ordering::SeqCst);
    demand(times > 0, || "no request was too large".to_owned())?;
    world.network.line().turn_away = None;
    world.strike(format!("{times} requests were too large"));
    Ok(())
}

/// The endpoint has no room but for what is urgent.
fn no_room(world: &mut World) -> Held {
    let who = world.chance.below(world.phones.len());
    world.settle_down()?;
    world.network.line().post.set_quota(Some(1));
    world.begin_note(who, 0)?;
    world.exchange(who)?;
    world.raise_concern(who, 0)?;
    world.exchange(who)?;
    let page = world.page(who, json!({"page": "exchange"}))?;
    world.strike(format!("no room at the endpoint: {} unsent", page["unsent"]));
    demand(page["unsent_urgent"] == 0, || format!("there was no room for a concern: {page}"))?;
    demand(page["unsent"] != 0 && page["endpoint_full"] == true, || {
        format!("nobody was told that there is no room: {page}")
    })?;
    world.network.line().post.set_quota(None);
    Ok(())
}

/// A phone that was asked to wait for at least ten minutes: nothing goes but what is urgent, and that goes at once.
fn asked_to_wait(world: &mut World) -> Held {
    let who = world.chance.below(world.phones.len());
    world.network.line().turn_away = None;
    world.time.pass(2 * 3_600_000);
    world.settle_down()?;
    world.begin_note(who, 0)?;
    let body = wire::encode(&Refused::Trouble).unwrap_or_default();
    let busy = Answer { status: 503, retry_after_s: Some(600), body };
    world.network.line().turn_away = Some(Box::new(move |_| Some(busy.clone())));
    let did = world.exchange(who)?;
    let is_told = matches!(&did, Did::Refused(problem) if name_of(problem) == "endpoint_busy");
    demand(is_told, || format!("whoever is asked to wait is told {did:?}"))?;
    world.strike("asked to wait");
    world.network.line().turn_away = None;
    let calls = world.network.line().happened.calls;
    world.time.pass(60_000);
    world.exchange(who)?;
    demand(world.network.line().happened.calls == calls, || {
        "nobody waited as they were asked to".to_owned()
    })?;
    world.raise_concern(who, 0)?;
    world.exchange(who)?;
    let page = world.page(who, json!({"page": "exchange"}))?;
    demand(page["unsent_urgent"] == 0, || format!("a concern waited for an endpoint that had time: {page}"))
}

/// What somebody on the line can measure: sizes of segments say little about what was written.
pub(super) fn sizes(world: &mut World) -> Held {
    for _ in 0..16 {
        let who = world.chance.below(2);
        let letters = world.chance.between(1, 120);
        let mut chance = Chance::new(world.chance.bits());
        let words: String = (0..letters).map(|_| char::from(b'a' + chance.below(26) as u8)).collect();
        let case = world.writing.cases[0].id.clone();
        world.run(who, json!({"do": "raise_concern", "case": case, "about": "threat", "words": words}))?;
        world.exchange(who)?;
        world.strike(format!("{letters} letters were written"));
    }
    world.work(12)?;
    world.settle_down()?;
    let line = world.network.line();
    let mut lengths = BTreeSet::new();
    for said in line.heard() {
        // Path and headers stand before the body, and the path says which calls are exchanges.
        let Some(rest) = said.strip_prefix(EXCHANGE_PATH.as_bytes()) else { continue };
        for at in 0..rest.len().min(512) {
            if let Ok(request) = wire::decode::<Request>(&rest[at..]) {
                let segments = request.segments.iter().filter_map(|bytes| Segment::parse(bytes).ok());
                lengths.extend(segments.map(|segment| segment.sealed().len().saturating_sub(TAG_BYTES)));
                break;
            }
        }
    }
    drop(line);
    demand(lengths.len() > 1, || "no segment was seen on the line".to_owned())?;
    for length in lengths {
        demand(padded_len(length) == length, || format!("a segment of {length} bytes says too much"))?;
    }
    world.quiet()
}
