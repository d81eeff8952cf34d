//! Bad input is refused in words that a person can act on, with exit status 2, and nothing is lost or changed by it.
//!
//! The binary on real homes; whatever was typed in vain appears in no output.

use serde_json::{Value, json};
use tests::binary::{self, Ran};
use tests::device::Device;
use tests::phone;
use tests::refusal::{House, NOBODY, SENTINEL, refused};
use tests::screen;

fn without(mut pack: Value, field: &str) -> Value {
    pack[field] = json!(" ");
    json!({"do": "add_scale_pack", "pack": pack})
}

fn pack() -> Value {
    let options: Vec<_> =
        (1..=5).map(|answer| json!({"answer": answer, "words": format!("word {answer}")})).collect();
    let items: Vec<_> = (1..=7).map(|number| format!("{SENTINEL} {number}")).collect();
    json!({"scale": "swemwbs", "language": "en-GB", "items": items, "options": options, "notice": "notice",
        "licence_reference": "T-1", "licensee": "Harbour", "licensed_on": "2026-01-05"})
}

#[test]
fn commands_that_make_no_sense_are_refused_one_by_one() {
    let house = House::new();
    let (case, note, goal) = (&house.case, &house.note, &house.goal);
    let long = |length: usize| SENTINEL.repeat(length / SENTINEL.len() + 1);
    let check_in = |scale: &str, answers: Value| {
        json!({"do": "record_check_in", "case": case, "scale": scale,
        "answers": answers, "company": [], "manner": "alone"})
    };
    let minutes =
        |minutes: i64| json!({"do": "describe_note", "note": note, "minutes": minutes, "agreed": SENTINEL});
    let bad = [
        (json!({"do": "set_risk", "case": NOBODY, "level": "low"}), "no_such"),
        (json!({"do": "begin_note", "case": NOBODY, "body": SENTINEL}), "no_such"),
        (json!({"do": "save_draft", "note": NOBODY, "revision": NOBODY, "body": SENTINEL}), "no_such"),
        (json!({"do": "describe_goal", "goal": NOBODY, "words": SENTINEL}), "no_such"),
        (json!({"do": "finish_step", "step": NOBODY}), "no_such"),
        (json!({"do": "add_mentor", "case": case, "mentor": NOBODY}), "no_such"),
        (json!({"do": "describe_young_person", "young_person": NOBODY, "name": SENTINEL}), "no_such"),
        (json!({"do": "decide", "record": NOBODY, "field": "risk", "value_id": SENTINEL}), "no_such"),
        (json!({"do": "decide", "record": case, "field": "risk", "value_id": SENTINEL}), "not_allowed"),
        // A note is not a case, though both are names of records.
        (json!({"do": "set_risk", "case": note, "level": "low"}), "no_such"),
        (json!({"do": "save_draft", "note": goal, "revision": NOBODY, "body": SENTINEL}), "no_such"),
        (minutes(0), "out_of_range"),
        (minutes(481), "out_of_range"),
        (minutes(-1), "out_of_range"),
        (json!({"do": "describe_note", "note": note, "began_at_ms": 1}), "out_of_range"),
        (check_in("ons4", json!([11, 5, 5])), "answer_outside_scale"),
        (check_in("ons4", json!([5, 5])), "wrong_number_of_answers"),
        (check_in("ons4", json!([5, 5, 5, 5, 5])), "wrong_number_of_answers"),
        (check_in("swemwbs", json!([3, 3, 3, 3, 3, 3, 3])), "scale_without_pack"),
        (check_in(SENTINEL, json!([3])), "no_such"),
        (json!({"do": "add_scale_pack", "pack": pack()}), "not_allowed"),
        (json!({"do": "begin_note", "case": case, "body": long(40_000)}), "too_long"),
        (json!({"do": "describe_note", "note": note, "add_tags": [long(40)]}), "too_long"),
        (json!({"do": "describe_note", "note": note, "agreed": long(4_000)}), "too_long"),
        (json!({"do": "set_goal", "case": case, "words": long(1_000)}), "too_long"),
        (json!({"do": "raise_concern", "case": case, "about": "other", "words": long(2_000)}), "too_long"),
        (json!({"do": "open_case", "name": long(120), "cohort": "prevent"}), "too_long"),
        (json!({"do": "open_case", "name": " \t", "cohort": "prevent"}), "empty"),
        (json!({"do": "set_goal", "case": case, "words": "\n"}), "empty"),
        (json!({"do": "raise_concern", "case": case, "about": "other", "words": ""}), "empty"),
        (json!({"do": "describe_note", "note": note, "add_tags": ["fine", " "]}), "empty"),
        (json!({"do": "add_step", "goal": goal, "words": ""}), "empty"),
        (
            json!({"do": "open_case", "name": SENTINEL, "cohort": "prevent", "born_on": "2026-02-30"}),
            "bad_date",
        ),
        (
            json!({"do": "open_case", "name": SENTINEL, "cohort": "prevent", "born_on": "2190-01-01"}),
            "bad_date",
        ),
        (json!({"do": "set_goal", "case": case, "words": SENTINEL, "review_on": "31/12/2026"}), "bad_date"),
        (json!({"do": "set_goal", "case": case, "words": SENTINEL, "review_on": SENTINEL}), "bad_date"),
        (json!({"do": "reopen_goal", "goal": goal}), "not_allowed"),
        (json!({"do": "add_addendum", "note": note, "words": SENTINEL}), "not_allowed"),
        (json!({"do": SENTINEL}), "malformed"),
        (json!({"do": "set_risk", "case": case, "level": SENTINEL}), "malformed"),
        (json!({"do": "set_risk", "case": SENTINEL, "level": "low"}), "malformed"),
        (
            json!({"do": "save_draft", "note": note, "revision": NOBODY, "body": SENTINEL, "words": SENTINEL}),
            "malformed",
        ),
        (json!({"do": "save_draft", "note": note}), "malformed"),
        (json!({"do": "save_draft", "note": note, "body": SENTINEL, "before": SENTINEL}), "malformed"),
        (json!({"do": "save_draft", "note": note, "revision": SENTINEL, "body": SENTINEL}), "malformed"),
        (screen::saving(note, SENTINEL, SENTINEL), "revision_unknown"),
        (screen::signing(note, SENTINEL), "revision_unknown"),
        (
            json!({"do": "save_draft", "note": note, "revision": NOBODY, "body": SENTINEL}),
            "revision_of_another",
        ),
        (
            json!({"do": "sign_note", "note": note, "revision": NOBODY, "body": SENTINEL}),
            "revision_of_another",
        ),
        (json!({"do": "look_at_note", "note": note, "revision": NOBODY}), "not_allowed"),
        (json!([SENTINEL]), "malformed"),
        (json!({"do": "import_services", "table": SENTINEL}), "table_not_accepted"),
        (json!({"do": "import_services", "table": ""}), "table_not_accepted"),
        (
            json!({"do": "import_services", "table": format!("name,name,offers\n{SENTINEL},a,b")}),
            "table_not_accepted",
        ),
    ];
    let commands: Vec<_> = bad.iter().map(|(command, _)| command.clone()).collect();
    let ran = house.unchanged(|robin| robin.run_all(&commands));
    assert_eq!((ran.status, ran.lines.len()), (2, bad.len()), "{}", ran.raw);
    for ((command, problem), line) in bad.iter().zip(&ran.lines) {
        let told = format!("{command}");
        assert_eq!(line["problem"], *problem, "{}: {line}", told.get(..200).unwrap_or(&told));
        refused(&Ran { status: 2, lines: vec![line.clone()], raw: line.to_string() }, problem);
    }
    // By itself each ends the process with status 2 as well.
    refused(&house.unchanged(|robin| robin.run(&commands[11])), "out_of_range");
}

