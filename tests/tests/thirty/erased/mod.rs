//! A case that is erased by law: two people decide it, nothing unread goes with it, and it is gone everywhere.
//!
//! Real phones, with an endpoint in this process or on a socket. What becomes of those who had not heard is in `returns`.

mod returns;

use std::path::Path;
use std::sync::{Arc, Mutex};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{CaseId, EraseBar, EraseReason, Erased, Problem, StaffRole};
use fieldfare_core::ports::{Answer, Call, Ports, Transport, TransportProblem};
use fieldfare_core::store::Me;
use fieldfare_protocol::exchange::{Item, LogOutcome, Request};
use fieldfare_protocol::membership::{Act, Record, SignedRecord};
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::wire;
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use tests::by_hand::{Meddler, hand_over};
use tests::near::Near;
use tests::opened::inside;
use tests::phone::{PIN, Service, level, make, page, run, segments_kept};
use tests::world::inside::Inside;

const WORDS: &str = "by the weir";

/// A case with a note and a photo that a mentor, a supervisor and the safeguarding lead have.
struct Scene {
    near: Near,
    robin: Arc<Fieldfare>,
    wren: Fieldfare,
    lead: Fieldfare,
    case: String,
    spares: u32,
}

/// Opens a case with a note and a photo.
fn open_case(robin: &Fieldfare) -> String {
    let case = make(robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
    let note = make(robin, json!({"do": "begin_note", "case": case, "body": format!("We met {WORDS}.")}));
    robin.attach(note.parse().unwrap(), "a.jpg", "image/jpeg", &mut [7; 40_000].as_slice()).unwrap();
    case
}

impl Scene {
    fn new() -> Self {
        let near = Near::found();
        let [robin, wren, lead] = [
            ("robin", StaffRole::Mentor),
            ("wren", StaffRole::Supervisor),
            ("lead", StaffRole::Safeguarding),
        ]
        .map(|(name, role)| near.join(name, role));
        let case = open_case(&robin);
        level(&[&robin, &wren, &lead]);
        Self { near, robin: Arc::new(robin), wren, lead, case, spares: 0 }
    }

    fn id(&self) -> CaseId {
        self.case.parse().unwrap()
    }

    fn all(&self) -> [&Fieldfare; 3] {
        [&self.robin, &self.wren, &self.lead]
    }

    fn ask(&self, by: &Fieldfare) -> Result<(), Problem> {
        by.ask_to_erase(self.id(), EraseReason::Requested)
    }

    fn confirm(&self, by: &Fieldfare) -> Result<Erased, Problem> {
        by.erase_case(self.id(), PIN.as_bytes(), EraseReason::Requested)
    }

    /// The supervisor asks, the safeguarding lead confirms.
    fn erase(&self) {
        self.ask(&self.wren).unwrap();
        self.confirm(&self.lead).unwrap();
    }

    /// The safeguarding lead's phone again, on another way to the endpoint.
    fn lead_over(&mut self, way: impl FnOnce(Arc<dyn Transport>) -> Arc<dyn Transport>) {
        let Ports { transport, .. } = self.near.ports("lead");
        let ports = Ports { transport: way(transport), ..self.near.ports("lead") };
        self.reopen_lead(ports);
    }

    fn reopen_lead(&mut self, ports: Ports) {
        let home = self.near.home("lead");
        // A home is one process's at a time.
        self.spares += 1;
        let spare = self.near.join(&format!("spare {}", self.spares), StaffRole::Mentor);
        drop(std::mem::replace(&mut self.lead, spare));
        self.lead = Fieldfare::unlock(&home, ports, PIN).unwrap();
    }
}

fn refused(answer: Result<impl Sized, Problem>, because: EraseBar) -> bool {
    matches!(answer, Err(Problem::NotErased { because: found }) if found == because)
}

/// Whether anything of a case can still be seen on a phone.
fn shows(app: &Fieldfare, case: &str) -> bool {
    let ask = serde_json::from_value(json!({"page": "case", "case": case})).unwrap();
    let found = page(app, json!({"page": "search", "words": "weir"}));
    let caseload = page(app, json!({"page": "caseload"}));
    app.page(&ask).is_ok()
        || !found["found"].as_array().unwrap().is_empty()
        || caseload["cases"].as_array().unwrap().iter().any(|row| row["case"] == case)
}

fn exchange_page(app: &Fieldfare) -> Value {
    page(app, json!({"page": "exchange"}))
}

/// Whether a file of a folder holds these bytes.
fn holds(folder: &Path, wanted: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, wanted);
        }
        std::fs::read(path).unwrap().windows(wanted.len()).any(|window| window == wanted)
    })
}

