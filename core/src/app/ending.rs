//! How a home ends by itself: its device was removed and has handed over what it had, or it was without contact for longer
//! than its organisation allows.
//!
//! A device is removed only by a record of the organisation's log that an administrator has signed: no answer of an endpoint
//! can bring it about. Whatever is not sent keeps a home from ending.

use std::path::Path;
use std::sync::atomic::Ordering;

use super::Fieldfare;
use crate::contract::Problem;
use crate::domain::lease::Lease;
use crate::store::{Read, StoreProblem};
use crate::vault::Hardware;
use crate::vault::unlock::{ENDED_FILE, ENDED_WORDS};

/// Why a home ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Removed,
    WithoutContact,
}

impl Ending {
    const fn name(self) -> &'static str {
        let [removed, without_contact] = ENDED_WORDS;
        match self {
            Self::Removed => removed,
            Self::WithoutContact => without_contact,
        }
    }
}

impl Fieldfare {
    /// Counts the time without contact. A disk that is full or a folder that cannot be written keeps nobody from reading;
    /// then it is counted at a later opening.
    pub(super) fn count_lease(&self) {
        let _ = self.store.write(|write| {
            let read = write.read();
            let now_ms = self.now(&read)?.ms;
            let before = read.lease()?;
            let lease = before.map_or_else(|| Lease::fresh(now_ms), |lease| lease.opened(now_ms));
            if before != Some(lease) {
                write.set_lease(&lease)?;
            }
            Ok::<_, Problem>(())
        });
    }

    /// Refuses what has to wait until the endpoint has answered again.
    pub(super) fn within_lease(read: &Read<'_>) -> Result<(), Problem> {
        match read.lease()? {
            Some(lease) if lease.is_read_only() => Err(Problem::WithoutContact { days: lease.days() }),
            _ => Ok(()),
        }
    }

    /// Ends a home that is opened after its time.
    pub(super) fn end_if_it_is_time(&self) -> Result<(), Problem> {
        match self.store.read(ending)? {
            Some(ending) => {
                self.end(ending);
                Err(Problem::Erased)
            }
            None => Ok(()),
        }
    }

    /// Ends a home whose device was removed, once everything on it has been handed over. The keys are destroyed at once;
    /// pages of this opening go on, so that a person can read what has happened.
    pub(super) fn end_after(&self, refusal: &Problem) {
        let removed = *refusal == Problem::DeviceRemoved
            && self.store.read(ending).ok().flatten() == Some(Ending::Removed);
        if removed && !self.ended.load(Ordering::SeqCst) {
            self.end(Ending::Removed);
        }
    }

    fn end(&self, ending: Ending) {
        self.ended.store(true, Ordering::SeqCst);
        let folder = self.home.folder();
        // The reason first: a home without keys and without a word of why would look like a fault. If either fails the rest
        // is done all the same, and what is left at the next opening.
        let _ = std::fs::write(folder.join(ENDED_FILE), ending.name());
        let _ = Self::erase(folder, Hardware::of(&self.ports));
    }
}

/// Whether a home has to end, and why. Nothing ends that holds something unsent.
fn ending(read: &Read<'_>) -> Result<Option<Ending>, StoreProblem> {
    let me = read.me()?;
    if !read.outgoing(me.device)?.is_empty() {
        return Ok(None);
    }
    if read.organisation()?.removed.contains_key(&me.device) {
        return Ok(Some(Ending::Removed));
    }
    let over = read.lease()?.is_some_and(Lease::is_over) && read.lease_erases()?;
    Ok((over && read.unsent_records(1, 0)?.is_empty()).then_some(Ending::WithoutContact))
}

/// Whether a home has ended by itself.
pub(super) fn has_ended(folder: &Path) -> bool {
    folder.join(ENDED_FILE).exists()
}

/// A new home begins where one has ended.
pub(super) fn begin_again(folder: &Path) {
    let _ = std::fs::remove_file(folder.join(ENDED_FILE));
}
