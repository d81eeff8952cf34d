//! What was written is in no file, no temporary folder, no output and on no wire, except sealed.
//!
//! Real processes, looked over while they work, after they were killed, and after they ended.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use fieldfare_protocol::request::{EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH};
use serde_json::{Value, json};
use tests::binary::{self, EndpointProcess, Ran};
use tests::device::{Device, made};
use tests::keys;
use tests::scan::{Wanted, files_below, found_below};
use tests::screen;
use tests::wire_tap::WireTap;

const PIN: &str = "837261940518";
const ORGANISATION: &str = "Wobblethorpe Mentoring";
const STAFF: &str = "Quillonby Starch";

/// Everything that a person wrote, each unlike anything else on the machine.
const WRITTEN: [(&str, &str); 13] = [
    ("PIN", PIN),
    ("organisation", ORGANISATION),
    ("name of staff", STAFF),
    ("name", "Fennimarkle Dray"),
    ("note", "Grumbletide"),
    ("agreement", "Snickwarble"),
    ("tag", "Plodgeferry"),
    ("addendum", "Vexhollow"),
    ("goal", "Tanglemoor"),
    ("concern", "Drizzlewick"),
    ("searched words", "Marrowgleam"),
    ("refused words", "Cackleburn"),
    ("area", "Bramblenook"),
];

fn wanted() -> Vec<Wanted> {
    WRITTEN.iter().map(|(what, word)| Wanted::word(what, word)).collect()
}

fn written(what: &str) -> &'static str {
    WRITTEN.iter().find(|(name, _)| *name == what).unwrap().1
}

/// An organisation whose every byte on disk and on the wire is within reach.
struct Scene {
    folder: tempfile::TempDir,
    _endpoint: EndpointProcess,
    tap: WireTap,
    administrator: Device,
    robin: Device,
    /// What every process printed that was not asked for a page.
    outputs: Mutex<String>,
}

impl Scene {
    fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("scratch")).unwrap();
        let log = std::fs::File::create(at("endpoint.log")).unwrap();
        let mut command = Command::new(binary::path());
        command.arg("endpoint").arg("--data").arg(at("endpoint")).stderr(log);
        command.env("TMPDIR", at("scratch")).env("HOME", at("scratch"));
        let endpoint = EndpointProcess::spawn(&mut command);
        let tap = WireTap::before(endpoint.address());
        let device =
            |name: &str| Device { home: at(name), pin: PIN.to_owned(), scratch: Some(at("scratch")) };
        let (administrator, robin) = (device("administrator"), device("robin"));
        let outputs = Mutex::default();
        let scene = Self { _endpoint: endpoint, tap, administrator, robin, outputs, folder };
        let url = format!("http://{}", scene.tap.address);
        scene.done(scene.administrator.found(ORGANISATION, &url, &scene.at("recovery")));
        let ran = scene.administrator.act("invite", &["--name", STAFF, "--role", "mentor"]);
        let invitation = ran.done()["invitation"].as_str().unwrap().to_owned();
        scene.done(ran);
        scene.done(scene.robin.join(&invitation));
        scene
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Notes what a run printed, and demands that it succeeded.
    fn done(&self, ran: Ran) -> Vec<Value> {
        assert_eq!(ran.status, 0, "{}", ran.raw);
        self.outputs.lock().unwrap().push_str(&ran.raw);
        ran.lines
    }

    /// Notes what a run printed, and demands that it was refused.
    fn refused(&self, ran: Ran) {
        assert_eq!(ran.status, 2, "{}", ran.raw);
        self.outputs.lock().unwrap().push_str(&ran.raw);
    }

    fn nothing_is_found(&self, when: &str) {
        // The recovery file names the organisation, so that whoever finds it in a safe knows what it is.
        let found = found_below(self.folder.path(), &wanted(), &["recovery"]);
        assert!(found.is_empty(), "{when}: {found:#?}");
        let names = Wanted::word("organisation", ORGANISATION);
        let others: Vec<_> = wanted().into_iter().filter(|one| one.what != names.what).collect();
        assert_eq!(found_below(self.folder.path(), &others, &[]), [""; 0], "{when}");
    }
}

