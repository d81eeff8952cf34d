//! The one write path: an edit, whoever made it, settles into rows.
//!
//! Believes nothing about an edit but that its author was allowed to write in this vault and that whatever it replaces
//! came before it. Kinds, fields and operations that this version does not know are kept and shown after an update.

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::VaultKind;

use super::problem::StoreProblem;
use super::{StoredVault, Write};
use crate::contract::RecordId;
use crate::domain::edit::{Edit, Op};
use crate::domain::field::{Field, FieldKind, Home, RecordKind, STRUCK};
use crate::domain::stamp::Plausible;
use crate::domain::value::Value;
use crate::domain::vocabulary::Vocabulary;
use crate::domain::{attachment, note};

/// An edit on its way into the rows.
pub struct Arriving<'e> {
    /// The vault it came in.
    pub vault: StoredVault,
    /// Row of its chain.
    pub chain_no: i64,
    /// Its number in the chain.
    pub seq: u64,
    /// The device that made it.
    pub device: DeviceId,
    /// The lane it came in.
    pub lane: Lane,
    /// When it can have been made.
    pub plausible: Plausible,
    /// The edit.
    pub edit: &'e Edit,
}

/// What an edit changed, for the topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touched {
    /// Lasting name of the kind, if this version knows it.
    pub kind: &'static str,
    /// The record.
    pub record: RecordId,
    /// Row of its vault.
    pub vault_no: i64,
}

impl Write<'_> {
    /// Settles an edit that came from another device. `writer` names this incarnation to texts.
    ///
    /// # Errors
    /// Only the store's own: an edit that makes no sense is kept and shown nowhere, never refused.
    pub fn settle(&self, arriving: &Arriving<'_>, writer: u64) -> Result<Option<Touched>, StoreProblem> {
        let Arriving { vault, chain_no, seq, device, lane, plausible, edit } = arriving;
        let no = super::edits::place(*chain_no, *seq)?;
        let mut replaces = Vec::with_capacity(edit.replaces.len());
        for replaced in &edit.replaces {
            // What never came here does not stand here, so there is nothing to let fall.
            if let Some(chain) = self.read().known_chain(vault.no, replaced.device, *lane)?
                && let Ok(place) = super::edits::place(chain, replaced.seq)
            {
                replaces.push(place);
            }
        }
        // A record's name begins with its vault's, so a member of one vault cannot claim a record of another.
        let belongs = edit.record.is_of(vault.id) && self.keep_record(edit.record, &edit.kind, vault.no)?;
        let strays = !belongs
            || self
                .vocabulary
                .kind(&edit.kind)
                .is_some_and(|kind| !lives_in(kind, vault.kind) || kind.lane != *lane);
        if strays {
            // Whoever wrote it had no business here. It is kept, and neither stands nor lets anything fall, ever.
            self.keep_edit(no, edit, &[], false, true)?;
            self.never_stood(no)?;
            return Ok(None);
        }
        let place = known(self.vocabulary, edit);
        if let Some((kind, field, _)) = place.filter(|(_, field, _)| field.is_for_good())
            && !edit.replaces.is_empty()
        {
            // What was signed stays signed. Whoever writes over it is kept, and neither stands nor lets anything fall.
            self.keep_edit(no, edit, &[], false, true)?;
            self.never_stood(no)?;
            self.look_at_strike(kind, field, edit.record)?;
            return Ok(None);
        }
        // Of a field that this version knows, only what fits it may stand; of one that it does not, everything.
        let vocabulary = self.vocabulary;
        let field_is_known =
            vocabulary.kind(&edit.kind).is_some_and(|kind| kind.field(&edit.field).is_some());
        let standing =
            (place.is_some() || !field_is_known) && vocabulary.op(edit.op_code).is_some_and(Op::stands);
        self.keep_edit(no, edit, &replaces, standing, place.is_some())?;
        self.let_fall(edit.record, &edit.field, &replaces)?;
        let off_ms = plausible.off_ms(edit.stamp);
        if off_ms != 0 {
            self.set_off(no, off_ms)?;
        }
        if place.is_none() {
            self.keep_for_later(no)?;
        }
        let Some((kind, field, op)) = place else {
            return Ok(None);
        };
        self.make_row(kind, vault.no, *device, edit, off_ms)?;
        if !self.project(kind, field, op, edit, *device, writer)? {
            self.let_sleep(no)?;
        }
        self.look_at_strike(kind, field, edit.record)?;
        Ok(Some(Touched { kind: kind.name, record: edit.record, vault_no: vault.no }))
    }

    /// Brings what stands in the edits into the columns. False if this version cannot; a newer one may.
    pub(super) fn project(
        &self,
        kind: &RecordKind,
        field: &Field,
        op: Op,
        edit: &Edit,
        by: DeviceId,
        writer: u64,
    ) -> Result<bool, StoreProblem> {
        match field.kind {
            FieldKind::One | FieldKind::Once | FieldKind::Cautious { .. } => {
                self.show(kind, field, edit.record)?;
            }
            FieldKind::Text if op == Op::Type => return self.type_in_theirs(kind, field, edit, by, writer),
            FieldKind::Text | FieldKind::Set | FieldKind::Log => {}
        }
        if kind.name == attachment::KIND.name {
            self.count_chunks(edit.record)?;
        }
        if kind.name == note::KIND.name && [note::SIGNED.name, STRUCK.name].contains(&field.name) {
            self.forget_revisions(edit.record)?;
        }
        self.index_if_words(kind, field, edit.record);
        Ok(true)
    }

    pub(super) fn index_if_words(&self, kind: &RecordKind, field: &Field, record: RecordId) {
        let shows_words = [&note::BODY, &note::SIGNED, &note::AGREED, &note::ADDENDA, &STRUCK]
            .iter()
            .any(|words| words.name == field.name);
        if kind.name == note::KIND.name && shows_words {
            self.index_later(record);
        }
    }
}

