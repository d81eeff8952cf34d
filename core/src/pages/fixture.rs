//! A small organisation in a real store, for the tests of the pages.
//!
//! Writes what commands and the exchange would write, without either.

use std::cell::Cell;

use fieldfare_protocol::exchange::Cursors;
use fieldfare_protocol::id::{DeviceId, PersonId as Staff, VaultId};
use fieldfare_protocol::membership::{DeviceCard, Role, VaultKind};
use fieldfare_protocol::signing::{SealingKey, VerifyKey};
use tempfile::TempDir;

use super::{View, draw};
use crate::contract::{Ask, CaseId, PackOption, Page, PersonId, Problem, RecordId, ScalePack, StaffRole};
use crate::domain::edit::{Edit, Op};
use crate::domain::field::{Field, RecordKind, STRUCK};
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;
use crate::domain::{case, check_in, concern, day, goal, note, person, scale_pack, service, young_person};
use crate::store::{
    Arriving, Author, Endpoint, Me, NewEdit, Store, StoreProblem, StoredSegment, StoredVault, Write,
};

/// Noon on 15 June 2026, UTC.
pub(super) const NOW_MS: i64 = 1_781_524_800_000;
/// Whoever holds the device: Robin, a mentor.
pub(super) const ME: Me =
    Me { device: DeviceId([2; 16]), person: Staff([3; 16]), organisation: VaultId([1; 16]), writer: 4 };
/// Wren, a supervisor, whose device is another.
pub(super) const COLLEAGUE: PersonId = PersonId([8; 16]);
const THEIR_DEVICE: DeviceId = DeviceId([9; 16]);

/// A store with two members of staff in it.
pub(super) struct House {
    store: Store,
    organisation: StoredVault,
    pub(super) view: View,
    last: Cell<u16>,
    _folder: TempDir,
}

/// The file of one case.
pub(super) struct File {
    vault: StoredVault,
    pub(super) case: RecordId,
    pub(super) young_person: RecordId,
}

impl File {
    pub(super) fn case_id(&self) -> CaseId {
        self.case.into()
    }

    pub(super) fn case_value(&self) -> Value {
        Value::Id(self.case.0)
    }
}

