//! A fresh key for a vault: sealed to those who stay, to those who are still invited and to the recovery key.
//!
//! Makes and opens the keys of a rotation. Who may write one, and whether it stands, is the membership log's to say.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{
    Act, CaseFile, Epoch, Epochs, InvitationWrap, Leaving, MemberWrap, Organisation, OtherBranch, Rotation,
    SealedEpoch, SignedRecord, Wrap, number_after,
};
use fieldfare_protocol::signing::SealingKey;
use serde_bytes::ByteArray;

use super::aead;
use super::members::{MembersProblem, Signer};
use super::secret::{Secret, derive};
use super::wrap::{Reader, WrapContext, WrapProblem, key_id, recovery_wrap, wrap};
use crate::ports::Entropy;

/// Fixed because the key below it seals one thing only, the key of the epoch before.
const NONCE: [u8; 12] = [0; 12];

/// The next record of a case file's log: a fresh key, without those who leave. Also returns that key. `as_of` is how
/// many records of the organisation's log the endpoint is known to have.
///
/// # Errors
/// [`MembersProblem`].
pub fn rotate_file(
    file: &CaseFile,
    as_of: u32,
    before: &Secret<32>,
    removed: Vec<Leaving>,
    author: &Signer<'_>,
    organisation: &Organisation,
    entropy: &dyn Entropy,
) -> Result<(SignedRecord, Secret<32>), MembersProblem> {
    let mut now = file.clone();
    now.inherit(organisation, as_of);
    let place = Place { vault: file.vault, newest: &file.epoch, members: &now.members, organisation };
    let (rotation, key) = place.rotation(before, removed, entropy)?;
    let act = Act::Rotate { as_of, rotation, invitations: Vec::new() };
    Ok((author.sign(file.vault, file.next_number, file.head, act)?, key))
}

/// A branch of a case file's log that is to end.
pub struct EndingBranch {
    /// Number of its first record.
    pub from: u32,
    /// Hashes of its records.
    pub records: Vec<Hash>,
    /// Devices that are members in one branch alone.
    pub apart: Vec<Leaving>,
    /// Its keys that the branch which goes on does not have, by their epochs.
    pub keys: Vec<(u32, Secret<32>)>,
}

/// The next record of a case file's log after a fork: a fresh key for those who are members in both branches. `file` is
/// the branch that goes on, `removed` are members of it whom the other has removed. Also returns that key.
///
/// # Errors
/// [`MembersProblem`].
#[allow(clippy::too_many_arguments, reason = "everything that the record is made of")]
pub fn resolve_file(
    file: &CaseFile,
    as_of: u32,
    before: &Secret<32>,
    removed: Vec<Leaving>,
    other: EndingBranch,
    author: &Signer<'_>,
    organisation: &Organisation,
    entropy: &dyn Entropy,
) -> Result<(SignedRecord, Secret<32>), MembersProblem> {
    let mut now = file.clone();
    now.inherit(organisation, as_of);
    let EndingBranch { from, records, apart, keys } = other;
    now.members.retain(|member| !apart.iter().any(|apart| apart.device == *member));
    let place = Place { vault: file.vault, newest: &file.epoch, members: &now.members, organisation };
    let next = number_after(file.epoch.number, keys.iter().map(|(number, _)| *number));
    let (rotation, key) = place.rotation_to(next, before, removed, entropy)?;
    let epochs = keys.iter().map(|(number, other)| seal_other(&key, file.vault, *number, other));
    let other = OtherBranch { from, records, apart, epochs: epochs.collect::<Result<_, _>>()? };
    let act = Act::Resolve { as_of, rotation, other };
    Ok((author.sign(file.vault, file.next_number, file.head, act)?, key))
}