#[test]
fn packs_without_their_licence_are_refused_and_say_what_is_missing() {
    let house = House::new();
    let app = &house.service.administrator;
    for (field, says) in [
        ("notice", "the copyright notice is empty"),
        ("licence_reference", "the licence reference is empty"),
        ("licensee", "the licensee is empty"),
    ] {
        let problem = phone::run(app, without(pack(), field)).unwrap_err();
        let told = problem.to_string();
        assert!(told.contains(says), "{told}");
        assert!(!told.contains(SENTINEL), "{told}");
        assert_eq!(problem.next_step(), "Correct the pack and add it again.");
    }
    let mut short = pack();
    short["items"].as_array_mut().unwrap().pop();
    let told = phone::run(app, json!({"do": "add_scale_pack", "pack": short})).unwrap_err().to_string();
    assert!(told.contains("6 items") && told.contains("7"), "{told}");
    let scales = phone::page(app, json!({"page": "scales"}));
    let swemwbs = scales["scales"].as_array().unwrap().iter().find(|row| row["scale"] == "swemwbs").unwrap();
    assert!(swemwbs["start"]["why_not"].is_string(), "{scales}");
    phone::run(app, json!({"do": "add_scale_pack", "pack": pack()})).unwrap();
}

#[test]
fn senseless_rows_of_a_table_are_named_and_the_others_come_in() {
    let house = House::new();
    let header = "name,offers,ages_as_published,areas_as_published,contact_as_published,checked_on";
    let table = format!(
        "{header}\nHarbour Boxing,boxing,11-17,Maidstone,020 7946 0001,2025-03-01\n\
         ,nothing,11-17,Maidstone,020 7946 0002,2025-03-01\n\
         Late Club,games,11-17,Maidstone,020 7946 0003,2199-01-01\n\
         Pier Swimming,swimming,11-17,Maidstone,020 7946 0004,2025-03-01\n"
    );
    let ran = house.robin.run(&json!({"do": "import_services", "table": table}));
    let report = &ran.done()["import"];
    assert_eq!((&report["added"], &report["updated"]), (&json!(2), &json!(0)), "{report}");
    let rows: Vec<_> = report["refused"].as_array().unwrap().iter().map(|row| &row["row"]).collect();
    assert_eq!(rows, [3, 4], "{report}");
    assert!(report["refused"].as_array().unwrap().iter().all(|row| row["why"] != ""), "{report}");
    let page = house.robin.page("services", &json!({}));
    assert_eq!(page["services"].as_array().unwrap().len(), 2, "{page}");
    let again = house.robin.run(&json!({"do": "import_services", "table": table}));
    assert_eq!(again.done()["import"]["unchanged"], 2, "{}", again.raw);
}

