//! What a young person sees and does, and what becomes of it.

use fieldfare_core::app::{Fieldfare, HANDOVER_MS_MAX, Handover};
use fieldfare_core::contract::{HandOver, HandoverPlace, Problem};
use serde_json::{Value, json};
use tests::phone::{page, run};

use tests::handover::{BEGINS_MS, Scene, answers, answers_first, does, pack, step};

#[test]
fn a_check_in_goes_from_the_first_page_to_the_mentors_chart() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    let first = handed.drawn().unwrap();
    assert_eq!(first.place, HandoverPlace::Welcome);
    let page = does(&handed, json!({"step": "next"}));
    assert_eq!(page.progress.unwrap().words, "1 of 7");
    assert_eq!(page.question.as_deref(), Some("made-up sentence 1"));
    assert_eq!((page.notice.as_str(), page.options.len()), ("© Made-up owner", 5));
    for number in 2..=7 {
        assert_eq!(answers(&handed, 4).progress.unwrap().question, number);
    }
    assert_eq!(answers(&handed, 4).place, HandoverPlace::Last);
    let end = does(&handed, json!({"step": "finish"}));
    let words: Vec<_> = end.says.iter().map(|sentence| sentence.words.as_str()).collect();
    assert_eq!(words, ["Thank you.", "Please give the phone back."]);
    assert!(end.actions.is_empty());

    let app = scene.unlock();
    let rows = scene.check_ins(&app);
    assert_eq!((rows.len(), &rows[0]["raw"], &rows[0]["answered"]), (1, &json!(28), &json!(7)));
    assert_eq!((&rows[0]["company"], &rows[0]["manner"]), (&json!(["mentor"]), &json!("read_aloud")));
    assert!(rows[0]["taken_on"].is_string(), "{rows:?}");
    assert_eq!(scene.aside(&app), [""; 0]);
    assert_eq!(scene.try_again().err(), Some(Problem::NotHandedOver));
    assert_eq!(handed.drawn().err(), Some(Problem::NotHandedOver));
    assert_eq!(handed.step(&step(json!({"step": "next"}))).err(), Some(Problem::StoreBusy));
}

#[test]
fn the_latest_answer_counts_and_a_skipped_one_is_none() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    answers_first(&handed, 7, 2);
    // Back to the sixth, which is answered anew; the seventh is looked at and left as it was.
    does(&handed, json!({"step": "back"}));
    does(&handed, json!({"step": "back"}));
    let seventh = answers(&handed, 5);
    assert_eq!(seventh.says[0].key, "handover.seen");
    does(&handed, json!({"step": "next"}));
    does(&handed, json!({"step": "finish"}));
    let app = scene.unlock();
    assert_eq!(scene.check_ins(&app)[0]["raw"], 6 * 2 + 5);

    let handed = app.hand_over(&scene.start()).map_err(|refused| refused.problem).unwrap();
    answers_first(&handed, 7, 2);
    does(&handed, json!({"step": "back"}));
    does(&handed, json!({"step": "skip"}));
    let rows = scene.check_ins(&scene.unlock());
    assert_eq!((&rows[1]["answered"], &rows[1]["raw"]), (&json!(6), &Value::Null));
}

#[test]
fn whoever_stops_early_has_said_what_they_said_and_whoever_says_nothing_leaves_no_check_in() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    answers_first(&handed, 2, 3);
    assert_eq!(does(&handed, json!({"step": "finish"})).place, HandoverPlace::Last);
    assert_eq!(does(&handed, json!({"step": "finish"})).place, HandoverPlace::Finished);
    let app = scene.unlock();
    assert_eq!(scene.check_ins(&app)[0]["answered"], 2);
    let handed = app.hand_over(&scene.start()).map_err(|refused| refused.problem).unwrap();
    does(&handed, json!({"step": "finish"}));
    does(&handed, json!({"step": "finish"}));
    assert_eq!(scene.check_ins(&scene.unlock()).len(), 1);
}

#[test]
fn a_second_tap_on_a_page_that_is_gone_answers_nothing() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    does(&handed, json!({"step": "next", "at": 0}));
    for _ in 0..2 {
        let page = does(&handed, json!({"step": "answer", "answer": 1, "at": 1}));
        assert_eq!(page.at, 2);
    }
    assert_eq!(scene.check_ins(&scene.unlock())[0]["answered"], 1);
}

#[test]
fn steps_that_a_page_does_not_offer_are_refused_and_change_nothing() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    for refused in [json!({"step": "back"}), json!({"step": "skip"}), json!({"step": "answer", "answer": 1})]
    {
        let problem = handed.step(&step(refused)).unwrap_err();
        assert!(matches!(problem, Problem::NotAllowed { .. }), "{problem:?}");
    }
    does(&handed, json!({"step": "next"}));
    for answer in [0, 6, 255] {
        let refused = handed.step(&step(json!({"step": "answer", "answer": answer})));
        assert_eq!(refused.err(), Some(Problem::AnswerOutsideScale { item: 1, least: 1, most: 5 }));
    }
    assert!(handed.step(&step(json!({"step": "next"}))).is_err(), "a question was passed without a word");
    assert_eq!(handed.drawn().unwrap().at, 1);
}

