//! A fresh key for a vault: sealed to those who stay, to those who are still invited and to the recovery key.
//!
//! Makes and opens the keys of a rotation. Who may write one, and whether it stands, is the membership log's to say.

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{
    Act, CaseFile, Epoch, Epochs, InvitationWrap, Leaving, MemberWrap, Organisation, Rotation, SignedRecord,
    Wrap,
};
use fieldfare_protocol::sabotage::{self, Sabotage};
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
            let wrap = place.wrap(&key, Reader::Invitation(invitation), &to, entropy)?;
            Ok(InvitationWrap { invitation, wrap })
        })
        .collect::<Result<_, MembersProblem>>()?;
    let (number, head) = (organisation.next_number, organisation.head);
    let act = Act::Rotate { as_of: number, rotation, invitations };
    Ok((author.sign(vault, number, head, act)?, key))
}

/// The keys of the epochs before one whose key is known, newest first, as far as the log tells them.
#[must_use]
pub fn keys_before(
    vault: VaultId,
    log: &[SignedRecord],
    epochs: &Epochs,
    number: u32,
    key: &Secret<32>,
) -> Vec<(u32, Secret<32>)> {
    let mut keys: Vec<(u32, Secret<32>)> = Vec::new();
    let log = if sabotage::is_on(Sabotage::ForgetOlderEpochs) { &[] } else { log };
    for signed in log.iter().rev() {
        let Act::Rotate { rotation, .. } = &signed.record.act else { continue };
        let (newer, newer_key) = keys.last().map_or((number, key), |(number, key)| (*number, key));
        if rotation.epoch.number != newer {
            continue;
        }
        let number = newer.saturating_sub(1);
        let before = open_before(newer_key, vault, newer, &rotation.before);
        let before =
            before.filter(|key| epochs.get(number).is_some_and(|epoch| *epoch.key_id == key_id(key)));
        let Some(before) = before else { break };
        keys.push((number, before));
    }
    keys
}

/// Whether the recovery key opens an epoch. Everybody who holds the epoch's key can tell: the wrap follows from it.
#[must_use]
pub fn can_be_recovered(epoch: &Epoch, key: &Secret<32>, vault: VaultId, recovery_key: &SealingKey) -> bool {
    recovery_wrap(key, vault, epoch.number, recovery_key).is_ok_and(|wrap| wrap == epoch.recovery)
        || sabotage::is_on(Sabotage::OmitRecoveryWrap)
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
        let key = Secret::random(entropy)?;
        let number = self.number();
        let leaves = |device: &DeviceId| removed.iter().any(|leaving| leaving.device == *device);
        let to_all = sabotage::is_on(Sabotage::RotateIncludingRemoved);
        let mut wraps = Vec::new();
        for device in self.members.iter().filter(|device| to_all || !leaves(device)) {
            let card = self.organisation.devices.get(device).ok_or(WrapProblem::BadKey)?;
            let wrap = self.wrap(&key, Reader::Device(*device), &card.sealing_key, entropy)?;
            wraps.push(MemberWrap { device: *device, wrap });
        }
        if sabotage::is_on(Sabotage::RotateForgettingAMember) {
            wraps.pop();
        }
        let mut recovery = recovery_wrap(&key, self.vault, number, &self.organisation.recovery_key)?;
        if sabotage::is_on(Sabotage::OmitRecoveryWrap) {
            recovery = Wrap { encapsulated: ByteArray::new([0; 32]), sealed: ByteArray::new([0; 48]) };
        }
        let epoch = Epoch { number, key_id: ByteArray::new(key_id(&key)), recovery };
        let before = seal_before(&key, self.vault, number, before)?;
        Ok((Rotation { removed, epoch, wraps, before }, key))
    }

    const fn number(&self) -> u32 {
        self.newest.number.saturating_add(1)
    }

    fn wrap(
        &self,
        key: &Secret<32>,
        reader: Reader,
        to: &SealingKey,
        entropy: &dyn Entropy,
    ) -> Result<Wrap, MembersProblem> {
        match wrap(key, to, &WrapContext { vault: self.vault, epoch: self.number(), reader }, entropy) {
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

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
