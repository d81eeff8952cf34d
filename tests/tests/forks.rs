//! A case's list of readers that was told in two ways: nobody writes there until somebody who coordinates has ended it, and
//! nothing that was written meanwhile is lost.
//!
//! The endpoint is really put back from a backup, once saying so and once not.

use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{CaseId, Problem, StaffRole};
use fieldfare_core::exchange::forks;
use fieldfare_core::ports::{SystemClock, SystemEntropy};
use fieldfare_core::store::Me;
use fieldfare_core::vault::members::Signer;
use fieldfare_core::vault::rotation::{EndingBranch, resolve_file};
use fieldfare_protocol::exchange::LogOutcome;
use serde_json::{Value, json};
use tests::backup::{back_up, put_back, put_back_silently};
use tests::by_hand::hand_over;
use tests::opened::inside;
use tests::phone::{PIN, Service, level, make, page, ports, run};
use tests::world::inside::Inside;

/// A case of two mentors and a supervisor, with two more mentors who are on no case.
struct Scene {
    service: Service,
    supervisor: Fieldfare,
    lead: Fieldfare,
    robin: Fieldfare,
    wren: Fieldfare,
    others: [Fieldfare; 2],
    case: String,
}

fn note(app: &Fieldfare, case: &str, body: &str) {
    run(app, json!({"do": "begin_note", "case": case, "body": body})).unwrap();
}

fn concern(app: &Fieldfare, case: &str, words: &str) {
    run(app, json!({"do": "raise_concern", "case": case, "about": "threat", "words": words})).unwrap();
}

fn exchange(app: &Fieldfare) {
    app.exchange(|_| ()).unwrap();
}

fn state(app: &Fieldfare) -> Value {
    page(app, json!({"page": "exchange"}))
}

fn add(app: &Fieldfare, case: &str, name: &str) {
    let staff = page(app, json!({"page": "staff"}))["staff"].clone();
    let who = staff.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
    run(app, json!({"do": "add_mentor", "case": case, "mentor": who["person"]})).unwrap();
}

impl Scene {
    fn new() -> Self {
        let service = Service::found();
        let join = |name: &str, role| service.join(name, role);
        let supervisor = join("supervisor", StaffRole::Supervisor);
        let lead = join("lead", StaffRole::Safeguarding);
        let (robin, wren) = (join("robin", StaffRole::Mentor), join("wren", StaffRole::Mentor));
        let others = [join("ivy", StaffRole::Mentor), join("oak", StaffRole::Mentor)];
        level(&[&service.administrator, &supervisor, &lead, &robin, &wren, &others[0], &others[1]]);
        let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
        add(&robin, &case, "wren");
        let scene = Self { service, supervisor, lead, robin, wren, others, case };
        scene.level();
        scene
    }

    fn everybody(&self) -> Vec<&Fieldfare> {
        vec![&self.supervisor, &self.lead, &self.robin, &self.wren, &self.others[0], &self.others[1]]
    }

    fn level(&self) {
        level(&self.everybody());
    }

    fn id(&self) -> CaseId {
        self.case.parse().unwrap()
    }

    fn change_endpoint(self, change: impl FnOnce(Service) -> Service) -> Self {
        Self { service: change(self.service), ..self }
    }

    /// Everybody who reads the case has the same in it and these words, and nobody sees a fork.
    fn is_whole(&self, readers: &[&Fieldfare], words: &[&str]) {
        let digest = |app: &Fieldfare| {
            let digests = app.digests().unwrap();
            let of_case = |vault: &str| self.case.starts_with(&vault[..8]);
            digests.into_iter().find(|(vault, _)| of_case(&vault.to_string())).unwrap().1
        };
        for app in readers {
            assert_eq!(digest(app), digest(readers[0]));
            let state = state(app);
            assert_eq!((&state["forks"], &state["two_histories"]), (&json!([]), &json!(0)), "{state}");
            assert_eq!((&state["unsent"], &state["waiting"]), (&json!(0), &json!([])), "{state}");
            assert_eq!(state["alarms"], json!([]), "{state}");
            let shown = page(app, json!({"page": "timeline", "case": self.case})).to_string();
            for word in words {
                assert!(shown.contains(word), "{word} is missing in {shown}");
            }
        }
    }

