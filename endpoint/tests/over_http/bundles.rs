//! Bundles: whose the endpoint takes, what they have to cover, and who is handed them in place of segments.

use fieldfare_protocol::bundle::{
    BUNDLE_MARK, Bundle, BundleHeader, BundlesReply, BundlesRequest, HandedBundle,
};
use fieldfare_protocol::exchange::{Cursors, SegmentOutcome};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::BUNDLES_MAX;
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::offer::{OfferReply, OfferRequest, OfferedSegment};
use fieldfare_protocol::request::{BUNDLES_PATH, OFFER_PATH, Refused};
use fieldfare_protocol::segment::Head;
use fieldfare_protocol::wire::encode;
use fieldfare_protocol::{PROTOCOL_VERSION, SEGMENT_VERSION};

use crate::people::{Log, Phone, Writing, admitting};
use crate::scene::{Refusal, Scene, segments, understood};

const FILE: VaultId = VaultId([0xaa; 16]);

fn hand_over(scene: &Scene, phone: &Phone, bundles: &[Vec<u8>]) -> Result<Vec<SegmentOutcome>, Refusal> {
    let bundles = bundles.iter().map(|bytes| bytes.clone().into()).collect();
    let body = encode(&BundlesRequest { version: PROTOCOL_VERSION, bundles }).unwrap();
    let reply: BundlesReply = understood(&scene.line.post_signed(phone, BUNDLES_PATH, &body).unwrap())?;
    Ok(reply.outcomes)
}

/// A bundle over everything between two heads.
fn bundle(author: &Phone, from: Head, until: Head, body: u8) -> Vec<u8> {
    let chain = Writing::new(FILE, author, Lane::Notes).chain;
    let header = BundleHeader {
        mark: BUNDLE_MARK,
        version: SEGMENT_VERSION,
        lane_code: Lane::Notes.code(),
        vault_tag: FILE.tag(),
        first_seq: from.seq + 1,
        last_seq: until.seq,
        before: from.hash,
        last_hash: until.hash,
        epoch: 1,
        log_head: [0; 8],
        salt: [0; 16],
    };
    let sign = |message: &[u8]| author.signer.sign(message);
    Bundle::sign(&chain, header, vec![body; 90], sign).unwrap().bytes().unwrap()
}

struct Written {
    scene: Scene,
    mentor: Phone,
    reader: Phone,
    late: Phone,
    log: Log,
    /// The start of the chain, and its end after each segment.
    heads: Vec<Head>,
    sent: Vec<Vec<u8>>,
}

/// A file with six segments of two edits each.
fn written() -> Written {
    let mut scene = Scene::new();
    let (mentor, reader) = (scene.enrol(2, Role::Mentor), scene.enrol(3, Role::Mentor));
    let late = scene.enrol(4, Role::Supervisor);
    let log = scene.found_file(FILE, &mentor, &[mentor.id(), reader.id()]);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let (mut heads, mut sent) = (vec![notes.head], Vec::new());
    for number in 0..6 {
        sent.push(notes.next(&mentor, 2, vec![number; 40]));
        heads.push(notes.head);
        scene.exchange(&mentor, &scene.sending(&[&sent[usize::from(number)]]));
    }
    Written { scene, mentor, reader, late, log, heads, sent }
}

