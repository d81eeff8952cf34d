//! A concern from the first word to the last: raised, delivered to somebody who can open it, read, handled, closed.
//!
//! Real phones; the endpoint is in this process.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use serde_json::{Value, json};
use tests::near::{Bend, Near};
use tests::phone::{level, make, page, run};

struct Scene {
    near: Near,
    robin: Fieldfare,
    case: String,
    concern: String,
}

impl Scene {
    /// A mentor alone has raised a concern, and the endpoint has it.
    fn new() -> Self {
        let near = Near::found();
        let robin = near.join("robin", StaffRole::Mentor);
        let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
        let raise = json!({"do": "raise_concern", "case": case, "about": "threat", "words": "followed home"});
        let concern = make(&robin, raise);
        level(&[&robin]);
        Self { near, robin, case, concern }
    }

    /// The same, with somebody who acts on concerns.
    fn with_rowan() -> (Self, Fieldfare) {
        let scene = Self::new();
        let rowan = scene.near.join("rowan", StaffRole::Supervisor);
        level(&[&scene.robin, &rowan]);
        (scene, rowan)
    }

    fn concern(&self, app: &Fieldfare) -> Value {
        page(app, json!({"page": "concern", "concern": self.concern}))
    }

    fn row(&self, app: &Fieldfare) -> Value {
        page(app, json!({"page": "case", "case": self.case}))["concerns"][0].clone()
    }

    fn handle(&self, app: &Fieldfare, state: &str, words: &str) {
        let concern = &self.concern;
        run(app, json!({"do": "handle_concern", "concern": concern, "state": state, "words": words}))
            .unwrap();
    }

