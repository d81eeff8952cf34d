//! The copy of a case for the young person it is about: complete, only for who knows the PIN, and never half.
//!
//! Real phones and an endpoint in this process, invented casework through real commands. What is complete is asked of the
//! store's own list of records.

use std::collections::BTreeSet;
use std::path::PathBuf;

use fieldfare_core::app::{Fieldfare, STORE_FILE};
use fieldfare_core::contract::{Exported, Problem, StaffRole, Withheld, WithholdReason};
use fieldfare_core::domain::field::Home;
use fieldfare_core::domain::kind::KINDS;
use fieldfare_core::store::Store;
use fieldfare_core::vault::{Hardware, Pin, Purpose, Unlock};
use serde_json::{Value, json};
use tests::casework::Casework;
use tests::near::Near;
use tests::phone::{PIN, level, make, page, run};
use tests::screen;

const PHOTO: [u8; 4] = [0xfb, 0xff, 0xfe, 7];
/// [`PHOTO`] in base 64, worked out by hand.
const PHOTO_BASE64: &str = "+//+Bw==";

struct Desk {
    near: Near,
    rowan: Fieldfare,
    robin: Fieldfare,
    case: String,
    note: String,
    photo: String,
    reflection: String,
    /// Everything that was made.
    made: BTreeSet<String>,
    /// Everything that was written and stands, or stood once.
    words: Vec<String>,
}

impl Desk {
    /// A mentor's case with a record of every kind, and its supervisor.
    fn new() -> Self {
        let near = Near::found();
        let (robin, rowan) =
            (near.join("robin", StaffRole::Mentor), near.join("rowan", StaffRole::Supervisor));
        let mut casework = Casework::new(29);
        let (mut words, mut made) = (Vec::new(), BTreeSet::new());
        let name = casework.young_person();
        let case = make(&robin, json!({"do": "open_case", "name": name, "cohort": "protect", "risk": "low"}));
        words.push(name);
        let mut note_in = |compartment: &str| {
            let begun = json!({"do": "begin_note", "case": case, "compartment": compartment});
            let (one, note) = (casework.note(), make(&robin, begun));
            screen::save(&robin, &note, &one.body).unwrap();
            let described =
                json!({"do": "describe_note", "note": note, "place": one.place, "agreed": one.agreed});
            run(&robin, described).unwrap();
            words.extend([one.body, one.agreed]);
            made.insert(note.clone());
            note
        };
        let (note, reflection) = (note_in("file"), note_in("reflection"));
        let mut say = |text: String| {
            words.push(text.clone());
            text
        };
        screen::sign(&robin, &note).unwrap();
        run(&robin, json!({"do": "add_addendum", "note": note, "words": say(casework.handling())})).unwrap();
        let photo = robin.attach(note.parse().unwrap(), "a.jpg", "image/jpeg", &mut PHOTO.as_slice());
        let photo = photo.unwrap().made.unwrap().to_string();
        let told = casework.goal();
        let goal = make(
            &robin,
            json!({"do": "set_goal", "case": case, "words": say(told.words), "why": say(told.why)}),
        );
        let step = make(&robin, json!({"do": "add_step", "goal": goal, "words": say(told.steps[0].clone())}));
        run(&robin, json!({"do": "record_progress", "goal": goal, "words": say(told.progress[0].clone())}))
            .unwrap();
        // What was replaced is still held, so it is in the copy as well.
        run(
            &robin,
            json!({"do": "describe_goal", "goal": goal, "words": say("To be left in peace".to_owned())}),
        )
        .unwrap();
        let answers = json!({"do": "record_check_in", "case": case, "scale": "ons4", "answers": [6, 7, 5, null], "company": [], "manner": "alone"});
        let check_in = make(&robin, answers);
        let concern = casework.concern(600);
        let concern = json!({"do": "raise_concern", "case": case, "about": "other", "words": say(concern)});
        let concern = make(&robin, concern);
        made.extend([case.clone(), photo.clone(), goal, step, check_in, concern]);
        level(&[&robin, &rowan]);
        Self { near, rowan, robin, case, note, photo, reflection, made, words }
    }

    fn to(&self, name: &str) -> PathBuf {
        self.near.home(name)
    }

    fn export(&self, by: &Fieldfare, name: &str, withheld: &[Withheld]) -> Result<Exported, Problem> {
        by.export(self.case.parse().unwrap(), PIN.as_bytes(), &self.to(name), withheld)
    }

    fn written(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.to(name)).unwrap()).unwrap()
    }

    /// What lies beside the homes: copies, and what was left of them.
    fn copies(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.to("")).unwrap().map(|entry| entry.unwrap());
        let names = files.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| name.contains("copy")).collect()
    }

    fn lines(&self, what: &str) -> Vec<Value> {
        page(&self.rowan, json!({"page": "audit", "what": what}))["lines"].as_array().unwrap().clone()
    }
}

