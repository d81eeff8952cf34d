//! A PIN that was forgotten where there is no signal: help is asked, given and used, and is worth nothing anywhere else.
//!
//! Real homes; the endpoint is in this process and is never asked once everybody has joined.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use serde_json::{Value, json};
use tests::device::Device;
use tests::near::{Bend, Near};
use tests::phone::{PIN, make, page};

const NEW_PIN: &str = "620573";
const MINUTE_MS: i64 = 60 * 1_000;

struct House {
    near: Near,
    sandy: Fieldfare,
    note: String,
}

impl House {
    /// Robin's phone with a note that was never sent, locked; a supervisor; and no signal.
    fn new() -> Self {
        let near = Near::found();
        let sandy = near.join("sandy", StaffRole::Supervisor);
        let robin = near.join("robin", StaffRole::Mentor);
        sandy.exchange(|_| ()).unwrap();
        let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
        let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "not sent yet"}));
        robin.lock();
        // Helpers are entered when a phone is opened.
        near.open("robin").lock();
        near.link.bend([Bend::NoSignal; 100]);
        Self { near, sandy, note }
    }

    fn ask(&self, name: &str) -> Result<String, Problem> {
        Fieldfare::ask_for_help(&self.near.home(name), &self.near.ports(name))
    }

    fn use_help(&self, name: &str, answer: &str) -> Result<Fieldfare, Problem> {
        Fieldfare::unlock_with_help(&self.near.home(name), self.near.ports(name), answer, NEW_PIN)
    }

    fn why(refused: Result<impl Sized, Problem>) -> String {
        match refused.err() {
            Some(Problem::HelpNotAccepted { why }) => why,
            other => panic!("{other:?}"),
        }
    }
}

