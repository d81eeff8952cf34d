//! What two phones recorded without knowing of each other: kept, shown, decided, and never lost without a word.
//!
//! Real homes and a real endpoint on loopback.

use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{NoteId, Problem, RecordId, StaffRole};
use fieldfare_core::domain::field::{Category, Field, Shape};
use fieldfare_core::domain::note::{BODY_CHARS_MAX, KIND, SIGNED};
use fieldfare_core::ports::{Clock as _, SystemClock};
use fieldfare_core::store::{Author, NewEdit};
use serde_json::{Value, json};
use tests::keys;
use tests::phone::{PIN, Service, level, make, page, ports, run};
use tests::screen;

struct Scene {
    _service: Service,
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
        Self { _service: service, robin, wren, case, note }
    }

    fn level(&self) {
        level(&[&self.robin, &self.wren]);
        let digests = |app: &Fieldfare| {
            let mut digests = app.digests().unwrap();
            digests.sort_by_key(|(vault, _)| *vault);
            digests
        };
        assert_eq!(digests(&self.robin), digests(&self.wren));
    }

    fn note_page(&self, who: &Fieldfare) -> Value {
        page(who, json!({"page": "note", "note": self.note}))
    }

    fn case_page(&self, who: &Fieldfare) -> Value {
        page(who, json!({"page": "case", "case": self.case}))
    }

    /// Has the note signed over on Wren's phone by an app that takes a signature for a value like any other.
    fn signed_over_by_wren(self, body: &str) -> Self {
        let Self { _service, robin, wren, case, note } = self;
        wren.lock();
        let home = _service.home("wren");
        let (_, store) = keys::opened(&home, PIN);
        let record = RecordId::from(note.parse::<NoteId>().unwrap());
        let written = store.write(|write| {
            let (read, shape) = (write.read(), Shape::Text { chars_max: BODY_CHARS_MAX });
            let (me, last_stamp) = (read.me()?, read.last_stamp()?);
            let vault = read.vaults()?.into_iter().find(|vault| record.is_of(vault.id)).unwrap();
            let now_ms = SystemClock.now_ms();
            let author = Author { device: me.device, writer: me.writer, now_ms, ahead_ms: 0, last_stamp };
            let like_any_other = Field::one(SIGNED.name, shape, Category::Special);
            let put = NewEdit::Put(body.into());
            write.write_edit(&author, &vault, &KIND, record, &like_any_other, put)
        });
        assert!(written.unwrap(), "nothing was written over");
        drop(store);
        let wren = Fieldfare::unlock(&home, ports(&home, Arc::new(SystemClock)), PIN).unwrap();
        Self { _service, robin, wren, case, note }
    }

    /// Wren edits the note while Robin, who does not know, takes it back.
    fn strike_against_edit(&self) {
        screen::save(&self.wren, &self.note, "We met. Ash had a plan.").unwrap();
        run(&self.robin, json!({"do": "delete_draft", "note": self.note, "reason": "the wrong day"}))
            .unwrap();
        self.level();
    }

    fn decide(&self, who: &Fieldfare, wanted: &str) {
        let also = self.case_page(who)["also_recorded"].as_array().unwrap().clone();
        let chosen = also.iter().find(|one| one["value"] == wanted).unwrap();
        run(who, json!({"do": "decide", "record": chosen["record"], "field": chosen["field"], "value_id": chosen["value_id"]}))
            .unwrap();
    }
}

#[test]
fn a_note_that_was_taken_back_while_a_colleague_wrote_waits_for_a_person() {
    let scene = Scene::new();
    scene.strike_against_edit();
    for who in [&scene.robin, &scene.wren] {
        assert_eq!(scene.note_page(who)["struck"]["edited_since"], true);
        let case = scene.case_page(who);
        assert_eq!(case["summary"]["to_decide"], 1);
        let told: Vec<_> = case["also_recorded"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (one["value"].as_str().unwrap(), one["made"]["by"].as_str().unwrap(), one["shown"] == true)
            })
            .collect();
        assert_eq!(told, [("the wrong day", "robin", true), ("edited_meanwhile", "wren", false)]);
    }
    scene.decide(&scene.wren, "edited_meanwhile");
    scene.level();
    for who in [&scene.robin, &scene.wren] {
        assert_eq!(scene.note_page(who)["struck"], Value::Null);
        assert_eq!(scene.note_page(who)["body"], "We met. Ash had a plan.");
        assert_eq!(scene.case_page(who)["summary"]["to_decide"], 0);
    }
    // What was brought back is a note like any other.
    screen::save(&scene.robin, &scene.note, "We met. All is well.").unwrap();
    scene.level();
    assert_eq!(scene.case_page(&scene.wren)["summary"]["to_decide"], 0);
}

#[test]
fn whoever_knows_of_the_words_may_take_the_note_back_all_the_same() {
    let scene = Scene::new();
    scene.strike_against_edit();
    scene.decide(&scene.robin, "the wrong day");
    scene.level();
    for who in [&scene.robin, &scene.wren] {
        assert_eq!(scene.note_page(who)["struck"]["edited_since"], false);
        assert_eq!(scene.case_page(who)["summary"]["to_decide"], 0);
    }
}

