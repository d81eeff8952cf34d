//! Seeds that once failed, kept as small files and played again in every test run.
//!
//! A file says `fault`, `seed` and `why`, a line each; it knows nothing of how the seed is played.

use std::path::PathBuf;

/// A seed that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The fault.
    pub fault: u8,
    /// The seed.
    pub seed: u64,
    /// Why it is kept.
    pub why: String,
}

/// Where the files lie.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("regressions")
}

impl Kept {
    /// Reads a file's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(": "));
            lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim().to_owned())
        };
        Some(Self {
            fault: value("fault")?.parse().ok()?,
            seed: value("seed")?.parse().ok()?,
            why: value("why").filter(|why| !why.is_empty())?,
        })
    }
}

/// Every seed that is kept.
///
/// # Panics
/// If a file is not understood.
#[must_use]
pub fn all() -> Vec<Kept> {
    let Ok(entries) = std::fs::read_dir(folder()) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|name| name == "seed"));
    paths.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).ok().and_then(|text| Kept::parse(&text));
    paths
        .iter()
        .map(|path| read(path).unwrap_or_else(|| panic!("{} is no kept seed", path.display())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_seed_says_fault_seed_and_why() {
        let text = "fault: 10\nseed: 77\nwhy: a reply was taken in twice\n";
        let kept = Kept { fault: 10, seed: 77, why: "a reply was taken in twice".to_owned() };
        assert_eq!(Kept::parse(text), Some(kept));
        for not in ["", "fault: 10\nseed: x\nwhy: y", "fault: 10\nseed: 7\nwhy: "] {
            assert_eq!(Kept::parse(not), None, "{not}");
        }
    }
}
