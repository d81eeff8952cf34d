//! Crockford's base 32: bytes as letters and digits that survive being read aloud.
//!
//! Knows no checksum and no meaning. Reading takes either case, O for 0, I and L for 1, and skips hyphens and spaces.

use zeroize::Zeroizing;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters between two hyphens.
const GROUP: usize = 5;

/// Writes bytes in groups of five letters, without a hyphen at either end.
pub(super) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let letters = bytes.len().saturating_mul(8).div_ceil(5);
    let mut text = Zeroizing::new(String::with_capacity(letters.saturating_add(letters / GROUP)));
    let (mut pending, mut pending_bits, mut written) = (0_u32, 0_u32, 0_usize);
    let mut push = |digit: u32| {
        if written > 0 && written.is_multiple_of(GROUP) {
            text.push('-');
        }
        written = written.saturating_add(1);
        let letter = usize::try_from(digit & 31).ok().and_then(|digit| DIGITS.get(digit));
        text.extend(letter.map(|letter| char::from(*letter)));
    };
    for byte in bytes {
        // At most four bits are pending, so twelve are the most there can be.
        pending = (pending << 8 | u32::from(*byte)) & 0xfff;
        pending_bits = pending_bits.saturating_add(8);
        while pending_bits >= 5 {
            pending_bits = pending_bits.saturating_sub(5);
            push(pending >> pending_bits);
        }
    }
    if pending_bits > 0 {
        push(pending << 5_u32.saturating_sub(pending_bits));
    }
    text
}

/// Reads what [`encode`] wrote; `None` for any other letter or if bits are left over.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut pending, mut pending_bits) = (0_u32, 0_u32);
    for letter in text.bytes().filter(|letter| *letter != b'-' && !letter.is_ascii_whitespace()) {
        pending = (pending << 5 | value(letter)?) & 0xfff;
        pending_bits = pending_bits.saturating_add(5);
        if pending_bits >= 8 {
            pending_bits = pending_bits.saturating_sub(8);
            bytes.push(u8::try_from(pending >> pending_bits & 0xff).ok()?);
        }
    }
    // One text for the same bytes: what is left over must be the zeros that filled the last letter.
    let left = pending & 1_u32.checked_shl(pending_bits)?.checked_sub(1)?;
    (pending_bits < 5 && left == 0).then_some(bytes)
}

fn value(letter: u8) -> Option<u32> {
    let letter = match letter.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        letter => letter,
    };
    DIGITS.iter().position(|digit| *digit == letter).and_then(|position| u32::try_from(position).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_texts_read_and_write() {
        assert_eq!(*encode(b""), "");
        assert_eq!(*encode(&[0]), "00");
        assert_eq!(*encode(&[0xff]), "ZW");
        assert_eq!(*encode(b"fieldfare"), "CSMPA-V34CS-GQ4S8");
        assert_eq!(decode("csmpav34cs gq4s8").as_deref().map(Vec::as_slice), Some(b"fieldfare".as_slice()));
        assert_eq!(decode("iLoO").as_deref().map(Vec::as_slice), Some([8, 64].as_slice()));
    }

    #[test]
    fn what_nobody_wrote_is_refused() {
        for text in ["0", "000", "U0", "0é", "01", "000000"] {
            assert!(decode(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(&text).map(|read| read.to_vec()), Some(bytes.clone()));
            prop_assert_eq!(decode(&text.to_lowercase()).map(|read| read.to_vec()), Some(bytes));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Some(bytes) = decode(&text) {
                prop_assert!(decode(&encode(&bytes)) == Some(bytes));
            }
        }
    }
}
