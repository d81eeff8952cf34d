//! What counts of a device that has left, and when a device may write: the rules that follow from a vault's log.
//!
//! Knows logs and places; what a segment says is not looked at here.

use fieldfare_protocol::exchange::{Ack, SegmentOutcome};
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{Act, Epoch, Removal, SignedRecord, VaultKind};

use super::logs::Logs;
use crate::contract::Problem;
use crate::store::{Me, Read, StoreProblem, StoredVault, Write};
use crate::vault::rotation;

/// How a device stands to a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// No record lets it in.
    Stranger,
    /// It reads and writes.
    Member,
    /// The organisation has removed it, and no record of this vault says yet what of its work counts.
    Undecided,
    /// It has handed the case on, and has not said its last word: what it writes under keys up to this epoch counts.
    Departing {
        /// The newest epoch whose key it holds.
        epoch: u32,
    },
    /// It has left; what it wrote counts up to here.
    Left(Removal),
}

impl Logs {
    /// How a device stands to a vault.
    pub(super) fn belonging(
        &mut self,
        read: &Read<'_>,
        vault: &StoredVault,
        device: DeviceId,
    ) -> Result<Belongs, StoreProblem> {
        let gone = self.organisation().removed.get(&device).cloned();
        if vault.kind == VaultKind::Organisation {
            let known = self.organisation().devices.contains_key(&device);
            let present = if known { Belongs::Member } else { Belongs::Stranger };
            return Ok(gone.map_or(present, Belongs::Left));
        }
        let organisation = self.organisation().clone();
        let file = self.file(read, vault.no)?;
        if let Some(removal) = file.removed.get(&device) {
            return Ok(Belongs::Left(removal.clone()));
        }
        let departure = file.departure_of(device, &organisation);
        Ok(match (file.is_member(device, &organisation), departure, gone) {
            (true, _, None) => Belongs::Member,
            (false, Some(departure), None) => Belongs::Departing { epoch: departure.epoch },
            (true, _, Some(_)) | (false, Some(_), Some(_)) => Belongs::Undecided,
            (false, None, _) => Belongs::Stranger,
        })
    }

    /// The newest epoch under which a device wrote that has handed a case on and reads it again.
    pub(super) fn returned_from(
        &mut self,
        read: &Read<'_>,
        vault: &StoredVault,
        device: DeviceId,
    ) -> Result<Option<u32>, StoreProblem> {
        if vault.kind == VaultKind::Organisation {
            return Ok(None);
        }
        let organisation = self.organisation().clone();
        Ok(self.file(read, vault.no)?.returned_from(device, &organisation))
    }

    /// The newest epoch of a vault, whether or not its key is here.
    pub(super) fn newest_epoch(
        &mut self,
        read: &Read<'_>,
        vault: &StoredVault,
    ) -> Result<Epoch, StoreProblem> {
        match vault.kind {
            VaultKind::Organisation => Ok(self.organisation().epoch.clone()),
            VaultKind::CaseFile => Ok(self.file(read, vault.no)?.epoch.clone()),
        }
    }

    /// Whether a segment is sealed under a key that its author knew to be replaced. Which record its author had newest is
    /// believed only if the log has it.
    pub(super) fn is_under_old_epoch(
        &mut self,
        read: &Read<'_>,
        vault: &StoredVault,
        log_head: [u8; 8],
        epoch: u32,
    ) -> Result<bool, StoreProblem> {
        let at = match vault.kind {
            VaultKind::Organisation => self.organisation().epochs.at(log_head),
            VaultKind::CaseFile => self.file(read, vault.no)?.epochs.at(log_head),
        };
        Ok(at.is_some_and(|at| epoch < at))
    }

