//! Processes die at any moment: what was answered is kept, what was not is whole or absent, and nothing is doubled.
//!
//! Real processes and real kills; the moments are drawn from a seed.

use std::sync::Arc;
use std::time::Duration;

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::vault::Holders;
use serde_json::json;
use tests::binary::{EndpointProcess, PIN};
use tests::casework::chance::Chance;
use tests::device::{Device, made};
use tests::moment::Moment;
use tests::phone;
use tests::screen;

/// An organisation whose homes have the cheapest lock, on an endpoint that is a process.
struct Scene {
    folder: tempfile::TempDir,
    endpoint: Option<EndpointProcess>,
    address: String,
    robin: Device,
    sandy: Device,
}

impl Scene {
    fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let endpoint = EndpointProcess::start(&folder.path().join("endpoint"));
        let clock = || Arc::new(fieldfare_core::ports::SystemClock);
        let home = folder.path().join("administrator");
        let recovery_file = &folder.path().join("recovery");
        let founding = Founding {
            organisation: "Harbour",
            base_url: &endpoint.url,
            recovery_file,
            holders: Holders::One,
        };
        let ports = phone::ports(&home, clock());
        let administrator = Fieldfare::found(&home, ports, PIN, phone::cheap(), &founding).unwrap();
        let join = |name: &str, role| {
            let invitation = administrator.invite(name, role).unwrap();
            let home = folder.path().join(name);
            let ports = phone::ports(&home, clock());
            drop(Fieldfare::join(&home, ports, PIN, phone::cheap(), &invitation).unwrap());
            Device::at(&home)
        };
        let (robin, sandy) = (join("robin", StaffRole::Mentor), join("sandy", StaffRole::Supervisor));
        for device in [&robin, &sandy] {
            assert_eq!(device.exchange().status, 0);
        }
        let address = endpoint.address().to_owned();
        Self { folder, endpoint: Some(endpoint), address, robin, sandy }
    }

    fn kill_endpoint(&mut self) {
        // Dropping it kills the process without asking.
        self.endpoint = None;
    }

    fn start_endpoint(&mut self) {
        let data = self.folder.path().join("endpoint");
        self.endpoint = Some(EndpointProcess::start_on(&data, &self.address));
    }

    /// Exchanges until both are level, and asserts that they are: the notes, each once, and the digests.
    fn level(&self, case: &str, bodies: &[String]) {
        for device in [&self.robin, &self.sandy, &self.robin] {
            let ran = device.exchange();
            assert_eq!(ran.status, 0, "{}", ran.raw);
        }
        let apps = [self.robin.open().unwrap(), self.sandy.open().unwrap()];
        let [ours, theirs] = apps.each_ref().map(|app| {
            let mut digests = app.digests().unwrap();
            digests.sort_unstable();
            digests
        });
        assert_eq!(ours, theirs);
        assert_eq!(ours.len(), 2, "the organisation and the case");
        for app in &apps {
            let mut seen = notes(app, case);
            seen.sort_unstable();
            assert_eq!(seen.len(), bodies.len());
            for (excerpt, body) in seen.iter().zip(bodies) {
                assert!(body.starts_with(excerpt.trim_end_matches('…')), "{excerpt} of {body}");
            }
            let unsent = phone::page(app, json!({"page": "exchange"}));
            assert_eq!((&unsent["unsent"], &unsent["waiting"]), (&json!(0), &json!([])));
        }
    }
}

/// The first words of every note of a case, from as many pages of its timeline as there are.
fn notes(app: &Fieldfare, case: &str) -> Vec<String> {
    let (mut seen, mut before_ms) = (Vec::new(), json!(null));
    loop {
        let ask = json!({"page": "timeline", "case": case, "limit": 200, "before_ms": before_ms});
        let page = phone::page(app, ask);
        let moments = page["moments"].as_array().unwrap();
        seen.extend(moments.iter().map(|moment| moment["words"].as_str().unwrap().to_owned()));
        if page["next_before_ms"].is_null() {
            return seen;
        }
        before_ms = page["next_before_ms"].clone();
    }
}

/// Words of which every batch is told from every other.
fn batch(round: usize, number: usize) -> String {
    format!("round {round} batch {number} {}", "and we walked on ".repeat(number % 7))
}

/// Texts of notes in alphabetical order, long enough to take more than one round trip's moment.
fn bodies(from: usize) -> Vec<String> {
    (from..from + 40)
        .map(|number| {
            // Numbers that do not repeat, so that nothing compresses to nothing.
            let mut chance = Chance::new(number as u64);
            let words: Vec<String> = (0..400).map(|_| chance.bits().to_string()).collect();
            format!("{number:04} {}", words.join(" "))
        })
        .collect()
}

