//! Keys that are changed because they are old or mistrusted, in virtual time against a real endpoint.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_protocol::membership::{Act, SignedRecord};
use serde_json::json;
use tests::near::{Bend, Near};
use tests::phone::{level, make, page, run};

const DAY_MS: i64 = 86_400_000;

struct Scene {
    near: Near,
    robin: Fieldfare,
    rowan: Fieldfare,
    case: String,
}

impl Scene {
    fn new() -> Self {
        let near = Near::found();
        let (robin, rowan) =
            (near.join("robin", StaffRole::Mentor), near.join("rowan", StaffRole::Supervisor));
        level(&[&near.administrator, &robin, &rowan]);
        let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let scene = Self { near, robin, rowan, case };
        scene.level();
        scene
    }

    fn level(&self) {
        level(&[&self.near.administrator, &self.robin, &self.rowan]);
    }

    fn days(&self, days: i64) {
        self.near.clock.pass(days * DAY_MS);
    }

    fn write(&self, by: &Fieldfare, words: &str) -> String {
        make(by, json!({"do": "begin_note", "case": self.case, "body": words}))
    }

    /// Changes of a key that the endpoint has taken: of the case's file, and of the organisation.
    fn rotations(&self) -> (usize, usize) {
        let database = rusqlite::Connection::open(self.near.home("endpoint").join("endpoint.db")).unwrap();
        let mut rows = database.prepare("SELECT bytes FROM membership").unwrap();
        let rows = rows.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let records = rows.map(|bytes| SignedRecord::parse(&bytes.unwrap()).unwrap().record);
        let rotations: Vec<_> = records.filter(|record| matches!(record.act, Act::Rotate { .. })).collect();
        let of_file = |record: &&_| self.case.starts_with(&vault_of(record)[..8]);
        let files = rotations.iter().filter(of_file).count();
        (files, rotations.len() - files)
    }
}

fn vault_of(record: &fieldfare_protocol::membership::Record) -> String {
    record.vault.to_string()
}

fn body(app: &Fieldfare, note: &str) -> String {
    page(app, json!({"page": "note", "note": note}))["body"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_under_which_something_was_written_is_changed_after_thirty_days() {
    let scene = Scene::new();
    let before = scene.write(&scene.robin, "before");
    scene.level();
    scene.days(29);
    scene.level();
    assert_eq!(scene.rotations(), (0, 0));
    scene.days(2);
    scene.level();
    assert_eq!(scene.rotations(), (1, 1));
    let after = scene.write(&scene.robin, "after");
    scene.level();
    assert_eq!((body(&scene.rowan, &before), body(&scene.rowan, &after)), ("before".into(), "after".into()));
    // Nobody writes any more: what a digest brings is the last, and then the keys stay as they are.
    let mut counts = Vec::new();
    for _ in 0..5 {
        scene.days(31);
        scene.level();
        counts.push(scene.rotations());
    }
    assert_eq!(counts[3], counts[4], "{counts:?}");
}

#[test]
fn a_mistrusted_key_is_changed_with_the_next_exchange_whoever_asked_for_it() {
    let scene = Scene::new();
    run(&scene.robin, json!({"do": "rotate_keys", "case": scene.case})).unwrap();
    let offline = scene.write(&scene.robin, "written before there was a signal");
    assert_eq!(scene.rotations(), (0, 0));
    scene.robin.exchange(|_| ()).unwrap();
    assert_eq!(scene.rotations(), (1, 0));
    scene.level();
    assert_eq!(scene.rotations(), (1, 0));
    assert_eq!(body(&scene.rowan, &offline), "written before there was a signal");
    // The organisation's own is an administrator's to change.
    run(&scene.robin, json!({"do": "rotate_keys"})).unwrap();
    scene.level();
    assert_eq!(scene.rotations(), (2, 0));
    run(&scene.near.administrator, json!({"do": "rotate_keys"})).unwrap();
    scene.level();
    assert_eq!(scene.rotations(), (2, 1));
    let nowhere = json!({"do": "rotate_keys", "case": "ab".repeat(16)});
    assert!(matches!(run(&scene.robin, nowhere), Err(Problem::NoSuch { .. })));
}

#[test]
fn of_two_devices_that_change_a_key_at_once_one_wins_and_the_other_follows() {
    let scene = Scene::new();
    for app in [&scene.robin, &scene.rowan] {
        run(app, json!({"do": "rotate_keys", "case": scene.case})).unwrap();
    }
    let robins = scene.write(&scene.robin, "robin's");
    // The first round trip has brought the news, and Robin's phone has written its record, when the connection goes.
    scene.near.link.bend([Bend::Straight, Bend::NoSignal]);
    assert_eq!(scene.robin.exchange(|_| ()).unwrap_err(), Problem::EndpointUnreachable);
    assert_eq!(scene.rotations(), (0, 0));
    scene.rowan.exchange(|_| ()).unwrap();
    let rowans = scene.write(&scene.rowan, "rowan's");
    scene.level();
    assert_eq!(scene.rotations(), (1, 0));
    for app in [&scene.robin, &scene.rowan] {
        assert_eq!((body(app, &robins), body(app, &rowans)), ("robin's".into(), "rowan's".into()));
    }
    let waits = page(&scene.robin, json!({"page": "exchange"}));
    assert_eq!(waits["unsent"], 0, "{waits}");
}