    fn add(&self, app: &Fieldfare, words: &str) -> Result<(), Problem> {
        run(app, json!({"do": "add_to_concern", "concern": self.concern, "words": words})).map(drop)
    }
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

fn me(app: &Fieldfare) -> Value {
    page(app, json!({"page": "mentor"}))["person"].clone()
}

#[test]
fn p06_a_concern_is_delivered_once_somebody_who_acts_on_it_can_open_it_and_not_before() {
    let scene = Scene::new();
    let undelivered = || page(&scene.robin, json!({"page": "exchange"}))["undelivered"].clone();
    let row = scene.row(&scene.robin);
    assert!(row["received_at_ms"].is_i64() && row["delivered_at_ms"].is_null(), "{row}");
    assert_eq!((&row["arrival"], &row["delivered_to"]), (&json!("nobody_can_open"), &json!([])));
    assert!(row["says"].as_str().unwrap().contains("nobody who acts"), "{row}");
    assert_eq!(undelivered()[0]["concern"], scene.concern);
    // Another mentor changes nothing, and neither does an administrator.
    let wren = scene.near.join("wren", StaffRole::Mentor);
    level(&[&scene.robin]);
    run(&scene.robin, json!({"do": "add_mentor", "case": scene.case, "mentor": me(&wren)})).unwrap();
    level(&[&scene.robin, &wren]);
    assert_eq!(scene.row(&wren)["arrival"], "nobody_can_open");
    let rowan = scene.near.join("rowan", StaffRole::Supervisor);
    assert_eq!(scene.row(&scene.robin)["arrival"], "nobody_can_open");
    level(&[&scene.robin, &rowan]);
    for app in [&scene.robin, &rowan] {
        let row = scene.row(app);
        assert!(row["delivered_at_ms"].is_i64(), "{row}");
        assert_eq!((&row["arrival"], names(&row["delivered_to"])), (&json!("delivered"), vec!["rowan"]));
        assert!(row["says"].as_str().unwrap().contains("rowan can open it"), "{row}");
        // It is another thing that nobody has read it.
        assert_eq!(row["seen"], json!([]));
    }
    assert_eq!(undelivered(), json!([]));
    // Whoever could open it leaves.
    let person = me(&rowan).as_str().unwrap().parse().unwrap();
    scene.near.administrator.remove_person(person).unwrap();
    level(&[&scene.robin]);
    assert_eq!(scene.row(&scene.robin)["arrival"], "nobody_can_open");
    assert_eq!(undelivered()[0]["concern"], scene.concern);
}

#[test]
fn p06_nobody_can_open_a_concern_by_a_record_that_the_endpoint_does_not_have() {
    let scene = Scene::new();
    let rowan = scene.near.join("rowan", StaffRole::Supervisor);
    // The first trip brings word of the supervisor, who is let in; the second does not take it away.
    scene.near.link.bend([Bend::Straight, Bend::NoSignal]);
    let _ = scene.robin.exchange(|_| ());
    let row = scene.row(&scene.robin);
    assert_eq!(names(&row["read_by"]), ["robin", "rowan"], "the scene does not show what it should");
    assert_eq!((&row["arrival"], &row["delivered_at_ms"]), (&json!("nobody_can_open"), &Value::Null));
    level(&[&scene.robin, &rowan]);
    assert_eq!(scene.row(&scene.robin)["arrival"], "delivered");
}

#[test]
fn p06_opening_a_concern_is_reading_it_and_everybody_sees_who_has() {
    let (scene, rowan) = Scene::with_rowan();
    let unsent = |app| page(app, json!({"page": "exchange"}))["unsent_urgent"].as_u64().unwrap();
    // Lists and the raiser's own look are no reading.
    drop((page(&rowan, json!({"page": "concerns"})), scene.row(&rowan), scene.concern(&scene.robin)));
    assert_eq!((unsent(&rowan), unsent(&scene.robin)), (0, 0));
    assert_eq!(names(&scene.concern(&rowan)["concern"]["seen"]), ["rowan"]);
    assert_eq!(unsent(&rowan), 1);
    // Once is enough.
    drop(scene.concern(&rowan));
    assert_eq!(unsent(&rowan), 1);
    level(&[&rowan, &scene.robin]);
    let row = scene.row(&scene.robin);
    assert_eq!(names(&row["seen"]), ["rowan"]);
    assert_eq!((&row["seen"][0]["acts"], row["seen"][0]["at_ms"].is_i64()), (&json!(true), true));
    let audit = page(&rowan, json!({"page": "audit", "what": "read_concern"}));
    assert_eq!(audit["lines"][0]["record"], json!(scene.concern), "{audit}");
}

#[test]
fn p06_a_concern_tells_what_was_done_by_whom_and_when_and_words_are_added_to_it() {
    let (scene, rowan) = Scene::with_rowan();
    let row = scene.row(&rowan);
    assert_eq!((&row["owner"], &row["overdue"]), (&Value::Null, &json!(false)));
    assert!(row["due_at_ms"].as_i64() > row["made"]["at_ms"].as_i64());
    let pass = || scene.near.clock.pass(60_000);
    pass();
    scene.handle(&rowan, "taken_on", "rang the school");
    pass();
    scene.add(&scene.robin, "and again at noon").unwrap();
    assert!(page(&scene.robin, json!({"page": "exchange"}))["unsent_urgent"].as_u64() > Some(0));
    assert_eq!(scene.concern(&scene.robin)["sent"], false);
    level(&[&rowan, &scene.robin, &rowan]);
    pass();
    scene.handle(&rowan, "closed", "he is safe");
    level(&[&rowan, &scene.robin]);
    for app in [&scene.robin, &rowan] {
        let page = scene.concern(app);
        let log = page["log"].as_array().unwrap();
        let told: Vec<_> = log
            .iter()
            .filter(|one| one["what"] != "seen")
            .map(|one| {
                let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
                (text("what"), text("words"), text("state"), one["made"]["by"].as_str().unwrap().to_owned())
            })
            .collect();
        let wanted = [
            ("raised", "followed home", "raised", "robin"),
            ("handled", "rang the school", "taken_on", "rowan"),
            ("added", "and again at noon", "", "robin"),
            ("handled", "he is safe", "closed", "rowan"),
        ];
        assert_eq!(
            told,
            wanted.map(|(what, words, state, by)| (what.into(), words.into(), state.into(), by.into()))
        );
        assert!(
            log.windows(2).all(|two| two[0]["made"]["at_ms"].as_i64() <= two[1]["made"]["at_ms"].as_i64())
        );
        assert_eq!((&page["concern"]["owner"]["name"], &page["sent"]), (&json!("rowan"), &json!(true)));
    }
    let list = page(&scene.robin, json!({"page": "concerns"}));
    assert_eq!((&list["open"], &list["closed"][0]["concern"]), (&json!([]), &json!(scene.concern)));
    // Words are added to a closed one too; somebody who neither raised it nor acts on it adds none.
    scene.add(&scene.robin, "seen once more").unwrap();
    let wren = scene.near.join("wren", StaffRole::Mentor);
    level(&[&rowan]);
    run(&rowan, json!({"do": "add_mentor", "case": scene.case, "mentor": me(&wren)})).unwrap();
    level(&[&rowan, &wren]);
    let refused = scene.add(&wren, "I think not").unwrap_err();
    assert!(
        matches!(&refused, Problem::NotAllowed { reason: Some(key), .. } if key == "concern.not_yours"),
        "{refused}"
    );
    let offered = scene.concern(&wren)["actions"][1].clone();
    assert_eq!(offered, json!({"command": "add_to_concern", "why_not": "concern.not_yours"}));
}

#[test]
fn p06_a_concern_is_given_to_somebody_who_can_act_and_until_a_time_that_can_be() {
    let (scene, rowan) = Scene::with_rowan();
    let lead = scene.near.join("lead", StaffRole::Safeguarding);
    level(&[&scene.robin, &rowan, &lead, &rowan]);
    let due = scene.near.clock.read() + 3_600_000;
    let handle = |with: Value| {
        let mut command = json!({"do": "handle_concern", "concern": scene.concern, "state": "taken_on",
            "words": "over to you"});
        command.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        run(&rowan, command).map(drop)
    };
    let nobody = handle(json!({"owner": "ab".repeat(16)}));
    assert!(matches!(nobody, Err(Problem::NoSuch { .. })), "{nobody:?}");
    let mentor = handle(json!({"owner": me(&scene.robin)}));
    assert!(matches!(mentor, Err(Problem::NotAllowed { .. })), "{mentor:?}");
    for impossible in [0, -1, i64::MAX] {
        let refused = handle(json!({"due_at_ms": impossible}));
        let out = matches!(&refused, Err(Problem::OutOfRange { field, .. }) if field == "due_at_ms");
        assert!(out, "{impossible}: {refused:?}");
    }
    assert_eq!(handle(json!({"words": " "})), Err(Problem::Empty { field: "words".to_owned() }));
    assert_eq!(scene.add(&scene.robin, ""), Err(Problem::Empty { field: "words".to_owned() }));
    let long = scene.add(&scene.robin, &"x".repeat(2_001));
    assert!(matches!(&long, Err(Problem::TooLong { field, .. }) if field == "added"), "{long:?}");
    let unknown = json!({"do": "add_to_concern", "concern": "ab".repeat(16), "words": "more"});
    assert!(matches!(run(&scene.robin, unknown), Err(Problem::NoSuch { .. })));
    // Nothing of all that was kept.
    assert_eq!(scene.row(&rowan)["owner"], Value::Null);
    handle(json!({"owner": me(&lead), "due_at_ms": due})).unwrap();
    let row = scene.row(&rowan);
    assert_eq!((&row["owner"]["name"], &row["due_at_ms"]), (&json!("lead"), &json!(due)));
    // Whoever takes it on after that does not take it away.
    level(&[&rowan, &scene.robin]);
    scene.handle(&rowan, "taken_on", "still with them");
    assert_eq!(scene.row(&rowan)["owner"]["name"], "lead");
    scene.near.clock.pass(3_600_001);
    assert_eq!(scene.row(&scene.robin)["overdue"], true);
}
