//! A person's change as an edit of this device: numbered, stamped, naming what it replaces, settled at once.
//!
//! Knows how an edit is made, not whether it may be: commands have decided that before.

use fieldfare_protocol::id::DeviceId;

use super::edits::place;
use super::problem::StoreProblem;
use super::{StoredVault, Write};
use crate::contract::RecordId;
use crate::domain::edit::{Edit, Op};
use crate::domain::field::{Field, RecordKind, STRUCK};
use crate::domain::stamp::{DOUBTFUL_MS_MAX, Stamp};
use crate::domain::value::Value;

/// Who writes, and when by their clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author {
    /// This device.
    pub device: DeviceId,
    /// This incarnation, to texts that several people type into.
    pub writer: u64,
    /// Corrected time in milliseconds since 1970.
    pub now_ms: i64,
    /// How far the device's own clock is ahead of that.
    pub ahead_ms: i64,
    /// The latest stamp that this device has written or followed.
    pub last_stamp: Stamp,
}

impl Author {
    /// How far the device's own clock is ahead of a stamp that it is about to write: of its corrected time, unless that has
    /// been turned back behind what was written before.
    pub(super) fn ahead_of(&self, stamp: Stamp) -> i64 {
        let turned_back_ms = stamp.ms().saturating_sub(self.now_ms);
        self.ahead_ms.saturating_sub(if turned_back_ms > DOUBTFUL_MS_MAX { turned_back_ms } else { 0 })
    }
}

/// What is to happen to a field.
#[derive(Clone)]
pub enum NewEdit<'e> {
    /// Sets its value, in place of everything that stands.
    Put(Value),
    /// Adds a value beside the others.
    Add(Value),
    /// Takes back every addition of this value that is known here.
    Remove(Value),
    /// Types what turned one text into another.
    Type {
        /// The text that the person started from, and what the text said since; empty if it says that still.
        since: &'e [String],
        /// The text that they see now.
        after: &'e str,
        /// How the save is called that this is, if it may be made again.
        save: Option<&'e [u8]>,
    },
}

impl Write<'_> {
    /// Writes one edit of this device and settles it. Returns whether anything changed: putting the value that stands
    /// alone already, adding one that is there, removing one that is not, and typing nothing are no edits.
    ///
    /// # Errors
    /// Only the store's own.
    pub fn write_edit(
        &self,
        author: &Author,
        vault: &StoredVault,
        kind: &RecordKind,
        record: RecordId,
        field: &Field,
        new: NewEdit<'_>,
    ) -> Result<bool, StoreProblem> {
        let chain = self.own_chain(vault.no, author.device, kind.lane)?;
        let stamp = author.last_stamp.max(chain.written_stamp).next(author.now_ms);
        let (op, value, replaces) = match new {
            NewEdit::Put(value) => {
                let standing = self.read().standing(record, field.name)?;
                if field.is_for_good() && !standing.is_empty() {
                    return Ok(false);
                }
                let strikes = field.name == STRUCK.name;
                let known_to_it =
                    || Ok::<_, StoreProblem>(!strikes || self.read().edited_meanwhile(record)?.is_none());
                if let [only] = standing.as_slice()
                    && only.held.value.as_ref() == Some(&value)
                    && known_to_it()?
                {
                    return Ok(false);
                }
                let mut replaces: Vec<i64> = standing.iter().map(|old| old.no).collect();
                if strikes {
                    replaces.extend(self.read().last_edits(record, vault.no, kind.lane, chain.no)?);
                    replaces.sort_unstable();
                    replaces.dedup();
                }
                (Op::Put, value.to_bytes(), replaces)
            }
            NewEdit::Add(value) => {
                let is_there = field.kind == crate::domain::field::FieldKind::Set
                    && self
                        .read()
                        .standing(record, field.name)?
                        .iter()
                        .any(|old| old.held.value.as_ref() == Some(&value));
                if is_there {
                    return Ok(false);
                }
                (Op::Add, value.to_bytes(), Vec::new())
            }
            NewEdit::Remove(value) => {
                let standing = self.read().standing(record, field.name)?;
                let gone: Vec<i64> = standing
                    .iter()
                    .filter(|old| old.held.value.as_ref() == Some(&value))
                    .map(|old| old.no)
                    .collect();
                if gone.is_empty() {
                    return Ok(false);
                }
                (Op::Remove, Vec::new(), gone)
            }
            NewEdit::Type { since, after, save } => {
                return self.type_in_ours(author, vault, kind, record, field, stamp, since, after, save);
            }
        };
        let seq = chain.written_seq.saturating_add(1);
        let edit = Edit {
            kind: kind.name.to_owned(),
            record,
            field: field.name.to_owned(),
            op_code: op.code(),
            stamp,
            clock_ahead_ms: author.ahead_of(stamp),
            replaces: Vec::new(),
            value,
        };
        self.keep_record(record, kind.name, vault.no)?;
        self.keep_edit(place(chain.no, seq)?, &edit, &replaces, op.stands(), true)?;
        self.let_fall(record, field.name, &replaces)?;
        self.set_written(chain.no, seq, stamp)?;
        self.make_row(kind, vault.no, author.device, &edit, 0)?;
        self.project(kind, field, op, &edit, author.device, author.writer)?;
        Ok(true)
    }
}
