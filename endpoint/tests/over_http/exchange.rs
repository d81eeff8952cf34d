//! What a device brings is kept once, in order, or answered with the reason why not.

use fieldfare_protocol::exchange::{Ack, LogOutcome, Reply, Request, SegmentOutcome};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::segment::Head;

use crate::people::{Log, Phone, Writing, admitting, founding_file};
use crate::scene::{Scene, segments};

const FILE: VaultId = VaultId([0xaa; 16]);

/// An administrator and a mentor who share one file.
fn shared() -> (Scene, Phone, Log) {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    let log = scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    (scene, mentor, log)
}

fn ack(writing: &Writing, outcome: SegmentOutcome) -> Ack {
    let Head { seq, hash } = writing.head;
    Ack {
        vault: writing.chain.vault,
        lane_code: writing.chain.lane.code(),
        seq,
        hash,
        outcome,
        agreed: if matches!(outcome, SegmentOutcome::Kept | SegmentOutcome::Gap) { seq } else { 0 },
    }
}

fn outcome(reply: &Reply) -> SegmentOutcome {
    assert_eq!(reply.acks.len(), 1);
    reply.acks[0].outcome
}

#[test]
fn what_one_device_sends_another_receives() {
    let (scene, mentor, _) = shared();
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let sent = [notes.next(&mentor, 2, vec![1; 40]), notes.next(&mentor, 1, vec![2; 40])];
    let before = crate::scene::now_ms();
    let reply = scene.exchange(&mentor, &scene.sending(&[&sent[0], &sent[1]]));
    assert_eq!(reply.acks, [ack(&notes, SegmentOutcome::Kept)]);
    assert_eq!((reply.receipts.len(), reply.items.len(), reply.more), (0, 0, false));
    assert!((before..=crate::scene::now_ms()).contains(&reply.now_ms));

    let mut cursor = Default::default();
    assert_eq!(segments(&scene.fetch(&scene.admin, &mut cursor)), sent);
    assert_eq!(scene.fetch(&scene.admin, &mut cursor), []);
    assert_eq!(
        segments(&scene.fetch(&mentor, &mut Default::default())).len(),
        0,
        "its own are not sent back"
    );
}

#[test]
fn a_segment_sent_twice_is_kept_once() {
    let (scene, mentor, _) = shared();
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let sent = [notes.next(&mentor, 2, vec![1; 40]), notes.next(&mentor, 1, vec![2; 40])];
    for request in [scene.sending(&[&sent[0], &sent[1]]), scene.sending(&[&sent[0], &sent[0], &sent[1]])] {
        assert_eq!(scene.exchange(&mentor, &request).acks, [ack(&notes, SegmentOutcome::Kept)]);
    }
    assert_eq!(segments(&scene.fetch(&scene.admin, &mut Default::default())), sent);
}

#[test]
fn another_segment_under_a_held_number_is_a_fork() {
    let (scene, mentor, _) = shared();
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let mut clone = notes.clone();
    let first = notes.next(&mentor, 3, vec![1; 40]);
    scene.exchange(&mentor, &scene.sending(&[&first]));
    let other = clone.next(&mentor, 3, vec![2; 40]);
    let reply = scene.exchange(&mentor, &scene.sending(&[&other]));
    assert_eq!(reply.acks, [ack(&notes, SegmentOutcome::Fork)]);
    let mut inside = Writing::new(FILE, &mentor, Lane::Notes);
    inside.next(&mentor, 1, vec![1; 40]);
    let inside = inside.next(&mentor, 9, vec![1; 40]);
    assert_eq!(outcome(&scene.exchange(&mentor, &scene.sending(&[&inside]))), SegmentOutcome::Fork);
    assert_eq!(segments(&scene.fetch(&scene.admin, &mut Default::default())), [first]);
}

