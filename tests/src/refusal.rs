//! A home with something in it to lose, and what every refusal owes the person who meets it.
//!
//! Knows how a problem is printed, not why it comes about.

use fieldfare_core::contract::StaffRole;
use serde_json::{Value, json};

use crate::binary::Ran;
use crate::device::Device;
use crate::phone::{self, Service};

/// What is typed in vain, and must appear in no output.
pub const SENTINEL: &str = "Zyxquorl";

/// The name of no record.
pub const NOBODY: &str = "0123456789abcdef0123456789abcdef";

/// An organisation and a mentor's home with a case, a draft, a goal and a concern in it.
pub struct House {
    /// The organisation, with its endpoint in this process.
    pub service: Service,
    /// The mentor's device, driven by the binary.
    pub robin: Device,
    /// A case.
    pub case: String,
    /// A draft in it.
    pub note: String,
    /// A goal in it.
    pub goal: String,
}

impl Default for House {
    fn default() -> Self {
        Self::new()
    }
}

impl House {
    /// Founds, joins and writes.
    #[must_use]
    pub fn new() -> Self {
        let service = Service::found();
        let app = service.join("robin", StaffRole::Mentor);
        let case = phone::make(
            &app,
            json!({"do": "open_case", "name": "Kit", "cohort": "prevent", "born_on": "2012-05-01",
                "opened_on": "2026-01-05", "risk": "medium"}),
        );
        let note = phone::make(&app, json!({"do": "begin_note", "case": case, "body": "a first note"}));
        let goal = phone::make(&app, json!({"do": "set_goal", "case": case, "words": "swim a mile"}));
        let _concern = phone::make(
            &app,
            json!({"do": "raise_concern", "case": case, "about": "other", "words": "unsent"}),
        );
        drop(app);
        let robin = Device::at(&service.home("robin"));
        Self { service, robin, case, note, goal }
    }

    /// Everything of the mentor's device that a person sees, and the digests of all that stands.
    ///
    /// # Panics
    /// If the home does not open.
    #[must_use]
    pub fn state(&self) -> Value {
        let app = self.robin.open().expect("the home opens");
        let digests = app.digests().expect("digests");
        let digests: Vec<_> = digests.iter().map(|(vault, hash)| format!("{vault} {hash}")).collect();
        let ask = |ask: Value| phone::page(&app, ask);
        json!({
            "digests": digests,
            "case": ask(json!({"page": "case", "case": self.case})),
            "note": ask(json!({"page": "note", "note": self.note})),
            "goal": ask(json!({"page": "goal", "goal": self.goal})),
            "concerns": ask(json!({"page": "today"}))["concerns"],
            "unsent": ask(json!({"page": "exchange"}))["unsent"],
        })
    }

    /// Does something that must change nothing.
    ///
    /// # Panics
    /// If it changed anything.
    pub fn unchanged(&self, act: impl FnOnce(&Device) -> Ran) -> Ran {
        let before = self.state();
        let ran = act(&self.robin);
        assert_eq!(before, self.state(), "{}", ran.raw);
        ran
    }
}

/// Asserts that a run was refused as it should be: with this problem, in words, with what to do next, and without a word
/// of what was typed.
///
/// # Panics
/// If it was not.
pub fn refused(ran: &Ran, problem: &str) {
    assert_eq!(ran.status, 2, "{}", ran.raw);
    let line = ran.line();
    assert_eq!(line["problem"], problem, "{line}");
    for words in ["says", "next"] {
        let told = line[words].as_str().unwrap_or_default();
        assert!(told.len() >= 10 && told.contains(' '), "{words} says nothing: {line}");
    }
    assert!(!ran.raw.contains(SENTINEL), "what was typed is repeated: {}", ran.raw);
}
