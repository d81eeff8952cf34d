//! Clocks that are wrong by years: everything is taken in, nothing is pushed along, and what cannot be true is marked.
//!
//! Real homes and a real endpoint on loopback; only the phones' clocks are set.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use serde_json::{Value, json};
use tests::phone::{Service, TestClock, level, make, page, run};

const IN_2099_MS: i64 = 4_070_908_800_000;
const DAY_MS: i64 = 86_400_000;

/// Robin, whose clock can be set, and Wren, whose clock is right, work on one case and are level.
struct Scene {
    _service: Service,
    clock: Arc<TestClock>,
    robin: Fieldfare,
    wren: Fieldfare,
    case: String,
}

fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

impl Scene {
    fn new() -> Self {
        let service = Service::found();
        let clock = TestClock::at(now_ms());
        let robin = service.join_with("robin", StaffRole::Mentor, clock.clone());
        let wren = service.join("wren", StaffRole::Supervisor);
        robin.exchange(|_| ()).unwrap();
        let case =
            make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect", "risk": "low"}));
        level(&[&robin, &wren]);
        Self { _service: service, clock, robin, wren, case }
    }

    fn note(&self, who: &Fieldfare, body: &str) -> String {
        make(who, json!({"do": "begin_note", "case": self.case, "body": body}))
    }

    fn timeline(&self, who: &Fieldfare) -> Vec<String> {
        let page = page(who, json!({"page": "timeline", "case": self.case}));
        page["moments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["record"].as_str().unwrap().to_owned())
            .collect()
    }

    fn risk(&self, who: &Fieldfare) -> Value {
        let page = page(who, json!({"page": "case", "case": self.case}));
        assert_eq!(page["summary"]["to_decide"], 0);
        page["summary"]["risk"].clone()
    }
}

fn made(who: &Fieldfare, note: &str) -> (i64, bool) {
    let page = page(who, json!({"page": "note", "note": note}));
    (page["made"]["at_ms"].as_i64().unwrap(), page["made"]["clock_doubtful"].as_bool().unwrap())
}

fn is_now(at_ms: i64) -> bool {
    (at_ms - now_ms()).abs() < DAY_MS
}

#[test]
fn a_phone_in_2099_is_marked_stays_no_longer_on_top_and_pushes_nobody() {
    let scene = Scene::new();
    let Scene { robin, wren, .. } = &scene;
    scene.clock.set(IN_2099_MS);
    let lost = scene.note(robin, "written in 2099");
    run(robin, json!({"do": "set_risk", "case": scene.case, "level": "high"})).unwrap();
    assert!(!is_now(made(robin, &lost).0));
    level(&[robin, wren]);
    run(wren, json!({"do": "set_risk", "case": scene.case, "level": "low"})).unwrap();
    let answer = scene.note(wren, "written afterwards");
    level(&[wren, robin]);
    for who in [robin, wren] {
        let (at_ms, doubtful) = made(who, &lost);
        assert!(doubtful && is_now(at_ms));
        let (at_ms, doubtful) = made(who, &answer);
        assert!(!doubtful && is_now(at_ms));
        assert_eq!(scene.risk(who), "low");
        assert_eq!(scene.timeline(who), [answer.as_str(), lost.as_str()]);
    }
    // Told the time, the phone goes on from now, although its clock still says 2099.
    let later = scene.note(robin, "written with the time known");
    let (at_ms, doubtful) = made(robin, &later);
    assert!(doubtful && is_now(at_ms));
}

#[test]
fn a_phone_in_1970_can_begin_a_note_and_its_time_is_doubted() {
    let scene = Scene::new();
    scene.clock.set(0);
    let note = scene.note(&scene.robin, "written in 1970");
    level(&[&scene.robin, &scene.wren]);
    for who in [&scene.robin, &scene.wren] {
        let (at_ms, doubtful) = made(who, &note);
        assert!(doubtful && is_now(at_ms));
        assert_eq!(scene.timeline(who), std::slice::from_ref(&note));
    }
}
