//! Phones that settled the same edits to something else find it out within a day, and nobody is alarmed for nothing.
//!
//! Real homes and a real endpoint in this process, on a clock that the tests let pass.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Exchanged, StaffRole};
use serde_json::{Value, json};
use tests::builds::OLDER;
use tests::near::Near;
use tests::opened::database;
use tests::phone::{level, make, page, run};
use tests::screen;

const DAY_MS: i64 = 25 * 3_600_000;

/// A mentor and a supervisor of one case, level.
struct Scene {
    near: Near,
    robin: Fieldfare,
    wren: Fieldfare,
    case: String,
    note: String,
}

fn exchange(app: &Fieldfare) -> Exchanged {
    app.exchange(|_| ()).unwrap()
}

fn alarms(app: &Fieldfare) -> Value {
    page(app, json!({"page": "exchange"}))["alarms"].clone()
}

impl Scene {
    /// Whatever was told of the founding has been told.
    fn new() -> Self {
        let near = Near::found();
        let robin = near.join("robin", StaffRole::Mentor);
        let wren = near.join("wren", StaffRole::Supervisor);
        level(&[&near.administrator, &robin, &wren]);
        near.clock.pass(DAY_MS);
        level(&[&near.administrator, &robin, &wren]);
        let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
        let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "We met."}));
        level(&[&robin, &wren]);
        Self { near, robin, wren, case, note }
    }

    /// Of what was agreed, a value was replaced, and still stands on wren's phone.
    fn settled_wrongly_by_wren() -> Self {
        let scene = Self::new();
        scene.describe(&scene.robin, "to ring on Monday");
        level(&[&scene.robin, &scene.wren]);
        scene.describe(&scene.robin, "to ring on Tuesday");
        level(&[&scene.robin, &scene.wren]);
        let Self { near, robin, wren, case, note } = scene;
        drop(wren);
        let stands = "UPDATE edit SET standing = 1 WHERE field = 'agreed' AND standing = 0";
        assert_eq!(database(&near.home("wren")).execute(stands, []), Ok(1));
        let wren = near.open("wren");
        Self { near, robin, wren, case, note }
    }

    fn describe(&self, who: &Fieldfare, agreed: &str) {
        run(who, json!({"do": "describe_note", "note": self.note, "agreed": agreed})).unwrap();
    }

    /// A day later the first tells, and the second compares and has nothing to add.
    fn tells(&self, first: &Fieldfare, second: &Fieldfare) {
        self.near.clock.pass(DAY_MS);
        assert_eq!(exchange(first).sent, 1, "a digest of the file");
        let exchanged = exchange(second);
        assert_eq!((exchanged.sent, exchanged.received), (0, 1), "compared, and nothing to tell");
        self.nobody_is_alarmed();
    }

    fn nobody_is_alarmed(&self) {
        for app in [&self.near.administrator, &self.robin, &self.wren] {
            assert_eq!(alarms(app), json!([]));
        }
    }
}

#[test]
fn what_changed_is_told_once_by_whoever_comes_first_and_never_again() {
    let scene = Scene::new();
    assert_eq!(exchange(&scene.robin).sent, 0, "a day has not passed");
    scene.tells(&scene.robin, &scene.wren);
    for _ in 0..3 {
        scene.near.clock.pass(DAY_MS);
        for app in [&scene.robin, &scene.wren] {
            let exchanged = exchange(app);
            assert_eq!((exchanged.sent, exchanged.round_trips), (0, 1), "a digest is no reason for another");
        }
    }
    scene.describe(&scene.wren, "to ring");
    level(&[&scene.robin, &scene.wren]);
    scene.tells(&scene.wren, &scene.robin);
}

#[test]
fn a_digest_costs_one_round_trip_a_day_and_shows_nowhere() {
    let scene = Scene::new();
    let shown = |app| {
        ["today", "caseload", "exchange"].map(|name| {
            let mut page = page(app, json!({"page": name}));
            // The times of the exchange itself, and of now.
            for changing in ["last_exchange_at_ms", "day"] {
                page.as_object_mut().unwrap().remove(changing);
            }
            page
        })
    };
    scene.near.clock.pass(DAY_MS);
    let case = json!({"page": "case", "case": scene.case});
    let before = (shown(&scene.robin), page(&scene.robin, case.clone()));
    let exchanged = exchange(&scene.robin);
    assert_eq!((exchanged.sent, exchanged.round_trips), (1, 2));
    assert_eq!((shown(&scene.robin), page(&scene.robin, case)), before);
    let trips = scene.near.link.trips();
    let digest = trips.last().unwrap();
    println!("a digest among 2 devices: {} bytes of a request's body", digest.up.len());
    assert!(digest.up.len() < 512, "{}", digest.up.len());
}

