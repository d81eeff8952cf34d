//! Whatever is sent, the endpoint answers or hangs up, and goes on.

use std::io::Write;
use std::net::TcpStream;

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::exchange::{Reply, Request};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::{REQUEST_BYTES_MAX, REQUEST_ITEMS_MAX};
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::request::{
    CALL_HEADER, EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH, Refused,
};
use fieldfare_protocol::wire::encode;

use crate::people::{Dice, Phone, Writing};
use crate::scene::{Line, Scene, refusal, start, understood};
use crate::wire::{Answer, connect, head, post, read};

#[test]
fn health_says_ok_and_nothing_else() {
    let scene = Scene::new();
    let mut stream = connect(scene.line.address);
    stream.write_all(head("GET", "/v1/health", &[]).as_bytes()).unwrap();
    let answer = read(&mut stream).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));
}

#[test]
fn other_paths_and_methods_are_refused_in_our_own_words() {
    let scene = Scene::new();
    assert_eq!(refusal(&post(scene.line.address, "/", &[], b"").unwrap()), (404, Refused::Malformed));
    let mut stream = connect(scene.line.address);
    stream.write_all(head("GET", EXCHANGE_PATH, &[]).as_bytes()).unwrap();
    assert_eq!(refusal(&read(&mut stream).unwrap()), (405, Refused::Malformed));
}

#[test]
fn a_device_that_nobody_enrolled_is_unknown() {
    let scene = Scene::new();
    let stranger = Phone::new(9, Role::Mentor);
    assert_eq!(scene.line.exchange(&stranger, &scene.request()), Err((401, Refused::UnknownDevice)));
}

#[test]
fn r24_a_request_counts_only_with_its_own_signature() {
    let scene = Scene::new();
    let body = encode(&scene.request()).unwrap();
    let other = encode(&Request { fetch: true, ..scene.request() }).unwrap();
    let headers = scene.line.headers(&scene.admin, EXCHANGE_PATH, &other);
    let answer = post(scene.line.address, EXCHANGE_PATH, &headers, &body).unwrap();
    assert_eq!(refusal(&answer), (401, Refused::UnknownDevice));

    let mut imposter = Phone::new(9, Role::Mentor);
    imposter.card.device = scene.admin.id();
    assert_eq!(scene.line.exchange(&imposter, &scene.request()), Err((401, Refused::UnknownDevice)));
}

#[test]
fn r24_a_call_that_somebody_recorded_is_not_answered_again() {
    let scene = Scene::new();
    let body = encode(&scene.request()).unwrap();
    assert_eq!(scene.line.exchange_bytes(&scene.admin, &body).unwrap().status, 200);
    let recorded = scene.line.headers(&scene.admin, EXCHANGE_PATH, &body);
    let play = |scene: &Scene| post(scene.line.address, EXCHANGE_PATH, &recorded, &body).unwrap();
    assert_eq!(play(&scene).status, 200);
    assert!(matches!(refusal(&play(&scene)), (409, Refused::Stale(_))));
    // Nor under another number, nor by an endpoint that has forgotten what it answered.
    let later = scene.line.headers(&scene.admin, EXCHANGE_PATH, &body);
    let renumbered: Vec<_> = recorded
        .iter()
        .map(|(name, value)| (*name, if *name == CALL_HEADER { later_call(&later) } else { value.clone() }))
        .collect();
    let answer = post(scene.line.address, EXCHANGE_PATH, &renumbered, &body).unwrap();
    assert_eq!(refusal(&answer), (401, Refused::UnknownDevice));
    let scene = scene.restarted();
    assert!(matches!(refusal(&play(&scene)), (409, Refused::Stale(_))));
    assert_eq!(scene.line.exchange_bytes(&scene.admin, &body).unwrap().status, 200);
}