    /// Whether this device may seal in a vault now. What it wrote waits otherwise: for the key of an epoch that has begun,
    /// for the endpoint to keep the one that we began, or for a person where the log tells two histories. Nobody writes
    /// what the recovery key could not open. Whoever was removed, or hands the case on, hands over what there is, as it is.
    pub(super) fn may_seal(
        &mut self,
        read: &Read<'_>,
        vault: &StoredVault,
        me: DeviceId,
        lane: Lane,
    ) -> Result<bool, StoreProblem> {
        let Some((number, key)) = read.newest_key(vault.no)? else { return Ok(false) };
        let has_left = self.organisation().removed.contains_key(&me);
        let belongs = self.belonging(read, vault, me)?;
        if has_left || matches!(belongs, Belongs::Left(_) | Belongs::Departing { .. }) {
            return Ok(true);
        }
        if vault.kind == VaultKind::CaseFile && self.file(read, vault.no)?.erased {
            return Ok(false);
        }
        let epoch = self.newest_epoch(read, vault)?;
        if number != epoch.number {
            return Ok(false);
        }
        if rotates_unsent(read, vault)? {
            return Ok(false);
        }
        // A concern goes all the same where that gives nothing away.
        let forked = read.has_two_histories(vault.no)?;
        if forked && !(lane == Lane::Urgent && read.branches_have_one_key(vault.no)?) {
            return Ok(false);
        }
        Ok(rotation::can_be_recovered(&epoch, &key, vault.id, &self.organisation().recovery_key))
    }
}

impl Logs {
    /// Whether the endpoint holds so many edits under our name as it ought to. What came after this device had left a file
    /// is handed over and held apart.
    pub(super) fn agrees(&mut self, read: &Read<'_>, me: DeviceId, held: u64) -> Result<bool, StoreProblem> {
        if read.acked_in_all(me)? == held {
            return Ok(true);
        }
        let mut counts = 0_u64;
        for (chain, acked) in read.acked_of_each(me)? {
            let Some(vault) = read.vault(chain.vault)? else { continue };
            let most = match self.belonging(read, &vault, me)? {
                Belongs::Left(removal) => removal.end_of(chain.lane).seq,
                Belongs::Stranger | Belongs::Member | Belongs::Departing { .. } | Belongs::Undecided => acked,
            };
            counts = counts.saturating_add(acked.min(most));
        }
        Ok(counts == held)
    }

    /// Whether this device has left a vault.
    pub(super) fn has_left(
        &mut self,
        read: &Read<'_>,
        vault: VaultId,
        me: DeviceId,
    ) -> Result<bool, StoreProblem> {
        let Some(vault) = read.vault(vault)? else { return Ok(false) };
        Ok(matches!(self.belonging(read, &vault, me)?, Belongs::Left(_)))
    }
}

/// Whether a change of the key that we wrote has not reached the endpoint. Until then somebody else's may stand instead.
pub(super) fn rotates_unsent(read: &Read<'_>, vault: &StoredVault) -> Result<bool, StoreProblem> {
    let unsent = read.unsent_records_of(vault.no)?;
    let acts = unsent.iter().filter_map(|bytes| SignedRecord::parse(bytes).ok());
    Ok(acts.into_iter().any(|signed| matches!(signed.record.act, Act::Rotate { .. } | Act::Resolve { .. })))
}

/// Moves the upload on over what the endpoint laid aside, because this device has left: by how many edits. `None` for any
/// other acknowledgement. It is believed only once our own log says that we have left.
pub(super) fn handed_over(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Me,
    ack: &Ack,
) -> Result<Option<u64>, Problem> {
    let read = write.read();
    let (vault, lane) = match (read.vault(ack.vault)?, Lane::from_code(ack.lane_code)) {
        (Some(vault), Some(lane)) => (vault, lane),
        _ if ack.outcome == SegmentOutcome::Late => return Err(Problem::EndpointNonsense),
        _ => return Ok(None),
    };
    // Whoever was removed hears no more of a file's log; what they have left of an erased one goes with them.
    let over = ack.outcome == SegmentOutcome::Erased && logs.organisation().removed.contains_key(&me.device);
    if ack.outcome != SegmentOutcome::Late && !over {
        // What was handed over beyond the cut is not missing.
        let has_left = logs.has_left(&read, ack.vault, me.device)?;
        let chain_no = write.chain_no(vault.no, me.device, lane)?;
        return Ok((has_left && ack.seq <= read.acked(chain_no)?).then_some(0));
    }
    if matches!(logs.belonging(&read, &vault, me.device)?, Belongs::Member | Belongs::Departing { .. }) {
        return Ok(Some(0));
    }
    let chain_no = write.chain_no(vault.no, me.device, lane)?;
    let before = read.acked(chain_no)?;
    let sealed = read.head(vault.no, me.device, lane)?.seq;
    let after = if over { sealed } else { ack.seq.min(sealed) }.max(before);
    write.set_acked(chain_no, after)?;
    Ok(Some(after.saturating_sub(before)))
}
