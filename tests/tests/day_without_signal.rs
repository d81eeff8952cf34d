//! The main job: two mentors work on one case without signal, and nobody's word is lost when it comes back.
//!
//! The binary does everything, a process for every call and one for the endpoint; at the end the core compares the homes.

use serde_json::{Value, json};
use tests::binary::{EndpointProcess, Ran};
use tests::device::{Device, made};
use tests::phone;
use tests::screen;

const CARD: &str = "Duty line 020 7946 0000, day and night";

/// An organisation whose two mentors share a case.
struct Scene {
    folder: tempfile::TempDir,
    endpoint: Option<EndpointProcess>,
    address: String,
    administrator: Device,
    robin: Device,
    wren: Device,
    supervisor: Device,
}

fn exchanged(device: &Device) -> Value {
    let ran = device.exchange();
    assert_eq!(ran.status, 0, "{}", ran.raw);
    ran.line().clone()
}

fn joined(ran: &Ran) {
    assert_eq!((ran.status, &ran.line()["joined"]), (0, &json!(true)), "{}", ran.raw);
}

impl Scene {
    fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = EndpointProcess::start(&folder.path().join("endpoint"));
        let device = |name: &str| Device::at(&folder.path().join(name));
        let (administrator, robin, wren) = (device("administrator"), device("robin"), device("wren"));
        let supervisor = device("supervisor");
        let founded =
            administrator.found("Harbour Mentoring", &endpoint.url, &folder.path().join("recovery"));
        assert_eq!(founded.done()["founded"], true);
        for (who, name, role) in [
            (&robin, "Robin Ashdown", "mentor"),
            (&wren, "Wren Castle", "mentor"),
            (&supervisor, "Sandy Field", "supervisor"),
        ] {
            joined(&who.join(&administrator.invite(name, role)));
        }
        administrator.does(&[json!({"do": "set_crisis_card", "words": CARD})]);
        exchanged(&administrator);
        let address = endpoint.address().to_owned();
        Self { folder, endpoint: Some(endpoint), address, administrator, robin, wren, supervisor }
    }

    fn lose_signal(&mut self) {
        self.endpoint = None;
    }

    fn find_signal(&mut self) {
        let data = self.folder.path().join("endpoint");
        self.endpoint = Some(EndpointProcess::start_on(&data, &self.address));
    }

    fn person(&self, device: &Device, name: &str) -> String {
        let staff = device.page("staff", &json!({}));
        let rows = staff["staff"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name}: {staff}"));
        row["person"].as_str().unwrap().to_owned()
    }

    fn members(&self) -> [&Device; 3] {
        [&self.robin, &self.wren, &self.supervisor]
    }

    fn everybody_exchanges(&self) {
        for device in [&self.robin, &self.wren, &self.supervisor, &self.robin] {
            exchanged(device);
        }
    }
}

/// A page without what differs between devices by right: whether, and when, it reached the endpoint.
fn level(mut page: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for name in ["sent", "delivered_at_ms", "actions", "unsent"] {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut page);
    page
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}

fn rows<'v>(page: &'v Value, list: &str, field: &str) -> Vec<&'v str> {
    page[list].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap_or_default()).collect()
}

fn pack() -> Value {
    let items: Vec<String> = (1..=7).map(|number| format!("Invented sentence number {number}")).collect();
    let options: Vec<Value> =
        (1..=5).map(|answer| json!({"answer": answer, "words": format!("invented word {answer}")})).collect();
    json!({"scale": "swemwbs", "language": "en-GB", "items": items, "options": options,
        "notice": "An invented notice for a test.", "licence_reference": "TEST-1",
        "licensee": "Harbour Mentoring", "licensed_on": "2026-01-05"})
}

