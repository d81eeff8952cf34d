//! A line that breaks at any byte, of what is asked or of what is answered: exactly once, and nothing lost.
//!
//! Real sockets; the line is cut by somebody who understands nothing of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::SystemClock;
use fieldfare_core::vault::Holders;
use fieldfare_endpoint::Endpoint;
use serde_json::json;
use tempfile::TempDir;
use tests::casework::chance::Chance;
use tests::cutter::{Cutter, Way};
use tests::phone::{self, PIN, make, page};

/// Goals before the next case is opened.
const GOALS_OF_A_CASE: usize = 40;

/// An organisation whose devices reach the endpoint over a line that can be cut.
struct Scene {
    _folder: TempDir,
    endpoint: Endpoint,
    line: Cutter,
    robin: Fieldfare,
    sandy: Fieldfare,
    case: String,
}

impl Scene {
    fn begin() -> Self {
        // Thousands of commits: in memory where there is such a folder, since nothing here asks the disk to survive.
        let memory = Path::new("/dev/shm");
        let folder =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let endpoint = phone::start_endpoint(&folder.path().join("endpoint"));
        let line = Cutter::before(endpoint.address());
        let ports = |home: &Path| phone::ports(home, Arc::new(SystemClock));
        let home = folder.path().join("administrator");
        let founding = Founding {
            organisation: "Harbour",
            base_url: &format!("http://{}", line.address),
            recovery_file: &folder.path().join("recovery"),
            holders: Holders::One,
        };
        let administrator = Fieldfare::found(&home, ports(&home), PIN, phone::cheap(), &founding).unwrap();
        let join = |name: &str, role| {
            let invitation = administrator.invite(name, role).unwrap();
            let home = folder.path().join(name);
            let app = Fieldfare::join(&home, ports(&home), PIN, phone::cheap(), &invitation).unwrap();
            app.exchange(|_| ()).unwrap();
            app
        };
        let (robin, sandy) = (join("robin", StaffRole::Mentor), join("sandy", StaffRole::Supervisor));
        let case = make(&robin, json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
        phone::level(&[&robin, &sandy]);
        Self { _folder: folder, endpoint, line, robin, sandy, case }
    }

    fn goal(&self, words: &str) {
        let _ = make(&self.robin, json!({"do": "set_goal", "case": self.case, "words": words}));
    }

    /// Exchanges over a line that is cut; returns whether the cut was felt.
    fn cut(&self, app: &Fieldfare, way: Way, after: usize) -> bool {
        self.line.cut_after(way, after);
        let outcome = app.exchange(|_| ());
        let felt = self.line.is_whole();
        self.line.mend();
        match outcome {
            Ok(_) => {}
            Err(Problem::EndpointUnreachable | Problem::EndpointNonsense) => assert!(felt, "refused unasked"),
            Err(problem) => panic!("cut after {after}: {problem:?}"),
        }
        felt
    }

    /// Both devices exchange in peace, and show the same goals: these, each once.
    fn level(&self, goals: &[String]) {
        phone::level(&[&self.robin, &self.sandy]);
        let [ours, theirs] = [&self.robin, &self.sandy].map(|app| {
            let mut digests = app.digests().unwrap();
            digests.sort_unstable();
            digests
        });
        assert_eq!(ours, theirs);
        for app in [&self.robin, &self.sandy] {
            let case = page(app, json!({"page": "case", "case": self.case}));
            let mut words: Vec<_> = case["goals"]
                .as_array()
                .unwrap()
                .iter()
                .map(|goal| goal["words"].as_str().unwrap())
                .collect();
            words.sort_unstable();
            let mut expected: Vec<_> = goals.iter().map(String::as_str).collect();
            expected.sort_unstable();
            assert_eq!(words, expected);
            assert_eq!(page(app, json!({"page": "exchange"}))["unsent"], 0);
        }
    }
}

#[test]
fn a_line_cut_at_every_byte_of_a_small_exchange_loses_and_doubles_nothing() {
    let mut scene = Scene::begin();
    let mut goals = Vec::new();
    for way in [Way::Up, Way::Down] {
        let (mut after, mut cuts) = (0, 0);
        loop {
            let words = format!("{way:?} {after}");
            scene.goal(&words);
            goals.push(words);
            if !scene.cut(&scene.robin, way, after) {
                break;
            }
            cuts += 1;
            // The next exchange brings what this one did not, and brings it once.
            scene.robin.exchange(|_| ()).unwrap();
            assert_eq!(page(&scene.robin, json!({"page": "exchange"}))["unsent"], 0, "{way:?} {after}");
            after += 1;
            // A page of a case shows so many goals; the next ones are another case's.
            if goals.len() == GOALS_OF_A_CASE {
                scene.level(&goals);
                goals.clear();
                scene.case =
                    make(&scene.robin, json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
                phone::level(&[&scene.robin, &scene.sandy]);
            }
        }
        assert!(cuts > 150, "only {cuts} bytes went {way:?}");
        scene.level(&goals);
    }
}

#[test]
fn a_line_cut_anywhere_in_a_large_exchange_loses_and_doubles_nothing() {
    let scene = Scene::begin();
    let mut chance = Chance::new(10);
    let mut felt = 0;
    for round in 0..8 {
        let bodies: Vec<String> = (0..60)
            .map(|number| {
                let words: Vec<String> = (0..300).map(|_| chance.bits().to_string()).collect();
                format!("{round} {number} {}", words.join(" "))
            })
            .collect();
        for body in &bodies {
            let _ = make(&scene.robin, json!({"do": "begin_note", "case": scene.case, "body": body}));
        }
        let concern =
            json!({"do": "raise_concern", "case": scene.case, "about": "other", "words": format!("{round}")});
        let _ = make(&scene.robin, concern);
        for app in [&scene.robin, &scene.sandy] {
            for way in [Way::Up, Way::Down, Way::Up, Way::Down] {
                felt += usize::from(scene.cut(app, way, chance.below(120_000)));
            }
            app.exchange(|_| ()).unwrap();
        }
        scene.level(&[]);
        for app in [&scene.robin, &scene.sandy] {
            let found = page(app, json!({"page": "case", "case": scene.case}));
            assert_eq!(found["concerns"].as_array().unwrap().len(), round + 1);
        }
    }
    assert!(felt >= 8, "only {felt} cuts were felt");
}

#[test]
fn callers_who_dawdle_cost_a_wait_and_nothing_else() {
    let scene = Scene::begin();
    let address = scene.endpoint.address();
    let dawdlers: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream
                .write_all(b"POST /v1/exchange HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\nab")
                .unwrap();
            stream
        })
        .collect();
    scene.goal("swim a mile");
    // Those who said they would send a body and do not hold places; a place is given back when the body is too late.
    let outcome = scene.robin.exchange(|_| ());
    drop(dawdlers);
    // When every place is taken, the phone is told when to come back, and finds its place then.
    match outcome {
        Ok(_) => {}
        Err(Problem::EndpointBusy { retry_after_s }) => {
            assert!(retry_after_s <= 60, "{retry_after_s}");
            std::thread::sleep(std::time::Duration::from_secs(retry_after_s + 1));
        }
        Err(problem) => panic!("{problem:?}"),
    }
    let mut asked = TcpStream::connect(address).unwrap();
    asked.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    asked.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("ok"), "{answer}");
    scene.level(&["swim a mile".to_owned()]);
}