/// The next record of an organisation's log: a fresh key, without those who leave. Also returns that key. Invitations
/// that have ended by `now_ms`, and those that a leaving device wrote, are void from then on.
///
/// # Errors
/// [`MembersProblem`].
pub fn rotate_organisation(
    organisation: &Organisation,
    before: &Secret<32>,
    removed: Vec<Leaving>,
    now_ms: i64,
    author: &Signer<'_>,
    entropy: &dyn Entropy,
) -> Result<(SignedRecord, Secret<32>), MembersProblem> {
    let vault = organisation.vault;
    let members: Vec<DeviceId> = organisation.present().map(|card| card.device).collect();
    let stays = |device| !removed.iter().any(|leaving| leaving.device == device);
    let open: Vec<_> = organisation
        .invitations
        .iter()
        .filter(|(_, open)| now_ms <= open.expires_at_ms && organisation.is_present(open.author))
        .filter(|(_, open)| stays(open.author))
        .map(|(name, open)| (*name, open.sealing_key))
        .collect();
    let place = Place { vault, newest: &organisation.epoch, members: &members, organisation };
    let (rotation, key) = place.rotation(before, removed, entropy)?;
    let invitations = open
        .into_iter()
        .map(|(invitation, to)| {
            let number = organisation.epoch.number.saturating_add(1);
            let wrap = place.wrap(&key, number, Reader::Invitation(invitation), &to, entropy)?;
            Ok(InvitationWrap { invitation, wrap })
        })
        .collect::<Result<_, MembersProblem>>()?;
    let (number, head) = (organisation.next_number, organisation.head);
    let act = Act::Rotate { as_of: number, rotation, invitations };
    Ok((author.sign(vault, number, head, act)?, key))
}

/// A key that another one opens.
pub struct Earlier {
    /// Number of its epoch.
    pub number: u32,
    /// The key.
    pub key: Secret<32>,
    /// Whether it is one of a branch that has ended, whose numbers mean nothing in the log.
    pub of_other_branch: bool,
}

/// The keys of the epochs before one whose key is known, newest first, as far as the log tells them.
#[must_use]
pub fn keys_before(
    vault: VaultId,
    log: &[SignedRecord],
    epochs: &Epochs,
    number: u32,
    key: &Secret<32>,
) -> Vec<Earlier> {
    let mut keys: Vec<Earlier> = Vec::new();
    for signed in log.iter().rev() {
        let (rotation, others): (_, &[SealedEpoch]) = match &signed.record.act {
            Act::Rotate { rotation, .. } => (rotation, &[]),
            Act::Resolve { rotation, other, .. } => (rotation, &other.epochs),
            _ => continue,
        };
        let last = keys.iter().rev().find(|earlier| !earlier.of_other_branch);
        let (newer, newer_key) = last.map_or((number, key), |earlier| (earlier.number, &earlier.key));
        if rotation.epoch.number != newer {
            continue;
        }
        let opened = others.iter().filter_map(|other| open_other(newer_key, vault, other));
        let opened: Vec<_> = opened.collect();
        let before = open_before(newer_key, vault, newer, &rotation.before);
        let before = before.zip(epochs.before(newer));
        let before = before.filter(|(key, epoch)| *epoch.key_id == key_id(key));
        keys.extend(opened);
        let Some((before, epoch)) = before else { break };
        keys.push(Earlier { number: epoch.number, key: before, of_other_branch: false });
    }
    keys
}

/// Whether the recovery key opens an epoch. Everybody who holds the epoch's key can tell: the wrap follows from it.
#[must_use]
pub fn can_be_recovered(epoch: &Epoch, key: &Secret<32>, vault: VaultId, recovery_key: &SealingKey) -> bool {
    recovery_wrap(key, vault, epoch.number, recovery_key).is_ok_and(|wrap| wrap == epoch.recovery)
}

/// Where a key changes.
struct Place<'p> {
    vault: VaultId,
    newest: &'p Epoch,
    members: &'p [DeviceId],
    organisation: &'p Organisation,
}

