//! Padding of what is sealed, so that the length of a segment says little about what somebody wrote.
//!
//! Knows lengths, and nothing of what is inside. A body is followed by one byte `0x80` and zeros up to the next size of the
//! Padmé rule, which leaves only the leading bits of a length to be seen. One body has one padding: any other is refused.

use zeroize::Zeroizing;

use super::body::BadBody;

/// The smallest size of a padded body: a tick and a short remark look alike.
pub const PADDED_BYTES_MIN: usize = 64;

/// Ends the body; zeros follow.
const END: u8 = 0x80;

/// The size to which so many bytes are padded, the end mark among them: at most an eighth more, and never under
/// [`PADDED_BYTES_MIN`].
#[must_use]
pub fn padded_len(len: usize) -> usize {
    let len = len.max(PADDED_BYTES_MIN);
    // Of a length of n bits, as many of the first bits may be seen as n itself has bits; the rest is rounded up.
    let bits = len.ilog2();
    let hidden = bits.saturating_sub(bits.ilog2().saturating_add(1));
    let mask = (1_usize << hidden).saturating_sub(1);
    len.saturating_add(mask) & !mask
}

/// Pads a packed body.
#[must_use]
pub fn pad(mut packed: Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
    let padded = padded_len(packed.len().saturating_add(1));
    // A body that grows in place would leave its old bytes behind in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(padded));
    bytes.append(&mut packed);
    bytes.push(END);
    bytes.resize(padded, 0);
    bytes
}

/// The packed body inside a padded one.
///
/// # Errors
/// [`BadBody`] for anything that [`pad`] would have written otherwise.
pub fn strip(padded: &[u8]) -> Result<&[u8], BadBody> {
    let end = padded.iter().rposition(|byte| *byte != 0).ok_or(BadBody)?;
    let packed = padded.get(..end).ok_or(BadBody)?;
    let as_written = padded.get(end) == Some(&END) && padded_len(end.saturating_add(1)) == padded.len();
    if as_written { Ok(packed) } else { Err(BadBody) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_are_few_and_cost_little() {
        let sizes: std::collections::BTreeSet<usize> = (1..=4_096).map(padded_len).collect();
        assert!(sizes.len() <= 100, "{}", sizes.len());
        for len in 1..=300_000 {
            let padded = padded_len(len);
            assert!(padded >= len && padded_len(padded) == padded, "{len}");
            assert!(len < PADDED_BYTES_MIN || padded - len <= len / 8, "{len} became {padded}");
        }
    }

    #[test]
    fn short_bodies_cannot_be_told_apart() {
        let of = |len: usize| pad(Zeroizing::new(vec![7; len])).len();
        assert_eq!((of(0), of(1), of(63)), (64, 64, 64));
        assert_eq!((of(64), of(300), of(303)), (72, 304, 304));
    }

    proptest! {
        #[test]
        fn a_body_comes_back_whatever_it_ends_with(mut body: Vec<u8>, zeros in 0_usize..80) {
            body.resize(body.len() + zeros, 0);
            let padded = pad(Zeroizing::new(body.clone()));
            prop_assert_eq!(strip(&padded), Ok(body.as_slice()));
        }

        #[test]
        fn there_is_one_padding(body: Vec<u8>, more in 1_usize..200, at: usize, bit in 0..8_u8) {
            let padded = pad(Zeroizing::new(body.clone()));
            let mut longer = padded.to_vec();
            longer.resize(padded.len() + more, 0);
            prop_assert_eq!(strip(&longer), Err(BadBody));
            let mut changed = padded.to_vec();
            let at = at % changed.len();
            changed[at] ^= 1 << bit;
            // Whatever still strips is the one padding of what comes out.
            if let Ok(other) = strip(&changed) {
                prop_assert_eq!(pad(Zeroizing::new(other.to_vec())).to_vec(), changed.clone());
            }
        }

        #[test]
        fn other_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            let _ = strip(&bytes);
        }
    }

    #[test]
    fn nothing_and_zeros_are_no_bodies() {
        assert_eq!(strip(&[]), Err(BadBody));
        assert_eq!(strip(&[0; 64]), Err(BadBody));
    }
}
