//! A living device whose endpoint lies: true answers of a true endpoint, changed field by field before they are read.
//!
//! The device may refuse or take what it is told. It never stops, it opens again, it shows every word that was written
//! on it, and once the endpoint is honest again, in a new life, all devices are level.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_core::ports::{Answer, Call, Ports, Transport, TransportProblem};
use fieldfare_core::vault::Holders;
use fieldfare_endpoint::{Body, Counter, restored};
use fieldfare_protocol::exchange::Reply;
use fieldfare_protocol::limits::RETRY_AFTER_S_MAX;
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::wire;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::near::VirtualClock;
use tests::phone;
use tests::screen;

use super::lies;
use crate::Target;
use crate::supply::Supply;

/// Answers of one exchange; then the line is dead.
const ANSWERS_MAX: usize = 12;
/// Exchanges over which one input is spread.
const EXCHANGES: usize = 3;
/// When the lies begin, in milliseconds since 1970.
const BEGIN_MS: i64 = 1_790_000_000_000;
/// What passes before anybody trusts the endpoint again: it may have asked to be left alone for so long.
const LATER_MS: i64 = 1_000 * (RETRY_AFTER_S_MAX as i64 + 1);

pub(super) fn target() -> Target {
    Target { name: "liar", bytes_max: 2 * 1024, runs: 8, seeds, read: lie }
}

/// Two devices and their endpoint, in folders that are copied for every run.
struct Scene {
    folder: TempDir,
    /// What the first device shows of its own writing.
    own: Vec<(Value, Value)>,
    /// Items that travelled before; a liar repeats them.
    earlier: Vec<fieldfare_protocol::exchange::Item>,
}

fn memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder")
}

/// Answers from the counter, and lies if it is told to.
struct Line {
    counter: Arc<Counter>,
    clock: Arc<VirtualClock>,
    lies: Mutex<Option<Lies>>,
    heard: Mutex<Vec<Reply>>,
}

struct Lies {
    input: Vec<u8>,
    at: usize,
    answers: usize,
}

