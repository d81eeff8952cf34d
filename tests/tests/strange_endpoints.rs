//! Endpoints that are away, foreign, or no endpoints at all are told apart, and cost nobody a word.
//!
//! Real sockets; what a stranger answers is made up here, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fieldfare_core::contract::StaffRole;
use serde_json::json;
use tests::casework::chance::Chance;
use tests::device::Device;
use tests::phone::{self, Service};
use tests::refusal::{House, SENTINEL, refused};

/// Something that listens where the endpoint should be, and answers every call with the same bytes.
struct Stranger {
    stop: Arc<AtomicBool>,
    address: SocketAddr,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Stranger {
    fn at(address: SocketAddr, answer: Vec<u8>, for_ever: bool) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let mut heard = [0; 64 * 1024];
                let _ = stream.read(&mut heard);
                let _ = stream.write_all(&answer);
                while for_ever && stream.write_all(&[b'a'; 64 * 1024]).is_ok() {}
            }
        });
        Self { stop, address, thread: Some(thread) }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = std::net::TcpStream::connect(self.address);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Stops the endpoint of a house and returns what is left of it, and the address that is free now.
fn without_endpoint(house: House) -> (Device, SocketAddr, String, impl Sized) {
    let House { service: Service { folder, endpoint, administrator }, robin, note, .. } = house;
    let address = endpoint.address();
    endpoint.stop();
    (robin, address, note, (folder, administrator))
}

fn state(robin: &Device, note: &str) -> (Vec<String>, serde_json::Value, serde_json::Value) {
    let app = robin.open().unwrap();
    let digests = app.digests().unwrap().iter().map(|(vault, hash)| format!("{vault} {hash}")).collect();
    let unsent = phone::page(&app, json!({"page": "exchange"}))["unsent"].clone();
    (digests, phone::page(&app, json!({"page": "note", "note": note})), unsent)
}

#[test]
fn nonsense_of_any_kind_is_refused_and_nothing_is_lost() {
    let (robin, address, note, _kept) = without_endpoint(House::new());
    let before = state(&robin, &note);
    assert!(before.2.as_u64().unwrap() > 0, "something waits to be sent");
    refused(&robin.exchange(), "endpoint_unreachable");
    let mut chance = Chance::new(5);
    let mut random = |length: usize| (0..length).map(|_| chance.bits().to_le_bytes()[0]).collect::<Vec<u8>>();
    let (noise, garbage) = (random(5_000), random(5_000));
    let either = ["endpoint_nonsense", "endpoint_unreachable"];
    let nonsense = ["endpoint_nonsense"];
    for (what, answer, for_ever, problems) in [
        ("random bytes", noise, false, &either[..]),
        ("silence", Vec::new(), false, &["endpoint_unreachable"]),
        ("an empty answer", ok(b""), false, &nonsense),
        ("garbage", ok(&garbage), false, &nonsense),
        ("a page", ok(format!("<html>{SENTINEL}</html>").as_bytes()), false, &nonsense),
        ("an answer that never ends", b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), true, &nonsense),
        ("a head that never ends", b"HTTP/1.1 200 OK\r\nx: ".to_vec(), true, &either),
        (
            "an answer cut short",
            b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nabc".to_vec(),
            false,
            &either,
        ),
        ("its own trouble", b"HTTP/1.1 500 X\r\ncontent-length: 3\r\n\r\nabc".to_vec(), false, &nonsense),
        (
            "a way elsewhere",
            b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec(),
            false,
            &nonsense,
        ),
    ] {
        let stranger = Stranger::at(address, answer, for_ever);
        let ran = robin.exchange();
        drop(stranger);
        let problem = problems.iter().find(|problem| ran.line()["problem"] == **problem);
        refused(&ran, problem.unwrap_or_else(|| panic!("{what}: {}", ran.raw)));
        assert_eq!(before, state(&robin, &note), "{what}");
    }
}

