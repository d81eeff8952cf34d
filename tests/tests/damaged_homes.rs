//! Homes that are damaged, foreign, in use or full are refused in clear words, and open again once they are put right.
//!
//! Files are changed as an accident would change them; nothing here knows what is in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fieldfare_core::app::RESERVE_BYTES;
use fieldfare_core::contract::StaffRole;
use serde_json::json;
use tests::binary::{self, PIN, Ran};
use tests::casework::chance::Chance;
use tests::device::Device;
use tests::refusal::{House, NOBODY, SENTINEL, refused};
use tests::screen;

/// Puts other bytes in the place of a file, looks, and puts the file back.
fn with_file(path: &Path, bytes: &[u8], look: impl FnOnce() -> Ran) -> Ran {
    let kept = fs::read(path).unwrap();
    fs::write(path, bytes).unwrap();
    let ran = look();
    fs::write(path, kept).unwrap();
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{beside}", path.display()));
    }
    ran
}

fn problem_among(ran: &Ran, problems: &[&str]) {
    refused(ran, problems.iter().find(|problem| ran.line()["problem"] == **problem).unwrap_or(&problems[0]));
}

fn note_of(house: &House) -> Ran {
    house.robin.ask("note", &json!({"note": house.note}))
}

#[test]
fn a_home_that_is_not_there_is_not_made_by_asking() {
    let house = House::new();
    let nowhere = Device::at(&house.service.home("nowhere"));
    refused(&nowhere.ask("today", &json!({})), "no_store");
    refused(&nowhere.run(&json!({"do": "set_crisis_card", "words": SENTINEL})), "no_store");
    refused(&nowhere.exchange(), "no_store");
    assert!(!nowhere.home.exists());
    let empty = Device::at(&house.service.home("empty"));
    fs::create_dir(&empty.home).unwrap();
    refused(&empty.ask("today", &json!({})), "no_store");
    // A home that is there is not founded or joined over.
    let recovery = house.service.home("second-recovery");
    refused(&house.unchanged(|robin| robin.found("Other", "http://127.0.0.1:9", &recovery)), "store_exists");
    assert!(!recovery.exists());
    let invitation = house.service.administrator.invite("Wren", StaffRole::Mentor).unwrap();
    refused(&house.unchanged(|robin| robin.join(&invitation)), "store_exists");
}

#[test]
fn a_home_is_used_by_one_process_at_a_time() {
    let house = House::new();
    let mut talk = house.robin.talk();
    refused(&note_of(&house), "store_busy");
    refused(&house.robin.exchange(), "store_busy");
    assert_eq!(talk.say(&screen::saving(&house.note, "a first note", "still here"))["did"], "save_draft");
    talk.kill();
    // A process that died holds nothing.
    assert_eq!(note_of(&house).done()["body"], "still here");
}

#[test]
fn a_store_that_is_garbage_cut_short_or_somebody_elses_is_refused_and_left_alone() {
    let house = House::new();
    let store = house.robin.home.join("store.db");
    let whole = fs::read(&store).unwrap();
    let mut flipped = whole.clone();
    for page in 0..whole.len() / 4096 {
        flipped[page * 4096 + 2000] ^= 1;
    }
    let mut chance = Chance::new(1);
    let garbage: Vec<u8> = (0..whole.len()).map(|_| chance.bits().to_le_bytes()[0]).collect();
    drop(house.service.join("wren", StaffRole::Mentor));
    let theirs = fs::read(house.service.home("wren").join("store.db")).unwrap();
    let clear = b"SQLite format 3\0 and then nothing of ours".repeat(300);
    for (what, bytes, problems) in [
        ("garbage", garbage.as_slice(), &["store_foreign"][..]),
        ("another device's", &theirs, &["store_foreign"]),
        ("somebody's database", &clear, &["store_foreign"]),
        ("a word", b"no store", &["store_foreign", "store_damaged"]),
        ("half", &whole[..whole.len() / 2], &["store_damaged", "store_foreign"]),
        ("half a page", &whole[..2048], &["store_damaged", "store_foreign"]),
        ("every page flipped", &flipped, &["store_damaged", "store_foreign"]),
        ("nothing", b"", &["store_damaged", "store_foreign"]),
    ] {
        let ran = with_file(&store, bytes, || {
            let ran = note_of(&house);
            if bytes != b"" {
                assert!(fs::read(&store).unwrap() == bytes, "{what}: the file was changed");
            }
            ran
        });
        problem_among(&ran, problems);
        assert_eq!(note_of(&house).done()["body"], "a first note", "after {what}");
    }
    fs::remove_file(&store).unwrap();
    refused(&note_of(&house), "store_damaged");
    assert!(!store.exists(), "a store that is gone is not made anew");
}