#[test]
fn a_segment_that_follows_none_is_a_gap() {
    let (scene, mentor, _) = shared();
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let first = notes.next(&mentor, 1, vec![1; 40]);
    let second = notes.next(&mentor, 1, vec![2; 40]);
    let reply = scene.exchange(&mentor, &scene.sending(&[&second, &first]));
    let empty = Writing::new(FILE, &mentor, Lane::Notes);
    assert_eq!(reply.acks, [ack(&empty, SegmentOutcome::Gap)], "and nothing after the gap is taken");
    let reply = scene.exchange(&mentor, &scene.sending(&[&first, &second]));
    assert_eq!(reply.acks, [ack(&notes, SegmentOutcome::Kept)]);
}

#[test]
fn trouble_in_one_chain_stops_no_other() {
    let (scene, mentor, _) = shared();
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let kept = notes.next(&mentor, 1, vec![1; 40]);
    let held = notes.clone();
    notes.next(&mentor, 1, vec![1; 40]);
    let gap = notes.next(&mentor, 1, vec![1; 40]);
    let mut urgent = Writing::new(FILE, &mentor, Lane::Urgent);
    let concern = urgent.next(&mentor, 1, vec![3; 40]);
    let mut own = Writing::new(scene.line.organisation, &mentor, Lane::Progress);
    let progress = own.next(&mentor, 1, vec![4; 40]);
    let noise: &[u8] = &[1, 2, 3];
    let reply = scene.exchange(&mentor, &scene.sending(&[&kept, &gap, noise, &concern, &[], &progress]));
    let expected = [
        ack(&urgent, SegmentOutcome::Kept),
        ack(&held, SegmentOutcome::Gap),
        ack(&own, SegmentOutcome::Kept),
    ];
    assert_eq!(reply.acks, expected);
    assert_eq!(segments(&scene.fetch(&scene.admin, &mut Default::default())), [concern, kept, progress]);
}

#[test]
fn an_urgent_segment_comes_back_with_a_receipt_that_stays_the_same() {
    let (scene, mentor, _) = shared();
    let mut urgent = Writing::new(FILE, &mentor, Lane::Urgent);
    let concern = urgent.next(&mentor, 2, vec![1; 600]);
    let first = scene.exchange(&mentor, &scene.sending(&[&concern]));
    let [receipt] = first.receipts.as_slice() else { panic!("{:?}", first.receipts) };
    assert_eq!(receipt.verify(&scene.founded.receipt_key), Ok(()));
    assert_eq!((receipt.attested.vault, receipt.attested.device), (FILE, mentor.id()));
    assert_eq!((receipt.attested.seq, receipt.attested.hash), (2, urgent.head.hash));
    std::thread::sleep(std::time::Duration::from_millis(5));
    let again = scene.exchange(&mentor, &scene.sending(&[&concern]));
    assert_eq!(again.receipts, first.receipts, "it arrived when it arrived");

    let mut gap = urgent.clone();
    gap.next(&mentor, 1, vec![1]);
    let gap = gap.next(&mentor, 1, vec![1]);
    assert_eq!(scene.exchange(&mentor, &scene.sending(&[&gap])).receipts, []);
}

#[test]
fn r24_a_vault_that_is_not_the_devices_takes_nothing_from_it() {
    let (mut scene, mentor, _) = shared();
    let outsider = scene.enrol(3, Role::Mentor);
    for vault in [FILE, VaultId([0xbb; 16])] {
        let bytes = Writing::new(vault, &outsider, Lane::Notes).next(&outsider, 1, vec![1; 40]);
        let reply = scene.exchange(&outsider, &scene.sending(&[&bytes]));
        assert_eq!(reply.acks, [], "not even whether the vault exists is said");
    }
    let seen = scene.fetch(&outsider, &mut Default::default());
    assert_eq!((segments(&seen).len(), seen.len()), (0, 5), "the organisation's log, no file's");
    assert_eq!(segments(&scene.fetch(&mentor, &mut Default::default())).len(), 0);
}

