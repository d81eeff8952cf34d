//! Bodies that unfold to far more than they weigh, sealed and signed by a member as they must be.
//!
//! Whoever opens one stops at the bound of the protocol, says so, and goes on with everything else.

use std::sync::{Mutex, PoisonError};

use fieldfare_core::domain::edit::{Edit, Op};
use fieldfare_core::domain::stamp::Stamp;
use fieldfare_core::domain::value::Value;
use fieldfare_core::exchange::{body, padding};
use fieldfare_core::vault::seal;
use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::bundle::{BUNDLE_MARK, Bundle, BundleHeader, HANDED_MARK, HandedBundle};
use fieldfare_protocol::exchange::Item;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::segment::{Chain, Head, Header, Segment};
use fieldfare_protocol::wire;
use serde_bytes::ByteBuf;

use crate::world::{Held, Violation, World, demand};

/// Whose name stands under the bomb; they go on writing in other lanes.
const WREN: usize = 1;
/// Bytes to which a bomb unfolds.
const UNFOLDED_BYTES: usize = 2 * 1024 * 1024;
/// When its edit says that it was written, in milliseconds since 1970: always the same, so that it is packed once.
const WRITTEN_AT_MS: i64 = 1_760_000_000_000;

/// Hands everybody a bomb once, as a segment or as a bundle.
pub(super) fn hand_out(world: &mut World) -> Held {
    world.settle_down()?;
    let as_bundle = world.chance.percent(40);
    let item = bomb(world, as_bundle)?;
    let mut handed_to = std::collections::BTreeSet::new();
    world.network.line().lie_in_replies(move |device, reply| {
        if handed_to.insert(device.to_owned()) {
            reply.items.push(item.clone());
        }
    });
    world.exchange_all()?;
    world.network.line().lie = None;
    world.strike(format!("a bomb, as a bundle {as_bundle}"));
    world.leftovers.waiting.push("waits.not_understood");
    for who in (0..world.phones.len()).filter(|who| *who != WREN) {
        let reasons = world.reasons(who, "waiting")?;
        demand(reasons.iter().any(|why| why == "waits.not_understood"), || {
            format!("{} took a bomb in: {reasons:?}", world.phones[who].name)
        })?;
    }
    Ok(())
}

/// Packs so much, which takes half a second, unless it was packed before.
fn packed(plain: Vec<u8>) -> Option<Vec<u8>> {
    static LAST: Mutex<Option<(Vec<u8>, Vec<u8>)>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.as_ref().is_none_or(|(of, _)| *of != plain) {
        let packed = body::pack(&plain).ok()?.to_vec();
        *last = Some((plain, packed));
    }
    last.as_ref().map(|(_, packed)| packed.clone())
}

fn bomb(world: &mut World, as_bundle: bool) -> Held<Item> {
    let failed = || Violation("a bomb could not be made".to_owned());
    let (case, note) = (world.writing.cases[0].id.clone(), world.writing.cases[0].notes[0].clone());
    let inside = world.inside(WREN)?;
    let me = inside.read(|read| read.me())?;
    let vault = inside.vault_of(&case)?;
    // Nobody attaches anything here, so this chain is nobody else's.
    let chain = Chain { vault: vault.id, device: me.device, lane: Lane::Attachments };
    let head = inside.read(|read| read.head(vault.no, me.device, chain.lane))?;
    let (epoch, key) = inside.read(|read| read.newest_key(vault.no))?.ok_or_else(failed)?;
    let edit = Edit {
        kind: "note".to_owned(),
        record: note.parse().map_err(|_| failed())?,
        field: "unheard_of".to_owned(),
        op_code: Op::Put.code(),
        stamp: Stamp::at_ms(WRITTEN_AT_MS),
        clock_ahead_ms: 0,
        replaces: Vec::new(),
        value: Vec::new(),
    };
    // The value stands last, behind its length: no app of ours would encode so long a one.
    let mut plain = body::encode(me.device, &[edit]).map_err(|_| failed())?.to_vec();
    plain.pop();
    let value = ByteBuf::from(Value::from("a".repeat(UNFOLDED_BYTES).as_str()).to_bytes());
    plain.extend(wire::encode(&value).map_err(|_| failed())?);
    let packed = padding::pad(packed(plain).ok_or_else(failed)?.into());
    let (first_seq, salt, log_head) = (head.seq + 1, [9; 16], [0; 8]);
    let seal =
        |clear: &[u8]| seal::seal(&key, &chain, clear, first_seq, &salt, &packed).map_err(|_| failed());
    let sign = |message: &[u8]| inside.identity.sign(message);
    let bytes = if as_bundle {
        let header = BundleHeader {
            mark: BUNDLE_MARK,
            version: SEGMENT_VERSION,
            lane_code: chain.lane.code(),
            vault_tag: vault.id.tag(),
            first_seq,
            last_seq: first_seq,
            before: before(head),
            last_hash: Hash([3; 32]),
            epoch,
            log_head,
            salt,
        };
        let sealed = seal(&header.to_bytes().map_err(|_| failed())?)?;
        let bundle = Bundle::sign(&chain, header, sealed, sign).and_then(|bundle| bundle.bytes());
        let bundle = ByteBuf::from(bundle.map_err(|_| failed())?);
        let handed = HandedBundle { mark: HANDED_MARK, held_at_ms: vec![world.time.now_ms()], bundle };
        wire::encode(&handed).map_err(|_| failed())?
    } else {
        let header = Header {
            version: SEGMENT_VERSION,
            lane_code: chain.lane.code(),
            vault_tag: vault.id.tag(),
            first_seq,
            count: 1,
            epoch,
            log_head,
            frontier: Vec::new(),
            salt,
        };
        let sealed = seal(&header.to_bytes().map_err(|_| failed())?)?;
        Segment::sign(&chain, before(head), header, sealed, sign).map_err(|_| failed())?.bytes()
    };
    let held_at_ms = world.time.now_ms();
    Ok(Item::Segment { vault: vault.id, device: me.device, held_at_ms, bytes: ByteBuf::from(bytes) })
}

const fn before(head: Head) -> Hash {
    head.hash
}
