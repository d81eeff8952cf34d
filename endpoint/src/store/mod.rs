//! The only place that says SQL: one connection that writes, a few that read.
//!
//! Keeps bytes and positions; whether a record or segment may be kept was decided before it came here.

mod bundles;
mod chains;
mod erasure;
mod feed;
mod late;
mod logs;
mod members;
mod meta;
mod open;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::folder::Folder;
use crate::limits::READERS_MAX;
use crate::problem::{StartProblem, Trouble};
use crate::surroundings::Surroundings;

pub(crate) use bundles::KeptBundle;
pub(crate) use chains::KeptSegment;
pub(crate) use feed::Page;
pub(crate) use late::LateSegment;

/// The endpoint's database. Everything here blocks; nothing here may run on a thread that talks to sockets.
pub(crate) struct Store {
    // Before the writer: only a connection that may write can fold the log into the database when it closes as the last.
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    database: PathBuf,
    around: Arc<dyn Surroundings>,
    // Last, so that the folder is free only once every connection is closed.
    _folder: Folder,
}

/// A view of the database that does not change while it is looked at.
pub(crate) struct Read<'c>(&'c Connection);

/// A transaction that may change the database; undone unless it is committed. Beside it the step by which the numbers of
/// arrivals grow in it, at least 1.
pub(crate) struct Write<'c>(Transaction<'c>, u32);

/// The one writer, taken until dropped.
pub(crate) struct Writer<'s>(MutexGuard<'s, Connection>, &'s dyn Surroundings);

impl Store {
    /// Opens the database of a folder, or makes it.
    pub(crate) fn open(folder: Folder, around: Arc<dyn Surroundings>) -> Result<Self, StartProblem> {
        let database = folder.database().to_path_buf();
        let writer = Mutex::new(open::writer(&database, around.as_ref())?);
        Ok(Self { writer, readers: Mutex::new(Vec::new()), database, around, _folder: folder })
    }

    /// Looks at what is durable.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Read<'_>) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let idle = lock(&self.readers).pop();
        let mut connection = idle.map_or_else(|| open::reader(&self.database), Ok)?;
        let view = connection.transaction()?;
        let seen = look(&Read(&view))?;
        view.finish()?;
        let mut readers = lock(&self.readers);
        if readers.len() < READERS_MAX {
            readers.push(connection);
        }
        Ok(seen)
    }

    /// Waits for the writer and takes it.
    pub(crate) fn writer(&self) -> Writer<'_> {
        Writer(lock(&self.writer), self.around.as_ref())
    }
}

impl Writer<'_> {
    /// Changes the database in one transaction, durable when this returns `Ok`; any error undoes all of it.
    pub(crate) fn commit<T, E: From<Trouble>>(
        &mut self,
        step: u32,
        change: impl FnOnce(&Write<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = self.0.transaction_with_behavior(TransactionBehavior::Immediate);
        let write = Write(begun.map_err(Trouble::from)?, step);
        let changed = change(&write)?;
        if let Err(prevented) = self.1.begin_write() {
            let full = prevented.kind() == std::io::ErrorKind::StorageFull;
            return Err(if full { Trouble::Full } else { Trouble::Unavailable }.into());
        }
        write.0.commit().map_err(Trouble::from)?;
        self.1.end_write().map_err(|_| Trouble::Unavailable)?;
        Ok(changed)
    }
}

impl Write<'_> {
    /// What this transaction sees, its own changes included.
    pub(crate) fn read(&self) -> Read<'_> {
        Read(&self.0)
    }
}

// A thread that panicked left an undone transaction behind, never a half-done one: the lock stays usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SQLite counts in `i64`; a larger number than any that is kept compares as the largest.
fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The way back; the schema allows no negative count.
fn read_back(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
impl Store {
    /// Lets the database grow by so many pages and no further, as a full disk would.
    pub(crate) fn fill_disk(&self, pages_left: i64) {
        let writer = lock(&self.writer);
        let pages: i64 = writer.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        writer.pragma_update_and_check(None, "max_page_count", pages + pages_left, |_| Ok(())).unwrap();
    }
}
