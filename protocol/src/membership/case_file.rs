//! What the log of a case's file adds up to: the devices that can read it, and its newest epoch.
//!
//! Both ends compute it from the same records. Whose case it is stands in sealed edits and not here.

use super::{Act, Epoch, LogRefusal, MemberWrap, Organisation, Record, SignedRecord};
use crate::hash::Hash;
use crate::id::{DeviceId, VaultId};
use crate::limits::VAULT_MEMBERS_MAX;

/// The state of a case file's log: which devices can read it.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The vault.
    pub vault: VaultId,
    /// Devices that can read it.
    pub members: Vec<DeviceId>,
    /// Newest epoch.
    pub epoch: Epoch,
    /// Number of the next record.
    pub next_number: u32,
    /// Hash of the newest record.
    pub head: Hash,
}

impl CaseFile {
    /// Reads the first record of a case file's log.
    ///
    /// # Errors
    /// [`LogRefusal`] if it does not found a case file, leaves its author out or names a device nobody knows.
    pub fn found(signed: &SignedRecord, organisation: &Organisation) -> Result<Self, LogRefusal> {
        let Record { vault, number, previous, author, act } = &signed.record;
        let Act::FoundCaseFile { epoch, wraps } = act else {
            return Err(LogRefusal::NotNext);
        };
        if *number != 0 || *previous != Hash::NOTHING {
            return Err(LogRefusal::NotNext);
        }
        if epoch.number != 1 || !wraps.iter().any(|member| member.device == *author) {
            return Err(LogRefusal::NotAllowed);
        }
        let mut file = Self {
            vault: *vault,
            members: Vec::new(),
            epoch: epoch.clone(),
            next_number: 1,
            head: signed.hash(),
        };
        file.admit(wraps, organisation)?;
        let author = organisation.devices.get(author).ok_or(LogRefusal::NotAllowed)?;
        signed.verify(&author.verify_key)?;
        Ok(file)
    }

    /// Takes the next record, or leaves everything as it was.
    ///
    /// # Errors
    /// [`LogRefusal`] says why the record is not taken.
    pub fn take(&mut self, signed: &SignedRecord, organisation: &Organisation) -> Result<(), LogRefusal> {
        let record = &signed.record;
        if record.vault != self.vault || record.number != self.next_number || record.previous != self.head {
            return Err(LogRefusal::NotNext);
        }
        let Act::Admit { wraps } = &record.act else {
            return Err(LogRefusal::NotAllowed);
        };
        if !self.members.contains(&record.author) {
            return Err(LogRefusal::NotAllowed);
        }
        let author = organisation.devices.get(&record.author).ok_or(LogRefusal::NotAllowed)?;
        signed.verify(&author.verify_key)?;
        let mut next = self.clone();
        next.admit(wraps, organisation)?;
        next.next_number = self.next_number.saturating_add(1);
        next.head = signed.hash();
        *self = next;
        Ok(())
    }

    fn admit(&mut self, wraps: &[MemberWrap], organisation: &Organisation) -> Result<(), LogRefusal> {
        if self.members.len() + wraps.len() > VAULT_MEMBERS_MAX {
            return Err(LogRefusal::OverLimit);
        }
        for MemberWrap { device, .. } in wraps {
            if !organisation.devices.contains_key(device) || self.members.contains(device) {
                return Err(LogRefusal::NotAllowed);
            }
            self.members.push(*device);
        }
        Ok(())
    }
}
