//! What was acknowledged is there: after a stop, after a kill, for one endpoint at a time.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use fieldfare_endpoint::{Endpoint, LISTEN_DEFAULT, Settings, StartProblem, restored};
use fieldfare_protocol::exchange::{Cursors, Reply, Request, SegmentOutcome};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::wire::encode;

use crate::people::{Dice, Writing, admitting};
use crate::scene::{Line, Scene, birth, no_births, segments, start, understood};

const FILE: VaultId = VaultId([0xaa; 16]);
const DATA: &str = "FIELDFARE_ENDPOINT_TEST_DATA";

#[test]
fn a_restart_keeps_everything() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    let mut log = scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    let mut urgent = Writing::new(FILE, &mentor, Lane::Urgent);
    let concern = urgent.next(&mentor, 1, vec![1; 40]);
    let before = scene.exchange(&mentor, &scene.sending(&[&concern]));
    let items = scene.fetch(&scene.admin, &mut Cursors::default());

    let mut scene = scene.restarted();
    assert_eq!(scene.endpoint.generation(), scene.founded.generation);
    let found = scene.line.found(&scene.founding).unwrap();
    assert_eq!((found.generation, found.receipt_key), (scene.founded.generation, scene.founded.receipt_key));
    assert_eq!(scene.fetch(&scene.admin, &mut Cursors::default()), items);
    let again = scene.exchange(&mentor, &scene.sending(&[&concern]));
    assert_eq!((again.acks, again.receipts), (before.acks, before.receipts));
    let third = scene.enrol(3, Role::Mentor);
    let admission = log.next(&mentor, admitting(&[third.id()]));
    scene.send_record(&mentor, &admission);
    assert_eq!(segments(&scene.fetch(&third, &mut Cursors::default())), [concern]);
}

#[test]
fn a_restored_backup_is_another_generation_that_takes_what_it_lacks() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    let mut notes = Writing::new(scene.line.organisation, &mentor, Lane::Notes);
    let first = notes.next(&mentor, 1, vec![1; 40]);
    scene.exchange(&mentor, &scene.sending(&[&first]));
    let backup = tempfile::tempdir().unwrap();
    let copy = backup.path().join("endpoint.db");
    let scene = scene.after(|data| {
        std::fs::copy(data.join("endpoint.db"), &copy).unwrap();
    });
    let lost = notes.next(&mentor, 1, vec![2; 40]);
    scene.exchange(&mentor, &scene.sending(&[&lost]));
    let mut renewed = None;
    let scene = scene.after(|data| {
        std::fs::copy(&copy, data.join("endpoint.db")).unwrap();
        renewed = Some(restored(data).unwrap());
    });
    assert_eq!(Some(scene.endpoint.generation()), renewed);
    assert_ne!(scene.endpoint.generation(), scene.founded.generation);
    let asked = Request { generation: Some(scene.founded.generation), ..scene.request() };
    let reply = scene.exchange(&mentor, &asked);
    assert_eq!((reply.acks.len(), reply.acks[0].seq), (1, 1));
    let reply = scene.exchange(&mentor, &scene.sending(&[&lost]));
    assert_eq!((reply.acks[0].seq, reply.acks[0].outcome), (2, SegmentOutcome::Kept));
}

#[test]
fn a_second_endpoint_on_the_same_data_is_refused() {
    let scene = Scene::new();
    let settings =
        Settings { data: scene.place.path().join("data"), listen: LISTEN_DEFAULT, quota_bytes: None };
    assert!(matches!(Endpoint::start(settings.clone()), Err(StartProblem::InUse)));
    assert!(matches!(restored(&settings.data), Err(StartProblem::InUse)));
    let Scene { endpoint, place: _place, .. } = scene;
    let _no_births = no_births();
    endpoint.stop();
    assert!(Endpoint::start(settings).is_ok());
}

#[test]
fn a_stopped_endpoint_leaves_all_of_its_data_in_one_file() {
    let scene = Scene::new();
    scene.fetch(&scene.admin, &mut Cursors::default());
    let _ = scene.after(|data| {
        let mut files: Vec<_> =
            std::fs::read_dir(data).unwrap().map(|file| file.unwrap().file_name()).collect();
        files.sort();
        assert_eq!(files, ["endpoint.db", "endpoint.lock"]);
    });
}

#[test]
fn an_endpoint_that_is_only_dropped_frees_its_data_too() {
    let place = tempfile::tempdir().unwrap();
    let _no_births = no_births();
    drop(start(place.path().into()));
    drop(start(place.path().into()));
}

#[test]
fn an_address_that_is_taken_is_named() {
    let scene = Scene::new();
    let place = tempfile::tempdir().unwrap();
    let settings = Settings { data: place.path().into(), listen: scene.line.address, quota_bytes: None };
    let problem = Endpoint::start(settings).unwrap_err();
    assert!(matches!(problem, StartProblem::AddressInUse { address } if address == scene.line.address));
}

#[test]
fn data_that_is_not_ours_is_named_and_left_alone() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("endpoint.db");
    std::fs::write(&file, vec![7; 9_000]).unwrap();
    let settings = Settings { data: place.path().into(), listen: LISTEN_DEFAULT, quota_bytes: None };
    assert!(matches!(Endpoint::start(settings), Err(StartProblem::Foreign)));
    assert_eq!(std::fs::read(&file).unwrap(), vec![7; 9_000]);
}

