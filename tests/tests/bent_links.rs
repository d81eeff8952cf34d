//! Links that break, endpoints that are busy, full or picky: nothing is lost, little is sent twice, a concern goes first.
//!
//! Real phones and a real endpoint; what lies between them is bent on purpose.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, StaffRole};
use fieldfare_protocol::exchange::{Item, Reply, Request};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::prefix::RequestPrefix;
use fieldfare_protocol::segment::Segment;
use fieldfare_protocol::wire::decode;
use serde_json::json;
use tests::casework::chance::Chance;
use tests::near::{Bend, Near, Trip};
use tests::opened::database;
use tests::phone::{make, page, run};

/// A mentor, a supervisor and a case that both have.
struct Scene {
    near: Near,
    mentor: Fieldfare,
    supervisor: Fieldfare,
    case: String,
}

impl Scene {
    fn begin() -> Self {
        Self::within(None)
    }

    fn within(quota_bytes: Option<u64>) -> Self {
        let near = Near::found_within(quota_bytes);
        let supervisor = near.join("supervisor", StaffRole::Supervisor);
        let mentor = near.join("mentor", StaffRole::Mentor);
        let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        mentor.exchange(|_| ()).unwrap();
        supervisor.exchange(|_| ()).unwrap();
        near.link.trips();
        Self { near, mentor, supervisor, case }
    }

    /// Notes of about 3 kB each that compress badly.
    fn write_notes(&self, count: usize) {
        let mut chance = Chance::new(count as u64);
        for _ in 0..count {
            let words: Vec<String> = (0..350).map(|_| chance.bits().to_string()).collect();
            let _ =
                make(&self.mentor, json!({"do": "begin_note", "case": self.case, "body": words.join(" ")}));
        }
    }

    fn raise(&self) {
        run(
            &self.mentor,
            json!({"do": "raise_concern", "case": self.case, "about": "threat", "words": "now"}),
        )
        .unwrap();
    }

    /// The supervisor writes until there is not even room for a word, and certainly none for a concern.
    fn fill_up(&self) {
        let full = || page(&self.supervisor, json!({"page": "exchange"}))["endpoint_full"] == true;
        for _ in 0..400 {
            let _ = make(&self.supervisor, json!({"do": "begin_note", "case": self.case, "body": "a"}));
            self.supervisor.exchange(|_| ()).unwrap();
            if full() {
                return;
            }
        }
        panic!("there is room for everything");
    }

    fn unsent(&self) -> (u64, u64) {
        let page = page(&self.mentor, json!({"page": "exchange"}));
        (page["unsent"].as_u64().unwrap(), page["unsent_urgent"].as_u64().unwrap())
    }

    /// Both exchange until they are level, and nothing is missing.
    fn assert_level(&self) {
        self.mentor.exchange(|_| ()).unwrap();
        self.supervisor.exchange(|_| ()).unwrap();
        self.mentor.exchange(|_| ()).unwrap();
        assert_eq!(self.unsent(), (0, 0));
        let [ours, theirs] = [&self.mentor, &self.supervisor].map(|app| {
            let mut digests = app.digests().unwrap();
            digests.sort_unstable();
            digests
        });
        assert_eq!(ours, theirs);
    }
}

fn request(trip: &Trip) -> Request {
    decode(&trip.up).unwrap()
}

fn lanes(trip: &Trip) -> Vec<Lane> {
    let segments = request(trip).segments;
    segments.iter().map(|bytes| Segment::parse(bytes).unwrap().header().lane().unwrap()).collect()
}

#[test]
fn an_upload_that_was_cut_goes_on_where_it_broke() {
    let scene = Scene::begin();
    scene.write_notes(60);
    scene.near.link.bend([Bend::Straight, Bend::CutRequest(50_000)]);
    assert_eq!(scene.mentor.exchange(|_| ()), Err(Problem::EndpointUnreachable));
    let before = scene.near.link.trips();
    let arrived = RequestPrefix::read(&before[1].up[..50_000]).segments;
    assert!(arrived.len() > 2, "{}", arrived.len());
    scene.mentor.exchange(|_| ()).unwrap();
    let after = scene.near.link.trips();
    assert!(request(&after[0]).segments.is_empty() && !request(&after[0]).asks.is_empty());
    for trip in &after {
        for segment in request(trip).segments {
            assert!(!arrived.contains(&segment), "what arrived is not sent again");
        }
    }
    scene.assert_level();
}

