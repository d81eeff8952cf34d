//! A store filled with invented casework by real commands, without an endpoint and without a lock.
//!
//! For the trainer and for figures on what is inside a segment; everything that needs a network uses phones.

use std::cell::Cell;

use fieldfare_core::commands::{Work, carry_out};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::domain::edit::Edit;
use fieldfare_core::domain::stamp::Stamp;
use fieldfare_core::exchange::body;
use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::store::{Me, Store};
use fieldfare_core::vault::members::{Signer, found_organisation};
use fieldfare_core::vault::{Identity, RecoveryKey};
use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use fieldfare_protocol::membership::VaultKind;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::casework::Casework;
use crate::phone::command;

/// First moment of the invented casework: 5 January 2026, 09:00 UTC, in milliseconds since 1970.
const FIRST_MS: i64 = 1_767_603_600_000;

/// A store that commands can be carried out in.
pub struct Casebook {
    _folder: TempDir,
    /// The store.
    pub store: Store,
    /// Whose it is.
    pub me: Me,
    identity: Identity,
    stamp: Cell<Stamp>,
    now_ms: Cell<i64>,
}

impl Casebook {
    /// An empty store of an organisation with one device.
    #[must_use]
    pub fn new() -> Self {
        let entropy = SystemEntropy::default();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("store.db"), &[7; 32], &[8; 32]).expect("a store");
        let identity = Identity::generate(&entropy).expect("keys");
        let recovery = RecoveryKey::generate(&entropy).expect("a recovery key");
        let me = Me {
            device: DeviceId(random()),
            person: PersonId(random()),
            organisation: VaultId(random()),
            writer: u64::from_be_bytes(random()) >> 11,
        };
        let signer = Signer { device: me.device, identity: &identity };
        let (signed, key) =
            found_organisation(me.organisation, &signer, me.person, recovery.identity(), &entropy)
                .expect("a log");
        store
            .write(|write| {
                let vault_no = write.add_vault(me.organisation, VaultKind::Organisation)?;
                write.keep_record_of_log(vault_no, 0, signed.bytes(), true)?;
                write.keep_epoch_key(vault_no, 1, key.expose())?;
                write.set_me(&me, &[1; 32])
            })
            .expect("a first record");
        let (stamp, now_ms) = (Cell::default(), Cell::new(FIRST_MS));
        Self { _folder: folder, store, me, identity, stamp, now_ms }
    }

    /// Carries a command out as a mentor would, a minute after the one before.
    pub fn run(&self, json: Value) -> Option<String> {
        let entropy = SystemEntropy::default();
        self.now_ms.set(self.now_ms.get() + 61_337);
        let (made, stamp) = self
            .store
            .write(|write| {
                let work = Work::begin(
                    write,
                    self.me,
                    StaffRole::Mentor,
                    &self.identity,
                    &entropy,
                    self.now_ms.get(),
                    0,
                    self.stamp.get(),
                );
                let done = carry_out(&work, command(json))?;
                Ok::<_, fieldfare_core::contract::Problem>((done.made, work.end().0))
            })
            .expect("a command that is allowed");
        self.stamp.set(stamp);
        made.map(|id| id.to_string())
    }

    /// Everything that was written, as the bodies of segments of `count` edits each, before compression.
    #[must_use]
    pub fn bodies(&self, count: usize) -> Vec<Vec<u8>> {
        self.store
            .read(|read| {
                let mut bodies = Vec::new();
                for outgoing in read.outgoing(self.me.device)? {
                    let mut after = 0;
                    while after < outgoing.written_seq {
                        let pending = read.pending(outgoing.no, after, usize::MAX, count)?;
                        after += pending.len() as u64;
                        let edits: Vec<Edit> = pending.into_iter().map(|one| one.edit).collect();
                        bodies.push(body::encode(self.me.device, &edits).expect("a body").to_vec());
                    }
                }
                Ok::<_, fieldfare_core::store::StoreProblem>(bodies)
            })
            .expect("a readable store")
    }
}

impl Default for Casebook {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes a case with notes, a goal, a check-in and, in every fifth case, a concern, by commands that `run` carries out.
/// Returns the case.
pub fn write_case(
    casework: &mut Casework,
    notes: usize,
    run: &mut dyn FnMut(Value) -> Option<String>,
) -> String {
    let name = casework.young_person();
    let case = run(json!({"do": "open_case", "name": name, "cohort": "protect", "risk": "medium"}));
    let case = case.expect("a case");
    for number in 0..notes {
        write_note(casework, &case, run);
        if number % 12 == 4 {
            write_goal(casework, &case, run);
        }
        if number % 15 == 7 {
            let answers = casework.answers(4, 0, 10);
            run(json!({"do": "record_check_in", "case": case, "scale": "ons4", "company": ["mentor"],
                "manner": "alone", "answers": answers.iter().take(3).collect::<Vec<_>>()}));
        }
        if number % 25 == 11 {
            run(
                json!({"do": "raise_concern", "case": case, "about": "threat", "words": casework.concern(600)}),
            );
        }
    }
    case
}

/// Writes one note as a mentor does: begun, described, signed.
pub fn write_note(
    casework: &mut Casework,
    case: &str,
    run: &mut dyn FnMut(Value) -> Option<String>,
) -> String {
    let note = casework.note();
    let id = run(json!({"do": "begin_note", "case": case, "place": note.place, "contact": note.contact,
        "planned": note.planned, "minutes": note.minutes, "body": note.body}));
    let id = id.expect("a note");
    run(json!({"do": "describe_note", "note": id, "agreed": note.agreed, "add_tags": note.tags}));
    run(crate::screen::signing(&id, &note.body));
    id
}

fn write_goal(casework: &mut Casework, case: &str, run: &mut dyn FnMut(Value) -> Option<String>) {
    let goal = casework.goal();
    let id = run(json!({"do": "set_goal", "case": case, "words": goal.words, "why": goal.why}));
    let id = id.expect("a goal");
    for words in &goal.steps {
        run(json!({"do": "add_step", "goal": id, "words": words}));
    }
    for words in &goal.progress {
        run(json!({"do": "record_progress", "goal": id, "words": words}));
    }
}

fn random<const N: usize>() -> [u8; N] {
    use fieldfare_core::ports::Entropy as _;
    let mut bytes = [0; N];
    SystemEntropy::default().fill(&mut bytes).expect("randomness");
    bytes
}
