//! A device that goes on under a new name, because a copy of its store was used: who it was, and what follows from that.
//!
//! Same person, same keys, same vaults. Every name is a member for itself; only nobody has to let the new one in again, and
//! whoever is removed under one name is removed under all.

use std::collections::BTreeSet;

use super::{DeviceCard, LogRefusal, Organisation, Rotation};
use crate::id::DeviceId;
use crate::limits::DEVICE_NAMES_MAX;

/// What a device was called before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Its name before.
    pub before: DeviceId,
    /// Number of the record that says so.
    pub number: u32,
}

impl Organisation {
    /// A device's name and those that it had before, newest first.
    pub fn names_of(&self, device: DeviceId) -> impl Iterator<Item = DeviceId> + '_ {
        std::iter::successors(Some(device), |name| self.renewals.get(name).map(|renewal| renewal.before))
    }

    /// The name under which a device first joined.
    #[must_use]
    pub fn root_of(&self, device: DeviceId) -> DeviceId {
        self.names_of(device).last().unwrap_or(device)
    }

    /// Every name that a device ever had or took, under whichever of them it is asked for.
    #[must_use]
    pub fn line_of(&self, device: DeviceId) -> Vec<DeviceId> {
        let root = self.root_of(device);
        self.devices.keys().copied().filter(|name| self.root_of(*name) == root).collect()
    }
}

/// Checks that a card is its author's own under a name that nobody has, and that it is not one name too many.
pub(super) fn check(
    organisation: &Organisation,
    card: &DeviceCard,
    author: DeviceId,
) -> Result<(), LogRefusal> {
    let before = organisation.devices.get(&author).filter(|_| organisation.is_present(author));
    let before = before.ok_or(LogRefusal::NotAllowed)?;
    let is_new = !organisation.devices.keys().any(|known| known.tag() == card.device.tag());
    if !is_new || *card != (DeviceCard { device: card.device, ..before.clone() }) {
        return Err(LogRefusal::NotAllowed);
    }
    if organisation.line_of(author).len() >= DEVICE_NAMES_MAX {
        return Err(LogRefusal::OverLimit);
    }
    Ok(())
}

/// Checks that whoever leaves does so under every name that is a member.
pub(super) fn leaves_whole(
    organisation: &Organisation,
    rotation: &Rotation,
    members: &BTreeSet<DeviceId>,
) -> Result<(), LogRefusal> {
    let leaving: BTreeSet<DeviceId> = rotation.removed.iter().map(|left| left.device).collect();
    let roots: BTreeSet<DeviceId> = leaving.iter().map(|device| organisation.root_of(*device)).collect();
    let half =
        |member: &DeviceId| roots.contains(&organisation.root_of(*member)) && !leaving.contains(member);
    if members.iter().any(half) { Err(LogRefusal::NotAllowed) } else { Ok(()) }
}

/// New names and the ones before them, as the first so many records of the log have them, in the order of the log.
pub(super) fn in_order(organisation: &Organisation, records: u32) -> Vec<(DeviceId, DeviceId)> {
    let known = organisation.renewals.iter().filter(|(_, renewal)| renewal.number < records);
    let mut known: Vec<_> = known.collect();
    known.sort_by_key(|(_, renewal)| renewal.number);
    known.into_iter().map(|(device, renewal)| (*device, renewal.before)).collect()
}
