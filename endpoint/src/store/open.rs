//! Opening the database: ours or nobody's, of a format we know, with settings that make every commit durable.
//!
//! Reads no record; what the logs say is checked by whoever replays them.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, named_params};

use crate::problem::{StartProblem, Trouble};
use crate::surroundings::{Surroundings, random};

/// "FFep": marks the file as an endpoint's.
const APPLICATION_ID: i32 = 0x4646_6570;

/// The format that this version writes.
const FORMAT: u32 = 2;

/// What makes each format of the one before it, from the first.
const STEPS: [&str; 2] = [include_str!("format_1.sql"), include_str!("format_2.sql")];

/// The connection that writes; makes the tables in an empty file.
pub(super) fn writer(database: &Path, around: &dyn Surroundings) -> Result<Connection, StartProblem> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(database, flags).map_err(Trouble::from)?;
    // Nothing is written, not even a setting, before the file is known to be ours.
    let found = format(&connection)?;
    settle(&connection)?;
    match found {
        Some(FORMAT) => {}
        Some(found) if found > FORMAT => return Err(StartProblem::Newer { found }),
        Some(found @ 1..) => bring_on(&mut connection, found)?,
        Some(0) => return Err(StartProblem::Damaged),
        None => create(&mut connection, around)?,
    }
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(database: &Path) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// The format of a database of ours, `None` for an empty file.
fn format(connection: &Connection) -> Result<Option<u32>, StartProblem> {
    let number = |pragma: &str| -> Result<i32, Trouble> {
        Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
    };
    let objects: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(Trouble::from)?;
    match (number("application_id")?, number("user_version")?) {
        (0, 0) if objects == 0 => Ok(None),
        (APPLICATION_ID, format) => Ok(Some(u32::try_from(format).map_err(|_| StartProblem::Damaged)?)),
        _ => Err(StartProblem::Foreign),
    }
}

fn settle(connection: &Connection) -> Result<(), StartProblem> {
    let settle = || -> Result<bool, Trouble> {
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        // In WAL mode only FULL syncs each commit; an acknowledgement is a promise.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        // What is erased by law must not be left in free pages. Nothing else is ever deleted here in numbers.
        connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
        // A burst leaves a long log behind; it shrinks to this many bytes at the next checkpoint.
        connection.pragma_update_and_check(None, "journal_size_limit", 64 << 20, |_| Ok(()))?;
        let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
        let overwrites: i64 = connection.pragma_query_value(None, "secure_delete", |row| row.get(0))?;
        Ok(mode == "wal" && synchronous == 2 && overwrites == 1)
    };
    if settle()? { Ok(()) } else { Err(StartProblem::Storage) }
}

/// Makes the tables and this life's random parts, all or nothing.
pub(super) fn create(connection: &mut Connection, around: &dyn Surroundings) -> Result<(), Trouble> {
    let generation: [u8; 8] = random(around)?;
    let receipt_seed: [u8; 32] = random(around)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    STEPS.iter().try_for_each(|step| transaction.execute_batch(step))?;
    transaction.execute(
        "INSERT INTO meta (only_row, generation, receipt_seed, organisation, last_arrival, kept_bytes)
         VALUES (1, :generation, :receipt_seed, NULL, 0, 0)",
        named_params! { ":generation": generation, ":receipt_seed": receipt_seed },
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    Ok(transaction.commit()?)
}

/// Brings a database of an earlier format to this one, all or nothing.
fn bring_on(connection: &mut Connection, found: u32) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    STEPS.iter().skip(done).try_for_each(|step| transaction.execute_batch(step))?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surroundings::Machine;

    fn file() -> (tempfile::TempDir, std::path::PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("endpoint.db");
        std::fs::write(&path, b"").unwrap();
        (place, path)
    }

    #[test]
    fn every_table_is_strict() {
        let (_place, path) = file();
        let lax: i64 = writer(&path, &Machine)
            .unwrap()
            .query_row("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND NOT strict", [], |row| row.get(0))
            .unwrap();
        assert_eq!(lax, 0);
    }

    #[test]
    fn a_database_of_the_first_format_is_brought_on_and_keeps_its_rows() {
        let (_place, path) = file();
        let first = Connection::open(&path).unwrap();
        first.execute_batch(STEPS[0]).unwrap();
        first
            .execute_batch("INSERT INTO member (device, vault, since) VALUES (zeroblob(16), zeroblob(16), 7)")
            .unwrap();
        first.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        first.pragma_update(None, "user_version", 1).unwrap();
        drop(first);
        let member = "SELECT since, departed FROM member";
        for _ in 0..2 {
            let row = writer(&path, &Machine)
                .unwrap()
                .query_row(member, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap();
            assert_eq!(row, (7_i64, None::<i64>));
        }
    }

    #[test]
    fn somebody_elses_database_is_left_as_it_was() {
        let (_place, path) = file();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(writer(&path, &Machine), Err(StartProblem::Foreign)));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_file_that_is_no_database_is_foreign() {
        let (_place, path) = file();
        std::fs::write(&path, b"a shopping list, or a picture, or whatever else".repeat(99)).unwrap();
        assert!(matches!(writer(&path, &Machine), Err(StartProblem::Foreign)));
    }

    #[test]
    fn a_newer_format_is_refused_by_number() {
        let (_place, path) = file();
        writer(&path, &Machine).unwrap().pragma_update(None, "user_version", 7).unwrap();
        assert!(matches!(writer(&path, &Machine), Err(StartProblem::Newer { found: 7 })));
    }
}
