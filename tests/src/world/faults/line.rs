//! What the line does: it breaks at any byte, delivers late, twice and in another order.
//!
//! The endpoint is honest here, and so is everybody else.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_protocol::exchange::Item;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::segment::Segment;
use serde_json::json;

use crate::casework::chance::Chance;
use crate::world::network::Weather;
use crate::world::phone::Did;
use crate::world::quiet::Leftovers;
use crate::world::{Held, World, demand};

/// Connections break, at any byte, while people work.
pub(super) fn cut(world: &mut World) -> Held {
    world.weather(Weather { lost: 5, cut_request: 25, cut_reply: 25, late: 0, doubled: 0, crash: 0 });
    world.work(45)?;
    let happened = world.network.line().happened;
    world.struck += happened.cut_request + happened.cut_reply;
    while world.struck == 0 {
        let who = world.chance.below(world.phones.len());
        world.write(who)?;
        let at = world.chance.below(64);
        world.network.line().cut_next_reply_at = Some(at);
        world.exchange(who)?;
        world.struck += world.network.line().happened.cut_reply;
    }
    world.quiet()
}

/// What is handed out comes in any order, twice, and months late.
pub(super) fn disorder(world: &mut World) -> Held {
    world.leftovers.set_aside = vec!["segment.unknown_vault", "membership.not_next"];
    world.weather(Weather { late: 15, doubled: 15, ..Weather::CLEAR });
    let (struck, honest) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (counted, is_honest) = (struck.clone(), honest.clone());
    let mut chance = Chance::new(world.chance.bits());
    let mut held_back: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    world.network.line().lie_in_replies(move |device, reply| {
        let back = held_back.entry(device.to_owned()).or_default();
        if is_honest.load(Ordering::SeqCst) {
            reply.items.append(back);
            return;
        }
        let mut items = std::mem::take(&mut reply.items);
        items.append(back);
        while !items.is_empty() {
            let item = items.remove(chance.below(items.len()));
            match chance.below(10) {
                0..=2 => back.push(item),
                3 => reply.items.extend([item.clone(), item]),
                _ => reply.items.push(item),
            }
        }
        counted.fetch_add(reply.items.len() as u64 + back.len() as u64, Ordering::SeqCst);
    });
    let mut answers = Vec::new();
    for _ in 0..5 {
        world.work(9)?;
        answers.extend(question_and_answer(world)?);
        world.exchange(2)?;
        nobody_sees_an_answer_alone(world, &answers)?;
        let days = world.chance.between(1, 60) as i64;
        world.time.pass(days * 24 * 3_600_000);
    }
    world.exchange_all()?;
    honest.store(true, Ordering::SeqCst);
    world.weather(Weather::CLEAR);
    world.exchange_all()?;
    world.exchange_all()?;
    world.struck += struck.load(Ordering::SeqCst) + world.network.line().happened.late;
    world.quiet()
}

/// Robin asks and, if it arrives, wren answers; both as notes of the first case.
fn question_and_answer(world: &mut World) -> Held<Option<(String, String)>> {
    world.begin_note(0, 0)?;
    let question = world.writing.cases[0].notes.last().cloned().unwrap_or_default();
    world.exchange(0)?;
    world.exchange(1)?;
    if world.phones[1].page(&json!({"page": "note", "note": question})).is_none() {
        return Ok(None);
    }
    world.begin_note(1, 0)?;
    let answer = world.writing.cases[0].notes.last().cloned().unwrap_or_default();
    world.exchange(1)?;
    Ok(Some((question, answer)))
}

fn nobody_sees_an_answer_alone(world: &mut World, answers: &[(String, String)]) -> Held {
    for phone in &world.phones {
        let sees = |note: &str| phone.page(&json!({"page": "note", "note": note})).is_some();
        let alone = answers.iter().find(|(question, answer)| sees(answer) && !sees(question));
        demand(alone.is_none(), || format!("{} sees an answer before its question", phone.name))?;
    }
    Ok(())
}