#[test]
fn the_endpoint_of_another_organisation_is_told_and_given_nothing() {
    let (robin, address, note, _kept) = without_endpoint(House::new());
    let before = state(&robin, &note);
    let other = tempfile::tempdir().unwrap();
    let settings = fieldfare_endpoint::Settings {
        data: other.path().join("endpoint"),
        listen: address,
        quota_bytes: None,
    };
    let endpoint = fieldfare_endpoint::Endpoint::start(settings).unwrap();
    let url = format!("http://{address}");
    // Empty, it keeps nobody; founded by others, it keeps them.
    refused(&robin.exchange(), "endpoint_foreign");
    let founder = Device::at(&other.path().join("founder"));
    assert_eq!(founder.found("Other", &url, &other.path().join("recovery")).status, 0);
    refused(&robin.exchange(), "endpoint_foreign");
    assert_eq!(before, state(&robin, &note));
    // And it is not founded a second time.
    let second = Device::at(&other.path().join("second"));
    let recovery = other.path().join("second-recovery");
    refused(&second.found("Third", &url, &recovery), "endpoint_foreign");
    assert!(
        !recovery.exists()
            && !second.home.join("store.db").exists()
            && !second.home.join("envelope").exists()
    );
    endpoint.stop();
}

#[test]
fn addresses_that_are_none_or_not_safe_are_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::at(&folder.path().join("home"));
    let recovery = folder.path().join("recovery");
    for (url, problem) in [
        ("http://fieldfare.example", "endpoint_plain_http"),
        ("http://10.0.0.7:8420", "endpoint_plain_http"),
        ("http://127.0.0.1.example:8420", "endpoint_plain_http"),
        ("fieldfare.example", "endpoint_bad_address"),
        ("ftp://127.0.0.1", "endpoint_bad_address"),
        ("https://", "endpoint_bad_address"),
        ("https://fieldfare.example", "endpoint_not_pinned"),
        ("https://me:secret@fieldfare.example", "endpoint_bad_address"),
        (SENTINEL, "endpoint_bad_address"),
        ("http://127.0.0.1:1", "endpoint_unreachable"),
    ] {
        refused(&device.found("Harbour", url, &recovery), problem);
        assert!(!recovery.exists() && !device.home.join("store.db").exists(), "{url} left something behind");
    }
    let long = "x".repeat(121);
    refused(&device.found(" ", "http://127.0.0.1:1", &recovery), "empty");
    refused(&device.found(&long, "http://127.0.0.1:1", &recovery), "too_long");
    assert!(!recovery.exists());
}

#[test]
fn an_invitation_works_once_and_whole() {
    let house = House::new();
    let administrator = &house.service.administrator;
    let device = |name: &str| Device::at(&house.service.home(name));
    let invitation = administrator.invite("Wren", StaffRole::Mentor).unwrap();
    let half = &invitation[..invitation.len() / 2];
    let mut letters: Vec<char> = invitation.chars().collect();
    let last = letters.len() - 5;
    letters[last] = if letters[last] == 'a' { 'b' } else { 'a' };
    let wrong: String = letters.into_iter().collect();
    for damaged in ["", SENTINEL, half, &wrong, "fieldfare-invitation:", &format!("{}x", *invitation)] {
        refused(&device("damaged").join(damaged), "invitation_damaged");
        assert!(!device("damaged").home.exists(), "a damaged invitation left something behind");
    }
    assert_eq!(device("wren").join(&invitation).done()["joined"], true);
    refused(&device("again").join(&invitation), "invitation_spent");
    assert!(!device("again").home.join("store.db").exists());

    // Two devices at once: one joins, the other is told.
    let invitation = administrator.invite("Two", StaffRole::Mentor).unwrap();
    let both = ["left", "right"].map(|name| {
        let (device, invitation) = (device(name), invitation.to_string());
        std::thread::spawn(move || device.join(&invitation))
    });
    let both = both.map(|thread| thread.join().unwrap());
    let joined = both.iter().filter(|ran| ran.status == 0).count();
    assert_eq!(joined, 1, "{} {}", both[0].raw, both[1].raw);
    let told = both.iter().find(|ran| ran.status != 0).unwrap();
    refused(told, "invitation_spent");
    administrator.exchange(|_| ()).unwrap();
    let staff = phone::page(administrator, json!({"page": "staff"}));
    assert_eq!(staff["staff"].as_array().unwrap().len(), 4, "{staff}");

    // Only administrators invite.
    let ran = house.unchanged(|robin| robin.act("invite", &["--name", SENTINEL, "--role", "mentor"]));
    refused(&ran, "not_allowed");
}
