//! The drill: finding out, while nothing is lost, that the recovery key still opens what it should.
//!
//! Opens the newest recovery wrap of every vault whose log is here, and keeps nothing of what it finds inside.

use std::path::PathBuf;

use fieldfare_protocol::membership::{Epoch, VaultKind};

use super::Fieldfare;
use super::recover::read_key;
use crate::commands::record_drill;
use crate::contract::{Drilled, Problem, StaffRole};
use crate::store::{Read, StoredVault};
use crate::vault::{Identity, members};

impl Fieldfare {
    /// Proves that the recovery key, whole or from shares, opens the newest epoch of every vault that this device knows, and
    /// records date and outcome for everybody in the organisation. Nothing secret is kept.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for mentors, [`Problem::RecoveryKeyNotAccepted`] if the files are not this organisation's key.
    pub fn drill(&self, recovery_files: &[PathBuf]) -> Result<Drilled, Problem> {
        let may = |role| role != StaffRole::Mentor;
        if !self.store.read(|read| Ok::<_, Problem>(may(super::role(read, &read.me()?)?)))? {
            let why = "administrators, supervisors and the safeguarding lead hold a drill".to_owned();
            return Err(Problem::not_allowed(why));
        }
        let recovery = read_key(recovery_files)?;
        let drilled = self.store.read(|read| prove(read, recovery.identity()))?;
        self.work(|work| record_drill(work, drilled.opened, drilled.failed))?;
        Ok(drilled)
    }
}

fn prove(read: &Read<'_>, recovery: &Identity) -> Result<Drilled, Problem> {
    let organisation = read.organisation()?;
    if organisation.recovery_key != recovery.sealing_key() {
        let why = "it belongs to another organisation".to_owned();
        return Err(Problem::RecoveryKeyNotAccepted { why });
    }
    let mut drilled = Drilled { opened: 0, failed: 0 };
    for vault in read.vaults()? {
        let epoch = match vault.kind {
            VaultKind::Organisation => organisation.epoch.clone(),
            VaultKind::CaseFile => read.case_file(vault.no, &organisation)?.epoch,
        };
        if opens(read, &vault, &epoch, recovery)? {
            drilled.opened = drilled.opened.saturating_add(1);
        } else {
            drilled.failed = drilled.failed.saturating_add(1);
        }
    }
    Ok(drilled)
}

/// Whether the recovery key opens an epoch, to the very key that its members work with where that is here.
fn opens(read: &Read<'_>, vault: &StoredVault, epoch: &Epoch, recovery: &Identity) -> Result<bool, Problem> {
    let Ok(opened) = members::recovered_key(epoch, vault.id, recovery) else { return Ok(false) };
    let ours = read.epoch_key(vault.no, epoch.number)?;
    Ok(ours.is_none_or(|ours| ours.expose() == opened.expose()))
}
