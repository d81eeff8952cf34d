//! Giving a member of staff another role: who they are stays, what they read changes.
//!
//! Counts only once the endpoint keeps it. Files let them in and out with the next exchanges of those who read them.

use fieldfare_protocol::id::{DeviceId, PersonId as ProtocolPerson};

use super::Fieldfare;
use super::invite::protocol_role;
use super::refusal::fault;
use crate::contract::{PersonId, Problem, RecordId, StaffRole, Thing};
use crate::vault::members::{self, Signer};

impl Fieldfare {
    /// Gives a person another role on every device that they have. Invitations that are open for them are void.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for anybody but administrators and where no administrator would stay, [`Problem::NoSuch`] for
    /// somebody who has no device, and whatever the exchange brings.
    pub fn change_role(&self, person: PersonId, role: StaffRole) -> Result<(), Problem> {
        if self.store.read(|read| super::role(read, &read.me()?))? != StaffRole::Administrator {
            return Err(Problem::not_allowed("only administrators change what people do"));
        }
        let (person, role) = (ProtocolPerson(person.0), protocol_role(role));
        self.until_it_stands(
            |app| {
                let organisation = app.store.read(|read| read.organisation())?;
                let mut theirs = organisation.present().filter(|card| card.person == person).peekable();
                if theirs.peek().is_none() {
                    return Err(Problem::NoSuch { thing: Thing::Person });
                }
                Ok(theirs.all(|card| card.role == role))
            },
            |app| app.write_role(person, role),
        )
    }

    fn write_role(
        &self,
        person: ProtocolPerson,
        role: fieldfare_protocol::membership::Role,
    ) -> Result<(), Problem> {
        self.store.write(|write| {
            let read = write.read();
            let (me, organisation) = (read.me()?, read.organisation()?);
            let vault = read.vault(me.organisation)?.ok_or(Problem::StoreDamaged)?;
            let theirs = organisation.present().filter(|card| card.person == person);
            let devices: Vec<DeviceId> = theirs.map(|card| card.device).collect();
            let signer = Signer { device: me.device, identity: &self.identity };
            let signed = members::change_role(&organisation, &signer, person, role, devices)
                .map_err(|_| fault("members"))?;
            let mut next = organisation;
            next.take(&signed, None).map_err(|_| {
                Problem::not_allowed(
                    "somebody has to stay administrator; give another person that role first",
                )
            })?;
            write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
            next.devices.values().try_for_each(|card| write.enter_device(card))?;
            Ok(write.note_in_audit(self.now(&read)?.ms, "change_role", Some(RecordId(person.0)))?)
        })
    }
}
