//! Phones that end by themselves: one that was removed, after it has handed over what it held, and one that has been without
//! contact for longer than its organisation allows. And those that must not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::{Answer, Call, Clock, Ports, SystemClock, Transport, TransportProblem};
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::request::Refused;
use serde_json::{Value, json};
use tests::phone::{PIN, Service, TestClock, late, level, make, on_power, page, ports, run};
use tests::power::Power;
use tests::screen;

const DAY_MS: i64 = 86_400_000;

fn own_id(app: &Fieldfare) -> DeviceId {
    let devices = page(app, json!({"page": "devices"}))["devices"].clone();
    let me = devices.as_array().unwrap().iter().find(|row| row["is_me"] == true).unwrap().clone();
    me["device"].as_str().unwrap().parse().unwrap()
}

fn open_with(home: &Path, clock: Arc<dyn Clock>) -> Result<Fieldfare, Problem> {
    Fieldfare::unlock(home, ports(home, clock), PIN)
}

fn open(home: &Path) -> Result<Fieldfare, Problem> {
    open_with(home, Arc::new(SystemClock))
}

fn lease(app: &Fieldfare) -> Value {
    page(app, json!({"page": "exchange"}))["lease"].clone()
}

/// A mentor with a case, whose phone has unsent words and does not know that it was removed.
struct Cast {
    service: Service,
    supervisor: Fieldfare,
    home: PathBuf,
    case: String,
}

impl Cast {
    fn removed() -> Self {
        let service = Service::found();
        let supervisor = service.join("supervisor", StaffRole::Supervisor);
        let mentor = service.join("mentor", StaffRole::Mentor);
        let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        level(&[&service.administrator, &supervisor, &mentor]);
        let _ = make(
            &mentor,
            json!({"do": "raise_concern", "case": case, "about": "threat", "words": "followed home"}),
        );
        let _ = make(&mentor, json!({"do": "begin_note", "case": case, "body": "by the river"}));
        service.administrator.remove(own_id(&mentor)).unwrap();
        level(&[&service.administrator, &supervisor]);
        let home = service.home("mentor");
        drop(mentor);
        Self { service, supervisor, home, case }
    }

    fn in_quarantine(&self) -> u64 {
        level(&[&self.supervisor]);
        late(&self.supervisor)
    }
}

fn has_keys(home: &Path) -> bool {
    home.join("envelope").exists() || home.join("store.db").exists()
}

#[test]
fn r25_a_removed_phone_hands_over_what_it_held_says_so_and_erases_itself() {
    let cast = Cast::removed();
    let app = open(&cast.home).unwrap();
    assert_eq!(lease(&app)["state"], "open");
    assert_eq!(app.exchange(|_| ()).unwrap_err(), Problem::DeviceRemoved);
    // The keys are gone already; what stands on the screen tells why.
    assert!(!has_keys(&cast.home));
    let told = lease(&app);
    assert!(told["state"] == "removed" && told["words"].as_str().unwrap().contains("handed over"), "{told}");
    let refused = run(&app, json!({"do": "begin_note", "case": cast.case, "body": "too late"}));
    assert_eq!(refused.unwrap_err(), Problem::DeviceRemoved);
    drop(app);
    assert_eq!(open(&cast.home).err(), Some(Problem::Erased));
    assert!(cast.in_quarantine() >= 2);
    // Its person may join anew, with the same folder.
    let text = cast.service.administrator.invite("mentor", StaffRole::Mentor).unwrap();
    let ports = ports(&cast.home, Arc::new(SystemClock));
    let again = Fieldfare::join(&cast.home, ports, PIN, tests::phone::cheap(), &text).unwrap();
    drop(again);
    open(&cast.home).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn r25_wherever_the_power_fails_the_words_arrive_before_the_phone_is_erased() {
    let cast = Cast::removed();
    for moment in 0..24 {
        let home = cast.service.home(&format!("copy-{moment}"));
        copy(&cast.home, &home);
        let power = Power::new();
        let (_, supply) = power.supplied(Some(moment), || {
            let lent = on_power(ports(&home, Arc::new(SystemClock)), &home, &power);
            Fieldfare::unlock(&home, lent, PIN)?.exchange(|_| ())
        });
        if !has_keys(&home) {
            assert!(cast.in_quarantine() >= 2, "erased at moment {moment} before it had handed over");
        }
        match open(&home) {
            Ok(app) => assert_eq!(app.exchange(|_| ()).unwrap_err(), Problem::DeviceRemoved, "{moment}"),
            Err(problem) => assert_eq!(problem, Problem::Erased, "moment {moment}"),
        }
        assert_eq!(open(&home).err(), Some(Problem::Erased), "moment {moment}");
        if !supply.has_failed() {
            assert!(moment > 4);
            return;
        }
    }
}

/// An endpoint that says of everybody that it does not know them.
struct TurnsAway;

impl Transport for TurnsAway {
    fn post(&self, _: Call) -> Result<Answer, TransportProblem> {
        let body = fieldfare_protocol::wire::encode(&Refused::UnknownDevice).unwrap();
        Ok(Answer { status: 401, retry_after_s: None, body })
    }
}

#[test]
fn r25_no_answer_of_an_endpoint_erases_a_phone_without_the_record_of_its_removal() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    level(&[&mentor]);
    drop(mentor);
    let home = service.home("mentor");
    let turned_away = || {
        let lied_to = Ports { transport: Arc::new(TurnsAway), ..ports(&home, Arc::new(SystemClock)) };
        let app = Fieldfare::unlock(&home, lied_to, PIN).unwrap();
        assert_eq!(app.exchange(|_| ()).unwrap_err(), Problem::EndpointUnknownDevice);
        assert_eq!(lease(&app)["state"], "open");
    };
    turned_away();
    assert!(has_keys(&home), "an answer has erased it");
    open(&home).unwrap().exchange(|_| ()).unwrap();
}

