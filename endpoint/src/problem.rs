//! What can go wrong: at the start, told to whoever runs the endpoint, and in storage, told to nobody but the log.
//!
//! No message here carries anything that a device sent.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use fieldfare_protocol::request::Refused;
use rusqlite::ErrorCode;

/// Why the endpoint did not start, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StartProblem {
    /// The data folder cannot be made, opened or written.
    #[error("the data folder cannot be used ({0}); choose another one or correct its permissions")]
    Folder(io::ErrorKind),
    /// Another endpoint holds the data.
    #[error("another endpoint is running on this data; stop it first or choose another folder")]
    InUse,
    /// There is an `endpoint.db`, but not one of ours.
    #[error("endpoint.db in the data folder was not made by an endpoint; choose another folder")]
    Foreign,
    /// The data was written by a newer version.
    #[error("the data was written by a newer version (format {found}); install that version")]
    Newer {
        /// The format found.
        found: u32,
    },
    /// The data contradicts itself.
    #[error("the data is damaged; put back the last backup, then mark it as restored")]
    Damaged,
    /// The disk is full, or reading and writing fail.
    #[error("the data cannot be read or written; check the disk and its free space, then start again")]
    Storage,
    /// Something else listens there.
    #[error("{address} is in use; stop the other program or listen on another address")]
    AddressInUse {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address} ({kind}); choose an address of this machine")]
    Address {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// The operating system gives no threads.
    #[error("the operating system gave no threads ({0}); raise its limits and start again")]
    Threads(io::ErrorKind),
}

/// Why storage did not do what it was asked; whatever was under way has been rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// No space is left.
    #[error("the disk is full; free some space")]
    Full,
    /// What was read is not what was written.
    #[error("the data is damaged; stop the endpoint and put back the last backup")]
    Damaged,
    /// The file is no database at all.
    #[error("endpoint.db is not a database")]
    NotADatabase,
    /// Anything else.
    #[error("the data could not be read or written; check the disk")]
    Unavailable,
}

/// Why a call came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The caller may not, or the bytes are wrong.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The endpoint cannot.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Trouble {
    /// Tells whoever runs the endpoint, in one line of the standard error.
    pub(crate) fn report(self) {
        // A closed standard error is no reason to turn a device away.
        let _ = writeln!(io::stderr(), "fieldfare endpoint: {self}");
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged,
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            Some(_) => Self::Unavailable,
            // A column of another type or length than the schema allows.
            None => Self::Damaged,
        }
    }
}

impl From<Trouble> for StartProblem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Full | Trouble::Unavailable => Self::Storage,
            Trouble::Damaged => Self::Damaged,
            Trouble::NotADatabase => Self::Foreign,
        }
    }
}
