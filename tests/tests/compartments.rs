//! Compartments of a case: who holds the keys of which, on real homes and a real endpoint.

use std::collections::BTreeSet;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{Act, SignedRecord};
use serde_json::{Value, json};
use tests::phone::{Service, level, make, page, run};
use tests::screen;

struct Cast {
    service: Service,
    robin: Fieldfare,
    wren: Fieldfare,
    rowan: Fieldfare,
    sorrel: Fieldfare,
    lead: Fieldfare,
    case: String,
}

impl Cast {
    /// Robin and Wren work on one case, Rowan and Sorrel supervise, and there is a safeguarding lead.
    fn new() -> Self {
        let service = Service::found();
        let join = |name: &str, role| service.join(name, role);
        let (robin, wren) = (join("robin", StaffRole::Mentor), join("wren", StaffRole::Mentor));
        let (rowan, sorrel) = (join("rowan", StaffRole::Supervisor), join("sorrel", StaffRole::Supervisor));
        let lead = join("lead", StaffRole::Safeguarding);
        let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let cast = Self { service, robin, wren, rowan, sorrel, lead, case };
        cast.level();
        run(&cast.robin, json!({"do": "add_mentor", "case": cast.case, "mentor": me(&cast.wren)})).unwrap();
        cast.name_supervisor(&cast.robin, &cast.rowan);
        cast.name_supervisor(&cast.wren, &cast.sorrel);
        cast.level();
        cast
    }

    fn all(&self) -> [&Fieldfare; 5] {
        [&self.robin, &self.wren, &self.rowan, &self.sorrel, &self.lead]
    }

    fn level(&self) {
        level(&[&[&self.service.administrator], self.all().as_slice()].concat());
    }

    fn name_supervisor(&self, of: &Fieldfare, supervisor: &Fieldfare) {
        let command = json!({"do": "name_supervisor", "person": me(of), "supervisor": me(supervisor)});
        run(&self.service.administrator, command).unwrap();
        self.level();
    }

    fn write(&self, by: &Fieldfare, compartment: &str, words: &str) -> String {
        make(by, json!({"do": "begin_note", "case": self.case, "compartment": compartment, "body": words}))
    }

    fn refused(&self, by: &Fieldfare, compartment: &str) -> bool {
        let command =
            json!({"do": "begin_note", "case": self.case, "compartment": compartment, "body": "no"});
        matches!(run(by, command), Err(Problem::NotAllowed { .. }))
    }

    /// Who of everybody holds the vault of a note, its key and its words.
    fn holders(&self, note: &str) -> Vec<bool> {
        self.all().map(|app| holds(app, note)).to_vec()
    }

    /// Devices to which the endpoint has ever been handed the key of a note's vault, in the order of `all`.
    fn keys(&self, note: &str) -> Vec<bool> {
        let devices: BTreeSet<DeviceId> =
            self.log_of(note).iter().flat_map(|signed| wrapped(&signed.record.act)).collect();
        self.all().map(|app| devices.contains(&device(app))).to_vec()
    }

    fn log_of(&self, note: &str) -> Vec<SignedRecord> {
        let database =
            rusqlite::Connection::open(self.service.folder.path().join("endpoint/endpoint.db")).unwrap();
        let mut rows = database.prepare("SELECT bytes FROM membership").unwrap();
        let rows = rows.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let records = rows.map(|bytes| SignedRecord::parse(&bytes.unwrap()).unwrap());
        records.filter(|signed| note.starts_with(&tag(signed.record.vault))).collect()
    }
}

/// The beginning that the names of all records of a vault share.
fn tag(vault: VaultId) -> String {
    vault.to_string()[..8].to_owned()
}

fn wrapped(act: &Act) -> Vec<DeviceId> {
    let wraps = match act {
        Act::FoundCaseFile { wraps, .. } | Act::Admit { wraps, .. } => wraps,
        Act::Rotate { rotation, .. } | Act::Resolve { rotation, .. } => &rotation.wraps,
        _ => return Vec::new(),
    };
    wraps.iter().map(|to| to.device).collect()
}

fn me(app: &Fieldfare) -> String {
    page(app, json!({"page": "mentor"}))["person"].as_str().unwrap().to_owned()
}

