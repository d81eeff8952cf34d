//! What an organisation has behind it when a world begins: nothing yet, many small segments, or a heavy load.
//!
//! Each is made once from the founded organisation, and copied by every world that begins there.

use std::path::Path;
use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use serde_json::json;

use super::machine::{Around, Time};
use super::network::Network;
use super::phone::{Did, Phone};
use super::post::Post;
use super::template::{STAFF, Template, copy};
use crate::casework::chance::Chance;
use crate::phone::{make, run};

/// Acknowledged segments in each of robin's worn chains: a few fewer than are packed into a bundle.
const WORN_SEGMENTS: usize = 62;
/// Letters of a heavy note.
const NOTE_LETTERS: usize = 10_000;

/// Where a world begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// An organisation that was founded, with one case.
    Fresh,
    /// Robin has exchanged after every few words for long.
    Worn,
    /// Robin has written more than fits into many replies.
    Heavy(Load),
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Load {
    /// Edits in one case, at least.
    pub edits: usize,
    /// Cases.
    pub cases: usize,
    /// Segments, about.
    pub segments: usize,
}

impl Load {
    /// What each seed can bear.
    pub const SMALL: Self = Self { edits: 800, cases: 16, segments: 160 };
    /// What a phone must be able to bear.
    pub const FULL: Self = Self { edits: 100_000, cases: 500, segments: 10_000 };
}

impl Ground {
    /// Makes the ground in a folder of its own.
    pub(super) fn lay(self, template: &Template, folder: &Path) {
        match self {
            Self::Fresh => {}
            Self::Worn => Site::begin(template, folder).wear(template),
            Self::Heavy(load) => Site::begin(template, folder).load(load, template),
        }
    }

    /// The name of its folder.
    pub(super) fn name(self) -> String {
        match self {
            Self::Fresh => String::new(),
            Self::Worn => "worn".to_owned(),
            Self::Heavy(load) => format!("heavy-{}", load.edits),
        }
    }
}

/// Copies of the template's homes, robin's and wren's switched on.
struct Site {
    time: Arc<Time>,
    robin: Phone,
    wren: Phone,
}

impl Site {
    fn begin(template: &Template, folder: &Path) -> Self {
        let names = STAFF.iter().map(|(name, _)| *name);
        for name in names.chain(["endpoint", "foreign"]) {
            copy(&template.place(name), &folder.join(name));
        }
        std::fs::copy(template.place("recovery"), folder.join("recovery")).expect("the recovery key");
        let time = Time::new();
        time.pass(24 * 3_600_000);
        let around = Around::new(time.clone(), 3);
        let network = Network::new(Post::new(&folder.join("endpoint"), around), 3);
        let phone = |number: usize| {
            let (name, role) = STAFF[number];
            let mut phone = Phone::new(name, role, &folder.join(name), &time, &network, 200 + number as u64);
            assert_eq!(phone.open(None), Did::Done(()), "a phone of the template");
            phone
        };
        let (robin, wren) = (phone(1), phone(2));
        Self { time, robin, wren }
    }

    fn exchange(&self, phone: &Phone) {
        self.time.pass(20_000);
        on(phone).exchange(|_| ()).expect("an exchange on a clear day");
    }

    /// Two chains of many segments, which wren has read.
    fn wear(self, template: &Template) {
        let (robin, wren) = (on(&self.robin), on(&self.wren));
        let goal = make(&robin, json!({"do": "set_goal", "case": template.case, "words": "a mile"}));
        for round in 0..WORN_SEGMENTS {
            run(&robin, json!({"do": "describe_note", "note": template.note, "minutes": round + 1}))
                .expect("minutes");
            run(&robin, json!({"do": "record_progress", "goal": goal, "words": format!("{round}")}))
                .expect("progress");
            self.exchange(&self.robin);
            // What robin seals next says that this was seen.
            if round % 6 == 0 {
                self.exchange(&self.wren);
                run(&wren, json!({"do": "describe_note", "note": template.note, "minutes": 300 + round}))
                    .expect("minutes");
                run(&wren, json!({"do": "record_progress", "goal": goal, "words": format!("after {round}")}))
                    .expect("progress");
                self.exchange(&self.wren);
            }
        }
        self.exchange(&self.wren);
        self.exchange(&self.robin);
    }

    /// Many edits in the template's case, many cases and many segments.
    fn load(self, load: Load, template: &Template) {
        let (robin, mut chance) = (on(&self.robin), Chance::new(26));
        for case in 1..load.cases {
            let name = format!("case {case}");
            run(&robin, json!({"do": "open_case", "name": name, "cohort": "prevent"})).expect("a case");
            if case % 8 == 0 {
                self.exchange(&self.robin);
            }
        }
        let mut note = template.note.clone();
        let a_segment = load.edits.div_ceil(load.segments).max(1);
        for edit in 0..load.edits {
            if edit % 12 == 0 {
                // Letters that no compression foresees, so that replies fill.
                let letters = if edit % 24 == 0 { NOTE_LETTERS } else { 40 };
                let body: String = (0..letters).map(|_| char::from(b'a' + chance.below(26) as u8)).collect();
                let case = &template.case;
                note = make(&robin, json!({"do": "begin_note", "case": case, "body": body}));
            }
            run(&robin, json!({"do": "describe_note", "note": note, "minutes": 1 + edit % 400}))
                .expect("minutes");
            if edit % a_segment == 0 {
                self.exchange(&self.robin);
            }
        }
        self.exchange(&self.robin);
    }
}

fn on(phone: &Phone) -> Arc<Fieldfare> {
    phone.app.clone().expect("a phone that is on")
}