#[test]
fn after_its_time_a_page_says_calmly_to_give_the_phone_back_and_nothing_is_lost() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    answers_first(&handed, 3, 3);
    scene.clock.set(BEGINS_MS + HANDOVER_MS_MAX + 60_000);
    let page = answers(&handed, 3);
    assert_eq!((page.place, page.actions.len()), (HandoverPlace::Over, 0));
    assert_eq!(page.says[1].words, "Please give the phone back.");
    let app = scene.unlock();
    assert_eq!(scene.check_ins(&app)[0]["answered"], 3);
    assert_eq!(scene.aside(&app), [""; 0]);
}

#[test]
fn no_more_steps_are_taken_than_a_box_holds_and_the_phone_can_be_given_back() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    answers_first(&handed, 1, 3);
    let refused = (0..600).find_map(|number| {
        let way = if number % 2 == 0 { "back" } else { "next" };
        handed.step(&step(json!({"step": way}))).err()
    });
    assert!(matches!(refused, Some(Problem::NotAllowed { .. })), "{refused:?}");
    assert_eq!(scene.check_ins(&scene.unlock())[0]["answered"], 1);
}

#[test]
fn a_licensed_scale_is_not_handed_over_without_its_pack_and_the_home_stays_open() {
    let scene = Scene::without_pack("2014-09-01");
    let app = scene.unlock();
    let refused = |start: &HandOver, app| {
        let Err(refused) = fieldfare_core::app::Fieldfare::hand_over(app, start) else { panic!("it began") };
        (refused.problem, refused.app)
    };
    let (problem, app) = refused(&scene.start(), app);
    assert_eq!(problem, Problem::ScaleWithoutPack);
    let mut unlicensed = pack();
    unlicensed["licence_reference"] = json!(" ");
    run(&scene.service.administrator, json!({"do": "add_scale_pack", "pack": unlicensed})).unwrap_err();
    let (problem, app) = refused(&HandOver { scale: "phq9".to_owned(), ..scene.start() }, app);
    assert!(matches!(problem, Problem::NoSuch { .. }), "{problem:?}");
    let nobody = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let (problem, app) = refused(&HandOver { case: nobody, ..scene.start() }, app);
    assert!(matches!(problem, Problem::NoSuch { .. }), "{problem:?}");
    let form = page(&app, json!({"page": "check_in_form", "case": scene.case, "scale": "swemwbs"}));
    assert_eq!(
        (&form["hand_over"]["why_not"], &form["age_remark"]),
        (&json!("scale.no_pack"), &json!("age.under_13"))
    );
    assert!(!scene.home.join("handover").exists());
}

#[test]
fn open_wording_is_handed_over_as_a_child_is_asked_it() {
    let scene = Scene::without_pack("2012-05-01");
    let start: HandOver =
        serde_json::from_value(json!({"case": scene.case, "scale": "ons4", "manner": "alone"})).unwrap();
    let handed: Handover = scene.unlock().hand_over(&start).map_err(|refused| refused.problem).unwrap();
    let first = handed.drawn().unwrap();
    assert!(first.introduction.contains("three questions") && first.notice.contains("National Statistics"));
    does(&handed, json!({"step": "next"}));
    for answer in [0, 10, 7] {
        answers(&handed, answer);
    }
    assert_eq!(handed.drawn().unwrap().place, HandoverPlace::Last);
    let app = scene.unlock();
    let check_ins = page(&app, json!({"page": "check_ins", "case": scene.case, "scale": "ons4"}));
    assert_eq!(
        (check_ins["rows"].as_array().unwrap().len(), &check_ins["rows"][0]["answered"]),
        (1, &json!(3))
    );
}

#[test]
fn when_phones_lock_by_themselves_is_the_organisations_and_the_same_while_handed_over() {
    let scene = Scene::new();
    let administrator = &scene.service.administrator;
    let shown = |app: &Fieldfare| page(app, json!({"page": "today"}))["auto_lock"].clone();
    assert_eq!(shown(administrator), json!({"background_s": 60, "untouched_s": 180}));
    let set = |background_s: u32, untouched_s: u32| {
        run(
            administrator,
            json!({"do": "set_auto_lock", "background_s": background_s, "untouched_s": untouched_s}),
        )
    };
    for (background_s, untouched_s) in [(301, 180), (60, 29), (60, 901)] {
        assert!(matches!(set(background_s, untouched_s), Err(Problem::OutOfRange { .. })));
    }
    assert_eq!(shown(administrator), json!({"background_s": 60, "untouched_s": 180}));
    set(0, 45).unwrap();
    administrator.exchange(|_| ()).unwrap();
    let app = scene.unlock();
    app.exchange(|_| ()).unwrap();
    assert_eq!(shown(&app), json!({"background_s": 0, "untouched_s": 45}));
    let refused = run(&app, json!({"do": "set_auto_lock", "background_s": 300, "untouched_s": 900}));
    assert!(matches!(refused, Err(Problem::NotAllowed { .. })));
    let handed = app.hand_over(&scene.start()).map_err(|refused| refused.problem).unwrap();
    assert_eq!(serde_json::to_value(handed.drawn().unwrap().auto_lock).unwrap(), shown(&scene.unlock()));
}
