//! Words, digits and names that stand nowhere else in the world, made anew from a seed wherever they are needed.
//!
//! A process that works with them never holds a list of them, so whatever is found in its memory was left there by the work.

use fieldfare_protocol::hash::Hash;

/// Twenty-four letters of their own for each seed and number.
#[must_use]
pub fn word(seed: u64, number: u8) -> String {
    letters(seed, number, b'a', 26)
}

/// Twelve digits, as somebody careful would choose a PIN.
#[must_use]
pub fn pin(seed: u64) -> String {
    let digits = letters(seed, u8::MAX, b'0', 10);
    digits.chars().take(12).collect()
}

fn letters(seed: u64, number: u8, first: u8, many: u8) -> String {
    let hash = Hash::of(&[b"canary", &seed.to_be_bytes(), &[number]]);
    hash.0.iter().take(24).map(|byte| char::from(first + byte % many)).collect()
}
