//! What an organisation's log adds up to: its devices, those that were removed, its open invitations, its epochs.
//!
//! Both ends compute it from the same records. Who a person is behind a device is not known here.

use std::collections::{BTreeMap, BTreeSet};

use super::renewal::{self, Renewal};
use super::role_change::RoleBefore;
use super::rotation::{self, InvitationWrap, Removals, Rotation};
use super::{
    Act, DeviceCard, Epoch, Epochs, LogRefusal, Record, Role, SignedRecord, joining_bytes, recovering_bytes,
};
use crate::hash::Hash;
use crate::id::{DeviceId, InvitationId, PersonId, VaultId};
use crate::limits::{INVITATION_LIFE_MS_MAX, VAULT_MEMBERS_MAX};
use crate::signing::{SealingKey, VerifyKey};

/// An invitation that has been written and not been used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenInvitation {
    /// The person as whom the device will join.
    pub person: PersonId,
    /// The role it will have.
    pub role: Role,
    /// Checks the proof.
    pub verify_key: VerifyKey,
    /// Receives the organisation's key.
    pub sealing_key: SealingKey,
    /// The device that wrote it; when that is removed, nobody joins by it any more.
    pub author: DeviceId,
    /// When it stops being valid, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

/// The state of an organisation's log: its devices and open invitations. Both ends compute it from the same records.
#[derive(Clone, Debug)]
pub struct Organisation {
    /// The organisation's own vault, by which it is named.
    pub vault: VaultId,
    /// Public half of the recovery key.
    pub recovery_key: SealingKey,
    /// Checks that whoever recovers the organisation holds its private half.
    pub recovery_verify_key: VerifyKey,
    /// Every device that has ever joined, the removed ones among them: their old work still has to verify.
    pub devices: BTreeMap<DeviceId, DeviceCard>,
    /// Devices that belong no more.
    pub removed: Removals,
    /// Devices that go on under a new name: what each was called before.
    pub renewals: BTreeMap<DeviceId, Renewal>,
    /// What the person of a device did before, oldest first; nothing for those who always did the same.
    pub role_changes: BTreeMap<DeviceId, Vec<RoleBefore>>,
    /// Devices that were let in by the recovery key.
    pub recovered: BTreeSet<DeviceId>,
    /// Invitations not used yet.
    pub invitations: BTreeMap<InvitationId, OpenInvitation>,
    /// Newest epoch.
    pub epoch: Epoch,
    /// All of them.
    pub epochs: Epochs,
    /// Number of the next record.
    pub next_number: u32,
    /// Hash of the newest record.
    pub head: Hash,
}

impl Organisation {
    /// Reads the first record of an organisation's log.
    ///
    /// # Errors
    /// [`LogRefusal`] if it does not found one or is not signed by the device it names.
    pub fn found(signed: &SignedRecord) -> Result<Self, LogRefusal> {
        let Record { vault, number, previous, author, act } = &signed.record;
        let Act::FoundOrganisation { founder, recovery_key, recovery_verify_key, epoch, .. } = act else {
            return Err(LogRefusal::NotNext);
        };
        if *number != 0 || *previous != Hash::NOTHING {
            return Err(LogRefusal::NotNext);
        }
        if founder.device != *author || founder.role != Role::Administrator || epoch.number != 1 {
            return Err(LogRefusal::NotAllowed);
        }
        signed.verify(&founder.verify_key)?;
        Ok(Self {
            vault: *vault,
            recovery_key: *recovery_key,
            recovery_verify_key: *recovery_verify_key,
            devices: BTreeMap::from([(founder.device, founder.clone())]),
            removed: Removals::new(),
            renewals: BTreeMap::new(),
            role_changes: BTreeMap::new(),
            recovered: BTreeSet::new(),
            invitations: BTreeMap::new(),
            epoch: epoch.clone(),
            epochs: Epochs::first(epoch, signed.hash()),
            next_number: 1,
            head: signed.hash(),
        })
    }