#[test]
fn whoever_is_let_in_later_reads_the_bundle_and_nobody_else_does() {
    let Written { scene, mentor, reader, late, mut log, heads, sent } = written();
    let packed = bundle(&mentor, heads[1], heads[4], 7);
    let mut cursors = Cursors::default();
    let first_half = scene.fetch(&reader, &mut cursors);
    assert_eq!(segments(&first_half), sent);
    assert_eq!(hand_over(&scene, &mentor, std::slice::from_ref(&packed)), Ok(vec![SegmentOutcome::Kept]));
    scene.send_record(&mentor, &log.next(&mentor, admitting(&[late.id()])));
    assert!(segments(&scene.fetch(&reader, &mut cursors)).is_empty());
    assert_eq!(segments(&scene.fetch(&reader, &mut Cursors::default())), sent);
    let mut cursors = Cursors::default();
    let read = segments(&scene.fetch(&late, &mut cursors));
    let (times, handed) = HandedBundle::parse(&read[1]).unwrap();
    assert_eq!((times.len(), handed.bytes().unwrap()), (3, packed));
    let in_place = [sent[0].clone(), read[1].clone(), sent[4].clone(), sent[5].clone()];
    assert_eq!(read, in_place);
    // A bundle that comes now changes nothing for either.
    let next = bundle(&mentor, heads[4], heads[6], 8);
    assert_eq!(hand_over(&scene, &mentor, &[next]), Ok(vec![SegmentOutcome::Kept]));
    assert!(segments(&scene.fetch(&late, &mut cursors)).is_empty());
    assert_eq!(segments(&scene.fetch(&late, &mut Cursors::default())), in_place);
}

#[test]
fn a_bundle_covers_whole_segments_by_their_hashes_and_none_twice() {
    let Written { scene, mentor, reader, heads, .. } = written();
    let judged = |bytes: Vec<u8>| hand_over(&scene, &mentor, &[bytes]).unwrap()[0];
    let beyond = Head { seq: 99, hash: Hash([1; 32]) };
    assert_eq!(judged(bundle(&mentor, heads[0], beyond, 7)), SegmentOutcome::Gap);
    let inside = Head { seq: 3, ..heads[2] };
    assert_eq!(judged(bundle(&mentor, heads[0], inside, 7)), SegmentOutcome::Gap);
    assert_eq!(judged(bundle(&mentor, Head { seq: 1, ..heads[0] }, heads[2], 7)), SegmentOutcome::Gap);
    let other = Head { hash: Hash([1; 32]), ..heads[2] };
    assert_eq!(judged(bundle(&mentor, heads[0], other, 7)), SegmentOutcome::Fork);
    let other = Head { hash: Hash([1; 32]), ..heads[1] };
    assert_eq!(judged(bundle(&mentor, other, heads[3], 7)), SegmentOutcome::Fork);
    assert_eq!(judged(bundle(&mentor, heads[0], heads[1], 7)), SegmentOutcome::NotAllowed);
    assert_eq!(judged(bundle(&reader, heads[0], heads[2], 7)), SegmentOutcome::NotAllowed);
    assert_eq!(judged(vec![BUNDLE_MARK; 40]), SegmentOutcome::NotAllowed);

    assert_eq!(judged(bundle(&mentor, heads[1], heads[4], 7)), SegmentOutcome::Kept);
    assert_eq!(judged(bundle(&mentor, heads[1], heads[4], 8)), SegmentOutcome::Kept, "the same run again");
    for (from, until) in [(0, 2), (1, 3), (2, 4), (3, 6), (0, 6)] {
        let overlapping = bundle(&mentor, heads[from], heads[until], 7);
        assert_eq!(judged(overlapping), SegmentOutcome::NotAllowed, "{from} {until}");
    }
    assert_eq!(judged(bundle(&mentor, heads[4], heads[6], 7)), SegmentOutcome::Kept);
}

#[test]
fn strangers_and_heaps_of_bundles_are_refused() {
    let Written { scene, mentor, heads, .. } = written();
    let one = bundle(&mentor, heads[0], heads[2], 7);
    let stranger = Phone::new(9, Role::Mentor);
    assert_eq!(hand_over(&scene, &stranger, std::slice::from_ref(&one)), Err((401, Refused::UnknownDevice)));
    assert_eq!(hand_over(&scene, &mentor, &vec![one; BUNDLES_MAX + 1]), Err((413, Refused::TooLarge)));
}

