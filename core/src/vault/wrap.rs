//! An epoch key sealed to one reader: HPKE (RFC 9180) in base mode over X25519, HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! Knows a key, a reader and the place in a log that it is for; who may read is the membership log's to say.

use std::convert::Infallible;

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, InvitationId, VaultId};
use fieldfare_protocol::membership::Wrap;
use fieldfare_protocol::signing::SealingKey;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use serde_bytes::ByteArray;
use zeroize::Zeroizing;

use super::identity::Identity;
use super::secret::{Secret, derive};
use crate::ports::{Entropy, NoEntropy};

/// Whom a wrap is for. Part of what is sealed: a wrap for one reader is no wrap for another, even under the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A device.
    Device(DeviceId),
    /// Whoever holds an invitation.
    Invitation(InvitationId),
    /// The organisation's recovery key.
    Recovery,
}

/// The place that a wrap is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapContext {
    /// The vault.
    pub vault: VaultId,
    /// The key epoch.
    pub epoch: u32,
    /// The reader.
    pub reader: Reader,
}

/// Why a key cannot be wrapped or unwrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrapProblem {
    /// There is no randomness to seal with.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// The reader's public key is none that anything can be sealed to.
    #[error("nothing can be sealed to this key")]
    BadKey,
    /// Sealed to somebody else, for another place, or changed on the way.
    #[error("the key is not sealed to this reader")]
    NotForUs,
    /// It opens, to another key than the log commits to.
    #[error("the sealed key is not the one the log names")]
    OtherKey,
}

/// Commits to an epoch key: two readers with the same name hold the same key.
#[must_use]
pub fn key_id(epoch_key: &Secret<32>) -> [u8; 16] {
    Hash::of(&[b"fieldfare/key-id/1", epoch_key.expose()]).short()
}

/// Seals an epoch key to one reader.
///
/// # Errors
/// [`WrapProblem::NoEntropy`] or [`WrapProblem::BadKey`].
pub fn wrap(
    epoch_key: &Secret<32>,
    to: &SealingKey,
    context: &WrapContext,
    entropy: &dyn Entropy,
) -> Result<Wrap, WrapProblem> {
    seal_to(epoch_key, to, &context.info(), entropy)
}

/// Seals a secret to one reader for the purpose that `info` names.
///
/// # Errors
/// [`WrapProblem::NoEntropy`] or [`WrapProblem::BadKey`].
pub fn seal_to(
    secret: &Secret<32>,
    to: &SealingKey,
    info: &[u8],
    entropy: &dyn Entropy,
) -> Result<Wrap, WrapProblem> {
    let to = Deserializable::from_bytes(&to.0).map_err(|_| WrapProblem::BadKey)?;
    let mut ephemeral = Drawn::from(Secret::random(entropy)?);
    let (encapsulated, sealed) = hpke::single_shot_seal_with_rng::<
        ChaCha20Poly1305,
        HkdfSha256,
        X25519HkdfSha256,
    >(&OpModeS::Base, &to, info, secret.expose(), &[], &mut ephemeral)
    .map_err(|_| WrapProblem::BadKey)?;
    let sealed = <[u8; 48]>::try_from(sealed).map_err(|_| WrapProblem::BadKey)?;
    let encapsulated = <[u8; 32]>::from(encapsulated.to_bytes());
    Ok(Wrap { encapsulated: ByteArray::new(encapsulated), sealed: ByteArray::new(sealed) })
}

/// Seals an epoch key to the recovery key. What is drawn for it follows from the epoch key itself, 32 random bytes that
/// nobody else holds: so whoever holds that key can make the wrap again and see that it is the true one.
///
/// # Errors
/// [`WrapProblem::BadKey`].
pub fn recovery_wrap(
    epoch_key: &Secret<32>,
    vault: VaultId,
    epoch: u32,
    to: &SealingKey,
) -> Result<Wrap, WrapProblem> {
    struct Following(Secret<32>);
    impl Entropy for Following {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
            for (to, from) in bytes.iter_mut().zip(self.0.expose()) {
                *to = *from;
            }
            Ok(())
        }
    }
    let context = WrapContext { vault, epoch, reader: Reader::Recovery };
    let seed = derive(epoch_key.expose(), &[], &[b"fieldfare/recovery-ephemeral/1", &context.info()]);
    wrap(epoch_key, to, &context, &Following(seed))
}

