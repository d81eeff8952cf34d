//! Photos and documents on a note: whole or not at all, last of everything, and never in the way of a note.
//!
//! Real homes and a real endpoint on loopback.

use std::io::{self, Read};
use std::path::PathBuf;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{AttachmentId, NoteId, Problem, StaffRole};
use fieldfare_core::domain::attachment::{BYTES_MAX, CHUNK_BYTES, PER_NOTE_MAX};
use serde_json::{Value, json};
use tests::phone::{Service, level, make, page, run};

/// Bytes that no compressor shortens, the same for the same seed.
fn photo(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..bytes).map(|_| next()).collect()
}

struct Scene {
    service: Service,
    robin: Fieldfare,
    wren: Fieldfare,
    case: String,
    note: String,
}

impl Scene {
    fn new() -> Self {
        let service = Service::found();
        let robin = service.join("robin", StaffRole::Mentor);
        let wren = service.join("wren", StaffRole::Supervisor);
        robin.exchange(|_| ()).unwrap();
        let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
        let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "We met."}));
        level(&[&robin, &wren]);
        Self { service, robin, wren, case, note }
    }

    fn attach(&self, name: &str, mut content: &[u8]) -> Result<AttachmentId, Problem> {
        let note: NoteId = self.note.parse().unwrap();
        let done = self.robin.attach(note, name, "image/jpeg", &mut content)?;
        Ok(done.made.unwrap().into())
    }

    fn rows(&self, who: &Fieldfare) -> Vec<Value> {
        page(who, json!({"page": "note", "note": self.note}))["attachments"].as_array().unwrap().clone()
    }

    fn content(&self, who: &Fieldfare, attachment: AttachmentId) -> Result<Vec<u8>, Problem> {
        let mut out = Vec::new();
        who.attachment(attachment, &mut out).map(|()| out)
    }

    fn store_files(&self, name: &str) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.service.home(name)).unwrap();
        files.map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect()
    }
}

#[test]
fn a_photo_reaches_a_colleague_as_it_was_attached() {
    let scene = Scene::new();
    let content = photo(1, 3 * CHUNK_BYTES + 17);
    let attached = scene.attach("shoes.jpg", &content).unwrap();
    let row = &scene.rows(&scene.robin)[0];
    assert_eq!(
        (&row["state"], &row["parts_here"], &row["parts_sent"]),
        (&json!("complete"), &json!(4), &json!(0))
    );
    assert_eq!(scene.content(&scene.robin, attached).unwrap(), content);
    level(&[&scene.robin, &scene.wren]);
    for who in [&scene.robin, &scene.wren] {
        let row = &scene.rows(who)[0];
        assert_eq!((&row["name"], &row["bytes"]), (&json!("shoes.jpg"), &json!(content.len())));
        assert_eq!(
            (&row["state"], &row["parts_sent"], &row["made"]["by"]),
            (&json!("complete"), &json!(4), &json!("robin"))
        );
        assert_eq!(scene.content(who, attached).unwrap(), content);
    }
    let removed =
        json!({"do": "remove_attachment", "attachment": attached.to_string(), "reason": "the wrong shoes"});
    run(&scene.wren, removed).unwrap();
    level(&[&scene.wren, &scene.robin]);
    assert_eq!(scene.rows(&scene.robin)[0]["struck"]["reason"], "the wrong shoes");
    let mut digests = scene.robin.digests().unwrap();
    digests.sort();
    for digest in scene.wren.digests().unwrap() {
        assert!(digests.contains(&digest));
    }
}

/// A file that cannot be read to its end.
struct Torn(usize);

impl Read for Torn {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("torn"));
        }
        let read = into.len().min(self.0);
        into[..read].fill(7);
        self.0 -= read;
        Ok(read)
    }
}

