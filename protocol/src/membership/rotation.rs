//! A fresh key for those who stay: who leaves a vault, what of theirs still counts, and who holds the key from then on.
//!
//! One record does all of it, so that nobody is ever half removed. Whether a wrap opens is for its reader to find out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::{Epoch, LogRefusal, MemberWrap, Wrap};
use crate::hash::Hash;
use crate::id::{DeviceId, InvitationId};
use crate::lane::Lane;
use crate::segment::Head;

/// The last segment of one lane that still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneCut {
    /// Wire code of the lane.
    pub lane_code: u8,
    /// Number of its last edit, at least 1.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

/// A device that leaves a vault. Of one that hands a case on nothing is cut off: it departs, and the cut says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// Which.
    pub device: DeviceId,
    /// What it wrote that counts, one for each lane in which anything does.
    pub cut: Vec<LaneCut>,
}

/// A new epoch of a vault's key, and who leaves with the old one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Who leaves; nobody for a plain change of the key.
    pub removed: Vec<Leaving>,
    /// The new epoch.
    pub epoch: Epoch,
    /// Its key for every device that stays, and for no other.
    pub wraps: Vec<MemberWrap>,
    /// The key of the epoch before, sealed under the new one, so that whoever comes later reads the history.
    pub before: ByteArray<48>,
}

/// The new key for the holder of an open invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationWrap {
    /// The invitation, which stays open; one that is not named is void.
    pub invitation: InvitationId,
    /// The key.
    pub wrap: Wrap,
}

/// How a device left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Number of the record that removed it.
    pub number: u32,
    /// What it wrote that counts.
    pub cut: Vec<LaneCut>,
    /// Whether it can be let in again: it handed the case on, or was a member in one branch of a fork alone, and nobody
    /// removed it.
    pub may_return: bool,
    /// If it handed the case on: the newest epoch under which it could still write, whatever the log said by then.
    pub departed: Option<u32>,
}

/// Who has left a vault.
pub type Removals = BTreeMap<DeviceId, Removal>;

impl Removal {
    /// Where a lane ends for good; the start if nothing in it counts.
    #[must_use]
    pub fn end_of(&self, lane: Lane) -> Head {
        let cut = self.cut.iter().find(|cut| cut.lane_code == lane.code());
        cut.map_or(Head::START, |cut| Head { seq: cut.seq, hash: cut.hash })
    }

    /// Whether a segment that ends at `head` still counts: it lies before the cut, or is the very one that the cut names.
    #[must_use]
    pub fn keeps(&self, lane: Lane, head: Head) -> bool {
        let end = self.end_of(lane);
        head.seq < end.seq || head == end
    }
}

/// What a rotation that begins the epoch `number` leaves of a vault's members, if it may stand. `gone` are members whom the organisation has removed:
/// they have to leave.
pub(super) fn remaining(
    rotation: &Rotation,
    (number, newest): (u32, &Epoch),
    members: &BTreeSet<DeviceId>,
    gone: &BTreeSet<DeviceId>,
) -> Result<BTreeSet<DeviceId>, LogRefusal> {
    let Rotation { removed, epoch, wraps, .. } = rotation;
    if epoch.number != number || epoch.key_id == newest.key_id {
        return Err(LogRefusal::NotAllowed);
    }
    if is_empty(&epoch.recovery) {
        return Err(LogRefusal::NotAllowed);
    }
    let leaving: BTreeSet<DeviceId> = removed.iter().map(|leaving| leaving.device).collect();
    let sound = leaving.len() == removed.len()
        && leaving.is_subset(members)
        && removed.iter().all(|leaving| is_sound(&leaving.cut));
    let staying: BTreeSet<DeviceId> = members.difference(&leaving).copied().collect();
    let wrapped: BTreeSet<DeviceId> = wraps.iter().map(|member| member.device).collect();
    let nobody_forgotten = staying.is_subset(&wrapped);
    let nobody_gone = gone.is_subset(&leaving) && wrapped.is_subset(&staying);
    if sound && nobody_forgotten && nobody_gone && wrapped.len() == wraps.len() {
        Ok(staying)
    } else {
        Err(LogRefusal::NotAllowed)
    }
}

/// Remembers who has left for good.
pub(super) fn remember<'l>(
    removals: &mut Removals,
    left: impl IntoIterator<Item = &'l Leaving>,
    number: u32,
) {
    let removal =
        |left: &Leaving| Removal { number, cut: left.cut.clone(), may_return: false, departed: None };
    removals.extend(left.into_iter().map(|left| (left.device, removal(left))));
}

pub(super) fn is_sound(cut: &[LaneCut]) -> bool {
    let lanes: BTreeSet<u8> = cut.iter().map(|cut| cut.lane_code).collect();
    lanes.len() == cut.len() && cut.iter().all(|cut| cut.seq > 0 && Lane::from_code(cut.lane_code).is_some())
}

/// Nothing was sealed at all. More than that only somebody who holds the key can find out, and does.
fn is_empty(wrap: &Wrap) -> bool {
    wrap.encapsulated.iter().all(|byte| *byte == 0) || wrap.sealed.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
pub(super) mod tests;
