//! ChaCha20-Poly1305 over whole buffers, with the secrets wiped on the way.
//!
//! Knows keys and bytes; that no nonce comes twice under a key is its callers' duty, and each says why it holds.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::secret::Secret;

/// Bytes that a sealed body is longer than what is inside.
pub(super) const TAG_BYTES: usize = 16;

/// Key, nonce, bound bytes and body do not belong together, or the body is too long for the cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

pub(super) fn seal(
    key: &Secret<32>,
    nonce: [u8; 12],
    bound: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, Refused> {
    // Room for the tag from the start: growing would leave the plaintext behind in a freed buffer.
    let mut body = Vec::with_capacity(plain.len().saturating_add(TAG_BYTES));
    body.extend_from_slice(plain);
    cipher(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut body)
        .map_err(|_| Refused)?;
    Ok(body)
}

pub(super) fn open(
    key: &Secret<32>,
    nonce: [u8; 12],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let mut body = Zeroizing::new(sealed.to_vec());
    let length = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut body)
        .map_err(|_| Refused)?
        .len();
    body.truncate(length);
    Ok(body)
}

fn cipher(key: &Secret<32>) -> Result<LessSafeKey, Refused> {
    UnboundKey::new(&CHACHA20_POLY1305, key.expose()).map(LessSafeKey::new).map_err(|_| Refused)
}