#[test]
fn an_envelope_that_is_cut_flipped_or_garbage_is_never_taken_for_a_wrong_pin() {
    let house = House::new();
    let envelope = house.robin.home.join("envelope");
    let whole = fs::read(&envelope).unwrap();
    let damaged = ["store_damaged", "store_foreign", "store_newer", "store_unprotected"];
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        problem_among(&with_file(&envelope, &whole[..length], || note_of(&house)), &damaged);
    }
    problem_among(&with_file(&envelope, &vec![0xA5; whole.len()], || note_of(&house)), &damaged);
    problem_among(&with_file(&envelope, &[whole.as_slice(), b"x"].concat(), || note_of(&house)), &damaged);
    problem_among(&with_file(&envelope, &vec![7; 1024 * 1024], || note_of(&house)), &damaged);
    for at in (0..whole.len()).step_by(whole.len() / 12) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        problem_among(&with_file(&envelope, &flipped, || note_of(&house)), &damaged);
    }
    assert_eq!(note_of(&house).done()["body"], "a first note");
    let key = house.robin.home.join("device-key");
    refused(&with_file(&key, b"no key", || note_of(&house)), "hardware_key_gone");
    assert_eq!(note_of(&house).done()["body"], "a first note");
}

#[test]
fn two_founders_or_two_endpoints_never_share_a_file() {
    let house = House::new();
    let recovery = house.service.home("kept-recovery");
    fs::write(&recovery, "somebody's only copy").unwrap();
    let other = Device::at(&house.service.home("other"));
    refused(&other.found("Other", "http://127.0.0.1:9", &recovery), "recovery_file");
    assert_eq!(fs::read(&recovery).unwrap(), b"somebody's only copy");
    assert!(!other.home.exists());
    let nowhere = house.service.home("no-such-folder").join("recovery");
    refused(&other.found("Other", "http://127.0.0.1:9", &nowhere), "recovery_file");

    let start = |data: &Path, listen: &str| {
        let data = data.to_string_lossy();
        binary::fieldfare(&["endpoint", "--data", &data, "--listen", listen])
    };
    let ran = start(&house.service.home("endpoint"), "127.0.0.1:0");
    refused(&ran, "endpoint_not_started");
    assert!(ran.line()["says"].as_str().unwrap().contains("another endpoint is running"), "{}", ran.raw);
    let taken = house.service.endpoint.address().to_string();
    let ran = start(&house.service.home("second"), &taken);
    refused(&ran, "endpoint_not_started");
    assert!(ran.line()["says"].as_str().unwrap().contains(&taken), "{}", ran.raw);
    assert_eq!(house.robin.exchange().status, 0, "the first endpoint goes on");
}

/// Notes that compress to nothing less, one after another, until one is refused. Returns those that were answered.
fn fill(robin: &Device, command: &mut Command, case: &str) -> (Vec<String>, Ran) {
    let mut chance = Chance::new(3);
    let bodies: Vec<String> = (0..60)
        .map(|number| {
            let words: Vec<String> = (0..1_500).map(|_| chance.bits().to_string()).collect();
            format!("{number} {}", words.join(" "))
        })
        .collect();
    let line = |body: &String| json!({"do": "begin_note", "case": case, "body": body}).to_string();
    let lines: Vec<String> = bodies.iter().map(line).collect();
    let ran = binary::finish(command, lines.join("\n").as_bytes());
    assert_eq!((ran.status, ran.lines.len()), (2, bodies.len()), "{} {}", robin.home.display(), ran.raw);
    let kept = ran.lines.iter().zip(bodies).filter(|(line, _)| line["did"] == "begin_note");
    (kept.map(|(line, body)| format!("{} {body}", line["made"].as_str().unwrap())).collect(), ran)
}

fn all_are_there(robin: &Device, kept: &[String]) {
    assert!(!kept.is_empty(), "the disk was full before anything was written");
    let app = robin.open().unwrap();
    for note in kept {
        let (note, body) = note.split_once(' ').unwrap();
        let page = tests::phone::page(&app, json!({"page": "note", "note": note}));
        assert_eq!(page["body"], body);
    }
}

#[test]
fn a_file_that_may_not_grow_refuses_the_note_and_keeps_the_earlier_ones() {
    let house = House::new();
    let robin = &house.robin;
    let size = fs::metadata(robin.home.join("store.db")).unwrap().len();
    // Without the signal a write beyond the limit fails, as on a quota.
    let blocks = size / 1024 + 300;
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" run --home \"$1\" -");
    let mut command = Command::new("bash");
    command.args(["-c", &script]).arg(binary::path()).arg(&robin.home).env("FIELDFARE_PIN", PIN);
    let (kept, ran) = fill(robin, &mut command, &house.case);
    let problem = ran.lines.iter().find(|line| line["problem"].is_string()).unwrap();
    assert!(["disk_full", "file_trouble"].contains(&problem["problem"].as_str().unwrap()), "{problem}");
    all_are_there(robin, &kept);
    assert_eq!(note_of(&house).done()["body"], "a first note");
    robin.does(&[json!({"do": "begin_note", "case": house.case, "body": "there is room again"})]);
}

