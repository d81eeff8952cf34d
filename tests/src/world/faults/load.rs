//! More than fits into one reply, one request or one transaction: a large case, many cases, many segments.
//!
//! What is held at a time stays bounded, nothing that came is fetched again, and whoever is cut off goes on from there.

use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_core::ports::{Answer, Call};
use fieldfare_protocol::exchange::{Cursors, Reply, Request};
use fieldfare_protocol::limits::{REPLY_BYTES_MAX, REQUEST_BYTES_MAX};
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::wire;
use serde_json::json;

use crate::casework::chance::Chance;
use crate::world::ground::Load;
use crate::world::network::Weather;
use crate::world::phone::Did;
use crate::world::{Held, World, demand};

/// Who has written all of it.
const ROBIN: usize = 0;
/// Whose phone has been off since the organisation began.
const DOVE: usize = 1;
/// Bytes of a reply beside its items.
const BESIDE_BYTES: usize = 1_024;
/// Replies that it takes at least.
const REPLIES_MIN: usize = 3;
/// Most attempts until everything of the small load has come; more takes as many more.
const TRIES_MAX: usize = 60;

/// What was seen on the line.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The largest reply, and the most by which one was larger than was asked for.
    reply: usize,
    over_page: usize,
    largest_item: usize,
    request: usize,
    /// Bytes of replies to whoever fetches.
    fetched: usize,
    replies: usize,
    /// How far whoever fetches had read when they last asked, and whether they ever asked for less than before.
    read: Cursors,
    began_again: bool,
}

/// Reads everything for the first time, over a line that breaks and with power that fails; then writes much at once.
pub(super) fn first_sync(world: &mut World) -> Held {
    let seen = Arc::new(Mutex::new(Seen::default()));
    watch(world, seen.clone());
    world.weather(Weather { lost: 4, cut_request: 4, cut_reply: 18, ..Weather::CLEAR });
    let at = world.chance.below(4_000);
    world.network.line().cut_next_reply_at = Some(at);
    let tries_max = TRIES_MAX * world.load.segments.div_ceil(Load::SMALL.segments);
    let (mut received, mut last) = (0, 0);
    for attempt in 0.. {
        demand(attempt < tries_max, || "the first reading never ended".to_owned())?;
        world.open(DOVE)?;
        let fails_at = world.chance.percent(25).then(|| world.chance.below(12) as u32);
        let mut so_far = 0;
        let mut went_back = false;
        let did = world.phones[DOVE].with(fails_at, |app| {
            app.exchange(|done| {
                went_back |= done.received < so_far;
                so_far = done.received;
            })
        });
        demand(!went_back, || "what had come was taken back".to_owned())?;
        received += so_far;
        world.steps += 1;
        world.time.pass(30_000);
        world.tell(format!("dove reads on: {did:?}, {received} so far"));
        let waiting = world.reasons(DOVE, "waiting")?;
        demand(waiting.is_empty(), || format!("something waits although all came in order: {waiting:?}"))?;
        // Whatever an attempt brought is here when the phone is switched on again.
        let cases = cases_seen(world)?;
        demand(cases >= last, || format!("{last} cases were here, and now {cases}"))?;
        last = cases;
        match did {
            Did::Done(_) => break,
            Did::Cut => world.strike("power failed"),
            Did::Refused(_) => world.strike("the line broke"),
        }
    }
    let now = *seen.lock().unwrap_or_else(PoisonError::into_inner);
    world.strike(format!("all was read for the first time: {now:?}"));
    demand(!now.began_again, || "what had come before a cut was asked for again".to_owned())?;
    demand(now.over_page <= now.largest_item + BESIDE_BYTES, || {
        format!("a reply was {} bytes larger than was asked for", now.over_page)
    })?;
    demand(now.reply <= REPLY_BYTES_MAX, || format!("a reply of {} bytes", now.reply))?;
    demand(now.replies >= REPLIES_MIN, || format!("everything fitted into {} replies", now.replies))?;
    fetched_once(world, &now)?;
    writes_much(world, &seen)?;
    world.leftovers.lie = true;
    world.quiet()
}