/// Opens a wrap and checks the key against the name that the log commits to.
///
/// # Errors
/// [`WrapProblem::NotForUs`] or [`WrapProblem::OtherKey`].
pub fn unwrap(
    wrap: &Wrap,
    reader: &Identity,
    context: &WrapContext,
    expected_id: &[u8; 16],
) -> Result<Secret<32>, WrapProblem> {
    let epoch_key = open_sealed(wrap, reader, &context.info())?;
    if key_id(&epoch_key) == *expected_id { Ok(epoch_key) } else { Err(WrapProblem::OtherKey) }
}

/// Opens what was sealed to a reader for the purpose that `info` names.
///
/// # Errors
/// [`WrapProblem::NotForUs`].
pub fn open_sealed(wrap: &Wrap, reader: &Identity, info: &[u8]) -> Result<Secret<32>, WrapProblem> {
    let private = reader.private_key().map_err(|_| WrapProblem::NotForUs)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(wrap.encapsulated.as_slice())
        .map_err(|_| WrapProblem::NotForUs)?;
    let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        info,
        wrap.sealed.as_slice(),
        &[],
    )
    .map(Zeroizing::new)
    .map_err(|_| WrapProblem::NotForUs)?;
    Secret::from_slice(&opened).ok_or(WrapProblem::NotForUs)
}

impl WrapContext {
    /// HPKE's `info`: every part has a fixed length, so no two places share their bytes.
    fn info(&self) -> Vec<u8> {
        let mut info = b"fieldfare/wrap/1".to_vec();
        info.extend_from_slice(self.vault.as_bytes());
        info.extend_from_slice(&self.epoch.to_be_bytes());
        info.extend_from_slice(match &self.reader {
            Reader::Device(device) => device.as_bytes(),
            Reader::Invitation(invitation) => invitation.as_bytes(),
            Reader::Recovery => &[0; 16],
        });
        info
    }
}

/// What the library takes for a generator, over a seed that the entropy port gave.
///
/// The library's trait may not fail where our port may, so all entropy is drawn before it is asked. However much it then
/// asks for is derived from those 32 bytes; today it asks once, for the ephemeral key.
pub(super) struct Drawn {
    seed: Secret<32>,
    blocks: u64,
}

