//! How the two texts of help are written: a prefix, then letters that survive being typed, with a version and a check.
//!
//! ```text
//! prefix · base 32 of (version 1 · postcard · 4 bytes of SHA-256 over prefix and all before)
//! ```
//!
//! Knows no meaning.

use fieldfare_protocol::hash::Hash;
use serde::{Serialize, de::DeserializeOwned};

use super::HelpRefusal;
use crate::vault::base32;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;
/// Longest text that is read, with the blanks and line ends that somebody adds: the longest that is written is 1,600 letters.
const TEXT_BYTES_MAX: usize = 4096;

pub(super) fn write<T: Serialize>(prefix: &str, value: &T) -> Result<String, HelpRefusal> {
    let mut bytes = vec![VERSION];
    bytes.extend(postcard::to_stdvec(value).map_err(|_| HelpRefusal::Damaged)?);
    let checksum = checksum_of(prefix, &bytes);
    bytes.extend(checksum);
    Ok(format!("{prefix}{}", *base32::encode(&bytes)))
}

pub(super) fn read<T: DeserializeOwned>(prefix: &str, text: &str) -> Result<T, HelpRefusal> {
    let text = text.trim();
    let (begins, letters) = text.split_at_checked(prefix.len()).ok_or(HelpRefusal::Foreign)?;
    if !begins.eq_ignore_ascii_case(prefix) {
        return Err(HelpRefusal::Foreign);
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(HelpRefusal::Damaged);
    }
    let bytes = base32::decode(letters).ok_or(HelpRefusal::Damaged)?;
    let (covered, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(HelpRefusal::Damaged)?;
    // Before the version is believed: a mistyped first letter must not send somebody looking for an update.
    if *checksum != checksum_of(prefix, covered) {
        return Err(HelpRefusal::Damaged);
    }
    match covered.split_first() {
        Some((&VERSION, body)) => match postcard::take_from_bytes(body) {
            Ok((value, [])) => Ok(value),
            _ => Err(HelpRefusal::Damaged),
        },
        Some((0, _)) | None => Err(HelpRefusal::Damaged),
        Some(_) => Err(HelpRefusal::Newer),
    }
}

fn checksum_of(prefix: &str, bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Hash::of(&[b"fieldfare/help-text/1", prefix.as_bytes(), bytes]).short()
}
