//! Secret bytes that wipe themselves, and the two ways in which one secret becomes another.
//!
//! Knows lengths only: what a secret opens is said by the types around it.

use ring::hmac;
use zeroize::{Zeroize, Zeroizing};

use crate::ports::{Entropy, NoEntropy};

/// `N` secret bytes on the heap, wiped when dropped. It cannot be copied, printed or encoded by accident.
// Boxed: moving the value then moves a pointer, and leaves no copy of the bytes behind on the stack.
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// Makes a secret from randomness.
    ///
    /// # Errors
    /// [`NoEntropy`] if there is none.
    pub fn random(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut secret = Self(Box::new([0; N]));
        entropy.fill(secret.0.as_mut_slice())?;
        Ok(secret)
    }

    /// Copies a secret from exactly `N` bytes; `None` for any other number. The caller wipes its own copy.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != N {
            return None;
        }
        let mut secret = Self(Box::new([0; N]));
        secret.0.copy_from_slice(bytes);
        Some(secret)
    }

    /// The bytes, for as long as the secret lives.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

/// HKDF-SHA256 (RFC 5869) with one block of output: 32 bytes from `ikm`, for the purpose that `info` names.
///
/// The parts of `info` are joined as they are; callers begin with a context and give parts of fixed length.
#[must_use]
pub fn derive(ikm: &[u8], salt: &[u8], info: &[&[u8]]) -> Secret<32> {
    let extracted = mac(salt, &[ikm]);
    // The first block of the expansion is all that 32 bytes need, so nothing here can fail.
    let mut parts = info.to_vec();
    parts.push(&[1]);
    mac(extracted.expose(), &parts)
}

/// HMAC-SHA256 of the parts, joined as they are.
#[must_use]
pub fn mac(key: &[u8], parts: &[&[u8]]) -> Secret<32> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut secret = Secret(Box::new([0; 32]));
    for (to, from) in secret.0.iter_mut().zip(context.sign().as_ref()) {
        *to = *from;
    }
    secret
}

/// Joins secret parts into one buffer that wipes itself and was never moved while it grew.
pub(super) fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::id::read_hex;

    use super::*;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};

    #[test]
    fn derivation_agrees_with_the_vectors_of_its_standard() {
        // RFC 5869, A.1 and A.3: the first 32 bytes of what they derive.
        let info = read_hex::<10>("f0f1f2f3f4f5f6f7f8f9").unwrap();
        let salt = read_hex::<13>("000102030405060708090a0b0c").unwrap();
        let expected =
            read_hex::<32>("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf").unwrap();
        assert_eq!(*derive(&[0x0b; 22], &salt, &[&info]).expose(), expected);

        let expected =
            read_hex::<32>("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d").unwrap();
        assert_eq!(*derive(&[0x0b; 22], &[], &[]).expose(), expected);
    }

    #[test]
    fn derivation_agrees_with_ring_for_any_split_of_its_purpose() {
        struct Length;
        impl ring::hkdf::KeyType for Length {
            fn len(&self) -> usize {
                32
            }
        }
        let mut expected = [0; 32];
        let salt = ring::hkdf::Salt::new(ring::hkdf::HKDF_SHA256, b"salt");
        salt.extract(b"key").expand(&[b"purpose"], Length).unwrap().fill(&mut expected).unwrap();
        assert_eq!(*derive(b"key", b"salt", &[b"purpose"]).expose(), expected);
        assert_eq!(*derive(b"key", b"salt", &[b"pur", b"", b"pose"]).expose(), expected);
    }

    #[test]
    fn a_secret_is_made_of_entropy_or_not_at_all() {
        assert_eq!(*Secret::<4>::random(&FixedEntropy::new(7)).unwrap_or_else(|_| panic!()).expose(), {
            let mut expected = [0; 4];
            FixedEntropy::new(7).fill(&mut expected).unwrap();
            expected
        });
        assert_eq!(Secret::<4>::random(&SpentEntropy).err(), Some(NoEntropy));
    }

    #[test]
    fn a_secret_takes_exactly_its_length() {
        assert!(Secret::<4>::from_slice(&[1; 3]).is_none());
        assert!(Secret::<4>::from_slice(&[1; 5]).is_none());
        assert_eq!(Secret::<4>::from_slice(&[1; 4]).map(|secret| *secret.expose()), Some([1; 4]));
    }
}