#[test]
fn an_upload_whose_answer_was_lost_is_not_sent_again() {
    let scene = Scene::begin();
    scene.write_notes(10);
    scene.near.link.bend([Bend::LoseAnswer]);
    assert_eq!(scene.mentor.exchange(|_| ()), Err(Problem::EndpointUnreachable));
    // Power fails as well: that it is not known what arrived was written down before.
    drop(scene.mentor);
    let scene = Scene { mentor: scene.near.open("mentor"), ..scene };
    scene.near.link.trips();
    scene.mentor.exchange(|_| ()).unwrap();
    assert!(scene.near.link.trips().iter().all(|trip| request(trip).segments.is_empty()));
    scene.assert_level();
}

#[test]
fn a_concern_goes_with_the_question_after_a_broken_call() {
    let scene = Scene::begin();
    scene.write_notes(10);
    scene.near.link.bend([Bend::CutRequest(20_000)]);
    scene.mentor.exchange(|_| ()).unwrap_err();
    scene.near.link.trips();
    scene.raise();
    scene.mentor.exchange(|_| ()).unwrap();
    let trips = scene.near.link.trips();
    assert_eq!(lanes(&trips[0]), [Lane::Urgent]);
    assert!(!request(&trips[0]).asks.is_empty());
    scene.assert_level();
}

#[test]
fn a_busy_endpoint_is_left_alone_but_for_a_concern() {
    let scene = Scene::begin();
    scene.write_notes(2);
    scene.near.link.bend([Bend::Refuse { status: 429, retry_after_s: Some(120) }]);
    let busy = |retry_after_s| Err(Problem::EndpointBusy { retry_after_s });
    assert_eq!(scene.mentor.exchange(|_| ()), busy(120));
    scene.near.clock.pass(20_000);
    scene.near.link.trips();
    assert_eq!(scene.mentor.exchange(|_| ()), busy(100));
    assert_eq!(scene.near.link.trips().len(), 0);
    assert!(page(&scene.mentor, json!({"page": "exchange"}))["not_before_at_ms"].is_i64());
    scene.raise();
    let (unsent, _) = scene.unsent();
    scene.mentor.exchange(|_| ()).unwrap();
    let trips = scene.near.link.trips();
    assert!(trips.iter().flat_map(lanes).all(|lane| lane == Lane::Urgent));
    assert!(
        scene.unsent().0 < unsent && scene.unsent().1 == 0,
        "the notes are still here, the concern is not"
    );
    assert_eq!(scene.mentor.exchange(|_| ()), busy(100));
    scene.near.clock.pass(100_001);
    scene.assert_level();
}

#[test]
fn an_endpoint_that_names_no_time_is_tried_ever_more_seldom() {
    let scene = Scene::begin();
    let mut waits = Vec::new();
    for _ in 0..9 {
        scene.near.link.bend([Bend::Refuse { status: 503, retry_after_s: None }]);
        let Err(Problem::EndpointBusy { retry_after_s }) = scene.mentor.exchange(|_| ()) else { panic!() };
        scene.near.clock.pass(i64::try_from(retry_after_s).unwrap() * 1_000);
        waits.push(retry_after_s);
    }
    assert!(waits.is_sorted() && waits[8] >= 600 && waits[8] <= 3_600, "{waits:?}");
    scene.assert_level();
}

#[test]
fn a_request_that_is_too_large_for_somebody_on_the_way_is_halved() {
    let scene = Scene::begin();
    scene.write_notes(60);
    let refusal = Bend::Refuse { status: 413, retry_after_s: None };
    scene.near.link.bend([refusal, refusal, Bend::Straight]);
    scene.mentor.exchange(|_| ()).unwrap();
    let sizes: Vec<usize> = scene.near.link.trips().iter().map(|trip| trip.up.len()).collect();
    assert!(sizes[1] < sizes[0] && sizes[2] < sizes[1], "{sizes:?}");
    assert!(sizes[3..].iter().all(|size| *size < sizes[1]), "it stays small: {sizes:?}");
    scene.assert_level();
}

