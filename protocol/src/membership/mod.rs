//! The membership log of a vault: who may read it, under which key epoch, in an order that nobody can rewrite.
//!
//! Every record is signed by its author's device and names the record before it; the endpoint takes only the next one.
//! Keys travel inside as HPKE wraps, so a log says who can read, and to the endpoint nothing more.

mod case_file;
mod departure;
mod epochs;
mod erasure;
mod fork;
mod organisation;
mod renewal;
mod role_change;
mod rotation;

pub use case_file::CaseFile;
pub use departure::{Departure, Departures};
pub use epochs::Epochs;
pub use erasure::{Asking, Seen};
pub use fork::{OtherBranch, SealedEpoch, number_after};
pub use organisation::{OpenInvitation, Organisation};
pub use renewal::Renewal;
pub use role_change::RoleBefore;
pub use rotation::{InvitationWrap, LaneCut, Leaving, Removal, Removals, Rotation};

use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::hash::Hash;
use crate::id::{DeviceId, InvitationId, PersonId, VaultId};
use crate::limits::MEMBERSHIP_RECORD_BYTES_MAX;
use crate::signing::{SealingKey, Signature, VerifyKey};
use crate::wire::{self, Malformed};

/// What a member of staff does in the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Works one to one with young people.
    Mentor,
    /// Supervises mentors and reads the files of their cases.
    Supervisor,
    /// The designated safeguarding lead; reads the file of every case.
    Safeguarding,
    /// Enrols people and devices.
    Administrator,
}

/// What a vault is for; it decides who belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VaultKind {
    /// The organisation's own: directory, scale packs, policy. Every device is a member.
    Organisation,
    /// The file of one case: its mentors, supervisors and the safeguarding lead.
    CaseFile,
}

/// A device as the organisation knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCard {
    /// Its name.
    pub device: DeviceId,
    /// Whose it is.
    pub person: PersonId,
    /// What that person does.
    pub role: Role,
    /// Checks what it signs.
    pub verify_key: VerifyKey,
    /// Receives what is sealed to it.
    pub sealing_key: SealingKey,
}

/// An epoch key sealed by HPKE to one reader: encapsulated key, then 32 sealed bytes and their tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrap {
    /// X25519 share of the sender.
    pub encapsulated: ByteArray<32>,
    /// The sealed key.
    pub sealed: ByteArray<48>,
}

/// A wrap and the device it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberWrap {
    /// The new reader.
    pub device: DeviceId,
    /// The epoch key, for that reader alone.
    pub wrap: Wrap,
}

/// An epoch of a vault's key. The key itself is in nobody's clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// From 1, one more with each rotation.
    pub number: u32,
    /// Commits to the key, so that two readers cannot be given different ones.
    pub key_id: ByteArray<16>,
    /// Wrap to the organisation's recovery key; nobody writes under an epoch that lacks it.
    pub recovery: Wrap,
}

/// What one record changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Founds the organisation: its vault, its first device and the public half of its recovery key.
    FoundOrganisation {
        /// The founder's device, an administrator's.
        founder: DeviceCard,
        /// Public half of the recovery key; the private half is on paper.
        recovery_key: SealingKey,
        /// Checks that whoever recovers the organisation holds that paper.
        recovery_verify_key: VerifyKey,
        /// The first epoch.
        epoch: Epoch,
        /// Its key for the founder.
        wrap: Wrap,
    },
    /// Founds the file of a case.
    FoundCaseFile {
        /// The first epoch.
        epoch: Epoch,
        /// Its key for every first member, the author among them.
        wraps: Vec<MemberWrap>,
    },
    /// Lets further devices read a case's file.
    Admit {
        /// How many records of the organisation's log the author had.
        as_of: u32,
        /// The current epoch's key for each.
        wraps: Vec<MemberWrap>,
    },
    /// Invites one person to join the organisation with one device.
    Invite {
        /// Name of the invitation.
        invitation: InvitationId,
        /// The person as whom the device will join.
        person: PersonId,
        /// The role it will have.
        role: Role,
        /// Checks that whoever joins holds the invitation.
        verify_key: VerifyKey,
        /// Receives the organisation's key, also when it changes while the invitation is open.
        sealing_key: SealingKey,
        /// When it stops being valid, in milliseconds since 1970.
        expires_at_ms: i64,
        /// The organisation's epoch key, sealed to the invitation.
        wrap: Wrap,
    },
    /// A new device joins by an invitation.
    Join {
        /// The invitation it uses up.
        invitation: InvitationId,
        /// The device.
        card: DeviceCard,
        /// Signature with the invitation's key over [`joining_bytes`].
        proof: Signature,
        /// The organisation's epoch key for the device itself.
        wrap: Wrap,
    },
    /// Changes a vault's key, and takes devices out with the old one. In the organisation's log a device leaves altogether.
    /// In a case file's, whom the organisation has removed leaves with a cut; whoever else is named hands the case on and
    /// departs.
    Rotate {
        /// How many records of the organisation's log the author had; in that log itself the record's own number.
        as_of: u32,
        /// Who leaves, who stays and with which key.
        rotation: Rotation,
        /// The new key for those who are still invited. Empty in a case file's log.
        invitations: Vec<InvitationWrap>,
    },
    /// A new administrator's device, let in by the recovery key when no other device is left to do it.
    Recover {
        /// The device.
        card: DeviceCard,
        /// Signature with the recovery key over [`recovering_bytes`].
        proof: Signature,
        /// The organisation's epoch key for the device itself.
        wrap: Wrap,
    },
    /// A device goes on under a new name, because a copy of its store writes under the old one. Signed by the old name.
    Renew {
        /// The author's own card under the new name.
        card: DeviceCard,
    },
    /// Ends a fork of a case file's log: goes on from one branch and names the other.
    Resolve {
        /// How many records of the organisation's log the author had.
        as_of: u32,
        /// A fresh key for those who are members in both branches. Removed are those whom the other branch removed.
        rotation: Rotation,
        /// The branch that ends.
        other: OtherBranch,
    },
    /// Gives a person another role.
    ChangeRole {
        /// Whom.
        person: PersonId,
        /// The role from now on.
        role: Role,
        /// Every device of theirs that belongs.
        devices: Vec<DeviceId>,
    },
    /// Asks that a case's file be erased by law. Somebody else has to confirm it.
    AskToErase {
        /// How many records of the organisation's log the author had.
        as_of: u32,
    },
    /// Takes back what was asked: the file is kept.
    KeepAfterAll {
        /// How many records of the organisation's log the author had.
        as_of: u32,
    },
    /// Erases a case's file for good. No record follows.
    Erase {
        /// How many records of the organisation's log the author had.
        as_of: u32,
        /// How far the author had every chain of the file, in order of device and lane.
        seen: Vec<Seen>,
    },
    /// The last word of a device that has handed a case on, signed by itself.
    Farewell {
        /// How many records of the organisation's log the author had.
        as_of: u32,
        /// The author under each of its names that departs, and where each of its lanes ends.
        left: Vec<Leaving>,
    },
    /// Ends a departure in the place of a device that does not come back, or that the organisation has removed.
    Close {
        /// How many records of the organisation's log the author had.
        as_of: u32,
        /// The device under each of its names that departs, and where each of its lanes ends.
        left: Vec<Leaving>,
    },
}

