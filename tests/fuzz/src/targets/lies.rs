//! How an answer is changed: every field of a reply can be, and so can the answer as a whole.
//!
//! Knows the shape of a reply; whether a lie does harm is for others to see.

use fieldfare_core::ports::{Answer, TransportProblem};
use fieldfare_protocol::exchange::{Generation, Item, LogOutcome, Reply, SegmentOutcome};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::wire;
use serde_bytes::ByteBuf;

use crate::supply::Supply;

/// Kinds of lies about one reply.
pub(super) const KINDS: usize = 20;

/// Most lies about one reply.
const LIES_MAX: usize = 4;

/// Changes an answer as an input says; one that has run out says nothing, and the answer stays true.
pub(super) fn tell(
    supply: &mut Supply<'_>,
    honest: Answer,
    reply: Option<Reply>,
    earlier: &[Item],
) -> Result<Answer, TransportProblem> {
    let Some(mut reply) = reply else { return Ok(honest) };
    for _ in 0..supply.below(LIES_MAX + 1) {
        match supply.below(KINDS) {
            kind @ 0..=15 => about(&mut reply, kind, supply, earlier),
            16 => {
                return Ok(Answer {
                    status: honest.status,
                    retry_after_s: None,
                    body: garbled(supply, &honest.body),
                });
            }
            17 => {
                let status = [200, 400, 401, 403, 409, 410, 413, 429, 500, 503][supply.below(10)];
                return Ok(Answer {
                    status,
                    retry_after_s: Some(supply.number()),
                    body: vec![supply.byte() % 16],
                });
            }
            18 => return Err(TransportProblem::Broken),
            _ => return Ok(Answer { status: 200, retry_after_s: None, body: supply.bytes(200).to_vec() }),
        }
    }
    Ok(Answer { status: honest.status, retry_after_s: None, body: wire::encode(&reply).expect("a reply") })
}

fn about(reply: &mut Reply, kind: usize, supply: &mut Supply<'_>, earlier: &[Item]) {
    match kind {
        0 => reply.generation = Generation(supply.array()),
        1 => reply.now_ms = supply.number().cast_signed(),
        2 => reply.more = !reply.more,
        3 => reply.cursors.first = cursor(supply),
        4 => reply.cursors.rest = cursor(supply),
        5 => reply.receipts.clear(),
        6 => {
            if let Some(receipt) = one(supply, &mut reply.receipts) {
                receipt.attested.seq = supply.number();
                receipt.attested.received_at_ms = supply.number().cast_signed();
            }
        }
        7 => {
            if let Some(ack) = one(supply, &mut reply.acks) {
                ack.seq = supply.number();
            }
        }
        8 => {
            if let Some(ack) = one(supply, &mut reply.acks) {
                ack.hash.0[0] ^= supply.byte();
            }
        }
        9 => {
            if let Some(ack) = one(supply, &mut reply.acks) {
                ack.outcome = [
                    SegmentOutcome::Kept,
                    SegmentOutcome::Gap,
                    SegmentOutcome::Fork,
                    SegmentOutcome::NotAllowed,
                    SegmentOutcome::Erased,
                ][supply.below(5)];
                ack.lane_code = supply.byte() % 6;
            }
        }
        10 => drop(reply.acks.drain(..supply.below(reply.acks.len() + 1))),
        11 => {
            if let Some(ack) = one(supply, &mut reply.log_acks) {
                ack.outcome = [LogOutcome::Kept, LogOutcome::Moved, LogOutcome::NotAllowed][supply.below(3)];
                ack.number = supply.number() as u32;
            }
        }
        12 => {
            if let Some(item) = one(supply, &mut reply.items) {
                spoil(item, supply);
            }
        }
        13 => {
            // Left out, or handed out backwards.
            if supply.below(2) == 0 {
                reply.items.truncate(supply.below(reply.items.len() + 1));
            } else {
                reply.items.reverse();
            }
        }
        14 => {
            let count = 1 + supply.below(4);
            for _ in 0..count {
                if let Some(item) = earlier.get(supply.below(earlier.len())) {
                    reply.items.insert(supply.below(reply.items.len() + 1), item.clone());
                }
            }
        }
        _ => {
            let bytes = ByteBuf::from(supply.bytes(200).to_vec());
            reply.items.push(Item::Membership(bytes));
        }
    }
}

fn cursor(supply: &mut Supply<'_>) -> fieldfare_protocol::exchange::Cursor {
    fieldfare_protocol::exchange::Cursor { since: supply.number(), arrival: supply.number() }
}

fn one<'l, T>(supply: &mut Supply<'_>, list: &'l mut [T]) -> Option<&'l mut T> {
    let at = supply.below(list.len());
    list.get_mut(at)
}

fn spoil(item: &mut Item, supply: &mut Supply<'_>) {
    let bytes = match item {
        Item::Segment { vault, device, .. } if supply.below(4) == 0 => {
            if supply.below(2) == 0 {
                *vault = VaultId([supply.byte(); 16]);
            } else {
                device.0[supply.below(16)] ^= supply.byte();
            }
            return;
        }
        Item::Segment { bytes, .. } | Item::Membership(bytes) | Item::Late { bytes, .. } => bytes,
    };
    *bytes = ByteBuf::from(garbled(supply, bytes));
}

fn garbled(supply: &mut Supply<'_>, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=supply.below(4) {
        let at = supply.below(bytes.len());
        match supply.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, supply.byte()),
            _ if !bytes.is_empty() => bytes[at] ^= supply.byte(),
            _ => {}
        }
    }
    bytes
}