fn later_call(headers: &[(&'static str, String)]) -> String {
    headers.iter().find(|(name, _)| *name == CALL_HEADER).map(|(_, value)| value.clone()).unwrap()
}

#[test]
fn a_request_for_another_organisation_is_refused() {
    let scene = Scene::new();
    let elsewhere = Line { organisation: VaultId([7; 16]), ..scene.line };
    let refused = elsewhere.exchange(&scene.admin, &scene.request());
    assert_eq!(refused, Err((409, Refused::OtherOrganisation)));

    let place = tempfile::tempdir().unwrap();
    let empty = start(place.path().into());
    let nobodys = Line { address: empty.address(), ..scene.line };
    let refused = nobodys.exchange(&scene.admin, &scene.request());
    assert_eq!(refused, Err((409, Refused::OtherOrganisation)));
    assert_eq!(nobodys.ask(&Phone::new(2, Role::Mentor)), Err((409, Refused::OtherOrganisation)));
}

#[test]
fn a_request_without_its_headers_is_malformed() {
    let scene = Scene::new();
    let body = encode(&scene.request()).unwrap();
    let answer = post(scene.line.address, EXCHANGE_PATH, &[], &body).unwrap();
    assert_eq!(refusal(&answer), (400, Refused::Malformed));
}

#[test]
fn another_version_is_told_so_on_every_path() {
    let scene = Scene::new();
    for path in [FOUND_PATH, INVITATION_PATH, JOIN_PATH, EXCHANGE_PATH] {
        let answer = post(scene.line.address, path, &[], &[PROTOCOL_VERSION + 1, 0, 0]).unwrap();
        assert_eq!(refusal(&answer), (400, Refused::OtherVersion));
        let answer = post(scene.line.address, path, &[], &[]).unwrap();
        assert_eq!(refusal(&answer), (400, Refused::Malformed));
    }
}

#[test]
fn every_truncation_of_a_signed_request_is_malformed() {
    let scene = Scene::new();
    let bytes =
        Writing::new(scene.line.organisation, &scene.admin, Lane::Notes).next(&scene.admin, 1, vec![1; 40]);
    let body = encode(&scene.sending(&[&bytes])).unwrap();
    for length in 0..body.len() {
        let answer = scene.line.exchange_bytes(&scene.admin, &body[..length]).unwrap();
        assert_eq!(refusal(&answer), (400, Refused::Malformed), "{length}");
    }
    let long = [body.as_slice(), &[0]].concat();
    let answer = scene.line.exchange_bytes(&scene.admin, &long).unwrap();
    assert_eq!(refusal(&answer), (400, Refused::Malformed));
}

#[test]
fn random_and_garbled_bodies_never_stop_the_endpoint() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    let mut notes = Writing::new(scene.line.organisation, &mentor, Lane::Notes);
    let good = notes.next(&mentor, 1, vec![1; 40]);
    let record = scene.founding.bytes().to_vec().into();
    let body = encode(&Request { membership: vec![record], fetch: true, ..scene.sending(&[&good]) }).unwrap();
    let mut dice = Dice(2026);
    for turn in 0..400 {
        let mut bytes = if turn % 4 == 0 {
            let length = dice.below(300);
            dice.bytes(length)
        } else {
            body.clone()
        };
        for _ in 0..=dice.below(4) {
            let position = dice.below(bytes.len().max(1));
            if let Some(byte) = bytes.get_mut(position) {
                *byte = dice.roll() as u8;
            }
        }
        if let Some(version) = bytes.first_mut().filter(|_| dice.below(8) > 0) {
            *version = 1;
        }
        let path = [EXCHANGE_PATH, EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH][dice.below(5)];
        let answer = if path == EXCHANGE_PATH {
            scene.line.exchange_bytes(&mentor, &bytes).unwrap()
        } else {
            post(scene.line.address, path, &[], &bytes).unwrap()
        };
        assert!(
            [200, 400, 401, 403, 409, 410, 413].contains(&answer.status),
            "turn {turn}: {}",
            answer.status
        );
    }
    let reply: Reply = understood(&scene.line.exchange_bytes(&mentor, &body).unwrap()).unwrap();
    assert_eq!(reply.acks.len(), 1);
}

#[test]
fn noise_instead_of_http_never_stops_the_endpoint() {
    let scene = Scene::new();
    let mut dice = Dice(7);
    for _ in 0..60 {
        let mut stream = connect(scene.line.address);
        let length = dice.below(2_000);
        let _ = stream.write_all(&dice.bytes(length));
        if dice.below(2) == 0 {
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = read(&mut stream);
        }
    }
    assert!(scene.line.exchange(&scene.admin, &scene.request()).is_ok());
}

#[test]
fn a_body_over_the_limit_is_too_large_announced_or_not() {
    let scene = Scene::new();
    let mut stream = connect(scene.line.address);
    let length = ("content-length", (REQUEST_BYTES_MAX + 1).to_string());
    stream.write_all(head("POST", EXCHANGE_PATH, &[length]).as_bytes()).unwrap();
    assert_eq!(refusal(&read(&mut stream).unwrap()), (413, Refused::TooLarge));

    let mut stream = connect(scene.line.address);
    let chunked = ("transfer-encoding", "chunked".into());
    stream.write_all(head("POST", EXCHANGE_PATH, &[chunked]).as_bytes()).unwrap();
    let chunk =
        [format!("{:x}\r\n", REQUEST_BYTES_MAX / 8).as_bytes(), &vec![1; REQUEST_BYTES_MAX / 8], b"\r\n"]
            .concat();
    for _ in 0..8 {
        stream.write_all(&chunk).unwrap();
    }
    stream.write_all(b"1\r\n\x01\r\n").unwrap();
    assert_eq!(refusal(&read(&mut stream).unwrap()), (413, Refused::TooLarge));

    let full = vec![PROTOCOL_VERSION + 1; REQUEST_BYTES_MAX];
    let answer = post(scene.line.address, EXCHANGE_PATH, &[], &full).unwrap();
    assert_eq!(refusal(&answer), (400, Refused::OtherVersion), "at the limit it is read");
}

#[test]
fn more_items_than_the_limit_are_too_large() {
    let scene = Scene::new();
    let request = Request { segments: vec![vec![].into(); REQUEST_ITEMS_MAX + 1], ..scene.request() };
    assert_eq!(scene.line.exchange(&scene.admin, &request), Err((413, Refused::TooLarge)));
    let request = Request { segments: vec![vec![].into(); REQUEST_ITEMS_MAX], ..scene.request() };
    assert!(scene.line.exchange(&scene.admin, &request).is_ok());
}

/// Says that it will send so many bytes, and dawdles.
fn occupy(scene: &Scene, bytes: usize) -> TcpStream {
    let mut stream = connect(scene.line.address);
    let length = ("content-length", bytes.to_string());
    stream.write_all(head("POST", EXCHANGE_PATH, &[length]).as_bytes()).unwrap();
    stream
}

/// Asks until the answer has this status, or for six seconds.
fn ask_until(scene: &Scene, body: &[u8], status: u16, mut between: impl FnMut()) -> Option<Answer> {
    (0..300).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let answer = scene.line.exchange_bytes(&scene.admin, body).unwrap();
        between();
        (answer.status == status).then_some(answer)
    })
}

