//! After an update of the app: what came before it was understood comes alive.
//!
//! What stands afterwards is what would stand had the app known it from the start. Where the edits came from is not looked
//! at again.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::VaultKind;
use rusqlite::named_params;

use super::Write;
use super::edits::decode_places;
use super::problem::StoreProblem;
use super::settle::{known, lives_in};
use crate::contract::RecordId;
use crate::domain::edit::{Edit, Op};
use crate::domain::stamp::Stamp;
use crate::domain::value::SHAPES;
use crate::domain::vocabulary::Vocabulary;

/// An edit that was not understood when it came.
struct Sleeping {
    no: i64,
    edit: Edit,
    off_ms: i64,
    names_others: bool,
    device: DeviceId,
    lane: Option<Lane>,
    vault_no: i64,
    vault_kind: VaultKind,
}

/// Edits of one field that this version judges for the first time: the number of each, and whether it may stand.
type Judged = BTreeMap<(RecordId, String), Vec<(i64, bool)>>;

impl Write<'_> {
    /// Remembers that an edit was not understood, in the order of arrival: typing has to be taken in after what it was
    /// typed onto, and stamps do not tell that where a clock was wrong.
    pub(super) fn keep_for_later(&self, no: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("INSERT INTO not_understood (edit) VALUES (:no)")?
            .execute(named_params! { ":no": no })?;
        Ok(())
    }

    /// What was settled and made the text library fail sleeps until the next version.
    pub(super) fn let_sleep(&self, no: i64) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached("UPDATE edit SET known = 0 WHERE no = :no")?
            .execute(named_params! { ":no": no })?;
        self.keep_for_later(no)
    }

    /// After an update of the app: shows what came before this version knew it. Returns how many edits came alive.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn revive(&self, writer: u64) -> Result<u64, StoreProblem> {
        let fingerprint = fingerprint(self.vocabulary);
        if self.read().kinds_known()?.as_deref() == Some(fingerprint.0.as_slice()) {
            return Ok(0);
        }
        let mut judged = Judged::new();
        let mut alive = BTreeMap::new();
        let mut revived = 0_u64;
        for no in self.not_understood()? {
            let Sleeping { no, edit, off_ms, names_others, device, lane, vault_no, vault_kind } =
                self.sleeping(no)?;
            let Some(kind) = self.vocabulary.kind(&edit.kind) else { continue };
            let strays = !lives_in(kind, vault_kind) || Some(kind.lane) != lane;
            let place = known(self.vocabulary, &edit).filter(|_| !strays);
            // Nothing replaces what was given once, here as where it was understood from the start.
            let writes_over = names_others && place.is_some_and(|(_, field, _)| field.is_for_good());
            if kind.field(&edit.field).is_some() || strays {
                let may_stand = place.is_some_and(|(.., op)| op.stands()) && !writes_over;
                judged.entry((edit.record, edit.field.clone())).or_default().push((no, may_stand));
            }
            if let Some((kind, field, op @ Op::Type)) = place {
                let shown = self.attempt(|| {
                    self.make_row(kind, vault_no, device, &edit, off_ms)?;
                    self.project(kind, field, op, &edit, device, writer)
                })?;
                // The library fails at it in this version too: the app starts all the same, and the edit sleeps on.
                if shown != Some(true) {
                    continue;
                }
            }
            if strays || place.is_some() {
                self.understood(no, strays || writes_over)?;
            }
            if strays || writes_over {
                self.never_stood(no)?;
            }
            let Some((kind, field, op)) = place else { continue };
            if op != Op::Type {
                self.make_row(kind, vault_no, device, &edit, off_ms)?;
                alive.insert((edit.record, field.name), (kind, field, op, edit, device));
            }
            revived = revived.saturating_add(1);
        }
        for ((record, field), edits) in &judged {
            self.stand_or_fall(*record, field, edits)?;
        }
        for (kind, field, op, edit, device) in alive.values() {
            self.project(kind, field, *op, edit, *device, writer)?;
            self.look_at_strike(kind, field, edit.record)?;
        }
        self.try_failed_again()?;
        // Half of what a digest covers may have been looked through as the older version understood it.
        self.end_pass()?;
        self.set_kinds_known(&fingerprint.0)?;
        Ok(revived)
    }

    /// Lets those of the edits stand that may and that nobody has replaced meanwhile.
    fn stand_or_fall(
        &self,
        record: RecordId,
        field: &str,
        edits: &[(i64, bool)],
    ) -> Result<(), StoreProblem> {
        let mut replaced = BTreeSet::new();
        {
            let mut statement = self.transaction.prepare_cached(
                "SELECT replaces FROM edit WHERE record = :record AND field = :field AND length(replaces) > 0",
            )?;
            let mut rows = statement.query(named_params! { ":record": record.0, ":field": field })?;
            while let Some(row) = rows.next()? {
                replaced.extend(decode_places(&row.get::<_, Vec<u8>>(0)?)?);
            }
        }
        let mut statement =
            self.transaction.prepare_cached("UPDATE edit SET standing = :standing WHERE no = :no")?;
        for (no, may_stand) in edits {
            let standing = *may_stand && !replaced.contains(no);
            statement.execute(named_params! { ":standing": standing, ":no": no })?;
        }
        Ok(())
    }

    fn not_understood(&self) -> Result<Vec<i64>, StoreProblem> {
        let mut statement =
            self.transaction.prepare_cached("SELECT edit FROM not_understood ORDER BY arrival")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn understood(&self, no: i64, strays: bool) -> Result<(), StoreProblem> {
        let named = named_params! { ":no": no, ":strays": strays };
        self.transaction
            .prepare_cached(
                "UPDATE edit SET known = 1, replaces = CASE WHEN :strays THEN x'' ELSE replaces END
                 WHERE no = :no",
            )?
            .execute(named)?;
        self.transaction
            .prepare_cached("DELETE FROM not_understood WHERE edit = :no")?
            .execute(named_params! { ":no": no })?;
        Ok(())
    }

    fn sleeping(&self, no: i64) -> Result<Sleeping, StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT record.kind, edit.record, edit.field, edit.op, edit.stamp, edit.ahead_ms, edit.value,
                    chain.device, chain.lane, chain.vault, vault.kind, edit.off_ms,
                    length(edit.replaces) > 0
             FROM edit JOIN record ON record.id = edit.record
                  JOIN chain ON chain.no = edit.no >> 40 JOIN vault ON vault.no = chain.vault
             WHERE edit.no = :no",
        )?;
        Ok(statement.query_row(named_params! { ":no": no }, |row| {
            let edit = Edit {
                kind: row.get(0)?,
                record: RecordId(row.get(1)?),
                field: row.get(2)?,
                op_code: row.get(3)?,
                stamp: Stamp(row.get::<_, i64>(4)?.cast_unsigned()),
                clock_ahead_ms: row.get(5)?,
                replaces: Vec::new(),
                value: row.get(6)?,
            };
            let vault_kind = match row.get::<_, String>(10)?.as_str() {
                "organisation" => VaultKind::Organisation,
                _ => VaultKind::CaseFile,
            };
            Ok(Sleeping {
                no,
                edit,
                off_ms: row.get(11)?,
                names_others: row.get(12)?,
                device: DeviceId(row.get(7)?),
                lane: Lane::from_code(row.get(8)?),
                vault_no: row.get(9)?,
                vault_kind,
            })
        })?)
    }
}