fn records(copy: &Value) -> BTreeSet<String> {
    let records = copy["records"].as_array().unwrap().iter();
    records.map(|row| row["record"].as_str().unwrap().to_owned()).collect()
}

/// What a copy lacks of what the store of a closed home lists, and of what was made and written.
fn lacks(desk: Desk, copy: &str) -> Vec<String> {
    let written = desk.written(copy);
    let text = written.to_string();
    let Desk { near, rowan, case, made, words, .. } = desk;
    drop(rowan);
    let (home, ports) = (near.home("rowan"), near.ports("rowan"));
    let pin = Pin::entered(PIN).unwrap();
    let unlock = Unlock::begin(&home, &pin, ports.clock.as_ref(), Hardware::of(&ports)).unwrap();
    let keys = [Purpose::Database, Purpose::Audit].map(|purpose| *unlock.root_key().key(purpose).expose());
    let store = Store::open(&home.join(STORE_FILE), &keys[0], &keys[1]).unwrap();
    let case = case.parse().unwrap();
    let listed: Vec<_> = store
        .read(|read| {
            let parts = read.parts_of(case)?.into_iter().map(|part| part.vault_no);
            let vaults: Vec<i64> = read.vault_of_case(case)?.into_iter().chain(parts).collect();
            Ok::<_, fieldfare_core::store::StoreProblem>(
                vaults
                    .into_iter()
                    .map(|vault| read.records_in(vault))
                    .collect::<Result<Vec<_>, _>>()?
                    .concat(),
            )
        })
        .unwrap();
    let kinds: BTreeSet<&str> = listed.iter().map(|(_, kind)| kind.as_str()).collect();
    let all: BTreeSet<&str> =
        KINDS.iter().filter(|kind| kind.home == Home::CaseFile).map(|kind| kind.name).collect();
    assert!(all.is_subset(&kinds), "this case has no record of some kind: {kinds:?}");
    let here = records(&written);
    let wanted = listed.into_iter().map(|(record, _)| record.to_string()).chain(made);
    let missing = wanted.filter(|record| !here.contains(record));
    let unsaid = words.into_iter().filter(|words| !text.contains(json!(words).to_string().trim_matches('"')));
    missing.chain(unsaid).collect()
}

#[test]
fn r29_a_copy_holds_every_record_of_every_compartment_and_every_word() {
    let desk = Desk::new();
    // Two levels of risk that did not know of each other: one shows, the other waits for a decision.
    run(&desk.robin, json!({"do": "set_risk", "case": desk.case, "level": "high"})).unwrap();
    run(&desk.rowan, json!({"do": "set_risk", "case": desk.case, "level": "medium"})).unwrap();
    level(&[&desk.robin, &desk.rowan]);
    let exported = desk.export(&desk.rowan, "copy", &[]).unwrap();
    let copy = desk.written("copy");
    assert_eq!((exported.withheld, exported.not_here), (0, 0));
    assert_eq!(exported.bytes, std::fs::metadata(desk.to("copy")).unwrap().len());
    assert_eq!(copy["contains"]["records"], exported.records);
    assert_eq!(copy["records"].as_array().unwrap().len(), exported.records as usize);
    assert_eq!(
        (&copy["exported_by"]["name"], &copy["format"]),
        (&json!("rowan"), &json!("fieldfare-export/1"))
    );
    let row = |record: &str| {
        let rows = copy["records"].as_array().unwrap();
        rows.iter().find(|row| row["record"] == record).unwrap()
    };
    let risks = row(&desk.case)["fields"]["risk"].as_array().unwrap();
    let risks: BTreeSet<_> =
        risks.iter().map(|risk| (risk["value"].as_str().unwrap(), risk["state"].as_str().unwrap())).collect();
    assert_eq!(risks, BTreeSet::from([("low", "earlier"), ("medium", "kept"), ("high", "shown")]));
    assert_eq!(row(&desk.photo)["content_base64"], PHOTO_BASE64);
    assert_eq!(row(&desk.note)["fields"]["signed"][0]["by"], "robin");
    assert_eq!(row(&desk.reflection)["compartment"], "reflection");
    // That there may be more is said.
    let unread = copy["not_here"]["compartments"].as_array().unwrap();
    assert!(
        unread.iter().any(|one| one["compartment"] == "supervision" && one["of"] == "robin"),
        "{unread:?}"
    );
    assert_eq!(lacks(desk, "copy"), [""; 0]);
}

#[test]
fn r29_a_copy_lacks_nothing_that_the_store_lists_or_anybody_wrote() {
    let desk = Desk::new();
    desk.export(&desk.rowan, "copy", &[]).unwrap();
    assert_eq!(lacks(desk, "copy"), [""; 0]);
}