#[test]
fn what_cannot_be_attached_whole_leaves_nothing_behind() {
    let scene = Scene::new();
    let note: NoteId = scene.note.parse().unwrap();
    let torn = scene.robin.attach(note, "torn.jpg", "image/jpeg", &mut Torn(2 * CHUNK_BYTES + 5));
    assert_eq!(torn.unwrap_err(), Problem::FileTrouble);
    let huge =
        scene.robin.attach(note, "huge.jpg", "image/jpeg", &mut io::repeat(1).take(BYTES_MAX as u64 + 1));
    assert_eq!(huge.unwrap_err(), Problem::AttachmentTooLarge { bytes_max: BYTES_MAX as u32 });
    assert_eq!(scene.attach("empty.jpg", b"").unwrap_err(), Problem::Empty { field: "file".to_owned() });
    let media_type = scene.robin.attach(note, "a", "picture", &mut io::repeat(1).take(9));
    assert!(matches!(media_type, Err(Problem::Malformed { .. })));
    assert_eq!(scene.rows(&scene.robin), Vec::<Value>::new());
    assert_eq!(page(&scene.robin, json!({"page": "exchange"}))["unsent"], 0);
    for number in 0..PER_NOTE_MAX {
        scene.attach(&format!("{number}.jpg"), b"x").unwrap();
    }
    assert!(matches!(scene.attach("one_more.jpg", b"x"), Err(Problem::NotAllowed { .. })));
    level(&[&scene.robin, &scene.wren]);
    assert_eq!(scene.rows(&scene.wren).len(), PER_NOTE_MAX);
}

#[test]
fn a_note_written_while_a_photo_travels_goes_next() {
    let scene = Scene::new();
    let content = photo(2, 40 * CHUNK_BYTES);
    let attached = scene.attach("long.jpg", &content).unwrap();
    let (mut trips, mut written, mut seen_at) = (0, None, None);
    scene
        .robin
        .exchange(|_| {
            trips += 1;
            if trips == 2 {
                let note = json!({"do": "begin_note", "case": scene.case, "body": "written meanwhile"});
                written = Some(make(&scene.robin, note));
            }
            let note = written.clone().map(|note| page(&scene.robin, json!({"page": "note", "note": note})));
            if seen_at.is_none() && note.is_some_and(|note| note["sent"] == true) {
                let row = &scene.rows(&scene.robin)[0];
                seen_at = Some((trips, row["parts_sent"].as_u64().unwrap()));
            }
        })
        .unwrap();
    let (trip, parts_sent) = seen_at.unwrap();
    assert!(trip <= 4 && parts_sent < 40, "sent at {trip}, when {parts_sent} parts were");
    scene.wren.exchange(|_| ()).unwrap();
    assert_eq!(scene.content(&scene.wren, attached).unwrap(), content);
}

#[test]
fn what_has_not_come_whole_is_arriving_and_is_not_handed_out() {
    let scene = Scene::new();
    let content = photo(3, 60 * CHUNK_BYTES);
    let attached = scene.attach("long.jpg", &content).unwrap();
    scene.robin.exchange(|_| ()).unwrap();
    let mut arriving = None;
    scene
        .wren
        .exchange(|_| {
            let row = scene.rows(&scene.wren).first().cloned();
            arriving = arriving.take().or(row.filter(|row| row["state"] == "arriving").map(|row| {
                let problem = scene.content(&scene.wren, attached).unwrap_err();
                (row["parts_here"].as_u64().unwrap(), row["parts"].as_u64().unwrap(), problem)
            }));
        })
        .unwrap();
    let (here, of, problem) = arriving.unwrap();
    assert!(0 < here && here < of && of == 60);
    assert_eq!(problem, Problem::AttachmentNotHere { here: here as u32, of: 60 });
    assert_eq!(scene.content(&scene.wren, attached).unwrap(), content);
}

#[test]
fn nothing_of_a_photo_stands_outside_the_encrypted_store() {
    let scene = Scene::new();
    let content = photo(4, 2 * CHUNK_BYTES);
    scene.attach("secret_shoes.jpg", &content).unwrap();
    level(&[&scene.robin, &scene.wren]);
    for file in ["robin", "wren"].into_iter().flat_map(|name| scene.store_files(name)) {
        let bytes = std::fs::read(&file).unwrap();
        for probe in [&content[100..132], b"secret_shoes"] {
            assert!(!bytes.windows(probe.len()).any(|window| window == probe), "{}", file.display());
        }
    }
}
