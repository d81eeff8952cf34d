//! A phone packs its long history into bundles, while others write and the line breaks.
//!
//! Whoever was there reads segments, whoever comes late reads bundles, and all of them end equal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fieldfare_protocol::bundle::HandedBundle;
use fieldfare_protocol::exchange::Item;
use serde_json::json;

use crate::world::network::Weather;
use crate::world::{Held, World};

/// Who packs.
const ROBIN: usize = 0;
/// Who comes late, one after the other.
const LATE: [usize; 2] = [3, 4];

/// Robin's chains get long enough to be packed, at any moment and through any failure.
pub(super) fn while_others_write(world: &mut World) -> Held {
    let handed = Arc::new(AtomicU64::new(0));
    let counted = handed.clone();
    world.network.line().lie_in_replies(move |_, reply| {
        let bundles = reply
            .items
            .iter()
            .filter(|item| matches!(item, Item::Segment { bytes, .. } if HandedBundle::is_marked(bytes)));
        counted.fetch_add(bundles.count() as u64, Ordering::SeqCst);
    });
    // Whoever counts changes nothing.
    world.leftovers.lie = true;
    world.weather(Weather { lost: 6, cut_request: 6, cut_reply: 8, crash: 6, ..Weather::CLEAR });
    let restored_at = world.chance.percent(25).then(|| world.chance.below(8));
    for round in 0..8 {
        write_and_send(world, ROBIN)?;
        let other = 1 + world.chance.below(2);
        world.write(other)?;
        if world.chance.percent(40) {
            write_and_send(world, other)?;
        }
        world.power_cuts = 20;
        world.exchange(ROBIN)?;
        world.power_cuts = 0;
        if restored_at == Some(round) {
            world.network.line().post.mark_restored();
            world.tell("the endpoint begins a new life");
        }
    }
    world.settle_down()?;
    // Bundles that a broken call took with it are made again.
    for who in LATE {
        world.weather(Weather { cut_reply: 10, ..Weather::CLEAR });
        write_and_send(world, ROBIN)?;
        let (id, person) = (world.writing.cases[0].id.clone(), world.phones[who].person.clone());
        world.run(ROBIN, json!({"do": "add_mentor", "case": id, "mentor": person}))?;
        world.writing.cases[0].readers.insert(who);
        world.exchange(ROBIN)?;
        world.write(1)?;
        world.exchange(who)?;
        world.write(who)?;
        write_and_send(world, 1)?;
        world.exchange(who)?;
    }
    world.settle_down()?;
    world.struck += handed.load(Ordering::SeqCst);
    world.quiet()
}

fn write_and_send(world: &mut World, who: usize) -> Held {
    world.type_words(who, 0)?;
    world.exchange(who)?;
    Ok(())
}
