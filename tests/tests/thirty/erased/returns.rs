//! Whoever had not heard of an erasure: stale phones, former readers, an endpoint and a phone that were put back, and one
//! that hands out what it was to destroy.

use std::sync::atomic::{AtomicBool, Ordering};

use fieldfare_protocol::exchange::{Item, Reply};
use tests::backup::{back_up, put_back};
use tests::world::inside::lies_in;

use super::*;

const DAY_MS: i64 = 86_400_000;

/// Words that somebody wrote without signal, while others erased the case.
fn write_unheard(scene: &Scene) {
    let robin = &scene.robin;
    let _ = make(
        robin,
        json!({"do": "raise_concern", "case": scene.case, "about": "threat", "words": "Followed home."}),
    );
    let _ = make(robin, json!({"do": "begin_note", "case": scene.case, "body": "He was afraid."}));
}

/// Edits of others that wait or were set aside on a phone.
fn kept_of_others(app: &Fieldfare) -> usize {
    let page = exchange_page(app);
    page["waiting"].as_array().unwrap().len() + page["set_aside"].as_array().unwrap().len()
}

#[test]
fn r28_a_stale_phone_neither_revives_what_was_erased_nor_keeps_it() {
    let scene = Scene::new();
    write_unheard(&scene);
    scene.erase();
    let Scene { near, robin, wren, lead, case, .. } = &scene;
    let done = robin.exchange(|_| ()).unwrap();
    assert_eq!(done.sent, 0, "{done:?}");
    assert!(!shows(robin, case));
    level(&[wren, lead, robin]);
    assert!(![wren, lead].iter().any(|app| shows(app, case) || kept_of_others(app) > 0));
    let page = exchange_page(robin);
    assert_eq!((&page["unsent"], &page["unsent_urgent"]), (&json!(0), &json!(0)), "{page}");
    // Whoever wrote it is told, and can read it until it has been written where it is needed.
    assert_eq!(page["alarms"][0]["what"], "erased_unsent", "{page}");
    let words: Vec<_> =
        page["erased_unsent"].as_array().unwrap().iter().map(|row| row["words"].clone()).collect();
    assert_eq!(words, [json!("Followed home."), json!("He was afraid.")]);
    let other = open_case(robin);
    level(&scene.all());
    assert!(shows(lead, &other), "work goes on");

    near.clock.pass(14 * DAY_MS + 60_000);
    robin.exchange(|_| ()).unwrap();
    let page = exchange_page(robin);
    assert_eq!((page["erased_unsent"].clone(), page["alarms"].clone()), (json!([]), json!([])));
}

#[test]
fn r28_what_is_refused_of_an_erased_case_keeps_nothing_else_from_arriving() {
    let scene = Scene::new();
    let other = open_case(&scene.robin);
    write_unheard(&scene);
    scene.erase();
    scene.robin.exchange(|_| ()).unwrap();
    scene.lead.exchange(|_| ()).unwrap();
    assert!(shows(&scene.lead, &other));
    assert_eq!(kept_of_others(&scene.lead), 0);
}

#[test]
fn r28_a_phone_that_hears_of_an_erasure_keeps_nothing_of_it() {
    let scene = Scene::new();
    scene.erase();
    assert!(shows(&scene.robin, &scene.case), "it has heard of it already");
    level(&[&scene.robin]);
    assert!(!shows(&scene.robin, &scene.case));
    assert!(!shows(&scene.lead, &scene.case));
}

#[test]
fn r28_somebody_who_has_handed_the_case_on_forgets_it_too() {
    let scene = Scene::new();
    let jay = scene.near.join("jay", StaffRole::Mentor);
    level(&[&scene.near.administrator, &scene.robin, &scene.wren, &jay]);
    let staff = page(&scene.wren, json!({"page": "staff"}))["staff"].clone();
    let person = |name: &str| {
        staff.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()["person"].clone()
    };
    let hand_on = json!({
        "do": "transfer_case", "case": scene.case, "from": person("robin"), "to": person("jay"),
    });
    run(&scene.robin, hand_on).unwrap();
    level(&[&scene.robin, &scene.wren, &scene.lead, &jay, &scene.robin]);
    assert!(shows(&scene.robin, &scene.case), "they still have what they had read");
    scene.erase();
    level(&[&scene.robin, &jay]);
    assert!(![&*scene.robin, &jay].iter().any(|app| shows(app, &scene.case)));
}

/// A case on real sockets, erased after the endpoint was backed up.
fn erased_since_the_backup(others_hear: bool) -> (Service, [Fieldfare; 3], String) {
    let service = Service::found();
    let apps =
        [("robin", StaffRole::Mentor), ("wren", StaffRole::Supervisor), ("lead", StaffRole::Safeguarding)]
            .map(|(name, role)| service.join(name, role));
    let [robin, wren, lead] = &apps;
    let case = open_case(robin);
    level(&[robin, wren, lead]);
    let service = back_up(service);
    // The backup is older than what whoever confirmed has seen.
    let _ = make(robin, json!({"do": "begin_note", "case": case, "body": "After the backup."}));
    level(&[robin, wren, lead]);
    let id: CaseId = case.parse().unwrap();
    wren.ask_to_erase(id, EraseReason::Ordered).unwrap();
    lead.erase_case(id, PIN.as_bytes(), EraseReason::Ordered).unwrap();
    if others_hear {
        level(&[wren]);
    }
    (put_back(service), apps, case)
}

