//! Writing membership records: founding an organisation or the file of a case, inviting, joining, letting others read.
//!
//! Makes and signs records and keys. Whether the endpoint takes them, and where they are kept, is not known here.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use fieldfare_protocol::membership::{
    Act, CaseFile, DeviceCard, Epoch, Leaving, MemberWrap, OpenInvitation, Organisation, Record, Role,
    Rotation, SignedRecord, joining_bytes, recovering_bytes,
};
use fieldfare_protocol::signing::SealingKey;
use fieldfare_protocol::wire::Malformed;
use serde_bytes::ByteArray;

use super::identity::{Identity, KeyProblem};
use super::invitation::Invitation;
use super::secret::Secret;
use super::wrap::{Reader, WrapContext, WrapProblem, key_id, recovery_wrap, unwrap, wrap};
use crate::ports::{Entropy, NoEntropy};

/// Why a record of membership cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembersProblem {
    /// A key cannot be sealed or opened.
    #[error(transparent)]
    Wrap(#[from] WrapProblem),
    /// There is no randomness to make a key of.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// A key makes no sense.
    #[error(transparent)]
    Key(#[from] KeyProblem),
    /// More members than one record holds.
    #[error("the record is too large")]
    TooLarge,
    /// The invitation is not in the log.
    #[error("the invitation is not in the log")]
    NoInvitation,
}

impl From<Malformed> for MembersProblem {
    fn from(_: Malformed) -> Self {
        Self::TooLarge
    }
}

/// Who writes: a device and its keys.
#[derive(Clone, Copy)]
pub struct Signer<'k> {
    /// The device.
    pub device: DeviceId,
    /// Its keys.
    pub identity: &'k Identity,
}

impl Signer<'_> {
    pub(super) fn sign(
        &self,
        vault: VaultId,
        number: u32,
        previous: Hash,
        act: Act,
    ) -> Result<SignedRecord, MembersProblem> {
        let record = Record { vault, number, previous, author: self.device, act };
        Ok(SignedRecord::sign(record, |message| self.identity.sign(message))?)
    }
}

/// A device's card: what the organisation knows of it.
#[must_use]
pub const fn card(signer: &Signer<'_>, person: PersonId, role: Role) -> DeviceCard {
    DeviceCard {
        device: signer.device,
        person,
        role,
        verify_key: signer.identity.verify_key(),
        sealing_key: signer.identity.sealing_key(),
    }
}

/// The first record of an organisation's log, and the key of its first epoch.
///
/// # Errors
/// [`MembersProblem`], of which only missing randomness can happen.
pub fn found_organisation(
    vault: VaultId,
    founder: &Signer<'_>,
    person: PersonId,
    recovery: &Identity,
    entropy: &dyn Entropy,
) -> Result<(SignedRecord, Secret<32>), MembersProblem> {
    let (recovery_key, recovery_verify_key) = (recovery.sealing_key(), recovery.verify_key());
    let key = Secret::random(entropy)?;
    let founder_card = card(founder, person, Role::Administrator);
    let wrap = wrap_for(&key, vault, 1, Reader::Device(founder.device), &founder_card.sealing_key, entropy)?;
    let epoch = first_epoch(&key, vault, &recovery_key)?;
    let act =
        Act::FoundOrganisation { founder: founder_card, recovery_key, recovery_verify_key, epoch, wrap };
    Ok((founder.sign(vault, 0, Hash::NOTHING, act)?, key))
}

/// The first record of a case file's log, and the key of its first epoch. The author is always among its readers.
///
/// # Errors
/// [`MembersProblem`].
pub fn found_case_file(
    vault: VaultId,
    author: &Signer<'_>,
    readers: &[DeviceId],
    organisation: &Organisation,
    entropy: &dyn Entropy,
) -> Result<(SignedRecord, Secret<32>), MembersProblem> {
    let key = Secret::random(entropy)?;
    let mut everybody = vec![author.device];
    everybody.extend(readers.iter().filter(|reader| **reader != author.device));
    let wraps = wraps_for(&key, vault, 1, &everybody, organisation, entropy)?;
    let epoch = first_epoch(&key, vault, &organisation.recovery_key)?;
    Ok((author.sign(vault, 0, Hash::NOTHING, Act::FoundCaseFile { epoch, wraps })?, key))
}

/// The next record of a case file's log: lets further devices read it. `None` if nothing can be sealed to any of them.
/// `as_of` is how many records of the organisation's log the endpoint is known to have.
///
/// # Errors
/// [`MembersProblem`].
pub fn admit(
    file: &CaseFile,
    as_of: u32,
    key: &Secret<32>,
    author: &Signer<'_>,
    readers: &[DeviceId],
    organisation: &Organisation,
    entropy: &dyn Entropy,
) -> Result<Option<SignedRecord>, MembersProblem> {
    let wraps = wraps_for(key, file.vault, file.epoch.number, readers, organisation, entropy)?;
    if wraps.is_empty() {
        return Ok(None);
    }
    author.sign(file.vault, file.next_number, file.head, Act::Admit { as_of, wraps }).map(Some)
}