/// Changes with every version of the app, and whenever a kind, a field, an operation or a shape of value is added.
fn fingerprint(vocabulary: &Vocabulary) -> Hash {
    let mut text = format!("{};{SHAPES};", vocabulary.version);
    for op in vocabulary.ops {
        text.push_str(&format!("{op:?};"));
    }
    for known in vocabulary.kinds {
        text.push_str(known.name);
        for field in known.fields {
            text.push_str(&format!(".{}:{:?}", field.name, field.kind));
        }
        text.push(';');
    }
    Hash::of(&[text.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::NoteId;
    use crate::domain::edit::EditRef;
    use crate::domain::text::SharedText;
    use crate::store::Note;
    use crate::store::scene::{RECORD, Scene, THEIRS, put};

    /// As if the app had known nothing of what came, in the order in which it came.
    fn forget(scene: &Scene) {
        scene
            .store
            .write(|write| {
                write.transaction.execute_batch(
                    "UPDATE edit SET known = 0, standing = 0;
                     INSERT INTO not_understood (edit) SELECT no FROM edit ORDER BY no;
                     DELETE FROM note; DELETE FROM note_text; DELETE FROM text_state; DELETE FROM meta;",
                )?;
                Ok::<_, StoreProblem>(())
            })
            .unwrap();
    }

    fn revived(scene: &Scene) -> u64 {
        scene.store.write(|write| write.revive(7)).unwrap()
    }

    fn note(scene: &Scene) -> Note {
        scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap().unwrap()
    }

    #[test]
    fn after_an_update_it_comes_alive() {
        let scene = Scene::new();
        scene.settle(0, Lane::Notes, 1, &put("note", "agreed", "to ring on Monday"));
        forget(&scene);
        assert_eq!(scene.store.read(|read| read.note(NoteId(RECORD.0))).unwrap(), None);
        assert_eq!(revived(&scene), 1);
        assert_eq!(note(&scene).agreed, "to ring on Monday");
        assert_eq!(scene.store.read(|read| read.search("monday", None, 5)).unwrap().len(), 1);
        assert_eq!(revived(&scene), 0);
    }

    #[test]
    fn what_nobody_replaced_meanwhile_stands_and_nothing_else() {
        let scene = Scene::new();
        let mut later = put("note", "agreed", "on Tuesday");
        later.replaces = vec![EditRef { device: THEIRS, seq: 1 }];
        let beside = put("note", "agreed", "on Friday");
        for (edit, seq) in [put("note", "agreed", "on Monday"), later, beside].iter().zip(1..) {
            scene.settle(0, Lane::Notes, seq, edit);
        }
        let digest = || scene.store.read(|read| read.vault_digest(scene.vaults[0].id)).unwrap();
        let before = digest();
        forget(&scene);
        assert_ne!(digest(), before);
        assert_eq!(revived(&scene), 3);
        assert_eq!(digest(), before);
        let undecided = scene.store.read(|read| read.undecided_fields(RECORD)).unwrap();
        assert_eq!(undecided, ["agreed"]);
    }

    #[test]
    fn typing_is_taken_in_as_it_came_whatever_the_clocks_said() {
        let scene = Scene::new();
        let (mut first, mut second) =
            (SharedText::open(3, None).unwrap(), SharedText::open(5, None).unwrap());
        let begun = first.type_in("", "We met.").unwrap().unwrap();
        second.take_in(&begun).unwrap();
        let added = second.type_in("We met.", "We met at noon.").unwrap().unwrap();
        let typing = |value, ms| Edit {
            op_code: Op::Type.code(),
            stamp: Stamp::at_ms(ms),
            value,
            ..put("note", "body", "")
        };
        scene.settle(0, Lane::Notes, 1, &typing(begun, 4_070_908_800_000));
        scene.settle(0, Lane::Notes, 2, &typing(added, 1_000));
        forget(&scene);
        assert_eq!(revived(&scene), 2);
        assert_eq!(note(&scene).body, "We met at noon.");
    }

    #[test]
    fn what_claimed_another_kind_stays_asleep() {
        let scene = Scene::new();
        scene.settle(0, Lane::Notes, 1, &put("note", "agreed", "as it was"));
        scene.settle(0, Lane::Notes, 2, &put("horoscope", "agreed", "as it never was"));
        scene
            .store
            .write(|write| Ok::<_, StoreProblem>(write.transaction.execute_batch("DELETE FROM meta")?))
            .unwrap();
        assert_eq!(revived(&scene), 0);
        assert_eq!(note(&scene).agreed, "as it was");
        assert_eq!(scene.store.read(|read| read.standing(RECORD, "agreed")).unwrap().len(), 1);
    }
}