/// A case with everything in it that can be written; returns the draft that stays open.
fn write_everything(scene: &Scene) -> (String, String) {
    let case = made(
        &scene.done(scene.robin.run(&json!({"do": "open_case", "name": written("name"),
        "cohort": "prevent", "area": written("area")})))[0],
    );
    let lines = scene.done(scene.robin.run_all(&[
        json!({"do": "begin_note", "case": case, "body": format!("We saw {} there.", written("note"))}),
        json!({"do": "set_goal", "case": case, "words": written("goal"), "why": written("goal")}),
        json!({"do": "raise_concern", "case": case, "about": "other", "words": written("concern")}),
        json!({"do": "begin_note", "case": case, "body": written("note")}),
    ]));
    let (note, draft) = (made(&lines[0]), made(&lines[3]));
    scene.done(scene.robin.run_all(&[
        json!({"do": "describe_note", "note": note, "agreed": written("agreement"), "add_tags": [written("tag")]}),
        screen::signing(&note, &format!("We saw {} there.", written("note"))),
        json!({"do": "add_addendum", "note": note, "words": written("addendum")}),
    ]));
    for bad in [
        screen::saving(&note, written("note"), written("refused words")),
        json!({"do": written("refused words")}),
        json!({"do": "set_risk", "case": case, "level": written("refused words")}),
        json!({"do": "set_goal", "case": case, "words": written("refused words").repeat(200)}),
    ] {
        scene.refused(scene.robin.run(&bad));
    }
    let found = scene.robin.page("search", &json!({"words": written("note")}));
    assert_eq!(found["found"].as_array().unwrap().len(), 2, "the words are there, and found by whoever may");
    let none = scene.robin.page("search", &json!({"words": written("searched words")}));
    assert_eq!(none["found"], json!([]));
    (case, draft)
}

fn is_filled(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

#[test]
fn r01_no_word_is_readable_in_any_file_or_output() {
    let scene = Scene::begin();
    let (_, draft) = write_everything(&scene);
    scene.done(scene.robin.exchange());
    scene.done(scene.administrator.exchange());
    scene.nothing_is_found("after everything was closed");

    // While a process works, and after it was killed in the middle: what it had not folded in lies beside the store.
    let mut talk = scene.robin.talk();
    let mut before = written("note").to_string();
    for round in 0..20 {
        let body = format!("{} {round} {}", written("note"), written("goal").repeat(20));
        assert_eq!(talk.say(&screen::saving(&draft, &before, &body))["did"], "save_draft");
        before = body;
    }
    let wal = scene.robin.home.join("store.db-wal");
    assert!(is_filled(&wal), "nothing lies beside the store");
    scene.nothing_is_found("while a process works");
    talk.kill();
    assert!(is_filled(&wal), "the kill left nothing beside the store");
    scene.nothing_is_found("after a kill");
    let body = scene.robin.page("note", &json!({"note": draft}))["body"].as_str().unwrap().to_owned();
    assert!(body.contains("Grumbletide 19"), "what was answered is here");
    scene.done(scene.robin.exchange());
    scene.nothing_is_found("after the rest was sent");

    // The places that were looked at are the ones that matter.
    let files = files_below(scene.folder.path());
    for name in ["robin/store.db", "robin/envelope", "robin/device-key", "endpoint/endpoint.db", "recovery"] {
        assert!(
            files.iter().any(|(path, bytes)| path.ends_with(name) && !bytes.is_empty()),
            "{name} is not there"
        );
    }
    assert_eq!(files_below(&scene.at("scratch")).len(), 0, "something was left in a folder that is not ours");
    let keys: Vec<_> = [&scene.robin, &scene.administrator]
        .into_iter()
        .flat_map(|device| keys::all(&device.home, PIN))
        .map(|(what, key)| Wanted::key(what, key.expose()))
        .collect();
    assert_eq!(found_below(scene.folder.path(), &keys, &[]), [""; 0], "a key lies in clear");
    let outputs = scene.outputs.lock().unwrap();
    assert!(outputs.contains("\"did\":\"sign_note\"") && outputs.contains("malformed"), "{outputs}");
    for one in wanted().into_iter().chain(keys) {
        assert!(!one.is_in(outputs.as_bytes()), "{} was printed: {outputs}", one.what);
    }
}

#[test]
fn r01_the_recovery_key_is_in_its_file_alone() {
    let scene = Scene::begin();
    write_everything(&scene);
    scene.done(scene.robin.exchange());
    let text = std::fs::read_to_string(scene.at("recovery")).unwrap();
    let digits: String =
        text.lines().find_map(|line| line.strip_prefix("Key:")).unwrap().split_whitespace().collect();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let key: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    assert_eq!(key.len(), 32);
    let wanted = [Wanted::key("recovery key", &key)];
    let found = found_below(scene.folder.path(), &wanted, &[]);
    assert_eq!(found, [format!("recovery key: {}", scene.at("recovery").display())]);
    assert!(!wanted[0].is_in(scene.outputs.lock().unwrap().as_bytes()), "the recovery key was printed");
}

#[test]
fn r01_whoever_listens_on_the_line_hears_no_word() {
    let scene = Scene::begin();
    write_everything(&scene);
    for device in [&scene.robin, &scene.administrator, &scene.robin] {
        scene.done(device.exchange());
    }
    let up = scene.tap.said_by_phones();
    let down = scene.tap.said_by_endpoint();
    for one in wanted() {
        for bytes in up.iter().chain(&down) {
            assert!(!one.is_in(bytes), "{} was said on the line", one.what);
        }
    }
    // Paths and headers say which organisation and device calls, and nothing about anybody.
    let mut paths = std::collections::BTreeSet::new();
    for head in up.iter().flat_map(|bytes| heads(bytes)) {
        let mut lines = head.lines();
        let first: Vec<_> = lines.next().unwrap().split(' ').collect();
        assert_eq!((first[0], first[2]), ("POST", "HTTP/1.1"), "{head}");
        paths.insert(first[1].to_owned());
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            let plain = match name {
                "fieldfare-organisation" | "fieldfare-device" | "fieldfare-signature" | "fieldfare-call" => {
                    value.chars().all(|digit| digit.is_ascii_hexdigit())
                }
                "content-length" => value.chars().all(|digit| digit.is_ascii_digit()),
                "host" => value == scene.tap.address.to_string(),
                "accept" => value == "*/*",
                _ => false,
            };
            assert!(plain, "a header that nobody expected: {line}");
        }
    }
    let expected = [FOUND_PATH, INVITATION_PATH, JOIN_PATH, EXCHANGE_PATH].map(str::to_owned);
    assert_eq!(paths, std::collections::BTreeSet::from(expected));
    let length = |heard: &[Vec<u8>]| heard.iter().map(Vec::len).sum::<usize>();
    assert!(length(&up) > 4_000 && length(&down) > 2_000, "the tap heard next to nothing");
}

