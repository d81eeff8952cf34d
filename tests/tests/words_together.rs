//! Two people and one note: whose words stand, what is signed, and what a screen that is older than the note may do.
//!
//! Real homes and a real endpoint; screens are what a page gave, kept as long as somebody looks at them.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::store::REVISIONS_KEPT_MAX;
use serde_json::{Value, json};
use tests::phone::{Service, level, make, page, run};
use tests::screen::{self, revision, saving, signing};

struct Scene {
    _service: Service,
    robin: Fieldfare,
    wren: Fieldfare,
    case: String,
    note: String,
}

impl Scene {
    fn begin(body: &str) -> Self {
        let service = Service::found();
        let (robin, wren) =
            (service.join("robin", StaffRole::Mentor), service.join("wren", StaffRole::Supervisor));
        level(&[&service.administrator, &robin, &wren]);
        let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let note = make(&robin, json!({"do": "begin_note", "case": case, "body": body}));
        level(&[&robin, &wren]);
        Self { _service: service, robin, wren, case, note }
    }

    fn page(&self, app: &Fieldfare) -> Value {
        page(app, json!({"page": "note", "note": self.note}))
    }

    fn says(&self, app: &Fieldfare) -> String {
        self.page(app)["body"].as_str().unwrap().to_owned()
    }

    fn save(&self, app: &Fieldfare, before: &str, body: &str) {
        run(app, saving(&self.note, before, body)).unwrap();
    }

    /// What came in as the page shows it: words, by whom, what they took away.
    fn came_in(&self, app: &Fieldfare) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let page = self.page(app);
        let stretches = page["came_in"].as_array().unwrap();
        let whole: String = stretches.iter().map(|one| text(&one["words"])).collect();
        assert!(whole.is_empty() || whole == text(&page["body"]), "the stretches are the text");
        let came = stretches.iter().filter(|one| !one["came_in"].is_null());
        came.map(|one| (text(&one["words"]), text(&one["came_in"]["by"]), text(&one["gone"]))).collect()
    }
}

#[test]
fn a1_two_ends_that_each_saved_once_end_as_a_person_would_have_it() {
    let base = "On Monday he said that he did hit his brother. We agreed to meet again.";
    let scene = Scene::begin(base);
    let robins = "On Tuesday he said that he did hit his brother. We agreed to meet on Friday.";
    scene.save(&scene.robin, base, robins);
    scene.save(
        &scene.wren,
        base,
        "On Monday he said that he did not hit his brother. We agreed to meet again.",
    );
    level(&[&scene.robin, &scene.wren]);
    let right = "On Tuesday he said that he did not hit his brother. We agreed to meet on Friday.";
    assert_eq!([scene.says(&scene.robin), scene.says(&scene.wren)], [right, right]);
}

#[test]
fn a1_the_same_correction_stands_once_however_it_was_typed() {
    let base = "He was at shcool on Monday and left erly.";
    let right = "He was at school on Monday and left early.";
    let scene = Scene::begin(base);
    // One saves after every few letters, the other once.
    let mut before = base.to_owned();
    for typed in ["He was at sc on Monday and left erly.", "He was at school on Monday and left erly.", right]
    {
        scene.save(&scene.robin, &before, typed);
        before = typed.to_owned();
    }
    scene.save(&scene.wren, base, right);
    level(&[&scene.robin, &scene.wren]);
    assert_eq!([scene.says(&scene.robin), scene.says(&scene.wren)], [right, right]);
}

