//! Whatever the order in which edits come, as long as nothing comes before what its author had seen, a store ends the same.
//!
//! Tests only: histories of three devices over every way of settling, run into two real stores in two orders.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use proptest::prelude::*;

use super::scene::{RECORD, Scene, put};
use crate::contract::RecordId;
use crate::domain::edit::{Edit, EditRef, Op};
use crate::domain::stamp::Stamp;
use crate::domain::text::SharedText;
use crate::domain::value::Value;

/// The case whose risk is disputed, beside the note that is [`RECORD`].
const CASE: RecordId = RecordId([9, 9, 9, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
const DEVICES: usize = 3;

/// An edit, its place, and which edits before it its author had seen.
struct Planned {
    device: usize,
    lane: Lane,
    seq: u64,
    edit: Edit,
    after: Vec<usize>,
}

impl Planned {
    const fn name(&self) -> EditRef {
        EditRef { device: device(self.device), seq: self.seq }
    }
}

const fn device(number: usize) -> DeviceId {
    DeviceId([number as u8 + 1; 16])
}

/// What one device does next: who, to which field, knowing of which edits, when by its clock, and in which words.
type Step = (usize, usize, u32, i64, u8);

struct History {
    planned: Vec<Planned>,
    texts: Vec<SharedText>,
    taken: Vec<Vec<usize>>,
}

impl History {
    fn of(steps: &[Step]) -> Self {
        let texts = (0..DEVICES).map(|number| SharedText::open(number as u64 + 1, None).unwrap()).collect();
        let mut history = Self { planned: vec![], texts, taken: vec![vec![]; DEVICES] };
        // Whoever begins a record is the only one who can name it.
        history.add(0, put("note", "case_id", ""), Op::Put, vec![], Lane::Notes);
        history.add(
            0,
            Edit { record: CASE, ..put("casework", "cohort", "protect") },
            Op::Put,
            vec![],
            Lane::Urgent,
        );
        for step in steps {
            history.step(step);
        }
        history
    }

    fn step(&mut self, (who, what, seen, ms, word): &Step) {
        let word = format!("{}", word % 3);
        let name = ["place", "risk", "tags", "addenda", "body", "signed", "struck"][*what];
        let risk = ["low", "medium", "high"][word.parse::<usize>().unwrap()];
        let mut edit = match name {
            "risk" => Edit { record: CASE, ..put("casework", "risk", risk) },
            name => put("note", name, &word),
        };
        edit.stamp = Stamp::at_ms(*ms);
        let known = |at: &usize| seen >> (at % 32) & 1 == 1;
        let same_field: Vec<usize> = (0..self.planned.len())
            .filter(known)
            .filter(|at| {
                let other = &self.planned[*at].edit;
                (other.record, &other.field) == (edit.record, &edit.field)
            })
            .collect();
        let lane = if name == "risk" { Lane::Urgent } else { Lane::Notes };
        match name {
            "tags" if !same_field.is_empty() && word != "0" => {
                edit.value = Vec::new();
                self.add(*who, edit, Op::Remove, same_field, lane);
            }
            "tags" | "addenda" => self.add(*who, edit, Op::Add, vec![], lane),
            "body" => self.type_in(*who, edit, seen & 1 == 1, &word),
            // Whoever takes a note back names what they knew of it.
            "struck" => {
                let known = (0..self.planned.len()).filter(known);
                let known = known.filter(|at| self.planned[*at].lane == lane).collect();
                self.add(*who, edit, Op::Put, known, lane);
            }
            _ => self.add(*who, edit, Op::Put, same_field, lane),
        }
    }

    fn type_in(&mut self, who: usize, edit: Edit, takes_in: bool, word: &str) {
        let mut after = self.taken[who].clone();
        if takes_in {
            for at in 0..self.planned.len() {
                let planned = &self.planned[at];
                if planned.edit.field == "body" && planned.device != who && !after.contains(&at) {
                    self.texts[who].take_in(&planned.edit.value).unwrap();
                    after.push(at);
                }
            }
            self.taken[who].clone_from(&after);
        }
        let before = self.texts[who].words().unwrap();
        let Some(value) = self.texts[who].type_in(&before, &format!("{word}{before}")).unwrap() else {
            return;
        };
        self.add(who, Edit { value, ..edit }, Op::Type, vec![], Lane::Notes);
        self.planned.last_mut().unwrap().after.extend(after);
    }

    fn add(&mut self, who: usize, mut edit: Edit, op: Op, replaces: Vec<usize>, lane: Lane) {
        edit.op_code = op.code();
        edit.replaces = replaces.iter().map(|at| self.planned[*at].name()).collect();
        let own = |planned: &&Planned| planned.device == who && planned.lane == lane;
        let seq = self.planned.iter().filter(own).count() as u64 + 1;
        let last_own = self.planned.iter().rposition(|planned| own(&planned));
        let begun = (!self.planned.is_empty()).then_some(usize::from(lane == Lane::Urgent));
        let begun = begun.filter(|at| *at < self.planned.len());
        let after = replaces.into_iter().chain(last_own).chain(begun).collect();
        self.planned.push(Planned { device: who, lane, seq, edit, after });
    }

    /// An order in which nothing comes before what its author had seen: of what may come next always the least key.
    fn order(&self, keys: &[u32]) -> Vec<usize> {
        let mut order: Vec<usize> = vec![];
        while order.len() < self.planned.len() {
            let next = (0..self.planned.len())
                .filter(|at| !order.contains(at))
                .filter(|at| self.planned[*at].after.iter().all(|before| order.contains(before)))
                .min_by_key(|at| (keys.get(*at).copied().unwrap_or(0), *at))
                .unwrap();
            order.push(next);
        }
        order
    }

    /// What stands, what is shown, and what waits for a person.
    fn settled(&self, order: &[usize]) -> (Hash, String, Vec<String>, Option<EditRef>) {
        let scene = Scene::new();
        for at in order {
            let planned = &self.planned[*at];
            scene.settle_from(device(planned.device), planned.lane, planned.seq, &planned.edit);
        }
        scene
            .store
            .read(|read| {
                let shown = read.connection.query_row(
                    "SELECT coalesce(place, '-') || '|' || coalesce(body, '-') || '|' || coalesce(signed, '-') || '|'
                         || coalesce(struck, '-') || '|' || coalesce((SELECT risk FROM casework), '-') FROM note",
                    [],
                    |row| row.get::<_, String>(0),
                )?;
                let undecided = read.undecided(None)?.into_iter().map(|(.., field)| field);
                let edited = read.edited_meanwhile(RECORD)?.map(|edit| edit.held.edit);
                let digest = read.vault_digest(scene.vaults[0].id)?;
                let mut undecided: Vec<String> = undecided.collect();
                undecided.sort();
                Ok::<_, super::StoreProblem>((digest, shown, undecided, edited))
            })
            .unwrap()
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..DEVICES, 0_usize..7, any::<u32>(), 1_i64..40, any::<u8>()), 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_that_keeps_what_was_seen_first_ends_the_same(steps in steps(), keys: [u32; 32]) {
        let history = History::of(&steps);
        let straight: Vec<usize> = (0..history.planned.len()).collect();
        prop_assert_eq!(history.settled(&straight), history.settled(&history.order(&keys)));
    }
}

fn signed(seq: u64, words: &str, replaces: Vec<EditRef>, ms: i64) -> (u64, Edit) {
    (seq, Edit { replaces, stamp: Stamp::at_ms(ms), ..put("note", "signed", words) })
}

#[test]
fn a_signed_note_keeps_its_first_text_whatever_is_written_over_it() {
    let scene = Scene::new();
    let (robin, wren) = (device(0), device(1));
    let (seq, first) = signed(1, "as it was signed", vec![], 500);
    scene.settle_from(robin, Lane::Notes, seq, &first);
    let (seq, over) = signed(1, "as it never was", vec![EditRef { device: robin, seq: 1 }], 100);
    scene.settle_from(wren, Lane::Notes, seq, &over);
    let (seq, beside) = signed(2, "signed at the same time", vec![], 900);
    scene.settle_from(wren, Lane::Notes, seq, &beside);
    let standing = scene.store.read(|read| read.standing(RECORD, "signed")).unwrap();
    let standing: Vec<_> = standing.into_iter().filter_map(|one| one.held.value).collect();
    assert_eq!(standing, [Value::from("as it was signed"), Value::from("signed at the same time")]);
    let note = scene.store.read(|read| read.note(RECORD.into())).unwrap().unwrap();
    assert_eq!(note.signed.as_deref(), Some("as it was signed"));
}

#[test]
fn an_edit_that_whoever_took_the_note_back_had_not_seen_is_told_whatever_the_clocks_said() {
    let scene = Scene::new();
    let (robin, wren) = (device(0), device(1));
    let meanwhile =
        || scene.store.read(|read| read.edited_meanwhile(RECORD)).unwrap().map(|one| one.held.edit);
    scene.settle_from(robin, Lane::Notes, 1, &put("note", "place", "car"));
    scene.settle_from(wren, Lane::Notes, 1, &put("note", "agreed", "to ring"));
    let mut struck = put("note", "struck", "a mistake");
    struck.replaces = vec![EditRef { device: wren, seq: 1 }];
    scene.settle_from(robin, Lane::Notes, 2, &struck);
    assert_eq!(meanwhile(), None);
    // Older by its clock, and still not known to whoever took the note back.
    let late = Edit { stamp: Stamp::at_ms(1), ..put("note", "agreed", "to ring on Monday") };
    scene.settle_from(wren, Lane::Notes, 2, &late);
    assert_eq!(meanwhile(), Some(EditRef { device: wren, seq: 2 }));
    assert_eq!(scene.store.read(|read| read.undecided_fields(RECORD)).unwrap(), ["agreed", "struck"]);
    let mut again = put("note", "struck", "a mistake, seen by both");
    again.replaces = vec![EditRef { device: robin, seq: 2 }, EditRef { device: wren, seq: 2 }];
    scene.settle_from(robin, Lane::Notes, 3, &again);
    assert_eq!(meanwhile(), None);
}

#[test]
fn writing_over_a_signature_is_told_alike_before_and_after_the_note_was_taken_back() {
    let (robin, wren) = (device(0), device(1));
    let (_, first) = signed(1, "as it was signed", vec![], 500);
    let mut struck = put("note", "struck", "a mistake");
    struck.replaces = vec![EditRef { device: robin, seq: 1 }];
    let (_, over) = signed(1, "as it never was", vec![EditRef { device: robin, seq: 1 }], 100);
    let told = |strike_first: bool| {
        let scene = Scene::new();
        scene.settle_from(robin, Lane::Notes, 1, &first);
        for strikes in [strike_first, !strike_first] {
            let (who, seq, edit) = if strikes { (robin, 2, &struck) } else { (wren, 1, &over) };
            scene.settle_from(who, Lane::Notes, seq, edit);
        }
        scene.store.read(|read| read.undecided_fields(RECORD)).unwrap()
    };
    assert_eq!(told(true), ["struck"]);
    assert_eq!(told(false), ["struck"]);
}