#[test]
fn a_phone_that_settles_wrongly_finds_it_itself() {
    let scene = Scene::settled_wrongly_by_wren();
    scene.near.clock.pass(DAY_MS);
    exchange(&scene.wren);
    let told = alarms(&scene.wren);
    assert_eq!((&told[0]["what"], &told[0]["by"]), (&json!("settled_wrongly"), &json!("wren")), "{told}");
    assert_eq!((&told[0]["case"], &told[0]["young_person"]), (&json!(scene.case), &json!("Ash")), "{told}");
}

#[test]
fn what_a_phone_settled_wrongly_is_found_by_its_colleague() {
    for wrong_one_tells in [true, false] {
        let scene = Scene::settled_wrongly_by_wren();
        // More was written since, which only one of them has when they compare.
        scene.near.clock.pass(DAY_MS);
        let (first, second) =
            if wrong_one_tells { (&scene.wren, &scene.robin) } else { (&scene.robin, &scene.wren) };
        exchange(first);
        screen::save(second, &scene.note, "We met at noon.").unwrap();
        exchange(second);
        let told = alarms(second);
        let differs: Vec<_> =
            told.as_array().unwrap().iter().filter(|one| one["what"] == "phones_differ").collect();
        let name = if wrong_one_tells { "wren" } else { "robin" };
        assert_eq!(differs.len(), 1, "{told}");
        assert_eq!((&differs[0]["by"], &differs[0]["case"]), (&json!(name), &json!(scene.case)), "{told}");
        assert!(differs[0]["next_step"].as_str().unwrap().contains("administrator"), "{told}");
        // The other one hears of it as well, once the second has told what it holds.
        scene.near.clock.pass(DAY_MS);
        exchange(second);
        exchange(first);
        let told = alarms(first);
        assert!(told.as_array().unwrap().iter().any(|one| one["what"] == "phones_differ"), "{told}");
    }
}

#[test]
fn whoever_holds_more_compares_what_there_was_then() {
    let scene = Scene::new();
    scene.describe(&scene.robin, "to ring on Monday");
    let goal = make(&scene.robin, json!({"do": "set_goal", "case": scene.case, "words": "swim a mile"}));
    level(&[&scene.robin, &scene.wren]);
    scene.near.clock.pass(DAY_MS);
    assert_eq!(exchange(&scene.robin).sent, 1);
    // Replaced, typed and taken back by the second before it hears of the digest, sent and unsent.
    scene.describe(&scene.wren, "to ring on Tuesday");
    run(&scene.wren, json!({"do": "describe_goal", "goal": goal, "words": "swim two miles"})).unwrap();
    screen::save(&scene.wren, &scene.note, "We met at noon.").unwrap();
    assert!(exchange(&scene.wren).sent > 0);
    scene.describe(&scene.wren, "to ring on Friday");
    level(&[&scene.robin, &scene.wren]);
    scene.nobody_is_alarmed();
    scene.tells(&scene.robin, &scene.wren);
}

#[test]
fn whoever_lacks_something_waits_and_compares_later() {
    let scene = Scene::new();
    let jay = scene.near.join("jay", StaffRole::Safeguarding);
    level(&[&scene.robin, &scene.wren, &jay]);
    scene.near.clock.pass(DAY_MS);
    // Half of it comes with each exchange, so the digest comes before what it covers is here.
    scene.describe(&scene.robin, "to ring on Monday");
    exchange(&scene.robin);
    exchange(&jay);
    scene.describe(&scene.wren, "to ring on Sunday");
    exchange(&scene.wren);
    level(&[&scene.robin, &scene.wren, &jay]);
    scene.nobody_is_alarmed();
    assert_eq!(alarms(&jay), json!([]));
    scene.near.clock.pass(DAY_MS);
    let sent: u64 = [&jay, &scene.robin, &scene.wren].map(|app| exchange(app).sent).iter().sum();
    assert!(sent <= 2, "one tells of the file and one of the organisation: {sent}");
    assert_eq!(alarms(&jay), json!([]));
}

