//! People who come with a second phone, leave, and hand their cases on: on real homes and a real endpoint.

use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{PersonId, Problem, StaffRole};
use fieldfare_core::ports::SystemClock;
use serde_json::{Value, json};
use tests::phone::{PIN, Service, cheap, late, level, make, page, ports, run};

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
        run(&robin, json!({"do": "sign_note", "note": note})).unwrap();
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
fn what_the_one_who_left_a_case_had_not_sent_reaches_those_who_coordinate() {
    let cast = Cast::new();
    cast.transfer(&cast.supervisor).unwrap();
    level(&[&cast.supervisor, &cast.wren, &cast.supervisor]);
    let words =
        json!({"do": "raise_concern", "case": cast.case, "about": "threat", "words": "followed home"});
    let _ = make(&cast.robin, words);
    level(&[&cast.robin]);
    assert_eq!(page(&cast.robin, json!({"page": "exchange"}))["unsent"], 0);
    level(&[&cast.supervisor, &cast.wren]);
    assert!(late(&cast.supervisor) >= 1);
    assert_eq!(late(&cast.wren), 0);
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
    // Devices that have left a case do not come back to it, and nobody is told otherwise.
    cast.transfer(&cast.supervisor).unwrap();
    level(&[&cast.supervisor, &cast.wren, &cast.supervisor]);
    assert!(refused(&wren, &robin));
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
