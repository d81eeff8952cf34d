//! A copy of a case in clear for the person it is about: who may have it made, the PIN asked once more, the audit.
//!
//! What is in the copy is the pages' to say. No other way leads out of the store in clear but a single attachment.

mod new_file;

use std::path::Path;
use std::sync::atomic::Ordering;

use super::handover::of_file;
use super::lock::refused;
use super::refusal::{of_pin, of_unlock};
use super::{Fieldfare, role};
use crate::commands::of_trouble;
use crate::contract::{CaseId, Exported, Problem, StaffRole, Thing, Withheld};
use crate::pages::View;
use crate::pages::export::{Broken, export};
use crate::store::Read;
use crate::vault::{Hardware, Pin, Unlock};
use new_file::NewFile;

/// Most records that are withheld from one copy.
const WITHHELD_MAX: usize = 1_000;

impl Fieldfare {
    /// Writes everything that this device reads of a case into a new file in clear, readable by its owner alone, but for the
    /// records withheld. The PIN is asked for once more and counts as a try, like any other; the last wrong one erases.
    ///
    /// The file is there whole or not at all. What was withheld and why, and that a copy was made, is in the audit.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for a mentor, for somebody who does not read the case, or for a record that cannot be withheld,
    /// [`Problem::NoSuch`] for a case that is not here, [`Problem::WithoutContact`], whatever a try is refused with,
    /// [`Problem::FileTrouble`] where the file is there already, or trouble with the disk.
    pub fn export(
        &self,
        case: CaseId,
        pin: &[u8],
        to: &Path,
        withheld: &[Withheld],
    ) -> Result<Exported, Problem> {
        if self.ended.load(Ordering::SeqCst) {
            return Err(Problem::DeviceRemoved);
        }
        if withheld.len() > WITHHELD_MAX {
            let most = i64::try_from(WITHHELD_MAX).unwrap_or(i64::MAX);
            return Err(Problem::OutOfRange { field: "withheld".to_owned(), least: 0, most });
        }
        let view = self.store.read(|read| {
            Self::within_lease(read)?;
            let me = read.me()?;
            let view = View { me, role: role(read, &me)?, now_ms: self.now(read)?.ms };
            may_export(read, &view, case).map(|()| view)
        })?;
        self.step_up(pin)?;
        let mut file = NewFile::begin(to, self.ports.disk.clone()).map_err(|error| of_file(&error))?;
        let exported =
            self.store.read(|read| export(read, &view, case, withheld, &mut file)).map_err(of_broken)?;
        let bytes = file.flush().map_err(|error| of_file(&error))?;
        // Before the file can be seen: nobody holds a copy of which there is no line.
        self.store.write(|write| {
            let now_ms = self.now(&write.read())?.ms;
            for one in withheld {
                write.note_in_audit(now_ms, one.why.audit_name(), Some(one.record))?;
            }
            write.count_in_audit(now_ms, "export_withheld", Some(case.into()), exported.withheld)?;
            Ok::<_, Problem>(write.count_in_audit(now_ms, "export", Some(case.into()), exported.records)?)
        })?;
        file.appear().map_err(|error| of_file(&error))?;
        Ok(Exported { bytes, ..exported })
    }

    /// Asks whether whoever holds the phone knows its PIN, as an unlock does. Failures before it get their line.
    pub(super) fn step_up(&self, pin: &[u8]) -> Result<(), Problem> {
        let text = std::str::from_utf8(pin)
            .map_err(|_| Problem::PinNotAccepted { rule: "a PIN has digits only".to_owned() })?;
        let pin = Pin::entered(text).map_err(of_pin)?;
        let folder = self.folder();
        let clock = self.ports.clock.as_ref();
        let unlock = Unlock::begin(folder, &pin, clock, Hardware::of(&self.ports))
            .map_err(|problem| refused(&self.ports, folder, problem))?;
        let failed = unlock.failed_before();
        if failed.failures > 0 {
            self.store
                .write(|write| write.count_in_audit(failed.last_ms, "failed_tries", None, failed.failures))?;
        }
        unlock.succeeded().map_err(of_unlock)
    }
}

/// Whether somebody may have a copy made.
fn may_export(read: &Read<'_>, view: &View, case: CaseId) -> Result<(), Problem> {
    let refused = |why: &str| Err(Problem::not_allowed(why));
    if view.role == StaffRole::Mentor {
        return refused(
            "ask your supervisor or the safeguarding lead: they make the copy of a case for a young person",
        );
    }
    let vault_no = read.vault_of_case(case)?.ok_or(Problem::NoSuch { thing: Thing::Case })?;
    let readers = read.readers_of(vault_no, &read.organisation()?)?;
    if !readers.iter().any(|reader| reader.person.0 == view.me.person.0) {
        return refused("only somebody who reads the case today makes a copy of it");
    }
    Ok(())
}

fn of_broken(broken: Broken) -> Problem {
    match broken {
        Broken::Problem(problem) => problem,
        Broken::Trouble(trouble) => of_trouble(trouble),
    }
}
