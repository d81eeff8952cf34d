//! What was done with this store, by name, person and time, each line bound to the one before by a key.
//!
//! Holds no content and no name of anybody. Whoever can write rows but lacks the key can neither change a line nor take one
//! out, nor cut off the last ones: how many there are and which is the last is kept in a second place under the same key.

use fieldfare_protocol::id::PersonId;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::chains::signed;
use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::RecordId;
use crate::vault::Secret;
use crate::vault::secret::mac;

/// Lines whose chain is followed each time a store is opened; the whole chain is followed before an exchange.
pub const AUDIT_LINES_AT_OPEN: u64 = 2_000;

/// What stands before the first line.
const NOTHING: [u8; 32] = [0; 32];
/// What a line follows whose head was lost: nothing ends in it, so the break stays visible for good.
const LOST: [u8; 32] = [0xff; 32];

/// A line as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// Its number, from 1 without gaps.
    pub no: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Lasting name of what was done.
    pub what: String,
    /// Who did it; `None` where nobody was known yet.
    pub person: Option<PersonId>,
    /// To which record.
    pub record: Option<RecordId>,
    /// How often, where that is the point: failed tries.
    pub number: u32,
}

/// Which lines are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditFilter<'f> {
    /// Only lines before this number.
    pub before: Option<u64>,
    /// Only what has this name.
    pub what: Option<&'f str>,
    /// Only what was done to this record.
    pub record: Option<RecordId>,
    /// Only what happened from then on, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Only what happened before then.
    pub until_ms: Option<i64>,
}

/// How the chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditState {
    /// How many lines there are said to be.
    pub lines: u64,
    /// What the last one ends in.
    pub last: [u8; 32],
    /// The first line that does not follow, or is missing; `None` if every line that was looked at does.
    pub broken_at: Option<u64>,
}

/// Which key binds the lines.
pub(super) struct AuditKey(pub(super) Secret<32>);

struct Head {
    lines: u64,
    last: [u8; 32],
}

impl AuditKey {
    fn of_line(&self, before: &[u8; 32], line: &AuditLine) -> [u8; 32] {
        let length = u64::try_from(line.what.len()).unwrap_or(u64::MAX).to_be_bytes();
        *mac(
            self.0.expose(),
            &[
                b"fieldfare/audit/2",
                before,
                &line.no.to_be_bytes(),
                &line.at_ms.to_be_bytes(),
                &length,
                line.what.as_bytes(),
                &line.person.map_or([0; 16], |person| person.0),
                &line.record.map_or([0; 16], |record| record.0),
                &line.number.to_be_bytes(),
            ],
        )
        .expose()
    }

    fn of_head(&self, head: &Head) -> [u8; 32] {
        *mac(self.0.expose(), &[b"fieldfare/audit-head/1", &head.lines.to_be_bytes(), &head.last]).expose()
    }

    /// The head, if it is there and ours.
    fn head(&self, connection: &Connection) -> Result<Option<Head>, StoreProblem> {
        let mut statement =
            connection.prepare_cached("SELECT lines, last, mac FROM audit_head WHERE no = 1")?;
        let found = statement.query_row([], |row| {
            let head = Head { lines: row.get::<_, i64>(0)?.cast_unsigned(), last: row.get(1)? };
            Ok((head, row.get::<_, [u8; 32]>(2)?))
        });
        Ok(found.optional()?.filter(|(head, mac)| self.of_head(head) == *mac).map(|(head, _)| head))
    }

    fn set_head(&self, connection: &Connection, head: &Head) -> Result<(), StoreProblem> {
        let mut statement = connection.prepare_cached(
            "INSERT INTO audit_head (no, lines, last, mac) VALUES (1, :lines, :last, :mac)
             ON CONFLICT (no) DO UPDATE SET lines = excluded.lines, last = excluded.last, mac = excluded.mac",
        )?;
        let mac = self.of_head(head);
        statement
            .execute(named_params! { ":lines": signed(head.lines)?, ":last": head.last, ":mac": mac })?;
        Ok(())
    }

    /// Begins the chain in a store whose lines, if there are any, an earlier version wrote without a key.
    pub(super) fn begin(&self, connection: &Connection) -> Result<(), StoreProblem> {
        let mut head = Head { lines: 0, last: NOTHING };
        let mut statement = connection.prepare(&format!("{LINE} ORDER BY no"))?;
        let lines: Vec<_> = statement.query_map([], line)?.collect::<Result<_, _>>()?;
        // Out of the way first: a number may be taken by a later line.
        connection.execute_batch("UPDATE audit SET no = -no")?;
        for (old, _) in lines {
            head.lines = head.lines.saturating_add(1);
            let (from, old) = (signed(old.no)?, AuditLine { no: head.lines, ..old });
            head.last = self.of_line(&head.last, &old);
            connection
                .prepare_cached("UPDATE audit SET no = :no, hash = :mac WHERE no = -:from")?
                .execute(named_params! { ":no": signed(head.lines)?, ":mac": head.last, ":from": from })?;
        }
        self.set_head(connection, &head)
    }
}