/// A small disk, taken away with the test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path, bytes: u64) -> Self {
        fs::create_dir(folder).unwrap();
        let size = format!("size={bytes}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        assert!(
            mounted.is_ok_and(|output| output.status.success()),
            "a small disk can be mounted by root alone"
        );
        Self(folder.to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
#[ignore = "mounts a small disk, which takes root; tests/run includes it where it can"]
fn a_full_disk_refuses_the_note_and_keeps_the_earlier_ones() {
    let house = House::new();
    let files: Vec<_> = fs::read_dir(&house.robin.home).unwrap().map(|entry| entry.unwrap().path()).collect();
    let size: u64 = files.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let disk = SmallDisk::mount(&house.service.home("disk"), size + 900_000);
    for path in &files {
        fs::copy(path, disk.0.join(path.file_name().unwrap())).unwrap();
    }
    let ballast = disk.0.join("ballast");
    fs::write(&ballast, vec![1; 300_000]).unwrap();
    let robin = Device::at(&disk.0);
    let (kept, ran) = fill(&robin, &mut robin.command("run", &["-"]), &house.case);
    let problem = ran.lines.iter().find(|line| line["problem"].is_string()).unwrap();
    assert_eq!(problem["problem"], "disk_full");
    assert_eq!(
        problem["next"],
        "Free some space and do it again. What was saved is safe; reading, concerns and sending go on."
    );
    // Whoever reads is not kept from it.
    assert_eq!(robin.ask("note", &json!({"note": house.note})).done()["body"], "a first note");
    fs::remove_file(&ballast).unwrap();
    all_are_there(&robin, &kept);
    robin.does(&[json!({"do": "begin_note", "case": house.case, "body": "there is room again"})]);
    assert_eq!(robin.ask("note", &json!({"note": NOBODY})).problem(), "no_such");
}

/// Leaves not a byte free on a disk, in as many files as that takes.
fn fill_to_the_last_byte(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for bytes in [64 * 1024, 4096, 1] {
        for number in 0.. {
            let path = folder.join(format!("photo {bytes} {number}"));
            let written = fs::write(&path, vec![1; bytes]);
            files.push(path);
            if written.is_err() {
                break;
            }
        }
    }
    files
}

#[test]
#[ignore = "mounts a small disk, which takes root; tests/run includes it where it can"]
fn f_on_a_full_disk_unlocking_reading_concerns_and_sending_go_on() {
    let house = House::new();
    let files: Vec<_> = fs::read_dir(&house.robin.home).unwrap().map(|entry| entry.unwrap().path()).collect();
    let size: u64 = files.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let disk = SmallDisk::mount(&house.service.home("disk"), size + 900_000);
    let home = disk.0.join("home");
    fs::create_dir(&home).unwrap();
    for path in &files {
        fs::copy(path, home.join(path.file_name().unwrap())).unwrap();
    }
    let robin = Device::at(&home);
    let reserve = || fs::metadata(home.join("reserve")).map_or(0, |about| about.len());
    robin.does(&[json!({"do": "begin_note", "case": house.case, "body": "not sent yet"})]);
    assert_eq!(reserve(), RESERVE_BYTES);
    let ballast = fill_to_the_last_byte(&disk.0);
    for round in 0..5 {
        assert_eq!(robin.ask("note", &json!({"note": house.note})).done()["body"], "a first note", "{round}");
        let note = json!({"do": "begin_note", "case": house.case, "body": format!("round {round}")});
        let ran = robin.run(&note);
        refused(&ran, "disk_full");
        assert!(reserve() < RESERVE_BYTES);
    }
    assert_eq!(robin.ask("today", &json!({})).status, 0);
    let concern = json!({"do": "raise_concern", "case": house.case, "about": "threat", "words": "now"});
    assert_eq!(robin.run(&concern).status, 0, "a concern waits for no photo");
    let exchanged = robin.exchange();
    assert!(exchanged.done()["sent"].as_u64().unwrap() > 0, "{}", exchanged.raw);
    assert_eq!(robin.page("exchange", &json!({}))["unsent"], 0);
    // What a colleague has written meanwhile may have to wait; whoever unlocks does not.
    for _ in 0..5 {
        let _ = robin.exchange();
        assert_eq!(robin.ask("note", &json!({"note": house.note})).done()["body"], "a first note");
    }
    for path in ballast {
        fs::remove_file(path).unwrap();
    }
    robin.does(&[json!({"do": "begin_note", "case": house.case, "body": "there is room again"})]);
    assert_eq!(reserve(), RESERVE_BYTES, "the reserve is made again when there is room");
}
