//! Stores that were copied or turned back: two phones that are one, and an endpoint that heard both.
//!
//! Homes are really copied, file by file, and opened in another place.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::{Answer, Call, Ports, SystemClock, Transport, TransportProblem};
use fieldfare_core::vault::{Hardware, Holders};
use fieldfare_endpoint::{Endpoint, Settings, restored};
use serde_json::{Value, json};
use tests::phone::{PIN, Service, cheap, level, make, on_power, page, ports, run, start_endpoint};
use tests::power::Power;
use tests::screen;

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
        run(app, screen::saving(&self.note, before, after)).unwrap();
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

/// Stops the endpoint, changes its folder, and starts it again where it was.
fn restart(service: Service, change: impl FnOnce(&Path)) -> Service {
    let Service { folder, endpoint, administrator } = service;
    let (data, listen) = (folder.path().join("endpoint"), endpoint.address());
    endpoint.stop();
    change(&data);
    let endpoint = Endpoint::start(Settings { data, listen, quota_bytes: None }).unwrap();
    Service { folder, endpoint, administrator }
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
fn r27_a_home_that_was_turned_back_gets_its_own_words_again_and_goes_on() {
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

#[test]
fn what_a_lost_phone_wrote_comes_back_to_a_restored_endpoint_from_a_colleague() {
    for says_so in [true, false] {
        let scene = Scene::begin();
        let Scene { service, mentor, supervisor, case, note } = scene;
        let lead = service.join("lead", StaffRole::Safeguarding);
        level(&[&mentor, &supervisor, &lead]);
        let service = restart(service, |data| copy(data, &data.with_file_name("backup")));
        run(&mentor, json!({"do": "raise_concern", "case": case, "about": "threat", "words": "only here"}))
            .unwrap();
        mentor.exchange(|_| ()).unwrap();
        // What the supervisor misses of their own is what an endpoint that does not say so is found out by.
        let _ = make(&supervisor, json!({"do": "begin_note", "case": case, "body": "mine"}));
        supervisor.exchange(|_| ()).unwrap();
        // The mentor's phone is gone, and so is what the endpoint got after its backup.
        drop(mentor);
        let service = restart(service, |data| {
            std::fs::remove_dir_all(data).unwrap();
            copy(&data.with_file_name("backup"), data);
            if says_so {
                restored(data).unwrap();
            }
        });
        let scene = Scene { service, mentor: lead, supervisor, case, note };
        level(&[&scene.supervisor, &scene.mentor]);
        assert!(scene.words(&scene.mentor).contains(&"only here".to_owned()), "says so: {says_so}");
        assert_eq!(digests(&scene.mentor), digests(&scene.supervisor));
        let quiet = scene.supervisor.exchange(|_| ()).unwrap();
        assert_eq!(quiet.round_trips, 1, "nothing is offered once it has been");
    }
}

/// A network behind which the process dies as soon as the endpoint has answered one call.
struct LastWord {
    network: Arc<dyn Transport>,
    path: &'static str,
}

impl Transport for LastWord {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let is_last = call.path == self.path;
        let answer = self.network.post(call);
        if is_last {
            std::panic::resume_unwind(Box::new(()));
        }
        answer
    }
}

/// A network without a signal.
struct NoSignal;

impl Transport for NoSignal {
    fn post(&self, _: Call) -> Result<Answer, TransportProblem> {
        Err(TransportProblem::Unreachable)
    }
}

fn dead(home: &Path) -> Ports {
    Ports { transport: Arc::new(NoSignal), ..ports(home, Arc::new(SystemClock)) }
}

fn dying(home: &Path, path: &'static str) -> Ports {
    let ports = ports(home, Arc::new(SystemClock));
    Ports { transport: Arc::new(LastWord { network: ports.transport.clone(), path }), ..ports }
}

#[test]
fn dying_right_after_the_endpoints_yes_spends_neither_an_organisation_nor_an_invitation() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = start_endpoint(&folder.path().join("endpoint"));
    let base_url = format!("http://{}", endpoint.address());
    let home = folder.path().join("administrator");
    let recovery_file = folder.path().join("recovery.txt");
    let founding = Founding {
        organisation: "Test Mentoring",
        base_url: &base_url,
        recovery_file: &recovery_file,
        holders: Holders::One,
    };
    let found = |ports| Fieldfare::found(&home, ports, PIN, cheap(), &founding);
    let died = catch_unwind(AssertUnwindSafe(|| found(dying(&home, "/v1/found"))));
    assert!(died.is_err());
    let key = std::fs::read(&recovery_file).unwrap();
    let unlocked = Fieldfare::unlock(&home, ports(&home, Arc::new(SystemClock)), PIN);
    assert!(matches!(unlocked, Err(Problem::NoStore)));
    let administrator = found(ports(&home, Arc::new(SystemClock))).unwrap();
    assert_eq!(std::fs::read(&recovery_file).unwrap(), key);
    administrator.exchange(|_| ()).unwrap();

    let invitation = administrator.invite("Sam", StaffRole::Mentor).unwrap();
    let home = folder.path().join("mentor");
    let join = |ports| Fieldfare::join(&home, ports, PIN, cheap(), &invitation);
    let died = catch_unwind(AssertUnwindSafe(|| join(dying(&home, "/v1/join"))));
    assert!(died.is_err());
    let mentor = join(ports(&home, Arc::new(SystemClock))).unwrap();
    mentor.exchange(|_| ()).unwrap();
    assert_eq!(unsent(&mentor), 0);
    drop(mentor);
    assert!(matches!(join(ports(&home, Arc::new(SystemClock))), Err(Problem::StoreExists)));
    open(&home).exchange(|_| ()).unwrap();
    assert!(!home.join("unfinished").exists());
    endpoint.stop();
}

#[test]
fn whatever_moment_the_power_fails_at_a_home_can_be_begun_again() {
    let service = Service::found();
    let mut moments = 0;
    for (erased_before, no_line) in [(false, false), (true, false), (false, true)] {
        for moment in 0.. {
            let home = service.folder.path().join(format!("begun {erased_before} {no_line} {moment}"));
            let home_ports = || ports(&home, Arc::new(SystemClock));
            let invite = || service.administrator.invite("Sam", StaffRole::Mentor).unwrap();
            let join = |invitation: &str| Fieldfare::join(&home, home_ports(), PIN, cheap(), invitation);
            if erased_before {
                drop(join(&invite()).unwrap());
                Fieldfare::erase(&home, Hardware::of(&home_ports())).unwrap();
            }
            let invitation = invite();
            let power = Power::new();
            let on_power = |ports: Ports| on_power(ports, &home, &power);
            let (joined, supply) = power.supplied(Some(moment), || match no_line {
                // Then the home is taken away again, and the power fails while that is done.
                true => Fieldfare::join(&home, on_power(dead(&home)), PIN, cheap(), &invitation).map(drop),
                false => Fieldfare::join(&home, on_power(home_ports()), PIN, cheap(), &invitation).map(drop),
            });
            if !supply.has_failed() {
                assert_eq!(joined.is_err(), no_line, "{joined:?}");
                break;
            }
            moments += 1;
            let phone = match join(&invitation) {
                Err(Problem::StoreExists) => Fieldfare::unlock(&home, home_ports(), PIN),
                joined => joined,
            };
            let phone = phone.unwrap_or_else(|problem| panic!("at {moment}: {problem:?}"));
            phone.exchange(|_| ()).unwrap();
        }
    }
    assert!(moments > 20, "{moments}");
}
