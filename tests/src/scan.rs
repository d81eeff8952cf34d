//! Looking for words where they must not be: in every file below a folder, and in bytes off a wire.
//!
//! Finds a word in any case, as UTF-8, UTF-16 or hexadecimal digits; it cannot see through a seal, and should find none open.

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
        let forms = vec![
            lower.clone().into_bytes(),
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
            hex(word.as_bytes()).into_bytes(),
            hex(lower.as_bytes()).into_bytes(),
        ];
        Self { what: what.to_owned(), forms }
    }

    /// A key, as bytes and as digits, also in groups.
    #[must_use]
    pub fn key(what: &str, key: &[u8]) -> Self {
        let groups: Vec<String> = key.chunks(4).map(hex).collect();
        let lower: Vec<u8> = key.iter().map(u8::to_ascii_lowercase).collect();
        let forms = vec![lower, hex(key).into_bytes(), groups.join(" ").into_bytes()];
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
