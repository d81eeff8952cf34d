//! Which compartment of which case a vault is, who holds it, and the people around a case.
//!
//! Reads what colleagues wrote and what the logs say; who ought to read what is the domain's rule.

use std::collections::BTreeSet;

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::membership::{CaseFile, Organisation, Role};
use rusqlite::{OptionalExtension, Row, named_params};

use super::Read;
use super::membership::{StoredVault, staff_role};
use super::problem::StoreProblem;
use crate::contract::{CaseId, Compartment, PersonId, ReaderRow, RecordId};
use crate::domain::compartment::{Around, Holders};
use crate::domain::person;
use crate::domain::value::Value;

/// What a vault is to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The vault's row.
    pub vault_no: i64,
    /// The case.
    pub case: CaseId,
    /// Which compartment.
    pub which: Compartment,
    /// Who holds it.
    pub holders: Holders,
}

/// The record of a vault about itself bears the vault's name; any other of that kind says nothing.
const COMPARTMENT: &str = "SELECT compartment.vault, compartment.case_id, compartment.which, compartment.of_person, compartment.with_person
    FROM compartment JOIN vault ON vault.no = compartment.vault AND vault.id = compartment.id
    WHERE compartment.case_id IS NOT NULL AND compartment.which IS NOT NULL";

/// Whether a row about a case stands in a vault of that case: nobody adds to a case from a vault that is none of its.
pub(super) const OF_CASE: &str = "vault IN (SELECT casework.vault FROM casework WHERE casework.id = :case
    UNION ALL SELECT compartment.vault FROM compartment WHERE compartment.case_id = :case)";