impl From<Secret<32>> for Drawn {
    fn from(seed: Secret<32>) -> Self {
        Self { seed, blocks: 0 }
    }
}

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            let number = self.blocks.to_be_bytes();
            let block = derive(self.seed.expose(), &[], &[b"fieldfare/wrap-ephemeral/1", &number]);
            self.blocks = self.blocks.saturating_add(1);
            for (to, from) in chunk.iter_mut().zip(block.expose()) {
                *to = *from;
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};

    fn reader() -> Identity {
        Identity::from_seed(&Secret::from_slice(&[7; 32]).unwrap()).unwrap_or_else(|_| panic!())
    }

    fn key() -> Secret<32> {
        Secret::from_slice(&[9; 32]).unwrap()
    }

    fn context() -> WrapContext {
        WrapContext { vault: VaultId([1; 16]), epoch: 3, reader: Reader::Device(DeviceId([2; 16])) }
    }

    fn wrapped() -> Wrap {
        wrap(&key(), &reader().sealing_key(), &context(), &FixedEntropy::new(1)).unwrap()
    }

    #[test]
    fn a_wrap_opens_for_its_reader() {
        let opened = unwrap(&wrapped(), &reader(), &context(), &key_id(&key()));
        assert_eq!(opened.map(|key| *key.expose()).ok(), Some([9; 32]));
    }

    #[test]
    fn a_wrap_of_another_implementation_opens() {
        // Made by OpenSSL's HPKE through Python's `cryptography` 48, for this reader and place.
        let bytes = fieldfare_protocol::id::read_hex::<80>("12d9d6019aa8159dcbbf83d58c0505961bd93eee85a554071f7ed6bc0d3a947e98022336681edd6db9ef5885b7c9903a8a5a343e917188a54914d708131967c3699c4b5e9324e1d7fe6721207c45ec30").unwrap();
        let (encapsulated, sealed) = bytes.split_at(32);
        let wrap = Wrap {
            encapsulated: ByteArray::new(encapsulated.try_into().unwrap()),
            sealed: ByteArray::new(sealed.try_into().unwrap()),
        };
        let opened = unwrap(&wrap, &reader(), &context(), &key_id(&key()));
        assert_eq!(opened.map(|key| *key.expose()).ok(), Some([9; 32]));
    }

    #[test]
    fn a_wrap_opens_for_nobody_else_and_nowhere_else() {
        let id = key_id(&key());
        let other = Identity::from_seed(&Secret::from_slice(&[8; 32]).unwrap()).unwrap_or_else(|_| panic!());
        assert_eq!(unwrap(&wrapped(), &other, &context(), &id).err(), Some(WrapProblem::NotForUs));
        let places = [
            WrapContext { vault: VaultId([3; 16]), ..context() },
            WrapContext { epoch: 4, ..context() },
            WrapContext { reader: Reader::Device(DeviceId([3; 16])), ..context() },
            WrapContext { reader: Reader::Recovery, ..context() },
        ];
        for place in places {
            assert_eq!(unwrap(&wrapped(), &reader(), &place, &id).err(), Some(WrapProblem::NotForUs));
        }
    }

    #[test]
    fn every_flipped_bit_of_a_wrap_is_found() {
        let wrap = wrapped();
        for position in 0..80 {
            let (mut encapsulated, mut sealed) = (wrap.encapsulated.into_array(), wrap.sealed.into_array());
            match position {
                0..32 => encapsulated[position] ^= 1 << (position % 7),
                _ => sealed[position - 32] ^= 1 << (position % 8),
            }
            let flipped = Wrap { encapsulated: ByteArray::new(encapsulated), sealed: ByteArray::new(sealed) };
            let opened = unwrap(&flipped, &reader(), &context(), &key_id(&key()));
            assert_eq!(opened.err(), Some(WrapProblem::NotForUs), "byte {position}");
        }
    }

    #[test]
    fn a_key_that_the_log_does_not_name_is_refused() {
        let opened = unwrap(&wrapped(), &reader(), &context(), &[0; 16]);
        assert_eq!(opened.err(), Some(WrapProblem::OtherKey));
    }

    #[test]
    fn no_two_wraps_share_their_ephemeral_key() {
        let entropy = FixedEntropy::new(1);
        let made = || wrap(&key(), &reader().sealing_key(), &context(), &entropy).unwrap();
        assert_ne!(made().encapsulated, made().encapsulated);
    }

    #[test]
    fn without_entropy_or_a_usable_key_nothing_is_sealed() {
        let sealed = wrap(&key(), &reader().sealing_key(), &context(), &SpentEntropy);
        assert_eq!(sealed, Err(WrapProblem::NoEntropy(NoEntropy)));
        // Zero is a point of small order: whatever is sealed to it, everybody can read.
        let sealed = wrap(&key(), &SealingKey([0; 32]), &context(), &FixedEntropy::new(1));
        assert_eq!(sealed, Err(WrapProblem::BadKey));
    }

    #[test]
    fn drawn_bytes_never_repeat_within_one_seed() {
        let mut drawn = Drawn::from(key());
        let (mut first, mut second) = ([0; 48], [0; 48]);
        drawn.try_fill_bytes(&mut first).unwrap();
        drawn.try_fill_bytes(&mut second).unwrap();
        assert_ne!(first, second);
        assert_ne!(first[..16], first[32..]);
    }
}