#[test]
fn bundles_say_the_same_as_the_segments_they_stand_for() {
    let scene = Scene::new();
    for round in 0..80 {
        scene.describe(&scene.robin, &format!("round {round}"));
        exchange(&scene.robin);
    }
    exchange(&scene.wren);
    let late = scene.near.join("late", StaffRole::Supervisor);
    level(&[&scene.robin, &late]);
    scene.near.clock.pass(DAY_MS);
    assert!(exchange(&late).sent >= 1);
    exchange(&scene.robin);
    exchange(&scene.wren);
    assert_eq!(alarms(&late), json!([]));
    scene.nobody_is_alarmed();
}

#[test]
fn what_an_older_app_does_not_understand_alarms_nobody_before_or_after_its_update() {
    let scene = Scene::new();
    let home = scene.near.home("wren");
    assert!(home.is_dir());
    let Scene { near, robin, wren, case, note } = scene;
    drop(wren);
    let wren = near.open_by(&OLDER, "wren");
    let scene = Scene { near, robin, wren, case, note };
    let goal = make(&scene.robin, json!({"do": "set_goal", "case": scene.case, "words": "swim a mile"}));
    let step = make(&scene.robin, json!({"do": "add_step", "goal": goal, "words": "find a pool"}));
    scene.describe(&scene.robin, "to ring on Monday");
    let tags = |tags: Value| {
        let mut describe = json!({"do": "describe_note", "note": scene.note});
        describe.as_object_mut().unwrap().extend(tags.as_object().unwrap().clone());
        run(&scene.robin, describe).unwrap();
    };
    tags(json!({"add_tags": ["school", "home"]}));
    tags(json!({"remove_tags": ["home"]}));
    run(&scene.robin, json!({"do": "finish_step", "step": step, "done_on": "2026-01-05"})).unwrap();
    exchange(&scene.robin);
    exchange(&scene.wren);
    // The older one tells of what it does not understand, and compares what it is told.
    scene.near.clock.pass(DAY_MS);
    assert_eq!(exchange(&scene.wren).sent, 1);
    exchange(&scene.robin);
    scene.nobody_is_alarmed();
    scene.describe(&scene.robin, "to ring on Tuesday");
    exchange(&scene.robin);
    scene.near.clock.pass(DAY_MS);
    assert_eq!(exchange(&scene.robin).sent, 1);
    exchange(&scene.wren);
    assert_eq!(alarms(&scene.wren), json!([]));
    let Scene { near, robin, wren, case, note } = scene;
    drop(wren);
    let wren = near.open("wren");
    let scene = Scene { near, robin, wren, case, note };
    exchange(&scene.wren);
    scene.nobody_is_alarmed();
    scene.describe(&scene.wren, "to ring on Friday");
    level(&[&scene.robin, &scene.wren]);
    scene.tells(&scene.wren, &scene.robin);
}

#[test]
fn what_a_removed_device_wrote_too_late_alarms_nobody() {
    let scene = Scene::new();
    let jay = scene.near.join("jay", StaffRole::Mentor);
    let person = page(&jay, json!({"page": "mentor"}))["person"].clone();
    exchange(&scene.robin);
    run(&scene.robin, json!({"do": "add_mentor", "case": scene.case, "mentor": person})).unwrap();
    level(&[&scene.robin, &scene.wren, &jay]);
    scene.describe(&jay, "jay was here");
    level(&[&jay, &scene.robin, &scene.wren]);
    scene.describe(&jay, "too late");
    let devices = page(&jay, json!({"page": "devices"}))["devices"].clone();
    let of_jay = devices.as_array().unwrap().iter().find(|one| one["is_me"] == true).unwrap();
    scene.near.administrator.remove(of_jay["device"].as_str().unwrap().parse().unwrap()).unwrap();
    level(&[&scene.near.administrator, &scene.robin, &scene.wren]);
    jay.exchange(|_| ()).unwrap_err();
    level(&[&scene.near.administrator, &scene.robin, &scene.wren]);
    scene.near.clock.pass(DAY_MS);
    assert!(exchange(&scene.robin).sent >= 1);
    let waits = exchange(&scene.wren);
    assert_eq!(waits.sent, 0, "compared: {waits:?}");
    exchange(&scene.near.administrator);
    scene.nobody_is_alarmed();
}
