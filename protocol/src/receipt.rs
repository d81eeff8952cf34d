//! Receipts: the endpoint's signed word that urgent edits reached it.
//!
//! A receipt proves arrival, not reading; who read a concern is a matter of the concern's own record.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::id::{DeviceId, VaultId};
use crate::signing::{BadSignature, Signature, VerifyKey};

/// What a receipt attests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attested {
    /// The vault of the urgent chain.
    pub vault: VaultId,
    /// The device whose chain it is.
    pub device: DeviceId,
    /// Number of the last edit that arrived.
    pub seq: u64,
    /// Hash of the segment that held it.
    pub hash: Hash,
    /// When it became durable at the endpoint, in milliseconds since 1970 by the endpoint's clock.
    pub received_at_ms: i64,
}

/// An attestation and the endpoint's signature over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What is attested.
    pub attested: Attested,
    /// By the key that the endpoint showed when the organisation was founded.
    pub signature: Signature,
}

impl Attested {
    /// The bytes that the endpoint signs.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"fieldfare/receipt/1".to_vec();
        bytes.extend_from_slice(self.vault.as_bytes());
        bytes.extend_from_slice(self.device.as_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.hash.0);
        bytes.extend_from_slice(&self.received_at_ms.to_be_bytes());
        bytes
    }
}

impl Receipt {
    /// Checks the endpoint's signature.
    ///
    /// # Errors
    /// [`BadSignature`] if another key signed or a byte differs.
    pub fn verify(&self, endpoint: &VerifyKey) -> Result<(), BadSignature> {
        endpoint.verify(&self.attested.signed_bytes(), &self.signature)
    }
}
