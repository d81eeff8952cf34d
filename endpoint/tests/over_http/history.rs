//! What a device reads: all of its vaults, from their beginning, however late it came and whatever became of the data.

use fieldfare_protocol::exchange::{Cursor, Cursors, Generation, Item, Request, SegmentOutcome};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::{REPLY_BYTES_MAX, REPLY_BYTES_TARGET};
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::wire::encode;

use crate::people::{Phone, Writing, admitting};
use crate::scene::{Scene, records, segments, understood};

const FILE: VaultId = VaultId([0xaa; 16]);

type Segments = Vec<Vec<u8>>;

#[test]
fn a_device_admitted_late_receives_the_whole_history_in_order() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    let late = scene.enrol(3, Role::Supervisor);
    let mut log = scene.found_file(FILE, &mentor, &[mentor.id()]);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let mut sent = Vec::new();
    for length in 0..5 {
        sent.push(notes.next(&mentor, 1, vec![1; length]));
        scene.exchange(&mentor, &scene.sending(&[&sent[length]]));
    }
    // The newcomer has read on meanwhile: its cursor stands behind all of that.
    let mut common = Writing::new(scene.line.organisation, &scene.admin, Lane::Progress);
    let notice = common.next(&scene.admin, 1, vec![9; 40]);
    scene.exchange(&scene.admin, &scene.sending(&[&notice]));
    let mut cursors = Cursors::default();
    assert_eq!(segments(&scene.fetch(&late, &mut cursors)), [notice]);

    let admission = log.next(&mentor, admitting(&[late.id()]));
    scene.send_record(&mentor, &admission);
    let after = notes.next(&mentor, 1, vec![2; 40]);
    scene.exchange(&mentor, &scene.sending(&[&after]));
    sent.push(after);
    let items = scene.fetch(&late, &mut cursors);
    assert_eq!(segments(&items), sent);
    assert!(matches!(items[0], Item::Membership(_)), "the file's founding comes first");
    assert_eq!(records(&items)[1], admission.bytes());
    assert!(matches!(items[1], Item::Membership(_)), "and all of its log before what was written");
    assert_eq!(scene.fetch(&late, &mut cursors), []);
}

#[test]
fn a_concern_comes_before_the_notes_that_arrived_earlier() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let mut sent = Vec::new();
    for turn in 0..5_u8 {
        sent.push(notes.next(&mentor, 1, vec![turn; 250_000]));
        scene.exchange(&mentor, &scene.sending(&[sent.last().unwrap()]));
    }
    let mut cursors = Cursors::default();
    let page = |cursors: &mut Cursors| {
        let reply =
            scene.exchange(&scene.admin, &Request { fetch: true, cursors: *cursors, ..scene.request() });
        *cursors = reply.cursors;
        segments(&reply.items)
    };
    let mut received = page(&mut cursors);
    let concern = Writing::new(FILE, &mentor, Lane::Urgent).next(&mentor, 1, vec![9; 40]);
    scene.exchange(&mentor, &scene.sending(&[&concern]));
    assert_eq!(page(&mut cursors), [concern]);
    received.extend(segments(&scene.fetch(&scene.admin, &mut cursors)));
    assert!(received == sent, "nothing else was missed or repeated");
}

#[test]
fn a_long_history_comes_in_replies_of_bounded_size() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let mut sent = Vec::new();
    for turn in 0..12_u8 {
        let sealed = vec![turn; [250_000, 100, 60_000, 190_000][usize::from(turn) % 4]];
        sent.push(notes.next(&mentor, 1, sealed));
        scene.exchange(&mentor, &scene.sending(&[sent.last().unwrap()]));
    }
    let mut cursors = Cursors::default();
    let mut received = Vec::new();
    let mut more = true;
    while more {
        let body = encode(&Request { fetch: true, cursors, ..scene.request() }).unwrap();
        let answer = scene.line.exchange_bytes(&scene.admin, &body).unwrap();
        let reply: fieldfare_protocol::exchange::Reply = understood(&answer).unwrap();
        assert!(answer.body.len() <= REPLY_BYTES_MAX);
        assert!(!reply.more || answer.body.len() >= REPLY_BYTES_TARGET);
        (cursors, more) = (reply.cursors, reply.more);
        received.extend(segments(&reply.items));
    }
    assert_eq!(received, sent);
}

#[test]
fn a_device_that_does_not_fetch_stays_where_it_is() {
    let scene = Scene::new();
    let mut cursors = Cursors::default();
    scene.fetch(&scene.admin, &mut cursors);
    let reply = scene.exchange(&scene.admin, &Request { cursors, ..scene.request() });
    assert_eq!((reply.items.len(), reply.cursors, reply.more), (0, cursors, false));
    assert!(!reply.turned_back && cursors != Cursors::default());
}

