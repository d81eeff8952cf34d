//! Inputs near a known one, from a seed: for the short run that needs no instrumentation.
//!
//! Knows nothing of formats. What it lacks in wit, libFuzzer has.

use tests::casework::chance::Chance;

/// Bytes at which decoders turn: signs, lengths and the longest numbers.
const EDGES: [u8; 10] = [0x00, 0x01, 0x02, 0x10, 0x40, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/// Most changes between a known input and a new one.
const CHANGES_MAX: usize = 6;

/// A new input near one of `known`, at most `bytes_max` long.
pub fn near(chance: &mut Chance, known: &[Vec<u8>], bytes_max: usize) -> Vec<u8> {
    let mut bytes = chance.of(known).cloned().unwrap_or_default();
    for _ in 0..chance.between(1, CHANGES_MAX) {
        change(chance, known, &mut bytes);
    }
    bytes.truncate(bytes_max);
    bytes
}

fn change(chance: &mut Chance, known: &[Vec<u8>], bytes: &mut Vec<u8>) {
    let at = chance.below(bytes.len());
    match chance.below(8) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
        1 if !bytes.is_empty() => bytes[at] = chance.of(&EDGES).copied().unwrap_or_default(),
        2 if !bytes.is_empty() => bytes[at] = chance.bits().to_le_bytes()[0],
        3 => bytes.truncate(at),
        4 => bytes.insert(at, chance.of(&EDGES).copied().unwrap_or_default()),
        5 if !bytes.is_empty() => {
            let to = chance.between(at, bytes.len().min(at + 16));
            bytes.drain(at..to);
        }
        6 if !bytes.is_empty() => {
            // A piece of the same input in another place.
            let to = chance.between(at, bytes.len().min(at + 64));
            let piece = bytes[at..to].to_vec();
            let place = chance.below(bytes.len() + 1);
            bytes.splice(place..place, piece);
        }
        7 => {
            // The end of another input.
            if let Some(other) = chance.of(known) {
                let from = chance.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
        _ => bytes.push(chance.bits().to_le_bytes()[0]),
    }
}