fn device(app: &Fieldfare) -> DeviceId {
    let devices = page(app, json!({"page": "devices"}))["devices"].clone();
    let own = devices.as_array().unwrap().iter().find(|row| row["is_me"] == true).unwrap().clone();
    own["device"].as_str().unwrap().parse().unwrap()
}

fn holds(app: &Fieldfare, note: &str) -> bool {
    let ask = serde_json::from_value(json!({"page": "note", "note": note})).unwrap();
    let vault_here = app.digests().unwrap().iter().any(|(vault, _)| note.starts_with(&tag(*vault)));
    assert_eq!(app.page(&ask).is_ok(), vault_here, "a vault without its words, or words without their vault");
    vault_here
}

fn read_by(page: &Value) -> Vec<&str> {
    page["read_by"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

const NOBODY_ELSE: [bool; 5] = [true, false, true, false, false];

#[test]
fn a_compartment_is_held_by_its_own_readers_and_by_nobody_else() {
    let cast = Cast::new();
    let file = cast.write(&cast.robin, "file", "the first walk");
    let reflection = cast.write(&cast.robin, "reflection", "I was short with Jay");
    cast.level();
    let intelligence = cast.write(&cast.sorrel, "intelligence", "a new name at the station");
    cast.level();
    for (note, readers) in
        [(&file, [true; 5]), (&reflection, NOBODY_ELSE), (&intelligence, [false, false, true, true, true])]
    {
        assert_eq!((cast.holders(note), cast.keys(note)), (readers.to_vec(), readers.to_vec()));
    }
}

#[test]
fn a_second_record_goes_into_the_compartment_that_there_is() {
    let cast = Cast::new();
    let first = cast.write(&cast.robin, "reflection", "one");
    let second = cast.write(&cast.robin, "reflection", "two");
    let others = cast.write(&cast.wren, "reflection", "mine");
    assert_eq!(first[..8], second[..8]);
    assert_ne!(first[..8], others[..8]);
    cast.level();
    assert_eq!(cast.holders(&others), [false, true, false, true, false]);
}

#[test]
fn every_page_says_where_a_record_is_kept_and_who_reads_it() {
    let cast = Cast::new();
    let reflection = cast.write(&cast.robin, "reflection", "I was short with Jay");
    let file = cast.write(&cast.robin, "file", "the first walk");
    cast.level();
    let drawn = page(&cast.rowan, json!({"page": "note", "note": reflection}));
    assert_eq!((&drawn["compartment"], read_by(&drawn)), (&json!("reflection"), vec!["robin", "rowan"]));
    let drawn = page(&cast.wren, json!({"page": "note", "note": file}));
    assert_eq!(drawn["compartment"], "file");
    assert_eq!(read_by(&drawn), ["lead", "robin", "rowan", "sorrel", "wren"]);
    let case = page(&cast.robin, json!({"page": "case", "case": cast.case}));
    assert_eq!((&case["compartment"], case["compartments"].as_array().unwrap().len()), (&json!("file"), 1));
    let kept = |row: &Value| (row["compartment"].clone(), read_by(row).len());
    let rows: Vec<_> = case["notes"].as_array().unwrap().iter().map(kept).collect();
    assert!(rows.contains(&(json!("reflection"), 2)) && rows.contains(&(json!("file"), 5)), "{rows:?}");
    let timeline = page(&cast.rowan, json!({"page": "timeline", "case": cast.case}));
    let moments: Vec<_> = timeline["moments"].as_array().unwrap().iter().map(kept).collect();
    assert!(moments.contains(&(json!("reflection"), 2)), "{moments:?}");
    let found = page(&cast.rowan, json!({"page": "search", "words": "short with"}));
    assert_eq!(kept(&found["found"][0]), (json!("reflection"), 2));
    let today = page(&cast.robin, json!({"page": "today"}));
    assert!(today["drafts"].as_array().unwrap().iter().all(|row| row["compartment"].is_string()));
    assert!(
        page(&cast.wren, json!({"page": "search", "words": "short with"}))["found"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert_eq!(case["summary"]["contacts_last_week"], 0);
}

#[test]
fn nobody_writes_into_a_compartment_that_they_do_not_read() {
    let cast = Cast::new();
    assert!(cast.refused(&cast.robin, "intelligence"));
    assert!(cast.refused(&cast.lead, "reflection") && cast.refused(&cast.rowan, "reflection"));
    // Two mentors work on the case: with whom has to be said.
    assert!(cast.refused(&cast.rowan, "supervision"));
    let with = |by: &Fieldfare, with: &Fieldfare| {
        let command =
            json!({"do": "begin_note", "case": cast.case, "compartment": "supervision", "with": me(with)});
        run(by, command).map(|done| done.made.unwrap().to_string())
    };
    assert!(with(&cast.robin, &cast.wren).is_err());
    let held = with(&cast.rowan, &cast.robin).unwrap();
    cast.level();
    assert_eq!(cast.holders(&held), NOBODY_ELSE);
    let told = cast.write(&cast.robin, "supervision", "the same two");
    assert_eq!(told[..8], held[..8]);
    let elsewhere = json!({"do": "begin_note", "case": cast.case, "with": me(&cast.robin)});
    assert!(matches!(run(&cast.rowan, elsewhere), Err(Problem::NotAllowed { .. })));
    let none = json!({"do": "name_supervisor", "person": me(&cast.robin), "supervisor": me(&cast.wren)});
    assert!(matches!(run(&cast.rowan, none), Err(Problem::NotAllowed { .. })));
}

#[test]
fn a_case_that_is_handed_on_leaves_the_reflections_with_the_supervisor() {
    let cast = Cast::new();
    let reflection = cast.write(&cast.robin, "reflection", "I was short with Jay");
    cast.level();
    let hand_on =
        json!({"do": "transfer_case", "case": cast.case, "from": me(&cast.robin), "to": me(&cast.wren)});
    run(&cast.robin, hand_on).unwrap();
    cast.level();
    cast.level();
    screen::save(&cast.rowan, &reflection, "I was short with Jay, and said so").unwrap();
    cast.level();
    let body = |app: &Fieldfare| page(app, json!({"page": "note", "note": reflection}))["body"].clone();
    assert_eq!(body(&cast.rowan), "I was short with Jay, and said so");
    // What came after is sealed under a key that Robin has not, and Wren has none at all.
    assert_eq!(body(&cast.robin), "I was short with Jay");
    assert!(!holds(&cast.wren, &reflection));
    assert_eq!(read_by(&page(&cast.rowan, json!({"page": "note", "note": reflection}))), ["rowan"]);
    assert!(cast.refused(&cast.robin, "reflection"));
}

#[test]
fn another_supervisor_reads_on_where_the_one_before_stops() {
    let cast = Cast::new();
    let reflection = cast.write(&cast.robin, "reflection", "I was short with Jay");
    cast.level();
    cast.name_supervisor(&cast.robin, &cast.sorrel);
    cast.level();
    let drawn = page(&cast.robin, json!({"page": "note", "note": reflection}));
    assert_eq!(read_by(&drawn), ["robin", "sorrel"]);
    assert!(holds(&cast.sorrel, &reflection));
    let rotations =
        cast.log_of(&reflection).iter().filter(|one| matches!(one.record.act, Act::Rotate { .. })).count();
    assert_eq!(rotations, 1);
}

#[test]
fn a_removed_mentor_leaves_every_compartment_and_a_second_phone_comes_into_it() {
    let cast = Cast::new();
    let reflection = cast.write(&cast.robin, "reflection", "I was short with Jay");
    cast.level();
    cast.service.administrator.remove(device(&cast.robin)).unwrap();
    level(&[&cast.rowan, &cast.wren, &cast.rowan]);
    assert_eq!(read_by(&page(&cast.rowan, json!({"page": "note", "note": reflection}))), ["rowan"]);
    let person = me(&cast.rowan).parse().unwrap();
    let invitation = cast.service.administrator.invite_again(person).unwrap();
    let home = cast.service.home("rowan again");
    let ports = tests::phone::ports(&home, std::sync::Arc::new(fieldfare_core::ports::SystemClock));
    let again = Fieldfare::join(&home, ports, tests::phone::PIN, tests::phone::cheap(), &invitation).unwrap();
    level(&[&again, &cast.rowan, &again]);
    assert!(holds(&again, &reflection));
}