    /// Takes the next record, or leaves everything as it was. `now_ms` is the endpoint's clock when it decides whether
    /// an invitation is still valid, and `None` on devices, which trust the order and no clock.
    ///
    /// # Errors
    /// [`LogRefusal`] says why the record is not taken.
    pub fn take(&mut self, signed: &SignedRecord, now_ms: Option<i64>) -> Result<(), LogRefusal> {
        let record = &signed.record;
        if record.vault != self.vault || record.number != self.next_number || record.previous != self.head {
            return Err(LogRefusal::NotNext);
        }
        let mut begun = None;
        match &record.act {
            Act::Invite { invitation, person, role, verify_key, sealing_key, expires_at_ms, .. } => {
                let author = self.administrator(record.author)?;
                if self.invitations.contains_key(invitation) {
                    return Err(LogRefusal::NotAllowed);
                }
                // Nobody can come by one that has expired. A log that is read again was counted when it was written.
                let open = self.invitations.values();
                let open = open.filter(|open| now_ms.is_some_and(|now| now <= open.expires_at_ms)).count();
                if self.present().count().saturating_add(open) >= VAULT_MEMBERS_MAX {
                    return Err(LogRefusal::OverLimit);
                }
                let ends_too_late =
                    now_ms.is_some_and(|now| *expires_at_ms > now.saturating_add(INVITATION_LIFE_MS_MAX));
                if ends_too_late {
                    return Err(LogRefusal::Invitation);
                }
                signed.verify(&author.verify_key)?;
                let open = OpenInvitation {
                    person: *person,
                    role: *role,
                    verify_key: *verify_key,
                    sealing_key: *sealing_key,
                    author: record.author,
                    expires_at_ms: *expires_at_ms,
                };
                self.invitations.insert(*invitation, open);
            }
            Act::Join { invitation, card, proof, .. } => {
                let open = self.invitations.get(invitation).ok_or(LogRefusal::Invitation)?;
                if now_ms.is_some_and(|now| now > open.expires_at_ms) {
                    return Err(LogRefusal::Invitation);
                }
                let fits = card.device == record.author
                    && card.person == open.person
                    && card.role == open.role
                    && !self.devices.keys().any(|known| known.tag() == card.device.tag());
                if !fits {
                    return Err(LogRefusal::NotAllowed);
                }
                open.verify_key
                    .verify(&joining_bytes(self.vault, card), proof)
                    .map_err(|_| LogRefusal::BadSignature)?;
                signed.verify(&card.verify_key)?;
                self.invitations.remove(invitation);
                self.devices.insert(card.device, card.clone());
            }
            Act::Rotate { as_of, rotation, invitations } => {
                let author = self.administrator(record.author)?;
                signed.verify(&author.verify_key)?;
                if *as_of != record.number {
                    return Err(LogRefusal::NotAllowed);
                }
                self.rotate(rotation, invitations, record.author)?;
                begun = Some(&rotation.epoch);
            }
            Act::Recover { card, proof, .. } => {
                let fits = card.device == record.author
                    && card.role == Role::Administrator
                    && !self.devices.keys().any(|known| known.tag() == card.device.tag());
                if !fits {
                    return Err(LogRefusal::NotAllowed);
                }
                self.recovery_verify_key
                    .verify(&recovering_bytes(self.vault, record.previous, card), proof)
                    .map_err(|_| LogRefusal::BadSignature)?;
                signed.verify(&card.verify_key)?;
                self.recovered.insert(card.device);
                self.devices.insert(card.device, card.clone());
            }
            Act::Renew { card } => {
                renewal::check(self, card, record.author)?;
                signed.verify(&card.verify_key)?;
                let renewal = Renewal { before: record.author, number: record.number };
                self.renewals.insert(card.device, renewal);
                self.devices.insert(card.device, card.clone());
            }
            Act::ChangeRole { person, role, devices } => {
                let author = self.administrator(record.author)?;
                signed.verify(&author.verify_key)?;
                self.change_role(*person, *role, devices)?;
            }
            Act::FoundOrganisation { .. }
            | Act::FoundCaseFile { .. }
            | Act::Admit { .. }
            | Act::Resolve { .. }
            | Act::AskToErase { .. }
            | Act::KeepAfterAll { .. }
            | Act::Erase { .. }
            | Act::Farewell { .. }
            | Act::Close { .. } => {
                return Err(LogRefusal::NotAllowed);
            }
        }
        self.next_number = self.next_number.saturating_add(1);
        self.head = signed.hash();
        self.epochs.follow(self.head, begun);
        Ok(())
    }