fn whats(app: &Fieldfare) -> Vec<String> {
    let page = page(app, json!({"page": "audit", "limit": 10}));
    page["lines"].as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn help_puts_another_pin_in_the_place_of_a_forgotten_one_and_what_was_not_sent_is_there() {
    let house = House::new();
    let request = house.ask("robin").unwrap();
    let asked = house.sandy.who_asks(&request).unwrap();
    assert_eq!((asked.name.as_str(), asked.role), ("robin", StaffRole::Mentor));
    let answer = house.sandy.help(&request).unwrap();
    assert!(request.len() < 1_000 && answer.len() < 500, "{} and {}", request.len(), answer.len());
    // As somebody types it who was read it aloud.
    let (prefix, letters) = answer.split_once(':').unwrap();
    let typed = format!("{}:{}", prefix.to_lowercase(), letters.to_lowercase().replace('-', " "));
    let robin = house.use_help("robin", &typed).unwrap();
    assert_eq!(page(&robin, json!({"page": "note", "note": house.note}))["body"], "not sent yet");
    robin.lock();
    let opens = |pin| Fieldfare::unlock(&house.near.home("robin"), house.near.ports("robin"), pin);
    assert_eq!(opens(PIN).err(), Some(Problem::WrongPin { tries_left: 9 }));
    opens(NEW_PIN).unwrap().lock();
    assert_eq!(whats(&house.sandy)[0], "help_with_pin");
    // Good once; and the next help needs another question.
    assert!(House::why(house.use_help("robin", &answer)).contains("answered already"));
    let again = house.sandy.help(&house.ask("robin").unwrap()).unwrap();
    house.use_help("robin", &again).unwrap().lock();
}

#[test]
fn help_is_worth_nothing_on_another_phone_to_another_question_or_too_late() {
    let house = House::new();
    let wren = house.near.home("wren");
    let request = house.ask("robin").unwrap();
    let answer = house.sandy.help(&request).unwrap();
    // A thief who has copied the whole folder but the hardware, to a phone of the same organisation.
    std::fs::create_dir(&wren).unwrap();
    for name in ["envelope", "store.db", "asked"] {
        std::fs::copy(house.near.home("robin").join(name), wren.join(name)).unwrap();
    }
    assert_eq!(house.use_help("wren", &answer).err(), Some(Problem::HardwareKeyGone));
    std::fs::copy(house.near.home("sandy").join("device-key"), wren.join("device-key")).unwrap();
    assert!(house.use_help("wren", &answer).is_err());
    // Another question makes the first one none.
    let second = house.ask("robin").unwrap();
    assert!(House::why(house.use_help("robin", &answer)).contains("earlier question"));
    let answer = house.sandy.help(&second).unwrap();
    house.near.clock.pass(16 * MINUTE_MS);
    assert!(House::why(house.use_help("robin", &answer)).contains("15 minutes"));
    // A clock set back makes nothing younger.
    house.near.clock.pass(-20 * MINUTE_MS);
    assert!(House::why(house.use_help("robin", &answer)).contains("15 minutes"));
    house.near.clock.pass(5 * MINUTE_MS);
    house.use_help("robin", &answer).unwrap().lock();
}

#[test]
fn p12_asking_has_a_number_a_day_of_its_own_and_costs_no_try_and_no_delay() {
    let house = House::new();
    // Two days of somebody who plays with it.
    for _ in 0..2 {
        for round in 0..20 {
            house.ask("robin").unwrap_or_else(|problem| panic!("{round}: {problem}"));
        }
        for _ in 0..30 {
            assert!(House::why(house.ask("robin")).contains("often enough for a day"));
        }
        let wrong = Fieldfare::unlock(&house.near.home("robin"), house.near.ports("robin"), NEW_PIN);
        assert_eq!(wrong.err(), Some(Problem::WrongPin { tries_left: 9 }));
        near_opens(&house, PIN);
        house.near.clock.pass(24 * 60 * MINUTE_MS);
    }
    // Nor does a wait for the PIN, or a clock that was wrong, keep anybody from being helped.
    let open = || Fieldfare::unlock(&house.near.home("robin"), house.near.ports("robin"), NEW_PIN).err();
    for _ in 0..5 {
        assert!(matches!(open(), Some(Problem::WrongPin { .. })));
    }
    assert_eq!(open(), Some(Problem::WaitBeforeNextTry { seconds: 30 }));
    for years in [60, -120, 60] {
        house.near.clock.pass(years * 365 * 24 * 60 * MINUTE_MS);
        house.ask("robin").unwrap();
    }
    let answer = house.sandy.help(&house.ask("robin").unwrap()).unwrap();
    house.use_help("robin", &answer).unwrap().lock();
}

fn near_opens(house: &House, pin: &str) {
    Fieldfare::unlock(&house.near.home("robin"), house.near.ports("robin"), pin).unwrap().lock();
}

#[test]
fn nobody_helps_who_may_not_and_nobody_is_helped_who_is_a_stranger() {
    let house = House::new();
    let request = house.ask("robin").unwrap();
    house.near.link.bend([]);
    let other = Near::found();
    assert!(matches!(
        other.administrator.help(&request),
        Err(Problem::HelpNotAccepted { why }) if why.contains("none of your organisation")
    ));
    for bad in [
        "",
        "nonsense",
        "FIELDFARE-FORGOTTEN:",
        &request[..request.len() - 3],
        &request.replacen('0', "1", 3),
    ] {
        if bad != request {
            assert!(matches!(house.sandy.help(bad), Err(Problem::HelpNotAccepted { .. })), "{bad}");
        }
    }
    assert!(matches!(house.sandy.help(&"F".repeat(100_000)), Err(Problem::HelpNotAccepted { .. })));
    let answer = house.sandy.help(&request).unwrap();
    assert!(House::why(house.sandy.help(&answer)).contains("not the text"));
    house.use_help("robin", &answer).unwrap().lock();
}

#[test]
fn an_answer_that_no_helper_signed_is_refused() {
    use fieldfare_core::vault::help::{HelpAnswer, HelpRequest};
    use fieldfare_core::vault::{Identity, Secret};
    let house = House::new();
    let text = house.ask("robin").unwrap();
    let request = HelpRequest::parse(&text).unwrap();
    // The helper's own keys, and an answer that was signed with somebody else's.
    let answer = HelpAnswer::parse(&house.sandy.help(&text).unwrap()).unwrap();
    let stranger = Identity::from_seed(&Secret::from_slice(&[5; 32]).unwrap()).unwrap();
    assert!(
        request
            .answer(request.helped.device, &stranger, &fieldfare_core::ports::SystemEntropy::default())
            .is_err()
    );
    let mut json = serde_json::to_value(&answer).unwrap();
    let signature = json["signature"].as_array_mut().unwrap();
    signature[0] = json!(signature[0].as_u64().unwrap() ^ 1);
    let forged: HelpAnswer = serde_json::from_value(json).unwrap();
    let forged = forged.to_text().unwrap();
    assert!(House::why(house.use_help("robin", &forged)).contains("signed"));
}

#[test]
fn the_binary_asks_helps_and_uses() {
    let house = House::new();
    let House { near, sandy, .. } = house;
    sandy.lock();
    let [robin, sandy] = ["robin", "sandy"].map(|name| Device::at(&near.home(name)));
    let act = |device: &Device, step: &str, more: &[&str]| {
        let mut command = std::process::Command::new(tests::binary::path());
        command.args(["forgotten", step, "--home"]).arg(&device.home).args(more);
        command.env("FIELDFARE_PIN", PIN).env("FIELDFARE_NEW_PIN", NEW_PIN);
        tests::binary::finish(&mut command, b"")
    };
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let request = text(act(&robin, "ask", &[]).done(), "request");
    let shown = act(&sandy, "answer", &["--request", &request]);
    assert_eq!((shown.done()["name"].as_str(), &shown.done()["answer"]), (Some("robin"), &Value::Null));
    let answer = text(act(&sandy, "answer", &["--request", &request, "--yes"]).done(), "answer");
    assert_eq!(act(&robin, "use", &["--answer", "nothing"]).problem(), "help_not_accepted");
    assert_eq!(act(&robin, "use", &["--answer", &answer]).done()["changed"], true);
    let robin = Device { pin: NEW_PIN.to_owned(), ..robin };
    assert_eq!(robin.ask("today", &json!({})).status, 0);
}