#[test]
fn r26_a_log_that_was_tampered_with_is_found_at_the_start() {
    let scene = Scene::new();
    let founding = scene.founding.bytes().to_vec();
    let Scene { endpoint, place, .. } = scene;
    let _no_births = no_births();
    endpoint.stop();
    let data = place.path().join("data");
    let mut bytes = std::fs::read(data.join("endpoint.db")).unwrap();
    let position = bytes.windows(founding.len()).position(|window| window == founding).unwrap();
    bytes[position + founding.len() - 1] ^= 1;
    std::fs::write(data.join("endpoint.db"), bytes).unwrap();
    let settings = Settings { data, listen: LISTEN_DEFAULT, quota_bytes: None };
    assert!(matches!(Endpoint::start(settings), Err(StartProblem::Damaged)));
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn runs_an_endpoint_until_killed() {
    let Some(data) = std::env::var_os(DATA) else { return };
    let data = Path::new(&data);
    match Endpoint::start(Settings { data: data.into(), listen: LISTEN_DEFAULT, quota_bytes: None }) {
        Ok(endpoint) => {
            let unfinished = data.join("address.new");
            std::fs::write(&unfinished, endpoint.address().to_string()).unwrap();
            std::fs::rename(&unfinished, data.join("address")).unwrap();
            endpoint.wait();
            endpoint.stop();
            std::fs::write(data.join("ended"), b"").unwrap();
        }
        Err(StartProblem::InUse) => std::fs::write(data.join("in-use"), b"").unwrap(),
        Err(problem) => panic!("{problem}"),
    }
}

fn spawn(data: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "durability::runs_an_endpoint_until_killed"]);
    birth(command.env(DATA, data).stdout(Stdio::null()))
}

fn appeared(file: &Path) -> String {
    for _ in 0..1_000 {
        if let Ok(text) = std::fs::read_to_string(file) {
            std::fs::remove_file(file).unwrap();
            return text;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the other process never came so far");
}

#[test]
fn a_second_process_on_the_same_data_is_refused() {
    let scene = Scene::new();
    let data = scene.place.path().join("data");
    let mut child = spawn(&data);
    appeared(&data.join("in-use"));
    child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn a_process_that_is_asked_to_end_stops_in_order() {
    let place = tempfile::tempdir().unwrap();
    let mut child = spawn(place.path());
    appeared(&place.path().join("address"));
    // The handler stands a moment after the address does.
    std::thread::sleep(Duration::from_millis(300));
    birth(Command::new("kill").args(["-TERM", &child.id().to_string()])).wait().unwrap();
    appeared(&place.path().join("ended"));
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let mut scene = Scene::new();
    let mentor = scene.enrol(2, Role::Mentor);
    scene.found_file(FILE, &mentor, &[mentor.id(), scene.admin.id()]);
    let Scene { endpoint, line, place, admin, .. } = scene;
    {
        let _no_births = no_births();
        endpoint.stop();
    }
    let data = place.path().join("data");
    let mut dice = Dice(99);
    let mut notes = Writing::new(FILE, &mentor, Lane::Notes);
    let mut sent: Vec<Vec<u8>> = Vec::new();
    let ask = |segments| Request {
        version: fieldfare_protocol::PROTOCOL_VERSION,
        generation: None,
        cursors: Cursors::default(),
        page_kib: 0,
        asks: Vec::new(),
        membership: Vec::new(),
        segments,
        fetch: false,
    };
    for _ in 0..6 {
        let mut child = spawn(&data);
        let line = Line { address: appeared(&data.join("address")).parse().unwrap(), ..line };
        let (killed, kill) = mpsc::channel();
        let delay = Duration::from_millis(20 + dice.roll() % 150);
        let killer = std::thread::spawn(move || {
            std::thread::sleep(delay);
            child.kill().unwrap();
            child.wait().unwrap();
            killed.send(()).unwrap();
        });
        // The last one sent before a kill may or may not be there: sending it again settles that.
        let mut pending = sent.last().cloned();
        while kill.try_recv().is_err() {
            let bytes = pending.take().unwrap_or_else(|| {
                let length = dice.below(5_000);
                sent.push(notes.next(&mentor, 1, vec![1; length]));
                sent.last().unwrap().clone()
            });
            let body = encode(&ask(vec![bytes.into()])).unwrap();
            let Some(answer) = line.exchange_bytes(&mentor, &body) else { break };
            let Ok(reply) = fieldfare_protocol::wire::decode::<Reply>(&answer.body) else { break };
            assert_eq!((reply.acks[0].seq, reply.acks[0].outcome), (sent.len() as u64, SegmentOutcome::Kept));
        }
        killer.join().unwrap();
    }
    assert!(sent.len() > 6, "{}", sent.len());
    let endpoint = start(data);
    let line = Line { address: endpoint.address(), ..line };
    let body = encode(&ask(vec![sent.last().unwrap().clone().into()])).unwrap();
    let settled: Reply = understood(&line.exchange_bytes(&mentor, &body).unwrap()).unwrap();
    assert_eq!(settled.acks[0].seq, sent.len() as u64);
    let mut received = Vec::new();
    let mut cursors = Cursors::default();
    loop {
        let request =
            Request { generation: Some(endpoint.generation()), cursors, fetch: true, ..ask(Vec::new()) };
        let reply = line.exchange(&admin, &request).unwrap();
        received.extend(segments(&reply.items));
        cursors = reply.cursors;
        if !reply.more {
            break;
        }
    }
    assert!(received == sent, "{} of {}", received.len(), sent.len());
}