    /// The cards of the devices that belong.
    pub fn present(&self) -> impl Iterator<Item = &DeviceCard> {
        self.devices.values().filter(|card| !self.removed.contains_key(&card.device))
    }

    /// Whether a device belongs.
    #[must_use]
    pub fn is_present(&self, device: DeviceId) -> bool {
        self.devices.contains_key(&device) && !self.removed.contains_key(&device)
    }

    /// Whether a device had been removed when the log had so many records.
    #[must_use]
    pub fn was_removed(&self, device: DeviceId, records: u32) -> bool {
        self.removed.get(&device).is_some_and(|removal| removal.number < records)
    }

    fn administrator(&self, device: DeviceId) -> Result<&DeviceCard, LogRefusal> {
        let card = self.devices.get(&device).filter(|_| self.is_present(device));
        card.filter(|card| card.role == Role::Administrator).ok_or(LogRefusal::NotAllowed)
    }

    fn rotate(
        &mut self,
        rotation: &Rotation,
        invitations: &[InvitationWrap],
        author: DeviceId,
    ) -> Result<(), LogRefusal> {
        let present: BTreeSet<DeviceId> = self.present().map(|card| card.device).collect();
        let number = self.epoch.number.saturating_add(1);
        let staying = rotation::remaining(rotation, (number, &self.epoch), &present, &BTreeSet::new())?;
        let named: BTreeSet<_> = invitations.iter().map(|to| to.invitation).collect();
        let open = |name| {
            self.invitations.get(name).is_some_and(|open: &OpenInvitation| staying.contains(&open.author))
        };
        renewal::leaves_whole(self, rotation, &present)?;
        if !staying.contains(&author) || named.len() != invitations.len() || !named.iter().all(open) {
            return Err(LogRefusal::NotAllowed);
        }
        rotation::remember(&mut self.removed, &rotation.removed, self.next_number);
        self.invitations.retain(|name, _| named.contains(name));
        self.epoch = rotation.epoch.clone();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use serde_bytes::ByteArray;

    use super::super::Wrap;
    use super::*;
    use crate::signing::Signature;

    const VAULT: VaultId = VaultId([7; 16]);
    const DAY_MS: i64 = 24 * 3600 * 1000;

    struct Keys(Ed25519KeyPair);

    impl Keys {
        fn new(seed: u8) -> Self {
            Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
        }

        fn verify_key(&self) -> VerifyKey {
            VerifyKey(self.0.public_key().as_ref().try_into().unwrap())
        }

        fn sign(&self, message: &[u8]) -> Signature {
            Signature::new(self.0.sign(message).as_ref().try_into().unwrap())
        }

        fn card(&self, device: u8, role: Role) -> DeviceCard {
            DeviceCard {
                device: DeviceId([device; 16]),
                person: PersonId([device; 16]),
                role,
                verify_key: self.verify_key(),
                sealing_key: SealingKey([device; 32]),
            }
        }
    }

    fn wrap() -> Wrap {
        Wrap { encapsulated: ByteArray::new([1; 32]), sealed: ByteArray::new([2; 48]) }
    }

    fn founded(founder: &Keys) -> Organisation {
        let act = Act::FoundOrganisation {
            founder: founder.card(1, Role::Administrator),
            recovery_key: SealingKey([3; 32]),
            recovery_verify_key: Keys::new(3).verify_key(),
            epoch: Epoch { number: 1, key_id: ByteArray::new([4; 16]), recovery: wrap() },
            wrap: wrap(),
        };
        let record =
            Record { vault: VAULT, number: 0, previous: Hash::NOTHING, author: DeviceId([1; 16]), act };
        Organisation::found(&SignedRecord::sign(record, |message| founder.sign(message)).unwrap()).unwrap()
    }

    fn next(organisation: &Organisation, author: u8, keys: &Keys, act: Act) -> SignedRecord {
        let record = Record {
            vault: VAULT,
            number: organisation.next_number,
            previous: organisation.head,
            author: DeviceId([author; 16]),
            act,
        };
        SignedRecord::sign(record, |message| keys.sign(message)).unwrap()
    }

    fn invite(invited: &Keys, role: Role, expires_at_ms: i64) -> Act {
        Act::Invite {
            invitation: InvitationId([5; 16]),
            person: PersonId([2; 16]),
            role,
            verify_key: invited.verify_key(),
            sealing_key: SealingKey([5; 32]),
            expires_at_ms,
            wrap: wrap(),
        }
    }

    fn join(card: DeviceCard, invited: &Keys) -> Act {
        let proof = invited.sign(&joining_bytes(VAULT, &card));
        Act::Join { invitation: InvitationId([5; 16]), card, proof, wrap: wrap() }
    }

    #[test]
    fn an_invitation_brings_one_device_in_and_no_second() {
        let (founder, invited, device) = (Keys::new(1), Keys::new(5), Keys::new(2));
        let mut organisation = founded(&founder);
        let signed = next(&organisation, 1, &founder, invite(&invited, Role::Mentor, DAY_MS));
        organisation.take(&signed, Some(0)).unwrap();
        let signed = next(&organisation, 2, &device, join(device.card(2, Role::Mentor), &invited));
        organisation.take(&signed, Some(DAY_MS)).unwrap();
        let again = Keys::new(9);
        let signed = next(&organisation, 9, &again, join(again.card(9, Role::Mentor), &invited));
        assert_eq!(organisation.take(&signed, Some(0)), Err(LogRefusal::Invitation));
        assert_eq!(organisation.devices.len(), 2);
    }

    #[test]
    fn nobody_joins_in_another_role_as_another_person_or_without_the_invitation() {
        let (founder, invited, device) = (Keys::new(1), Keys::new(5), Keys::new(2));
        let mut organisation = founded(&founder);
        let signed = next(&organisation, 1, &founder, invite(&invited, Role::Mentor, DAY_MS));
        organisation.take(&signed, Some(0)).unwrap();
        let before = organisation.head;
        let promoted = device.card(2, Role::Administrator);
        let somebody_else = DeviceCard { person: PersonId([8; 16]), ..device.card(2, Role::Mentor) };
        for card in [promoted, somebody_else] {
            let signed = next(&organisation, 2, &device, join(card, &invited));
            assert_eq!(organisation.take(&signed, Some(0)), Err(LogRefusal::NotAllowed));
        }
        let signed = next(&organisation, 2, &device, join(device.card(2, Role::Mentor), &device));
        assert_eq!(organisation.take(&signed, Some(0)), Err(LogRefusal::BadSignature));
        let late = next(&organisation, 2, &device, join(device.card(2, Role::Mentor), &invited));
        assert_eq!(organisation.take(&late, Some(DAY_MS + 1)), Err(LogRefusal::Invitation));
        assert_eq!(organisation.head, before);
    }

    #[test]
    fn only_administrators_invite_and_not_for_ever() {
        let (founder, invited, device) = (Keys::new(1), Keys::new(5), Keys::new(2));
        let mut organisation = founded(&founder);
        let signed =
            next(&organisation, 1, &founder, invite(&invited, Role::Mentor, INVITATION_LIFE_MS_MAX + 1));
        assert_eq!(organisation.take(&signed, Some(0)), Err(LogRefusal::Invitation));
        let signed = next(&organisation, 1, &founder, invite(&invited, Role::Mentor, DAY_MS));
        organisation.take(&signed, Some(0)).unwrap();
        let signed = next(&organisation, 2, &device, join(device.card(2, Role::Mentor), &invited));
        organisation.take(&signed, Some(0)).unwrap();
        let signed = next(&organisation, 2, &device, invite(&invited, Role::Administrator, DAY_MS));
        assert_eq!(organisation.take(&signed, Some(0)), Err(LogRefusal::NotAllowed));
    }

    #[test]
    fn a_record_that_does_not_follow_or_is_signed_by_another_changes_nothing() {
        let (founder, invited, other) = (Keys::new(1), Keys::new(5), Keys::new(6));
        let mut organisation = founded(&founder);
        let forged = next(&organisation, 1, &other, invite(&invited, Role::Administrator, DAY_MS));
        assert_eq!(organisation.take(&forged, Some(0)), Err(LogRefusal::BadSignature));
        let signed = next(&organisation, 1, &founder, invite(&invited, Role::Mentor, DAY_MS));
        organisation.take(&signed, Some(0)).unwrap();
        assert_eq!(organisation.take(&signed, Some(0)), Err(LogRefusal::NotNext));
        assert_eq!(organisation.next_number, 2);
    }
}
