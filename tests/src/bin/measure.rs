//! Figures, as JSON lines: name, value, unit, and for ratios what they are a ratio to.
//!
//! Both sides of a ratio are taken in the same run, in turn, and their medians are compared. Everything is synthetic.
//! Other seeds than the trainer's are used.

use std::hint::black_box;
use std::time::{Duration, Instant};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::exchange::{body, padding};
use fieldfare_core::ports::Argon2id;
use fieldfare_core::vault::seal;
use fieldfare_protocol::segment::{Header, Segment};
use serde_json::json;
use tests::casebook::{Casebook, write_case, write_note};
use tests::casework::Casework;
use tests::measure::{self, lock, rotation, slow_link, wire, words};
use tests::memory;
use tests::phone::{self, Service, make, page, run};

/// Seeds that the trainer has not seen.
const SEED: u64 = 9_001;
/// Rounds that are not counted.
const WARM_UP: usize = 600;
/// Rounds of each side of a quick ratio.
const ROUNDS: usize = 300;
/// Asks this program to be the device that receives.
const RECEIVE: &str = "receive";
/// Notes in the store that is searched and unlocked.
const NOTES: usize = 10_000;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let [first, home] = wanted.as_slice()
        && first == RECEIVE
    {
        return receive(std::path::Path::new(home));
    }
    let all: [(&str, fn()); 15] = [
        ("note_save", note_save),
        ("merge_words", words::merge_words),
        ("bytes_50", bytes_50),
        ("first_exchange", first_exchange),
        ("unlock_to_today", large_store),
        ("steady_exchange", wire::steady_exchange),
        ("concern_bytes", wire::concern_bytes),
        ("day_bytes", wire::day_bytes),
        ("resume", wire::resume),
        ("rotate_20_cases_5_devices", rotation::rotate_20_cases_5_devices),
        ("slow_link", slow_link::slow_link),
        ("unlock", lock::unlock),
        ("guessing", lock::guessing),
        ("lock_to_clean", lock::lock_to_clean),
        ("panic_wipe", lock::panic_wipe),
    ];
    for (name, measure) in all {
        if wanted.is_empty() || wanted.iter().any(|one| one == name) {
            measure();
        }
    }
}

fn print(name: &str, value: f64, unit: &str, ratio_to: Option<&str>) {
    let value = (value * 1000.0).round() / 1000.0;
    match ratio_to {
        Some(other) => println!("{}", json!({"name": name, "value": value, "unit": unit, "ratio_to": other})),
        None => println!("{}", json!({"name": name, "value": value, "unit": unit})),
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn percentile(mut times: Vec<Duration>, share: f64) -> f64 {
    times.sort();
    let place = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len());
    times[place - 1].as_secs_f64() * 1000.0
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let since = Instant::now();
    black_box(work());
    since.elapsed()
}

/// Signing and saving a note of 1.5 kB ÷ one bare transaction of the same cipher with the same bytes and durability.
fn note_save() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let bare = bare_database(&service.home("bare.db"));
    let mut casework = Casework::new(SEED);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // Until both logs have been checkpointed once, a commit also pays for a growing file.
    for round in 0..WARM_UP + ROUNDS {
        let body = casework.note_of_about(1_500);
        let note = make(&mentor, json!({"do": "begin_note", "case": case, "place": "car", "minutes": 45}));
        let revision = tests::screen::revision(&note, "");
        let sign = json!({"do": "sign_note", "note": note, "revision": revision, "body": body});
        let our_time = timed(|| run(&mentor, sign).expect("signing"));
        let their_time = timed(|| {
            bare.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
            bare.execute("INSERT INTO bare (body) VALUES (?1)", [&body]).expect("a row");
            bare.execute_batch("COMMIT").expect("a commit");
        });
        if round >= WARM_UP {
            ours.push(our_time);
            theirs.push(their_time);
        }
    }
    let (ours, theirs) = (median(ours), median(theirs));
    print("note_save_ms", ours, "ms", None);
    print("note_save", ours / theirs, "ratio", Some("one bare SQLCipher transaction writing the same text"));
}