impl Line {
    fn honest(data: &Path, clock: &Arc<VirtualClock>) -> Arc<Self> {
        let counter = Arc::new(Counter::open(data, clock.clone()).expect("an endpoint"));
        Arc::new(Self { counter, clock: clock.clone(), lies: Mutex::default(), heard: Mutex::default() })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Transport for Line {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let answer = self.counter.answer(&call.path, &call.headers, Body::Whole(&call.body));
        let honest = Answer {
            status: answer.status,
            retry_after_s: answer.retry_after_s.map(u64::from),
            body: answer.body,
        };
        let mut lies = lock(&self.lies);
        let reply = (call.path == EXCHANGE_PATH).then(|| wire::decode::<Reply>(&honest.body).ok()).flatten();
        let Some(told) = lies.as_mut() else {
            lock(&self.heard).extend(reply);
            return Ok(honest);
        };
        told.answers += 1;
        if told.answers > ANSWERS_MAX {
            return Err(TransportProblem::Unreachable);
        }
        let mut supply = Supply::new(&told.input[told.at..]);
        let answer = lies::tell(&mut supply, honest, reply, &scene().earlier);
        told.at = told.input.len() - supply.left();
        answer
    }
}

fn ports(home: &Path, line: &Arc<Line>) -> Ports {
    let stretching = Arc::new(phone::NoStretching);
    Ports { transport: line.clone(), stretching, ..phone::ports(home, line.clock.clone()) }
}

fn open(home: &Path, line: &Arc<Line>) -> Result<Fieldfare, Problem> {
    Fieldfare::unlock(home, ports(home, line), phone::PIN)
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(begin)
}

fn begin() -> Scene {
    let folder = memory();
    let line = Line::honest(&folder.path().join("endpoint"), &VirtualClock::at(BEGIN_MS));
    let home = folder.path().join("administrator");
    let recovery_file = &folder.path().join("recovery");
    let founding = Founding {
        organisation: "Harbour",
        base_url: "http://127.0.0.1:1",
        recovery_file,
        holders: Holders::One,
    };
    let administrator = Fieldfare::found(&home, ports(&home, &line), phone::PIN, phone::cheap(), &founding)
        .expect("founding");
    let join = |name: &str, role| {
        let invitation = administrator.invite(name, role).expect("an invitation");
        let home = folder.path().join(name);
        let joined = Fieldfare::join(&home, ports(&home, &line), phone::PIN, phone::cheap(), &invitation);
        joined.expect("joining")
    };
    let (robin, sandy) = (join("robin", StaffRole::Mentor), join("sandy", StaffRole::Safeguarding));
    let case = phone::make(&robin, json!({"do": "open_case", "name": "Kit", "cohort": "prevent"}));
    let note = phone::make(&robin, json!({"do": "begin_note", "case": case, "body": "we walked"}));
    phone::level(&[&administrator, &robin, &sandy]);
    // What the other has written and this device has not fetched; what this device has written and not sent.
    let _ = screen::save(&sandy, &note, "we walked and talked");
    let _ = phone::run(&sandy, json!({"do": "set_goal", "case": case, "words": "swim a mile"}));
    sandy.exchange(|_| ()).expect("an exchange");
    let mut own = Vec::new();
    for words in ["by the river", "on the hill"] {
        let made = phone::make(&robin, json!({"do": "begin_note", "case": case, "body": words}));
        own.push(json!({"page": "note", "note": made}));
    }
    let concern = json!({"do": "raise_concern", "case": case, "about": "other", "words": "a bruise"});
    let concern = phone::make(&robin, concern);
    let goal = phone::make(&robin, json!({"do": "set_goal", "case": case, "words": "read a book"}));
    own.push(json!({"page": "goal", "goal": goal}));
    let own = own.into_iter().map(|ask| (ask.clone(), written(&phone::page(&robin, ask)))).collect();
    drop((administrator, robin, sandy));
    let earlier = lock(&line.heard).drain(..).flat_map(|reply| reply.items).collect();
    std::fs::write(folder.path().join("case"), format!("{case} {concern}")).expect("a file");
    Scene { folder, own, earlier }
}

/// Of a page, the words that a person wrote.
fn written(page: &Value) -> Value {
    json!([page["body"], page["words"]])
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    std::fs::create_dir(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
    }
    to.to_owned()
}

fn lie(input: &[u8]) {
    let scene = scene();
    let run = memory();
    let [endpoint, robin, sandy] = ["endpoint", "robin", "sandy"]
        .map(|name| copy(&scene.folder.path().join(name), &run.path().join(name)));
    let clock = VirtualClock::at(BEGIN_MS);
    let line = Line::honest(&endpoint, &clock);
    let mut at = 0;
    let mut app = open(&robin, &line).expect("a home opens");
    for _ in 0..EXCHANGES {
        *lock(&line.lies) = Some(Lies { input: input.to_vec(), at, answers: 0 });
        let outcome = app.exchange(|_| ());
        at = lock(&line.lies).take().map_or(at, |lies| lies.at);
        assert!(!matches!(outcome, Err(Problem::Unexpected { .. } | Problem::StoreDamaged)), "{outcome:?}");
        show_what_was_written(&app, &scene.own);
    }
    drop(app);
    app = open(&robin, &line).expect("a home opens after lies");
    show_what_was_written(&app, &scene.own);
    drop(app);
    drop(line);
    // An honest endpoint in a new life: whatever was believed of the old one no longer counts.
    restored(&endpoint).expect("the endpoint's folder");
    clock.pass(LATER_MS);
    let line = Line::honest(&endpoint, &clock);
    let apps = [&robin, &sandy].map(|home| open(home, &line).expect("a home opens"));
    for _ in 0..2 {
        for app in &apps {
            app.exchange(|_| ()).expect("an exchange with an honest endpoint");
        }
    }
    show_what_was_written(&apps[0], &scene.own);
    show_what_was_written(&apps[1], &scene.own);
    let digests =
        apps.each_ref().map(|app| app.digests().expect("digests").into_iter().collect::<BTreeSet<_>>());
    assert!(digests[0] == digests[1], "two devices differ after the lies");
    let unsent = phone::page(&apps[0], json!({"page": "exchange"}));
    assert_eq!(unsent["unsent"], 0, "{unsent}");
}

fn show_what_was_written(app: &Fieldfare, own: &[(Value, Value)]) {
    for (ask, words) in own {
        let ask = serde_json::from_value(ask.clone()).expect("a page of the contract");
        let page = app.page(&ask).expect("a page of something that was written");
        assert_eq!(written(&serde_json::to_value(page).expect("JSON")), *words);
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let one = (0..lies::KINDS as u8).map(|kind| vec![1, kind, 0, 1, 2, 3, 4, 5, 6, 7]);
    let two = (0..lies::KINDS as u8).map(|kind| vec![0, 2, kind, 1, 9, kind, 0, 0, 1, kind, 3, 3, 3]);
    one.chain(two).chain([Vec::new()]).collect()
}
