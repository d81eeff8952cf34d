//! The encrypted store, and the only place that says SQL.
//!
//! A [`Read`] may look, a [`Write`] may change, so a signature says which. What a record means is the domain's, what a
//! page shows is the pages'; here is only how it is kept and found.

mod alarms;
#[cfg(test)]
mod any_order;
mod attachments;
mod attempt;
mod audit;
mod auto_lock;
mod build;
mod bundles;
mod cases;
mod chains;
mod check_ins;
mod compartments;
mod concerns;
mod departing;
mod digests;
mod edits;
mod erasure;
mod export;
mod facts;
mod forks;
mod goals;
mod handover;
mod incarnation;
mod key_age;
mod known_logs;
mod lease;
mod leaving;
mod link;
mod look_through;
mod made;
mod membership;
mod meta;
mod migrate;
mod missing;
mod notes;
mod offered;
mod open;
mod people;
mod problem;
mod revisions;
mod revive;
mod rows;
#[cfg(test)]
mod scene;
mod search;
mod segments;
mod services;
mod settle;
mod strikes;
mod timeline;
mod times;
mod typing;
mod waiting_rooms;
mod write_edit;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::domain::vocabulary::Vocabulary;
use crate::ports::{Disk, SystemDisk};
use crate::vault::Secret;
use audit::AuditKey;
use known_logs::KnownLogs;

pub use alarms::{Alarm, StoredAlarm};
pub use attachments::{Attachment, AttachmentTrouble, NewAttachment};
pub use audit::{AUDIT_LINES_AT_OPEN, AuditFilter, AuditLine, AuditState};
pub use build::Build;
pub use bundles::LongChain;
pub use cases::{CaseSummary, YoungPerson};
pub use chains::{FrontierStanding, OutgoingChain, OwnChain, SEQ_MAX, Unsent};
pub use check_ins::{CheckIn, StoredPack};
pub use compartments::{Part, devices, readers_of_file};
pub use concerns::Concern;
pub use digests::{Pass, Uncompared};
pub use edits::{PendingEdit, StandingValue};
pub use erasure::{ErasedWords, Unfinished};
pub use export::KeptEdit;
pub use goals::{Goal, Step};
pub use handover::{HandoverSession, HandoverState};
pub use leaving::{AFTER_REMOVAL, SetAside, StoredDevice};
pub use link::Link;
pub use look_through::Room;
pub use membership::StoredVault;
pub use meta::{Endpoint, Me};
pub use notes::Note;
pub use problem::StoreProblem;
pub use revisions::REVISIONS_KEPT_MAX;
pub use search::Hit;
pub use segments::{Aside, LIBRARY_FAILED, StoredSegment, WAITING_BYTES_MAX, WAITING_MAX, WaitingSegment};
pub use services::StoredService;
pub use settle::{Arriving, Touched};
pub use timeline::StoredMoment;
pub use waiting_rooms::{HeldBack, UnsentLane};
pub use write_edit::{Author, NewEdit};

/// The store: one writer and one reader beside it on the same encrypted file.
pub struct Store {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    audit_key: AuditKey,
    known: KnownLogs,
    build: &'static Build,
    disk: Arc<dyn Disk>,
}

/// May look.
pub struct Read<'c> {
    connection: &'c Connection,
    audit_key: &'c AuditKey,
    known: &'c KnownLogs,
    vocabulary: &'static Vocabulary,
}

/// May change, within one transaction that is committed as a whole or not at all.
pub struct Write<'c> {
    transaction: Transaction<'c>,
    audit_key: &'c AuditKey,
    known: &'c KnownLogs,
    vocabulary: &'static Vocabulary,
    /// Notes whose words have to be indexed again before the commit.
    unindexed: RefCell<BTreeSet<[u8; 16]>>,
}

