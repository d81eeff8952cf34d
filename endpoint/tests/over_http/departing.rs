//! A device that has handed a case on: what the endpoint takes from it, what it is handed, and how that ends.

use fieldfare_protocol::exchange::{Cursors, LogOutcome, SegmentOutcome};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{Act, Epoch, LaneCut, Leaving, MemberWrap, Role, Rotation};

use crate::people::{Log, Phone, Writing, wrap};
use crate::scene::{Scene, records, segments};

const FILE: VaultId = VaultId([0xaa; 16]);

/// A file that a mentor has handed on to a supervisor's fresh key.
struct Departing {
    scene: Scene,
    mentor: Phone,
    supervisor: Phone,
    log: Log,
    concerns: Writing,
}

fn as_of(scene: &Scene) -> u32 {
    scene.log.number
}

fn last_word(writing: &Writing) -> Vec<Leaving> {
    let cut = match writing.head.seq {
        0 => Vec::new(),
        seq => vec![LaneCut { lane_code: writing.chain.lane.code(), seq, hash: writing.head.hash }],
    };
    vec![Leaving { device: writing.chain.device, cut }]
}

impl Departing {
    fn new() -> Self {
        let mut scene = Scene::new();
        let mentor = scene.enrol(2, Role::Mentor);
        let supervisor = scene.enrol(3, Role::Supervisor);
        let mut log = scene.found_file(FILE, &mentor, &[mentor.id(), supervisor.id()]);
        let mut recovery = wrap();
        (recovery.encapsulated, recovery.sealed) = ([1; 32].into(), [1; 48].into());
        let rotation = Rotation {
            removed: vec![Leaving { device: mentor.id(), cut: Vec::new() }],
            epoch: Epoch { number: 2, key_id: [2; 16].into(), recovery },
            wraps: vec![MemberWrap { device: supervisor.id(), wrap: wrap() }],
            before: [0; 48].into(),
        };
        let act = Act::Rotate { as_of: as_of(&scene), rotation, invitations: Vec::new() };
        let record = log.next(&supervisor, act);
        assert_eq!(scene.send_record(&supervisor, &record), LogOutcome::Kept);
        let concerns = Writing::new(FILE, &mentor, Lane::Urgent);
        Self { scene, mentor, supervisor, log, concerns }
    }

    fn send(&self, segment: &[u8]) -> SegmentOutcome {
        self.scene.exchange(&self.mentor, &self.scene.sending(&[segment])).acks[0].outcome
    }
}

#[test]
fn p01_what_a_departing_device_sends_under_the_key_it_holds_reaches_everybody_who_stays() {
    let mut departing = Departing::new();
    let concern = departing.concerns.next(&departing.mentor, 1, vec![1; 40]);
    assert_eq!(departing.send(&concern), SegmentOutcome::Kept);
    let mut cursors = Cursors::default();
    let items = departing.scene.fetch(&departing.supervisor, &mut cursors);
    assert_eq!(segments(&items), [concern]);
    // A key that it was never given is none of its.
    let newer = departing.concerns.propose(&departing.mentor, 1, 2, vec![2; 40]).bytes();
    assert_eq!(departing.send(&newer), SegmentOutcome::NotAllowed);
}

#[test]
fn p01_a_departing_device_reads_the_log_to_its_end_and_no_later_segment() {
    let departing = Departing::new();
    let Departing { scene, mentor, supervisor, .. } = &departing;
    let mut notes = Writing::new(FILE, supervisor, Lane::Notes);
    let after = notes.next(supervisor, 1, vec![3; 40]);
    scene.exchange(supervisor, &scene.sending(&[&after]));
    let mut cursors = Cursors::default();
    let items = scene.fetch(mentor, &mut cursors);
    assert_eq!(segments(&items), [[0_u8; 0]; 0]);
    let of_file = records(&items).len() - scene.log.number as usize;
    assert_eq!(of_file, 2, "its founding and the change of its key");
}

#[test]
fn p01_an_end_that_is_not_the_end_is_refused() {
    let mut departing = Departing::new();
    let before = last_word(&departing.concerns);
    let concern = departing.concerns.next(&departing.mentor, 1, vec![1; 40]);
    departing.send(&concern);
    let Departing { scene, mentor, supervisor, log, concerns } = &mut departing;
    let as_of = as_of(scene);
    let short = log.propose(supervisor, Act::Close { as_of, left: before });
    assert_eq!(scene.send_record(supervisor, &short), LogOutcome::Moved);
    let whole = log.propose(supervisor, Act::Close { as_of, left: last_word(concerns) });
    // Nobody but whoever coordinates, or the device itself, ends a departure.
    let others = log.propose(mentor, Act::Close { as_of, left: last_word(concerns) });
    assert_eq!(scene.send_record(mentor, &others), LogOutcome::NotAllowed);
    let foreign = log.propose(supervisor, Act::Farewell { as_of, left: last_word(concerns) });
    assert_eq!(scene.send_record(supervisor, &foreign), LogOutcome::NotAllowed);
    assert_eq!(scene.send_record(supervisor, &whole), LogOutcome::Kept);
    let late = concerns.next(mentor, 1, vec![4; 40]);
    let outcome = scene.exchange(mentor, &scene.sending(&[&late])).acks[0].outcome;
    assert_eq!(outcome, SegmentOutcome::Late);
}

#[test]
fn p01_a_farewell_names_every_lane_and_ends_what_its_author_reads() {
    let mut departing = Departing::new();
    let concern = departing.concerns.next(&departing.mentor, 1, vec![1; 40]);
    departing.send(&concern);
    let Departing { scene, mentor, supervisor, log, concerns } = &mut departing;
    let as_of = as_of(scene);
    let nothing = vec![Leaving { device: mentor.id(), cut: Vec::new() }];
    let forgetful = log.propose(mentor, Act::Farewell { as_of, left: nothing });
    assert_eq!(scene.send_record(mentor, &forgetful), LogOutcome::Moved);
    let farewell = log.next(mentor, Act::Farewell { as_of, left: last_word(concerns) });
    assert_eq!(scene.send_record(mentor, &farewell), LogOutcome::Kept);
    // What the file says afterwards is none of its business.
    let after = log.next(supervisor, Act::Admit { as_of, wraps: Vec::new() });
    assert_eq!(scene.send_record(supervisor, &after), LogOutcome::Kept);
    let read = records(&scene.fetch(mentor, &mut Cursors::default()));
    assert!(read.contains(&farewell.bytes().to_vec()) && !read.contains(&after.bytes().to_vec()));
}
