//! What can go wrong below the pages, and what a person is told of it.
//!
//! The cause is kept for the code; what leaves the core is a [`Problem`] without any value.

use crate::contract::Problem;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreProblem {
    /// SQLite or SQLCipher said no.
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
    /// The cipher is not set as it must be.
    #[error("the cipher setting {0} is not as demanded")]
    Unprotected(&'static str),
    /// The file was written by a newer app.
    #[error("the store is newer than the app")]
    Newer,
    /// The file is no Fieldfare store, or the key is another's.
    #[error("the store is not one that this key opens")]
    Foreign,
    /// Something in the store cannot be.
    #[error("the store holds something impossible: {0}")]
    Damaged(&'static str),
    /// The text library panicked at what a person typed.
    #[error("the text library failed")]
    TextLibrary,
    /// A file cannot be read or written.
    #[error("a file of the store cannot be used")]
    File(#[from] std::io::Error),
}

impl From<StoreProblem> for Problem {
    fn from(problem: StoreProblem) -> Self {
        match problem {
            StoreProblem::Database(error) => of_database(&error),
            StoreProblem::Unprotected(setting) => Self::StoreUnprotected { setting: setting.to_owned() },
            StoreProblem::Newer => Self::StoreNewer,
            StoreProblem::Foreign => Self::StoreForeign,
            StoreProblem::Damaged(_) => Self::StoreDamaged,
            StoreProblem::TextLibrary => Self::TextLibraryFailed,
            StoreProblem::File(error) => match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
                _ => Self::FileTrouble,
            },
        }
    }
}

fn of_database(error: &rusqlite::Error) -> Problem {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Problem::DiskFull,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Problem::StoreBusy,
        Some(ErrorCode::NotADatabase) => Problem::StoreForeign,
        Some(ErrorCode::DatabaseCorrupt) => Problem::StoreDamaged,
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::SystemIoFailure
            | ErrorCode::FileLockingProtocolFailed,
        ) => Problem::FileTrouble,
        _ => Problem::Unexpected { place: "store".to_owned() },
    }
}
