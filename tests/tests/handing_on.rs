//! People who come with a second phone, leave, and hand their cases on: on real homes and a real endpoint.

use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{CaseId, PersonId, Problem, StaffRole};
use fieldfare_core::ports::SystemClock;
use serde_json::{Value, json};
use tests::near::Near;
use tests::phone::{PIN, Service, cheap, late, level, make, page, ports, run};
use tests::screen;

/// The person who holds a device.
fn me(app: &Fieldfare) -> String {
    page(app, json!({"page": "mentor"}))["person"].as_str().unwrap().to_owned()
}

fn join(service: &Service, home: &str, invitation: &str) -> Fieldfare {
    let home = service.home(home);
    let ports = ports(&home, Arc::new(SystemClock));
    let app = Fieldfare::join(&home, ports, PIN, cheap(), invitation).unwrap();
    app.exchange(|_| ()).unwrap();
    app
}

fn timeline(app: &Fieldfare, case: &str) -> String {
    page(app, json!({"page": "timeline", "case": case})).to_string()
}

/// What stands in the case of a cast, by a digest of its vault.
fn case_digest(app: &Fieldfare) -> Vec<fieldfare_protocol::hash::Hash> {
    app.digests().unwrap().into_iter().skip(1).map(|(_, digest)| digest).collect()
}

struct Cast {
    service: Service,
    supervisor: Fieldfare,
    robin: Fieldfare,
    wren: Fieldfare,
    case: String,
}

impl Cast {
    fn new() -> Self {
        let service = Service::found();
        let supervisor = service.join("supervisor", StaffRole::Supervisor);
        let (robin, wren) =
            (service.join("robin", StaffRole::Mentor), service.join("wren", StaffRole::Mentor));
        level(&[&service.administrator, &supervisor, &robin, &wren]);
        let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "the first walk"}));
        screen::sign(&robin, &note).unwrap();
        level(&[&robin, &supervisor]);
        Self { service, supervisor, robin, wren, case }
    }

    fn transfer(&self, by: &Fieldfare) -> Result<(), Problem> {
        let (from, to) = (me(&self.robin), me(&self.wren));
        run(by, json!({"do": "transfer_case", "case": self.case, "from": from, "to": to})).map(drop)
    }

    fn page_of_case(&self, app: &Fieldfare) -> Value {
        page(app, json!({"page": "case", "case": self.case}))
    }
}

#[test]
fn r25_a_case_is_handed_on_with_its_whole_story_and_whoever_had_it_reads_no_further() {
    let cast = Cast::new();
    // An older key, so that the story spans more than one.
    cast.supervisor.rotate(cast.case.parse().unwrap()).unwrap();
    level(&[&cast.robin]);
    let goal = make(&cast.robin, json!({"do": "set_goal", "case": cast.case, "words": "back to football"}));
    let draft = make(&cast.robin, json!({"do": "begin_note", "case": cast.case, "body": "half a"}));
    level(&[&cast.robin, &cast.supervisor]);
    cast.transfer(&cast.robin).unwrap();
    level(&[&cast.robin, &cast.supervisor, &cast.wren, &cast.supervisor]);
    let after = make(&cast.wren, json!({"do": "begin_note", "case": cast.case, "body": "the second walk"}));
    level(&[&cast.wren, &cast.supervisor, &cast.wren, &cast.robin]);
    let told = timeline(&cast.wren, &cast.case);
    assert!(told.contains("the first walk") && told.contains("back to football"), "{told}");
    let names =
        |row: &Value| row.as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
    for app in [&cast.wren, &cast.supervisor] {
        let page = cast.page_of_case(app);
        assert_eq!(
            (names(&page["mentors"]), names(&page["mentors_before"])),
            (vec![json!("wren")], vec![json!("robin")])
        );
        assert!(page.to_string().contains("half a") && page.to_string().contains(&goal));
    }
    let author = page(&cast.wren, json!({"page": "note", "note": draft}))["made"]["by"].clone();
    assert_eq!(author, "robin");
    // Whoever had it keeps what they had and opens nothing that came after.
    assert!(timeline(&cast.robin, &cast.case).contains("the first walk"));
    let ask = serde_json::from_value(json!({"page": "note", "note": after})).unwrap();
    assert!(cast.robin.page(&ask).is_err());
    let caseload = page(&cast.robin, json!({"page": "caseload"}));
    assert_eq!(caseload["cases"].as_array().unwrap().len(), 0, "{caseload}");
}

