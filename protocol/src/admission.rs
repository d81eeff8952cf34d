//! Founding an organisation at an endpoint, and joining one by invitation.
//!
//! Both end in records of the organisation's membership log; nothing here grants what the log does not say.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::exchange::Generation;
use crate::id::{InvitationId, VaultId};
use crate::signing::{Signature, VerifyKey};

/// Asks an endpoint that keeps nobody yet to keep this organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRequest {
    /// [`crate::PROTOCOL_VERSION`] of the device.
    pub version: u8,
    /// The first membership record, which also carries the founder's keys.
    pub record: ByteBuf,
}

/// The endpoint keeps the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundReply {
    /// The endpoint's generation.
    pub generation: Generation,
    /// The key with which the endpoint signs receipts; devices pin it.
    pub receipt_key: VerifyKey,
    /// The endpoint's clock in milliseconds since 1970.
    pub now_ms: i64,
}

/// Asks for the organisation's log with nothing but an invitation in hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRequest {
    /// [`crate::PROTOCOL_VERSION`] of the device.
    pub version: u8,
    /// The organisation that invites.
    pub organisation: VaultId,
    /// The invitation.
    pub invitation: InvitationId,
    /// Signature with the invitation's key over [`asking_bytes`].
    pub proof: Signature,
}

/// What an invited device needs in order to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationReply {
    /// The endpoint's generation.
    pub generation: Generation,
    /// The key with which the endpoint signs receipts.
    pub receipt_key: VerifyKey,
    /// The endpoint's clock in milliseconds since 1970: a device knows how far off its own is before it writes.
    pub now_ms: i64,
    /// The whole log, oldest first.
    pub log: Vec<ByteBuf>,
}

/// Asks the endpoint to take the joining record; answered by an empty body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// [`crate::PROTOCOL_VERSION`] of the device.
    pub version: u8,
    /// The organisation.
    pub organisation: VaultId,
    /// The joining record.
    pub record: ByteBuf,
}

/// Asks for the organisation's log with nothing but the recovery key in hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRequest {
    /// [`crate::PROTOCOL_VERSION`] of the device.
    pub version: u8,
    /// Checks what the recovery key signs; the log names it, and no other organisation's does.
    pub verify_key: VerifyKey,
    /// Signature with the recovery key over [`recovery_asking_bytes`].
    pub proof: Signature,
}

/// What the recovery key signs when its holder asks for the log.
#[must_use]
pub fn recovery_asking_bytes(verify_key: &VerifyKey) -> Vec<u8> {
    let mut bytes = b"fieldfare/asking-to-recover/1".to_vec();
    bytes.extend_from_slice(&verify_key.0);
    bytes
}

/// What the key of an invitation signs when its holder asks for the log.
#[must_use]
pub fn asking_bytes(organisation: VaultId, invitation: InvitationId) -> Vec<u8> {
    let mut bytes = b"fieldfare/asking/1".to_vec();
    bytes.extend_from_slice(organisation.as_bytes());
    bytes.extend_from_slice(invitation.as_bytes());
    bytes
}
