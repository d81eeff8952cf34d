//! What every handler works with: the transaction, who works, and how a checked value becomes an edit.
//!
//! The edge: text lengths, ranges and shapes are checked here once, from the domain's tables, and trusted afterwards.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::contract::{CaseId, ImportReport, Problem, RecordId, Revision, StaffRole, Thing};
use crate::domain::field::{Field, RecordKind, ValueRefusal};
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;
use crate::domain::{attachment, day};
use crate::ports::Entropy;
use crate::store::{AttachmentTrouble, Author, Me, NewAttachment, NewEdit, StoredVault, Touched, Write};
use crate::vault::Identity;
use crate::vault::members::Signer;

/// Who works, in which transaction.
pub struct Work<'w> {
    /// The transaction.
    pub write: &'w Write<'w>,
    /// Whose store it is.
    pub me: Me,
    /// What they do in the organisation.
    pub role: StaffRole,
    /// The device's keys.
    pub identity: &'w Identity,
    /// Randomness for names and keys.
    pub entropy: &'w dyn Entropy,
    /// Corrected time in milliseconds since 1970.
    pub now_ms: i64,
    /// How far the device's own clock is ahead of that.
    pub ahead_ms: i64,
    stamp: Cell<Stamp>,
    touched: RefCell<BTreeSet<Touched>>,
}

/// A command was carried out.
#[derive(Debug)]
pub struct WorkDone {
    /// Its name.
    pub did: &'static str,
    /// The record that it made.
    pub made: Option<RecordId>,
    /// What an import did.
    pub import: Option<ImportReport>,
    /// What a draft's text is called.
    pub revision: Option<Revision>,
}

impl<'w> Work<'w> {
    /// Begins to work. `stamp` is the latest that this device has written or followed.
    #[allow(clippy::too_many_arguments, reason = "everything that a handler may rely on, said once")]
    #[must_use]
    pub fn begin(
        write: &'w Write<'w>,
        me: Me,
        role: StaffRole,
        identity: &'w Identity,
        entropy: &'w dyn Entropy,
        now_ms: i64,
        ahead_ms: i64,
        stamp: Stamp,
    ) -> Self {
        let (stamp, touched) = (Cell::new(stamp), RefCell::default());
        Self { write, me, role, identity, entropy, now_ms, ahead_ms, stamp, touched }
    }

    /// The latest stamp and the records that changed.
    #[must_use]
    pub fn end(self) -> (Stamp, BTreeSet<Touched>) {
        (self.stamp.into_inner(), self.touched.into_inner())
    }

