//! What a draft said before, for as long as a screen may still show it, and what merges brought into it.
//!
//! Never travels and is gone once the draft is signed, taken back or erased. What a revision means, the domain says.

use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, named_params};

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::{Made, NoteId, RecordId};
use crate::domain::edit::Edit;
use crate::domain::field::{Field, RecordKind};
use crate::domain::note;
use crate::domain::stamp::Stamp;
use crate::domain::text::revision::{NAME_BYTES, go_back, name, way_back};
use crate::domain::text::{By, CameIn, Changes};

/// Most earlier texts of one draft that saves may be based on: an hour of saving every half minute.
pub const REVISIONS_KEPT_MAX: u32 = 128;
/// Most bytes that they take together.
const REVISIONS_BYTES_MAX: i64 = 256 * 1024;

impl Read<'_> {
    /// What a draft has said since it had a name: the text of that name, and every other until the one before `now`. Empty if
    /// `now` has that name; `None` if no text is known that had it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn texts_since(
        &self,
        record: RecordId,
        field: &str,
        since: &[u8; NAME_BYTES],
        now: &str,
    ) -> Result<Option<Vec<String>>, StoreProblem> {
        if *since == name(&record.0, field, now) {
            return Ok(Some(Vec::new()));
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT name, back FROM revision WHERE record = :record AND field = :field ORDER BY no DESC",
        )?;
        let mut rows = statement.query(named_params! { ":record": record.0, ":field": field })?;
        let mut texts = Vec::new();
        let mut newer = now.to_owned();
        while let Some(row) = rows.next()? {
            let back = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            newer = go_back(&newer, back).ok_or(StoreProblem::Damaged("revision"))?;
            texts.push(newer.clone());
            if row.get::<_, [u8; NAME_BYTES]>(0)? == *since {
                texts.reverse();
                return Ok(Some(texts));
            }
        }
        // Every draft has said nothing once, and that is kept nowhere.
        let empty = *since == name(&record.0, field, "");
        texts.push(String::new());
        texts.reverse();
        Ok(empty.then_some(texts))
    }

    /// Whether a save was carried out already.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn has_saved(&self, record: RecordId, field: &str, save: &[u8]) -> Result<bool, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM revision WHERE record = :record AND field = :field AND save = :save",
        )?;
        let named = named_params! { ":record": record.0, ":field": field, ":save": save };
        Ok(statement.query_row(named, |_| Ok(())).optional()?.is_some())
    }

    /// What merges brought into a draft that nobody has looked at here; `None` if nobody has typed into it or looked at it yet,
    /// to whom all of it is new.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn came_in(&self, record: RecordId, field: &str) -> Result<Option<CameIn>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT pieces FROM came_in WHERE record = :record AND field = :field")?;
        let named = named_params! { ":record": record.0, ":field": field };
        let pieces = statement.query_row(named, |row| row.get::<_, Vec<u8>>(0)).optional()?;
        Ok(pieces.map(|pieces| CameIn::from_bytes(&pieces)))
    }

    /// Who brought something in, and when.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn made_by(&self, by: By) -> Result<Made, StoreProblem> {
        self.made(DeviceId(by.device), Stamp(by.stamp), by.ahead_ms)
    }
}

