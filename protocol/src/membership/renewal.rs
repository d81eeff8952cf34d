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

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_bytes::ByteArray;

    use super::super::{Act, Epoch, Record, Role, SignedRecord, Wrap};
    use super::*;
    use crate::hash::Hash;
    use crate::id::{PersonId, VaultId};
    use crate::signing::{SealingKey, Signature, VerifyKey};

    const VAULT: VaultId = VaultId([7; 16]);

    fn sign(record: Record) -> SignedRecord {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let sign = |message: &[u8]| Signature::new(pair.sign(message).as_ref().try_into().unwrap());
        SignedRecord::sign(record, sign).unwrap()
    }

    fn card(device: u8) -> DeviceCard {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        DeviceCard {
            device: DeviceId([device; 16]),
            person: PersonId([1; 16]),
            role: Role::Administrator,
            verify_key: VerifyKey(pair.public_key().as_ref().try_into().unwrap()),
            sealing_key: SealingKey([1; 32]),
        }
    }

    fn founded() -> Organisation {
        let wrap = Wrap { encapsulated: ByteArray::new([1; 32]), sealed: ByteArray::new([2; 48]) };
        let act = Act::FoundOrganisation {
            founder: card(1),
            recovery_key: SealingKey([3; 32]),
            recovery_verify_key: card(1).verify_key,
            epoch: Epoch { number: 1, key_id: ByteArray::new([4; 16]), recovery: wrap.clone() },
            wrap,
        };
        let author = DeviceId([1; 16]);
        let record = Record { vault: VAULT, number: 0, previous: Hash::NOTHING, author, act };
        Organisation::found(&sign(record)).unwrap()
    }

    fn renew(organisation: &mut Organisation, before: u8, card: DeviceCard) -> Result<(), LogRefusal> {
        let record = Record {
            vault: VAULT,
            number: organisation.next_number,
            previous: organisation.head,
            author: DeviceId([before; 16]),
            act: Act::Renew { card },
        };
        organisation.take(&sign(record), None)
    }

    #[test]
    fn a_device_goes_on_as_itself_under_a_name_that_nobody_has() {
        let mut organisation = founded();
        for other in [
            card(1),
            DeviceCard { role: Role::Mentor, ..card(2) },
            DeviceCard { person: PersonId([2; 16]), ..card(2) },
            DeviceCard { sealing_key: SealingKey([2; 32]), ..card(2) },
        ] {
            assert_eq!(renew(&mut organisation, 1, other), Err(LogRefusal::NotAllowed));
        }
        assert_eq!(renew(&mut organisation, 9, card(2)), Err(LogRefusal::NotAllowed));
        renew(&mut organisation, 1, card(2)).unwrap();
        renew(&mut organisation, 2, card(3)).unwrap();
        renew(&mut organisation, 1, card(4)).unwrap();
        assert_eq!(organisation.root_of(DeviceId([3; 16])), DeviceId([1; 16]));
        let line: Vec<u8> = organisation.line_of(DeviceId([4; 16])).iter().map(|name| name.0[0]).collect();
        assert_eq!(line, [1, 2, 3, 4]);
    }

    #[test]
    fn a_device_runs_out_of_names() {
        let mut organisation = founded();
        for name in 2..=DEVICE_NAMES_MAX as u8 {
            renew(&mut organisation, 1, card(name)).unwrap();
        }
        assert_eq!(renew(&mut organisation, 1, card(99)), Err(LogRefusal::OverLimit));
    }
}