impl Place<'_> {
    fn rotation(
        &self,
        before: &Secret<32>,
        removed: Vec<Leaving>,
        entropy: &dyn Entropy,
    ) -> Result<(Rotation, Secret<32>), MembersProblem> {
        self.rotation_to(self.newest.number.saturating_add(1), before, removed, entropy)
    }

    fn rotation_to(
        &self,
        number: u32,
        before: &Secret<32>,
        removed: Vec<Leaving>,
        entropy: &dyn Entropy,
    ) -> Result<(Rotation, Secret<32>), MembersProblem> {
        let key = Secret::random(entropy)?;
        let leaves = |device: &DeviceId| removed.iter().any(|leaving| leaving.device == *device);
        let mut wraps = Vec::new();
        for device in self.members.iter().filter(|device| !leaves(device)) {
            let card = self.organisation.devices.get(device).ok_or(WrapProblem::BadKey)?;
            let reader = Reader::Device(*device);
            let wrap = self.wrap(&key, number, reader, &card.sealing_key, entropy)?;
            wraps.push(MemberWrap { device: *device, wrap });
        }
        let recovery = recovery_wrap(&key, self.vault, number, &self.organisation.recovery_key)?;
        let epoch = Epoch { number, key_id: ByteArray::new(key_id(&key)), recovery };
        let before = seal_before(&key, self.vault, number, before)?;
        Ok((Rotation { removed, epoch, wraps, before }, key))
    }

    fn wrap(
        &self,
        key: &Secret<32>,
        epoch: u32,
        reader: Reader,
        to: &SealingKey,
        entropy: &dyn Entropy,
    ) -> Result<Wrap, MembersProblem> {
        match wrap(key, to, &WrapContext { vault: self.vault, epoch, reader }, entropy) {
            // A key that nothing can be sealed to reads nothing. Its owner is not forgotten and gets noise, so that a
            // broken device keeps nobody from removing it.
            Err(WrapProblem::BadKey) => {
                let (mut encapsulated, mut sealed) = ([0; 32], [0; 48]);
                entropy.fill(&mut encapsulated)?;
                entropy.fill(&mut sealed)?;
                Ok(Wrap { encapsulated: ByteArray::new(encapsulated), sealed: ByteArray::new(sealed) })
            }
            wrapped => Ok(wrapped?),
        }
    }
}

fn before_key(key: &Secret<32>, vault: VaultId, number: u32) -> Secret<32> {
    derive(
        key.expose(),
        &[],
        &[b"fieldfare/epoch-before/1", vault.as_bytes().as_slice(), number.to_be_bytes().as_slice()],
    )
}

fn seal_before(
    key: &Secret<32>,
    vault: VaultId,
    number: u32,
    before: &Secret<32>,
) -> Result<ByteArray<48>, MembersProblem> {
    let sealed = aead::seal(&before_key(key, vault, number), NONCE, &[], before.expose());
    let sealed = sealed.ok().and_then(|sealed| <[u8; 48]>::try_from(sealed).ok());
    Ok(ByteArray::new(sealed.ok_or(MembersProblem::TooLarge)?))
}

fn open_before(key: &Secret<32>, vault: VaultId, number: u32, sealed: &ByteArray<48>) -> Option<Secret<32>> {
    let opened = aead::open(&before_key(key, vault, number), NONCE, &[], sealed.as_slice()).ok()?;
    Secret::from_slice(&opened)
}

/// A key of the branch that ends, under the one that ends the fork. The key below seals this one thing only.
fn seal_other(
    key: &Secret<32>,
    vault: VaultId,
    number: u32,
    other: &Secret<32>,
) -> Result<SealedEpoch, MembersProblem> {
    let key_id = key_id(other);
    let sealed = aead::seal(&other_key(key, vault, number, &key_id), NONCE, &[], other.expose());
    let sealed = sealed.ok().and_then(|sealed| <[u8; 48]>::try_from(sealed).ok());
    let sealed = ByteArray::new(sealed.ok_or(MembersProblem::TooLarge)?);
    Ok(SealedEpoch { number, key_id: ByteArray::new(key_id), sealed })
}

fn open_other(key: &Secret<32>, vault: VaultId, other: &SealedEpoch) -> Option<Earlier> {
    let opening = other_key(key, vault, other.number, &other.key_id);
    let opened = Secret::from_slice(&aead::open(&opening, NONCE, &[], other.sealed.as_slice()).ok()?)?;
    let is_it = *other.key_id == key_id(&opened);
    is_it.then_some(Earlier { number: other.number, key: opened, of_other_branch: true })
}

fn other_key(key: &Secret<32>, vault: VaultId, number: u32, key_id: &[u8; 16]) -> Secret<32> {
    let number = number.to_be_bytes();
    let context: [&[u8]; 4] = [b"fieldfare/epoch-of-other-branch/1", vault.as_bytes(), &number, key_id];
    derive(key.expose(), &[], &context)
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
