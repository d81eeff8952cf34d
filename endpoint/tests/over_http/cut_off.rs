//! A connection that breaks in the middle of an upload: what had arrived whole is kept, and nothing is handed out for it.

use std::io::Write as _;
use std::net::Shutdown;

use fieldfare_protocol::exchange::{AskedChain, Request, SegmentOutcome};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::wire::encode;

use crate::people::{Phone, Writing};
use crate::scene::Scene;
use crate::wire::{connect, head};

const FILE: VaultId = VaultId([0xaa; 16]);

/// How often the endpoint is asked for what a broken connection left behind, before the answer counts.
const ASKED_MAX: usize = 500;

fn asking() -> Vec<AskedChain> {
    vec![AskedChain { vault_tag: FILE.tag(), lane_code: Lane::Notes.code() }]
}

/// Sends the first `length` bytes of a request and hangs up.
fn hang_up_after(scene: &Scene, phone: &Phone, body: &[u8], length: usize) {
    let mut headers = scene.line.headers(phone, EXCHANGE_PATH, body);
    headers.push(("content-length", body.len().to_string()));
    let mut stream = connect(scene.line.address);
    stream.write_all(head("POST", EXCHANGE_PATH, &headers).as_bytes()).unwrap();
    stream.write_all(&body[..length]).unwrap();
    stream.shutdown(Shutdown::Both).unwrap();
}

/// Number of the last edit that the endpoint holds of the phone's notes.
fn held(scene: &Scene, phone: &Phone) -> u64 {
    let reply = scene.exchange(phone, &Request { asks: asking(), ..scene.request() });
    assert_eq!((reply.acks.len(), reply.items.len(), reply.receipts.len()), (1, 0, 0));
    reply.acks[0].seq
}

/// Asks until the endpoint holds so much, since nobody says when it has noticed that a connection broke.
fn soon_held(scene: &Scene, phone: &Phone, seq: u64) -> u64 {
    for _ in 0..ASKED_MAX {
        if held(scene, phone) >= seq {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    held(scene, phone)
}

#[test]
fn whole_segments_of_a_broken_upload_are_kept_and_the_phone_is_told_when_it_asks() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let segments: Vec<Vec<u8>> = (0..8).map(|_| notes.next(&mentor, 1, vec![7; 5_000])).collect();
    let all: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
    let body = encode(&scene.sending(&all)).unwrap();
    for whole in [1, 4, 7] {
        let end: usize = body.len() - segments[whole..].iter().map(|bytes| bytes.len() + 2).sum::<usize>();
        hang_up_after(&scene, &mentor, &body, end + 100);
        assert_eq!(soon_held(&scene, &mentor, whole as u64), whole as u64);
    }
    let reply = scene.exchange(&mentor, &scene.sending(&all[7..]));
    assert_eq!((reply.acks[0].seq, reply.acks[0].outcome), (8, SegmentOutcome::Kept));
}

#[test]
fn a_broken_upload_proves_nothing_but_its_segments() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    scene.found_file(FILE, &mentor, &[mentor.id()]);
    let forger = Phone::new(9, Role::Mentor);
    // Signed by somebody else, and brought in the mentor's name.
    let forged = Writing::new(FILE, &mentor, Lane::Notes).next(&forger, 1, vec![7; 5_000]);
    let body = encode(&scene.sending(&[&forged, &[0; 4_000]])).unwrap();
    hang_up_after(&scene, &mentor, &body, body.len() - 10);
    // A stranger's name opens nothing either.
    hang_up_after(&scene, &forger, &body, body.len() - 10);
    let genuine = Writing::new(FILE, &mentor, Lane::Notes).next(&mentor, 1, vec![7; 5_000]);
    let body = encode(&scene.sending(&[&genuine, &[0; 4_000]])).unwrap();
    hang_up_after(&scene, &mentor, &body, body.len() - 10);
    assert_eq!(soon_held(&scene, &mentor, 1), 1);
    let reply = scene.exchange(&mentor, &scene.sending(&[&genuine]));
    assert_eq!(reply.acks[0].outcome, SegmentOutcome::Kept, "the genuine one stands");
}