#[test]
fn what_was_answered_before_a_kill_is_there_after_it() {
    let scene = Scene::begin();
    let device = &scene.robin;
    let ran = device.run_all(&[json!({"do": "open_case", "name": "Kit", "cohort": "prevent"})]);
    let case = made(&ran.lines[0]);
    let mut chance = Chance::new(2026);
    let mut killed_with_more_to_say = 0;
    let mut finished: Vec<(String, String)> = Vec::new();
    for round in 0..15 {
        let mut talk = device.talk();
        let note = made(&talk.say(&json!({"do": "begin_note", "case": case})));
        // Commands are written ahead of the answers, so that the kill falls into work.
        let sent: usize = 120;
        for number in 0..sent {
            let before = number.checked_sub(1).map_or(String::new(), |before| batch(round, before));
            talk.say_unheard(&screen::saving(&note, &before, &batch(round, number)));
        }
        let heard_before = chance.below(20);
        let mut answered = 0;
        while answered < heard_before {
            assert_eq!(talk.hear().unwrap()["did"], "save_draft");
            answered += 1;
        }
        std::thread::sleep(Duration::from_micros(chance.below(4_000) as u64));
        talk.kill();
        // What was printed before the kill is an answer, whenever it is read.
        while let Some(answer) = talk.hear() {
            assert_eq!(answer["did"], "save_draft");
            answered += 1;
        }
        killed_with_more_to_say += usize::from(answered < sent);
        let app = device.open().unwrap();
        let body =
            phone::page(&app, json!({"page": "note", "note": note}))["body"].as_str().unwrap().to_owned();
        // Either the last that was answered, or one of those on their way, and each of them whole.
        let kept = (0..sent).rposition(|number| batch(round, number) == body).map_or(0, |last| last + 1);
        assert!(kept > 0 || (answered == 0 && body.is_empty()), "round {round}: {body:?} was never typed");
        assert!(kept >= answered, "round {round}: {answered} batches were answered and {kept} are here");
        assert!(kept <= answered + 1, "round {round}: {kept} are here and {answered} were answered");
        for (note, expected) in &finished {
            let page = phone::page(&app, json!({"page": "note", "note": note}));
            assert_eq!(page["body"], expected.as_str(), "an earlier note changed");
        }
        let found = phone::page(&app, json!({"page": "search", "words": format!("round {round}")}));
        let found: Vec<_> = found["found"].as_array().unwrap().iter().map(|one| &one["note"]).collect();
        assert!(body.is_empty() || found.contains(&&json!(note)), "the words are kept and not found");
        finished.push((note, body));
    }
    assert!(killed_with_more_to_say >= 10, "only {killed_with_more_to_say} kills fell into work");
}

#[test]
fn a_device_killed_while_it_exchanges_loses_and_doubles_nothing() {
    let scene = Scene::begin();
    let case = scene.robin.make(&json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
    let mut chance = Chance::new(7);
    let (mut all, mut interrupted, mut moment) = (Vec::new(), 0, Moment::default());
    for round in 0..4 {
        let new = bodies(round * 40);
        let begin = |body: &String| json!({"do": "begin_note", "case": case, "body": body});
        scene.robin.does(&new.iter().map(begin).collect::<Vec<_>>());
        all.extend(new);
        for device in [&scene.robin, &scene.sandy] {
            for _ in 0..3 {
                let mut child = device
                    .command("exchange", &[])
                    .stdout(std::process::Stdio::null())
                    .stderr(std::process::Stdio::null())
                    .spawn()
                    .unwrap();
                std::thread::sleep(Duration::from_micros(moment.drawn_us(&mut chance)));
                let under_way = child.try_wait().unwrap().is_none();
                moment.learn(under_way);
                interrupted += usize::from(under_way);
                child.kill().unwrap();
                child.wait().unwrap();
            }
        }
        scene.level(&case, &all);
    }
    assert!(interrupted >= 8, "only {interrupted} exchanges were under way when they were killed");
}

#[test]
fn an_endpoint_killed_while_it_answers_loses_and_doubles_nothing() {
    let mut scene = Scene::begin();
    let case = scene.robin.make(&json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
    let mut chance = Chance::new(11);
    let (mut all, mut interrupted, mut moment) = (Vec::new(), 0, Moment::default());
    for round in 0..6 {
        let new = bodies(round * 40);
        let begin = |body: &String| json!({"do": "begin_note", "case": case, "body": body});
        scene.robin.does(&new.iter().map(begin).collect::<Vec<_>>());
        all.extend(new);
        let device = if round % 3 == 2 { scene.sandy.clone() } else { scene.robin.clone() };
        let exchanging = std::thread::spawn(move || device.exchange());
        std::thread::sleep(Duration::from_micros(moment.drawn_us(&mut chance)));
        scene.kill_endpoint();
        let ran = exchanging.join().unwrap();
        if ran.status != 0 {
            assert_eq!(ran.problem(), "endpoint_unreachable");
            interrupted += 1;
        }
        moment.learn(ran.status != 0);
        scene.start_endpoint();
        scene.level(&case, &all);
    }
    assert!(interrupted >= 2, "only {interrupted} exchanges were under way when the endpoint was killed");
}
