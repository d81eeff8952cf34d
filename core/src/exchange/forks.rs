//! A case file's log of which the endpoint now shows another branch than it did: the two are kept apart, and one record that
//! a person has written ends it.
//!
//! Nothing is decided here between the branches. The endpoint's goes on because only it can be gone on from.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::membership::{Act, CaseFile, OtherBranch, Rotation, SignedRecord, VaultKind};

use super::logs::Logs;
use crate::store::{Read, StoreProblem, StoredVault, Write};
use crate::vault::rotation::Earlier;

/// The branch of a forked log that does not stand any more, up to one of its records; `None` if it is not here up to there.
///
/// # Errors
/// [`StoreProblem::Damaged`] if what was kept does not hold together.
pub fn other_branch(
    read: &Read<'_>,
    vault: &StoredVault,
    until: Option<u32>,
) -> Result<Option<CaseFile>, StoreProblem> {
    let records = read.other_branch(vault.no)?;
    let Some((from, _)) = records.first() else { return Ok(None) };
    let organisation = read.organisation()?;
    let mut file = read.case_file_until(vault.no, *from as usize, &organisation)?;
    for (number, bytes) in &records {
        if until.is_some_and(|until| *number > until) {
            break;
        }
        let signed = SignedRecord::parse(bytes).map_err(|_| StoreProblem::Damaged("other branch"))?;
        file.take(&signed, &organisation).map_err(|_| StoreProblem::Damaged("other branch"))?;
    }
    file.inherit(&organisation, organisation.next_number);
    let reaches = until.is_none_or(|until| file.next_number == until.saturating_add(1));
    Ok(Some(file).filter(|_| reaches))
}

impl Logs {
    /// Another record than ours, signed as it must be, claims a place that the endpoint had confirmed. From there on its
    /// branch stands here, and ours is kept beside it. False if that has happened before, or cannot be done.
    pub(super) fn change_branch(
        &mut self,
        write: &Write<'_>,
        vault: &StoredVault,
        me: DeviceId,
        number: u32,
        now_ms: i64,
    ) -> Result<bool, StoreProblem> {
        let read = write.read();
        if vault.kind != VaultKind::CaseFile || number == 0 || read.has_two_histories(vault.no)? {
            return Ok(false);
        }
        // What the endpoint has not kept is in no branch.
        self.drop_unsent(write, vault)?;
        let common = read.case_file_until(vault.no, number as usize, self.organisation())?;
        write.change_branch(vault, me, number, common.epoch.number, now_ms)?;
        self.forget_file(vault.no);
        Ok(true)
    }

    /// Ends the fork of a log if a record that the endpoint keeps names our branch and gives the key to nobody who is not in
    /// it.
    pub(super) fn look_at_fork(
        &mut self,
        write: &Write<'_>,
        vault: &StoredVault,
        me: DeviceId,
    ) -> Result<(), StoreProblem> {
        let read = write.read();
        if vault.kind != VaultKind::CaseFile || !read.has_two_histories(vault.no)? {
            return Ok(());
        }
        for (bytes, kept) in read.log(vault.no)?.iter().rev() {
            let Ok(signed) = SignedRecord::parse(bytes) else { continue };
            let Act::Resolve { rotation, other, .. } = &signed.record.act else { continue };
            if *kept && self.takes_nobodys_side(&read, vault, rotation, other)? {
                return write.end_fork(vault, me);
            }
        }
        Ok(())
    }

    fn takes_nobodys_side(
        &self,
        read: &Read<'_>,
        vault: &StoredVault,
        rotation: &Rotation,
        named: &OtherBranch,
    ) -> Result<bool, StoreProblem> {
        let (from, ours) = hashes(read, vault)?;
        let both = ours.len().min(named.records.len());
        if from != named.from || both == 0 || ours.iter().zip(&named.records).any(|(our, their)| our != their)
        {
            return Ok(false);
        }
        let last = u32::try_from(both).unwrap_or(u32::MAX).saturating_add(from).saturating_sub(1);
        let Some(branch) = other_branch(read, vault, Some(last))? else { return Ok(false) };
        let mut given = rotation.wraps.iter().map(|to| to.device);
        Ok(if ours.len() < named.records.len() {
            // Of what came later in our branch nothing is known here but that somebody signs for it.
            given.all(|device| branch.may_be_let_in(device))
        } else {
            given.all(|device| branch.is_member(device, self.organisation()))
        })
    }
}

/// The number at which the branches of a log part, and the hashes of the one that does not stand any more.
///
/// # Errors
/// [`StoreProblem::Damaged`] if what was kept cannot be read.
pub fn hashes(read: &Read<'_>, vault: &StoredVault) -> Result<(u32, Vec<Hash>), StoreProblem> {
    let records = read.other_branch(vault.no)?;
    let from = records.first().map_or(0, |(from, _)| *from);
    let hash = |bytes: &[u8]| SignedRecord::parse(bytes).map(|signed| signed.hash());
    let hashes = records.iter().map(|(_, bytes)| hash(bytes)).collect::<Result<_, _>>();
    Ok((from, hashes.map_err(|_| StoreProblem::Damaged("other branch"))?))
}

/// Keeps keys that another has opened.
///
/// # Errors
/// Only the store's own.
pub fn keep_keys(write: &Write<'_>, vault_no: i64, keys: &[Earlier]) -> Result<(), StoreProblem> {
    keys.iter().try_for_each(|earlier| match earlier.of_other_branch {
        true => write.keep_other_key(vault_no, earlier.number, earlier.key.expose()),
        false => write.keep_epoch_key(vault_no, earlier.number, earlier.key.expose()),
    })
}
