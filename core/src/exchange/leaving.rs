//! Fresh keys: whoever has to leave a file leaves it with one, and no key is written under for ever.
//!
//! Any member that stays writes the record at its next exchange; the endpoint takes one, and the others find it done.

use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{DeviceCard, Epoch, LaneCut, Leaving, Role, VaultKind};
use fieldfare_protocol::segment::{Chain, Head, Segment};

use super::logs::Logs;
use crate::contract::Problem;
use crate::ports::Entropy;
use crate::store::{Read, StoreProblem, StoredVault, Write};
use crate::vault::members::Signer;
use crate::vault::rotation;

/// How often within one exchange a device changes the key of a vault when somebody else's record came first.
pub(super) const ROTATIONS_MAX: u32 = 3;

/// A device that leaves a vault, with the last segment of each of its lanes that has come here. What waits here and is
/// signed as the next in its chain has come too.
///
/// # Errors
/// Only the store's own.
pub fn leaving(read: &Read<'_>, vault: &StoredVault, card: &DeviceCard) -> Result<Leaving, StoreProblem> {
    let waiting = read.waiting(vault.no, vault.id)?;
    let mut cut = Vec::new();
    for lane in Lane::ALL {
        let chain = Chain { vault: vault.id, device: card.device, lane };
        let mut head = read.head(vault.no, card.device, lane)?;
        let mut waits: Vec<_> = waiting.iter().filter(|waiting| waiting.chain == chain).collect();
        waits.sort_by_key(|waiting| waiting.first_seq);
        for waiting in waits {
            let Ok(segment) = Segment::parse(&waiting.bytes) else { continue };
            let follows = segment.header().first_seq == head.seq.saturating_add(1);
            if follows && segment.verify(&chain, head.hash, &card.verify_key).is_ok() {
                head = Head { seq: segment.header().last_seq(), hash: segment.hash(&chain, head.hash) };
            }
        }
        if head.seq > 0 {
            cut.push(LaneCut { lane_code: lane.code(), seq: head.seq, hash: head.hash });
        }
    }
    Ok(Leaving { device: card.device, cut })
}

/// Takes back our own records of the organisation's log that the endpoint did not keep, and the keys they began.
///
/// # Errors
/// Only the store's own.
pub fn take_back(write: &Write<'_>, organisation: &StoredVault) -> Result<(), StoreProblem> {
    write.drop_unsent_records(organisation.no)?;
    write.drop_keys_after(organisation.no, write.read().organisation()?.epoch.number)
}

impl Logs {
    /// Whether the recovery key opens the newest epoch of a vault, as far as this device can tell.
    fn can_be_recovered(
        &self,
        read: &Read<'_>,
        vault: &StoredVault,
        epoch: &Epoch,
    ) -> Result<bool, StoreProblem> {
        let key = read.epoch_key(vault.no, epoch.number)?;
        let recovery_key = &self.organisation().recovery_key;
        Ok(key.is_none_or(|key| rotation::can_be_recovered(epoch, &key, vault.id, recovery_key)))
    }

    /// Changes the key of every file that still counts somebody among its readers who has to leave, of every file whose key
    /// the recovery key does not open, and of every vault whose key is old or mistrusted.
    pub(super) fn rotate_where_it_is_due(
        &mut self,
        write: &Write<'_>,
        me: &Signer<'_>,
        now_ms: i64,
        entropy: &dyn Entropy,
    ) -> Result<(), Problem> {
        let read = write.read();
        let coordinates =
            self.organisation().devices.get(&me.device).is_some_and(|card| card.role.coordinates());
        if !self.organisation().is_present(me.device) {
            return Ok(());
        }
        let as_of = read.records_kept(self.organisation().vault)?;
        let due = read.keys_due(now_ms)?;
        for vault in read.vaults()?.into_iter().filter(|vault| vault.kind == VaultKind::CaseFile) {
            // Every key but the first was made by somebody who may have left out the recovery key.
            let changed =
                !self.organisation().removed.is_empty() || !self.organisation().role_changes.is_empty();
            let settled = !changed && !coordinates;
            if settled && !due.contains(&vault.no) && self.file(&read, vault.no)?.epoch.number == 1 {
                continue;
            }
            let organisation = self.organisation().clone();
            let mut file = self.file(&read, vault.no)?.clone();
            file.inherit(&organisation, as_of);
            let mut gone = file.has_to_leave(&organisation);
            gone.retain(|device| organisation.was_removed(*device, as_of));
            gone.extend(read.readers_over(&vault, &file, &organisation, as_of, coordinates)?);
            let leaving: Vec<_> =
                gone.into_iter().filter_map(|device| organisation.devices.get(&device)).collect();
            let stands = leaving.is_empty() && !due.contains(&vault.no);
            if (stands && self.can_be_recovered(&read, &vault, &file.epoch)?)
                || !file.members.contains(&me.device)
                || read.has_two_histories(vault.no)?
                || !read.unsent_records_of(vault.no)?.is_empty()
                || !self.tries_once_more(vault.no)
            {
                continue;
            }
            let Some((number, key)) = read.newest_key(vault.no)? else { continue };
            if number != file.epoch.number {
                continue;
            }
            let removed = leaving
                .into_iter()
                .map(|card| match organisation.removed.contains_key(&card.device) {
                    true => self::leaving(&read, &vault, card),
                    // Nothing is cut off of whoever hands a case on.
                    false => Ok(Leaving { device: card.device, cut: Vec::new() }),
                })
                .collect::<Result<_, _>>()?;
            let made = rotation::rotate_file(&file, as_of, &key, removed, me, &organisation, entropy);
            let Ok((signed, key)) = made else { continue };
            if self.continue_log(write, &vault, &signed)?.is_some() {
                write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
                write.keep_epoch_key(vault.no, number.saturating_add(1), key.expose())?;
            }
        }
        let own = read.vault(self.organisation().vault)?.filter(|vault| due.contains(&vault.no));
        own.map_or(Ok(()), |vault| self.rotate_organisation(write, me, &vault, now_ms, entropy))
    }

    /// Changes the organisation's own key, on an administrator's device.
    fn rotate_organisation(
        &mut self,
        write: &Write<'_>,
        me: &Signer<'_>,
        vault: &StoredVault,
        now_ms: i64,
        entropy: &dyn Entropy,
    ) -> Result<(), Problem> {
        let read = write.read();
        let card = self.organisation().devices.get(&me.device);
        if card.is_none_or(|card| card.role != Role::Administrator)
            || read.has_two_histories(vault.no)?
            || !read.unsent_records_of(vault.no)?.is_empty()
            || !self.tries_once_more(vault.no)
        {
            return Ok(());
        }
        let Some((number, key)) = read.newest_key(vault.no)? else { return Ok(()) };
        if number != self.organisation().epoch.number {
            return Ok(());
        }
        let made = rotation::rotate_organisation(self.organisation(), &key, Vec::new(), now_ms, me, entropy);
        let Ok((signed, key)) = made else { return Ok(()) };
        if self.continue_log(write, vault, &signed)?.is_some() {
            write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
            write.keep_epoch_key(vault.no, number.saturating_add(1), key.expose())?;
        }
        Ok(())
    }
}