#[test]
fn a1_what_two_wrote_alike_and_stands_twice_is_marked_and_mended_by_one_action() {
    let scene = Scene::begin("He left erly.");
    scene.save(&scene.robin, "He left erly.", "He left early.");
    // Not the same correction to the letter, so both stand; whoever reads it sees that.
    scene.save(&scene.wren, "He left erly.", "He left very early.");
    level(&[&scene.robin, &scene.wren]);
    let page = scene.page(&scene.robin);
    let stretches = page["came_in"].as_array().unwrap();
    let at = stretches.iter().position(|one| !one["came_in"].is_null()).expect("never silent");
    let take_out =
        json!({"do": "take_out_came_in", "note": scene.note, "revision": page["revision"], "stretch": at});
    let never = revision(&scene.note, "new text");
    let look = json!({"do": "look_at_note", "note": scene.note, "revision": never});
    assert!(matches!(run(&scene.robin, look), Err(Problem::RevisionUnknown)));
    let nowhere = json!({"do": "take_out_came_in", "note": scene.note, "stretch": 99,
        "revision": page["revision"]});
    assert!(matches!(run(&scene.robin, nowhere), Err(Problem::OutOfRange { .. })));
    run(&scene.robin, take_out.clone()).unwrap();
    assert_eq!(scene.says(&scene.robin), "He left early.");
    let again = run(&scene.robin, take_out);
    assert!(matches!(again, Err(Problem::NotAllowed { .. })), "it is out: {again:?}");
}

#[test]
fn a2_a_repeated_save_changes_nothing_whatever_came_between() {
    let scene = Scene::begin("We met.");
    let save = saving(&scene.note, "We met.", "We met on Friday.");
    run(&scene.robin, save.clone()).unwrap();
    run(&scene.robin, save.clone()).unwrap();
    assert_eq!(scene.says(&scene.robin), "We met on Friday.");
    // Another save of one's own, a colleague's words, an exchange, and the very words taken away again.
    scene.save(&scene.robin, "We met on Friday.", "We met on Friday at noon.");
    run(&scene.robin, save.clone()).unwrap();
    assert_eq!(scene.says(&scene.robin), "We met on Friday at noon.");
    scene.save(&scene.wren, "We met.", "We met outside.");
    level(&[&scene.robin, &scene.wren]);
    let merged = scene.says(&scene.robin);
    run(&scene.robin, save.clone()).unwrap();
    assert_eq!(scene.says(&scene.robin), merged);
    scene.save(&scene.robin, &merged, "We met.");
    for _ in 0..3 {
        run(&scene.robin, save.clone()).unwrap();
    }
    assert_eq!(scene.says(&scene.robin), "We met.");
    // Long after, it is refused, and changes nothing either.
    let mut before = "We met.".to_owned();
    for number in 0..=REVISIONS_KEPT_MAX {
        let body = format!("We met, {number}.");
        scene.save(&scene.robin, &before, &body);
        before = body;
    }
    assert!(matches!(run(&scene.robin, save), Err(Problem::RevisionUnknown)));
    assert_eq!(scene.says(&scene.robin), before);
}

#[test]
fn a2_a_save_that_changed_nothing_still_changes_nothing_later() {
    let scene = Scene::begin("We met.");
    scene.save(&scene.robin, "We met.", "We met at noon.");
    // A second screen of the same phone says the same, after which somebody takes it away.
    let save = saving(&scene.note, "We met.", "We met outside at noon.");
    run(&scene.robin, save.clone()).unwrap();
    let says = scene.says(&scene.robin);
    scene.save(&scene.robin, &says, "We met.");
    run(&scene.robin, save).unwrap();
    assert_eq!(scene.says(&scene.robin), "We met.");
}

#[test]
fn a3_a_screen_older_than_the_last_exchange_garbles_nothing_and_goes_on_from_what_it_shows() {
    let base = "Arrived at ten. He was calm. We ate. Left at noon.";
    let scene = Scene::begin(base);
    scene.save(&scene.wren, base, "Arrived at ten. He was not calm. We ate and talked. Left at noon.");
    level(&[&scene.robin, &scene.wren]);
    // Robin's screen has not been drawn again; two batches are saved from it.
    let first = run(
        &scene.robin,
        saving(&scene.note, base, "Arrived at half past ten. He was calm. We ate. Left at noon."),
    );
    let shown = first.unwrap().revision.unwrap();
    let second = json!({"do": "save_draft", "note": scene.note, "revision": shown,
        "body": "Arrived at half past ten. He was calm. We ate. Left at one."});
    run(&scene.robin, second).unwrap();
    let right = "Arrived at half past ten. He was not calm. We ate and talked. Left at one.";
    assert_eq!(scene.says(&scene.robin), right);
    level(&[&scene.robin, &scene.wren]);
    assert_eq!(scene.says(&scene.wren), right);
}