const LINE: &str = "SELECT no, at_ms, what, person, record, number, hash FROM audit";

/// A line and what it ends in.
fn line(row: &Row<'_>) -> rusqlite::Result<(AuditLine, Vec<u8>)> {
    let line = AuditLine {
        no: row.get::<_, i64>(0)?.cast_unsigned(),
        at_ms: row.get(1)?,
        what: row.get(2)?,
        person: row.get::<_, Option<[u8; 16]>>(3)?.map(PersonId),
        record: row.get::<_, Option<[u8; 16]>>(4)?.map(RecordId),
        number: row.get(5)?,
    };
    Ok((line, row.get(6)?))
}

impl Write<'_> {
    /// Adds a line. Committed together with what it tells of.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn note_in_audit(
        &self,
        at_ms: i64,
        what: &str,
        record: Option<RecordId>,
    ) -> Result<(), StoreProblem> {
        self.count_in_audit(at_ms, what, record, 0)
    }

    /// Adds a line that says how often something happened.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn count_in_audit(
        &self,
        at_ms: i64,
        what: &str,
        record: Option<RecordId>,
        number: u32,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached("SELECT ifnull(max(no), 0) FROM audit")?;
        let newest = statement.query_row([], |row| row.get::<_, i64>(0))?.max(0).cast_unsigned();
        let head = match self.audit_key.head(&self.transaction)? {
            Some(head) if head.lines == newest => head,
            head => Head { lines: head.map_or(0, |head| head.lines).max(newest), last: LOST },
        };
        let person = self.read().me().ok().map(|me| me.person);
        let no = head.lines.saturating_add(1);
        let line = AuditLine { no, at_ms, what: what.to_owned(), person, record, number };
        let head = Head { lines: no, last: self.audit_key.of_line(&head.last, &line) };
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO audit (no, at_ms, what, person, record, number, hash)
             VALUES (:no, :at_ms, :what, :person, :record, :number, :hash)",
        )?;
        statement.execute(named_params! {
            ":no": signed(no)?,
            ":at_ms": at_ms,
            ":what": what,
            ":person": person.map(|person| person.0),
            ":record": record.map(|record| record.0),
            ":number": number,
            ":hash": head.last,
        })?;
        self.audit_key.set_head(&self.transaction, &head)
    }
}

