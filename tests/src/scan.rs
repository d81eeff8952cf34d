//! Looking for words where they must not be: in every file below a folder, and in bytes off a wire.
//!
//! Finds a word in any case, as UTF-8, UTF-16, hexadecimal digits or base 64; it cannot see through a seal, and should find
//! none open.

use std::path::Path;

/// A word and all the forms in which it is looked for.
pub struct Wanted {
    /// What it is, for whoever reads that it was found.
    pub what: String,
    forms: Vec<Vec<u8>>,
}

impl Wanted {
    /// A word that somebody wrote.
    #[must_use]
    pub fn word(what: &str, word: &str) -> Self {
        let lower = word.to_lowercase();
        let units: Vec<u16> = lower.encode_utf16().collect();
        let mut forms = vec![
            lower.clone().into_bytes(),
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            hex(word.as_bytes()).into_bytes(),
            hex(lower.as_bytes()).into_bytes(),
        ];
        for word in [word, &lower, &word.to_uppercase()] {
            forms.extend(base64(word.as_bytes()));
        }
        Self { what: what.to_owned(), forms }
    }

    /// A key, as bytes and as digits, also in groups.
    #[must_use]
    pub fn key(what: &str, key: &[u8]) -> Self {
        let groups: Vec<String> = key.chunks(4).map(hex).collect();
        let lower: Vec<u8> = key.iter().map(u8::to_ascii_lowercase).collect();
        let mut forms = vec![lower, hex(key).into_bytes(), groups.join(" ").into_bytes()];
        forms.extend(base64(key));
        Self { what: what.to_owned(), forms }
    }

    /// Whether bytes hold it in any form.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        let lower: Vec<u8> = bytes.iter().map(u8::to_ascii_lowercase).collect();
        self.forms.iter().any(|form| contains(&lower, form))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What of some bytes stands in base 64, in either alphabet, wherever they begin in a group of three; in lower case, as
/// everything is looked for.
fn base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut forms = Vec::new();
    for (before, last_two) in (0..3).flat_map(|before| [(before, b"+/"), (before, b"-_")]) {
        let bits: Vec<bool> = std::iter::repeat_n(0, before)
            .chain(bytes.iter().copied())
            .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
            .collect();
        // Digits that hold a bit of a neighbour are not known.
        let known = bits.chunks_exact(6).skip((before * 8).div_ceil(6));
        let digit = |six: &[bool]| {
            let place = six.iter().fold(0, |place, bit| place * 2 + usize::from(*bit));
            DIGITS.get(place).copied().unwrap_or_else(|| last_two[place - DIGITS.len()])
        };
        forms.push(known.map(|six| digit(six).to_ascii_lowercase()).collect());
    }
    forms
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    let Some((first, rest)) = wanted.split_first() else { return false };
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.into_iter().any(|(at, _)| bytes[at + 1..].starts_with(rest))
}

/// Where in a folder anything wanted is: the file and what it is. Files named in `except` are not looked at.
///
/// # Panics
/// If a file cannot be read.
#[must_use]
pub fn found_below(folder: &Path, wanted: &[Wanted], except: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, bytes) in files_below(folder) {
        if except.iter().any(|one| name.ends_with(one)) {
            continue;
        }
        for one in wanted.iter().filter(|one| one.is_in(&bytes) || one.is_in(name.as_bytes())) {
            found.push(format!("{}: {name}", one.what));
        }
    }
    found
}

/// Every file below a folder, by its path, with its bytes.
///
/// # Panics
/// If a file cannot be read.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            files.push((path.to_string_lossy().into_owned(), bytes));
        }
    }
    files
}
