//! What is kept beside the hardware key, where no restored file can turn it back: which PIN is the newest, how far the store
//! had come, and how many tries were begun that nobody has answered.
//!
//! Knows three numbers and the beginning of a MAC. What a store does when it is behind them is not known here.

use crate::ports::{HardwareKey, HardwareKeyProblem};

/// How far a store had come: its lines of audit, and what the last of them ended in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// How many lines.
    pub lines: u64,
    /// The first half of what the last one ended in.
    pub end: [u8; 16],
}

impl Mark {
    /// The mark of a store with so many lines, of which the last ends in `end`.
    #[must_use]
    pub fn of(lines: u64, end: &[u8; 32]) -> Self {
        let mut mark = Self { lines, ..Self::default() };
        for (to, from) in mark.end.iter_mut().zip(end) {
            *to = *from;
        }
        mark
    }
}

/// Everything that is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// The newest PIN, counted from 1; 0 if nothing was kept yet.
    pub(super) generation: u32,
    pub(super) mark: Mark,
    /// Tries that were begun and have no verdict. Wrong ones have a count of their own in the port.
    pub(super) unanswered: u32,
}

const BYTES: usize = FIRST_BYTES + 4;
/// Without the tries, as the first version kept it.
const FIRST_BYTES: usize = 4 + 8 + 16;

impl Kept {
    /// Reads it. What is not ours counts as nothing, since nothing can be held against it.
    pub(super) fn read(key: &dyn HardwareKey) -> Result<Self, HardwareKeyProblem> {
        Ok(Self::parse(&key.kept()?).unwrap_or_default())
    }

    /// Keeps it durably, unless it is kept already.
    pub(super) fn keep(self, key: &dyn HardwareKey) -> Result<(), HardwareKeyProblem> {
        if Self::read(key)? == self { Ok(()) } else { key.keep(self.to_bytes()) }
    }

    fn to_bytes(self) -> Vec<u8> {
        let lines = self.mark.lines.to_be_bytes();
        let unanswered = self.unanswered.to_be_bytes();
        [self.generation.to_be_bytes().as_slice(), &lines, &self.mark.end, &unanswered].concat()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        if ![FIRST_BYTES, BYTES].contains(&bytes.len()) {
            return None;
        }
        let (generation, rest) = bytes.split_first_chunk::<4>()?;
        let (lines, rest) = rest.split_first_chunk::<8>()?;
        let (end, rest) = rest.split_first_chunk::<16>()?;
        let unanswered = rest.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        let mark = Mark { lines: u64::from_be_bytes(*lines), end: *end };
        Some(Self { generation: u32::from_be_bytes(*generation), mark, unanswered })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::doubles::MemoryHardwareKey;

    #[test]
    fn what_is_kept_is_read_again_and_anything_else_is_nothing() {
        let key = MemoryHardwareKey::with_key([1; 32]);
        assert_eq!(Kept::read(&key), Ok(Kept::default()));
        let kept = Kept { generation: 3, mark: Mark::of(70, &[7; 32]), unanswered: 9 };
        kept.keep(&key).unwrap();
        assert_eq!(Kept::read(&key), Ok(kept));
        // As the first version kept it.
        key.keep(kept.to_bytes()[..FIRST_BYTES].to_vec()).unwrap();
        assert_eq!(Kept::read(&key), Ok(Kept { unanswered: 0, ..kept }));
        key.keep(vec![1; 5]).unwrap();
        assert_eq!(Kept::read(&key), Ok(Kept::default()));
    }
}