/// How far the endpoint holds the mentor's notes once somebody has brought something of them.
fn bring(scene: &Scene, by: &Phone, author: &Phone, bytes: Vec<u8>) -> Option<Head> {
    let brought = OfferedSegment { vault: FILE, device: author.id(), bytes: bytes.into() };
    let request = OfferRequest { version: PROTOCOL_VERSION, vaults: vec![FILE], segments: vec![brought] };
    let body = encode(&request).unwrap();
    let reply: OfferReply = understood(&scene.line.post_signed(by, OFFER_PATH, &body).unwrap()).unwrap();
    let held = reply.held.into_iter().find(|held| held.device == author.id());
    held.map(|held| Head { seq: held.seq, hash: held.hash })
}

/// The same file, of which the endpoint has the first two segments alone.
fn lost() -> Written {
    let mut scene = Scene::new();
    let (mentor, reader) = (scene.enrol(2, Role::Mentor), scene.enrol(3, Role::Mentor));
    let late = scene.enrol(4, Role::Supervisor);
    let log = scene.found_file(FILE, &mentor, &[mentor.id(), reader.id()]);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let (mut heads, mut sent) = (vec![notes.head], Vec::new());
    for number in 0..6 {
        sent.push(notes.next(&mentor, 2, vec![number; 40]));
        heads.push(notes.head);
    }
    scene.exchange(&mentor, &scene.sending(&[&sent[0], &sent[1]]));
    Written { scene, mentor, reader, late, log, heads, sent }
}

#[test]
fn a_bundle_gives_back_what_was_lost_and_stands_in_its_place() {
    let Written { scene, mentor, reader, late, mut log, heads, sent } = lost();
    // It may begin with what is there.
    let packed = bundle(&mentor, heads[1], heads[5], 7);
    assert_eq!(bring(&scene, &reader, &mentor, packed.clone()), Some(heads[5]));
    assert_eq!(bring(&scene, &reader, &mentor, packed.clone()), Some(heads[5]), "the same again");
    // Its author goes on behind it, and is told of it as of its own.
    let reply = scene.exchange(&mentor, &scene.sending(&[&sent[5]]));
    assert_eq!((reply.acks[0].seq, reply.acks[0].outcome), (heads[6].seq, SegmentOutcome::Kept));
    assert_eq!(reply.yours, heads[6].seq);
    scene.send_record(&mentor, &log.next(&mentor, admitting(&[late.id()])));
    for phone in [&reader, &late] {
        let read = segments(&scene.fetch(phone, &mut Cursors::default()));
        assert_eq!((&read[..2], &read[3..]), (&sent[..2], &sent[5..]));
        let (times, handed) = HandedBundle::parse(&read[2]).unwrap();
        assert_eq!((times.len(), handed.bytes().unwrap()), (0, packed.clone()));
    }
}

#[test]
fn a_bundle_that_is_not_its_authors_or_does_not_go_on_gives_nothing_back() {
    let Written { scene, mentor, reader, late, heads, .. } = lost();
    let other = |head: Head| Head { hash: Hash([1; 32]), ..head };
    for (bytes, why) in [
        (bundle(&reader, heads[2], heads[5], 7), "signed by somebody else"),
        (bundle(&mentor, heads[3], heads[6], 7), "with a gap before it"),
        (bundle(&mentor, other(heads[2]), heads[5], 7), "behind another segment"),
        (bundle(&mentor, other(heads[1]), heads[5], 7), "behind another segment, further back"),
        (bundle(&mentor, Head { seq: 1, ..heads[0] }, heads[5], 7), "from the middle of a segment"),
        (bundle(&mentor, heads[0], heads[2], 7), "of what is there"),
        (vec![BUNDLE_MARK; 90], "of noise"),
    ] {
        assert_eq!(bring(&scene, &reader, &mentor, bytes), Some(heads[2]), "a bundle {why}");
    }
    let good = bundle(&mentor, heads[2], heads[5], 7);
    assert_eq!(bring(&scene, &mentor, &mentor, good.clone()), Some(heads[2]), "authors send segments");
    assert_eq!(bring(&scene, &late, &mentor, good.clone()), None, "no member");
    assert_eq!(bring(&scene, &reader, &mentor, good), Some(heads[5]));
}