#[test]
fn r29_a_copy_asks_for_the_pin_once_more_and_a_wrong_one_counts() {
    let desk = Desk::new();
    let case = desk.case.parse().unwrap();
    let with = |pin: &[u8]| desk.rowan.export(case, pin, &desk.to("copy"), &[]).err();
    let left = |problem: Option<Problem>| match problem {
        Some(Problem::WrongPin { tries_left }) => tries_left,
        other => panic!("{other:?}"),
    };
    let first = left(with(b"918273"));
    assert_eq!(left(with(b"918274")), first - 1);
    assert!(matches!(with(&[0xff; 6]), Some(Problem::PinNotAccepted { .. })));
    assert_eq!((desk.copies(), desk.lines("export").len()), (vec![], 0));
    assert!(
        matches!(desk.export(&desk.robin, "copy", &[]), Err(Problem::NotAllowed { .. })),
        "a mentor exports"
    );
    desk.export(&desk.rowan, "copy", &[]).unwrap();
    assert_eq!(desk.lines("failed_tries")[0]["number"], 2);
    assert_eq!(left(desk.rowan.export(case, b"918273", &desk.to("copy.2"), &[]).err()), first);
}

#[test]
fn r29_what_is_withheld_is_in_the_audit_and_not_in_the_copy() {
    let desk = Desk::new();
    let withhold =
        |record: &str| Withheld { record: record.parse().unwrap(), why: WithholdReason::AnotherPerson };
    let one = withhold(&desk.note);
    for bad in [vec![one, one], vec![withhold(&desk.case)], vec![withhold(&"ab".repeat(16))]] {
        assert!(matches!(desk.export(&desk.rowan, "copy", &bad), Err(Problem::NotAllowed { .. })));
    }
    assert_eq!((desk.copies(), desk.lines("export").len()), (vec![], 0));
    let exported = desk.export(&desk.rowan, "copy", &[one]).unwrap();
    let (copy, gone) = (desk.written("copy"), BTreeSet::from([desk.note.clone(), desk.photo.clone()]));
    assert_eq!((exported.withheld, records(&copy).is_disjoint(&gone)), (2, true));
    let told = copy["withheld"].as_array().unwrap();
    let told: BTreeSet<String> = told.iter().map(|row| row["record"].as_str().unwrap().to_owned()).collect();
    assert_eq!((told, &copy["withheld"][0]["why"]), (gone, &json!("another_person")));
    let text = copy.to_string();
    assert!(!text.contains(&json!(desk.words[1]).to_string()) && !text.contains(PHOTO_BASE64));
    let line = |what: &str| desk.lines(what).into_iter().next().unwrap();
    assert_eq!(line("withhold_another_person")["record"], json!(desk.note));
    assert_eq!(
        (&line("export_withheld")["number"], &line("export")["number"]),
        (&json!(2), &json!(exported.records))
    );
    assert_eq!(line("export")["record"], json!(desk.case));
}

#[test]
fn r29_a_copy_is_there_whole_or_not_at_all_and_takes_no_other_files_place() {
    let mut desk = Desk::new();
    std::fs::write(desk.to("copy"), "a letter").unwrap();
    assert_eq!(desk.export(&desk.rowan, "copy", &[]).err(), Some(Problem::FileTrouble));
    assert_eq!(std::fs::read_to_string(desk.to("copy")).unwrap(), "a letter");
    let nowhere = desk.to("nowhere").join("copy");
    let case = desk.case.parse().unwrap();
    assert_eq!(desk.rowan.export(case, PIN.as_bytes(), &nowhere, &[]).err(), Some(Problem::FileTrouble));
    assert_eq!((desk.copies(), desk.lines("export").len()), (vec!["copy".to_owned()], 0));
    std::fs::remove_file(desk.to("copy")).unwrap();
    // The power fails at every moment in turn.
    let mut whole = 0;
    let power = desk.near.power.clone();
    for at in 0.. {
        let (done, supply) = power.supplied(Some(at), || desk.export(&desk.rowan, "copy", &[]));
        if !supply.has_failed() {
            assert!(done.is_ok() && at > 5 && whole > 0, "{at} moments");
            break;
        }
        assert!(done.is_err() || desk.to("copy").exists(), "moment {at}");
        let Desk { near, rowan, .. } = desk;
        drop(rowan);
        let rowan = near.open("rowan");
        desk = Desk { near, rowan, ..desk };
        if desk.to("copy").exists() {
            assert!(!records(&desk.written("copy")).is_empty() && !desk.lines("export").is_empty());
            std::fs::remove_file(desk.to("copy")).unwrap();
            whole += 1;
        }
    }
    assert_eq!(desk.copies(), ["copy"], "something was left behind");
}