/// The next record of a case file's log: the last word of devices that have handed the case on. The author's own is a
/// farewell, anybody else's is closed by somebody who coordinates, or who found them removed.
///
/// # Errors
/// [`MembersProblem`].
pub fn end_departure(
    file: &CaseFile,
    as_of: u32,
    left: Vec<Leaving>,
    author: &Signer<'_>,
    organisation: &Organisation,
) -> Result<SignedRecord, MembersProblem> {
    let own = organisation.line_of(author.device);
    let act = match left.iter().all(|left| own.contains(&left.device)) {
        true => Act::Farewell { as_of, left },
        false => Act::Close { as_of, left },
    };
    author.sign(file.vault, file.next_number, file.head, act)
}

/// The next record of an organisation's log: invites one person.
///
/// # Errors
/// [`MembersProblem`].
pub fn invite(
    organisation: &Organisation,
    key: &Secret<32>,
    author: &Signer<'_>,
    invitation: &Invitation,
    person: PersonId,
    role: Role,
    entropy: &dyn Entropy,
) -> Result<SignedRecord, MembersProblem> {
    let identity = invitation.identity()?;
    let (vault, epoch) = (organisation.vault, organisation.epoch.number);
    let reader = Reader::Invitation(invitation.invitation);
    let act = Act::Invite {
        invitation: invitation.invitation,
        person,
        role,
        verify_key: identity.verify_key(),
        sealing_key: identity.sealing_key(),
        expires_at_ms: invitation.expires_at_ms,
        wrap: wrap_for(key, vault, epoch, reader, &identity.sealing_key(), entropy)?,
    };
    author.sign(vault, organisation.next_number, organisation.head, act)
}

/// The next record of an organisation's log: a new device joins by an invitation that stands open in `organisation`.
/// `log` are the records that state was computed from. Also returns the organisation's key.
///
/// # Errors
/// [`MembersProblem::NoInvitation`] if it does not stand open.
pub fn join(
    organisation: &Organisation,
    log: &[SignedRecord],
    newcomer: &Signer<'_>,
    invitation: &Invitation,
    entropy: &dyn Entropy,
) -> Result<(SignedRecord, Secret<32>, OpenInvitation), MembersProblem> {
    let open = organisation.invitations.get(&invitation.invitation).ok_or(MembersProblem::NoInvitation)?;
    // The newest key that was sealed to it: it may have changed since the invitation was written.
    let sealed = log.iter().rev().find_map(|signed| match &signed.record.act {
        Act::Invite { invitation: name, wrap, .. } if *name == invitation.invitation => Some(wrap),
        Act::Rotate { invitations, .. } => {
            invitations.iter().find(|to| to.invitation == invitation.invitation).map(|to| &to.wrap)
        }
        _ => None,
    });
    let sealed = sealed.ok_or(MembersProblem::NoInvitation)?;
    let identity = invitation.identity()?;
    let (vault, epoch) = (organisation.vault, organisation.epoch.number);
    let context = WrapContext { vault, epoch, reader: Reader::Invitation(invitation.invitation) };
    let key = unwrap(sealed, &identity, &context, &organisation.epoch.key_id)?;
    let card = card(newcomer, open.person, open.role);
    let act = Act::Join {
        invitation: invitation.invitation,
        proof: identity.sign(&joining_bytes(vault, &card)),
        wrap: wrap_for(&key, vault, epoch, Reader::Device(newcomer.device), &card.sealing_key, entropy)?,
        card,
    };
    Ok((newcomer.sign(vault, organisation.next_number, organisation.head, act)?, key, open.clone()))
}

/// The next record of an organisation's log: a device goes on under a new name.
///
/// # Errors
/// [`MembersProblem::NoInvitation`] if the organisation does not know the device.
pub fn renew(
    organisation: &Organisation,
    author: &Signer<'_>,
    name: DeviceId,
) -> Result<SignedRecord, MembersProblem> {
    let card = organisation.devices.get(&author.device).ok_or(MembersProblem::NoInvitation)?;
    let act = Act::Renew { card: DeviceCard { device: name, ..card.clone() } };
    author.sign(organisation.vault, organisation.next_number, organisation.head, act)
}

/// The next record of a case file's log that brings no key.
///
/// # Errors
/// [`MembersProblem::TooLarge`] for more than one record holds.
pub fn next_of_file(file: &CaseFile, author: &Signer<'_>, act: Act) -> Result<SignedRecord, MembersProblem> {
    author.sign(file.vault, file.next_number, file.head, act)
}

