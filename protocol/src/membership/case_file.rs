//! What the log of a case's file adds up to: the devices that can read it, those that have left, and its epochs.
//!
//! Both ends compute it from the same records. Whose case it is stands in sealed edits and not here.

use std::collections::{BTreeMap, BTreeSet};

use super::departure::{self, Departure, Departures};
use super::erasure::{self, Asking};
use super::renewal;
use super::rotation::{self, Leaving, Removals, Rotation};
use super::{Act, Epoch, Epochs, LogRefusal, MemberWrap, Organisation, Record, Role, SignedRecord};
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
    /// Devices that have handed it on and have not said their last word.
    pub departing: Departures,
    /// Devices that read it again after they had handed it on: the newest epoch under which they wrote meanwhile, whatever the
    /// log said by then.
    pub returned: BTreeMap<DeviceId, u32>,
    /// Devices that could read it once, and what of theirs counts. Whom the organisation removed never comes back.
    pub removed: Removals,
    /// Newest epoch.
    pub epoch: Epoch,
    /// All of them.
    pub epochs: Epochs,
    /// Who has asked that it be erased, as long as nobody has taken that back.
    pub asked: Option<Asking>,
    /// Whether it has been erased: then nothing follows.
    pub erased: bool,
    /// Number of the next record.
    pub next_number: u32,
    /// Hash of the newest record.
    pub head: Hash,
    /// How much of the organisation's log the authors had so far.
    as_of: u32,
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
            departing: Departures::new(),
            returned: BTreeMap::new(),
            removed: Removals::new(),
            epoch: epoch.clone(),
            epochs: Epochs::first(epoch, signed.hash()),
            asked: None,
            erased: false,
            next_number: 1,
            head: signed.hash(),
            as_of: 0,
        };
        // Whoever opens a case without signal may not have heard of a removal; the next member puts that right.
        file.admit(wraps, organisation, VAULT_MEMBERS_MAX)?;
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
        let Some(as_of) = known_by_author(&record.act).filter(|_| !self.erased) else {
            return Err(LogRefusal::NotAllowed);
        };
        // Who had been removed is decided by what the author could know, so that it is decided alike for ever; and nobody
        // can know less than those who wrote before.
        if as_of > organisation.next_number {
            return Err(LogRefusal::NotNext);
        }
        let mut next = self.clone();
        next.inherit(organisation, as_of);
        let is_member = next.members.contains(&record.author);
        let bids_farewell = matches!(record.act, Act::Farewell { .. })
            && next.departure_of(record.author, organisation).is_some();
        let may = is_member || bids_farewell || organisation.recovered.contains(&record.author);
        if !may || as_of < self.as_of || organisation.was_removed(record.author, as_of) {
            return Err(LogRefusal::NotAllowed);
        }
        let author = organisation.devices.get(&record.author).ok_or(LogRefusal::NotAllowed)?;
        signed.verify(&author.verify_key)?;
        let role = organisation.role_at(record.author, as_of).unwrap_or(author.role);
        let mut begun = None;
        match &record.act {
            Act::Admit { wraps, .. } => {
                let gone = wraps.iter().any(|to| organisation.was_removed(to.device, as_of));
                let alone = wraps.iter().all(|to| to.device == record.author);
                if gone || !(is_member || alone) {
                    return Err(LogRefusal::NotAllowed);
                }
                // Whoever holds the recovery key gets in, however full it is.
                let most = if is_member { VAULT_MEMBERS_MAX } else { usize::MAX };
                next.admit(wraps, organisation, most)?;
            }
            Act::Rotate { rotation, invitations, .. } => {
                if !invitations.is_empty() || !is_member {
                    return Err(LogRefusal::NotAllowed);
                }
                let of_organisation = |device| organisation.was_removed(device, as_of);
                let over = |device| of_organisation(device) || organisation.stepped_down(device, as_of);
                let decided = rotation.removed.iter().all(|left| over(left.device));
                if !decided && !is_coordinator(role) {
                    return Err(LogRefusal::NotAllowed);
                }
                let members = next.members.iter().copied().collect();
                renewal::leaves_whole(organisation, rotation, &members)?;
                let number = next.epoch.number.saturating_add(1);
                next.rotate(rotation, number, record.author, of_organisation)?;
                begun = Some(&rotation.epoch);
            }
            Act::Resolve { rotation, other, .. } => {
                if !is_member || !is_coordinator(role) {
                    return Err(LogRefusal::NotAllowed);
                }
                let members = next.members.iter().copied().collect();
                let whole = other.as_rotation(rotation, &members);
                renewal::leaves_whole(organisation, &whole, &members)?;
                let stranger = |apart: &Leaving| !organisation.devices.contains_key(&apart.device);
                if other.apart.iter().any(stranger) {
                    return Err(LogRefusal::NotAllowed);
                }
                let number = other.next_epoch(&next.epoch)?;
                let mut removed = next.removed.clone();
                other.remember(&mut removed, next.next_number)?;
                next.rotate(&whole, number, record.author, |device| organisation.was_removed(device, as_of))?;
                // Whoever is in one branch alone was removed by nobody. Of whom the other branch took out, this one knows no
                // departure.
                rotation::remember(&mut removed, &rotation.removed, next.next_number);
                next.departing.retain(|device, _| !removed.contains_key(device));
                next.removed = removed;
                // Whoever knew the other branch alone has not heard of it.
                next.asked = None;
                begun = Some(&rotation.epoch);
            }
            Act::AskToErase { .. } | Act::KeepAfterAll { .. } | Act::Erase { .. } => {
                if !is_member || !is_coordinator(role) {
                    return Err(LogRefusal::NotAllowed);
                }
                next.asked = erasure::next(&record.act, self.asked, author.person, record.number)?;
                next.erased = matches!(record.act, Act::Erase { .. });
            }
            Act::Farewell { left, .. } => {
                let own = organisation.line_of(record.author);
                if !bids_farewell || !left.iter().all(|left| own.contains(&left.device)) {
                    return Err(LogRefusal::NotAllowed);
                }
                let ended = (&mut next.departing, &mut next.removed);
                departure::end(ended, left, record.number, organisation)?;
            }
            Act::Close { left, .. } => {
                let of_organisation = |left: &Leaving| organisation.was_removed(left.device, as_of);
                let decided = left.iter().all(of_organisation);
                if !is_member || !(decided || is_coordinator(role)) {
                    return Err(LogRefusal::NotAllowed);
                }
                let ended = (&mut next.departing, &mut next.removed);
                departure::end(ended, left, record.number, organisation)?;
                for left in left.iter().filter(|left| of_organisation(left)) {
                    if let Some(removal) = next.removed.get_mut(&left.device) {
                        removal.may_return = false;
                    }
                }
            }
            _ => return Err(LogRefusal::NotAllowed),
        }
        next.as_of = as_of;
        next.next_number = self.next_number.saturating_add(1);
        next.head = signed.hash();
        next.epochs.follow(next.head, begun);
        *self = next;
        Ok(())
    }

    /// Lets every device that a member has become since read as well, as far as the first so many records of the
    /// organisation's log say.
    pub fn inherit(&mut self, organisation: &Organisation, records: u32) {
        let too_new = |member: &DeviceId| {
            organisation.renewals.get(member).is_some_and(|renewal| renewal.number >= records)
        };
        self.members.retain(|member| !too_new(member));
        for (device, before) in renewal::in_order(organisation, records) {
            let stays = self.members.contains(&before) && !self.members.contains(&device);
            if stays && !self.removed.contains_key(&device) {
                self.members.push(device);
            }
        }
    }

    /// Whether a device can read it, under whatever name it was let in.
    #[must_use]
    pub fn is_member(&self, device: DeviceId, organisation: &Organisation) -> bool {
        let mut names = organisation.names_of(device);
        !self.removed.contains_key(&device) && names.any(|name| self.members.contains(&name))
    }

    /// Since when a device departs that has handed the case on, under whatever name it was let in; nothing once it has said
    /// its last word or can read the file again.
    #[must_use]
    pub fn departure_of(&self, device: DeviceId, organisation: &Organisation) -> Option<&Departure> {
        if self.removed.contains_key(&device) || self.is_member(device, organisation) {
            return None;
        }
        departure::of(&self.departing, device, organisation)
    }

    /// The newest epoch under which a device that reads the file again wrote while it did not; `None` if it never handed it on.
    #[must_use]
    pub fn returned_from(&self, device: DeviceId, organisation: &Organisation) -> Option<u32> {
        let mut names = organisation.names_of(device);
        names.find_map(|name| self.returned.get(&name)).copied()
    }

    /// Devices that depart although the organisation has removed them: somebody has to say where their work ends.
    #[must_use]
    pub fn has_to_be_closed(&self, organisation: &Organisation) -> Vec<DeviceId> {
        let gone = |device: &DeviceId| organisation.removed.contains_key(device);
        self.departing.keys().copied().filter(gone).collect()
    }

    /// Members whom the organisation has removed: the file's key is still theirs.
    #[must_use]
    pub fn has_to_leave(&self, organisation: &Organisation) -> Vec<DeviceId> {
        self.members.iter().copied().filter(|member| organisation.removed.contains_key(member)).collect()
    }

    /// Whether a device that is no member may become one: nobody who was removed comes back.
    #[must_use]
    pub fn may_be_let_in(&self, device: DeviceId) -> bool {
        self.removed.get(&device).is_none_or(|removal| removal.may_return)
    }

    fn admit(
        &mut self,
        wraps: &[MemberWrap],
        organisation: &Organisation,
        most: usize,
    ) -> Result<(), LogRefusal> {
        if self.members.len() + wraps.len() > most {
            return Err(LogRefusal::OverLimit);
        }
        for MemberWrap { device, .. } in wraps {
            let known = organisation.devices.contains_key(device);
            if !known || self.members.contains(device) || !self.may_be_let_in(*device) {
                return Err(LogRefusal::NotAllowed);
            }
            let departed = self.departing.remove(device).map(|departure| departure.epoch);
            let departed = departed.or(self.removed.remove(device).and_then(|removal| removal.departed));
            if let Some(epoch) = departed {
                self.returned.insert(*device, epoch);
            }
            self.members.push(*device);
        }
        Ok(())
    }

    fn rotate(
        &mut self,
        rotation: &Rotation,
        number: u32,
        author: DeviceId,
        is_gone: impl Fn(DeviceId) -> bool,
    ) -> Result<(), LogRefusal> {
        let members: BTreeSet<DeviceId> = self.members.iter().copied().collect();
        let gone: BTreeSet<_> = members.iter().copied().filter(|member| is_gone(*member)).collect();
        let staying = rotation::remaining(rotation, (number, &self.epoch), &members, &gone)?;
        if !staying.contains(&author) {
            return Err(LogRefusal::NotAllowed);
        }
        let (gone, departing): (Vec<&Leaving>, Vec<&Leaving>) =
            rotation.removed.iter().partition(|left| gone.contains(&left.device));
        rotation::remember(&mut self.removed, gone, self.next_number);
        let departure = Departure { number: self.next_number, epoch: self.epoch.number };
        self.departing.extend(departing.into_iter().map(|left| (left.device, departure)));
        if self.departing.len() > VAULT_MEMBERS_MAX {
            return Err(LogRefusal::OverLimit);
        }
        self.members.retain(|member| staying.contains(member));
        self.epoch = rotation.epoch.clone();
        Ok(())
    }
}

/// How many records of the organisation's log the author of a record had, if it is one that continues a case's file.
const fn known_by_author(act: &Act) -> Option<u32> {
    match act {
        Act::Admit { as_of, .. }
        | Act::Rotate { as_of, .. }
        | Act::Resolve { as_of, .. }
        | Act::AskToErase { as_of }
        | Act::KeepAfterAll { as_of }
        | Act::Erase { as_of, .. }
        | Act::Farewell { as_of, .. }
        | Act::Close { as_of, .. } => Some(*as_of),
        _ => None,
    }
}

/// Whether a role may take a colleague's device out of a file of its own accord.
const fn is_coordinator(role: Role) -> bool {
    match role {
        Role::Supervisor | Role::Safeguarding | Role::Administrator => true,
        Role::Mentor => false,
    }
}
