//! A bundle opens to exactly the segments that it stands for, or not at all.

use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::bundle::BUNDLE_MARK;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::signing::Signature;
use proptest::prelude::*;

use super::*;
use crate::contract::RecordId;
use crate::domain::stamp::Stamp;

const ME: DeviceId = DeviceId([1; 16]);

fn chain() -> Chain {
    Chain { vault: VaultId([9; 16]), device: ME, lane: Lane::Notes }
}

fn edit(number: u64) -> Edit {
    Edit {
        kind: "note".to_owned(),
        record: RecordId([9; 16]),
        field: "agreed".to_owned(),
        op_code: 0,
        stamp: Stamp(number),
        clock_ahead_ms: 0,
        replaces: Vec::new(),
        value: format!("words {number}").into_bytes(),
    }
}

/// Segments of so many edits each behind edit 10, with what a bundle of them says in clear.
fn run(counts: &[u32]) -> (Vec<Segment>, Vec<Vec<Edit>>, BundleHeader) {
    let before = Hash([7; 32]);
    let (mut segments, mut edits, mut previous, mut first_seq) = (vec![], vec![], before, 11_u64);
    for (number, count) in counts.iter().enumerate() {
        let seen = SeenHead { device_tag: [2; 4], seq: number as u64 + 1, hash: [number as u8; 4] };
        let header = Header {
            version: SEGMENT_VERSION,
            lane_code: Lane::Notes.code(),
            vault_tag: chain().vault.tag(),
            first_seq,
            count: *count,
            epoch: 1 + number as u32 / 3,
            log_head: [4; 8],
            frontier: if number % 2 == 0 { vec![seen] } else { vec![] },
            salt: [number as u8; 16],
        };
        edits.push((first_seq..first_seq + u64::from(*count)).map(edit).collect());
        first_seq += u64::from(*count);
        let sealed = vec![number as u8; 80];
        let segment = Segment::sign(&chain(), previous, header, sealed, |_| Signature::new([0; 64])).unwrap();
        previous = segment.hash(&chain(), previous);
        segments.push(segment);
    }
    let header = BundleHeader {
        mark: BUNDLE_MARK,
        version: SEGMENT_VERSION,
        lane_code: Lane::Notes.code(),
        vault_tag: chain().vault.tag(),
        first_seq: 11,
        last_seq: first_seq - 1,
        before,
        last_hash: previous,
        epoch: 2,
        log_head: [5; 8],
        salt: [6; 16],
    };
    (segments, edits, header)
}

fn whole(counts: &[u32]) -> (Vec<u8>, BundleHeader) {
    let (segments, edits, header) = run(counts);
    (encode(&chain(), &segments, &edits.concat()).unwrap().to_vec(), header)
}

proptest! {
    #[test]
    fn a_bundle_opens_to_its_segments(counts in prop::collection::vec(1_u32..6, 1..40)) {
        let (segments, edits, header) = run(&counts);
        let plain = encode(&chain(), &segments, &edits.concat()).unwrap();
        let pieces = decode(&chain(), &header, &plain).unwrap();
        prop_assert_eq!(pieces.len(), segments.len());
        let mut previous = header.before;
        for ((piece, segment), edits) in pieces.iter().zip(&segments).zip(&edits) {
            prop_assert_eq!(&piece.header, segment.header());
            prop_assert_eq!(piece.previous, previous);
            prop_assert_eq!(piece.hash, segment.hash(&chain(), previous));
            prop_assert_eq!(&piece.edits, edits);
            previous = piece.hash;
        }
    }

    #[test]
    fn bytes_of_any_kind_are_refused_without_a_panic(bytes: Vec<u8>) {
        let (_, header) = whole(&[1]);
        let _ = decode(&chain(), &header, &bytes);
    }
}

#[test]
fn a_bundle_that_tells_a_place_otherwise_does_not_open() {
    let (plain, header) = whole(&[2, 1, 3]);
    assert!(decode(&chain(), &header, &plain).is_ok());
    for other in [
        BundleHeader { first_seq: 12, last_seq: header.last_seq + 1, ..header.clone() },
        BundleHeader { last_seq: header.last_seq - 1, ..header.clone() },
        BundleHeader { before: Hash([8; 32]), ..header.clone() },
        BundleHeader { last_hash: Hash([8; 32]), ..header.clone() },
        BundleHeader { lane_code: Lane::Urgent.code(), ..header.clone() },
    ] {
        assert_eq!(decode(&chain(), &other, &plain), Err(BadBody), "{other:?}");
    }
    let elsewhere = Chain { device: DeviceId([3; 16]), ..chain() };
    assert_eq!(decode(&elsewhere, &header, &plain), Err(BadBody));
}

#[test]
fn a_piece_whose_body_hash_or_count_differs_is_refused() {
    let (segments, edits, header) = run(&[2, 1, 3]);
    let plain = encode(&chain(), &segments, &edits.concat()).unwrap();
    let alter = |change: fn(&mut Whole)| {
        let mut whole: Whole = postcard::from_bytes(&plain).unwrap();
        change(&mut whole);
        decode(&chain(), &header, &postcard::to_stdvec(&whole).unwrap())
    };
    assert!(alter(|_| ()).is_ok());
    assert_eq!(alter(|whole| whole.pieces[1].sealed = Hash([0; 32])), Err(BadBody));
    assert_eq!(alter(|whole| whole.pieces[0].frontier.clear()), Err(BadBody));
    assert_eq!(alter(|whole| whole.pieces.swap(0, 1)), Err(BadBody));
    assert_eq!(alter(|whole| whole.pieces.truncate(2)), Err(BadBody));
    assert_eq!(
        alter(|whole| {
            whole.pieces[0].count = 1;
            whole.pieces[1].count = 2;
        }),
        Err(BadBody)
    );
}

#[test]
fn a_bundle_with_an_edit_less_does_not_open() {
    let (segments, edits, header) = run(&[2, 1]);
    let mut edits = edits.concat();
    edits.pop();
    let plain = encode(&chain(), &segments, &edits).unwrap();
    assert_eq!(decode(&chain(), &header, &plain), Err(BadBody));
}

#[test]
fn more_than_a_bundle_holds_is_not_encoded() {
    let (segments, edits, _) = run(&vec![1; BUNDLE_PIECES_MAX + 1]);
    assert_eq!(encode(&chain(), &segments, &edits.concat()).err(), Some(BadBody));
}
