//! Ending the departure of a colleague who has handed a case on and does not come back to say their last word.
//!
//! Counts only once the endpoint keeps it, which it refuses while it holds more of theirs than has come here.

use fieldfare_protocol::id::DeviceId;

use super::Fieldfare;
use super::refusal::fault;
use super::remove::file_of;
use crate::contract::{CaseId, PersonId, Problem, StaffRole};
use crate::exchange::departing::last_words;
use crate::vault::members::{self, Signer};

impl Fieldfare {
    /// Ends the departure of a person from a case that they have handed on: what their devices send for it from now on goes to
    /// those who coordinate. Everything that has arrived until then counts.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for mentors and where nobody departs, and whatever the exchange brings.
    pub fn close_departure(&self, case: CaseId, person: PersonId) -> Result<(), Problem> {
        let not_allowed = |why: &str| Err(Problem::not_allowed(why));
        if self.store.read(|read| super::role(read, &read.me()?))? == StaffRole::Mentor {
            return not_allowed(
                "ask your supervisor or the safeguarding lead: they end a colleague's departure",
            );
        }
        let departs = |app: &Self| {
            app.store.read(|read| {
                let (organisation, vault) = (read.organisation()?, file_of(read, case)?);
                let file = read.case_file(vault.no, &organisation)?;
                let of_them = |device: &DeviceId| {
                    organisation.devices.get(device).is_some_and(|card| card.person.0 == person.0)
                };
                Ok::<_, Problem>(file.departing.keys().any(of_them))
            })
        };
        self.exchange(|_| ())?;
        if !departs(self)? {
            return not_allowed(
                "nobody of that name is on their way out of this case; there is nothing to end",
            );
        }
        self.until_it_stands(|app| Ok(!departs(app)?), |app| app.write_close(case, person))
    }

    fn write_close(&self, case: CaseId, person: PersonId) -> Result<(), Problem> {
        self.store.write(|write| {
            let read = write.read();
            let (organisation, vault) = (read.organisation()?, file_of(&read, case)?);
            let theirs = organisation.devices.values().filter(|card| card.person.0 == person.0);
            let devices: Vec<DeviceId> = theirs.map(|card| card.device).collect();
            let mut file = read.case_file(vault.no, &organisation)?;
            let left = last_words(&read, &vault, &file, &organisation, &devices)?;
            if left.is_empty() {
                return Ok(());
            }
            let as_of = read.records_kept(organisation.vault)?;
            let signer = Signer { device: read.me()?.device, identity: &self.identity };
            let signed = members::end_departure(&file, as_of, left, &signer, &organisation)
                .map_err(|_| fault("members"))?;
            file.take(&signed, &organisation).map_err(|_| {
                Problem::not_allowed(
                    "the list of readers of this case does not allow it; exchange and try again",
                )
            })?;
            write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
            let now_ms = self.now(&read)?.ms;
            Ok(write.note_in_audit(now_ms, "close_departure", Some(case.into()))?)
        })
    }
}