/// One segment of a colleague never comes, to nobody.
pub(super) fn never_comes(world: &mut World) -> Held {
    world.settle_down()?;
    let hidden: Arc<Mutex<Option<Item>>> = Arc::default();
    let shared = hidden.clone();
    let author = world.device(0)?;
    let case = world.writing.cases[0].id.clone();
    let vault = world.vault_of(&case);
    world.network.line().lie_in_replies(move |_, reply| {
        let mut hidden = shared.lock().unwrap_or_else(PoisonError::into_inner);
        reply.items.retain(|item| {
            let Item::Segment { vault: of, device, bytes, .. } = item else { return true };
            let is_theirs = device.to_string() == author && *of == vault;
            let lane = Segment::parse(bytes).ok().and_then(|segment| segment.header().lane());
            if hidden.is_none() && is_theirs && lane == Some(Lane::Notes) {
                *hidden = Some(item.clone());
            }
            hidden.as_ref() != Some(item)
        });
    });
    // The author writes what never comes, and more; colleagues answer.
    for _ in 0..2 {
        world.begin_note(0, 0)?;
        world.exchange(0)?;
        world.exchange(1)?;
        world.exchange(2)?;
    }
    world.open_case(1)?;
    world.work(20)?;
    let was_hidden = hidden.lock().unwrap_or_else(PoisonError::into_inner).is_some();
    demand(was_hidden, || "nothing was hidden".to_owned())?;
    world.strike("a segment never comes");
    world.leftovers.lie = true;
    world.leftovers.vaults = vec![vault];
    world.leftovers.waiting = vec!["waits.predecessor", "waits.colleague"];
    world.settle_down()?;
    world.nothing_is_left_over()?;
    world.everybody_is_level()?;
    for who in [1, 2] {
        let reasons = world.reasons(who, "waiting")?;
        demand(reasons.iter().any(|why| why == "waits.predecessor"), || {
            format!("{} does not say what it waits for", world.phones[who].name)
        })?;
    }
    for case in 1..world.writing.cases.len() {
        world.everything_is_there(case)?;
    }
    // It comes after all.
    world.network.line().lie = None;
    world.leftovers = Leftovers { lie: false, ..Leftovers::default() };
    let hidden = hidden.lock().unwrap_or_else(PoisonError::into_inner).clone();
    world.network.line().lie_in_replies(move |_, reply| reply.items.extend(hidden.clone()));
    world.exchange_all()?;
    world.quiet()
}

/// Somebody goes on writing while their phone exchanges.
pub(super) fn meanwhile(world: &mut World) -> Held {
    for _ in 0..8 {
        world.work(3)?;
        let who = world.chance.below(world.phones.len());
        world.write(who)?;
        world.open(who)?;
        let Some(app) = world.phones[who].app.clone() else { continue };
        let urgent = world.chance.percent(40);
        let word = world.writing.new_word();
        let case = world.writing.cases[0].id.clone();
        let command = if urgent {
            json!({"do": "raise_concern", "case": case, "about": "threat", "words": word})
        } else {
            json!({"do": "begin_note", "case": case, "body": format!("{word} ")})
        };
        let done = Arc::new(AtomicBool::new(false));
        let written = done.clone();
        let command = crate::phone::command(command);
        world.network.line().meanwhile = Some(Box::new(move || {
            written.store(app.run(command).is_ok(), Ordering::SeqCst);
        }));
        world.exchange(who)?;
        if done.load(Ordering::SeqCst) {
            world.strike(format!("{word} was written meanwhile"));
            world.wrote(&Did::Cut, word.clone(), 0, None);
            // Whoever wrote it was told that it is kept.
            if let Some(last) = world.writing.words.last_mut() {
                last.sure = true;
            }
            // It is sent next.
            world.exchange(who)?;
            let page = world.page(who, json!({"page": "exchange"}))?;
            demand(page["unsent"] == 0, || format!("what was written meanwhile was not sent next: {page}"))?;
        }
    }
    world.quiet()
}
