//! Opening the encrypted file: a typed key, the cipher's settings asserted, everything dangerous switched off.
//!
//! Knows where the file is and which key opens it, and nothing of what is in it.

use std::path::Path;

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use super::problem::StoreProblem;
use crate::ports::Disk;

/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 160;

/// Longest wait for another connection that writes, in seconds.
const BUSY_S_MAX: u64 = 5;

/// Cipher settings that must hold, as `PRAGMA cipher_settings` prints them. Measured on SQLCipher 4: the key is raw, so
/// the key derivation inside SQLCipher is not used and its count does not matter.
const CIPHER_SETTINGS: [&str; 4] = [
    "PRAGMA cipher_page_size = 4096;",
    "PRAGMA cipher_use_hmac = 1;",
    "PRAGMA cipher_plaintext_header_size = 0;",
    "PRAGMA cipher_hmac_algorithm = HMAC_SHA512;",
];

/// Whether a connection may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// The one writer; makes the file if it is not there.
    Write,
    /// A reader beside it.
    Read,
}

/// Opens the file with a raw 32-byte key.
///
/// # Errors
/// [`StoreProblem::Foreign`] if the key does not open it, [`StoreProblem::Unprotected`] if any protection is missing.
pub(super) fn open(
    path: &Path,
    key: &[u8; 32],
    access: Access,
    disk: &dyn Disk,
) -> Result<Connection, StoreProblem> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if access == Access::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
        make_private(path)?;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    // Before the key, so that the key itself is already kept in locked and wiped memory.
    connection.pragma_update(None, "cipher_memory_security", "ON")?;
    // A wrong key must not write anything to standard error.
    silent(&connection, "cipher_log_level", "NONE")?;
    unlock(&connection, key)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    connection.pragma_update(None, "cell_size_check", "ON")?;
    // Without another database to write to, `sqlcipher_export` cannot make a copy in clear.
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    let busy_s = if disk.waits() { BUSY_S_MAX } else { 0 };
    connection.busy_timeout(std::time::Duration::from_secs(busy_s))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // The first real read: a wrong key shows here.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map_err(
        |error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => StoreProblem::Foreign,
            _ => StoreProblem::Database(error),
        },
    )?;
    silent(&connection, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if access == Access::Read {
        connection.pragma_update(None, "query_only", "ON")?;
    }
    assert_protected(&connection)?;
    Ok(connection)
}

/// Makes the file for its owner alone; SQLite gives the files beside it the same permissions.
fn make_private(path: &Path) -> Result<(), StoreProblem> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
}

/// Sets a pragma that answers with a row nobody needs.
fn silent(connection: &Connection, name: &str, value: &str) -> Result<(), StoreProblem> {
    connection.pragma_update_and_check(None, name, value, |_| Ok(())).or_else(|error| match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(()),
        other => Err(other.into()),
    })
}

/// Hands the key over in the one form that SQLCipher does not stretch: 64 hexadecimal digits in a blob literal.
fn unlock(connection: &Connection, key: &[u8; 32]) -> Result<(), StoreProblem> {
    use std::fmt::Write as _;
    let mut statement = Zeroizing::new(String::with_capacity(96));
    statement.push_str("PRAGMA key = \"x'");
    for byte in key {
        let _ = write!(statement, "{byte:02x}");
    }
    statement.push_str("'\";");
    connection.execute_batch(&statement)?;
    Ok(())
}

/// Asserts every protection, as it stands and not as it was asked for.
fn assert_protected(connection: &Connection) -> Result<(), StoreProblem> {
    let text = |pragma: &str| {
        connection.pragma_query_value(None, pragma, |row| {
            row.get::<_, rusqlite::types::Value>(0).map(|value| match value {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                _ => String::new(),
            })
        })
    };
    let demand = |setting: &'static str, holds: bool| {
        if holds { Ok(()) } else { Err(StoreProblem::Unprotected(setting)) }
    };
    demand("cipher_version", text("cipher_version").is_ok_and(|version| version.starts_with("4.")))?;
    demand("cipher_memory_security", text("cipher_memory_security")? == "1")?;
    let mut settings = Vec::new();
    connection.pragma_query(None, "cipher_settings", |row| {
        settings.push(row.get::<_, String>(0)?);
        Ok(())
    })?;
    demand(
        "cipher_settings",
        CIPHER_SETTINGS.iter().all(|wanted| settings.iter().any(|setting| setting == wanted)),
    )?;
    demand("temp_store", text("temp_store")? == "2")?;
    demand("secure_delete", text("secure_delete")? == "1")?;
    demand("journal_mode", text("journal_mode")? == "wal")?;
    demand("synchronous", text("synchronous")? == "2")?;
    demand("trusted_schema", text("trusted_schema")? == "0")?;
    demand("attach", connection.limit(Limit::SQLITE_LIMIT_ATTACHED)? == 0)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemDisk;

    #[test]
    fn r02_another_key_opens_nothing_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let connection = open(&path, &[1; 32], Access::Write, &SystemDisk).unwrap();
        connection.execute_batch("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (7);").unwrap();
        drop(connection);
        assert!(matches!(open(&path, &[2; 32], Access::Write, &SystemDisk), Err(StoreProblem::Foreign)));
        let again = open(&path, &[1; 32], Access::Write, &SystemDisk).unwrap();
        assert_eq!(again.query_row("SELECT a FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_is_locked_in_memory_page_by_page() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("store.db"), &[1; 32], Access::Write, &SystemDisk).unwrap();
        connection.execute_batch("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (7);").unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
        assert_eq!(locked.trim(), "0 kB");
    }

    #[test]
    fn r04_no_other_database_can_be_attached_so_no_clear_copy_can_be_made() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("store.db"), &[1; 32], Access::Write, &SystemDisk).unwrap();
        let clear = folder.path().join("clear.db");
        let attach = format!("ATTACH '{}' AS clear KEY ''", clear.display());
        assert!(connection.execute_batch(&attach).is_err());
        assert!(!clear.exists());
    }

    #[test]
    fn r04_extensions_cannot_be_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("store.db"), &[1; 32], Access::Write, &SystemDisk).unwrap();
        assert!(connection.execute_batch("SELECT load_extension('x')").is_err());
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let _writer = open(&path, &[1; 32], Access::Write, &SystemDisk).unwrap();
        let reader = open(&path, &[1; 32], Access::Read, &SystemDisk).unwrap();
        assert!(reader.execute_batch("CREATE TABLE t (a INTEGER) STRICT").is_err());
    }

    #[test]
    fn r02_a_missing_protection_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("store.db"), &[1; 32], Access::Write, &SystemDisk).unwrap();
        assert!(assert_protected(&connection).is_ok());
        // Memory security is the process's: once on, SQLCipher does not switch it off again.
        for (pragma, weak) in [
            ("temp_store", "FILE"),
            ("secure_delete", "OFF"),
            ("synchronous", "NORMAL"),
            ("trusted_schema", "ON"),
        ] {
            let before: String = connection
                .pragma_query_value(None, pragma, |row| {
                    row.get::<_, i64>(0).map(|n| n.to_string()).or_else(|_| row.get::<_, String>(0))
                })
                .unwrap();
            connection.pragma_update(None, pragma, weak).unwrap();
            assert!(
                matches!(assert_protected(&connection), Err(StoreProblem::Unprotected(name)) if name == pragma),
                "{pragma}"
            );
            connection.pragma_update(None, pragma, before).unwrap();
        }
        assert!(assert_protected(&connection).is_ok());
    }
}