    /// One branch has a fresh key by robin, the other one by wren, and each wrote under it.
    fn two_keys(put_back: impl FnOnce(Service) -> Service) -> Self {
        let scene = Self::new().change_endpoint(back_up);
        scene.robin.rotate(scene.id()).unwrap();
        note(&scene.robin, &scene.case, "under the key of robin");
        exchange(&scene.robin);
        for app in [&scene.supervisor, &scene.lead] {
            exchange(app);
            note(app, &scene.case, "seen by those who coordinate");
            exchange(app);
        }
        let scene = scene.change_endpoint(put_back);
        scene.wren.rotate(scene.id()).unwrap();
        note(&scene.wren, &scene.case, "under the key of wren");
        exchange(&scene.wren);
        for app in [&scene.robin, &scene.supervisor, &scene.lead] {
            exchange(app);
            assert_eq!(state(app)["two_histories"], 1);
            note(app, &scene.case, "written while the fork stood");
            concern(app, &scene.case, "heard while the fork stood");
            exchange(app);
        }
        scene
    }
}

const WRITTEN: [&str; 4] = [
    "under the key of robin",
    "under the key of wren",
    "written while the fork stood",
    "heard while the fork stood",
];

#[test]
fn after_an_honest_restore_those_in_both_branches_go_on_and_nothing_is_lost() {
    let scene = Scene::two_keys(put_back);
    // Both branches have another key, so a concern cannot leave: the page says so, and whom to call.
    let told = state(&scene.supervisor);
    assert_eq!(told["forks"][0]["concerns_leave"], false, "{told}");
    assert_eq!(told["forks"][0]["actions"][0], json!({"command": "resolve_fork"}), "{told}");
    assert!(told["unsent_urgent"].as_u64().unwrap() > 0, "{told}");
    assert_eq!(told["undelivered"].as_array().unwrap().len(), 1, "{told}");
    let of_mentor = state(&scene.robin);
    assert_eq!(of_mentor["forks"][0]["actions"][0]["why_not"], "role.supervisors_resolve", "{of_mentor}");
    assert!(matches!(scene.robin.resolve_fork(scene.id()), Err(Problem::NotAllowed { .. })));
    scene.supervisor.resolve_fork(scene.id()).unwrap();
    scene.level();
    scene.is_whole(&[&scene.supervisor, &scene.lead, &scene.robin, &scene.wren], &WRITTEN);
    assert!(matches!(scene.supervisor.resolve_fork(scene.id()), Err(Problem::NotAllowed { .. })));
    // Whoever comes later reads what was written under every key of either branch.
    let late = scene.service.join("late", StaffRole::Supervisor);
    level(&[&scene.supervisor, &late]);
    scene.is_whole(&[&scene.supervisor, &late], &WRITTEN);
}

#[test]
fn after_an_endpoint_has_lied_it_ends_the_same() {
    let scene = Scene::two_keys(put_back_silently);
    scene.lead.resolve_fork(scene.id()).unwrap();
    scene.level();
    scene.is_whole(&[&scene.supervisor, &scene.lead, &scene.robin, &scene.wren], &WRITTEN);
}

#[test]
fn of_two_who_end_it_at_once_one_comes_first_and_the_other_finds_it_done() {
    let scene = Scene::two_keys(put_back);
    std::thread::scope(|both| {
        let one = both.spawn(|| scene.supervisor.resolve_fork(scene.id()));
        let other = both.spawn(|| scene.lead.resolve_fork(scene.id()));
        one.join().unwrap().unwrap();
        other.join().unwrap().unwrap();
    });
    scene.level();
    scene.is_whole(&[&scene.supervisor, &scene.lead, &scene.robin, &scene.wren], &WRITTEN);
}

#[test]
fn what_was_written_while_a_fork_stands_waits_however_often_a_phone_exchanges() {
    let scene = Scene::two_keys(put_back);
    let unsent = state(&scene.robin)["unsent"].as_u64().unwrap();
    assert!(unsent > 0, "sent under the key of one branch, which may have removed somebody");
    for _ in 0..3 {
        exchange(&scene.robin);
        assert_eq!(state(&scene.robin)["unsent"], unsent);
    }
}

