//! Where a record is kept, and who reads it there.
//!
//! Remembers what it has worked out for one page, since every row of a list asks.

use std::collections::HashMap;

use fieldfare_protocol::membership::Organisation;

use crate::contract::{Kept, Problem};
use crate::store::Read;

/// What has been worked out for a page so far.
#[derive(Default)]
pub(super) struct Keeping {
    organisation: Option<Organisation>,
    known: HashMap<i64, Kept>,
}

impl Keeping {
    /// Where what lies in a vault is kept.
    pub(super) fn of(&mut self, read: &Read<'_>, vault_no: i64) -> Result<Kept, Problem> {
        if let Some(kept) = self.known.get(&vault_no) {
            return Ok(kept.clone());
        }
        let compartment = read.part(vault_no)?.map(|part| part.which);
        // Rows can stand here before the log that says who reads them.
        let read_by = if read.log(vault_no)?.is_empty() {
            Vec::new()
        } else {
            let organisation = match self.organisation.take() {
                Some(organisation) => organisation,
                None => read.organisation()?,
            };
            read.readers_of(vault_no, self.organisation.insert(organisation))?
        };
        let kept = Kept { compartment, read_by };
        self.known.insert(vault_no, kept.clone());
        Ok(kept)
    }
}
