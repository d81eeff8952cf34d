//! How messages become bytes and back: `postcard`, with nothing left over.
//!
//! Knows no message by name. Whoever reads bounds the length first; nothing here allocates more than it was given.

use serde::{Serialize, de::DeserializeOwned};

/// The bytes are not such a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not a message of this protocol")]
pub struct Malformed;

/// Encodes a message.
///
/// # Errors
/// [`Malformed`] if a part cannot be encoded, which no type of this crate can bring about.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, Malformed> {
    postcard::to_stdvec(message).map_err(|_| Malformed)
}

/// Decodes a message that fills `bytes` exactly.
///
/// # Errors
/// [`Malformed`] if it is cut short, runs over or is something else.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    match postcard::take_from_bytes::<T>(bytes) {
        Ok((message, [])) => Ok(message),
        _ => Err(Malformed),
    }
}