#[test]
fn what_is_no_json_no_text_or_no_page_is_refused() {
    let house = House::new();
    let whole = screen::saving(&house.note, SENTINEL, SENTINEL).to_string();
    for text in ["", "{", SENTINEL, &whole[..whole.len() - 3], &format!("{whole}{whole}"), "\u{0}", "null"] {
        if text == "\u{0}" {
            continue; // No argument can hold it; the line below can.
        }
        refused(&house.unchanged(|robin| robin.act("run", &[text])), "malformed");
    }
    for bytes in
        [b"\xff\xfe{\"do\"".as_slice(), b"\0\0\0", &vec![b'['; 5 * 1024 * 1024], &vec![b'x'; 5 * 1024 * 1024]]
    {
        let ran = house.unchanged(|robin| binary::finish(&mut robin.command("run", &["-"]), bytes));
        refused(&ran, "malformed");
    }
    // A line that makes no sense does not take the next one with it.
    let lines =
        format!("{SENTINEL}\n\n{{\"do\":\"set_risk\",\"case\":\"{}\",\"level\":\"high\"}}\n", house.case);
    let ran = binary::finish(&mut house.robin.command("run", &["-"]), lines.as_bytes());
    assert_eq!(
        (ran.status, &ran.lines[0]["problem"], &ran.lines[1]["did"]),
        (2, &json!("malformed"), &json!("set_risk"))
    );
    for (name, arguments, problem) in [
        (SENTINEL, json!({}), "malformed"),
        ("today", json!({"day": SENTINEL}), "malformed"),
        ("case", json!({}), "malformed"),
        ("case", json!({"case": SENTINEL}), "malformed"),
        ("case", json!([SENTINEL]), "malformed"),
        ("case", json!({"case": NOBODY}), "no_such"),
        ("note", json!({"note": house.goal}), "no_such"),
        ("goal", json!({"goal": NOBODY}), "no_such"),
        ("young_person", json!({"young_person": NOBODY}), "no_such"),
        ("mentor", json!({"person": NOBODY}), "no_such"),
        ("timeline", json!({"case": house.case, "limit": 0}), "out_of_range"),
        ("timeline", json!({"case": house.case, "limit": 201}), "out_of_range"),
        ("check_ins", json!({"case": house.case, "scale": SENTINEL}), "no_such"),
    ] {
        refused(&house.unchanged(|robin| robin.ask(name, &arguments)), problem);
    }
}

#[test]
fn a_wrong_pin_counts_and_the_right_one_still_opens() {
    let house = House::new();
    let wrong = Device { pin: "918273".to_owned(), ..house.robin.clone() };
    let ran = wrong.ask("today", &json!({}));
    refused(&ran, "wrong_pin");
    assert_eq!(ran.line()["tries_left"], 9);
    refused(&wrong.ask("today", &json!({})), "wrong_pin");
    assert_eq!(house.robin.page("note", &json!({"note": house.note}))["body"], "a first note");
    assert_eq!(wrong.ask("today", &json!({})).line()["tries_left"], 9, "the right PIN gives all tries back");
    for pin in ["", "12345", "1234567890123", SENTINEL, "83726１"] {
        refused(
            &Device { pin: pin.to_owned(), ..house.robin.clone() }.ask("today", &json!({})),
            "pin_not_accepted",
        );
    }
}

#[test]
fn a_pin_that_anybody_would_try_first_founds_and_joins_nothing() {
    let house = House::new();
    let invitation =
        house.service.administrator.invite("Wren", fieldfare_core::contract::StaffRole::Mentor).unwrap();
    for pin in ["123456", "777777", "210984", "12345", "abcdef"] {
        let home = house.service.home("weak");
        let device = Device { pin: pin.to_owned(), ..Device::at(&home) };
        let recovery = house.service.home("weak-recovery");
        refused(&device.found("Harbour", "http://127.0.0.1:9", &recovery), "pin_not_accepted");
        refused(&device.join(&invitation), "pin_not_accepted");
        assert!(!home.exists() && !recovery.exists(), "{pin} left something behind");
    }
    assert_eq!(Device::at(&house.service.home("wren")).join(&invitation).done()["joined"], true);
}