#[test]
fn p01_a_day_without_signal_counts_although_the_case_was_handed_on_meanwhile() {
    let cast = Cast::new();
    level(&[&cast.robin]);
    // Robin has no signal, and works.
    let note = make(&cast.robin, json!({"do": "begin_note", "case": cast.case, "body": "he was followed"}));
    run(&cast.robin, json!({"do": "set_risk", "case": cast.case, "level": "very_high"})).unwrap();
    let words =
        json!({"do": "raise_concern", "case": cast.case, "about": "threat", "words": "followed home"});
    let concern = make(&cast.robin, words);
    // Meanwhile the case goes to Wren, under a fresh key.
    cast.transfer(&cast.supervisor).unwrap();
    level(&[&cast.supervisor, &cast.wren, &cast.supervisor]);
    level(&[&cast.robin]);
    assert_eq!(page(&cast.robin, json!({"page": "exchange"}))["unsent"], 0);
    level(&[&cast.supervisor, &cast.wren]);
    for app in [&cast.supervisor, &cast.wren] {
        let today = page(app, json!({"page": "today"}));
        assert_eq!(today["concerns"][0]["concern"], concern, "{today}");
        assert_eq!(cast.page_of_case(app)["summary"]["risk"], "very_high");
        assert_eq!(page(app, json!({"page": "note", "note": note}))["body"], "he was followed");
        assert_eq!(late(app), 0);
    }
    assert_eq!(case_digest(&cast.supervisor), case_digest(&cast.wren));
    // Robin is told, at the top of the day and on the case, and by whose name to go on.
    for told in [
        &page(&cast.robin, json!({"page": "today"}))["handed_on"][0],
        &cast.page_of_case(&cast.robin)["handed_on"],
    ] {
        assert_eq!((&told["case"], &told["to"][0]["name"]), (&json!(cast.case), &json!("wren")), "{told}");
        assert!(told["until_ms"].as_i64() > told["since_ms"].as_i64());
        assert!(told["words"].as_str().unwrap().contains("wren"));
    }
    // What they are rung up for on the next day still reaches everybody.
    let words = json!({"do": "raise_concern", "case": cast.case, "about": "threat", "words": "rang me"});
    let later = make(&cast.robin, words);
    level(&[&cast.robin, &cast.supervisor, &cast.wren]);
    for app in [&cast.supervisor, &cast.wren] {
        assert!(page(app, json!({"page": "today"}))["concerns"].to_string().contains(&later));
    }
}

#[test]
fn p01_whoever_handed_a_case_on_is_given_nothing_that_came_after() {
    let cast = Cast::new();
    level(&[&cast.robin]);
    cast.transfer(&cast.supervisor).unwrap();
    level(&[&cast.supervisor, &cast.wren, &cast.supervisor, &cast.robin]);
    let after = make(&cast.wren, json!({"do": "begin_note", "case": cast.case, "body": "for wren alone"}));
    level(&[&cast.wren, &cast.supervisor, &cast.robin, &cast.robin]);
    let ask = serde_json::from_value(json!({"page": "note", "note": after})).unwrap();
    assert!(cast.robin.page(&ask).is_err() && cast.supervisor.page(&ask).is_ok());
    assert_eq!(page(&cast.robin, json!({"page": "exchange"}))["waiting"], json!([]));
}

#[test]
fn p01_a_case_comes_back_to_whoever_had_it_on_the_same_phone() {
    let cast = Cast::new();
    level(&[&cast.robin]);
    cast.transfer(&cast.supervisor).unwrap();
    level(&[&cast.supervisor, &cast.wren, &cast.supervisor, &cast.robin]);
    let meanwhile = make(&cast.wren, json!({"do": "begin_note", "case": cast.case, "body": "wren's own"}));
    level(&[&cast.wren, &cast.supervisor]);
    let (robin, wren) = (me(&cast.robin), me(&cast.wren));
    let back = json!({"do": "transfer_case", "case": cast.case, "from": wren, "to": robin});
    run(&cast.supervisor, back).unwrap();
    level(&[&cast.supervisor, &cast.robin, &cast.wren, &cast.supervisor, &cast.robin]);
    assert_eq!(cast.page_of_case(&cast.robin)["handed_on"], Value::Null);
    assert_eq!(page(&cast.robin, json!({"page": "note", "note": meanwhile}))["body"], "wren's own");
    let again = make(&cast.robin, json!({"do": "begin_note", "case": cast.case, "body": "back again"}));
    level(&[&cast.robin, &cast.supervisor]);
    assert_eq!(page(&cast.supervisor, json!({"page": "note", "note": again}))["body"], "back again");
    assert_eq!(case_digest(&cast.supervisor), case_digest(&cast.robin));
    assert_eq!(late(&cast.supervisor), 0);
}