#[test]
fn r28_two_people_have_a_case_erased_and_it_is_gone_everywhere() {
    let scene = Scene::new();
    let Scene { robin, wren, lead, case, .. } = &scene;
    assert!(matches!(scene.ask(robin), Err(Problem::NotAllowed { .. })), "a mentor asks");
    assert!(refused(scene.confirm(lead), EraseBar::NotAsked));
    scene.ask(wren).unwrap();
    scene.ask(wren).unwrap();
    assert!(refused(scene.confirm(wren), EraseBar::SamePerson));
    level(&scene.all());
    for (app, own) in [(&**robin, json!("role.supervisors_erase")), (wren, json!("erasure.somebody_else"))] {
        let row = page(app, json!({"page": "case", "case": case}))["erasure"].clone();
        assert_eq!((&row["by"], &row["actions"][1]["why_not"]), (&json!("wren"), &own), "{row}");
        assert!(row["words"].as_str().unwrap().contains("somebody else confirms"), "{row}");
    }
    assert!(matches!(
        lead.erase_case(scene.id(), b"111222", EraseReason::Requested),
        Err(Problem::WrongPin { .. })
    ));
    assert!(scene.all().iter().all(|app| shows(app, case)));
    assert_eq!(scene.confirm(lead).unwrap(), Erased { compartments: 1, left: 0 });
    assert!(!shows(lead, case) && shows(robin, case), "it goes with the next exchange");
    level(&scene.all());
    assert!(!scene.all().iter().any(|app| shows(app, case)));
    let audit = |app: &Fieldfare, what: &str| {
        page(app, json!({"page": "audit", "what": what}))["lines"].as_array().unwrap().len()
    };
    assert_eq!(audit(wren, "ask_to_erase_requested"), 1);
    assert_eq!(audit(lead, "erase_case_requested"), 1);
    assert_eq!((audit(lead, "case_erased"), audit(wren, "case_erased")), (1, 1));
    // Everything else goes on.
    let other = open_case(robin);
    level(&scene.all());
    assert!(scene.all().iter().all(|app| shows(app, &other)));
    assert!(matches!(scene.confirm(lead), Err(Problem::NoSuch { .. })));
}

#[test]
fn r28_what_was_asked_can_be_taken_back() {
    let scene = Scene::new();
    scene.ask(&scene.wren).unwrap();
    scene.lead.keep_after_all(scene.id()).unwrap();
    assert!(refused(scene.confirm(&scene.lead), EraseBar::NotAsked));
    scene.ask(&scene.lead).unwrap();
    assert!(refused(scene.confirm(&scene.lead), EraseBar::SamePerson));
    scene.confirm(&scene.wren).unwrap();
}

/// The record by which whoever this is confirms an erasure, whoever has asked for it.
fn erasure_by(inside: &Inside, me: &Me, case: &str) -> Vec<u8> {
    let vault = inside.vault_of(case).unwrap();
    let (file, act) = inside
        .read(|read| {
            let organisation = read.organisation()?;
            let as_of = read.records_kept(organisation.vault)?;
            let act = Act::Erase { as_of, seen: read.seen_of(vault.no)? };
            Ok((read.case_file(vault.no, &organisation)?, act))
        })
        .unwrap();
    let record =
        Record { vault: vault.id, number: file.next_number, previous: file.head, author: me.device, act };
    SignedRecord::sign(record, |message| inside.identity.sign(message)).unwrap().bytes().to_vec()
}