impl Read<'_> {
    /// Which compartment of which case a vault is; `None` while that has not arrived, and for the organisation's own.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn part(&self, vault_no: i64) -> Result<Option<Part>, StoreProblem> {
        let mut file = self
            .connection
            .prepare_cached("SELECT id FROM casework WHERE vault = :vault ORDER BY no LIMIT 1")?;
        let file = file.query_row(named_params! { ":vault": vault_no }, |row| Ok(CaseId(row.get(0)?)));
        if let Some(case) = file.optional()? {
            let (which, holders) = (Compartment::File, Holders::default());
            return Ok(Some(Part { vault_no, case, which, holders }));
        }
        let mut statement =
            self.connection.prepare_cached(&format!("{COMPARTMENT} AND compartment.vault = :vault"))?;
        Ok(statement.query_row(named_params! { ":vault": vault_no }, part).optional()?.flatten())
    }

    /// The compartments of a case that are read here, its file left out, in the order in which they came.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn parts_of(&self, case: CaseId) -> Result<Vec<Part>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "{COMPARTMENT} AND compartment.case_id = :case ORDER BY compartment.no"
        ))?;
        let parts = statement.query_map(named_params! { ":case": case.0 }, part)?;
        Ok(parts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The people around a case.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn around(&self, case: CaseId, organisation: &Organisation) -> Result<Around, StoreProblem> {
        let mentors: BTreeSet<PersonId> = self.mentors_of(case)?.into_iter().collect();
        let mentors_before: BTreeSet<PersonId> = self.mentors_before(case)?.into_iter().collect();
        let mut around = staff(organisation);
        for mentor in mentors.iter().chain(&mentors_before) {
            let named = self.named_supervisor(*mentor)?;
            around.named.extend(named.map(|named| (*mentor, named)));
            let ever = self.history(RecordId(mentor.0), person::SUPERVISOR.name)?;
            let ever = ever.into_iter().filter_map(|value| value.held.value.as_ref().and_then(Value::as_id));
            let before = ever.map(PersonId).filter(|supervisor| Some(*supervisor) != named);
            around.named_before.extend(before.map(|supervisor| (*mentor, supervisor)));
        }
        Ok(Around { mentors, mentors_before, ..around })
    }

    fn named_supervisor(&self, person: PersonId) -> Result<Option<PersonId>, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT supervisor FROM person WHERE id = :id")?;
        let named: Option<Option<[u8; 16]>> =
            statement.query_row(named_params! { ":id": person.0 }, |row| row.get(0)).optional()?;
        Ok(named.flatten().map(PersonId))
    }

    /// The devices that ought to read a vault; `None` where it is not known here which compartment it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn readers_due(
        &self,
        vault: &StoredVault,
        organisation: &Organisation,
    ) -> Result<Option<Vec<DeviceId>>, StoreProblem> {
        let Some(part) = self.part(vault.no)? else { return Ok(None) };
        if self.vault_of_case(part.case)?.is_none() {
            return Ok(None);
        }
        let around = self.around(part.case, organisation)?;
        Ok(Some(devices(organisation, &around.readers(part.which, part.holders))))
    }

    /// Members of a vault who ought to have read it once and do not any more: those whose role the organisation's log changed
    /// within its first `as_of` records, whom any member writes out, and if `all` those besides whom somebody who coordinates does.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn readers_over(
        &self,
        vault: &StoredVault,
        file: &CaseFile,
        organisation: &Organisation,
        as_of: u32,
        all: bool,
    ) -> Result<Vec<DeviceId>, StoreProblem> {
        if organisation.role_changes.is_empty() && !all {
            return Ok(Vec::new());
        }
        let Some(part) = self.part(vault.no)? else { return Ok(Vec::new()) };
        if self.vault_of_case(part.case)?.is_none() {
            return Ok(Vec::new());
        }
        let around = self.around(part.case, organisation)?;
        let due = devices(organisation, &around.readers(part.which, part.holders));
        let before = devices(organisation, &around.readers_before(part.which, part.holders));
        let is_over = |device: &DeviceId| {
            organisation.is_present(*device)
                && !due.contains(device)
                && (organisation.stepped_down(*device, as_of) || (all && before.contains(device)))
        };
        Ok(file.members.iter().copied().filter(is_over).collect())
    }

    /// Everybody who can read a vault, by name.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if its log does not hold together.
    pub fn readers_of(
        &self,
        vault_no: i64,
        organisation: &Organisation,
    ) -> Result<Vec<ReaderRow>, StoreProblem> {
        self.named(&self.case_file(vault_no, organisation)?, organisation)
    }

    /// Everybody who can read a vault by what the endpoint has of its log, by name; nobody where it has none of it.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the log does not hold together.
    pub fn readers_at_endpoint(
        &self,
        vault_no: i64,
        organisation: &Organisation,
    ) -> Result<Vec<ReaderRow>, StoreProblem> {
        let sent = self.log(vault_no)?.iter().take_while(|(_, kept)| *kept).count();
        if sent == 0 {
            return Ok(Vec::new());
        }
        self.named(&self.case_file_until(vault_no, sent, organisation)?, organisation)
    }

    fn named(&self, file: &CaseFile, organisation: &Organisation) -> Result<Vec<ReaderRow>, StoreProblem> {
        let mut readers = BTreeSet::new();
        let present = file.members.iter().filter(|member| organisation.is_present(**member));
        for card in present.filter_map(|member| organisation.devices.get(member)) {
            let person = PersonId(card.person.0);
            readers.insert(ReaderRow {
                name: self.person_name(person)?,
                person,
                role: staff_role(card.role),
            });
        }
        Ok(readers.into_iter().collect())
    }
}

/// The devices that ought to read the file of a case on which these mentors work.
#[must_use]
pub fn readers_of_file(organisation: &Organisation, mentors: &[PersonId]) -> Vec<DeviceId> {
    let around = Around { mentors: mentors.iter().copied().collect(), ..staff(organisation) };
    devices(organisation, &around.readers(Compartment::File, Holders::default()))
}

/// Those whose role alone lets them read.
fn staff(organisation: &Organisation) -> Around {
    let of_role = |role: Role| -> BTreeSet<PersonId> {
        organisation.present().filter(|card| card.role == role).map(|card| PersonId(card.person.0)).collect()
    };
    Around { supervisors: of_role(Role::Supervisor), leads: of_role(Role::Safeguarding), ..Around::default() }
}

/// Every device of some people.
#[must_use]
pub fn devices(organisation: &Organisation, people: &BTreeSet<PersonId>) -> Vec<DeviceId> {
    let theirs = organisation.present().filter(|card| people.contains(&PersonId(card.person.0)));
    theirs.map(|card| card.device).collect()
}

fn part(row: &Row<'_>) -> rusqlite::Result<Option<Part>> {
    let person = |column: usize| row.get::<_, Option<[u8; 16]>>(column).map(|id| id.map(PersonId));
    // One that only a newer app knows is let alone.
    let Some(which) = Compartment::from_name(&row.get::<_, String>(2)?) else { return Ok(None) };
    let holders = Holders { of: person(3)?, with: person(4)? };
    Ok(Some(Part { vault_no: row.get(0)?, case: CaseId(row.get(1)?), which, holders }))
}
