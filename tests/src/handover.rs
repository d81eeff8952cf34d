//! A mentor with a case that a check-in is due in, an organisation that has licensed a scale, and a clock that a test sets.
//!
//! Knows how to hand over, step and take back; what must hold is the tests'.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::device::Device;
use crate::phone::{NoStretching, PIN, Service, TestClock, cheap, make, on_power, page, ports, run};
use crate::power::Power;
use fieldfare_core::app::{Fieldfare, Handover};
use fieldfare_core::contract::{HandOver, HandoverPage, HandoverStep, Problem, StaffRole};
use fieldfare_core::ports::{Argon2id, PinStretching, Ports, SystemEntropy};
use fieldfare_core::store::{AuditFilter, Store};
use fieldfare_core::vault::{FileHardwareKey, Hardware, Pin, Purpose, Unlock};
use serde_json::{Value, json};

/// When every scene begins, by every clock.
pub const BEGINS_MS: i64 = 1_790_000_000_000;

/// Words that stand in the store, and must stand nowhere else.
pub const NAME: &str = "Fennimarkle Dray";
/// A note's words.
pub const NOTE: &str = "Grumbletide walked home alone";

/// A mentor's home and everything around it.
pub struct Scene {
    /// The organisation.
    pub service: Service,
    /// The phone's clock.
    pub clock: Arc<TestClock>,
    /// The phone's power.
    pub power: Arc<Power>,
    stretching: Arc<dyn PinStretching>,
    /// The mentor's home.
    pub home: PathBuf,
    /// The case.
    pub case: String,
    /// A note in it.
    pub note: String,
}

/// A made-up pack for the seven-item scale.
pub fn pack() -> Value {
    let options: Vec<_> =
        (1..=5).map(|answer| json!({"answer": answer, "words": format!("made-up {answer}")})).collect();
    let items: Vec<_> = (1..=7).map(|number| format!("made-up sentence {number}")).collect();
    json!({"scale": "swemwbs", "language": "en-GB", "items": items, "options": options,
        "notice": "© Made-up owner", "licence_reference": "T-1", "licensee": "Harbour",
        "licensed_on": "2026-01-05"})
}