#[test]
fn r28_an_endpoint_that_was_put_back_erases_again() {
    for others_hear in [true, false] {
        let (service, [robin, wren, lead], case) = erased_since_the_backup(others_hear);
        let database = service.home("endpoint").join("endpoint.db");
        let held = segments_kept(&database).len();
        if others_hear {
            level(&[&wren]);
        } else {
            level(&[&lead]);
        }
        assert!(segments_kept(&database).len() < held, "it has heard of it again");
        level(&[&robin, &wren, &lead]);
        assert!(![&robin, &wren, &lead].iter().any(|app| shows(app, &case)));
        assert!([&robin, &wren, &lead].iter().all(|app| exchange_page(app)["unsent"] == 0));
        // Who had not heard of it does not know any more that their words had once arrived.
        for app in [&wren, &lead] {
            assert_eq!(exchange_page(app)["alarms"], json!([]), "{}", exchange_page(app));
        }
        let other = open_case(&robin);
        level(&[&robin, &wren, &lead]);
        assert!(shows(&lead, &other), "work goes on");
    }
}

#[test]
fn r28_an_older_copy_of_a_home_learns_of_it_at_its_next_exchange() {
    let service = Service::found();
    let robin = service.join("robin", StaffRole::Mentor);
    let (wren, lead) =
        (service.join("wren", StaffRole::Supervisor), service.join("lead", StaffRole::Safeguarding));
    let case = open_case(&robin);
    level(&[&robin, &wren, &lead]);
    drop(robin);
    let (home, copy) = (service.home("robin"), service.home("copy of robin"));
    tests::world::template::copy(&home, &copy);
    let clock = || Arc::new(fieldfare_core::ports::SystemClock);
    let open = || Fieldfare::unlock(&home, tests::phone::ports(&home, clock()), PIN).unwrap();
    let robin = open();
    let _ = make(&robin, json!({"do": "begin_note", "case": case, "body": "After the copy."}));
    level(&[&robin, &wren, &lead]);
    wren.ask_to_erase(case.parse().unwrap(), EraseReason::Ordered).unwrap();
    lead.erase_case(case.parse().unwrap(), PIN.as_bytes(), EraseReason::Ordered).unwrap();
    level(&[&robin]);
    assert!(!shows(&robin, &case));
    drop(robin);
    for file in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(home.join(file));
        let _ = std::fs::copy(copy.join(file), home.join(file));
    }
    let robin = open();
    assert!(shows(&robin, &case), "an older store knows nothing of it");
    level(&[&robin, &wren, &lead]);
    assert!(!shows(&robin, &case));
    let other = open_case(&robin);
    level(&[&robin, &lead]);
    assert!(shows(&lead, &other) && exchange_page(&robin)["unsent"] == 0, "{}", exchange_page(&robin));
}

/// An endpoint that remembers what it handed out, and hands it out again.
struct Remembering {
    way: Arc<dyn Transport>,
    seen: Mutex<Vec<Item>>,
    again: Arc<AtomicBool>,
}

impl Transport for Remembering {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let on_exchange = call.path == EXCHANGE_PATH;
        let mut answer = self.way.post(call)?;
        if let Some(mut reply) = wire::decode::<Reply>(&answer.body).ok().filter(|_| on_exchange) {
            let mut seen = self.seen.lock().unwrap();
            if self.again.load(Ordering::SeqCst) {
                reply.items.extend(seen.iter().cloned());
                answer.body = wire::encode(&reply).unwrap();
            } else {
                seen.extend(reply.items);
            }
        }
        Ok(answer)
    }
}

#[test]
fn r28_an_endpoint_that_hands_out_the_old_segments_brings_nothing_back() {
    let mut scene = Scene::new();
    let again = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&again);
    scene.lead_over(|way| Arc::new(Remembering { way, seen: Mutex::default(), again: flag }));
    let before = exchange_page(&scene.lead);
    // What the lead's phone is handed from here on is remembered.
    let _ = make(&scene.robin, json!({"do": "begin_note", "case": scene.case, "body": WORDS}));
    level(&scene.all());
    scene.erase();
    again.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        scene.lead.exchange(|_| ()).unwrap();
    }
    assert!(!shows(&scene.lead, &scene.case));
    let after = exchange_page(&scene.lead);
    for what in ["waiting", "set_aside", "alarms"] {
        assert_eq!(after[what], before[what], "{what}");
    }
}

#[test]
fn r28_what_a_stale_phone_wrote_is_kept_by_no_phone_whoever_hands_it_out() {
    let mut scene = Scene::new();
    let vaults = scene.robin.digests().unwrap();
    let vault =
        vaults.into_iter().map(|(vault, _)| vault).find(|vault| lies_in(&scene.case, *vault)).unwrap();
    let devices = page(&scene.robin, json!({"page": "devices"}))["devices"].clone();
    let device =
        devices.as_array().unwrap().iter().find(|row| row["is_me"] == true).unwrap()["device"].clone();
    let device = device.as_str().unwrap().parse().unwrap();
    write_unheard(&scene);
    scene.erase();
    scene.near.link.trips();
    scene.robin.exchange(|_| ()).unwrap();
    let requests = scene.near.link.trips();
    let sent: Vec<Item> = requests
        .iter()
        .flat_map(|trip| wire::decode::<Request>(&trip.up).unwrap().segments)
        .map(|bytes| Item::Segment { vault, device, held_at_ms: scene.near.clock.read(), bytes })
        .collect();
    assert!(!sent.is_empty(), "the phone had heard of it");
    scene.lead_over(|line| Meddler::handing_out(line, sent));
    let before = kept_of_others(&scene.lead);
    scene.lead.exchange(|_| ()).unwrap();
    assert!(!shows(&scene.lead, &scene.case));
    assert_eq!(kept_of_others(&scene.lead), before);
}
