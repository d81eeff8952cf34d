//! Stores that were copied or turned back: two phones that are one, and an endpoint that heard both.
//!
//! Homes are really copied, file by file, and opened in another place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::SystemClock;
use serde_json::{Value, json};
use tests::phone::{PIN, Service, level, make, page, ports, run};

/// An organisation with a mentor and a supervisor who share one case, and a note that both can read.
struct Scene {
    service: Service,
    mentor: Fieldfare,
    supervisor: Fieldfare,
    case: String,
    note: String,
}

impl Scene {
    fn begin() -> Self {
        let service = Service::found();
        let mentor = service.join("mentor", StaffRole::Mentor);
        let supervisor = service.join("supervisor", StaffRole::Supervisor);
        level(&[&service.administrator, &mentor, &supervisor]);
        let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let note = make(&mentor, json!({"do": "begin_note", "case": case, "body": "We met."}));
        level(&[&mentor, &supervisor]);
        Self { service, mentor, supervisor, case, note }
    }

    fn save(&self, app: &Fieldfare, before: &str, after: &str) {
        let save = json!({"do": "save_draft", "note": self.note, "body": after, "before": before});
        run(app, save).unwrap();
    }

    fn body(&self, app: &Fieldfare) -> String {
        let note = page(app, json!({"page": "note", "note": self.note}));
        note["body"].as_str().unwrap_or_default().to_owned()
    }

    /// The concerns and drafts of the case, by their words.
    fn words(&self, app: &Fieldfare) -> Vec<String> {
        let mut words = BTreeSet::new();
        for name in ["timeline", "case"] {
            collect(&page(app, json!({"page": name, "case": self.case})), &mut words);
        }
        words.into_iter().collect()
    }
}