fn lent(
    home: &Path,
    clock: &Arc<TestClock>,
    stretching: &Arc<dyn PinStretching>,
    power: &Arc<Power>,
) -> Ports {
    let lent = on_power(ports(home, clock.clone()), home, power);
    Ports { stretching: stretching.clone(), ..lent }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// A scene whose organisation has a pack.
    pub fn new() -> Self {
        Self::with_pack(Arc::new(Argon2id))
    }

    /// The same with a lock that costs nothing, for homes that are opened hundreds of times in this process.
    pub fn without_lock() -> Self {
        Self::with_pack(Arc::new(NoStretching))
    }

    fn with_pack(stretching: Arc<dyn PinStretching>) -> Self {
        let scene = Self::joined("2012-05-01", stretching);
        run(&scene.service.administrator, json!({"do": "add_scale_pack", "pack": pack()}))
            .expect("it is there");
        scene.service.administrator.exchange(|_| ()).expect("it is there");
        scene.unlock().exchange(|_| ()).expect("it is there");
        scene
    }

    /// A scene with a young person who was born on a day.
    pub fn without_pack(born_on: &str) -> Self {
        Self::joined(born_on, Arc::new(Argon2id))
    }

    fn joined(born_on: &str, stretching: Arc<dyn PinStretching>) -> Self {
        let service = Service::found();
        let clock = TestClock::at(BEGINS_MS);
        let invitation = service.administrator.invite("robin", StaffRole::Mentor).expect("it is there");
        let home = service.home("robin");
        let power = Power::new();
        let lent = lent(&home, &clock, &stretching, &power);
        let app = Fieldfare::join(&home, lent, PIN, cheap(), &invitation).expect("it is there");
        app.exchange(|_| ()).expect("it is there");
        let case = make(
            &app,
            json!({"do": "open_case", "name": NAME, "cohort": "prevent", "born_on": born_on,
                "opened_on": "2026-01-05"}),
        );
        let note = make(&app, json!({"do": "begin_note", "case": case, "body": NOTE}));
        drop(app);
        Self { service, clock, power, stretching, home, case, note }
    }

    /// What a home of this mentor is lent.
    #[must_use]
    pub fn ports(&self, home: &Path) -> Ports {
        lent(home, &self.clock, &self.stretching, &self.power)
    }

    /// The mentor's unlock.
    pub fn unlock(&self) -> Fieldfare {
        self.try_unlock().expect("it is there")
    }

    /// The mentor's unlock, or what became of it.
    pub fn try_unlock(&self) -> Result<Fieldfare, Problem> {
        Fieldfare::unlock(&self.home, self.ports(&self.home), PIN)
    }

    /// What starts a hand-over of the licensed scale.
    pub fn start(&self) -> HandOver {
        let start =
            json!({"case": self.case, "scale": "swemwbs", "company": ["mentor"], "manner": "read_aloud"});
        serde_json::from_value(start).expect("it is there")
    }

    /// Hands the phone over.
    pub fn hand_over(&self) -> Handover {
        self.unlock().hand_over(&self.start()).map_err(|refused| refused.problem).expect("it is there")
    }

    /// Opens the phone that is in somebody's hands, as an app does that was killed.
    pub fn again(&self) -> Handover {
        self.try_again().expect("it is there")
    }

    /// The same, or what became of it.
    pub fn try_again(&self) -> Result<Handover, Problem> {
        let entropy = Arc::new(SystemEntropy::default());
        Handover::open(&self.home, self.clock.clone(), entropy, self.power.clone())
    }

    /// The home as a script uses it, without a PIN.
    pub fn without_pin(&self) -> Device {
        Device { pin: String::new(), ..Device::at(&self.home) }
    }

    /// The check-ins of the case, as the mentor sees them.
    pub fn check_ins(&self, app: &Fieldfare) -> Vec<Value> {
        let page = page(app, json!({"page": "check_ins", "case": self.case, "scale": "swemwbs"}));
        page["rows"].as_array().expect("it is there").clone()
    }

    /// Why anything is set aside, as the mentor sees it.
    pub fn aside(&self, app: &Fieldfare) -> Vec<String> {
        let page = page(app, json!({"page": "exchange"}));
        let rows = page["set_aside"].as_array().expect("it is there");
        let mut why: Vec<_> =
            rows.iter().map(|row| row["why"].as_str().expect("it is there").to_owned()).collect();
        why.sort_unstable();
        why
    }

    /// What was done on this phone, by name, the latest first; the home has to be locked.
    #[must_use]
    pub fn audit(&self) -> Vec<String> {
        let hardware_key = FileHardwareKey::new(&self.home, Arc::new(SystemEntropy::default()));
        let pin = Pin::entered(PIN).expect("a PIN");
        let unlock = Unlock::begin(&self.home, &pin, self.clock.as_ref(), Hardware::with_key(&hardware_key));
        let unlock = unlock.expect("it opens");
        let [database, audit] =
            [Purpose::Database, Purpose::Audit].map(|purpose| unlock.root_key().key(purpose));
        let store = Store::open(&self.home.join("store.db"), database.expose(), audit.expose());
        let lines = store.expect("a store").read(|read| read.audit(&AuditFilter::default(), 200));
        lines.expect("lines").into_iter().map(|line| line.what).collect()
    }

    /// The sealed answers as they lie in the home.
    pub fn boxed(&self) -> Vec<u8> {
        std::fs::read(self.home.join("handover-answers")).expect("it is there")
    }

    /// Puts other bytes in their place.
    pub fn forge(&self, bytes: &[u8]) {
        std::fs::write(self.home.join("handover-answers"), bytes).expect("it is there");
    }
}

/// A step from its JSON.
pub fn step(json: Value) -> HandoverStep {
    serde_json::from_value(json).expect("it is there")
}

/// Does a step that is offered.
pub fn does(handed: &Handover, json: Value) -> HandoverPage {
    handed.step(&step(json)).expect("it is there")
}

/// Answers the question that is shown.
pub fn answers(handed: &Handover, answer: u8) -> HandoverPage {
    does(handed, json!({"step": "answer", "answer": answer}))
}

/// Starts, and gives so many answers, all alike.
pub fn answers_first(handed: &Handover, count: usize, answer: u8) {
    does(handed, json!({"step": "next"}));
    for _ in 0..count {
        answers(handed, answer);
    }
}
