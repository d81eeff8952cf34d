//! Calls that somebody recorded inside the line and sends again: the endpoint answers none of them, and nobody who calls
//! honestly pays for it with a round trip.

use std::sync::{Arc, Mutex};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::{Answer, Call, Ports, Transport, TransportProblem};
use fieldfare_protocol::request::Refused;
use fieldfare_protocol::wire;
use serde_json::json;
use tests::near::{Bend, Near};
use tests::phone::{PIN, make};
use tests::screen;

/// Keeps a copy of everything that a phone says.
struct Recorder {
    line: Arc<dyn Transport>,
    calls: Mutex<Vec<Call>>,
}

impl Transport for Recorder {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        self.calls.lock().unwrap().push(call.clone());
        self.line.post(call)
    }
}

impl Recorder {
    /// Sends everything again that was recorded, and says how often it was answered.
    fn play(&self) -> usize {
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        let answers = calls.into_iter().map(|call| self.line.post(call).unwrap());
        answers.filter(|answer| !matches!(wire::decode(&answer.body), Ok(Refused::Stale(_)))).count()
    }
}

struct Scene {
    near: Near,
    recorder: Arc<Recorder>,
    app: Fieldfare,
    note: String,
}

impl Scene {
    fn begin() -> Self {
        let near = Near::found();
        let app = near.join("mentor", StaffRole::Mentor);
        let case = make(&app, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        let note = make(&app, json!({"do": "begin_note", "case": case, "body": "by the river"}));
        app.exchange(|_| ()).unwrap();
        drop(app);
        let ports = near.ports("mentor");
        let recorder = Arc::new(Recorder { line: ports.transport.clone(), calls: Mutex::default() });
        let ports = Ports { transport: recorder.clone(), ..ports };
        let app = Fieldfare::unlock(&near.home("mentor"), ports, PIN).unwrap();
        Self { near, recorder, app, note }
    }

    fn write(&self, body: &str) {
        screen::save(&self.app, &self.note, body).unwrap();
    }
}

#[test]
fn r24_a_recorded_call_is_answered_by_nobody() {
    let scene = Scene::begin();
    scene.write("by the river, and home");
    scene.app.exchange(|_| ()).unwrap();
    assert_eq!(scene.recorder.play(), 0);
    scene.write("by the river, and home by bus");
    scene.app.exchange(|_| ()).unwrap();
    assert_eq!(scene.recorder.play(), 0);
}

#[test]
fn an_honest_exchange_is_one_round_trip_also_after_the_app_was_closed() {
    let scene = Scene::begin();
    for word in ["one", "one two"] {
        scene.write(word);
        assert_eq!(scene.app.exchange(|_| ()).unwrap().round_trips, 1);
    }
    let Scene { near, recorder: _, app, note } = scene;
    drop(app);
    let app = near.open("mentor");
    screen::save(&app, &note, "one two three").unwrap();
    assert_eq!(app.exchange(|_| ()).unwrap().round_trips, 1);
}

#[test]
fn a_call_whose_answer_was_lost_is_made_again_under_a_number_of_its_own() {
    let scene = Scene::begin();
    scene.write("by the river, and home");
    scene.near.link.bend([Bend::LoseAnswer]);
    scene.app.exchange(|_| ()).unwrap_err();
    scene.near.clock.pass(600_000);
    scene.app.exchange(|_| ()).unwrap();
    scene.near.administrator.exchange(|_| ()).unwrap();
    assert_eq!(scene.recorder.play(), 0);
}
