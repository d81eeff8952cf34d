//! Bytes as text in base 64, as RFC 4648 has it, whole or as they come.
//!
//! Writes and never reads; knows nothing of what the bytes are.

use std::io;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The four letters of up to three bytes.
fn letters(group: &[u8]) -> [u8; 4] {
    let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
    let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
    let letter = |shift: u32| LETTERS.get(((bits >> shift) & 63) as usize).copied().unwrap_or(b'=');
    let or_pad = |letter: u8, at: usize| if group.len() > at { letter } else { b'=' };
    [letter(18), letter(12), or_pad(letter(6), 1), or_pad(letter(0), 2)]
}

/// All of some bytes.
pub(super) fn text(bytes: &[u8]) -> String {
    bytes.chunks(3).flat_map(letters).map(char::from).collect()
}

/// Passes bytes on as base 64, holding back at most two of them until [`Base64::end`].
pub(super) struct Base64<'o> {
    out: &'o mut dyn io::Write,
    rest: Vec<u8>,
}

impl<'o> Base64<'o> {
    pub(super) fn into(out: &'o mut dyn io::Write) -> Self {
        Self { out, rest: Vec::with_capacity(3) }
    }

    /// Writes what was held back, filled up.
    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(text(&self.rest).as_bytes())
    }
}

impl io::Write for Base64<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let (whole, rest) = all.split_at(all.len() - all.len() % 3);
        self.rest.extend_from_slice(rest);
        self.out.write_all(text(whole).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn it_is_what_the_rfc_says_however_the_bytes_come() {
        let known = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, expected) in known {
            assert_eq!(text(bytes.as_bytes()), expected);
            for size in 1..=3 {
                let mut out = Vec::new();
                let mut encoder = Base64::into(&mut out);
                bytes.as_bytes().chunks(size).for_each(|chunk| encoder.write_all(chunk).unwrap());
                encoder.end().unwrap();
                assert_eq!(out, expected.as_bytes());
            }
        }
        assert_eq!(text(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