/// The next record of an organisation's log: a person gets another role, on all their devices.
///
/// # Errors
/// [`MembersProblem::TooLarge`] for more devices than one record holds.
pub fn change_role(
    organisation: &Organisation,
    author: &Signer<'_>,
    person: PersonId,
    role: Role,
    devices: Vec<DeviceId>,
) -> Result<SignedRecord, MembersProblem> {
    let act = Act::ChangeRole { person, role, devices };
    author.sign(organisation.vault, organisation.next_number, organisation.head, act)
}

/// The next record of an organisation's log: a new administrator's device, let in by the recovery key. Also returns the
/// organisation's key.
///
/// # Errors
/// [`MembersProblem`].
pub fn recover(
    organisation: &Organisation,
    newcomer: &Signer<'_>,
    person: PersonId,
    recovery: &Identity,
    entropy: &dyn Entropy,
) -> Result<(SignedRecord, Secret<32>), MembersProblem> {
    let vault = organisation.vault;
    let key = recovered_key(&organisation.epoch, vault, recovery)?;
    let card = card(newcomer, person, Role::Administrator);
    let reader = Reader::Device(newcomer.device);
    let act = Act::Recover {
        proof: recovery.sign(&recovering_bytes(vault, organisation.head, &card)),
        wrap: wrap_for(&key, vault, organisation.epoch.number, reader, &card.sealing_key, entropy)?,
        card,
    };
    Ok((newcomer.sign(vault, organisation.next_number, organisation.head, act)?, key))
}

/// The key of an epoch, opened with the recovery key.
///
/// # Errors
/// [`WrapProblem`] if it was not sealed to that key.
pub fn recovered_key(epoch: &Epoch, vault: VaultId, recovery: &Identity) -> Result<Secret<32>, WrapProblem> {
    let context = WrapContext { vault, epoch: epoch.number, reader: Reader::Recovery };
    unwrap(&epoch.recovery, recovery, &context, &epoch.key_id)
}

/// The key that a record brings to a device under any of its names, if it brings one.
///
/// # Errors
/// [`WrapProblem`] if a wrap is addressed to the device and does not open.
pub fn key_for(
    signed: &SignedRecord,
    epoch: &Epoch,
    identity: &Identity,
    names: &[DeviceId],
) -> Result<Option<Secret<32>>, WrapProblem> {
    let wrap = match &signed.record.act {
        Act::FoundOrganisation { founder: card, wrap, .. }
        | Act::Join { card, wrap, .. }
        | Act::Recover { card, wrap, .. } => names.contains(&card.device).then_some((card.device, wrap)),
        Act::FoundCaseFile { wraps, .. }
        | Act::Admit { wraps, .. }
        | Act::Rotate { rotation: Rotation { wraps, .. }, .. }
        | Act::Resolve { rotation: Rotation { wraps, .. }, .. } => {
            let ours = wraps.iter().find(|member| names.contains(&member.device));
            ours.map(|member| (member.device, &member.wrap))
        }
        _ => None,
    };
    let Some((name, wrap)) = wrap else { return Ok(None) };
    let context =
        WrapContext { vault: signed.record.vault, epoch: epoch.number, reader: Reader::Device(name) };
    unwrap(wrap, identity, &context, &epoch.key_id).map(Some)
}

fn first_epoch(key: &Secret<32>, vault: VaultId, recovery_key: &SealingKey) -> Result<Epoch, MembersProblem> {
    let recovery = recovery_wrap(key, vault, 1, recovery_key)?;
    Ok(Epoch { number: 1, key_id: ByteArray::new(key_id(key)), recovery })
}

fn wraps_for(
    key: &Secret<32>,
    vault: VaultId,
    epoch: u32,
    readers: &[DeviceId],
    organisation: &Organisation,
    entropy: &dyn Entropy,
) -> Result<Vec<MemberWrap>, MembersProblem> {
    let cards = readers.iter().filter_map(|reader| organisation.devices.get(reader));
    let mut wraps = Vec::new();
    for card in cards {
        match wrap_for(key, vault, epoch, Reader::Device(card.device), &card.sealing_key, entropy) {
            Ok(wrap) => wraps.push(MemberWrap { device: card.device, wrap }),
            // A key that nothing can be sealed to reads nothing; that is its owner's loss and nobody else's.
            Err(MembersProblem::Wrap(WrapProblem::BadKey)) => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(wraps)
}

fn wrap_for(
    key: &Secret<32>,
    vault: VaultId,
    epoch: u32,
    reader: Reader,
    to: &SealingKey,
    entropy: &dyn Entropy,
) -> Result<fieldfare_protocol::membership::Wrap, MembersProblem> {
    Ok(wrap(key, to, &WrapContext { vault, epoch, reader }, entropy)?)
}
