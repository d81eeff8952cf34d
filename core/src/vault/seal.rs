//! The sealed body of a segment, under a key of its own.
//!
//! Knows where a segment stands, never what it says.
//!
//! ```text
//! segment key = HKDF-SHA256(epoch key, salt, "fieldfare/segment-key/1" ‖ vault ‖ device ‖ lane ‖ first seq)
//! body        = ChaCha20-Poly1305(segment key, nonce 0, plain), bound to vault ‖ device ‖ header
//! ```
//!
//! The nonce may be zero because no key seals twice. The salt is 16 fresh random bytes for every segment, so even a phone
//! that was restored from a backup, and numbers two different segments alike, seals them under different keys.

use fieldfare_protocol::segment::Chain;
use zeroize::Zeroizing;

use super::aead;
use super::secret::{Secret, derive};

/// Bytes that a sealed body is longer than what is inside.
pub const OVERHEAD_BYTES: usize = aead::TAG_BYTES;

const NONCE: [u8; 12] = [0; 12];

/// Why a body cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealProblem {
    /// Longer than the cipher takes, far beyond the limits of the protocol.
    #[error("the body is too long to seal")]
    TooLong,
    /// Another key, another place, or changed on the way.
    #[error("the body does not open")]
    NotOpened,
}

/// Seals the body of a segment. `salt` is fresh from the entropy port and stands in `header`, as does `first_seq`;
/// `header` is the header as it will be signed.
///
/// # Errors
/// [`SealProblem::TooLong`].
pub fn seal(
    epoch_key: &Secret<32>,
    chain: &Chain,
    header: &[u8],
    first_seq: u64,
    salt: &[u8; 16],
    plain: &[u8],
) -> Result<Vec<u8>, SealProblem> {
    let key = segment_key(epoch_key, chain, first_seq, salt);
    aead::seal(&key, NONCE, &bound(chain, header), plain).map_err(|_| SealProblem::TooLong)
}

/// Opens the body of a segment whose signature has been checked; `header` is the header as it was signed.
///
/// # Errors
/// [`SealProblem::NotOpened`].
pub fn open(
    epoch_key: &Secret<32>,
    chain: &Chain,
    header: &[u8],
    first_seq: u64,
    salt: &[u8; 16],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealProblem> {
    let key = segment_key(epoch_key, chain, first_seq, salt);
    aead::open(&key, NONCE, &bound(chain, header), sealed).map_err(|_| SealProblem::NotOpened)
}

fn segment_key(epoch_key: &Secret<32>, chain: &Chain, first_seq: u64, salt: &[u8; 16]) -> Secret<32> {
    derive(
        epoch_key.expose(),
        salt,
        &[
            b"fieldfare/segment-key/1",
            chain.vault.as_bytes(),
            chain.device.as_bytes(),
            &[chain.lane.code()],
            &first_seq.to_be_bytes(),
        ],
    )
}

fn bound(chain: &Chain, header: &[u8]) -> Vec<u8> {
    [chain.vault.as_bytes().as_slice(), chain.device.as_bytes(), header].concat()
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::id::{DeviceId, VaultId};
    use fieldfare_protocol::lane::Lane;
    use proptest::prelude::*;

    use super::*;

    const HEADER: &[u8] = b"header";
    const SALT: [u8; 16] = [4; 16];

    fn chain() -> Chain {
        Chain { vault: VaultId([1; 16]), device: DeviceId([2; 16]), lane: Lane::Notes }
    }

    fn key(byte: u8) -> Secret<32> {
        Secret::from_slice(&[byte; 32]).unwrap()
    }

    fn sealed() -> Vec<u8> {
        seal(&key(9), &chain(), HEADER, 5, &SALT, b"what somebody said").unwrap()
    }

    #[test]
    fn a_body_opens_where_it_was_sealed() {
        let opened = open(&key(9), &chain(), HEADER, 5, &SALT, &sealed()).unwrap();
        assert_eq!(opened.as_slice(), b"what somebody said");
        assert_eq!(sealed().len(), b"what somebody said".len() + OVERHEAD_BYTES);
    }

    #[test]
    fn a_body_agrees_with_another_implementation() {
        // HKDF and ChaCha20-Poly1305 of Python's `cryptography` 48.
        let expected = fieldfare_protocol::id::read_hex::<34>(
            "c0a4e08e9881f5ad020aa1f92b4a7809d0ec282aa6b173a13da0df40549ef2fcd630",
        )
        .unwrap();
        assert_eq!(sealed(), expected);
    }

    #[test]
    fn a_body_opens_nowhere_else() {
        let body = sealed();
        let not_opened = Some(SealProblem::NotOpened);
        assert_eq!(open(&key(8), &chain(), HEADER, 5, &SALT, &body).err(), not_opened);
        assert_eq!(open(&key(9), &chain(), b"Header", 5, &SALT, &body).err(), not_opened);
        assert_eq!(open(&key(9), &chain(), HEADER, 6, &SALT, &body).err(), not_opened);
        assert_eq!(open(&key(9), &chain(), HEADER, 5, &[5; 16], &body).err(), not_opened);
        let elsewhere = [
            Chain { vault: VaultId([3; 16]), ..chain() },
            Chain { device: DeviceId([3; 16]), ..chain() },
            Chain { lane: Lane::Urgent, ..chain() },
        ];
        for chain in elsewhere {
            assert_eq!(open(&key(9), &chain, HEADER, 5, &SALT, &body).err(), not_opened);
        }
    }

    #[test]
    fn r26_every_flipped_bit_and_every_truncation_is_found() {
        let body = sealed();
        for length in 0..body.len() {
            assert!(open(&key(9), &chain(), HEADER, 5, &SALT, &body[..length]).is_err());
        }
        for bit in 0..body.len() * 8 {
            let mut flipped = body.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key(9), &chain(), HEADER, 5, &SALT, &flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_restored_phone_that_numbers_alike_shares_no_key() {
        let first = segment_key(&key(9), &chain(), 5, &[1; 16]);
        let second = segment_key(&key(9), &chain(), 5, &[2; 16]);
        assert_ne!(first.expose(), second.expose());
    }

    proptest! {
        #[test]
        fn any_body_comes_back(plain in proptest::collection::vec(any::<u8>(), 0..4096), seq in 1_u64..) {
            let sealed = seal(&key(9), &chain(), HEADER, seq, &SALT, &plain).unwrap();
            let opened = open(&key(9), &chain(), HEADER, seq, &SALT, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
        }
    }
}
