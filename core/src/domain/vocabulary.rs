//! What one version of the app understands: kinds of record, operations, and how typing is read.
//!
//! Apps of different ages exchange edits. What is not in a version's vocabulary is kept unread, and comes alive in one
//! that has it.

use super::edit::Op;
use super::field::RecordKind;
use super::kind::KINDS;
use super::text::{self, TextProblem, Typing};

/// The vocabulary of a version.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// Names the version; another name has everything that was not understood looked at again.
    pub version: &'static str,
    /// Its kinds with their fields.
    pub kinds: &'static [&'static RecordKind],
    /// Its operations.
    pub ops: &'static [Op],
    /// Reads typing as its text library does.
    pub read_typing: fn(&[u8]) -> Result<Typing, TextProblem>,
}

impl Vocabulary {
    /// The vocabulary of this version.
    pub const THIS: Self = Self {
        version: env!("CARGO_PKG_VERSION"),
        kinds: &KINDS,
        ops: &Op::ALL,
        read_typing: text::read_typing,
    };

    /// A kind by its lasting name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&'static RecordKind> {
        self.kinds.iter().copied().find(|kind| kind.name == name)
    }

    /// The operation of a code; `None` for one that another version added.
    #[must_use]
    pub fn op(&self, code: u8) -> Option<Op> {
        self.ops.iter().copied().find(|op| op.code() == code)
    }
}