    /// Who signs.
    pub(super) const fn signer(&self) -> Signer<'_> {
        Signer { device: self.me.device, identity: self.identity }
    }

    /// The day it is, corrected, in UTC.
    pub(super) fn today(&self) -> i32 {
        day::day_of_ms(self.now_ms)
    }

    /// A name for a new record of a vault.
    pub(super) fn new_id(&self, vault: &StoredVault) -> Result<RecordId, Problem> {
        Ok(RecordId::within(vault.id, self.random()?))
    }

    /// Random bytes for a name.
    pub(super) fn random(&self) -> Result<[u8; 16], Problem> {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes).map_err(|_| Problem::Unexpected { place: "entropy".to_owned() })?;
        Ok(bytes)
    }

    /// The vault of a case that can be read here.
    pub(super) fn vault_of_case(&self, case: CaseId) -> Result<StoredVault, Problem> {
        let no = self.write.read().vault_of_case(case)?.ok_or(Problem::NoSuch { thing: Thing::Case })?;
        self.vault(no)
    }

    /// A vault by its row.
    pub(super) fn vault(&self, no: i64) -> Result<StoredVault, Problem> {
        self.write.read().vaults()?.into_iter().find(|vault| vault.no == no).ok_or(Problem::StoreDamaged)
    }

    /// The organisation's own vault.
    pub(super) fn organisation_vault(&self) -> Result<StoredVault, Problem> {
        self.write.read().vault(self.me.organisation)?.ok_or(Problem::StoreDamaged)
    }

    /// Refuses everybody but the roles named.
    pub(super) fn only(&self, roles: &[StaffRole], why: &str) -> Result<(), Problem> {
        if roles.contains(&self.role) { Ok(()) } else { Err(refused(why)) }
    }

    /// Sets a field to a value that has been checked against its shape. Returns whether that changed anything.
    pub(super) fn put(&self, at: &Place<'_>, field: &Field, value: Value) -> Result<bool, Problem> {
        check(field, &value)?;
        self.edit(at, field, NewEdit::Put(value))
    }

    /// Sets a field if a value was given.
    pub(super) fn put_if(
        &self,
        at: &Place<'_>,
        field: &Field,
        value: Option<impl Into<Value>>,
    ) -> Result<(), Problem> {
        value.map_or(Ok(()), |value| self.put(at, field, value.into()).map(drop))
    }

    /// Adds a value to a set or a log.
    pub(super) fn add(&self, at: &Place<'_>, field: &Field, value: Value) -> Result<(), Problem> {
        check(field, &value)?;
        self.edit(at, field, NewEdit::Add(value)).map(drop)
    }

    /// Takes a value out of a set.
    pub(super) fn remove(&self, at: &Place<'_>, field: &Field, value: Value) -> Result<(), Problem> {
        self.edit(at, field, NewEdit::Remove(value)).map(drop)
    }

    /// Types into a text.
    pub(super) fn type_in(&self, at: &Place<'_>, field: &Field, typed: &Typed<'_>) -> Result<(), Problem> {
        let Typed { since, after, save } = *typed;
        check(field, &after.into())?;
        self.edit(at, field, NewEdit::Type { since, after, save }).map(drop)
    }

    /// Says that a page of a record has to be drawn again though no edit changed it.
    pub(super) fn redrawn(&self, at: &Place<'_>) {
        self.touched.borrow_mut().insert(Touched {
            kind: at.kind.name,
            record: at.record,
            vault_no: at.vault.no,
        });
    }

    /// Attaches a file.
    pub(super) fn attach(
        &self,
        vault: &StoredVault,
        new: &NewAttachment<'_>,
        content: &mut dyn std::io::Read,
    ) -> Result<(), AttachmentTrouble> {
        let stamp = self.write.attach(&self.author(), vault, new, content)?;
        self.stamp.set(self.stamp.get().max(stamp));
        self.touched.borrow_mut().insert(Touched {
            kind: attachment::KIND.name,
            record: new.record,
            vault_no: vault.no,
        });
        Ok(())
    }

    fn author(&self) -> Author {
        Author {
            device: self.me.device,
            writer: self.me.writer,
            now_ms: self.now_ms,
            ahead_ms: self.ahead_ms,
            last_stamp: self.stamp.get(),
        }
    }

    fn edit(&self, at: &Place<'_>, field: &Field, new: NewEdit<'_>) -> Result<bool, Problem> {
        let changed = self.write.write_edit(&self.author(), at.vault, at.kind, at.record, field, new)?;
        if changed {
            self.stamp.set(self.stamp.get().next(self.now_ms));
            self.touched.borrow_mut().insert(Touched {
                kind: at.kind.name,
                record: at.record,
                vault_no: at.vault.no,
            });
        }
        Ok(changed)
    }
}

/// What somebody typed on a screen.
pub(super) struct Typed<'t> {
    /// What the screen began from, and what the text said since.
    pub(super) since: &'t [String],
    /// The whole text on the screen.
    pub(super) after: &'t str,
    /// How the save is called, if it may be made again.
    pub(super) save: Option<&'t [u8]>,
}

/// Which record of which kind in which vault is written.
pub(super) struct Place<'p> {
    pub(super) vault: &'p StoredVault,
    pub(super) kind: &'static RecordKind,
    pub(super) record: RecordId,
}

/// A refusal that hangs on what was given, so that no page can tell of it beforehand.
pub(super) fn refused(why: &str) -> Problem {
    Problem::not_allowed(why)
}

/// A text that must say something, without the blanks around it.
pub(super) fn said<'t>(field: &str, text: &'t str) -> Result<&'t str, Problem> {
    match text.trim() {
        "" => Err(Problem::Empty { field: field.to_owned() }),
        words => Ok(words),
    }
}

/// A day as people write it.
pub(super) fn day(field: &str, text: &str) -> Result<i32, Problem> {
    day::day_of(text).ok_or_else(|| Problem::BadDate { field: field.to_owned() })
}

/// A day as people write it, if they did.
pub(super) fn day_value(field: &str, text: Option<String>) -> Result<Option<Value>, Problem> {
    text.map(|text| day(field, &text).map(Value::Day)).transpose()
}

pub(super) fn check(field: &Field, value: &Value) -> Result<(), Problem> {
    let name = || field.name.to_owned();
    match field.refusal(value) {
        None => Ok(()),
        Some(ValueRefusal::TooLong { chars_max }) => {
            Err(Problem::TooLong { field: name(), chars_max: u32::try_from(chars_max).unwrap_or(u32::MAX) })
        }
        Some(ValueRefusal::OutOfRange { least, most }) => {
            Err(Problem::OutOfRange { field: name(), least, most })
        }
        Some(ValueRefusal::WrongShape) => {
            Err(Problem::Malformed { why: format!("{} does not take such a value", field.name) })
        }
    }
}
