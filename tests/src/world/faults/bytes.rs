//! Bytes that are old, of another place, damaged, cut short or far too many.
//!
//! Old ones change nothing; damaged ones are refused and fetched once more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_protocol::exchange::Item;
use fieldfare_protocol::limits::{REPLY_BYTES_MAX, SEGMENT_BYTES_MAX};
use fieldfare_protocol::segment::Segment;

use crate::casework::chance::Chance;
use crate::world::network::Weather;
use crate::world::{Held, World};

/// Most items that whoever replays remembers.
const REMEMBERED_MAX: usize = 64;

/// Somebody who remembers everything hands it out again: twice, to others, as another vault's and as another's.
pub(super) fn replay(world: &mut World) -> Held {
    // Half of the time only what a phone was handed already comes again: that leaves nothing at all.
    let elsewhere = world.chance.percent(50);
    if elsewhere {
        world.leftovers.set_aside = vec![
            "segment.other_vault",
            "segment.signature",
            "segment.unknown_vault",
            // Of a file that the phone does not read, and never hears the beginning of.
            "membership.not_next",
        ];
        world.leftovers.waiting = vec!["waits.predecessor", "waits.member", "waits.key"];
    }
    world.weather(Weather { late: 8, doubled: 20, ..Weather::CLEAR });
    let struck = Arc::new(Mutex::new(0_u64));
    let (counted, mut chance) = (struck.clone(), Chance::new(world.chance.bits()));
    let mut remembered: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    world.network.line().lie_in_replies(move |device, reply| {
        let whose = if elsewhere { "" } else { device };
        let remembered = remembered.entry(whose.to_owned()).or_default();
        for _ in 0..chance.below(4) {
            let Some(mut again) = chance.of(remembered).cloned() else { continue };
            let other = chance.of(remembered).cloned().filter(|_| elsewhere);
            if let (
                Item::Segment { vault, device, .. },
                Some(Item::Segment { vault: other_vault, device: other_device, .. }),
            ) = (&mut again, other)
            {
                match chance.below(4) {
                    0 => *vault = other_vault,
                    1 => *device = other_device,
                    _ => {}
                }
            }
            let at = chance.below(reply.items.len() + 1);
            reply.items.insert(at, again);
            *counted.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        }
        let room = REMEMBERED_MAX.saturating_sub(remembered.len());
        remembered.extend(reply.items.iter().take(room).cloned());
    });
    world.work(45)?;
    world.exchange_all()?;
    world.exchange_all()?;
    world.struck += *struck.lock().unwrap_or_else(PoisonError::into_inner);
    world.struck += world.network.line().happened.late;
    world.quiet()
}

/// Replies and what is in them come flipped, cut short, far too long, or as noise.
pub(super) fn damaged(world: &mut World) -> Held {
    world.leftovers.set_aside =
        vec!["segment.signature", "segment.malformed", "membership.malformed", "membership.not_next"];
    world.leftovers.problems = vec!["endpoint_nonsense"];
    let struck = Arc::new(Mutex::new(0_u64));
    let (counted, mut chance) = (struck.clone(), Chance::new(world.chance.bits()));
    let (whole, mut of_whole) = (struck.clone(), Chance::new(world.chance.bits()));
    {
        let mut line = world.network.line();
        line.lie_in_replies(move |_, reply| {
            for item in &mut reply.items {
                if chance.percent(25) {
                    damage(item, &mut chance);
                    *counted.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                }
            }
        });
        let mut inner = line.lie.take();
        line.lie = Some(Box::new(move |call, answer| {
            if let Some(inner) = &mut inner {
                inner(call, answer);
            }
            let length = answer.body.len();
            match of_whole.below(24) {
                0 => answer.body.truncate(of_whole.below(length)),
                1 => answer.body.resize(REPLY_BYTES_MAX + 1 + of_whole.below(99), 7),
                2 => answer.body.extend((0..9).map(|_| of_whole.bits().to_le_bytes()[0])),
                3 => answer.body = (0..2_000).map(|_| of_whole.bits().to_le_bytes()[0]).collect(),
                4 => answer.body.clear(),
                _ => return,
            }
            *whole.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        }));
    }
    world.work(40)?;
    world.exchange_all()?;
    world.exchange_all()?;
    world.struck += *struck.lock().unwrap_or_else(PoisonError::into_inner);
    world.settle_down()?;
    super::bombs::hand_out(world)?;
    world.work(4)?;
    // Where more was damaged than there is room for, everything is asked for again a day later.
    world.time.pass(25 * 3_600_000);
    world.quiet()
}

/// Damages something behind what says where it belongs: who lies about that withholds, which is another fault.
fn damage(item: &mut Item, chance: &mut Chance) {
    match item {
        Item::Membership(bytes) | Item::Late { bytes, .. } => flip(bytes, 0, chance),
        Item::Segment { bytes, .. } => {
            let Ok(segment) = Segment::parse(bytes) else { return };
            let header = segment.header_bytes().len();
            match chance.below(8) {
                0 => {
                    let length = bytes.len() - 1 - chance.below(40);
                    bytes.truncate(length);
                }
                1 => bytes.resize(SEGMENT_BYTES_MAX + 1, 1),
                _ => flip(bytes, header, chance),
            }
        }
    }
}

fn flip(bytes: &mut [u8], from: usize, chance: &mut Chance) {
    let at = from + chance.below(bytes.len().saturating_sub(from).max(1));
    let bit = chance.below(8) as u32;
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
}