/// Robin let ivy in in one branch, wren let oak in in the other; each of them wrote.
fn two_newcomers() -> Scene {
    let scene = Scene::new().change_endpoint(back_up);
    let ivy = &scene.others[0];
    add(&scene.robin, &scene.case, "ivy");
    level(&[&scene.robin, ivy, &scene.supervisor, &scene.lead]);
    note(ivy, &scene.case, "ivy was here");
    level(&[ivy, &scene.robin, &scene.supervisor]);
    let scene = scene.change_endpoint(put_back);
    let oak = &scene.others[1];
    add(&scene.wren, &scene.case, "oak");
    level(&[&scene.wren, oak]);
    note(oak, &scene.case, "oak was here");
    level(&[oak, &scene.wren]);
    for app in [&scene.robin, &scene.supervisor] {
        exchange(app);
        assert_eq!(state(app)["two_histories"], 1);
    }
    scene
}

#[test]
fn a_concern_leaves_at_once_where_both_branches_have_one_key_and_nobody_let_in_is_lost() {
    let scene = two_newcomers();
    concern(&scene.robin, &scene.case, "heard while the fork stood");
    note(&scene.robin, &scene.case, "written while the fork stood");
    exchange(&scene.robin);
    let told = state(&scene.robin);
    assert_eq!((&told["unsent_urgent"], &told["undelivered"]), (&json!(0), &json!([])), "{told}");
    assert_eq!(told["forks"][0]["concerns_leave"], true, "{told}");
    assert!(told["unsent"].as_u64().unwrap() > 0, "a note waits: {told}");
    exchange(&scene.wren);
    let concerns = page(&scene.wren, json!({"page": "today"}))["concerns"].clone();
    assert_eq!(concerns[0]["words"], "heard while the fork stood", "{concerns}");
    scene.supervisor.resolve_fork(scene.id()).unwrap();
    scene.level();
    scene.level();
    let [ivy, oak] = &scene.others;
    let words =
        ["ivy was here", "oak was here", "heard while the fork stood", "written while the fork stood"];
    scene.is_whole(&[&scene.supervisor, &scene.lead, &scene.robin, &scene.wren, ivy, oak], &words);
}

/// A record that ends the fork and leaves the key with everybody who is in the branch that goes on.
fn resolved_for_one_side(inside: &Inside, me: &Me, case: &str) -> Vec<u8> {
    let vault = inside.vault_of(case).unwrap();
    let made = inside.read(|read| {
        let organisation = read.organisation()?;
        let as_of = read.records_kept(organisation.vault)?;
        let file = read.case_file(vault.no, &organisation)?;
        let (_, before) = read.newest_key(vault.no)?.unwrap();
        let (from, records) = forks::hashes(read, &vault)?;
        let ending = EndingBranch { from, records, apart: Vec::new(), keys: read.other_keys(vault.no)? };
        let signer = Signer { device: me.device, identity: &inside.identity };
        let entropy = SystemEntropy::default();
        Ok(resolve_file(&file, as_of, &before, Vec::new(), ending, &signer, &organisation, &entropy))
    });
    let Ok((signed, _)) = made.unwrap() else { panic!("a record") };
    signed.bytes().to_vec()
}

#[test]
fn whoever_knows_the_other_branch_does_not_go_on_if_its_outsiders_get_the_key() {
    let Scene { service, supervisor, robin, case, .. } = two_newcomers();
    drop(supervisor);
    let home = service.home("supervisor");
    let signs = inside(&home);
    let me = signs.read(|read| read.me()).unwrap();
    let record = resolved_for_one_side(&signs, &me, &case);
    // The endpoint knows one branch.
    let ports = ports(&home, Arc::new(SystemClock));
    let base_url = format!("http://{}", service.endpoint.address());
    let outcome = hand_over(ports.transport.as_ref(), &base_url, &signs.identity, &me, record);
    assert_eq!(outcome, Some(LogOutcome::Kept));
    drop(signs);
    let supervisor = Fieldfare::unlock(&home, ports, PIN).unwrap();
    for app in [&robin, &supervisor] {
        exchange(app);
        let told = state(app);
        assert_eq!(
            (&told["two_histories"], told["forks"].as_array().unwrap().len()),
            (&json!(1), 1),
            "{told}"
        );
    }
}