/// Heads of the requests on one connection; bodies are skipped by their length.
fn heads(mut bytes: &[u8]) -> Vec<String> {
    let mut heads = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|digits| digits.parse().ok()).unwrap_or(0);
        bytes = bytes.get(end + 4 + length..).unwrap_or_default();
        heads.push(head);
    }
    heads
}

#[test]
fn r01_what_is_planted_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("home");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(inside.join("innocent"), vec![0x5A; 10_000]).unwrap();
    assert_eq!(found_below(folder.path(), &wanted(), &[]), [""; 0]);
    let utf16 = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |word: &str| word.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let hex = |word: &str| word.bytes().map(|byte| format!("{byte:02X}")).collect::<String>().into_bytes();
    for (what, word) in WRITTEN {
        for form in [
            word.as_bytes().to_vec(),
            word.to_lowercase().into_bytes(),
            word.to_uppercase().into_bytes(),
            utf16(word),
            big(word),
            hex(word),
            base64(&format!("{word}."), false),
            base64(&format!("a{word}"), true),
            base64(&format!("it{word}"), false),
        ] {
            let planted = inside.join("store.db-wal");
            std::fs::write(&planted, [vec![0; 4_095], form, vec![0xFF; 77]].concat()).unwrap();
            let found = found_below(folder.path(), &wanted(), &[]);
            assert_eq!(found, [format!("{what}: {}", planted.display())]);
        }
    }
    let key: Vec<u8> = (60..92).collect();
    for form in
        [key.clone(), b"3c3d3e3f 40414243 44454647 48494a4b 4c4d4e4f 50515253 54555657 58595a5b".to_vec()]
    {
        std::fs::write(inside.join("store.db-wal"), form).unwrap();
        assert_eq!(found_below(folder.path(), &[Wanted::key("key", &key)], &[]).len(), 1);
    }
}

/// Base 64 as libraries write it, in either alphabet.
fn base64(text: &str, of_addresses: bool) -> Vec<u8> {
    let last_two = if of_addresses { "-_" } else { "+/" };
    let digits: Vec<u8> =
        (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(last_two.bytes()).collect();
    let mut written = Vec::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digit = |place: u32| digits[(bits >> (18 - 6 * place) & 63) as usize];
        written.extend((0..=three.len() as u32).map(digit));
    }
    written
}

#[test]
fn r04_a_store_of_another_key_says_nothing_on_the_error_stream() {
    let scene = Scene::begin();
    let of = |device: &Device, name: &str| device.home.join(name);
    for name in ["store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(of(&scene.robin, name));
    }
    std::fs::copy(of(&scene.administrator, "store.db"), of(&scene.robin, "store.db")).unwrap();
    let output = scene.robin.command("page", &["today"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("store_foreign"), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
