//! Segments from the wire down to the edits inside.
//!
//! What parses keeps its bytes; what verifies was signed; what decodes reads back as it was.

use std::sync::OnceLock;

use fieldfare_core::domain::edit::Edit;
use fieldfare_core::exchange::body;
use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::vault::{Identity, Secret, seal};
use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::exchange::Request;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::{SEGMENT_EDITS_MAX, SEGMENT_FRONTIER_MAX, SEGMENT_PLAIN_BYTES_MAX};
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::segment::{Chain, Header, Segment};
use fieldfare_protocol::wire;
use serde_bytes::ByteBuf;
use tests::casebook::{Casebook, write_case};
use tests::casework::Casework;

use super::captured::captured;
use crate::Target;

const AUTHOR: DeviceId = DeviceId([1; 16]);
pub(super) const CHAIN: Chain = Chain { vault: VaultId([7; 16]), device: AUTHOR, lane: Lane::Notes };
pub(super) const BYTES_MAX: usize = 32 * 1024;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "segment", bytes_max: BYTES_MAX, runs: 4_000, seeds: segments, read: segment },
        Target { name: "body", bytes_max: BYTES_MAX, runs: 2_000, seeds: packed, read: unpacked },
        Target { name: "edits", bytes_max: BYTES_MAX, runs: 4_000, seeds: plain, read: decoded },
        Target { name: "opened", bytes_max: BYTES_MAX, runs: 1_000, seeds: packed, read: opened },
    ]
}

fn segment(bytes: &[u8]) {
    let Ok(segment) = Segment::parse(bytes) else { return };
    assert_eq!(segment.bytes(), bytes, "two spellings");
    let header = segment.header();
    assert!((1..=SEGMENT_EDITS_MAX).contains(&header.count) && header.frontier.len() <= SEGMENT_FRONTIER_MAX);
    assert!(header.last_seq() >= header.first_seq);
    let lane = header.lane().expect("a segment of an unknown lane does not parse");
    let chain = Chain { lane, ..CHAIN };
    let verified = segment.verify(&chain, Hash::NOTHING, &keys().identity.verify_key());
    assert!(verified.is_err() || segment.sealed().len() >= seal::OVERHEAD_BYTES);
}

fn unpacked(bytes: &[u8]) {
    let Ok(plain) = body::unpack(bytes) else { return };
    assert!(plain.len() <= SEGMENT_PLAIN_BYTES_MAX);
    decoded(&plain);
}

fn decoded(plain: &[u8]) {
    let count = body::decode_count(plain);
    let Ok(count) = u32::try_from(count) else { return };
    let Ok(edits) = body::decode(AUTHOR, count, plain) else { return };
    assert_eq!(edits.len(), count as usize);
    // What was read can be passed on, unless it holds more than a segment may.
    if let Ok(encoded) = body::encode(AUTHOR, &edits) {
        assert_eq!(body::decode(AUTHOR, count, &encoded), Ok(edits));
    }
}

/// A member seals whatever it likes: the seal opens, the signature verifies, and what is inside is believed no more.
fn opened(packed: &[u8]) {
    let keys = keys();
    let Some((count, packed)) = packed.split_first() else { return };
    let header = header(u32::from(*count) + 1);
    let header_bytes = header.to_bytes().expect("a header");
    let sealed = seal::seal(&keys.epoch, &CHAIN, &header_bytes, 1, &header.salt, packed).expect("sealing");
    let signed = Segment::sign(&CHAIN, Hash::NOTHING, header, sealed, |message| keys.identity.sign(message));
    let segment = Segment::parse(&signed.expect("a segment").bytes()).expect("what was signed parses");
    segment.verify(&CHAIN, Hash::NOTHING, &keys.identity.verify_key()).expect("what was signed verifies");
    let header = segment.header();
    let open = |sealed: &[u8]| {
        seal::open(&keys.epoch, &CHAIN, segment.header_bytes(), header.first_seq, &header.salt, sealed)
    };
    let plain = open(segment.sealed()).expect("what was sealed opens");
    assert_eq!(*plain, packed);
    if let Ok(plain) = body::unpack(&plain) {
        let _ = body::decode(AUTHOR, header.count, &plain);
    }
    let mut changed = segment.sealed().to_vec();
    let at = usize::from(*count) % changed.len();
    changed[at] ^= 1;
    assert!(open(&changed).is_err(), "a changed body opened");
}

struct Keys {
    identity: Identity,
    epoch: Secret<32>,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys {
        identity: Identity::from_seed(&Secret::from_slice(&[3; 32]).expect("32 bytes")).expect("keys"),
        epoch: Secret::random(&SystemEntropy::default()).expect("randomness"),
    })
}

pub(super) fn header(count: u32) -> Header {
    Header {
        version: SEGMENT_VERSION,
        lane_code: CHAIN.lane.code(),
        vault_tag: CHAIN.vault.tag(),
        first_seq: 1,
        count,
        epoch: 1,
        log_head: [9; 8],
        frontier: Vec::new(),
        salt: [5; 16],
    }
}

fn segments() -> Vec<Vec<u8>> {
    let calls = captured().iter().filter(|heard| heard.call.path == EXCHANGE_PATH);
    let requests = calls.filter_map(|heard| wire::decode::<Request>(&heard.call.body).ok());
    requests.flat_map(|request| request.segments).map(ByteBuf::into_vec).collect()
}

/// Bodies of segments as a mentor's day fills them.
pub(super) fn plain() -> Vec<Vec<u8>> {
    let book = Casebook::new();
    write_case(&mut Casework::new(5), 12, &mut |command| book.run(command));
    book.bodies(20).into_iter().filter(|body| body.len() <= BYTES_MAX).take(20).collect()
}

/// The edits of the same bodies.
pub(super) fn plain_edits() -> Vec<Vec<Edit>> {
    let edits = |body: Vec<u8>| {
        let count = u32::try_from(body::decode_count(&body)).expect("a few");
        body::decode(AUTHOR, count, &body).expect("edits")
    };
    plain().into_iter().map(edits).collect()
}

fn packed() -> Vec<Vec<u8>> {
    plain().iter().map(|plain| body::pack(plain).expect("a body").to_vec()).collect()
}
