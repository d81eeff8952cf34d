//! Facts about records, as the rules ask for them.
//!
//! Reads what stands; what follows from it is the domain's to say, in [`crate::domain::rules`].

use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, named_params};

use super::problem::StoreProblem;
use super::{Goal, Note, Read};
use crate::contract::{AttachmentId, CaseId, ConcernId, PersonId, StaffRole, YoungPersonId};
use crate::domain::attachment::PER_NOTE_MAX;
use crate::domain::case::HELD;
use crate::domain::note::BODY;
use crate::domain::rules::Asker;
use crate::domain::rules::case::CaseFacts;
use crate::domain::rules::concern::ConcernFacts;
use crate::domain::rules::goal::GoalFacts;
use crate::domain::rules::note::{AttachmentFacts, NoteFacts};
use crate::domain::text::shows_nothing;

impl Read<'_> {
    /// Somebody in a role, on this device.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn asker(&self, role: StaffRole) -> Result<Asker, StoreProblem> {
        let without_contact = self.lease()?.is_some_and(|lease| lease.is_read_only());
        Ok(Asker { role, without_contact })
    }

    /// A case, for somebody who asks. Of one that is not here nothing is known, and nothing bars.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn case_facts(&self, case: CaseId, person: PersonId) -> Result<CaseFacts, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT casework.struck IS NOT NULL, casework.legal_hold IS :held, vault.has_left,
                    vault.has_left OR vault.departs_since_ms IS NOT NULL
             FROM casework JOIN vault ON vault.no = casework.vault WHERE casework.id = :case",
        )?;
        let found = statement
            .query_row(named_params! { ":case": case.0, ":held": HELD }, |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((struck, held, has_left, departs)) = found else { return Ok(CaseFacts::default()) };
        let mentors = self.mentors_of(case)?;
        let is_mine = mentors.contains(&person);
        Ok(CaseFacts {
            struck,
            held,
            has_mentor: !mentors.is_empty(),
            is_mine,
            // Who was one once stands in the history; whoever is one now need not look.
            was_mine: departs || (!is_mine && self.mentors_before(case)?.contains(&person)),
            has_left,
        })
    }

    /// The case that a vault belongs to, whichever compartment it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn case_facts_of_vault(&self, vault_no: i64, person: PersonId) -> Result<CaseFacts, StoreProblem> {
        match self.case_of_vault(vault_no)? {
            Some(case) => self.case_facts(case, person),
            None => Ok(CaseFacts::default()),
        }
    }

    /// A young person's case, and whether they were taken back; `None` for one who is not here.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn young_person_facts(
        &self,
        who: YoungPersonId,
        person: PersonId,
    ) -> Result<Option<(CaseFacts, bool)>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT vault, struck IS NOT NULL FROM young_person WHERE id = :id")?;
        let found = statement
            .query_row(named_params! { ":id": who.0 }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((vault_no, struck)) = found else { return Ok(None) };
        Ok(Some((self.case_facts_of_vault(vault_no, person)?, struck)))
    }

    /// A note.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn note_facts(&self, note: &Note, person: PersonId) -> Result<NoteFacts, StoreProblem> {
        Ok(NoteFacts {
            case: self.case_facts_of_vault(note.vault_no, person)?,
            struck: note.struck.is_some(),
            signed: note.signed.is_some(),
            empty: shows_nothing(&note.body),
            full: self.attachments_of(note.note)?.len() >= PER_NOTE_MAX,
            looked_at: note.signed.is_some()
                || note.struck.is_some()
                || self.came_in(note.note.into(), BODY.name)?.is_none_or(|came_in| came_in.is_empty()),
        })
    }

    /// An attachment; `None` for one that is not here.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn attachment_facts(
        &self,
        attachment: AttachmentId,
        person: PersonId,
    ) -> Result<Option<AttachmentFacts>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT vault, struck IS NOT NULL FROM attachment WHERE id = :id")?;
        let found = statement
            .query_row(named_params! { ":id": attachment.0 }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((vault_no, struck)) = found else { return Ok(None) };
        Ok(Some(AttachmentFacts { case: self.case_facts_of_vault(vault_no, person)?, struck }))
    }

    /// A concern; `None` for one that is not here.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn concern_facts(
        &self,
        concern: ConcernId,
        person: PersonId,
    ) -> Result<Option<ConcernFacts>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT vault, made_device FROM concern WHERE id = :id")?;
        let found = statement
            .query_row(named_params! { ":id": concern.0 }, |row| Ok((row.get(0)?, DeviceId(row.get(1)?))))
            .optional()?;
        let Some((vault_no, device)) = found else { return Ok(None) };
        Ok(Some(ConcernFacts {
            case: self.case_facts_of_vault(vault_no, person)?,
            is_mine: self.device(device)?.is_some_and(|(raised_by, _)| raised_by.0 == person.0),
            seen_by_me: self.seen(concern)?.iter().any(|(row, _)| row.person == person),
        }))
    }

    /// A goal.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn goal_facts(&self, goal: &Goal, person: PersonId) -> Result<GoalFacts, StoreProblem> {
        Ok(GoalFacts {
            case: self.case_facts_of_vault(goal.vault_no, person)?,
            struck: goal.struck.is_some(),
            ended: goal.outcome.is_some(),
            has_step: goal.steps > 0,
        })
    }
}
