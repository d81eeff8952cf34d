//! How a device says who it is when it calls the endpoint, and how the endpoint refuses.
//!
//! Identity travels in headers, so that nothing about anybody stands in a URL. Whether a device may do what it asks
//! is decided by the endpoint from the membership log, not here.

use serde::{Deserialize, Serialize};

use crate::call_number::CallNumber;
use crate::hash::Hash;
use crate::id::{DeviceId, VaultId};

/// Header: the organisation, 32 hexadecimal digits.
pub const ORGANISATION_HEADER: &str = "fieldfare-organisation";
/// Header: the calling device, 32 hexadecimal digits.
pub const DEVICE_HEADER: &str = "fieldfare-device";
/// Header: the device's signature over [`signed_bytes`], 128 hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "fieldfare-signature";

/// Header: which call of the device this is, 32 hexadecimal digits.
pub const CALL_HEADER: &str = "fieldfare-call";

/// Path of the exchange call.
pub const EXCHANGE_PATH: &str = "/v1/exchange";
/// Path by which a device offers others' segments to an endpoint that may have lost them.
pub const OFFER_PATH: &str = "/v1/offer";
/// Path of the call that hands bundles over.
pub const BUNDLES_PATH: &str = "/v1/bundles";
/// Path of the founding call.
pub const FOUND_PATH: &str = "/v1/found";
/// Path by which the holder of an invitation reads the organisation's membership log.
pub const INVITATION_PATH: &str = "/v1/invitation";
/// Path by which the holder of the recovery key reads the organisation's membership log.
pub const RECOVERY_PATH: &str = "/v1/recovery";
/// Path by which the holder of an invitation, or of the recovery key, joins.
pub const JOIN_PATH: &str = "/v1/join";

/// What a device signs to prove that a request is its own.
#[must_use]
pub fn signed_bytes(
    path: &str,
    organisation: VaultId,
    device: DeviceId,
    call: CallNumber,
    body: &[u8],
) -> Vec<u8> {
    let mut bytes = b"fieldfare/request/1".to_vec();
    bytes.extend_from_slice(organisation.as_bytes());
    bytes.extend_from_slice(device.as_bytes());
    bytes.extend_from_slice(&call.to_bytes());
    bytes.extend_from_slice(&Hash::of(&[path.as_bytes()]).0);
    bytes.extend_from_slice(&Hash::of(&[body]).0);
    bytes
}

/// Why the endpoint did not take a request; the body of every answer that is not a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refused {
    /// The request speaks a version that this endpoint does not.
    #[error("the endpoint speaks another version of the protocol")]
    OtherVersion,
    /// The bytes were no such message, or broke one of the limits.
    #[error("the endpoint could not read the request")]
    Malformed,
    /// Over one of the limits of this protocol.
    #[error("the request is larger than the endpoint takes")]
    TooLarge,
    /// The endpoint keeps another organisation, or none yet.
    #[error("the endpoint does not belong to this organisation")]
    OtherOrganisation,
    /// The device is unknown, or its signature does not match.
    #[error("the endpoint does not know this device")]
    UnknownDevice,
    /// There is no such invitation, it was used, or it has expired.
    #[error("the invitation is used up or has expired")]
    InvitationSpent,
    /// Somebody else wrote the next membership record first; read and try again.
    #[error("the membership log has moved on")]
    LogMoved,
    /// The record is not one its author may write.
    #[error("the endpoint does not allow this change of members")]
    NotAllowed,
    /// The endpoint itself is in trouble; nothing was taken.
    #[error("the endpoint could not keep what was sent")]
    Trouble,
    /// The device calls too often; nothing was taken.
    #[error("the endpoint asks to come back later")]
    Busy,
    /// The call was made before, or to an earlier run of the endpoint; nothing was taken. The next one has to name this run
    /// and a larger number than this.
    #[error("the call was made before")]
    Stale(CallNumber),
}