impl Read<'_> {
    /// Lines that match, the newest first, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn audit(&self, filter: &AuditFilter<'_>, limit: u32) -> Result<Vec<AuditLine>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{LINE} WHERE (:before IS NULL OR no < :before) AND (:what IS NULL OR what = :what)
               AND (:record IS NULL OR record = :record)
               AND (:since IS NULL OR at_ms >= :since) AND (:until IS NULL OR at_ms < :until)
             ORDER BY no DESC LIMIT :limit"
        ))?;
        let rows = statement.query_map(
            named_params! {
                ":before": filter.before.map(signed).transpose()?,
                ":what": filter.what,
                ":record": filter.record.map(|record| record.0),
                ":since": filter.since_ms,
                ":until": filter.until_ms,
                ":limit": limit,
            },
            |row| line(row).map(|(line, _)| line),
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many lines there are and what the last one ends in; `None` if the second place does not say.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn audit_head(&self) -> Result<Option<(u64, [u8; 32])>, StoreProblem> {
        Ok(self.audit_key.head(self.connection)?.map(|head| (head.lines, head.last)))
    }

    /// What the line of this number ends in; `None` if it is not there.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn audit_end_of(&self, no: u64) -> Result<Option<[u8; 32]>, StoreProblem> {
        if no == 0 {
            return Ok(Some(NOTHING));
        }
        let mut statement = self.connection.prepare_cached("SELECT hash FROM audit WHERE no = :no")?;
        let end: Option<Vec<u8>> =
            statement.query_row(named_params! { ":no": signed(no)? }, |row| row.get(0)).optional()?;
        Ok(end.and_then(|end| <[u8; 32]>::try_from(end).ok()))
    }

    /// Follows the chain to its head, from its first line or through the newest so many lines.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn audit_state(&self, newest: Option<u64>) -> Result<AuditState, StoreProblem> {
        let Some(head) = self.audit_key.head(self.connection)? else {
            return Ok(AuditState { lines: 0, last: LOST, broken_at: Some(1) });
        };
        let (lines, last) = (head.lines, head.last);
        let state = |broken_at: Option<u64>| AuditState { lines, last, broken_at };
        let before = newest.map_or(0, |newest| lines.saturating_sub(newest));
        let Some(mut end) = self.audit_end_of(before)? else { return Ok(state(Some(before))) };
        let mut no = before;
        let mut statement = self.connection.prepare_cached(&format!("{LINE} WHERE no > :no ORDER BY no"))?;
        let mut rows = statement.query(named_params! { ":no": signed(before)? })?;
        while let Some(row) = rows.next()? {
            no = no.saturating_add(1);
            let (line, found) = line(row)?;
            end = self.audit_key.of_line(&end, &line);
            if line.no != no || end.as_slice() != found {
                return Ok(state(Some(no)));
            }
        }
        Ok(state((no != lines || end != last).then(|| no.min(lines).saturating_add(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn store(lines: &[&str]) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
        store.write(|write| lines.iter().try_for_each(|what| write.note_in_audit(1, what, None))).unwrap();
        (folder, store)
    }

    fn state(store: &Store) -> (u64, Option<u64>) {
        let state = store.read(|read| read.audit_state(None)).unwrap();
        (state.lines, state.broken_at)
    }

    #[test]
    fn r30_a_line_that_is_changed_taken_out_moved_added_or_cut_off_is_found() {
        for (tampering, at) in [
            ("UPDATE audit SET what = 'other' WHERE no = 2", 2),
            ("UPDATE audit SET at_ms = 2 WHERE no = 3", 3),
            ("UPDATE audit SET person = zeroblob(16), number = 7 WHERE no = 1", 1),
            ("DELETE FROM audit WHERE no = 2", 2),
            ("DELETE FROM audit WHERE no = 4", 4),
            ("DELETE FROM audit", 1),
            (
                "UPDATE audit SET no = 9 WHERE no = 2; UPDATE audit SET no = 2 WHERE no = 3;
              UPDATE audit SET no = 3 WHERE no = 9",
                2,
            ),
            ("INSERT INTO audit (no, at_ms, what, number, hash) VALUES (5, 1, 'more', 0, zeroblob(32))", 5),
            ("DELETE FROM audit_head", 1),
            ("UPDATE audit_head SET lines = 3, last = (SELECT hash FROM audit WHERE no = 3)", 1),
        ] {
            let (_folder, store) = store(&["one", "two", "three", "four"]);
            assert_eq!(state(&store), (4, None));
            store.write(|write| Ok::<_, StoreProblem>(write.transaction.execute_batch(tampering)?)).unwrap();
            assert_eq!(state(&store).1, Some(at), "{tampering}");
            // Going on does not heal it.
            store.write(|write| write.note_in_audit(1, "after", None)).unwrap();
            assert!(state(&store).1.is_some(), "{tampering}");
        }
    }

    #[test]
    fn r30_only_the_newest_lines_are_followed_where_that_is_asked_for() {
        let (_folder, store) = store(&["one", "two", "three", "four"]);
        store
            .write(|write| {
                let tampering = "UPDATE audit SET what = 'other' WHERE no = 1";
                Ok::<_, StoreProblem>(write.transaction.execute_batch(tampering)?)
            })
            .unwrap();
        let newest = |lines| store.read(|read| read.audit_state(Some(lines))).unwrap().broken_at;
        assert_eq!((newest(3), newest(4), newest(9)), (None, Some(1), Some(1)));
    }

    #[test]
    fn r30_another_key_follows_nothing() {
        let (folder, store) = store(&["one"]);
        drop(store);
        let other = Store::open(&folder.path().join("store.db"), &[1; 32], &[3; 32]).unwrap();
        assert_eq!(state(&other).1, Some(1));
    }

    #[test]
    fn lines_of_an_earlier_version_are_taken_into_the_chain() {
        let (_folder, store) = store(&["one", "two", "three"]);
        store
            .write(|write| {
                write.transaction.execute_batch("DELETE FROM audit WHERE no = 2; DELETE FROM audit_head")?;
                write.audit_key.begin(&write.transaction)
            })
            .unwrap();
        assert_eq!(state(&store), (2, None));
        let lines = store.read(|read| read.audit(&AuditFilter::default(), 9)).unwrap();
        let seen: Vec<_> = lines.iter().map(|line| (line.no, line.what.as_str())).collect();
        assert_eq!(seen, [(2, "three"), (1, "one")]);
    }

    #[test]
    fn lines_are_found_by_name_record_time_and_page() {
        let (_folder, store) = store(&["one", "two"]);
        let record = RecordId([7; 16]);
        store
            .write(|write| {
                write.note_in_audit(5, "two", Some(record))?;
                write.count_in_audit(9, "failed_tries", None, 4)
            })
            .unwrap();
        let found = |filter: AuditFilter<'_>, limit| -> Vec<u64> {
            let lines = store.read(|read| read.audit(&filter, limit)).unwrap();
            lines.iter().map(|line| line.no).collect()
        };
        let all = AuditFilter::default();
        assert_eq!(found(all, 3), [4, 3, 2]);
        assert_eq!(found(AuditFilter { before: Some(2), ..all }, 3), [1]);
        assert_eq!(found(AuditFilter { what: Some("two"), ..all }, 3), [3, 2]);
        assert_eq!(found(AuditFilter { record: Some(record), ..all }, 3), [3]);
        assert_eq!(found(AuditFilter { since_ms: Some(5), until_ms: Some(9), ..all }, 3), [3]);
    }
}