#[test]
fn an_endpoint_without_room_keeps_a_concern_and_says_so() {
    let scene = Scene::within(Some(40 * 1024));
    scene.write_notes(30);
    scene.mentor.exchange(|_| ()).unwrap();
    let page = page(&scene.mentor, json!({"page": "exchange"}));
    assert_eq!(page["endpoint_full"], json!(true));
    let (unsent, _) = scene.unsent();
    assert!(unsent > 0);
    scene.fill_up();
    scene.raise();
    scene.near.link.trips();
    scene.mentor.exchange(|_| ()).unwrap();
    assert_eq!(scene.unsent(), (unsent, 0));
    let tried: usize = scene.near.link.trips().iter().map(|trip| lanes(trip).len()).sum();
    assert!(tried <= 2, "the concern, and one segment to find out whether there is room again: {tried}");
    scene.supervisor.exchange(|_| ()).unwrap();
    let concerns = tests::phone::page(&scene.supervisor, json!({"page": "today"}));
    assert!(concerns.to_string().contains("now"), "{concerns}");
}

#[test]
fn a_concern_that_is_raised_during_an_upload_goes_next() {
    let scene = Scene::begin();
    scene.write_notes(150);
    let mut raised = false;
    scene
        .mentor
        .exchange(|_| {
            if !std::mem::replace(&mut raised, true) {
                scene.raise();
            }
        })
        .unwrap();
    let trips = scene.near.link.trips();
    assert!(trips.len() > 3, "{}", trips.len());
    assert!(!lanes(&trips[0]).contains(&Lane::Urgent));
    assert_eq!(lanes(&trips[1]), [Lane::Urgent]);
    scene.assert_level();
}

#[test]
fn a_concern_goes_first_and_is_handed_out_first() {
    let scene = Scene::begin();
    scene.write_notes(2);
    scene.raise();
    scene.mentor.exchange(|_| ()).unwrap();
    assert_eq!(lanes(&scene.near.link.trips()[0]), [Lane::Urgent]);
    scene.supervisor.exchange(|_| ()).unwrap();
    let reply: Reply = decode(&scene.near.link.trips()[0].down).unwrap();
    let segments = reply.items.iter().filter_map(|item| match item {
        Item::Segment { bytes, .. } => Segment::parse(bytes).unwrap().header().lane(),
        _ => None,
    });
    assert_eq!(segments.collect::<Vec<_>>(), [Lane::Urgent]);
    scene.assert_level();
}

/// A scene in which the endpoint was too busy for what the mentor wrote and sealed.
fn turned_away() -> Scene {
    let scene = Scene::begin();
    scene.write_notes(2);
    scene.near.link.bend([Bend::Refuse { status: 503, retry_after_s: None }]);
    scene.mentor.exchange(|_| ()).unwrap_err();
    scene
}

#[test]
fn what_an_endpoint_turned_away_is_unsent_until_it_has_arrived() {
    let scene = turned_away();
    assert!(scene.unsent().0 > 0);
    scene.near.clock.pass(10_000);
    scene.assert_level();
}

#[test]
fn a_phone_that_believes_wrongly_that_its_work_has_arrived_finds_it_out() {
    let scene = turned_away();
    let Scene { near, mentor, supervisor, case } = scene;
    drop(mentor);
    let believes = "UPDATE chain SET acked_seq = head_seq WHERE acked_seq < written_seq";
    assert_ne!(database(&near.home("mentor")).execute(believes, []), Ok(0));
    let scene = Scene { mentor: near.open("mentor"), near, supervisor, case };
    assert_eq!(scene.unsent(), (0, 0));
    scene.supervisor.exchange(|_| ()).unwrap();
    assert_ne!(scene.mentor.digests().unwrap(), scene.supervisor.digests().unwrap());
    // The endpoint says how much it holds.
    scene.near.clock.pass(10_000);
    scene.assert_level();
}