#[test]
fn r24_a_segment_with_any_byte_changed_is_not_taken() {
    let (scene, mentor, _) = shared();
    let bytes = Writing::new(FILE, &mentor, Lane::Notes).next(&mentor, 1, vec![1; 20]);
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 0x11;
        let reply = scene.exchange(&mentor, &scene.sending(&[&changed]));
        assert!(reply.acks.iter().all(|ack| ack.outcome != SegmentOutcome::Kept), "byte {position}");
    }
    assert_eq!(segments(&scene.fetch(&scene.admin, &mut Default::default())).len(), 0);
    assert_eq!(outcome(&scene.exchange(&mentor, &scene.sending(&[&bytes]))), SegmentOutcome::Kept);
}

#[test]
fn a_sealed_length_spelled_in_a_longer_way_is_not_taken() {
    let (scene, mentor, _) = shared();
    let segment = Writing::new(FILE, &mentor, Lane::Notes).propose(&mentor, 1, 1, vec![1; 20]);
    let mut longer = segment.header_bytes().to_vec();
    longer.extend_from_slice(&[20 | 0x80, 0]);
    longer.extend_from_slice(&segment.bytes()[segment.header_bytes().len() + 1..]);
    assert_eq!(outcome(&scene.exchange(&mentor, &scene.sending(&[&longer]))), SegmentOutcome::NotAllowed);
}

#[test]
fn r24_somebody_elses_segment_cannot_be_replayed() {
    let (mut scene, mentor, _) = shared();
    let other = scene.found_file(VaultId([0xbb; 16]), &mentor, &[mentor.id(), scene.admin.id()]);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let bytes = notes.next(&mentor, 1, vec![1; 40]);
    scene.exchange(&mentor, &scene.sending(&[&bytes]));
    let as_own = scene.exchange(&scene.admin, &scene.sending(&[&bytes]));
    assert_eq!((outcome(&as_own), as_own.acks[0].hash), (SegmentOutcome::NotAllowed, Hash::NOTHING));
    let mut elsewhere = bytes.clone();
    elsewhere[2..6].copy_from_slice(&other.vault.tag());
    let reply = scene.exchange(&mentor, &scene.sending(&[&elsewhere]));
    assert_eq!((outcome(&reply), reply.acks[0].vault), (SegmentOutcome::NotAllowed, other.vault));
    let mut lane = bytes.clone();
    lane[1] = Lane::Urgent.code();
    let reply = scene.exchange(&mentor, &scene.sending(&[&lane]));
    assert_eq!((outcome(&reply), reply.receipts.len()), (SegmentOutcome::NotAllowed, 0));
    let _ = scene.enrol(3, Role::Mentor);
}

#[test]
fn an_epoch_that_the_log_does_not_know_is_not_taken() {
    let (scene, mentor, _) = shared();
    for epoch in [0, 2, u32::MAX] {
        let bytes = Writing::new(FILE, &mentor, Lane::Notes).propose(&mentor, 1, epoch, vec![1; 40]).bytes();
        assert_eq!(outcome(&scene.exchange(&mentor, &scene.sending(&[&bytes]))), SegmentOutcome::NotAllowed);
    }
}

#[test]
fn a_segment_of_a_newer_app_is_refused_for_its_own_chain_alone() {
    let (scene, mentor, _) = shared();
    let mut newer = Writing::new(FILE, &mentor, Lane::Notes).next(&mentor, 1, vec![1; 40]);
    newer[0] = 2;
    newer[1] = 7;
    let reply = scene.exchange(&mentor, &scene.sending(&[&newer]));
    assert_eq!((outcome(&reply), reply.acks[0].lane_code), (SegmentOutcome::NotAllowed, 7));
}

#[test]
fn a_file_and_its_first_segments_arrive_in_one_request() {
    let (mut scene, mentor, _) = shared();
    let reader = scene.enrol(3, Role::Safeguarding);
    let vault = VaultId([0xbb; 16]);
    let record = Log::new(vault).next(&mentor, founding_file(&[mentor.id(), reader.id()]));
    let mut urgent = Writing::new(vault, &mentor, Lane::Urgent);
    let concern = urgent.next(&mentor, 1, vec![1; 600]);
    let request = Request { membership: vec![record.bytes().to_vec().into()], ..scene.sending(&[&concern]) };
    let reply = scene.exchange(&mentor, &request);
    assert_eq!(reply.log_acks[0].outcome, LogOutcome::Kept);
    assert_eq!((outcome(&reply), reply.receipts.len()), (SegmentOutcome::Kept, 1));
    assert_eq!(segments(&scene.fetch(&reader, &mut Default::default())), [concern]);
}

