//! What was done on a phone, as somebody finds it who has to look: whole, without content, and broken where it was touched.
//!
//! Real homes; the endpoint is in this process.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use serde_json::{Value, json};
use tests::near::Near;
use tests::opened::database;
use tests::phone::{PIN, make, page, run};
use tests::screen;

fn audit(app: &Fieldfare) -> Value {
    page(app, json!({"page": "audit", "limit": 200}))
}

fn whats(page: &Value) -> Vec<&str> {
    page["lines"].as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect()
}

fn house() -> (Near, Fieldfare, String, String) {
    let near = Near::found();
    let wren = near.join("wren", StaffRole::Supervisor);
    let case = make(&wren, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
    let note = make(&wren, json!({"do": "begin_note", "case": case, "body": "We met."}));
    (near, wren, case, note)
}

#[test]
fn r30_reading_writing_unlocking_and_failing_leave_lines_and_no_content() {
    let (near, wren, case, note) = house();
    let read_note = json!({"page": "note", "note": note});
    drop(page(&wren, read_note.clone()));
    // Drawn again by itself, it is the same reading; a while later it is another.
    drop(page(&wren, read_note.clone()));
    near.clock.pass(11 * 60 * 1_000);
    drop(page(&wren, read_note));
    drop(page(&wren, json!({"page": "case", "case": case})));
    drop(page(&wren, json!({"page": "search", "words": "met"})));
    wren.lock();
    for wrong in ["620573", "620574"] {
        let refused = Fieldfare::unlock(&near.home("wren"), near.ports("wren"), wrong);
        assert!(matches!(refused.err(), Some(Problem::WrongPin { .. })));
    }
    let wren = near.open("wren");
    wren.change_pin(PIN, "620573").unwrap();
    let page = audit(&wren);
    let newest = &whats(&page)[..9];
    assert_eq!(
        newest,
        [
            "change_pin",
            "unlock",
            "failed_tries",
            "search",
            "read_case",
            "read_note",
            "read_note",
            "begin_note",
            "open_case"
        ]
    );
    assert_eq!(page["lines"][2]["number"], 2);
    assert_eq!((&page["lines"][6]["record"], &page["lines"][4]["record"]), (&json!(note), &json!(case)));
    assert_eq!((&page["broken_at"], &page["lines"][0]["by"]), (&Value::Null, &json!("wren")));
    let text = page.to_string();
    assert!(!text.contains("We met") && !text.contains("Ash"), "{text}");
}

#[test]
fn r30_lines_are_found_by_name_and_record_and_page_by_page() {
    let (_near, wren, case, note) = house();
    let all = audit(&wren);
    let (mut seen, mut before) = (Vec::new(), Value::Null);
    loop {
        let part = page(&wren, json!({"page": "audit", "limit": 2, "before": before}));
        seen.extend(whats(&part).into_iter().map(str::to_owned));
        before = part["next_before"].clone();
        if before.is_null() {
            break;
        }
    }
    // Looking at the list is a reading, too, and stands at its head by now.
    assert_eq!(seen.split_off(1), whats(&all));
    let of = |ask: Value| page(&wren, ask)["lines"].as_array().unwrap().len();
    assert_eq!(of(json!({"page": "audit", "what": "begin_note"})), 1);
    assert_eq!(of(json!({"page": "audit", "record": note})), 1);
    assert_eq!(of(json!({"page": "audit", "record": case, "what": "begin_note"})), 0);
}

#[test]
fn r30_looking_at_a_note_leaves_one_line() {
    let (_near, wren, _case, note) = house();
    let readings = || whats(&audit(&wren)).into_iter().filter(|what| *what == "read_note").count();
    assert_eq!(readings(), 0);
    drop(page(&wren, json!({"page": "note", "note": note})));
    assert_eq!(readings(), 1);
}

#[test]
fn r26_a_list_that_somebody_touched_is_an_alarm_at_the_next_opening_and_nothing_is_lost() {
    for touch in [
        "UPDATE audit SET what = 'exchange' WHERE what = 'begin_note'",
        "DELETE FROM audit WHERE what = 'begin_note'",
        "DELETE FROM audit WHERE no = (SELECT max(no) FROM audit)",
        "DELETE FROM audit_head",
    ] {
        let (near, wren, case, note) = house();
        wren.lock();
        database(&near.home("wren")).execute_batch(touch).unwrap();
        // Lines that are missing make the store look turned back as well.
        let alarmed = |app: &Fieldfare| {
            let page = page(app, json!({"page": "exchange"}));
            page["alarms"].as_array().unwrap().iter().any(|alarm| alarm["what"] == "audit_broken")
        };
        let wren = near.open("wren");
        assert!(alarmed(&wren), "{touch}");
        assert!(audit(&wren)["broken_at"].is_u64(), "{touch}");
        // Work goes on, and what was written is there.
        assert_eq!(page(&wren, json!({"page": "note", "note": note}))["body"], "We met.");
        run(&wren, json!({"do": "set_risk", "case": case, "level": "high"})).unwrap();
        wren.exchange(|_| ()).unwrap();
    }
}

#[test]
fn r30_it_stays_whole_through_exchanges_in_both_directions() {
    let (near, wren, case, note) = house();
    let lark = near.join("lark", StaffRole::Safeguarding);
    for _ in 0..2 {
        wren.exchange(|_| ()).unwrap();
        lark.exchange(|_| ()).unwrap();
    }
    screen::save(&lark, &note, "We met. It rained.").unwrap();
    run(&wren, json!({"do": "set_risk", "case": case, "level": "high"})).unwrap();
    for app in [&lark, &wren, &lark] {
        app.exchange(|_| ()).unwrap();
    }
    for app in [&lark, &wren] {
        let page = audit(app);
        assert!(page["broken_at"].is_null() && whats(&page).contains(&"receive"));
    }
}

#[test]
fn p08_the_audit_names_whom_or_what_an_administrator_and_a_supervisor_changed() {
    let (near, wren, case, _) = house();
    let lead = near.join("lead", StaffRole::Safeguarding);
    let person = |app: &Fieldfare| page(app, json!({"page": "mentor"}))["person"].clone();
    let (of_wren, of_lead) = (person(&wren), person(&lead));
    near.administrator.exchange(|_| ()).unwrap();
    let id = |person: &Value| person.as_str().unwrap().parse().unwrap();
    near.administrator.change_role(id(&of_lead), StaffRole::Supervisor).unwrap();
    wren.exchange(|_| ()).unwrap();
    wren.rotate(case.parse().unwrap()).unwrap();
    near.administrator.remove_person(id(&of_wren)).unwrap();
    let newest = |app: &Fieldfare, what: &str| {
        let found = page(app, json!({"page": "audit", "what": what, "limit": 1}))["lines"][0].clone();
        assert!(found["person"].is_string(), "{found}");
        found["record"].clone()
    };
    let administrator = &near.administrator;
    assert_eq!(newest(administrator, "invite"), of_lead);
    assert_eq!(newest(administrator, "change_role"), of_lead);
    assert_eq!(newest(administrator, "remove_device"), of_wren);
    assert_eq!(newest(&wren, "rotate_case"), json!(case));
}