#[test]
fn r28_an_erasure_by_one_person_is_refused_by_the_endpoint_and_by_every_phone() {
    let mut scene = Scene::new();
    level(&[&scene.near.administrator]);
    let staff = page(&scene.near.administrator, json!({"page": "staff"}))["staff"].clone();
    let row = staff.as_array().unwrap().iter().find(|row| row["name"] == "wren").unwrap().clone();
    let person = row["person"].as_str().unwrap().parse().unwrap();
    let invitation = scene.near.administrator.invite_again(person).unwrap();
    let home = scene.near.home("desk");
    let desk =
        Fieldfare::join(&home, scene.near.ports("desk"), PIN, tests::phone::cheap(), &invitation).unwrap();
    level(&[&*scene.robin, &scene.wren, &desk]);
    scene.ask(&scene.wren).unwrap();
    assert!(refused(scene.confirm(&desk), EraseBar::SamePerson));
    level(&[&scene.lead, &desk]);
    drop(desk);
    // A device that breaks the rule meets an endpoint that does not.
    let inside = inside(&home);
    let me = inside.read(|read| read.me()).unwrap();
    let record = erasure_by(&inside, &me, &scene.case);
    let line = scene.near.ports("desk").transport;
    let outcome = hand_over(line.as_ref(), "", &inside.identity, &me, record.clone());
    assert_eq!(outcome, Some(LogOutcome::NotAllowed));
    // And behind an endpoint that breaks it too, phones that do not.
    let record = Item::Membership(ByteBuf::from(record));
    scene.lead_over(|line| Meddler::handing_out(line, vec![record]));
    level(&scene.all());
    level(&scene.all());
    assert!(scene.all().iter().all(|app| shows(app, &scene.case)));
    assert!(!segments_kept(&scene.near.home("endpoint").join("endpoint.db")).is_empty());
    // The same is taken from somebody else.
    scene.confirm(&scene.lead).unwrap();
}

#[test]
fn r28_a_hold_keeps_a_case_from_being_erased() {
    let scene = Scene::new();
    let hold = |held: bool| {
        run(&scene.wren, json!({"do": "set_legal_hold", "case": scene.case, "held": held})).unwrap();
        level(&scene.all());
    };
    scene.ask(&scene.wren).unwrap();
    hold(true);
    assert!(refused(scene.ask(&scene.lead), EraseBar::LegalHold));
    assert!(refused(scene.confirm(&scene.lead), EraseBar::LegalHold));
    hold(false);
    scene.confirm(&scene.lead).unwrap();
}

#[test]
fn r28_nothing_unsent_or_open_is_erased() {
    let scene = Scene::new();
    let Scene { robin, wren, lead, case, .. } = &scene;
    scene.ask(wren).unwrap();
    let raised =
        make(robin, json!({"do": "raise_concern", "case": case, "about": "threat", "words": "Followed."}));
    level(&scene.all());
    assert!(refused(scene.confirm(lead), EraseBar::ConcernOpen));
    run(lead, json!({"do": "handle_concern", "concern": raised, "state": "closed", "words": "Done."}))
        .unwrap();
    level(&scene.all());
    scene.confirm(lead).unwrap();
}

/// A way to the endpoint on which something happens once, right before the record arrives that erases.
struct Meanwhile {
    way: Arc<dyn Transport>,
    what: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Transport for Meanwhile {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let request = Some(&call.body).filter(|_| call.path == EXCHANGE_PATH);
        let request = request.and_then(|body| wire::decode::<Request>(body).ok());
        let erases = |bytes: &serde_bytes::ByteBuf| {
            SignedRecord::parse(bytes).is_ok_and(|signed| matches!(signed.record.act, Act::Erase { .. }))
        };
        if request.is_some_and(|request| request.membership.iter().any(erases)) {
            let what = self.what.lock().unwrap().take();
            if let Some(what) = what {
                what();
            }
        }
        self.way.post(call)
    }
}

#[test]
fn r28_an_erasure_that_a_crash_kept_from_leaving_does_not_leave_by_itself() {
    let mut scene = Scene::new();
    scene.ask(&scene.wren).unwrap();
    let crash = || std::panic::resume_unwind(Box::new(()));
    scene.lead_over(|way| Arc::new(Meanwhile { way, what: Mutex::new(Some(Box::new(crash))) }));
    let confirm = std::panic::AssertUnwindSafe(|| scene.confirm(&scene.lead));
    assert!(std::panic::catch_unwind(confirm).is_err());
    scene.reopen_lead(scene.near.ports("lead"));
    level(&scene.all());
    assert!(scene.all().iter().all(|app| shows(app, &scene.case)));
    scene.confirm(&scene.lead).unwrap();
}

