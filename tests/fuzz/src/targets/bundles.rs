//! Bundles from the wire down to the pieces inside.
//!
//! What parses has one spelling; what decodes leads, piece by piece, from the hash before to the last hash promised.

use fieldfare_core::exchange::bundle::{self, Piece};
use fieldfare_protocol::bundle::{BUNDLE_MARK, Bundle, BundleHeader, HANDED_MARK, HandedBundle};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::limits::{BUNDLE_EDITS_MAX, BUNDLE_PIECES_MAX};
use fieldfare_protocol::segment::{Header, Segment};
use fieldfare_protocol::signing::Signature;
use fieldfare_protocol::{SEGMENT_VERSION, wire};
use serde_bytes::ByteBuf;

use super::segments::{self, BYTES_MAX, CHAIN};
use crate::Target;

/// Edits of each segment that a seed packs together.
const EDITS_A_SEGMENT: usize = 3;

/// Before the pieces stands how many edits are promised, and the hash at which they are to end.
const PROMISE_BYTES: usize = 2 + 32;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "bundle", bytes_max: BYTES_MAX, runs: 4_000, seeds: bundles, read: bundle },
        Target { name: "pieces", bytes_max: BYTES_MAX, runs: 4_000, seeds: promised, read: pieces },
    ]
}

fn bundle(bytes: &[u8]) {
    let bundle = if HandedBundle::is_marked(bytes) {
        let Ok((held_at_ms, bundle)) = HandedBundle::parse(bytes) else { return };
        assert!(held_at_ms.len() <= BUNDLE_PIECES_MAX);
        bundle
    } else {
        let Ok(bundle) = Bundle::parse(bytes) else { return };
        assert_eq!(bundle.bytes().expect("what was read can be written"), bytes, "two spellings");
        bundle
    };
    let header = bundle.header();
    assert!(header.first_seq >= 1 && header.last_seq - header.first_seq < u64::from(BUNDLE_EDITS_MAX));
    assert!(header.lane().is_some());
}

/// A member seals and signs whatever it likes as a bundle's body.
fn pieces(bytes: &[u8]) {
    let Some((promise, plain)) = bytes.split_at_checked(PROMISE_BYTES) else { return };
    let count = u64::from(u16::from_le_bytes([promise[0], promise[1]]));
    let last_hash = Hash(promise[2..].try_into().expect("32 bytes"));
    let header = header(count.max(1), last_hash);
    let Ok(pieces) = bundle::decode(&CHAIN, &header, plain) else { return };
    assert!((1..=BUNDLE_PIECES_MAX).contains(&pieces.len()));
    let (mut next, mut previous) = (header.first_seq, header.before);
    for Piece { header, previous: said, hash, edits } in &pieces {
        assert_eq!((header.first_seq, *said), (next, previous), "a gap inside a bundle");
        assert_eq!(header.count as usize, edits.len());
        (next, previous) = (header.last_seq() + 1, *hash);
    }
    assert_eq!((next, previous), (header.last_seq + 1, header.last_hash), "less than was promised");
}

fn header(count: u64, last_hash: Hash) -> BundleHeader {
    BundleHeader {
        mark: BUNDLE_MARK,
        version: SEGMENT_VERSION,
        lane_code: CHAIN.lane.code(),
        vault_tag: CHAIN.vault.tag(),
        first_seq: 1,
        last_seq: count,
        before: Hash::NOTHING,
        last_hash,
        epoch: 1,
        log_head: [9; 8],
        salt: [5; 16],
    }
}

fn unsigned(_: &[u8]) -> Signature {
    Signature::new([0; 64])
}

/// Runs of small segments and what is inside the bundles that stand for them: how many edits, the last hash, the pieces.
fn packed() -> Vec<(u64, Hash, Vec<u8>)> {
    let bodies = segments::plain_edits();
    bodies
        .iter()
        .map(|edits| {
            let (mut run, mut first_seq, mut previous) = (Vec::<Segment>::new(), 1, Hash::NOTHING);
            for some in edits.chunks(EDITS_A_SEGMENT) {
                let count = u32::try_from(some.len()).expect("a few");
                let header = Header { first_seq, ..segments::header(count) };
                let segment =
                    Segment::sign(&CHAIN, previous, header, vec![7; 40], unsigned).expect("a segment");
                previous = segment.hash(&CHAIN, previous);
                first_seq += u64::from(count);
                run.push(segment);
            }
            let plain = bundle::encode(&CHAIN, &run, edits).expect("a bundle").to_vec();
            (first_seq - 1, previous, plain)
        })
        .collect()
}

fn promised() -> Vec<Vec<u8>> {
    let with_promise = |(count, last_hash, plain): (u64, Hash, Vec<u8>)| {
        let count = u16::try_from(count).expect("a few");
        [&count.to_le_bytes()[..], &last_hash.0, &plain].concat()
    };
    packed().into_iter().map(with_promise).collect()
}

fn bundles() -> Vec<Vec<u8>> {
    let signed = packed().into_iter().map(|(count, last_hash, plain)| {
        Bundle::sign(&CHAIN, header(count, last_hash), plain, unsigned)
            .expect("a bundle")
            .bytes()
            .expect("bytes")
    });
    let both = |bytes: Vec<u8>| {
        let bundle = ByteBuf::from(bytes.clone());
        let handed = HandedBundle { mark: HANDED_MARK, held_at_ms: vec![7, 9], bundle };
        [bytes, wire::encode(&handed).expect("a handed bundle")]
    };
    signed.flat_map(both).collect()
}
