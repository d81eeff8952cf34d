//! Giving an endpoint back what it lost of other people's work: whoever holds a segment may bring it again, verbatim.
//!
//! Its author's signature and place in the chain are all that counts; who brings it is only asked whether they are a member.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::hash::Hash;
use crate::id::{DeviceId, VaultId};

/// Asks how far an endpoint holds the chains of some vaults, and brings segments that it lacked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferRequest {
    /// [`crate::PROTOCOL_VERSION`] of the device.
    pub version: u8,
    /// The vaults, at most [`crate::limits::OFFER_VAULTS_MAX`].
    pub vaults: Vec<VaultId>,
    /// Segments of anybody's chains in them, each chain's in its own order.
    pub segments: Vec<OfferedSegment>,
}

/// A segment, or a bundle by whoever does not have the segments that it stands for, and whose chain it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedSegment {
    /// The vault of the chain.
    pub vault: VaultId,
    /// The author.
    pub device: DeviceId,
    /// The signed bytes, as they came.
    pub bytes: ByteBuf,
}

/// How far the endpoint holds one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldChain {
    /// The vault of the chain.
    pub vault: VaultId,
    /// The author.
    pub device: DeviceId,
    /// Wire code of its lane.
    pub lane_code: u8,
    /// Number of the last edit held.
    pub seq: u64,
    /// Hash of the last segment held.
    pub hash: Hash,
}

/// What an endpoint holds of the vaults asked for, once everything that was brought is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferReply {
    /// Every chain of those vaults that the calling device is a member of.
    pub held: Vec<HeldChain>,
}
