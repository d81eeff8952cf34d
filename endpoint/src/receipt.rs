//! The key with which the endpoint signs receipts; devices pin its public half when they join.
//!
//! It attests arrival and opens nothing.

use fieldfare_protocol::receipt::{Attested, Receipt};
use fieldfare_protocol::signing::{Signature, VerifyKey};
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::problem::Trouble;

/// Signs receipts. Made from a seed that lives and moves with the data, so that a restored endpoint signs as before.
pub(crate) struct ReceiptKey {
    pair: Ed25519KeyPair,
    public: VerifyKey,
}

impl ReceiptKey {
    /// The key of a stored seed.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Result<Self, Trouble> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Trouble::Damaged)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| Trouble::Damaged)?;
        Ok(Self { pair, public: VerifyKey(public) })
    }

    /// The half that devices check with.
    pub(crate) fn public(&self) -> VerifyKey {
        self.public
    }

    /// Signs what has become durable.
    pub(crate) fn sign(&self, attested: Attested) -> Result<Receipt, Trouble> {
        let signature = self.pair.sign(&attested.signed_bytes());
        let bytes = signature.as_ref().try_into().map_err(|_| Trouble::Unavailable)?;
        Ok(Receipt { attested, signature: Signature::new(bytes) })
    }
}