#[test]
fn a_signed_note_takes_no_other_text_from_anybody() {
    let scene = Scene::new();
    screen::sign(&scene.robin, &scene.note).unwrap();
    scene.level();
    let again = json!({"do": "sign_note", "note": scene.note,
        "revision": screen::revision(&scene.note, "We met."), "body": "as it never was"});
    assert!(matches!(run(&scene.wren, again.clone()), Err(Problem::NotAllowed { .. })));
    // A broken app signs again over the signature; on its own phone it sees what it wrote, and nobody else does.
    let scene = scene.signed_over_by_wren("as it never was");
    assert_eq!(scene.note_page(&scene.wren)["body"], "as it never was");
    level(&[&scene.wren, &scene.robin]);
    assert_eq!(scene.note_page(&scene.robin)["body"], "We met.");
    assert_eq!(scene.note_page(&scene.robin)["signed"]["by"], "robin");
}

#[test]
fn two_signatures_given_at_once_stay_beside_each_other_for_good() {
    let scene = Scene::new();
    let sign = |body: &str| json!({"do": "sign_note", "note": scene.note, "revision": screen::revision(&scene.note, "We met."), "body": body});
    run(&scene.robin, sign("We met. R")).unwrap();
    run(&scene.wren, sign("We met. W")).unwrap();
    scene.level();
    let [of_robin, of_wren] = [&scene.robin, &scene.wren].map(|who| scene.note_page(who));
    assert_eq!(of_robin["body"], of_wren["body"]);
    let also = of_robin["also_recorded"].as_array().unwrap();
    assert_eq!(also.len(), 2);
    assert_eq!(scene.case_page(&scene.robin)["summary"]["to_decide"], 0);
    let decide =
        json!({"do": "decide", "record": scene.note, "field": "signed", "value_id": also[1]["value_id"]});
    assert!(matches!(run(&scene.robin, decide), Err(Problem::NotAllowed { .. })));
}

#[test]
fn the_most_cautious_level_is_shown_until_a_person_decides() {
    let scene = Scene::new();
    run(&scene.robin, json!({"do": "set_risk", "case": scene.case, "level": "high"})).unwrap();
    run(&scene.wren, json!({"do": "set_risk", "case": scene.case, "level": "low"})).unwrap();
    scene.level();
    assert_eq!(scene.case_page(&scene.robin)["summary"]["risk"], "high");
    scene.decide(&scene.wren, "low");
    scene.level();
    assert_eq!(scene.case_page(&scene.robin)["summary"]["risk"], "low");
}

#[test]
fn the_more_cautious_level_is_shown_whoever_wrote_last() {
    let scene = Scene::new();
    let other = make(&scene.robin, json!({"do": "open_case", "name": "Kit", "cohort": "protect"}));
    scene.level();
    let set = |who: &Fieldfare, case: &str, level: &str| {
        run(who, json!({"do": "set_risk", "case": case, "level": level})).unwrap();
    };
    // However far the two clocks are apart, in one of the cases the last writer is the one who was less cautious: of the first
    // it is Wren unless Robin's clock is ahead, and then it is Robin of the second.
    set(&scene.robin, &scene.case, "very_high");
    set(&scene.robin, &other, "medium");
    set(&scene.wren, &other, "very_high");
    set(&scene.wren, &scene.case, "medium");
    scene.level();
    for who in [&scene.robin, &scene.wren] {
        let shown = |case: &str| page(who, json!({"page": "case", "case": case}))["summary"]["risk"].clone();
        assert_eq!([shown(&scene.case), shown(&other)], ["very_high", "very_high"]);
    }
}

#[test]
fn the_exchange_page_says_what_waits_why_and_that_it_is_over() {
    let scene = Scene::new();
    let exchange = |who: &Fieldfare| page(who, json!({"page": "exchange"}));
    assert_eq!(
        (&exchange(&scene.robin)["unsent_parts"], &exchange(&scene.robin)["trouble"]),
        (&json!([]), &Value::Null)
    );
    let _concern = make(
        &scene.robin,
        json!({"do": "raise_concern", "case": scene.case, "about": "threat", "words": "seen"}),
    );
    let told = exchange(&scene.robin);
    assert_eq!(told["unsent_parts"][0]["what"], "concerns");
    assert_eq!(told["undelivered"][0]["words"], "seen");
    scene.robin.exchange(|_| ()).unwrap();
    assert_eq!(exchange(&scene.robin)["undelivered"], json!([]));
    let Scene { _service: service, robin, .. } = scene;
    drop(service.endpoint);
    assert_eq!(robin.exchange(|_| ()).unwrap_err(), Problem::EndpointUnreachable);
    let told = exchange(&robin);
    assert_eq!(told["trouble"]["problem"], "endpoint_unreachable");
    assert_eq!(told["trouble"]["next"], "Everything is kept here. Try again when there is a signal.");
}
