//! Inviting a person: a line of text that lets one device join once.
//!
//! The secret stands in the text alone; the endpoint sees who may be invited to do what, and no name.

use fieldfare_protocol::id::PersonId;
use fieldfare_protocol::limits::INVITATION_LIFE_MS_MAX;
use fieldfare_protocol::membership::Role;
use zeroize::Zeroizing;

use super::Fieldfare;
use super::found::random;
use super::refusal::fault;
use crate::contract::{self, Problem, RecordId, StaffRole, Thing};
use crate::domain::person;
use crate::domain::value::Value;
use crate::store::{Author, NewEdit};
use crate::vault::Invitation;
use crate::vault::members::{self, MembersProblem, Signer};

/// How often inviting is tried when somebody else's record came first.
const TRIES_MAX: u32 = 5;

/// How long an invitation is valid, in milliseconds: a day less than the longest, since clocks differ.
const LIFE_MS: i64 = INVITATION_LIFE_MS_MAX - 24 * 3600 * 1000;

pub(super) const fn protocol_role(role: StaffRole) -> Role {
    match role {
        StaffRole::Mentor => Role::Mentor,
        StaffRole::Supervisor => Role::Supervisor,
        StaffRole::Safeguarding => Role::Safeguarding,
        StaffRole::Administrator => Role::Administrator,
    }
}

impl Fieldfare {
    /// Invites a person who has joined before to join with one more device, in the role that they have. Cases open on it with
    /// the next exchange of anybody who reads them.
    ///
    /// # Errors
    /// [`Problem::NoSuch`] for somebody who never joined, else as [`Fieldfare::invite`].
    pub fn invite_again(&self, person: contract::PersonId) -> Result<Zeroizing<String>, Problem> {
        let who = PersonId(person.0);
        let organisation = self.store.read(|read| read.organisation())?;
        let theirs = organisation.devices.values().filter(|card| card.person == who);
        // Somebody whose only phone was lost, and removed, has the role that it had.
        let newest = theirs.max_by_key(|card| organisation.is_present(card.device));
        let role = newest.ok_or(Problem::NoSuch { thing: Thing::Person })?.role;
        self.invite_as(who, role, None)
    }

    /// Invites a person. Exchanges before and after, since an invitation counts only once the endpoint keeps it.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for anybody but administrators, and whatever the exchange brings.
    pub fn invite(&self, name: &str, role: StaffRole) -> Result<Zeroizing<String>, Problem> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Problem::Empty { field: "name".to_owned() });
        }
        if person::NAME.refusal(&name.into()).is_some() {
            let chars_max = u32::try_from(person::NAME_CHARS_MAX).unwrap_or(u32::MAX);
            return Err(Problem::TooLong { field: "name".to_owned(), chars_max });
        }
        let organisation = self.store.read(|read| read.me())?.organisation;
        let random = random(self.ports.entropy.as_ref())?;
        let who = PersonId(RecordId::within(organisation, random).0);
        self.invite_as(who, protocol_role(role), Some(name))
    }

    fn invite_as(&self, who: PersonId, role: Role, name: Option<&str>) -> Result<Zeroizing<String>, Problem> {
        if self.store.read(|read| super::role(read, &read.me()?))? != StaffRole::Administrator {
            return Err(Problem::not_allowed("only administrators invite"));
        }
        for _ in 0..TRIES_MAX {
            self.exchange(|_| ())?;
            let invitation = self.write_invitation(who, role, name)?;
            if let Err(problem) = self.exchange(|_| ()) {
                self.take_back()?;
                return Err(problem);
            }
            let organisation = self.store.read(|read| read.organisation())?;
            if organisation.invitations.contains_key(&invitation.invitation) {
                return invitation.to_text().map_err(|_| fault("invitation"));
            }
        }
        Err(Problem::EndpointTrouble)
    }

    fn write_invitation(&self, who: PersonId, role: Role, name: Option<&str>) -> Result<Invitation, Problem> {
        let entropy = self.ports.entropy.as_ref();
        let now = self.store.read(|read| self.now(read))?;
        let last_stamp = *self.stamp.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.store.write(|write| {
            let read = write.read();
            let me = read.me()?;
            let organisation = read.organisation()?;
            let vault = read.vault(me.organisation)?.ok_or(Problem::StoreDamaged)?;
            let (_, key) = read.newest_key(vault.no)?.ok_or(Problem::StoreDamaged)?;
            let root = read.log(vault.no)?.into_iter().next().ok_or(Problem::StoreDamaged)?;
            let root = fieldfare_protocol::membership::SignedRecord::parse(&root.0)
                .map_err(|_| Problem::StoreDamaged)?
                .hash();
            let base_url = read.endpoint()?.base_url;
            let expires_at_ms = now.ms.saturating_add(LIFE_MS);
            let invitation = Invitation::generate(base_url, me.organisation, root, expires_at_ms, entropy)
                .map_err(|_| fault("entropy"))?;
            let signer = Signer { device: me.device, identity: &self.identity };
            let signed = members::invite(&organisation, &key, &signer, &invitation, who, role, entropy)
                .map_err(|problem| match problem {
                    MembersProblem::TooLarge => {
                        Problem::not_allowed("the organisation has as many devices as it can")
                    }
                    _ => fault("members"),
                })?;
            organisation.clone().take(&signed, Some(now.ms)).map_err(|_| {
                Problem::not_allowed("the organisation has as many devices and open invitations as it can")
            })?;
            write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
            let author = Author {
                device: me.device,
                writer: me.writer,
                now_ms: now.ms,
                ahead_ms: now.ahead_ms,
                last_stamp,
            };
            if let Some(name) = name {
                let put = NewEdit::Put(Value::from(name));
                write.write_edit(&author, &vault, &person::KIND, RecordId(who.0), &person::NAME, put)?;
            }
            write.note_in_audit(now.ms, "invite", Some(RecordId(who.0)))?;
            Ok::<_, Problem>(invitation)
        })
    }
}