/// Every text of a page.
fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(into.insert(text.clone())),
        Value::Array(values) => values.iter().for_each(|value| collect(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}

fn open(home: &Path) -> Fieldfare {
    Fieldfare::unlock(home, ports(home, Arc::new(SystemClock)), PIN).unwrap()
}

fn digests(app: &Fieldfare) -> Vec<String> {
    let mut digests: Vec<String> =
        app.digests().unwrap().into_iter().map(|(vault, digest)| format!("{vault} {digest:?}")).collect();
    digests.sort();
    digests
}

fn unsent(app: &Fieldfare) -> Value {
    page(app, json!({"page": "exchange"}))["unsent"].clone()
}

/// Closes the mentor's home, copies it, and opens both.
fn doubled(scene: Scene) -> (Scene, Fieldfare, PathBuf) {
    let Scene { service, mentor, supervisor, case, note } = scene;
    drop(mentor);
    let (home, other) = (service.home("mentor"), service.home("mentor again"));
    copy(&home, &other);
    let (mentor, again) = (open(&home), open(&other));
    (Scene { service, mentor, supervisor, case, note }, again, other)
}

#[test]
fn a_copied_home_takes_a_new_name_and_nothing_is_lost_or_doubled() {
    let (scene, again, other) = doubled(Scene::begin());
    scene.save(&scene.mentor, "We met.", "We met. From the first phone.");
    scene.save(&again, "We met.", "We met. From the second phone.");
    for (app, name) in [(&scene.mentor, "first"), (&again, "second")] {
        let words = format!("concern of the {name}");
        run(app, json!({"do": "raise_concern", "case": scene.case, "about": "threat", "words": words}))
            .unwrap();
        let body = format!("draft of the {name}");
        let _ = make(app, json!({"do": "begin_note", "case": scene.case, "body": body}));
    }
    assert!(!scene.mentor.exchange(|_| ()).unwrap().renewed);
    assert!(again.exchange(|_| ()).unwrap().renewed);
    let all = [&scene.mentor, &again, &scene.supervisor];
    level(&all);
    for app in all {
        assert_eq!(digests(app), digests(&scene.supervisor));
        let body = scene.body(app);
        for words in ["We met.", "From the first phone.", "From the second phone."] {
            assert_eq!(body.matches(words).count(), 1, "{words} in {body}");
        }
        assert_eq!(body, scene.body(&scene.supervisor));
        let words = scene.words(app);
        for name in ["first", "second"] {
            for kind in ["concern", "draft"] {
                assert!(words.contains(&format!("{kind} of the {name}")), "{kind} {name}: {words:?}");
            }
        }
        assert_eq!(unsent(app), 0);
    }
    // Both go on, and so does the copy after it was closed.
    drop(again);
    let again = open(&other);
    run(&again, json!({"do": "raise_concern", "case": scene.case, "about": "weapon", "words": "later"}))
        .unwrap();
    assert!(!again.exchange(|_| ()).unwrap().renewed);
    level(&[&scene.mentor, &again, &scene.supervisor]);
    assert_eq!(digests(&again), digests(&scene.supervisor));
    assert_eq!(digests(&scene.mentor), digests(&scene.supervisor));
    assert!(scene.words(&scene.supervisor).contains(&"later".to_owned()));
    let alarms = page(&again, json!({"page": "exchange"}))["alarms"].clone();
    assert_eq!(alarms[0]["what"], "device_copied", "{alarms}");
    assert_eq!(page(&scene.mentor, json!({"page": "exchange"}))["alarms"], json!([]));
}

#[test]
fn a_home_that_was_turned_back_gets_its_own_words_again_and_goes_on() {
    let scene = Scene::begin();
    let Scene { service, mentor, supervisor, case, note } = scene;
    drop(mentor);
    let (home, backup) = (service.home("mentor"), service.home("backup"));
    copy(&home, &backup);
    let mentor = open(&home);
    let scene = Scene { service, mentor, supervisor, case, note };
    scene.save(&scene.mentor, "We met.", "We met. After the backup.");
    run(
        &scene.mentor,
        json!({"do": "raise_concern", "case": scene.case, "about": "threat", "words": "after the backup"}),
    )
    .unwrap();
    // A case that the backup has never heard of.
    let later = make(&scene.mentor, json!({"do": "open_case", "name": "Amara", "cohort": "prevent"}));
    scene.mentor.exchange(|_| ()).unwrap();
    let Scene { service, mentor, supervisor, case, note } = scene;
    drop(mentor);
    std::fs::remove_dir_all(&home).unwrap();
    copy(&backup, &home);
    let mentor = open(&home);
    let scene = Scene { service, mentor, supervisor, case, note };
    // It has nothing to send, and still learns that it was turned back.
    assert!(scene.mentor.exchange(|_| ()).unwrap().renewed);
    level(&[&scene.mentor, &scene.supervisor]);
    assert_eq!(scene.body(&scene.mentor), "We met. After the backup.");
    assert!(scene.words(&scene.mentor).contains(&"after the backup".to_owned()));
    assert_eq!(
        page(&scene.mentor, json!({"page": "case", "case": later}))["summary"]["young_person"],
        "Amara"
    );
    assert_eq!(digests(&scene.mentor), digests(&scene.supervisor));
    scene.save(&scene.mentor, "We met. After the backup.", "We met. After the backup. And on.");
    level(&[&scene.mentor, &scene.supervisor]);
    assert_eq!(scene.body(&scene.supervisor), "We met. After the backup. And on.");
}

#[test]
fn no_key_seals_twice_whoever_copied_whom() {
    let (scene, again, _) = doubled(Scene::begin());
    for app in [&scene.mentor, &again] {
        for words in ["one", "two", "three"] {
            run(app, json!({"do": "raise_concern", "case": scene.case, "about": "threat", "words": words}))
                .unwrap();
            app.exchange(|_| ()).unwrap();
        }
    }
    level(&[&scene.mentor, &again, &scene.supervisor]);
    let mut salts = BTreeSet::new();
    let mut segments = 0;
    let data = scene.service.folder.path().join("endpoint").join("endpoint.db");
    for bytes in tests::phone::segments_kept(&data) {
        let segment = fieldfare_protocol::segment::Segment::parse(&bytes).unwrap();
        salts.insert(segment.header().salt);
        segments += 1;
    }
    assert!(segments > 8, "{segments}");
    assert_eq!(salts.len(), segments);
}

#[test]
fn a_device_has_sixteen_names_and_then_has_to_ask() {
    let (scene, again, other) = doubled(Scene::begin());
    drop(again);
    let mut refused = None;
    for turn in 0..20 {
        let spare = scene.service.home(&format!("spare {turn}"));
        copy(&other, &spare);
        let app = open(&spare);
        let body = format!("of the spare {turn}");
        let _ = make(&app, json!({"do": "begin_note", "case": scene.case, "body": body}));
        let _ = make(&scene.mentor, json!({"do": "begin_note", "case": scene.case, "body": "more"}));
        scene.mentor.exchange(|_| ()).unwrap();
        if let Err(problem) = app.exchange(|_| ()) {
            assert_eq!(serde_json::to_value(&problem).unwrap()["problem"], "device_copied");
            assert!(unsent(&app).as_u64() > Some(0));
            refused = Some(turn);
            break;
        }
    }
    assert_eq!(refused, Some(15), "sixteen names");
}