#[test]
fn p01_somebody_who_coordinates_ends_a_departure_and_what_comes_later_is_kept_apart() {
    let cast = Cast::new();
    level(&[&cast.robin]);
    let (case, person): (CaseId, PersonId) = (cast.case.parse().unwrap(), me(&cast.robin).parse().unwrap());
    // Nobody departs yet.
    assert!(matches!(cast.supervisor.close_departure(case, person), Err(Problem::NotAllowed { .. })));
    cast.transfer(&cast.supervisor).unwrap();
    level(&[&cast.supervisor, &cast.wren, &cast.supervisor, &cast.robin]);
    let before = make(
        &cast.robin,
        json!({"do": "raise_concern", "case": cast.case, "about": "threat", "words": "before"}),
    );
    level(&[&cast.robin]);
    // More of theirs is at the endpoint than has come here: it is fetched, and the end lies behind it.
    assert!(matches!(cast.wren.close_departure(case, person), Err(Problem::NotAllowed { .. })));
    cast.supervisor.close_departure(case, person).unwrap();
    let after = make(
        &cast.robin,
        json!({"do": "raise_concern", "case": cast.case, "about": "threat", "words": "after"}),
    );
    level(&[&cast.robin, &cast.supervisor, &cast.wren, &cast.supervisor]);
    for app in [&cast.supervisor, &cast.wren] {
        let concerns = page(app, json!({"page": "today"}))["concerns"].to_string();
        assert!(concerns.contains(&before) && !concerns.contains(&after), "{concerns}");
    }
    assert!(late(&cast.supervisor) >= 1);
    assert_eq!(case_digest(&cast.supervisor), case_digest(&cast.wren));
}

#[test]
fn nobody_hands_on_anothers_case_or_one_to_nobody() {
    let cast = Cast::new();
    assert!(matches!(cast.transfer(&cast.wren), Err(Problem::NoSuch { .. } | Problem::NotAllowed { .. })));
    let (robin, wren) = (me(&cast.robin), me(&cast.wren));
    let refused = |from: &str, to: &str| {
        let command = json!({"do": "transfer_case", "case": cast.case, "from": from, "to": to});
        matches!(run(&cast.supervisor, command), Err(Problem::NotAllowed { .. } | Problem::NoSuch { .. }))
    };
    assert!(refused(&robin, &robin) && refused(&wren, &robin) && refused(&robin, &"ab".repeat(16)));
}

#[test]
fn a_second_phone_of_the_same_person_reads_the_same_cases() {
    let cast = Cast::new();
    let person: PersonId = me(&cast.robin).parse().unwrap();
    let text = cast.service.administrator.invite_again(person).unwrap();
    let second = join(&cast.service, "robin again", &text);
    assert_eq!(me(&second), me(&cast.robin));
    level(&[&cast.supervisor, &second]);
    assert!(timeline(&second, &cast.case).contains("the first walk"));
    let staff = page(&second, json!({"page": "staff"}))["staff"].clone();
    assert_eq!(staff.as_array().unwrap().iter().filter(|row| row["name"] == "robin").count(), 1, "{staff}");
    let nobody = cast.service.administrator.invite_again(PersonId([7; 16]));
    assert!(matches!(nobody, Err(Problem::NoSuch { .. })));
    assert!(matches!(cast.wren.invite_again(person), Err(Problem::NotAllowed { .. })));
}

#[test]
fn r25_a_person_leaves_with_every_phone_and_their_cases_are_listed_to_be_handed_on() {
    let cast = Cast::new();
    let person: PersonId = me(&cast.robin).parse().unwrap();
    let text = cast.service.administrator.invite_again(person).unwrap();
    let second = join(&cast.service, "robin again", &text);
    level(&[&cast.supervisor, &second]);
    cast.service.administrator.remove_person(person).unwrap();
    level(&[&cast.supervisor]);
    for app in [&cast.robin, &second] {
        assert_eq!(app.exchange(|_| ()).unwrap_err(), Problem::DeviceRemoved);
    }
    let staff = page(&cast.supervisor, json!({"page": "staff"}));
    let to_hand_on = staff["to_hand_on"].as_array().unwrap();
    assert_eq!((to_hand_on.len(), &to_hand_on[0]["name"]), (1, &json!("robin")), "{staff}");
    assert_eq!(to_hand_on[0]["cases"][0]["case"], cast.case);
    cast.transfer(&cast.supervisor).unwrap();
    level(&[&cast.supervisor, &cast.wren]);
    let staff = page(&cast.supervisor, json!({"page": "staff"}));
    assert_eq!(staff["to_hand_on"], json!([]));
    assert!(timeline(&cast.wren, &cast.case).contains("the first walk"));
}

