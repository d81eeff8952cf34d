//! What is held for a law or a dispute is not deleted, and what was taken back does not return from a phone that had not heard.
//!
//! Real phones and an endpoint in this process. Erasing by law, for good and everywhere, is in `erased`.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use serde_json::{Value, json};
use tests::near::Near;
use tests::phone::{level, make, page, run};
use tests::screen;

struct House {
    _near: Near,
    robin: Fieldfare,
    wren: Fieldfare,
    case: String,
    note: String,
    photo: String,
}

impl House {
    /// A mentor's case with a draft and a photo, also on a supervisor's phone.
    fn new() -> Self {
        let near = Near::found();
        let (robin, wren) = (near.join("robin", StaffRole::Mentor), near.join("wren", StaffRole::Supervisor));
        let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
        let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "We met."}));
        let photo = robin.attach(note.parse().unwrap(), "a.jpg", "image/jpeg", &mut [7; 100].as_slice());
        let photo = photo.unwrap().made.unwrap().to_string();
        level(&[&robin, &wren]);
        Self { _near: near, robin, wren, case, note, photo }
    }

    fn hold(&self, app: &Fieldfare, held: bool) -> Result<(), Problem> {
        run(app, json!({"do": "set_legal_hold", "case": self.case, "held": held})).map(drop)
    }

    fn delete(&self, app: &Fieldfare) -> [Result<(), Problem>; 2] {
        [
            json!({"do": "delete_draft", "note": self.note}),
            json!({"do": "remove_attachment", "attachment": self.photo}),
        ]
        .map(|command| run(app, command).map(drop))
    }

    fn note(&self, app: &Fieldfare) -> Value {
        page(app, json!({"page": "note", "note": self.note}))
    }
}

fn refused(answers: &[Result<(), Problem>]) -> bool {
    answers
        .iter()
        .all(|answer| matches!(answer, Err(Problem::NotAllowed { why, .. }) if why.contains("legal hold")))
}

#[test]
fn r28_while_a_file_is_held_nothing_of_it_is_deleted() {
    let house = House::new();
    let shown =
        |app: &Fieldfare| page(app, json!({"page": "case", "case": house.case}))["legal_hold"].clone();
    assert!(matches!(house.hold(&house.robin, true), Err(Problem::NotAllowed { .. })), "a mentor decides it");
    house.hold(&house.wren, true).unwrap();
    assert_eq!((shown(&house.wren), shown(&house.robin)), (json!(true), json!(false)));
    level(&[&house.wren, &house.robin]);
    assert_eq!(shown(&house.robin), json!(true));
    assert!(refused(&house.delete(&house.robin)) && refused(&house.delete(&house.wren)));
    let why_not = house.note(&house.robin)["actions"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|action| (action["command"] == "delete_draft").then(|| action["why_not"].clone()));
    assert_eq!(why_not, Some(json!("case.legal_hold")));
    // Work goes on, and the end of a hold is the end of it.
    screen::save(&house.robin, &house.note, "We met again.").unwrap();
    house.hold(&house.wren, false).unwrap();
    level(&[&house.wren, &house.robin]);
    assert_eq!(house.delete(&house.robin), [Ok(()), Ok(())]);
}

#[test]
fn r28_a_hold_and_its_end_that_did_not_know_of_each_other_leave_it_held() {
    let house = House::new();
    let lead = house._near.join("lead", StaffRole::Safeguarding);
    level(&[&house.robin, &house.wren, &lead, &house.wren]);
    house.hold(&house.wren, true).unwrap();
    house.hold(&lead, false).unwrap();
    level(&[&house.wren, &lead, &house.robin]);
    assert!(refused(&house.delete(&house.robin)));
}

#[test]
fn r28_what_was_taken_back_does_not_return_from_a_phone_that_had_not_heard() {
    let house = House::new();
    assert_eq!(house.delete(&house.robin), [Ok(()), Ok(())]);
    house.robin.exchange(|_| ()).unwrap();
    // Stale: it types on, and sends that after everybody has heard.
    screen::save(&house.wren, &house.note, "We met, and more.").unwrap();
    level(&[&house.wren, &house.robin, &house.wren]);
    for app in [&house.robin, &house.wren] {
        assert!(house.note(app)["struck"].is_object(), "it is back: {}", house.note(app));
        let row = page(app, json!({"page": "case", "case": house.case}))["notes"][0].clone();
        assert_eq!(row["struck"], true, "it stands among the notes again: {row}");
        let taken_back = screen::save(app, &house.note, "Again.");
        assert!(matches!(taken_back, Err(Problem::NotAllowed { .. })));
    }
}
