//! Ending the fork of a case file's list of members: those who are in both branches go on, with a fresh key.
//!
//! Written by somebody who coordinates, on a device that knows both branches. Two people may do this at once; one comes
//! first.

use fieldfare_protocol::membership::{CaseFile, DeviceCard, Leaving};

use super::Fieldfare;
use super::refusal::fault;
use super::remove::file_of;
use crate::contract::{CaseId, Problem, RecordId, StaffRole};
use crate::exchange::{forks, leaving};
use crate::store::Write;
use crate::vault::members::Signer;
use crate::vault::rotation::{self, EndingBranch};

fn not_allowed(why: &str) -> Problem {
    Problem::not_allowed(why)
}

impl Fieldfare {
    /// Ends the fork of a case's list of members. Whoever is in one branch alone and ought to read the case is let in again
    /// by the exchange; whoever one branch has removed stays out. Nothing that was written is lost.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for mentors, where there is no fork, and on a device that is not in both branches or knows
    /// only one; and whatever the exchange brings.
    pub fn resolve_fork(&self, case: CaseId) -> Result<(), Problem> {
        if self.store.read(|read| super::role(read, &read.me()?))? == StaffRole::Mentor {
            return Err(not_allowed("only supervisors and safeguarding leads end a fork"));
        }
        let is_forked = |app: &Self| {
            app.store.read(|read| Ok::<_, Problem>(read.has_two_histories(file_of(read, case)?.no)?))
        };
        if !is_forked(self)? {
            return Err(not_allowed("the list of members of this case has one history"));
        }
        self.until_it_stands(
            |app| Ok(!is_forked(app)?),
            |app| app.store.write(|write| app.write_resolution(write, case)),
        )
    }

    fn write_resolution(&self, write: &Write<'_>, case: CaseId) -> Result<(), Problem> {
        let read = write.read();
        let (organisation, me, vault) = (read.organisation()?, read.me()?, file_of(&read, case)?);
        let as_of = read.records_kept(organisation.vault)?;
        let mut file = read.case_file(vault.no, &organisation)?;
        let other = forks::other_branch(&read, &vault, None)?;
        let other =
            other.ok_or_else(|| not_allowed("this device knows one branch; use one that knows both"))?;
        let is_in = |file: &CaseFile| file.is_member(me.device, &organisation);
        if !is_in(&file) || !is_in(&other) {
            return Err(not_allowed("this device is in one branch; somebody who is in both has to do this"));
        }
        let (number, before) = read.newest_key(vault.no)?.ok_or(Problem::StoreDamaged)?;
        if number != file.epoch.number {
            return Err(not_allowed("the key of the other branch has not come to this device"));
        }
        let gone = |card: &&DeviceCard| {
            let for_good = !other.may_be_let_in(card.device);
            for_good || organisation.was_removed(card.device, as_of)
        };
        let members = organisation.devices.values().filter(|card| file.members.contains(&card.device));
        let removed = members.clone().filter(gone);
        let only_there = organisation.devices.values().filter(|card| {
            other.members.contains(&card.device)
                && !file.members.contains(&card.device)
                && !file.removed.contains_key(&card.device)
        });
        let only_here = members.filter(|card| !other.members.contains(&card.device) && !gone(card));
        let cut = |card: &DeviceCard| leaving::leaving(&read, &vault, card);
        let removed: Vec<Leaving> = removed.map(cut).collect::<Result<_, _>>()?;
        let apart = only_here.chain(only_there).map(cut).collect::<Result<_, _>>()?;
        let (from, records) = forks::hashes(&read, &vault)?;
        let ending = EndingBranch { from, records, apart, keys: read.other_keys(vault.no)? };
        let signer = Signer { device: me.device, identity: &self.identity };
        let entropy = self.ports.entropy.as_ref();
        let made =
            rotation::resolve_file(&file, as_of, &before, removed, ending, &signer, &organisation, entropy);
        let (signed, key) = made.map_err(|_| fault("members"))?;
        file.take(&signed, &organisation).map_err(|_| fault("members"))?;
        write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
        write.keep_epoch_key(vault.no, file.epoch.number, key.expose())?;
        Ok(write.note_in_audit(self.now(&read)?.ms, "resolve_fork", Some(RecordId(case.0)))?)
    }
}