/// A request that is not small.
fn large(scene: &Scene) -> Vec<u8> {
    encode(&Request { segments: vec![vec![7; 20_000].into()], ..scene.request() }).unwrap()
}

#[test]
fn when_every_place_is_taken_the_next_is_told_when_to_come_back() {
    let scene = Scene::new();
    let (small, large) = (encode(&scene.request()).unwrap(), large(&scene));
    let mut slow: Vec<_> = (0..64).map(|_| occupy(&scene, 100_000)).collect();
    // Whoever asked may have stood where one of the slow ones was turned away.
    let busy = ask_until(&scene, &large, 503, || slow.push(occupy(&scene, 100_000)));
    let busy = busy.expect("every place is taken");
    assert_eq!(refusal(&busy), (503, Refused::Trouble));
    assert!(busy.headers.contains("retry-after: 5"), "{}", busy.headers);
    let answer = scene.line.exchange_bytes(&scene.admin, &small).unwrap();
    assert_eq!(answer.status, 200, "what is small has places of its own");
    drop(slow);
    assert!(ask_until(&scene, &large, 200, || ()).is_some(), "every place is free again");
}

#[test]
fn what_is_small_has_not_every_place_either() {
    let scene = Scene::new();
    let (small, large) = (encode(&scene.request()).unwrap(), large(&scene));
    let mut slow: Vec<_> = (0..384).map(|_| occupy(&scene, 100)).collect();
    let busy = ask_until(&scene, &small, 503, || slow.push(occupy(&scene, 100)));
    assert_eq!(refusal(&busy.expect("every small place is taken")), (503, Refused::Trouble));
    let answer = scene.line.exchange_bytes(&scene.admin, &large).unwrap();
    assert_eq!(answer.status, 200, "what is large has places of its own");
    drop(slow);
    assert!(ask_until(&scene, &small, 200, || ()).is_some(), "every place is free again");
}
