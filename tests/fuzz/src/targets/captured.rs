//! What really travels: two devices and an endpoint that exchange once, with every message written down.
//!
//! Knows no format; it is where seeds come from.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::{Answer, Call, HttpsTransport, Ports, SystemClock, Transport, TransportProblem};
use fieldfare_core::vault::Holders;
use serde_json::json;
use tests::phone;
use tests::screen;

/// One call and its answer.
#[derive(Clone)]
pub(crate) struct Heard {
    /// What was asked.
    pub(crate) call: Call,
    /// What came back.
    pub(crate) answer: Answer,
}

/// Everything that two devices and an endpoint said while an organisation was founded, joined and worked in.
pub(crate) fn captured() -> &'static [Heard] {
    static HEARD: OnceLock<Vec<Heard>> = OnceLock::new();
    HEARD.get_or_init(capture)
}

/// A transport that writes down what passes.
struct Recorder {
    inner: HttpsTransport,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Transport for Recorder {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let answer = self.inner.post(call.clone())?;
        let heard = Heard { call, answer: answer.clone() };
        self.heard.lock().expect("no panic while it was held").push(heard);
        Ok(answer)
    }
}

fn capture() -> Vec<Heard> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let endpoint = phone::start_endpoint(&folder.path().join("endpoint"));
    let heard = Arc::<Mutex<Vec<Heard>>>::default();
    let ports = |home: &Path| Ports {
        transport: Arc::new(Recorder { inner: HttpsTransport::new().expect("TLS"), heard: heard.clone() }),
        ..phone::ports(home, Arc::new(SystemClock))
    };
    let home = folder.path().join("administrator");
    let founding = Founding {
        organisation: "Test Mentoring",
        base_url: &format!("http://{}", endpoint.address()),
        recovery_file: &folder.path().join("recovery"),
        holders: Holders::One,
    };
    let administrator =
        Fieldfare::found(&home, ports(&home), phone::PIN, phone::cheap(), &founding).expect("founding");
    let join = |name: &str, role| {
        let invitation = administrator.invite(name, role).expect("an invitation");
        let home = folder.path().join(name);
        let app = Fieldfare::join(&home, ports(&home), phone::PIN, phone::cheap(), &invitation);
        app.expect("joining")
    };
    let (robin, sandy) = (join("robin", StaffRole::Mentor), join("sandy", StaffRole::Supervisor));
    let case = phone::make(&robin, json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
    let note =
        phone::make(&robin, json!({"do": "begin_note", "case": case, "body": "we walked by the river"}));
    let all = [&administrator, &robin, &sandy];
    phone::level(&all);
    for app in [&robin, &sandy] {
        let _ = screen::save(app, &note, "and talked");
        let _ = phone::run(app, json!({"do": "set_goal", "case": case, "words": "swim a mile"}));
    }
    let concern = json!({"do": "raise_concern", "case": case, "about": "other", "words": "a bruise"});
    let _ = phone::make(&robin, concern);
    phone::level(&all);
    let heard = heard.lock().expect("no panic while it was held");
    heard.clone()
}