impl House {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
        let organisation = store
            .write(|write| {
                let no = write.add_vault(ME.organisation, VaultKind::Organisation)?;
                write.set_me(&ME, &[0; 32])?;
                write.set_endpoint(&Endpoint {
                    base_url: "https://endpoint.example".to_owned(),
                    receipt_key: None,
                    generation: None,
                    cursors: Cursors::default(),
                    last_exchange_at_ms: None,
                    clock_ahead_ms: None,
                })?;
                write.enter_device(&card(ME.device, ME.person, Role::Mentor))?;
                write.enter_device(&card(THEIR_DEVICE, Staff(COLLEAGUE.0), Role::Supervisor))?;
                Ok::<_, StoreProblem>(StoredVault { no, id: ME.organisation, kind: VaultKind::Organisation })
            })
            .unwrap();
        let view = View { me: ME, role: StaffRole::Mentor, now_ms: NOW_MS };
        let house = Self { store, organisation, view, last: Cell::new(100), _folder: folder };
        house.put_for_all(&person::KIND, RecordId(ME.person.0), &person::NAME, "Robin");
        house.put_for_all(&person::KIND, RecordId(COLLEAGUE.0), &person::NAME, "Wren");
        house
    }

    pub(super) fn draw(&self, ask: &Ask) -> Page {
        self.store.read(|read| draw(read, &self.view, ask)).unwrap()
    }

    pub(super) fn problem(&self, ask: &Ask) -> Problem {
        self.store.read(|read| draw(read, &self.view, ask)).unwrap_err()
    }

    fn write<T>(&self, change: impl FnOnce(&Write<'_>) -> Result<T, StoreProblem>) -> T {
        self.store.write(change).unwrap()
    }

    /// The name of a record that is not there yet.
    pub(super) fn record(&self) -> RecordId {
        self.last.set(self.last.get() + 1);
        let [high, low] = self.last.get().to_be_bytes();
        let mut id = [0x55; 16];
        id[14] = high;
        id[15] = low;
        RecordId(id)
    }

    fn edit(&self, vault: StoredVault, kind: &RecordKind, record: RecordId, field: &Field, new: NewEdit<'_>) {
        self.write(|write| {
            let author = Author {
                device: ME.device,
                writer: ME.writer,
                now_ms: self.view.now_ms,
                ahead_ms: 0,
                last_stamp: write.read().last_stamp()?,
            };
            assert!(write.write_edit(&author, &vault, kind, record, field, new)?);
            Ok(())
        });
    }

    pub(super) fn put_for_all(
        &self,
        kind: &RecordKind,
        record: RecordId,
        field: &Field,
        value: impl Into<Value>,
    ) {
        self.edit(self.organisation, kind, record, field, NewEdit::Put(value.into()));
    }

    pub(super) fn put(
        &self,
        file: &File,
        kind: &RecordKind,
        record: RecordId,
        field: &Field,
        value: impl Into<Value>,
    ) {
        self.edit(file.vault, kind, record, field, NewEdit::Put(value.into()));
    }

    pub(super) fn add(
        &self,
        file: &File,
        kind: &RecordKind,
        record: RecordId,
        field: &Field,
        value: impl Into<Value>,
    ) {
        self.edit(file.vault, kind, record, field, NewEdit::Add(value.into()));
    }

    pub(super) fn strike(&self, file: &File, kind: &RecordKind, record: RecordId, reason: &str) {
        self.put(file, kind, record, &STRUCK, reason);
    }

    /// A value that the colleague put without knowing of any that stands.
    pub(super) fn theirs(
        &self,
        file: &File,
        kind: &RecordKind,
        record: RecordId,
        field: &Field,
        value: impl Into<Value>,
        at_ms: i64,
    ) {
        let edit = Edit {
            kind: kind.name.to_owned(),
            record,
            field: field.name.to_owned(),
            op_code: Op::Put.code(),
            stamp: Stamp::at_ms(at_ms),
            clock_ahead_ms: 0,
            replaces: Vec::new(),
            value: value.into().to_bytes(),
        };
        self.last.set(self.last.get() + 1);
        let seq = u64::from(self.last.get());
        self.write(|write| {
            let chain_no = write.chain_no(file.vault.no, THEIR_DEVICE, kind.lane)?;
            let arriving = Arriving {
                vault: file.vault,
                chain_no,
                seq,
                device: THEIR_DEVICE,
                lane: kind.lane,
                plausible: write.read().plausible(file.vault.no, NOW_MS)?,
                edit: &edit,
            };
            write.settle(&arriving, ME.writer)?.unwrap();
            let segment = StoredSegment {
                first_seq: seq,
                last_seq: seq,
                hash: fieldfare_protocol::hash::Hash([0; 32]),
                bytes: Vec::new(),
            };
            write.keep_segment(chain_no, &segment, Some(NOW_MS))
        });
    }

    pub(super) fn open_case(&self, name: &str, born_on: Option<&str>) -> File {
        let (case, young_person) = (self.record(), self.record());
        let id = VaultId(self.record().0);
        let no = self.write(|write| write.add_vault(id, VaultKind::CaseFile));
        let file = File { vault: StoredVault { no, id, kind: VaultKind::CaseFile }, case, young_person };
        self.put(&file, &young_person::KIND, young_person, &young_person::NAME, name);
        if let Some(born_on) = born_on.and_then(day::day_of) {
            self.put(&file, &young_person::KIND, young_person, &young_person::BORN_ON, Value::Day(born_on));
        }
        self.put(&file, &case::KIND, case, &case::YOUNG_PERSON, Value::Id(young_person.0));
        self.add(&file, &case::KIND, case, &case::MENTORS, Value::Id(ME.person.0));
        file
    }

    pub(super) fn draft(&self, file: &File, began_at_ms: i64, body: &str) -> RecordId {
        let note = self.record();
        self.put(file, &note::KIND, note, &note::CASE, file.case_value());
        self.put(file, &note::KIND, note, &note::BEGAN_AT, Value::Instant(began_at_ms));
        if !body.is_empty() {
            self.type_body(file, note, body);
        }
        note
    }

    pub(super) fn type_body(&self, file: &File, note: RecordId, after: &str) {
        self.edit(
            file.vault,
            &note::KIND,
            note,
            &note::BODY,
            NewEdit::Type { since: &[], after, save: None },
        );
    }

    pub(super) fn signed_note(&self, file: &File, began_at_ms: i64, body: &str) -> RecordId {
        let note = self.draft(file, began_at_ms, body);
        self.put(file, &note::KIND, note, &note::SIGNED, body);
        note
    }

    pub(super) fn goal(&self, file: &File, words: &str) -> RecordId {
        let goal = self.record();
        self.put(file, &goal::KIND, goal, &goal::CASE, file.case_value());
        self.put(file, &goal::KIND, goal, &goal::WORDS, words);
        goal
    }

    pub(super) fn check_in(
        &self,
        file: &File,
        scale: &str,
        answers: &[Option<u8>],
        taken_on: &str,
    ) -> RecordId {
        let taken = self.record();
        let answers = answers.iter().map(|answer| answer.map_or(Value::Nothing, |a| Value::Whole(a.into())));
        self.put(file, &check_in::KIND, taken, &check_in::CASE, file.case_value());
        self.put(file, &check_in::KIND, taken, &check_in::SCALE, scale);
        self.put(file, &check_in::KIND, taken, &check_in::ANSWERS, Value::List(answers.collect()));
        let taken_on = Value::Day(day::day_of(taken_on).unwrap());
        self.put(file, &check_in::KIND, taken, &check_in::TAKEN_ON, taken_on);
        taken
    }

    pub(super) fn raise(&self, file: &File, words: &str) -> RecordId {
        let raised = self.record();
        self.put(file, &concern::KIND, raised, &concern::CASE, file.case_value());
        self.put(file, &concern::KIND, raised, &concern::WORDS, words);
        self.put(file, &concern::KIND, raised, &concern::STATE, "raised");
        raised
    }

    /// A concern that came from the colleague, held by the endpoint since [`NOW_MS`].
    pub(super) fn their_concern(&self, file: &File, words: &str, at_ms: i64) -> RecordId {
        let raised = self.record();
        self.theirs(file, &concern::KIND, raised, &concern::CASE, file.case_value(), at_ms);
        self.theirs(file, &concern::KIND, raised, &concern::WORDS, words, at_ms);
        raised
    }

    pub(super) fn add_pack(&self) -> RecordId {
        let pack = self.record();
        let json = serde_json::to_string(&made_up_pack()).unwrap();
        self.put_for_all(&scale_pack::KIND, pack, &scale_pack::SCALE, "swemwbs");
        self.put_for_all(&scale_pack::KIND, pack, &scale_pack::PACK, json);
        self.put_for_all(&scale_pack::KIND, pack, &scale_pack::DIGEST, "ab".repeat(32));
        pack
    }

    pub(super) fn service(&self, name: &str, offers: &str, ages: &str, areas: &str, checked_on: &str) {
        let record = self.record();
        for (field, text) in [
            (&service::NAME, name),
            (&service::OFFERS, offers),
            (&service::AGES, ages),
            (&service::AREAS, areas),
        ] {
            self.put_for_all(&service::KIND, record, field, text);
        }
        let checked_on = Value::Day(day::day_of(checked_on).unwrap());
        self.put_for_all(&service::KIND, record, &service::CHECKED_ON, checked_on);
    }

    /// A segment of the colleague's that could not be believed.
    pub(super) fn set_aside(&self, why: &str) {
        let bytes = self.record().0;
        self.write(|write| write.set_aside(ME.organisation, THEIR_DEVICE, why, NOW_MS, &bytes).map(drop));
    }
}

fn card(device: DeviceId, person: Staff, role: Role) -> DeviceCard {
    DeviceCard { device, person, role, verify_key: VerifyKey([0; 32]), sealing_key: SealingKey([0; 32]) }
}

/// Wording of our own; the scale's wording is licensed and never stands in the source.
pub(super) fn made_up_pack() -> ScalePack {
    ScalePack {
        scale: "swemwbs".to_owned(),
        language: "en-GB".to_owned(),
        items: (1..=7).map(|number| format!("Made-up sentence {number}")).collect(),
        options: (1..=5)
            .map(|answer| PackOption { answer, words: format!("made-up words {answer}") })
            .collect(),
        notice: "© Made-up owner".to_owned(),
        licence_reference: "REF-1".to_owned(),
        licensee: "A made-up charity".to_owned(),
        licensed_on: "2026-03-31".to_owned(),
    }
}