/// The same cipher and durability as the store, and nothing else.
fn bare_database(path: &std::path::Path) -> rusqlite::Connection {
    let bare = rusqlite::Connection::open(path).expect("a database");
    bare.execute_batch(
        "PRAGMA key = \"x'0707070707070707070707070707070707070707070707070707070707070707'\";
         PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;
         PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE bare (no INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;",
    )
    .expect("a table");
    bare
}

/// Bytes on the wire ÷ plaintext of segments of 50 edits.
///
/// Signed notes hold their text twice, typed and signed, and the second costs next to nothing; so the figure is also
/// taken of drafts alone.
fn bytes_50() {
    bytes_of_50("bytes_50", |_| true);
    bytes_of_50("bytes_50_unsigned", |command| command["do"] != "sign_note");
}

fn bytes_of_50(name: &str, wanted: fn(&serde_json::Value) -> bool) {
    let book = Casebook::new();
    let mut casework = Casework::new(SEED);
    for _ in 0..4 {
        write_case(&mut casework, 30, &mut |command| if wanted(&command) { book.run(command) } else { None });
    }
    let (mut wire, mut plain, mut edits) = (0, 0, 0);
    for body in book.bodies(50) {
        let count = body::decode_count(&body);
        if count < 50 {
            continue;
        }
        let segment = sealed(&book, &body);
        wire += segment;
        plain += body.len();
        edits += count;
    }
    print(&format!("{name}_edit_mean"), plain as f64 / edits as f64, "bytes of plaintext", None);
    print(name, wire as f64 / plain as f64, "ratio", Some("plaintext of the same 50 edits"));
}

/// How many bytes a body takes as a segment on the wire.
fn sealed(book: &Casebook, plain: &[u8]) -> usize {
    use fieldfare_core::vault::{Identity, Secret};
    use fieldfare_protocol::hash::Hash;
    use fieldfare_protocol::lane::Lane;
    use fieldfare_protocol::segment::{Chain, SeenHead};
    let chain = Chain { vault: book.me.organisation, device: book.me.device, lane: Lane::Notes };
    let header = Header {
        version: fieldfare_protocol::SEGMENT_VERSION,
        lane_code: Lane::Notes.code(),
        vault_tag: chain.vault.tag(),
        first_seq: 1_000,
        count: 50,
        epoch: 1,
        log_head: [1; 8],
        frontier: vec![SeenHead { device_tag: [2; 4], seq: 300, hash: [3; 4] }],
        salt: [4; 16],
    };
    let packed = padding::pad(body::pack(plain).expect("a packed body"));
    let bytes = header.to_bytes().expect("a header");
    let key = Secret::from_slice(&[5; 32]).expect("a key");
    let sealed = seal::seal(&key, &chain, &bytes, 1_000, &header.salt, &packed).expect("a sealed body");
    let identity = Identity::from_seed(&key).expect("keys");
    let segment = Segment::sign(&chain, Hash::NOTHING, header, sealed, |message| identity.sign(message));
    segment.expect("a segment").bytes().len()
}

/// Edits a second into an empty device, from the reply's bytes to the committed rows and index, and its peak memory over
/// idle. The device is a process of its own, so that nothing else stands in its memory.
fn first_exchange() {
    let [few, many] = [10_000, 100_000].map(first_exchange_of);
    measure::print(
        "first_exchange_growth",
        few / many,
        "cost of an edit at 100,000 to 10,000",
        "at most 1.3",
    );
}

/// Returns the edits a second of the processor, which other work on the machine does not slow down.
fn first_exchange_of(edits: u64) -> f64 {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let mut casework = Casework::new(SEED);
    while unsent(&mentor) < edits {
        black_box(fill_case(&mentor, &mut casework, 60));
    }
    mentor.exchange(|_| ()).expect("the mentor's exchange");
    let supervisor = service.join("supervisor", StaffRole::Supervisor);
    drop(supervisor);
    mentor.exchange(|_| ()).expect("admitting the supervisor");
    let output = std::process::Command::new(std::env::current_exe().expect("a path"))
        .arg(RECEIVE)
        .arg(service.home("supervisor"))
        .output()
        .expect("a second process");
    let lines = String::from_utf8_lossy(&output.stdout);
    print!("{lines}");
    let figures = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let speed = figures
        .filter(|figure| figure["name"] == "first_exchange_cpu")
        .find_map(|figure| figure["value"].as_f64());
    speed.expect("a figure")
}

/// The other side of [`first_exchange`].
fn receive(home: &std::path::Path) {
    let clock = std::sync::Arc::new(fieldfare_core::ports::SystemClock);
    let app = Fieldfare::unlock(home, phone::ports(home, clock), phone::PIN).expect("unlocking");
    let idle = memory::resident_bytes();
    memory::reset_peak();
    let cpu_before = measure::cpu_seconds();
    let since = Instant::now();
    let exchanged = app.exchange(|_| ()).expect("the first exchange");
    let seconds = since.elapsed().as_secs_f64();
    let cpu_seconds = measure::cpu_seconds() - cpu_before;
    let over_idle = memory::peak_bytes().saturating_sub(idle);
    print("first_exchange_edits", exchanged.received as f64, "edits", None);
    print("first_exchange", exchanged.received as f64 / seconds, "edits/s", None);
    measure::print(
        "first_exchange_cpu",
        exchanged.received as f64 / cpu_seconds,
        "edits/s of the processor",
        "none",
    );
    print("first_exchange_memory", over_idle as f64 / 1_048_576.0, "MiB over idle", None);
}

fn unsent(app: &Fieldfare) -> u64 {
    page(app, json!({"page": "exchange"}))["unsent"].as_u64().expect("a count")
}

fn fill_case(app: &Fieldfare, casework: &mut Casework, notes: usize) -> String {
    write_case(casework, notes, &mut |command| {
        run(app, command).expect("a command that is allowed").made.map(|id| id.to_string())
    })
}

/// Unlocking, today and search on a store of 10,000 notes.
fn large_store() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let mut casework = Casework::new(SEED);
    let mut runs = |command| run(&mentor, command).expect("allowed").made.map(|id| id.to_string());
    let mut written = 0;
    while written < NOTES {
        let case = write_case(&mut casework, 0, &mut runs);
        for _ in 0..400.min(NOTES - written) {
            write_note(&mut casework, &case, &mut runs);
            written += 1;
        }
    }
    let words =
        ["school", "boxing", "mum", "bus", "college", "worried", "football", "tomorrow", "sw", "calm"];
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let (one, other) = (words[round % words.len()], words[(round / words.len()) % words.len()]);
        let search = json!({"page": "search", "words": format!("{one} {other}")});
        times.push(timed(|| page(&mentor, search)));
    }
    print("search_p50", percentile(times.clone(), 0.5), "ms", None);
    print("search", percentile(times, 0.99), "ms, p99", None);
    drop(mentor);
    let home = service.home("mentor");
    let (mut whole, mut stretching) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        let since = Instant::now();
        let clock = std::sync::Arc::new(fieldfare_core::ports::SystemClock);
        let app = Fieldfare::unlock(&home, phone::ports(&home, clock), phone::PIN).expect("unlocking");
        black_box(page(&app, json!({"page": "today"})));
        whole.push(since.elapsed());
        let pin = fieldfare_core::vault::Pin::entered(phone::PIN).expect("a PIN");
        stretching.push(timed(|| {
            fieldfare_core::vault::kdf::stretch(&pin, &[1; 16], phone::cheap().cost(), &Argon2id)
                .expect("stretching")
        }));
    }
    print("unlock_to_today", median(whole) - median(stretching), "ms over the key stretching", None);
}