impl Store {
    /// Opens the store with its raw key and the key that binds its audit lines, making it or bringing it up to date as needed.
    ///
    /// # Errors
    /// [`StoreProblem`] if the key is another's, a protection is missing, or the file is foreign, newer or damaged.
    pub fn open(path: &Path, key: &[u8; 32], audit_key: &[u8; 32]) -> Result<Self, StoreProblem> {
        Self::open_by(Build::THIS, path, key, audit_key, Arc::new(SystemDisk))
    }

    /// The same by a build of the app and on a disk that the caller names.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_by(
        build: &'static Build,
        path: &Path,
        key: &[u8; 32],
        audit_key: &[u8; 32],
        disk: Arc<dyn Disk>,
    ) -> Result<Self, StoreProblem> {
        let audit_key = AuditKey(Secret::from_slice(audit_key).ok_or(StoreProblem::Foreign)?);
        let mut writer = open::open(path, key, open::Access::Write, disk.as_ref())?;
        migrate::migrate(&mut writer, build.steps, &audit_key, disk.as_ref())?;
        let reader = open::open(path, key, open::Access::Read, disk.as_ref())?;
        Ok(Self {
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
            audit_key,
            known: KnownLogs::default(),
            build,
            disk,
        })
    }

    /// Looks at one consistent state of the store.
    ///
    /// # Errors
    /// Whatever `look` or the database reports.
    pub fn read<T, E: From<StoreProblem>>(
        &self,
        look: impl FnOnce(&Read<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let connection = lock(&self.reader);
        let transaction = connection.unchecked_transaction().map_err(StoreProblem::from)?;
        look(&Read {
            connection: &transaction,
            audit_key: &self.audit_key,
            known: &self.known,
            vocabulary: &self.build.vocabulary,
        })
    }

    /// Changes the store in one durable transaction; if `change` fails, nothing of it happened.
    ///
    /// # Errors
    /// Whatever `change` or the database reports.
    pub fn write<T, E: From<StoreProblem>>(
        &self,
        change: impl FnOnce(&Write<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_on(&mut lock(&self.writer), change)
    }

    /// The same for something small and frequent: it outlives a crash of the app at once, and one of the machine as soon as
    /// anything else was written.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_lightly<T, E: From<StoreProblem>>(
        &self,
        change: impl FnOnce(&Write<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = lock(&self.writer);
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(StoreProblem::from)?;
        let written = self.write_on(&mut connection, change);
        connection.pragma_update(None, "synchronous", "FULL").map_err(StoreProblem::from)?;
        written
    }

    fn write_on<T, E: From<StoreProblem>>(
        &self,
        connection: &mut Connection,
        change: impl FnOnce(&Write<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreProblem::from)?;
        let (audit_key, known, vocabulary) = (&self.audit_key, &self.known, &self.build.vocabulary);
        let write = Write { transaction, audit_key, known, vocabulary, unindexed: RefCell::default() };
        let result = change(&write)?;
        write.index_notes()?;
        self.disk.begin_write().map_err(StoreProblem::from)?;
        write.transaction.commit().map_err(StoreProblem::from)?;
        self.disk.end_write().map_err(StoreProblem::from)?;
        Ok(result)
    }
}

impl Write<'_> {
    /// The same state, to look at.
    #[must_use]
    pub fn read(&self) -> Read<'_> {
        Read {
            connection: &self.transaction,
            audit_key: self.audit_key,
            known: self.known,
            vocabulary: self.vocabulary,
        }
    }
}

impl Read<'_> {
    /// What the build that opened this store understands.
    #[must_use]
    pub const fn vocabulary(&self) -> &'static Vocabulary {
        self.vocabulary
    }

    /// The tables and indexes as SQL, in order of name, for the documentation.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn schema(&self) -> Result<String, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT sql FROM sqlite_schema
             WHERE sql IS NOT NULL AND name NOT LIKE 'note_text_%' AND name NOT LIKE 'sqlite_%'
             ORDER BY tbl_name, type DESC, name",
        )?;
        let parts: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(parts.iter().map(|sql| format!("{sql};\n")).collect::<Vec<_>>().join("\n"))
    }
}

/// A thread that panicked while it held the connection has left at most a transaction that rolls back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