/// A case that robin has handed on to wren, where time passes when somebody lets it.
struct Slow {
    near: Near,
    robin: Fieldfare,
    wren: Fieldfare,
    rowan: Fieldfare,
    case: String,
}

impl Slow {
    fn handed_on() -> Self {
        let near = Near::found();
        let (robin, wren) = (near.join("robin", StaffRole::Mentor), near.join("wren", StaffRole::Mentor));
        let rowan = near.join("rowan", StaffRole::Supervisor);
        level(&[&near.administrator, &robin, &wren, &rowan]);
        let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        level(&[&robin, &rowan]);
        let transfer = json!({"do": "transfer_case", "case": case, "from": me(&robin), "to": me(&wren)});
        run(&rowan, transfer).unwrap();
        level(&[&rowan, &wren, &rowan, &robin]);
        Self { near, robin, wren, rowan, case }
    }

    fn days(&self, days: i64) {
        for _ in 0..days {
            self.near.clock.pass(86_400_000);
            level(&[&self.robin, &self.rowan, &self.wren]);
        }
    }

    fn raise(&self, words: &str) -> Result<(), Problem> {
        let raise = json!({"do": "raise_concern", "case": self.case, "about": "threat", "words": words});
        run(&self.robin, raise).map(drop)
    }

    fn concerns(&self, app: &Fieldfare) -> String {
        page(app, json!({"page": "today"}))["concerns"].to_string()
    }
}

#[test]
fn p01_a_phone_says_its_last_word_after_a_fortnight_and_then_takes_nothing_that_would_reach_nobody() {
    let slow = Slow::handed_on();
    slow.days(13);
    slow.raise("on the thirteenth day").unwrap();
    slow.days(2);
    assert!(slow.concerns(&slow.wren).contains("on the thirteenth day"));
    assert_eq!(page(&slow.robin, json!({"page": "today"}))["handed_on"], json!([]));
    let refused = slow.raise("too late").unwrap_err();
    assert!(refused.to_string().contains("tell whoever has it"), "{refused}");
    let case = page(&slow.robin, json!({"page": "case", "case": slow.case}));
    let action = case["actions"].as_array().unwrap().iter().find(|one| one["command"] == "raise_concern");
    assert_eq!(action.unwrap()["why_not"], "case.left");
    // And back again, on the same phone.
    let back =
        json!({"do": "transfer_case", "case": slow.case, "from": me(&slow.wren), "to": me(&slow.robin)});
    run(&slow.rowan, back).unwrap();
    slow.days(1);
    slow.raise("after it came back").unwrap();
    slow.days(1);
    assert!(slow.concerns(&slow.rowan).contains("after it came back"));
    level(&[&slow.robin, &slow.rowan, &slow.wren]);
    assert_eq!(case_digest(&slow.rowan), case_digest(&slow.robin));
}

#[test]
fn p01_what_has_not_arrived_keeps_a_phone_from_its_last_word() {
    let slow = Slow::handed_on();
    slow.days(13);
    slow.raise("written in a car park").unwrap();
    // A year without signal: nobody has heard a last word, so all of it counts.
    slow.near.clock.pass(365 * 86_400_000);
    level(&[&slow.robin, &slow.rowan, &slow.wren]);
    assert!(slow.concerns(&slow.wren).contains("written in a car park"));
    assert_eq!(late(&slow.rowan), 0);
}

#[test]
fn p01_whom_the_organisation_removes_on_their_way_out_is_cut_off_and_what_had_arrived_counts() {
    let slow = Slow::handed_on();
    slow.raise("before the removal").unwrap();
    level(&[&slow.robin]);
    let person: PersonId = me(&slow.robin).parse().unwrap();
    slow.raise("after the removal").unwrap();
    slow.near.administrator.remove_person(person).unwrap();
    level(&[&slow.rowan, &slow.wren]);
    assert_eq!(slow.robin.exchange(|_| ()).unwrap_err(), Problem::DeviceRemoved);
    level(&[&slow.rowan, &slow.wren, &slow.rowan]);
    for app in [&slow.rowan, &slow.wren] {
        let concerns = slow.concerns(app);
        assert!(
            concerns.contains("before the removal") && !concerns.contains("after the removal"),
            "{concerns}"
        );
    }
    assert_eq!(case_digest(&slow.rowan), case_digest(&slow.wren));
    assert!(late(&slow.rowan) >= 1);
}
