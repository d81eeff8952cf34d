//! An organisation whose processes are killed: a mentor who writes, a supervisor who reads, an endpoint between them.
//!
//! Decides what is struck and when; whether everything is still there is asked of what was told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::SystemClock;
use fieldfare_core::vault::{Holders, LockRules};
use serde_json::json;
use tempfile::TempDir;

use super::Tally;
use super::told::{Said, Told};
use crate::binary::{EndpointProcess, PIN};
use crate::casework::chance::Chance;
use crate::device::Device;
use crate::moment::Moment;
use crate::phone;

/// Commands of one burst: more than are done before the usual blow.
const BURST: usize = 24;
/// Concerns, and goals, of one case: as many as its page shows.
const ROWS_MAX: usize = 50 - BURST;
/// Rounds between two looks at everything.
const LOOK_EVERY: u64 = 50;

/// Everything that can be struck, and what it was told.
pub struct Scene {
    /// What was done so far.
    pub tally: Tally,
    pub(super) folder: TempDir,
    pub(super) administrator: Fieldfare,
    pub(super) chance: Chance,
    endpoint: Option<EndpointProcess>,
    address: String,
    pub(super) robin: Device,
    sandy: Device,
    case: String,
    told: Told,
    bursts: Moment,
    exchanges: Moment,
    answers: Moment,
    pub(super) births: Moment,
    pub(super) unlocks: Moment,
}

impl Scene {
    /// Founds an organisation on an endpoint that is a process; every home has the same lock.
    #[must_use]
    pub fn begin(seed: u64, rules: LockRules) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let endpoint = EndpointProcess::start(&folder.path().join("endpoint"));
        let home = folder.path().join("administrator");
        let recovery_file = &folder.path().join("recovery");
        let founding = Founding {
            organisation: "Harbour",
            base_url: &endpoint.url,
            recovery_file,
            holders: Holders::One,
        };
        let ports = |home: &std::path::Path| phone::ports(home, Arc::new(SystemClock));
        let administrator = Fieldfare::found(&home, ports(&home), PIN, rules, &founding).expect("founding");
        let join = |name: &str, role| {
            let invitation = administrator.invite(name, role).expect("an invitation");
            let home = folder.path().join(name);
            drop(Fieldfare::join(&home, ports(&home), PIN, rules, &invitation).expect("joining"));
            Device::at(&home)
        };
        let (robin, sandy) = (join("robin", StaffRole::Mentor), join("sandy", StaffRole::Supervisor));
        for device in [&robin, &sandy] {
            assert_eq!(device.exchange().status, 0);
        }
        let case = robin.make(&json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
        let address = endpoint.address().to_owned();
        Self {
            tally: Tally::default(),
            folder,
            administrator,
            chance: Chance::new(seed),
            endpoint: Some(endpoint),
            address,
            robin,
            sandy,
            case,
            told: Told::default(),
            bursts: Moment::default(),
            exchanges: Moment::default(),
            answers: Moment::default(),
            births: Moment::default(),
            unlocks: Moment::default(),
        }
    }

