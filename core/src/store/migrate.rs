//! Bringing a store to the shape that this version of the app knows, one numbered step after another.
//!
//! Each step is one transaction together with its number, so an interrupted one leaves the store as it was.

use rusqlite::{Connection, TransactionBehavior};

use super::audit::AuditKey;
use super::problem::StoreProblem;
use crate::ports::Disk;

/// All steps ever released, in order; the number of a step is its place, from 1.
pub(super) const STEPS: [&str; 4] = [
    include_str!("migrations/0001_the_house.sql"),
    include_str!("migrations/0002_agreement.sql"),
    include_str!("migrations/0003_between_people.sql"),
    include_str!("migrations/0004_concern.sql"),
];

/// The step since which audit lines are bound by a key.
const AUDIT_STEP: usize = 2;

/// Marks the file as Fieldfare's: "FFRE" as a number.
const APPLICATION_ID: i32 = 0x4646_5245;

/// Brings a store up to date, making it if it is empty.
///
/// # Errors
/// [`StoreProblem::Newer`] for a store of a newer app, [`StoreProblem::Foreign`] for somebody else's database.
pub(super) fn migrate(
    connection: &mut Connection,
    steps: &[&str],
    audit_key: &AuditKey,
    disk: &dyn Disk,
) -> Result<(), StoreProblem> {
    let number = |connection: &Connection, pragma| {
        connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0))
    };
    let done = number(connection, "user_version")?;
    let application = number(connection, "application_id")?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && !(application == 0 && done == 0 && tables == 0) {
        return Err(StoreProblem::Foreign);
    }
    let done = usize::try_from(done).map_err(|_| StoreProblem::Foreign)?;
    let left = steps.get(done..).ok_or(StoreProblem::Newer)?;
    for (step, number) in left.iter().zip(done.saturating_add(1)..) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        if number == AUDIT_STEP {
            audit_key.begin(&transaction)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", i32::try_from(number).unwrap_or(i32::MAX))?;
        disk.begin_write()?;
        transaction.commit()?;
        disk.end_write()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemDisk;
    use crate::store::Store;
    use crate::vault::Secret;

    fn key() -> AuditKey {
        AuditKey(Secret::from_slice(&[2; 32]).unwrap())
    }

    #[test]
    fn a_store_of_a_newer_app_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &STEPS, &key(), &SystemDisk).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection, &STEPS, &key(), &SystemDisk), Err(StoreProblem::Newer)));
    }

    #[test]
    fn somebody_elses_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE theirs (a INTEGER) STRICT").unwrap();
        assert!(matches!(migrate(&mut connection, &STEPS, &key(), &SystemDisk), Err(StoreProblem::Foreign)));
    }

    #[test]
    fn the_documented_schema_is_the_one_of_a_fresh_store() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
        let fresh = store.read(|read| read.schema()).unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema.sql");
        if std::env::var_os("FIELDFARE_WRITE_SCHEMA").is_some() {
            std::fs::write(path, &fresh).unwrap();
        }
        let documented = std::fs::read_to_string(path).unwrap();
        assert_eq!(documented, fresh, "run once with FIELDFARE_WRITE_SCHEMA=1 and read the difference");
    }

    #[test]
    fn every_field_that_shows_a_value_has_a_column() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &STEPS, &key(), &SystemDisk).unwrap();
        for kind in crate::domain::kind::KINDS {
            for field in kind.fields.iter().filter(|field| field.has_column()) {
                let sql = format!("SELECT {} FROM {}", field.name, kind.name);
                assert!(connection.prepare(&sql).is_ok(), "{sql}");
            }
        }
    }
}
