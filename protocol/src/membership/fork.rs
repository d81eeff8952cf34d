//! Ending a fork: one record that goes on from one branch, names the other, and leaves the key with those who are in both.
//!
//! To whoever knows one branch it is a change of the key like any other; whoever knows both checks that it takes nobody's
//! side.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::rotation::{self, Leaving, Removal, Removals, Rotation};
use super::{Epoch, LogRefusal};
use crate::hash::Hash;
use crate::id::DeviceId;
use crate::limits::{FORK_EPOCHS_MAX, FORK_RECORDS_MAX};

/// A key of the branch that ends, for those who hold the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedEpoch {
    /// Number of its epoch; the branch that goes on may have another epoch of this number.
    pub number: u32,
    /// Commits to the key.
    pub key_id: ByteArray<16>,
    /// The key, sealed under the new one.
    pub sealed: ByteArray<48>,
}

/// The branch of a log that ends with a fork's resolution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherBranch {
    /// Number of its first record, where the branches part.
    pub from: u32,
    /// Hashes of its records, so that whoever knows a part of it knows it for the same.
    pub records: Vec<Hash>,
    /// Devices that are members in one branch alone: what of theirs counts. Nobody removed them, so they can be let in again.
    pub apart: Vec<Leaving>,
    /// Its keys that the branch which goes on does not have.
    pub epochs: Vec<SealedEpoch>,
}

impl OtherBranch {
    /// Number of the epoch that ends the fork: behind those of both branches.
    pub(super) fn next_epoch(&self, newest: &Epoch) -> Result<u32, LogRefusal> {
        if !(1..=FORK_RECORDS_MAX).contains(&self.records.len()) {
            return Err(LogRefusal::OverLimit);
        }
        let most = newest.number.saturating_add(FORK_EPOCHS_MAX);
        if self.epochs.len() > FORK_EPOCHS_MAX as usize || self.epochs.iter().any(|one| one.number > most) {
            return Err(LogRefusal::OverLimit);
        }
        Ok(number_after(newest.number, self.epochs.iter().map(|one| one.number)))
    }

    /// A change of the key by which everybody leaves who is not in both branches.
    pub(super) fn as_rotation(&self, rotation: &Rotation, members: &BTreeSet<DeviceId>) -> Rotation {
        let mut whole = rotation.clone();
        whole.removed.extend(self.apart.iter().filter(|apart| members.contains(&apart.device)).cloned());
        whole
    }

    /// Remembers what counts of those who are in one branch alone.
    pub(super) fn remember(&self, removals: &mut Removals, number: u32) -> Result<(), LogRefusal> {
        let names: BTreeSet<_> = self.apart.iter().map(|apart| apart.device).collect();
        if names.len() != self.apart.len() || names.iter().any(|name| removals.contains_key(name)) {
            return Err(LogRefusal::NotAllowed);
        }
        for apart in &self.apart {
            if !rotation::is_sound(&apart.cut) {
                return Err(LogRefusal::NotAllowed);
            }
            let removal = Removal { number, cut: apart.cut.clone(), may_return: true, departed: None };
            removals.insert(apart.device, removal);
        }
        Ok(())
    }
}

/// The number of an epoch behind the newest of one branch and all that only the other has.
#[must_use]
pub fn number_after(newest: u32, others: impl IntoIterator<Item = u32>) -> u32 {
    others.into_iter().fold(newest, u32::max).saturating_add(1)
}