/// Every call is measured, and nothing is changed.
fn watch(world: &mut World, seen: Arc<Mutex<Seen>>) {
    let (time, mut chance) = (world.time.clone(), Chance::new(world.chance.bits()));
    let watch = move |call: &Call, answer: &mut Answer| {
        // A slow line: pages stay as small as they can be.
        time.pass(5_000 + chance.below(25_000) as i64);
        if call.path != EXCHANGE_PATH || answer.status != 200 {
            return;
        }
        let (Ok(request), Ok(reply)) =
            (wire::decode::<Request>(&call.body), wire::decode::<Reply>(&answer.body))
        else {
            return;
        };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.request = seen.request.max(call.body.len());
        let items = reply.items.iter().filter_map(|item| wire::encode(item).ok());
        seen.largest_item = items.map(|item| item.len()).fold(seen.largest_item, usize::max);
        if request.fetch {
            let (before, now) = (seen.read, request.cursors);
            seen.began_again |= now.first < before.first || now.rest < before.rest;
            seen.read = now;
            let asked = usize::from(request.page_kib) * 1024;
            seen.over_page = seen.over_page.max(answer.body.len().saturating_sub(asked));
            seen.fetched += answer.body.len();
            seen.replies += 1;
        }
        seen.reply = seen.reply.max(answer.body.len());
    };
    world.network.line().lie = Some(Box::new(watch));
}

fn cases_seen(world: &mut World) -> Held<usize> {
    world.open(DOVE)?;
    let app = world.phones[DOVE].app.clone();
    Ok(app.and_then(|app| app.digests().ok()).map_or(0, |digests| digests.len()))
}

/// A second reading on a clear day tells how much there is: the first one may have cost a page more for every cut.
fn fetched_once(world: &mut World, first: &Seen) -> Held {
    let happened = world.network.line().happened;
    let cuts = usize::try_from(world.struck + happened.cut_reply).unwrap_or(usize::MAX);
    let page = 64 * 1024 + first.largest_item;
    let again = world.place("again");
    crate::world::template::copy(&world.template_place("dove"), &again);
    let seen = Arc::new(Mutex::new(Seen::default()));
    watch(world, seen.clone());
    world.weather(Weather::CLEAR);
    let role = world.phones[DOVE].role;
    let mut twin = crate::world::phone::Phone::new("dove", role, &again, &world.time, &world.network, 0xA6A1);
    demand(twin.open(None) == Did::Done(()), || "a copy of a phone does not open".to_owned())?;
    let did = twin.with(None, |app| app.exchange(|_| ()));
    demand(matches!(did, Did::Done(_)), || format!("a clear day brought {did:?}"))?;
    let whole = seen.lock().unwrap_or_else(PoisonError::into_inner).fetched;
    demand(first.fetched <= whole + cuts * page + first.replies * BESIDE_BYTES, || {
        format!("{} bytes were fetched where {whole} are new and {cuts} replies were cut", first.fetched)
    })
}

/// Many long notes at once leave in many requests.
fn writes_much(world: &mut World, seen: &Arc<Mutex<Seen>>) -> Held {
    watch(world, seen.clone());
    let case = world.writing.cases[0].id.clone();
    for _ in 0..8 {
        let word = world.writing.new_word();
        let letters: String = (0..12_000).map(|_| char::from(b'a' + world.chance.below(26) as u8)).collect();
        let body = format!("{word} {letters}");
        let did = world.run(ROBIN, json!({"do": "begin_note", "case": case, "body": body}))?;
        world.wrote(&did, word, 0, None);
    }
    world.weather(Weather { cut_request: 25, ..Weather::CLEAR });
    for _ in 0..6 {
        world.exchange(ROBIN)?;
    }
    let now = *seen.lock().unwrap_or_else(PoisonError::into_inner);
    demand(now.request <= REQUEST_BYTES_MAX / 2, || format!("a request of {} bytes", now.request))
}