/// A phone that is opened every five days without a signal.
struct Away {
    service: Service,
    home: PathBuf,
    clock: Arc<TestClock>,
    begun_ms: i64,
    case: String,
    note: String,
}

impl Away {
    fn begin(erases: bool, unsent: bool) -> Self {
        let service = Service::found();
        if erases {
            run(&service.administrator, json!({"do": "set_lease", "erases": true})).unwrap();
            level(&[&service.administrator]);
        }
        let begun_ms = SystemClock.now_ms();
        let clock = TestClock::at(begun_ms);
        let app = service.join_with("mentor", StaffRole::Mentor, clock.clone());
        let case = make(&app, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let note = make(&app, json!({"do": "begin_note", "case": case, "body": "by the river"}));
        level(&[&app]);
        if unsent {
            screen::save(&app, &note, "by the river we").unwrap();
        }
        Self { home: service.home("mentor"), service, clock, begun_ms, case, note }
    }

    fn after(&self, days: i64) -> Result<Fieldfare, Problem> {
        self.clock.set(self.begun_ms + days * DAY_MS + 60_000);
        open_with(&self.home, self.clock.clone())
    }

    fn begin_note(&self, app: &Fieldfare) -> Result<(), Problem> {
        run(app, json!({"do": "begin_note", "case": self.case, "body": "another"})).map(drop)
    }
}

#[test]
fn r25_a_phone_without_contact_reads_raises_concerns_and_loses_no_draft() {
    let away = Away::begin(false, false);
    for days in [5, 10] {
        away.begin_note(&away.after(days).unwrap()).unwrap();
    }
    let warned = away.after(12).unwrap();
    assert_eq!(lease(&warned)["state"], "warned");
    assert_eq!(page(&warned, json!({"page": "today"}))["lease"]["state"], "warned");
    drop(warned);
    let app = away.after(15).unwrap();
    assert!(matches!(away.begin_note(&app), Err(Problem::WithoutContact { days: 15 })));
    screen::save(&app, &away.note, "by the river we").unwrap();
    let _ = make(
        &app,
        json!({"do": "raise_concern", "case": away.case, "about": "threat", "words": "followed home"}),
    );
    assert!(page(&app, json!({"page": "case", "case": away.case})).to_string().contains("Jay"));
    let told = lease(&app);
    assert!(told["state"] == "read_only" && told["erased_in_days"] == Value::Null, "{told}");
    level(&[&app]);
    assert_eq!(lease(&app)["state"], "open");
    away.begin_note(&app).unwrap();
}

#[test]
fn r25_a_month_without_contact_erases_only_where_the_organisation_says_so() {
    let (kept, ends) = (Away::begin(false, false), Away::begin(true, false));
    for days in [5, 10, 15, 20, 25] {
        kept.after(days).unwrap();
        let told = lease(&ends.after(days).unwrap());
        assert_eq!(told["erased_in_days"].as_i64(), Some(30 - days), "{told}");
    }
    assert_eq!(kept.after(30).map(|app| lease(&app)["state"].clone()), Ok(json!("read_only")));
    assert_eq!(ends.after(30).err(), Some(Problem::Erased));
    assert!(!has_keys(&ends.home) && has_keys(&kept.home));
    assert_eq!(ends.after(31).err(), Some(Problem::Erased));
}

#[test]
fn r25_what_is_unsent_keeps_a_phone_from_being_erased() {
    let away = Away::begin(true, true);
    for days in [5, 10, 15, 20, 25, 30, 35] {
        let app = away.after(days).unwrap();
        assert_eq!(lease(&app)["kept_by_unsent"], true);
    }
    let app = away.after(40).unwrap();
    level(&[&app]);
    assert_eq!(lease(&app)["days"], 0);
    drop(app);
    away.after(41).unwrap();
    drop(away.service);
}

#[test]
fn r25_a_clock_that_was_set_forward_once_neither_locks_nor_erases() {
    let away = Away::begin(true, false);
    let app = away.after(80 * 365).unwrap();
    assert_eq!(lease(&app)["days"], 5);
    away.begin_note(&app).unwrap();
}