/// A case of which an erasure is asked; a concern arrives while it is being confirmed.
fn with_a_concern_on_its_way() -> Scene {
    let mut scene = Scene::new();
    scene.ask(&scene.wren).unwrap();
    let (robin, case) = (Arc::clone(&scene.robin), scene.case.clone());
    let raise = move || {
        let concern = json!({"do": "raise_concern", "case": case, "about": "threat", "words": "Followed."});
        let _ = make(&robin, concern);
        robin.exchange(|_| ()).unwrap();
    };
    scene.lead_over(|way| Arc::new(Meanwhile { way, what: Mutex::new(Some(Box::new(raise))) }));
    scene
}

#[test]
fn r28_a_concern_that_has_arrived_is_read_before_it_could_be_erased() {
    let scene = with_a_concern_on_its_way();
    assert!(refused(scene.confirm(&scene.lead), EraseBar::SomethingNew));
    let shown = page(&scene.lead, json!({"page": "case", "case": scene.case}))["concerns"].clone();
    assert_eq!(shown[0]["words"], "Followed.", "it has come with the refusal");
    assert!(refused(scene.confirm(&scene.lead), EraseBar::ConcernOpen));
    level(&scene.all());
    assert!(scene.all().iter().all(|app| shows(app, &scene.case)));
    assert_eq!(exchange_page(&scene.lead)["unsent"], 0);
}

#[test]
fn r28_what_has_come_since_somebody_looked_is_looked_at_first() {
    let scene = Scene::new();
    scene.ask(&scene.wren).unwrap();
    let _ = make(&scene.robin, json!({"do": "begin_note", "case": scene.case, "body": "One more thing."}));
    scene.robin.exchange(|_| ()).unwrap();
    assert!(refused(scene.confirm(&scene.lead), EraseBar::SomethingNew));
    scene.confirm(&scene.lead).unwrap();
}

#[test]
fn r28_every_compartment_goes_that_was_asked_for_and_the_rest_is_named() {
    let scene = Scene::new();
    let note = |by: &Fieldfare| {
        make(
            by,
            json!({"do": "begin_note", "case": scene.case, "body": WORDS, "compartment": "intelligence"}),
        )
    };
    let _ = note(&scene.wren);
    level(&scene.all());
    scene.ask(&scene.wren).unwrap();
    assert_eq!(scene.confirm(&scene.lead).unwrap(), Erased { compartments: 2, left: 0 });
    level(&scene.all());
    assert!(!scene.all().iter().any(|app| shows(app, &scene.case)));

    let scene = Scene::new();
    scene.ask(&scene.wren).unwrap();
    let note = json!({"do": "begin_note", "case": scene.case, "body": WORDS, "compartment": "intelligence"});
    let _ = make(&scene.wren, note);
    level(&scene.all());
    assert_eq!(scene.confirm(&scene.lead).unwrap(), Erased { compartments: 1, left: 1 });
    scene.ask(&scene.wren).unwrap();
    scene.confirm(&scene.lead).unwrap();
    level(&scene.all());
    assert!(!scene.all().iter().any(|app| shows(app, &scene.case)));
}

#[test]
fn r28_no_sealed_byte_is_left_at_the_endpoint() {
    let service = Service::found();
    let (robin, wren) =
        (service.join("robin", StaffRole::Mentor), service.join("wren", StaffRole::Supervisor));
    let lead = service.join("lead", StaffRole::Safeguarding);
    let apps = [&robin, &wren, &lead];
    level(&apps);
    let folder = service.home("endpoint");
    let before = segments_kept(&folder.join("endpoint.db"));
    let case = open_case(&robin);
    level(&apps);
    let sealed: Vec<_> = segments_kept(&folder.join("endpoint.db"))
        .into_iter()
        .filter(|segment| !before.contains(segment))
        // From the middle, where every segment has bytes of its own.
        .map(|segment| segment[segment.len() / 2..][..24].to_vec())
        .collect();
    assert!(sealed.len() > 2 && sealed.iter().all(|bytes| holds(&folder, bytes)));
    wren.ask_to_erase(case.parse().unwrap(), EraseReason::RetentionOver).unwrap();
    lead.erase_case(case.parse().unwrap(), PIN.as_bytes(), EraseReason::RetentionOver).unwrap();
    assert!(!sealed.iter().any(|bytes| holds(&folder, bytes)));
    level(&apps);
    assert!(!apps.iter().any(|app| shows(app, &case)));
}