#[test]
fn a3_a_signature_covers_letter_for_letter_what_was_on_the_screen_or_is_refused() {
    let base = "He did hit his brother.";
    let scene = Scene::begin(base);
    scene.save(&scene.wren, base, "He did not hit his brother.");
    level(&[&scene.robin, &scene.wren]);
    // Signed from a screen that has not been drawn again, with and without words of its own.
    for body in [base, "He did hit his brother. We met again."] {
        let sign = json!({"do": "sign_note", "note": scene.note, "revision": revision(&scene.note, base), "body": body});
        assert!(matches!(run(&scene.robin, sign), Err(Problem::TextDiffers)));
        assert_eq!(scene.page(&scene.robin)["signed"], Value::Null);
        // Both can be read, and where they differ.
        let both = page(&scene.robin, json!({"page": "note_compared", "note": scene.note, "body": body}));
        let text = |on: &str| -> String {
            let stretches = both["stretches"].as_array().unwrap();
            let there = stretches.iter().filter(|one| one["on"] == "both" || one["on"] == on);
            there.map(|one| one["words"].as_str().unwrap()).collect()
        };
        assert_eq!((text("note").as_str(), text("screen").as_str()), ("He did not hit his brother.", body));
        assert_eq!(both["revision"], scene.page(&scene.robin)["revision"]);
    }
    // What the page says now is signed, blanks and all.
    let body = "He did not hit his brother. \n";
    let now = scene.page(&scene.robin)["revision"].clone();
    run(&scene.robin, json!({"do": "sign_note", "note": scene.note, "revision": now, "body": body})).unwrap();
    let page = scene.page(&scene.robin);
    assert_eq!((page["body"].as_str(), page["written_meanwhile"].as_str()), (Some(body), None));
    assert_eq!(page["signed"]["by"], "robin");
}

#[test]
fn a3_a_signature_under_an_empty_screen_is_refused() {
    let scene = Scene::begin("");
    for body in ["", " \n", "\u{200b}\u{feff}"] {
        let sign = json!({"do": "sign_note", "note": scene.note, "revision": revision(&scene.note, ""), "body": body});
        let refused = run(&scene.robin, sign);
        assert!(matches!(&refused, Err(Problem::Empty { field }) if field == "body"), "{refused:?}");
    }
    // Also where the note says something that the screen does not.
    scene.save(&scene.robin, "", "We met.");
    let sign =
        json!({"do": "sign_note", "note": scene.note, "revision": revision(&scene.note, ""), "body": ""});
    assert!(matches!(run(&scene.robin, sign), Err(Problem::Empty { .. })));
    assert_eq!(scene.page(&scene.robin)["signed"], Value::Null);
}

#[test]
fn a4_a_base_that_never_stood_and_one_of_another_note_are_refused_and_say_what_to_do() {
    let scene = Scene::begin("We met.");
    let other = make(&scene.robin, json!({"do": "begin_note", "case": scene.case, "body": "Another day."}));
    let never = revision(&scene.note, "new text");
    let others = revision(&other, "Another day.");
    for (shown, problem) in [(&never, "revision_unknown"), (&others, "revision_of_another")] {
        for what in ["save_draft", "sign_note"] {
            let command = json!({"do": what, "note": scene.note, "revision": shown, "body": "new text 2"});
            let refused = run(&scene.robin, command).unwrap_err();
            assert_eq!(refused.name(), problem);
            assert!(refused.next_step().to_lowercase().contains("open"), "{}", refused.next_step());
        }
    }
    assert_eq!(scene.says(&scene.robin), "We met.");
    // What was trusted before is no part of the contract any more.
    let trusted = json!({"do": "save_draft", "note": scene.note, "before": "new text", "body": "new text 2"});
    assert!(serde_json::from_value::<fieldfare_core::contract::Command>(trusted).is_err());
}