#[test]
fn two_mentors_work_a_day_without_signal_and_everybody_is_level_afterwards() {
    let mut scene = Scene::begin();
    let robin = scene.robin.clone();
    let wren = scene.wren.clone();
    let supervisor = scene.supervisor.clone();

    // In the morning there is signal: a case, shared with a colleague, with a draft and a goal.
    exchanged(&robin);
    let case = robin.make(&json!({"do": "open_case", "name": "Kit Marlow", "born_on": "2010-05-01",
        "cohort": "protect", "opened_on": "2026-01-05", "area": "Harbour", "risk": "medium"}));
    let colleague = scene.person(&robin, "Wren Castle");
    let ran = robin.run_all(&[
        json!({"do": "add_mentor", "case": case, "mentor": colleague}),
        json!({"do": "begin_note", "case": case, "began_at_ms": 1_780_000_000_000_i64, "place": "car",
            "contact": "one_to_one", "body": "We drove to the pier. Home is quiet."}),
        json!({"do": "set_goal", "case": case, "words": "Swim a mile", "why": "to feel strong",
            "review_on": "2026-02-01"}),
        json!({"do": "begin_note", "case": case, "began_at_ms": 1_780_000_600_000_i64, "body": "A call to school."}),
        json!({"do": "record_check_in", "case": case, "scale": "swemwbs", "answers": [3,3,3,3,3,3,3],
            "company": [], "manner": "alone", "taken_on": "2026-03-02"}),
    ]);
    assert_eq!(ran.status, 2, "{}", ran.raw);
    let (note, goal, call) = (made(&ran.lines[1]), made(&ran.lines[2]), made(&ran.lines[3]));
    assert_eq!(ran.lines[4]["problem"], "scale_without_pack");
    robin.does(&[json!({"do": "describe_note", "note": note, "add_tags": ["pier", "sister"]})]);
    exchanged(&robin);
    scene.administrator.does(&[json!({"do": "add_scale_pack", "pack": pack()})]);
    exchanged(&scene.administrator);
    for device in [&wren, &supervisor, &robin] {
        exchanged(device);
    }
    let begun = wren.page("note", &json!({"note": note}));
    assert_eq!(begun["body"], "We drove to the pier. Home is quiet.");
    assert_eq!(texts(&begun["tags"]), ["pier", "sister"]);
    assert_eq!(begun["made"]["by"], "Robin Ashdown");

    // Then there is none.
    scene.lose_signal();
    let body = "We drove to the pier. Home is quiet.";
    let theirs = robin.run_all(&[
        screen::saving(&note, body, "We drove to the pier in the rain. Home is quiet."),
        json!({"do": "set_risk", "case": case, "level": "low"}),
        json!({"do": "describe_note", "note": note, "add_tags": ["rain"], "remove_tags": ["sister"], "minutes": 50}),
        json!({"do": "describe_goal", "goal": goal, "words": "Swim a mile by summer"}),
        json!({"do": "record_check_in", "case": case, "scale": "ons4", "answers": [6, 7, 5],
            "company": ["mentor"], "manner": "read_aloud", "taken_on": "2026-03-03"}),
        json!({"do": "record_check_in", "case": case, "scale": "swemwbs", "answers": [3,4,3,4,3,4,3],
            "company": [], "manner": "alone", "taken_on": "2026-03-03"}),
        json!({"do": "add_step", "goal": goal, "words": "Buy goggles"}),
        json!({"do": "raise_concern", "case": case, "about": "threat", "words": "Two men waited at the gate."}),
    ]);
    assert_eq!(theirs.status, 0, "{}", theirs.raw);
    let concern = made(&theirs.lines[7]);
    wren.does(&[
        screen::saving(&note, body, "We drove to the pier. Home is quiet. She sang on the way back."),
        json!({"do": "set_risk", "case": case, "level": "very_high"}),
        json!({"do": "describe_note", "note": note, "add_tags": ["singing", "rain"], "agreed": "Text on Friday"}),
        json!({"do": "describe_note", "note": note, "remove_tags": ["sister", "pier"]}),
        json!({"do": "describe_note", "note": note, "add_tags": ["sister"]}),
        json!({"do": "describe_goal", "goal": goal, "words": "Swim far, not fast"}),
        json!({"do": "record_progress", "goal": goal, "words": "Twelve lengths"}),
    ]);

    // The concern says that nobody has it yet, and whom to call.
    let today = robin.page("today", &json!({}));
    let row = &today["concerns"][0];
    assert_eq!(
        (row["words"].as_str(), row["call"].as_str()),
        (Some("Two men waited at the gate."), Some(CARD))
    );
    assert_eq!((&row["delivered_at_ms"], &row["state"]), (&Value::Null, &json!("raised")));
    assert!(today["unsent"].as_u64().unwrap() >= 8, "{today}");

    // Trying to exchange is refused, and changes nothing.
    for device in [&robin, &wren] {
        let before =
            (device.page("note", &json!({"note": note})), device.page("case", &json!({"case": case})));
        let ran = device.exchange();
        assert_eq!(ran.problem(), "endpoint_unreachable");
        assert_eq!(ran.line()["next"], "Everything is kept here. Try again when there is a signal.");
        let after =
            (device.page("note", &json!({"note": note})), device.page("case", &json!({"case": case})));
        assert_eq!(before, after);
    }
    let waiting = robin.page("exchange", &json!({}));
    assert!(waiting["unsent_urgent"].as_u64().unwrap() > 0, "{waiting}");

    // In the evening there is signal again, at the same address.
    scene.find_signal();
    assert!(exchanged(&robin)["sent"].as_u64().unwrap() >= 8);
    assert!(robin.page("today", &json!({}))["concerns"][0]["delivered_at_ms"].is_i64());
    scene.everybody_exchanges();
    assert_eq!(robin.page("today", &json!({}))["unsent"], 0);

    // No typed word is lost, the set holds what anybody added, and both levels of risk are there.
    let seen = robin.page("note", &json!({"note": note}));
    assert_eq!(seen["body"], "We drove to the pier in the rain. Home is quiet. She sang on the way back.");
    // Wren took "sister" out and added it again, not knowing that Robin had taken it out as well: adding wins.
    assert_eq!(texts(&seen["tags"]), ["rain", "singing", "sister"]);
    assert_eq!((&seen["minutes"], &seen["agreed"]), (&json!(50), &json!("Text on Friday")));
    let page = robin.page("case", &json!({"case": case}));
    assert_eq!((&page["summary"]["risk"], &page["summary"]["to_decide"]), (&json!("very_high"), &json!(2)));
    let both: Vec<_> = page["also_recorded"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|value| value["field"] == "risk")
        .map(|value| (value["value"].as_str().unwrap(), value["shown"].as_bool().unwrap()))
        .collect();
    assert_eq!(both.len(), 2, "{page}");
    assert!(both.contains(&("very_high", true)) && both.contains(&("low", false)), "{both:?}");
    let words = robin.page("goal", &json!({"goal": goal}));
    let mut recorded = rows(&words, "also_recorded", "value");
    recorded.sort_unstable();
    assert_eq!(recorded, ["Swim a mile by summer", "Swim far, not fast"]);
    assert_eq!(rows(&words, "steps", "words"), ["Buy goggles"]);
    assert!(rows(&words, "history", "words").contains(&"Twelve lengths"), "{words}");

    // Robin decides, and everybody sees it.
    let chosen = page["also_recorded"].as_array().unwrap().iter().find(|value| value["value"] == "low");
    let value_id = &chosen.unwrap()["value_id"];
    robin.does(&[json!({"do": "decide", "record": case, "field": "risk", "value_id": value_id})]);
    scene.everybody_exchanges();
    for device in scene.members() {
        let page = device.page("case", &json!({"case": case}));
        assert_eq!((&page["summary"]["risk"], &page["summary"]["to_decide"]), (&json!("low"), &json!(1)));
        let left = page["also_recorded"].as_array().unwrap();
        assert!(left.iter().all(|value| value["field"] == "words"), "{left:?}");
    }

    // The supervisor sees the concern first, and handles it.
    let today = supervisor.page("today", &json!({}));
    assert_eq!(today["concerns"][0]["concern"], concern.as_str());
    assert_eq!(today["concerns"][0]["made"]["by"], "Robin Ashdown");
    assert!(today["concerns"][0]["delivered_at_ms"].is_i64(), "{today}");
    supervisor.does(&[json!({"do": "handle_concern", "concern": concern, "state": "taken_on",
        "words": "Called the mother and the school."})]);
    let refused =
        wren.run(&json!({"do": "handle_concern", "concern": concern, "state": "closed", "words": "x"}));
    assert_eq!(refused.problem(), "not_allowed");

    // Wren signs; a signed note takes addenda and nothing else.
    wren.does(&[screen::signing(&note, wren.page("note", &json!({"note": note}))["body"].as_str().unwrap())]);
    scene.everybody_exchanges();
    let refused = robin.run_all(&[
        screen::saving(&note, "", "Something else"),
        json!({"do": "describe_note", "note": note, "minutes": 60}),
        screen::signing(&note, "Something else"),
        json!({"do": "delete_draft", "note": note}),
        json!({"do": "add_addendum", "note": note, "words": "It was the smaller pier."}),
    ]);
    let kinds: Vec<_> = refused.lines.iter().map(|line| line["problem"].as_str()).collect();
    assert_eq!(
        kinds,
        [Some("not_allowed"), Some("not_allowed"), Some("not_allowed"), Some("not_allowed"), None]
    );
    scene.everybody_exchanges();

    // All devices show the same, and hold the same.
    let timeline = supervisor.page("timeline", &json!({"case": case}));
    let moments = timeline["moments"].as_array().unwrap();
    let times: Vec<_> = moments.iter().map(|moment| moment["at_ms"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let mut kinds = rows(&timeline, "moments", "what");
    kinds.sort_unstable();
    assert_eq!(kinds, ["check_in", "check_in", "concern", "goal", "note", "note"]);
    let position = |record: &str| moments.iter().position(|moment| moment["record"] == record).unwrap();
    assert!(position(&call) < position(&note), "the later contact stands first: {timeline}");

    let swemwbs = supervisor.page("check_ins", &json!({"case": case, "scale": "swemwbs"}));
    assert_eq!(
        (&swemwbs["rows"][0]["raw"], &swemwbs["rows"][0]["metric"]),
        (&json!(24), &json!("21.54")),
        "{swemwbs}"
    );
    let ons4 = supervisor.page("check_ins", &json!({"case": case, "scale": "ons4"}));
    assert_eq!((&ons4["rows"][0]["answered"], &ons4["rows"][0]["of"]), (&json!(3), &json!(3)));

    let asks = [
        ("case", json!({"case": case})),
        ("note", json!({"note": note})),
        ("note", json!({"note": call})),
        ("goal", json!({"goal": goal})),
        ("timeline", json!({"case": case})),
        ("check_ins", json!({"case": case, "scale": "ons4"})),
        ("check_in_form", json!({"case": case, "scale": "swemwbs"})),
        ("search", json!({"words": "sang pier"})),
        ("scales", json!({})),
    ];
    let [of_robin, of_wren, of_supervisor] = scene.members().map(|device| {
        let app = device.open().unwrap();
        let mut digests = app.digests().unwrap();
        digests.sort_unstable();
        let pages = asks.iter().map(|(name, arguments)| {
            let mut ask = arguments.clone();
            ask["page"] = json!(name);
            level(phone::page(&app, ask))
        });
        (pages.collect::<Vec<_>>(), digests)
    });
    assert_eq!(of_robin.1.len(), 2, "the organisation and one case");
    for other in [&of_wren, &of_supervisor] {
        assert_eq!(of_robin.1, other.1);
        for ((name, _), (ours, theirs)) in asks.iter().zip(of_robin.0.iter().zip(&other.0)) {
            assert_eq!(ours, theirs, "{name}");
        }
    }
    let of_robin = of_robin.0;
    assert_eq!(rows(&of_robin[7], "found", "note"), [note.as_str()]);
    assert_eq!(of_robin[1]["addenda"][0]["words"], "It was the smaller pier.");
    assert_eq!(of_robin[1]["signed"]["by"], "Wren Castle");
    assert_eq!(of_robin[0]["concerns"][0]["state"], "taken_on");
    for device in scene.members() {
        let found = device.page("search", &json!({"words": "sang pie"}));
        assert_eq!(rows(&found, "found", "note"), [note.as_str()]);
    }
    let caseload = wren.page("caseload", &json!({}));
    assert_eq!(rows(&caseload, "cases", "young_person"), ["Kit Marlow"]);
    assert_eq!(
        (&caseload["cases"][0]["drafts"], &caseload["cases"][0]["open_concerns"]),
        (&json!(1), &json!(1))
    );
    // Whoever is not on the case reads nothing of it.
    exchanged(&scene.administrator);
    assert_eq!(scene.administrator.ask("case", &json!({"case": case})).problem(), "no_such");
    assert_eq!(scene.administrator.page("caseload", &json!({}))["cases"], json!([]));
}
