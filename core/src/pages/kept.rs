//! Where a record is kept, and who reads it there.
//!
//! Remembers what it has worked out for one page, since every row of a list asks.

use std::collections::HashMap;

use fieldfare_protocol::membership::Organisation;

use crate::contract::{Kept, PersonRow, Problem};
use crate::domain::rules::coordinates;
use crate::store::Read;

/// What has been worked out for a page so far.
#[derive(Default)]
pub(super) struct Keeping {
    organisation: Option<Organisation>,
    known: HashMap<i64, Kept>,
    acting: HashMap<i64, Vec<PersonRow>>,
}

impl Keeping {
    /// Those who act on concerns and can open what the endpoint holds of a vault, by name. Whoever is let in by a record that
    /// has not reached the endpoint cannot yet.
    pub(super) fn acting(&mut self, read: &Read<'_>, vault_no: i64) -> Result<Vec<PersonRow>, Problem> {
        if let Some(acting) = self.acting.get(&vault_no) {
            return Ok(acting.clone());
        }
        let read_by = match read.unsent_records_of(vault_no)?.len() {
            0 => self.of(read, vault_no)?.read_by,
            _ => read.readers_at_endpoint(vault_no, &read.organisation()?)?,
        };
        let acting: Vec<PersonRow> = read_by
            .into_iter()
            .filter(|reader| coordinates(reader.role))
            .map(|reader| PersonRow { person: reader.person, name: reader.name })
            .collect();
        self.acting.insert(vault_no, acting.clone());
        Ok(acting)
    }

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
