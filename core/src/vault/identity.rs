//! The keys by which a device or an invitation is known: one to sign with, one to be sealed to.
//!
//! Knows neither whose they are nor what is signed; the public halves are `fieldfare_protocol`'s.

use fieldfare_protocol::signing::{SealingKey, Signature, VerifyKey};
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, Serializable};
use ring::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use super::secret::{Secret, derive};
use crate::ports::{Entropy, NoEntropy};

/// An Ed25519 and an X25519 key that belong together.
// Only wiped bytes are kept: the library's own Ed25519 type leaves its scalar behind when it is dropped.
pub struct Identity {
    signing_seed: Secret<32>,
    sealing_secret: Secret<32>,
    verify_key: VerifyKey,
    sealing_key: SealingKey,
}

/// Why there is no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// There is no randomness to make keys of.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// The bytes are no key.
    #[error("these bytes are no key")]
    BadKey,
}

impl Identity {
    /// Makes two fresh keys from 64 random bytes.
    ///
    /// # Errors
    /// [`KeyProblem::NoEntropy`].
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, KeyProblem> {
        let signing_seed = Secret::random(entropy)?;
        Self::with_sealing_ikm(signing_seed, &Secret::random(entropy)?)
    }

    /// Builds the keys that belong to one seed: always the same for the same seed.
    ///
    /// # Errors
    /// [`KeyProblem::BadKey`], which no seed can bring about.
    pub fn from_seed(seed: &Secret<32>) -> Result<Self, KeyProblem> {
        let signing_seed = derive(seed.expose(), &[], &[b"fieldfare/identity/signing/1"]);
        let sealing_ikm = derive(seed.expose(), &[], &[b"fieldfare/identity/sealing/1"]);
        Self::with_sealing_ikm(signing_seed, &sealing_ikm)
    }

    /// Puts kept keys together again: the first and the second of [`Identity::secrets`].
    ///
    /// # Errors
    /// [`KeyProblem::BadKey`], which no 32 bytes can bring about.
    pub fn from_secrets(signing_seed: Secret<32>, sealing_secret: Secret<32>) -> Result<Self, KeyProblem> {
        let private = private_key(&sealing_secret)?;
        Self::with_private_key(signing_seed, &private)
    }

    /// The Ed25519 seed and the X25519 private key, to be kept inside an encrypted store.
    #[must_use]
    pub const fn secrets(&self) -> (&Secret<32>, &Secret<32>) {
        (&self.signing_seed, &self.sealing_secret)
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let mut bytes = [0; 64];
        // The seed was accepted when this was built. Were it refused now, the zeros would verify under no key of ours.
        if let Ok(pair) = pair(&self.signing_seed) {
            for (to, from) in bytes.iter_mut().zip(pair.sign(message).as_ref()) {
                *to = *from;
            }
        }
        Signature::new(bytes)
    }

    /// Checks what this identity signs.
    #[must_use]
    pub const fn verify_key(&self) -> VerifyKey {
        self.verify_key
    }

    /// Receives what is sealed to this identity.
    #[must_use]
    pub const fn sealing_key(&self) -> SealingKey {
        self.sealing_key
    }

    /// The private half, for unwrapping.
    pub(super) fn private_key(&self) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, KeyProblem> {
        private_key(&self.sealing_secret)
    }

    fn with_sealing_ikm(signing_seed: Secret<32>, ikm: &Secret<32>) -> Result<Self, KeyProblem> {
        let (private, _) = X25519HkdfSha256::derive_keypair(ikm.expose());
        Self::with_private_key(signing_seed, &private)
    }

    fn with_private_key(
        signing_seed: Secret<32>,
        private: &<X25519HkdfSha256 as Kem>::PrivateKey,
    ) -> Result<Self, KeyProblem> {
        let verify_key = <[u8; 32]>::try_from(pair(&signing_seed)?.public_key().as_ref())
            .map_err(|_| KeyProblem::BadKey)?;
        let sealing_key = X25519HkdfSha256::sk_to_pk(private).to_bytes();
        let private = Zeroizing::new(<[u8; 32]>::from(private.to_bytes()));
        Ok(Self {
            signing_seed,
            sealing_secret: Secret::from_slice(private.as_slice()).ok_or(KeyProblem::BadKey)?,
            verify_key: VerifyKey(verify_key),
            sealing_key: SealingKey(sealing_key.into()),
        })
    }
}

fn pair(seed: &Secret<32>) -> Result<Ed25519KeyPair, KeyProblem> {
    Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| KeyProblem::BadKey)
}

fn private_key(secret: &Secret<32>) -> Result<<X25519HkdfSha256 as Kem>::PrivateKey, KeyProblem> {
    Deserializable::from_bytes(secret.expose()).map_err(|_| KeyProblem::BadKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};

    fn generated(seed: u8) -> Identity {
        Identity::generate(&FixedEntropy::new(seed)).unwrap_or_else(|_| panic!())
    }

    fn secret(byte: u8) -> Secret<32> {
        Secret::from_slice(&[byte; 32]).unwrap()
    }

    #[test]
    fn what_an_identity_signs_is_checked_by_its_own_key_alone() {
        let (one, other) = (generated(1), generated(2));
        let signature = one.sign(b"message");
        assert!(one.verify_key().verify(b"message", &signature).is_ok());
        assert!(one.verify_key().verify(b"massage", &signature).is_err());
        assert!(other.verify_key().verify(b"message", &signature).is_err());
    }

    #[test]
    fn kept_secrets_make_the_same_identity() {
        let identity = generated(1);
        let (signing, sealing) = identity.secrets();
        let copy = |secret: &Secret<32>| Secret::from_slice(secret.expose()).unwrap();
        let again = Identity::from_secrets(copy(signing), copy(sealing)).unwrap_or_else(|_| panic!());
        assert_eq!(again.verify_key(), identity.verify_key());
        assert_eq!(again.sealing_key(), identity.sealing_key());
        assert_eq!(again.sign(b"message"), identity.sign(b"message"));
    }

    #[test]
    fn a_seed_makes_the_same_identity_on_every_device_and_in_every_version() {
        // Computed with Python's `cryptography` 48 by the steps above; the X25519 part by RFC 9180's DeriveKeyPair.
        let identity = Identity::from_seed(&secret(7)).unwrap_or_else(|_| panic!());
        let hex = |bytes| fieldfare_protocol::hash::Hash(bytes).to_string();
        assert_eq!(
            hex(identity.verify_key().0),
            "d1e6b27a87d49ff2b6f975dfb97f3ea8f570ae3b8551f11f43926d9036743ae1"
        );
        assert_eq!(
            hex(identity.sealing_key().0),
            "2c6654b2560e55cfb6a4e6873312cac238bbbd9321a1dc1dea6e46e8fc273472"
        );
    }

    #[test]
    fn the_two_keys_share_nothing() {
        let identity = Identity::from_seed(&secret(7)).unwrap_or_else(|_| panic!());
        let (signing, sealing) = identity.secrets();
        assert_ne!(signing.expose(), sealing.expose());
        assert_ne!(signing.expose(), &[7; 32]);
    }

    #[test]
    fn no_identity_is_made_without_entropy() {
        assert_eq!(Identity::generate(&SpentEntropy).err(), Some(KeyProblem::NoEntropy(NoEntropy)));
    }
}