#[test]
fn a_log_goes_on_only_from_its_newest_record() {
    let (mut scene, mentor, mut log) = shared();
    let (third, fourth) = (scene.enrol(3, Role::Mentor), scene.enrol(4, Role::Mentor));
    let outrun = log.propose(&scene.admin, admitting(&[fourth.id()]));
    let winner = log.next(&mentor, admitting(&[third.id()]));
    assert_eq!(scene.send_record(&mentor, &winner), LogOutcome::Kept);
    assert_eq!(scene.send_record(&mentor, &winner), LogOutcome::Kept);
    assert_eq!(scene.send_record(&scene.admin, &outrun), LogOutcome::Moved);
    let mut ahead = log.clone();
    ahead.next(&mentor, admitting(&[]));
    let ahead = ahead.next(&mentor, admitting(&[fourth.id()]));
    assert_eq!(scene.send_record(&mentor, &ahead), LogOutcome::Moved);
    let mut unknown = Log::new(VaultId([0xcc; 16]));
    unknown.next(&mentor, founding_file(&[mentor.id()]));
    let unknown = unknown.next(&mentor, admitting(&[third.id()]));
    assert_eq!(scene.send_record(&mentor, &unknown), LogOutcome::Moved);
    let stranger = log.propose(&fourth, admitting(&[fourth.id()]));
    assert_eq!(scene.send_record(&fourth, &stranger), LogOutcome::NotAllowed);
    let again = log.next(&scene.admin, admitting(&[fourth.id()]));
    assert_eq!(scene.send_record(&scene.admin, &again), LogOutcome::Kept);
}

#[test]
fn two_vaults_never_share_a_short_name() {
    let (scene, mentor, _) = shared();
    for taken in [FILE, scene.line.organisation] {
        let mut id = taken.0;
        id[15] ^= 1;
        let twin = Log::new(VaultId(id)).next(&mentor, founding_file(&[mentor.id()]));
        assert_eq!(scene.send_record(&mentor, &twin), LogOutcome::NotAllowed);
    }
    let mut id = [0xbb; 16];
    let pair = [0, 1].map(|last| {
        id[15] = last;
        let record = Log::new(VaultId(id)).next(&mentor, founding_file(&[mentor.id()]));
        record.bytes().to_vec().into()
    });
    let reply = scene.exchange(&mentor, &Request { membership: pair.to_vec(), ..scene.request() });
    let outcomes: Vec<LogOutcome> = reply.log_acks.iter().map(|ack| ack.outcome).collect();
    assert_eq!(outcomes, [LogOutcome::Kept, LogOutcome::NotAllowed], "nor within one request");
}

#[test]
fn every_record_gets_an_answer_of_its_own_even_an_unreadable_one() {
    let (scene, mentor, log) = shared();
    let good = log.propose(&mentor, admitting(&[]));
    let mut newer = good.bytes().to_vec();
    let act = 16 + 1 + 32 + 16;
    newer[act] = 99;
    let noise = vec![1, 2, 3];
    let membership = vec![newer.into(), noise.into(), good.bytes().to_vec().into()];
    let reply = scene.exchange(&mentor, &Request { membership, ..scene.request() });
    let answers: Vec<_> = reply.log_acks.iter().map(|ack| (ack.vault, ack.number, ack.outcome)).collect();
    let expected = [
        (FILE, 1, LogOutcome::NotAllowed),
        (VaultId([0; 16]), 0, LogOutcome::NotAllowed),
        (FILE, 1, LogOutcome::Kept),
    ];
    assert_eq!(answers, expected);
}