    /// One round: something is struck at a moment drawn by chance, and what was answered is looked for.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn round(&mut self) {
        self.tally.rounds += 1;
        match self.chance.below(100) {
            0..=69 => self.strike_a_burst(),
            70..=81 => self.strike_an_exchange(),
            82..=91 => self.strike_the_endpoint(),
            92..=94 => self.strike_both(),
            95..=97 => self.strike_unlocking(),
            98 => self.strike_a_birth(),
            _ => self.strike_an_update(),
        }
        if self.tally.rounds.is_multiple_of(LOOK_EVERY) {
            self.look_at_everything();
        }
    }

    /// Keeps every file for somebody to look at.
    pub fn keep(&mut self) -> PathBuf {
        let kept = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a temporary folder"));
        kept.keep()
    }

    fn something_to_say(&mut self, number: usize) -> Said {
        let filler = "and we walked on ".repeat(self.chance.below(40));
        let words = format!("r{} n{number} {filler}", self.tally.rounds).trim_end().to_owned();
        let drawn = self.chance.below(100);
        let earlier = self.chance.below(64);
        match (drawn, self.told.note(earlier)) {
            (0..=29, Some(note)) => Said::Draft(note.clone(), self.told.says(note), words),
            (97, _) if self.told.concerns() < ROWS_MAX => Said::Concern(words),
            (98, _) if self.told.goals() < ROWS_MAX => Said::Goal(words),
            _ => Said::Note(words),
        }
    }

    fn strike_a_burst(&mut self) {
        let mut talk = self.robin.talk();
        let mut said: Vec<Said> = (0..BURST).map(|number| self.something_to_say(number)).collect();
        // Within a burst each save begins from the one before.
        let mut saved = BTreeMap::new();
        for one in &mut said {
            if let Said::Draft(note, before, body) = one
                && let Some(earlier) = saved.insert(note.clone(), body.clone())
            {
                *before = earlier;
            }
        }
        for one in &said {
            talk.say_unheard(&one.command(&self.case));
        }
        std::thread::sleep(Duration::from_micros(self.bursts.drawn_us(&mut self.chance)));
        talk.kill();
        self.tally.kills_phone += 1;
        // What was printed before the kill is an answer, whenever it is read.
        let answers: Vec<_> = std::iter::from_fn(|| talk.hear()).collect();
        for (number, one) in said.iter().enumerate() {
            let answer = answers.get(number);
            assert!(answer.is_none_or(|answer| answer["did"].is_string()), "{answer:?}");
            self.told.take(one, answer);
        }
        self.bursts.learn(answers.len() < said.len());
        self.tally.kills_phone_at_work += u64::from(answers.len() < said.len());
        self.tally.acknowledged += answers.len() as u64;
        self.look_at_fresh();
    }

    fn look_at_fresh(&mut self) {
        let app = self.robin.open().expect("a home that was killed opens");
        self.told.look_at_fresh(&app);
    }

    fn either(&mut self) -> Device {
        if self.chance.percent(60) { self.robin.clone() } else { self.sandy.clone() }
    }

    fn strike_an_exchange(&mut self) {
        let device = self.either();
        let mut command = device.command("exchange", &[]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary");
        std::thread::sleep(Duration::from_micros(self.exchanges.drawn_us(&mut self.chance)));
        let under_way = child.try_wait().expect("a child").is_none();
        self.exchanges.learn(under_way);
        let _ = child.kill();
        let _ = child.wait();
        self.tally.kills_phone += 1;
        self.tally.kills_phone_at_work += u64::from(under_way);
        drop(device.open().expect("a home that was killed opens"));
    }

    fn strike_the_endpoint(&mut self) {
        let device = self.either();
        let exchanging = std::thread::spawn(move || device.exchange());
        std::thread::sleep(Duration::from_micros(self.answers.drawn_us(&mut self.chance)));
        self.endpoint = None;
        self.tally.kills_endpoint += 1;
        let ran = exchanging.join().expect("an exchange that ends");
        if ran.status != 0 {
            assert_eq!(ran.problem(), "endpoint_unreachable", "{}", ran.raw);
        }
        self.answers.learn(ran.status != 0);
        self.start_endpoint();
    }

    fn strike_both(&mut self) {
        let device = self.either();
        let mut command = device.command("exchange", &[]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary");
        std::thread::sleep(Duration::from_micros(self.exchanges.drawn_us(&mut self.chance)));
        self.endpoint = None;
        let _ = child.kill();
        let _ = child.wait();
        self.tally.kills_phone += 1;
        self.tally.kills_endpoint += 1;
        self.start_endpoint();
    }

    fn start_endpoint(&mut self) {
        let data = self.folder.path().join("endpoint");
        self.endpoint = Some(EndpointProcess::start_on(&data, &self.address));
    }

    /// Exchanges in peace and asserts that everything is everywhere.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn look_at_everything(&mut self) {
        // The reader first: what the writer shows as delivered has to be at the endpoint already, without its help.
        let delivered: Vec<String> = {
            let app = self.robin.open().expect("a home opens");
            concerns(&app, &self.case)
                .into_iter()
                .filter(|concern| concern.1)
                .map(|concern| concern.0)
                .collect()
        };
        assert_eq!(self.sandy.exchange().status, 0);
        if !delivered.is_empty() {
            let app = self.sandy.open().expect("a home opens");
            let there = concerns(&app, &self.case);
            for concern in &delivered {
                assert!(
                    there.iter().any(|one| one.0 == *concern),
                    "{concern} was delivered and is not there"
                );
            }
        }
        for device in [&self.robin, &self.sandy, &self.robin] {
            let ran = device.exchange();
            assert_eq!(ran.status, 0, "{}", ran.raw);
        }
        let apps = [self.robin.open().expect("a home opens"), self.sandy.open().expect("a home opens")];
        let [ours, theirs] = apps.each_ref().map(|app| {
            let mut digests = app.digests().expect("digests");
            digests.sort_unstable();
            digests
        });
        assert_eq!(ours, theirs, "two devices differ");
        for app in &apps {
            self.told.look_at_everything(app, &self.case);
            let unsent = phone::page(app, json!({"page": "exchange"}));
            assert_eq!((&unsent["unsent"], &unsent["waiting"]), (&json!(0), &json!([])));
        }
        assert!(
            concerns(&apps[0], &self.case).iter().all(|concern| concern.1),
            "a concern lacks its receipt"
        );
    }
}

/// Every concern of a case, and whether the page says that it was delivered.
fn concerns(app: &Fieldfare, case: &str) -> Vec<(String, bool)> {
    let page = phone::page(app, json!({"page": "case", "case": case}));
    let rows = page["concerns"].as_array().expect("concerns");
    rows.iter()
        .map(|row| (row["concern"].as_str().expect("a name").to_owned(), !row["delivered_at_ms"].is_null()))
        .collect()
}
