//! An app that has not been updated keeps what it does not understand, passes it on, and shows it after the update.
//!
//! One binary plays both: the older app is a shorter list of what is understood, see `tests::builds`.

use std::path::Path;
use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::SystemClock;
use fieldfare_core::store::Build;
use serde_json::{Value, json};
use tests::builds::OLDER;
use tests::phone::{self, Service, level, make, page, run};
use tests::screen;

/// Two mentors of one case; what the second can do, an older app does.
struct Scene {
    service: Service,
    newer: Fieldfare,
    older: Fieldfare,
    note: String,
    goal: String,
}

impl Scene {
    /// The newer app has written things that the older one does not know, and the older one has received them.
    fn new() -> Self {
        let service = Service::found();
        let newer = service.join("newer", StaffRole::Mentor);
        let home = service.home("older");
        drop(service.join("older", StaffRole::Mentor));
        let older = open_by(&OLDER, &home);
        newer.exchange(|_| ()).unwrap();
        let staff = page(&newer, json!({"page": "staff"}));
        let older_name =
            staff["staff"].as_array().unwrap().iter().find(|one| one["name"] == "older").unwrap();
        let case = make(&newer, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
        run(&newer, json!({"do": "add_mentor", "case": case, "mentor": older_name["person"]})).unwrap();
        let note = make(&newer, json!({"do": "begin_note", "case": case, "body": "We met."}));
        let describe = |what: Value| {
            let mut command = json!({"do": "describe_note", "note": note});
            command.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
            run(&newer, command).unwrap();
        };
        describe(json!({"agreed": "to ring on Monday", "add_tags": ["school", "home"]}));
        describe(json!({"agreed": "to ring on Tuesday", "remove_tags": ["home"]}));
        let goal = make(&newer, json!({"do": "set_goal", "case": case, "words": "swim a mile"}));
        let step = make(&newer, json!({"do": "add_step", "goal": goal, "words": "find a pool"}));
        run(&newer, json!({"do": "finish_step", "step": step, "done_on": "2026-01-05"})).unwrap();
        newer.exchange(|_| ()).unwrap();
        Self { service, newer, older, note, goal }
    }

    /// The older app is closed, updated and opened again.
    fn update(self) -> (Service, Fieldfare, Fieldfare, String, String) {
        drop(self.older);
        let updated = open(&self.service.home("older"));
        (self.service, self.newer, updated, self.note, self.goal)
    }
}

fn open(home: &Path) -> Fieldfare {
    open_by(Build::THIS, home)
}

fn open_by(build: &'static Build, home: &Path) -> Fieldfare {
    Fieldfare::unlock_by(build, home, phone::ports(home, Arc::new(SystemClock)), phone::PIN).unwrap()
}

fn case_digests(app: &Fieldfare) -> Vec<(fieldfare_protocol::id::VaultId, fieldfare_protocol::hash::Hash)> {
    let mut digests = app.digests().unwrap();
    digests.sort_by_key(|(vault, _)| *vault);
    digests
}

#[test]
fn what_an_older_app_does_not_know_is_kept_and_alive_after_the_update() {
    let scene = Scene::new();
    scene.older.exchange(|_| ()).unwrap();
    let seen = page(&scene.older, json!({"page": "note", "note": scene.note}));
    assert_eq!((&seen["body"], &seen["agreed"]), (&json!("We met."), &json!("")));
    assert_eq!(seen["tags"], json!(["school"]));
    let goal = page(&scene.older, json!({"page": "goal", "goal": scene.goal}));
    assert_eq!(goal["steps"], json!([]));
    assert_eq!(page(&scene.older, json!({"page": "exchange"}))["unknown_edits"], 6);
    screen::save(&scene.older, &scene.note, "We met at noon.").unwrap();
    let (_service, newer, updated, note, goal) = scene.update();
    assert_eq!(page(&updated, json!({"page": "exchange"}))["unknown_edits"], 0);
    level(&[&updated, &newer]);
    assert_eq!(case_digests(&updated), case_digests(&newer));
    let shown = |app: &Fieldfare| {
        let goal = page(app, json!({"page": "goal", "goal": goal}));
        let note = page(app, json!({"page": "note", "note": note}));
        (note["body"].clone(), note["agreed"].clone(), note["tags"].clone(), goal["steps"].clone())
    };
    assert_eq!(shown(&updated), shown(&newer));
    assert_eq!(shown(&updated).1, "to ring on Tuesday");
    assert_eq!(shown(&updated).3[0]["words"], "find a pool");
}
