//! An edit: one field of one record set, added to, taken from, or typed into.
//!
//! A person's command and a colleague's phone both become edits, and nothing else changes a record. An edit says what
//! it replaces; it never says what wins.

use std::fmt;

use fieldfare_protocol::id::DeviceId;

use super::stamp::Stamp;
use crate::contract::RecordId;

/// What an edit does to its field. The codes are stored and travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Sets a single value, in place of those it names.
    Put,
    /// Adds a value beside the others.
    Add,
    /// Takes back the additions it names, and no other.
    Remove,
    /// Types into a text.
    Type,
}

impl Op {
    /// The code of an operation.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Put => 0,
            Self::Add => 1,
            Self::Remove => 2,
            Self::Type => 3,
        }
    }

    /// Every operation, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Put, Self::Add, Self::Remove, Self::Type];

    /// Whether what it brings stands as a value of the field.
    #[must_use]
    pub const fn stands(self) -> bool {
        matches!(self, Self::Put | Self::Add)
    }
}

/// Names one edit among those of its vault and lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EditRef {
    /// The device that made it.
    pub device: DeviceId,
    /// Its number in that device's chain, from 1.
    pub seq: u64,
}

impl fmt::Display for EditRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.device, self.seq)
    }
}

impl std::str::FromStr for EditRef {
    type Err = NotAnEdit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (device, seq) = text.split_once(':').ok_or(NotAnEdit)?;
        Ok(Self { device: device.parse().map_err(|_| NotAnEdit)?, seq: seq.parse().map_err(|_| NotAnEdit)? })
    }
}

/// The text names no edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an edit is named by its device and its number")]
pub struct NotAnEdit;

/// One edit, whoever made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// Name of the kind of record; may be one that this version does not know.
    pub kind: String,
    /// The record.
    pub record: RecordId,
    /// Name of the field; may be unknown likewise.
    pub field: String,
    /// Code of the operation; may be unknown likewise.
    pub op_code: u8,
    /// When, by the author's hybrid logical clock.
    pub stamp: Stamp,
    /// How far the author's own clock was ahead of its corrected time, in milliseconds.
    pub clock_ahead_ms: i64,
    /// The edits that this one replaces or takes back.
    pub replaces: Vec<EditRef>,
    /// The value as bytes; a text edit's is an update of the text's own format.
    pub value: Vec<u8>,
}

/// Says which edit it is and how long its value, and nothing of what stands in it.
impl fmt::Debug for Edit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Edit")
            .field("record", &self.record)
            .field("op_code", &self.op_code)
            .field("stamp", &self.stamp)
            .field("replaces", &self.replaces.len())
            .field("value_bytes", &self.value.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_developer_says_nothing_of_the_value() {
        let edit = Edit {
            kind: "note".to_owned(),
            record: RecordId([1; 16]),
            field: "agreed".to_owned(),
            op_code: 0,
            stamp: Stamp(7),
            clock_ahead_ms: 0,
            replaces: Vec::new(),
            value: b"to meet Ash".to_vec(),
        };
        let printed = format!("{edit:?}");
        assert!(printed.contains("value_bytes: 11") && !printed.contains("97, 115, 104"), "{printed}");
        assert!(!printed.contains("Ash") && !printed.contains("agreed"), "{printed}");
    }
}