/// What a version knows of an edit: its kind, its field and an operation that fits the field.
pub(super) fn known(
    vocabulary: &Vocabulary,
    edit: &Edit,
) -> Option<(&'static RecordKind, &'static Field, Op)> {
    let kind = vocabulary.kind(&edit.kind)?;
    let field = kind.field(&edit.field)?;
    let op = vocabulary.op(edit.op_code)?;
    let fits = match field.kind {
        FieldKind::One | FieldKind::Once | FieldKind::Cautious { .. } => op == Op::Put,
        FieldKind::Set => matches!(op, Op::Add | Op::Remove),
        FieldKind::Log => op == Op::Add,
        FieldKind::Text => op == Op::Type,
    };
    let readable = !op.stands() || Value::from_bytes(&edit.value).is_some();
    (fits && readable).then_some((kind, field, op))
}

pub(super) const fn lives_in(kind: &RecordKind, vault: VaultKind) -> bool {
    matches!(
        (kind.home, vault),
        (Home::Organisation, VaultKind::Organisation)
            | (Home::CaseFile, VaultKind::CaseFile)
            | (Home::Every, _)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::NoteId;
    use crate::domain::edit::EditRef;
    use crate::domain::text::SharedText;
    use crate::store::Build;
    use crate::store::scene::{RECORD, Scene, THEIRS, put};

    #[test]
    fn what_a_newer_app_wrote_is_kept_and_settles_unseen() {
        let scene = Scene::new();
        for edit in [put("horoscope", "sign", "bull"), put("horoscope", "sign", "ram")] {
            let seq = scene.store.read(|read| read.unknown_edits()).unwrap() + 1;
            assert_eq!(scene.settle(0, Lane::Notes, seq, &edit), None);
        }
        let mut later = put("horoscope", "sign", "fish");
        later.replaces = (1..=2).map(|seq| EditRef { device: THEIRS, seq }).collect();
        scene.settle(0, Lane::Notes, 3, &later);
        let standing = scene.store.read(|read| read.standing(RECORD, "sign")).unwrap();
        assert_eq!(standing.len(), 1);
        assert_eq!(standing[0].held.value, Some("fish".into()));
        assert_eq!(scene.store.read(|read| read.unknown_edits()).unwrap(), 3);
    }

    #[test]
    fn an_operation_that_only_a_newer_app_knows_is_kept() {
        let scene = Scene::new();
        let edit = Edit { op_code: 77, ..put("note", "place", "car") };
        assert_eq!(scene.settle(0, Lane::Notes, 1, &edit), None);
        assert_eq!(scene.store.read(|read| read.unknown_edits()).unwrap(), 1);
        assert_eq!(scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap(), None);
    }

    #[test]
    fn a_member_of_one_vault_changes_no_record_of_another() {
        let scene = Scene::new();
        scene.settle(0, Lane::Notes, 1, &put("note", "agreed", "as it was"));
        let mut foreign = put("note", "agreed", "as it never was");
        foreign.replaces = vec![EditRef { device: THEIRS, seq: 1 }];
        assert_eq!(scene.settle(1, Lane::Notes, 1, &foreign), None);
        let note = scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap().unwrap();
        assert_eq!(note.agreed, "as it was");
        assert_eq!(scene.store.read(|read| read.unknown_edits()).unwrap(), 0);
    }

    #[test]
    fn a_record_that_travels_in_another_lane_is_not_drawn() {
        let scene = Scene::new();
        assert_eq!(scene.settle(0, Lane::Urgent, 1, &put("note", "agreed", "too early")), None);
        assert_eq!(scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap(), None);
    }

    #[test]
    fn naming_an_edit_that_never_was_lets_nothing_fall() {
        let scene = Scene::new();
        let mut edit = put("note", "agreed", "stands");
        edit.replaces = [u64::MAX, 1 << 40, 5]
            .into_iter()
            .flat_map(|seq| [EditRef { device: THEIRS, seq }, EditRef { device: DeviceId([8; 16]), seq }])
            .collect();
        scene.settle(0, Lane::Notes, 1, &edit);
        let note = scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap().unwrap();
        assert_eq!(note.agreed, "stands");
    }

    #[test]
    fn typing_that_makes_no_sense_changes_no_word() {
        let scene = Scene::new();
        let mut text = SharedText::open(3, None).unwrap();
        let update = text.type_in("", "We met.").unwrap().unwrap();
        let typing = |value| Edit { op_code: Op::Type.code(), value, ..put("note", "body", "") };
        scene.settle(0, Lane::Notes, 1, &typing(update));
        scene.settle(0, Lane::Notes, 2, &typing(vec![0xFF; 40]));
        let note = scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap().unwrap();
        assert_eq!(note.body, "We met.");
        assert_eq!(scene.store.read(|read| read.unknown_edits()).unwrap(), 0);
    }

    #[test]
    fn typing_that_makes_the_library_fail_is_kept_and_alive_after_an_update() {
        static FAILING: Build = Build {
            vocabulary: Vocabulary {
                version: "one whose text library fails",
                read_typing: |_| panic!("as libraries do"),
                ..Vocabulary::THIS
            },
            ..*Build::THIS
        };
        let scene = Scene::by(&FAILING);
        let mut text = SharedText::open(3, None).unwrap();
        let update = text.type_in("", "We met.").unwrap().unwrap();
        let typing = Edit { op_code: Op::Type.code(), value: update, ..put("note", "body", "") };
        scene.settle(0, Lane::Notes, 1, &typing);
        let scene = scene.by_another(Build::THIS);
        let body = || scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap().unwrap().body;
        assert_eq!(body(), "");
        scene.settle(0, Lane::Notes, 2, &put("note", "agreed", "goes on"));
        assert_eq!(scene.store.read(|read| read.unknown_edits()).unwrap(), 1);
        assert_eq!(scene.store.write(|write| write.revive(7)).unwrap(), 1);
        assert_eq!(body(), "We met.");
        assert_eq!(scene.store.read(|read| read.unknown_edits()).unwrap(), 0);
    }
}