#[test]
fn a4_every_text_that_a_page_gave_is_known_also_after_the_app_was_started_again() {
    let scene = Scene::begin("We met.");
    let Scene { _service, robin, wren, case, note } = scene;
    run(&robin, saving(&note, "We met.", "We met at noon.")).unwrap();
    drop(robin);
    let home = _service.home("robin");
    let clock = std::sync::Arc::new(fieldfare_core::ports::SystemClock);
    let robin = Fieldfare::unlock(&home, tests::phone::ports(&home, clock), tests::phone::PIN).unwrap();
    run(&robin, saving(&note, "We met.", "We met outside.")).unwrap();
    let scene = Scene { _service, robin, wren, case, note };
    assert_eq!(scene.says(&scene.robin), "We met at noon outside.");
    level(&[&scene.robin, &scene.wren]);
    assert_eq!(scene.says(&scene.wren), "We met at noon outside.");
}

#[test]
fn a3_what_a_merge_brought_in_is_shown_by_whom_until_somebody_has_looked_here() {
    let base = "He did hit him. We ate.";
    let scene = Scene::begin(base);
    // To whoever has neither typed nor looked, all of it is new.
    assert_eq!(scene.came_in(&scene.wren), []);
    scene.save(&scene.wren, base, "He did not hit him. We talked.");
    scene.save(&scene.robin, base, "On Monday he did hit him. We ate.");
    level(&[&scene.robin, &scene.wren]);
    let of_wren = |words: &str, gone: &str| (words.to_owned(), "wren".to_owned(), gone.to_owned());
    assert_eq!(scene.came_in(&scene.robin), [of_wren("not ", ""), of_wren("talked", "ate")]);
    let of_robin = ("On Monday he".to_owned(), "robin".to_owned(), "He".to_owned());
    assert_eq!(scene.came_in(&scene.wren), [of_robin]);
    // One's own typing leaves it marked, and so does a restart; what comes after a look is new again.
    let shown = scene.page(&scene.robin);
    let says = scene.says(&scene.robin);
    scene.save(&scene.robin, &says, &format!("{says} Left."));
    assert_eq!(scene.came_in(&scene.robin), [of_wren("not ", ""), of_wren("talked", "ate")]);
    let says = scene.says(&scene.wren);
    scene.save(&scene.wren, &says, &says.replace("him", "her"));
    level(&[&scene.robin, &scene.wren]);
    let look = |revision: &Value| json!({"do": "look_at_note", "note": scene.note, "revision": revision});
    let done = run(&scene.robin, look(&shown["revision"])).unwrap();
    assert!(serde_json::to_string(&done.topics).unwrap().contains(&scene.note), "{:?}", done.topics);
    assert_eq!(scene.came_in(&scene.robin), [of_wren("her", "him")]);
    run(&scene.robin, look(&scene.page(&scene.robin)["revision"])).unwrap();
    assert_eq!(scene.came_in(&scene.robin), []);
    let why_not = |page: &Value| {
        let actions = page["actions"].as_array().unwrap().clone();
        actions.into_iter().find(|one| one["command"] == "look_at_note").unwrap()["why_not"].clone()
    };
    assert_eq!(why_not(&scene.page(&scene.robin)), "note.looked_at");
    // Looking is this device's own: nothing of it travels, and the other one still has what it has not looked at.
    level(&[&scene.robin, &scene.wren]);
    assert!(!scene.came_in(&scene.wren).is_empty());
}

#[test]
fn p18_an_excerpt_of_a_note_signed_while_somebody_typed_shows_signed_words_alone() {
    let base = "He was calm at school.";
    let scene = Scene::begin(base);
    run(&scene.robin, signing(&scene.note, base)).unwrap();
    screen::save(&scene.wren, &scene.note, "He was calm at school, he hit somebody.").unwrap();
    level(&[&scene.robin, &scene.wren]);
    for app in [&scene.robin, &scene.wren] {
        let shown = scene.page(app);
        assert_eq!(shown["written_meanwhile"], "He was calm at school, he hit somebody.");
        let timeline = page(app, json!({"page": "timeline", "case": scene.case}));
        assert_eq!(timeline["moments"][0]["words"], base);
        let case = page(app, json!({"page": "case", "case": scene.case}));
        assert_eq!(case["notes"][0]["excerpt"], base);
        let found = |words: &str| page(app, json!({"page": "search", "words": words}))["found"][0].clone();
        assert_eq!((&found("calm")["excerpt"], &found("calm")["part"]), (&json!(base), &json!("text")));
        assert_eq!(found("somebody")["part"], "written_meanwhile");
    }
}
