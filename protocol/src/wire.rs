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

/// Decodes a message that fills `bytes` exactly and is spelled as [`encode`] spells it.
///
/// # Errors
/// [`Malformed`] if it is cut short, runs over, is something else, or says the same in other bytes.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    match postcard::take_from_bytes::<T>(bytes) {
        // A length or number may be spelled longer than it need be; whoever compares bytes would take it for another.
        Ok((message, [])) if encode(&message)? == bytes => Ok(message),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(decode::<u32>(&[5]), Ok(5));
        assert_eq!(decode::<u32>(&[0x85, 0x00]), Err(Malformed));
        assert_eq!(decode::<u32>(&[5, 0]), Err(Malformed));
    }
}
