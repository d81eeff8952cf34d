//! What was done with this store, by name and time, each line bound to the one before.
//!
//! Holds no content and no name of anybody; a line that is changed or taken out breaks the chain behind it.

use fieldfare_protocol::hash::Hash;
use rusqlite::{OptionalExtension, named_params};

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::RecordId;

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
        let before: Option<Vec<u8>> = self
            .transaction
            .prepare_cached("SELECT hash FROM audit ORDER BY no DESC LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        let hash = line_hash(before.as_deref(), at_ms, what, record);
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO audit (at_ms, what, record, hash) VALUES (:at_ms, :what, :record, :hash)",
        )?;
        statement.execute(named_params! {
            ":at_ms": at_ms,
            ":what": what,
            ":record": record.map(|id| id.0),
            ":hash": hash.0,
        })?;
        Ok(())
    }
}

impl Read<'_> {
    /// How many lines follow each other unbroken from the first, and how many there are.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn audit_intact(&self) -> Result<(u64, u64), StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT at_ms, what, record, hash FROM audit ORDER BY no")?;
        let mut rows = statement.query([])?;
        let mut before: Option<Vec<u8>> = None;
        let (mut intact, mut all) = (0_u64, 0_u64);
        while let Some(row) = rows.next()? {
            let record: Option<[u8; 16]> = row.get(2)?;
            let hash: Vec<u8> = row.get(3)?;
            let what: String = row.get(1)?;
            let follows =
                line_hash(before.as_deref(), row.get(0)?, &what, record.map(RecordId)).0.as_slice() == hash;
            if follows && intact == all {
                intact = intact.saturating_add(1);
            }
            all = all.saturating_add(1);
            before = Some(hash);
        }
        Ok((intact, all))
    }
}

fn line_hash(before: Option<&[u8]>, at_ms: i64, what: &str, record: Option<RecordId>) -> Hash {
    let length = u64::try_from(what.len()).unwrap_or(u64::MAX).to_be_bytes();
    Hash::of(&[
        b"fieldfare/audit/1",
        before.unwrap_or(&Hash::NOTHING.0),
        &at_ms.to_be_bytes(),
        &length,
        what.as_bytes(),
        record.map_or([0; 16], |id| id.0).as_slice(),
    ])
}

#[cfg(test)]
mod tests {
    use crate::store::{Store, StoreProblem};

    #[test]
    fn a_line_that_is_changed_or_taken_out_breaks_the_chain_behind_it() {
        for tampering in ["UPDATE audit SET what = 'other' WHERE no = 2", "DELETE FROM audit WHERE no = 2"] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("store.db"), &[1; 32]).unwrap();
            store
                .write(|write| {
                    ["one", "two", "three"].iter().try_for_each(|what| write.note_in_audit(1, what, None))
                })
                .unwrap();
            assert_eq!(store.read(|read| read.audit_intact()).unwrap(), (3, 3));
            store.write(|write| Ok::<_, StoreProblem>(write.transaction.execute_batch(tampering)?)).unwrap();
            assert_eq!(store.read(|read| read.audit_intact()).unwrap().0, 1, "{tampering}");
        }
    }
}