impl Write<'_> {
    /// Keeps a text that is about to give way to a newer one, and by which save.
    pub(super) fn keep_revision(
        &self,
        record: RecordId,
        field: &str,
        changes: &Changes<'_>,
        save: Option<&[u8]>,
    ) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached(
                "INSERT INTO revision (record, field, name, save, back)
                 VALUES (:record, :field, :name, :save, :back)",
            )?
            .execute(named_params! {
                ":record": record.0,
                ":field": field,
                ":name": name(&record.0, field, changes.before),
                ":save": save,
                ":back": way_back(changes),
            })?;
        self.transaction
            .prepare_cached(
                "DELETE FROM revision WHERE no IN (
                     SELECT no FROM (
                         SELECT no, row_number() OVER newest AS place, sum(length(back)) OVER newest AS bytes
                         FROM revision WHERE record = :record AND field = :field
                         WINDOW newest AS (ORDER BY no DESC))
                     WHERE place > :most OR bytes > :bytes)",
            )?
            .execute(named_params! {
                ":record": record.0,
                ":field": field,
                ":most": REVISIONS_KEPT_MAX,
                ":bytes": REVISIONS_BYTES_MAX,
            })?;
        Ok(())
    }

    /// Takes note of what a colleague's typing changed in a draft.
    pub(super) fn keep_merge(
        &self,
        kind: &RecordKind,
        field: &Field,
        edit: &Edit,
        (before, after): (&str, &str),
        by: DeviceId,
    ) -> Result<(), StoreProblem> {
        if before == after || !self.is_open_draft(kind, edit.record)? {
            return Ok(());
        }
        let changes = Changes::between(before, after);
        if !before.is_empty() {
            self.keep_revision(edit.record, field.name, &changes, None)?;
        }
        let by = By { device: by.0, stamp: edit.stamp.0, ahead_ms: edit.clock_ahead_ms };
        match self.read().came_in(edit.record, field.name)? {
            Some(came_in) => self.set_came_in(edit.record, field.name, &came_in.changed(&changes, Some(by))),
            None => Ok(()),
        }
    }

    /// Moves what came in along with our own typing; from the first of that on, what comes in is kept.
    pub(super) fn keep_typed(
        &self,
        record: RecordId,
        field: &str,
        changes: &Changes<'_>,
    ) -> Result<(), StoreProblem> {
        let came_in = self.read().came_in(record, field)?.unwrap_or_default();
        self.set_came_in(record, field, &came_in.changed(changes, None))
    }

    /// Says that somebody has looked, here, at what a draft said, whatever it says now.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn look_at(&self, record: RecordId, field: &str, seen: &str, now: &str) -> Result<(), StoreProblem> {
        let came_in = self.read().came_in(record, field)?.unwrap_or_default();
        self.set_came_in(record, field, &came_in.looked_at(seen, now))
    }

    fn set_came_in(&self, record: RecordId, field: &str, came_in: &CameIn) -> Result<(), StoreProblem> {
        self.transaction
            .prepare_cached(
                "INSERT INTO came_in (record, field, pieces) VALUES (:record, :field, :pieces)
                 ON CONFLICT (record, field) DO UPDATE SET pieces = excluded.pieces",
            )?
            .execute(named_params! {
                ":record": record.0, ":field": field, ":pieces": came_in.to_bytes(),
            })?;
        Ok(())
    }

    /// Whether a text may still be typed into.
    fn is_open_draft(&self, kind: &RecordKind, record: RecordId) -> Result<bool, StoreProblem> {
        let note = if kind.name == note::KIND.name { self.read().note(NoteId(record.0))? } else { None };
        Ok(note.is_some_and(|note| note.signed.is_none() && note.struck.is_none()))
    }

    /// What a note said before it was signed or taken back is of no use to any save.
    pub(super) fn forget_revisions(&self, record: RecordId) -> Result<(), StoreProblem> {
        for sql in
            ["DELETE FROM revision WHERE record = :record", "DELETE FROM came_in WHERE record = :record"]
        {
            self.transaction.prepare_cached(sql)?.execute(named_params! { ":record": record.0 })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::lane::Lane;

    use super::*;
    use crate::domain::edit::Op;
    use crate::domain::field::STRUCK;
    use crate::domain::text::SharedText;
    use crate::domain::text::revision::name;
    use crate::store::scene::{RECORD, Scene, put};
    use crate::store::{Author, NewEdit};

    const US: DeviceId = DeviceId([1; 16]);

    fn edited(scene: &Scene, field: &Field, new: NewEdit<'_>) {
        let author =
            Author { device: US, writer: 7, now_ms: 9_000, ahead_ms: 0, last_stamp: Stamp::default() };
        let vault = &scene.vaults[0];
        scene.store.write(|write| write.write_edit(&author, vault, &note::KIND, RECORD, field, new)).unwrap();
    }

    fn typed(scene: &Scene, after: &str) {
        edited(scene, &note::BODY, NewEdit::Type { since: &[], after, save: None });
    }

    fn rows(scene: &Scene, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        scene
            .store
            .read(|read| Ok::<_, StoreProblem>(read.connection.query_row(&sql, [], |row| row.get(0))?))
            .unwrap()
    }

    /// A draft that a colleague began, that we typed into, and from which the colleague took words.
    fn draft() -> Scene {
        let scene = Scene::new();
        let mut theirs = SharedText::open(3, None).unwrap();
        let begun = theirs.type_in("", "We met in petrichor.").unwrap().unwrap();
        let typing = |value| Edit { op_code: Op::Type.code(), value, ..put("note", "body", "") };
        scene.settle(0, Lane::Notes, 1, &typing(begun));
        typed(&scene, "We met in petrichor. Late.");
        let taken = theirs.type_in("We met in petrichor.", "We met.").unwrap().unwrap();
        scene.settle(0, Lane::Notes, 2, &typing(taken));
        scene
    }

    #[test]
    fn a_text_is_found_by_its_name_with_everything_it_said_since() {
        let scene = draft();
        let since = |words: &str| {
            let name = name(&RECORD.0, "body", words);
            scene.store.read(|read| read.texts_since(RECORD, "body", &name, "We met. Late.")).unwrap()
        };
        assert_eq!(since("We met. Late."), Some(vec![]));
        assert_eq!(since("We met in petrichor. Late."), Some(vec!["We met in petrichor. Late.".to_owned()]));
        let both = ["We met in petrichor.", "We met in petrichor. Late."].map(str::to_owned);
        assert_eq!(since("We met in petrichor."), Some(both.to_vec()));
        assert_eq!(since("").unwrap().len(), 3);
        assert_eq!(since("We met at noon."), None);
    }

    #[test]
    fn what_was_said_before_is_forgotten_once_nobody_can_save_any_more() {
        for (field, value) in [(&note::SIGNED, "We met. Late."), (&STRUCK, "the wrong day")] {
            let scene = draft();
            assert!(rows(&scene, "revision") > 0 && rows(&scene, "came_in") > 0);
            edited(&scene, field, NewEdit::Put(value.into()));
            assert_eq!((rows(&scene, "revision"), rows(&scene, "came_in")), (0, 0));
        }
    }

    #[test]
    fn no_more_is_kept_than_may_be() {
        let scene = Scene::new();
        for number in 0..REVISIONS_KEPT_MAX + 20 {
            typed(&scene, &format!("We met {number}."));
        }
        assert_eq!(rows(&scene, "revision"), i64::from(REVISIONS_KEPT_MAX));
        let page = |number: usize| format!("{number} {}", "日".repeat(30_000));
        for number in 0..6 {
            typed(&scene, &page(number));
            typed(&scene, "short");
        }
        let bytes = "(SELECT 1 FROM revision GROUP BY record HAVING sum(length(back)) > 262144)";
        assert_eq!(rows(&scene, bytes), 0);
        assert!(rows(&scene, "revision") >= 2);
    }

    #[test]
    fn an_erased_vault_keeps_neither_what_was_said_nor_what_came_in() {
        let scene = draft();
        scene.store.write(|write| write.erase_vault(&scene.vaults[0], US, 1_000)).unwrap();
        for table in ["revision", "came_in", "text_state"] {
            assert_eq!(rows(&scene, table), 0, "{table}");
        }
        scene.store.fold().unwrap();
        let pages = super::super::lock(&scene.store.writer).serialize(c"main").unwrap().to_vec();
        assert!(!pages.windows(9).any(|window| window == b"petrichor"));
    }
}