/// One link of a membership log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The vault whose log it is.
    pub vault: VaultId,
    /// Position in the log, from 0.
    pub number: u32,
    /// Hash of the record before, [`Hash::NOTHING`] for the first.
    pub previous: Hash,
    /// The device that wrote and signed it.
    pub author: DeviceId,
    /// What it changes.
    pub act: Act,
}

/// A record and its author's signature, kept as the bytes that travelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRecord {
    /// What was signed.
    pub record: Record,
    bytes: Vec<u8>,
}

/// Why a log does not continue with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogRefusal {
    /// The record does not name the newest one before it.
    #[error("the record does not follow the newest one")]
    NotNext,
    /// The signature is not its author's.
    #[error("the record is not signed by its author")]
    BadSignature,
    /// The author may not do this.
    #[error("the author may not change the members in this way")]
    NotAllowed,
    /// The invitation is unknown, used or over its longest life.
    #[error("the invitation is unknown, used or too long-lived")]
    Invitation,
    /// Over one of the limits.
    #[error("the record is over a limit")]
    OverLimit,
}

/// What the key of an invitation signs when a device joins by it.
#[must_use]
pub fn joining_bytes(organisation: VaultId, card: &DeviceCard) -> Vec<u8> {
    let mut bytes = b"fieldfare/joining/1".to_vec();
    bytes.extend_from_slice(organisation.as_bytes());
    bytes.extend_from_slice(card.device.as_bytes());
    bytes.extend_from_slice(card.person.as_bytes());
    bytes.extend_from_slice(&card.verify_key.0);
    bytes.extend_from_slice(&card.sealing_key.0);
    bytes
}

/// What the recovery key signs when a device is let in by it, right behind the record `previous`.
#[must_use]
pub fn recovering_bytes(organisation: VaultId, previous: Hash, card: &DeviceCard) -> Vec<u8> {
    let mut bytes = b"fieldfare/recovering/1".to_vec();
    bytes.extend_from_slice(&previous.0);
    bytes.extend_from_slice(&joining_bytes(organisation, card));
    bytes
}

impl SignedRecord {
    /// Signs a record with its author's key.
    ///
    /// # Errors
    /// [`Malformed`] if the record is over its size limit.
    pub fn sign(record: Record, sign: impl FnOnce(&[u8]) -> Signature) -> Result<Self, Malformed> {
        let mut bytes = wire::encode(&record)?;
        let signature = sign(&Self::message(&bytes));
        bytes.extend_from_slice(signature.as_bytes());
        if bytes.len() > MEMBERSHIP_RECORD_BYTES_MAX {
            return Err(Malformed);
        }
        Ok(Self { record, bytes })
    }

    /// Takes a record apart without believing it.
    ///
    /// # Errors
    /// [`Malformed`] if it is cut short, over its limit or something else.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > MEMBERSHIP_RECORD_BYTES_MAX {
            return Err(Malformed);
        }
        let (record, _) = bytes.split_last_chunk::<64>().ok_or(Malformed)?;
        Ok(Self { record: wire::decode(record)?, bytes: bytes.to_vec() })
    }

    /// The record on the wire.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash by which the next record names this one.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&[b"fieldfare/membership-hash/1", &self.bytes])
    }

    fn message(record: &[u8]) -> Vec<u8> {
        [b"fieldfare/membership/1".as_slice(), record].concat()
    }

    fn verify(&self, author: &VerifyKey) -> Result<(), LogRefusal> {
        let (record, signature) = self.bytes.split_last_chunk::<64>().ok_or(LogRefusal::BadSignature)?;
        author
            .verify(&Self::message(record), &Signature::new(*signature))
            .map_err(|_| LogRefusal::BadSignature)
    }
}