#[test]
fn a_cursor_that_names_what_never_arrived_starts_over_and_names_every_chain() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    let note = Writing::new(FILE, &mentor, Lane::Notes).next(&mentor, 1, vec![1; 40]);
    scene.exchange(&mentor, &scene.sending(&[&note]));
    let mut cursors = Cursors::default();
    let all = scene.fetch(&mentor, &mut cursors);
    let elsewhere = |cursor: Cursor| Cursor { arrival: cursor.arrival + 1, ..cursor };
    for cursors in [
        Cursors { first: elsewhere(cursors.first), ..cursors },
        Cursors { rest: elsewhere(cursors.rest), ..cursors },
        Cursors { first: Cursor { since: u64::MAX, ..cursors.first }, ..cursors },
    ] {
        let reply = scene.exchange(&mentor, &Request { cursors, fetch: true, ..scene.request() });
        assert!(reply.turned_back);
        assert_eq!((reply.items, reply.acks.len()), (all.clone(), 1));
    }
}

#[test]
fn another_generation_starts_over_and_names_every_chain() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    let mut held = Vec::new();
    for lane in [Lane::Urgent, Lane::Notes] {
        let mut writing = Writing::new(FILE, &mentor, lane);
        let bytes = writing.next(&mentor, 2, vec![1; 40]);
        scene.exchange(&mentor, &scene.sending(&[&bytes]));
        held.push(writing);
    }
    let mut cursors = Cursors::default();
    let all = scene.fetch(&mentor, &mut cursors);
    for generation in [None, Some(Generation([0; 8]))] {
        for fetch in [true, false] {
            let next = held[1].next(&mentor, 1, vec![2; 40]);
            let request = Request { generation, cursors, fetch, ..scene.sending(&[&next]) };
            let reply = scene.exchange(&mentor, &request);
            assert_eq!(reply.generation, scene.endpoint.generation());
            let mut acks: Vec<_> =
                reply.acks.iter().map(|ack| (ack.lane_code, ack.seq, ack.outcome)).collect();
            acks.sort_by_key(|(lane_code, ..)| *lane_code);
            assert_eq!(acks, [(0, 2, SegmentOutcome::Kept), (2, held[1].head.seq, SegmentOutcome::Kept)]);
            let (items, end) = if fetch { (all.clone(), cursors) } else { (vec![], Cursors::default()) };
            assert_eq!((reply.items, reply.cursors, reply.more), (items, end, false));
        }
    }
}

#[test]
fn devices_that_call_at_once_miss_and_repeat_nothing() {
    let mut scene = Scene::new();
    let phones: Vec<Phone> = (2..6).map(|seed| scene.enrol(seed, Role::Mentor)).collect();
    let everyone: Vec<_> = phones.iter().map(Phone::id).collect();
    scene.found_file(FILE, &phones[0], &everyone);
    let scene = &scene;
    let (sent, mut received): (Vec<Segments>, Vec<Segments>) = std::thread::scope(|scope| {
        let work = |phone: &Phone| {
            let mut notes = Writing::new(FILE, phone, Lane::Notes);
            let (mut sent, mut received, mut cursors) = (Vec::new(), Vec::new(), Cursors::default());
            for turn in 0..25 {
                sent.push(notes.next(phone, 1, vec![phone.id().0[0]; turn]));
                let request = scene.sending(&[sent.last().unwrap()]);
                let reply = scene.exchange(phone, &Request { fetch: true, cursors, ..request });
                assert_eq!(reply.acks[0].outcome, SegmentOutcome::Kept);
                cursors = reply.cursors;
                received.extend(segments(&reply.items));
            }
            (sent, received, cursors)
        };
        let threads: Vec<_> = phones.iter().map(|phone| scope.spawn(move || work(phone))).collect();
        let ends: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let each = ends.into_iter().zip(&phones).map(|((sent, mut received, mut cursors), phone)| {
            received.extend(segments(&scene.fetch(phone, &mut cursors)));
            (sent, received)
        });
        each.unzip()
    });
    for (index, received) in received.iter_mut().enumerate() {
        let others = (0..sent.len()).filter(|other| *other != index);
        let mut expected: Vec<_> = others.flat_map(|other| sent[other].clone()).collect();
        expected.sort();
        received.sort();
        assert!(*received == expected, "{} of {}", received.len(), expected.len());
    }
}
