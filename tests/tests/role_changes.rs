//! People whose role changes: what they may read changes with it, on real homes and a real endpoint.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{PersonId, Problem, StaffRole};
use serde_json::{Value, json};
use tests::phone::{Service, level, make, page, run};
use tests::screen;

struct Cast {
    service: Service,
    robin: Fieldfare,
    wren: Fieldfare,
    rowan: Fieldfare,
    case: String,
}

impl Cast {
    /// Robin and Wren are mentors, Rowan supervises; the case is Robin's.
    fn new() -> Self {
        let service = Service::found();
        let (robin, wren) =
            (service.join("robin", StaffRole::Mentor), service.join("wren", StaffRole::Mentor));
        let rowan = service.join("rowan", StaffRole::Supervisor);
        let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let cast = Self { service, robin, wren, rowan, case };
        cast.level();
        cast
    }

    fn level(&self) {
        level(&[&self.service.administrator, &self.robin, &self.wren, &self.rowan]);
    }

    fn change(&self, of: &Fieldfare, role: StaffRole) -> Result<(), Problem> {
        let changed = self.service.administrator.change_role(me(of), role);
        self.level();
        changed
    }

    fn note(&self, by: &Fieldfare, words: &str) -> String {
        let note = make(by, json!({"do": "begin_note", "case": self.case, "body": words}));
        self.level();
        note
    }

    fn cases(&self, app: &Fieldfare) -> usize {
        page(app, json!({"page": "caseload"}))["cases"].as_array().unwrap().len()
    }
}

fn me(app: &Fieldfare) -> PersonId {
    page(app, json!({"page": "mentor"}))["person"].as_str().unwrap().parse().unwrap()
}

fn role(app: &Fieldfare) -> Value {
    page(app, json!({"page": "mentor"}))["role"].clone()
}

fn reads(app: &Fieldfare, note: &str) -> bool {
    app.page(&serde_json::from_value(json!({"page": "note", "note": note})).unwrap()).is_ok()
}

#[test]
fn a_mentor_who_becomes_a_supervisor_reads_every_file_and_a_mentor_again_no_further() {
    let cast = Cast::new();
    let first = cast.note(&cast.robin, "the first walk");
    assert_eq!((cast.cases(&cast.wren), reads(&cast.wren, &first)), (0, false));
    cast.change(&cast.wren, StaffRole::Supervisor).unwrap();
    assert_eq!((role(&cast.wren), cast.cases(&cast.wren)), (json!("supervisor"), 1));
    assert!(reads(&cast.wren, &first));
    let second = cast.note(&cast.robin, "the second walk");
    assert!(reads(&cast.wren, &second));
    cast.change(&cast.wren, StaffRole::Mentor).unwrap();
    let third = cast.note(&cast.robin, "the third walk");
    assert_eq!(role(&cast.wren), json!("mentor"));
    assert!(!reads(&cast.wren, &third) && reads(&cast.rowan, &third));
    let drawn = page(&cast.rowan, json!({"page": "note", "note": third}));
    let names: Vec<_> = drawn["read_by"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["robin", "rowan"]);
}

#[test]
fn whoever_works_on_a_case_stays_on_it_in_whatever_role() {
    let cast = Cast::new();
    cast.change(&cast.robin, StaffRole::Safeguarding).unwrap();
    let intelligence =
        json!({"do": "begin_note", "case": cast.case, "compartment": "intelligence", "body": "a name"});
    let intelligence = make(&cast.robin, intelligence);
    cast.level();
    assert!(reads(&cast.robin, &intelligence) && reads(&cast.rowan, &intelligence));
    cast.change(&cast.robin, StaffRole::Mentor).unwrap();
    let after = cast.note(&cast.rowan, "written after");
    assert!(reads(&cast.robin, &after));
    // What a lead wrote under their role is verified by the role that they had.
    screen::save(&cast.rowan, &intelligence, "a name, and where").unwrap();
    cast.level();
    assert_eq!(
        page(&cast.rowan, json!({"page": "note", "note": intelligence}))["read_by"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn with_nobody_left_who_coordinates_a_mentor_lets_a_former_supervisor_out() {
    let cast = Cast::new();
    cast.change(&cast.rowan, StaffRole::Mentor).unwrap();
    let note = cast.note(&cast.robin, "the first walk");
    assert!(!reads(&cast.rowan, &note) && reads(&cast.robin, &note));
}

#[test]
fn only_administrators_change_roles_and_one_of_them_stays() {
    let cast = Cast::new();
    let refused = |result| matches!(result, Err(Problem::NotAllowed { .. }));
    assert!(refused(cast.rowan.change_role(me(&cast.robin), StaffRole::Supervisor)));
    assert!(refused(cast.change(&cast.service.administrator, StaffRole::Supervisor)));
    let nobody = cast.service.administrator.change_role(PersonId([9; 16]), StaffRole::Mentor);
    assert!(matches!(nobody, Err(Problem::NoSuch { .. })));
    // One more administrator, and the first may go back to the field.
    cast.change(&cast.rowan, StaffRole::Administrator).unwrap();
    cast.rowan.change_role(me(&cast.service.administrator), StaffRole::Mentor).unwrap();
    cast.level();
    assert_eq!(role(&cast.service.administrator), json!("mentor"));
    assert!(refused(cast.change(&cast.robin, StaffRole::Supervisor)));
}

#[test]
fn whoever_joins_later_verifies_what_was_decided_in_a_role_that_is_over() {
    let cast = Cast::new();
    let hand_on =
        json!({"do": "transfer_case", "case": cast.case, "from": me(&cast.robin), "to": me(&cast.wren)});
    run(&cast.rowan, hand_on).unwrap();
    cast.level();
    let lead = cast.service.join("lead", StaffRole::Safeguarding);
    level(&[&cast.wren, &lead]);
    cast.change(&cast.rowan, StaffRole::Mentor).unwrap();
    let late = cast.service.join("late", StaffRole::Supervisor);
    level(&[&cast.wren, &late, &lead]);
    let note = cast.note(&cast.wren, "the second walk");
    level(&[&late]);
    assert!(reads(&late, &note) && !reads(&cast.rowan, &note));
}
