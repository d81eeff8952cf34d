//! Removing a device from the organisation, and changing the key of a case's file.
//!
//! Counts only once the endpoint keeps it: two people may do this at once, one comes first, and the other does it again.

use std::collections::BTreeSet;

use fieldfare_protocol::id::DeviceId;

use super::Fieldfare;
use super::refusal::fault;
use crate::contract::{CaseId, PersonId, Problem, RecordId, StaffRole, Thing};
use crate::exchange::leaving;
use crate::store::{Read, StoredVault, Write};
use crate::vault::members::Signer;
use crate::vault::rotation;

/// How often a record is written anew because somebody else's came first.
const TRIES_MAX: u32 = 5;

impl Fieldfare {
    /// Removes a device from the organisation: it reads nothing that is written from now on, and what it sends from now on
    /// goes to those who coordinate. Exchanges before and after; the files that the device could read get their fresh keys
    /// with the next exchange of any of their members.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for anybody but administrators and for one's own device, [`Problem::NoSuchDevice`], and
    /// whatever the exchange brings.
    pub fn remove(&self, device: DeviceId) -> Result<(), Problem> {
        self.remove_all(&[device])
    }

    /// Removes a person who leaves, with all their devices, in one record. The page `staff` lists which of their cases have
    /// to be handed on; `transfer_case` does that.
    ///
    /// # Errors
    /// [`Problem::NoSuch`] for somebody who never joined, else as [`Fieldfare::remove`].
    pub fn remove_person(&self, person: PersonId) -> Result<(), Problem> {
        // A device that joined a moment ago is theirs as well.
        self.exchange(|_| ())?;
        let organisation = self.store.read(|read| read.organisation())?;
        let theirs = organisation.devices.values().filter(|card| card.person.0 == person.0);
        let devices: Vec<DeviceId> = theirs.map(|card| card.device).collect();
        if devices.is_empty() {
            return Err(Problem::NoSuch { thing: Thing::Person });
        }
        self.remove_all(&devices)
    }

    fn remove_all(&self, devices: &[DeviceId]) -> Result<(), Problem> {
        if self.store.read(|read| super::role(read, &read.me()?))? != StaffRole::Administrator {
            return Err(Problem::not_allowed("only administrators remove devices"));
        }
        let itself = self.store.read(|read| {
            let (organisation, me) = (read.organisation()?, read.me()?.device);
            Ok::<_, Problem>(devices.iter().any(|device| organisation.line_of(*device).contains(&me)))
        })?;
        if itself {
            return Err(Problem::not_allowed("a device cannot remove itself; use another administrator's"));
        }
        self.until_it_stands(
            |app| {
                let organisation = app.store.read(|read| read.organisation())?;
                if !devices.iter().all(|device| organisation.devices.contains_key(device)) {
                    return Err(Problem::NoSuchDevice);
                }
                Ok(!devices.iter().any(|device| organisation.is_present(*device)))
            },
            |app| app.store.write(|write| app.write_removal(write, devices)),
        )
    }

    /// Changes the key of a case's file, without removing anybody.
    ///
    /// # Errors
    /// [`Problem::NoSuch`], and whatever the exchange brings.
    pub fn rotate(&self, case: CaseId) -> Result<(), Problem> {
        let mut wanted = None;
        let epoch = || {
            self.store.read(|read| {
                let vault = file_of(read, case)?;
                let file = read.case_file(vault.no, &read.organisation()?)?;
                Ok::<_, Problem>((file.epoch.number, read.unsent_records_of(vault.no)?.is_empty()))
            })
        };
        self.until_it_stands(
            |_| {
                let (number, all_sent) = epoch()?;
                let wanted = *wanted.get_or_insert_with(|| number.saturating_add(1));
                Ok(number >= wanted && all_sent)
            },
            |app| app.store.write(|write| app.write_rotation(write, case)),
        )
    }

    /// Writes a record and exchanges until what it says stands in the log that the endpoint keeps.
    pub(super) fn until_it_stands(
        &self,
        mut stands: impl FnMut(&Self) -> Result<bool, Problem>,
        write: impl Fn(&Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        for _ in 0..TRIES_MAX {
            self.exchange(|_| ())?;
            if stands(self)? {
                return Ok(());
            }
            write(self)?;
            if let Err(problem) = self.exchange(|_| ()) {
                self.take_back()?;
                return Err(problem);
            }
            if stands(self)? {
                return Ok(());
            }
        }
        self.take_back()?;
        Err(Problem::EndpointTrouble)
    }

    fn write_removal(&self, write: &Write<'_>, devices: &[DeviceId]) -> Result<(), Problem> {
        let read = write.read();
        let now_ms = self.now(&read)?.ms;
        let organisation = read.organisation()?;
        let me = read.me()?;
        let vault = read.vault(me.organisation)?.ok_or(Problem::StoreDamaged)?;
        let (_, before) = read.newest_key(vault.no)?.ok_or(Problem::StoreDamaged)?;
        // One command removes devices of one person.
        let whose = devices.first().and_then(|device| organisation.devices.get(device));
        let whose = whose.map(|card| RecordId(card.person.0));
        // Whoever leaves does so under every name that they ever had.
        let line: BTreeSet<DeviceId> =
            devices.iter().flat_map(|device| organisation.line_of(*device)).collect();
        let removed = organisation
            .present()
            .filter(|card| line.contains(&card.device))
            .map(|card| leaving::leaving(&read, &vault, card))
            .collect::<Result<_, _>>()?;
        let signer = Signer { device: me.device, identity: &self.identity };
        let entropy = self.ports.entropy.as_ref();
        let (signed, key) =
            rotation::rotate_organisation(&organisation, &before, removed, now_ms, &signer, entropy)
                .map_err(|_| fault("members"))?;
        let mut next = organisation;
        next.take(&signed, None).map_err(|_| fault("members"))?;
        write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
        write.keep_epoch_key(vault.no, next.epoch.number, key.expose())?;
        Ok(write.note_in_audit(now_ms, "remove_device", whose)?)
    }

    fn write_rotation(&self, write: &Write<'_>, case: CaseId) -> Result<(), Problem> {
        let read = write.read();
        let organisation = read.organisation()?;
        let vault = file_of(&read, case)?;
        let mut file = read.case_file(vault.no, &organisation)?;
        let (number, before) = read.newest_key(vault.no)?.ok_or(Problem::NoSuch { thing: Thing::Case })?;
        let as_of = read.records_kept(organisation.vault)?;
        let signer = Signer { device: read.me()?.device, identity: &self.identity };
        let entropy = self.ports.entropy.as_ref();
        let (signed, key) =
            rotation::rotate_file(&file, as_of, &before, Vec::new(), &signer, &organisation, entropy)
                .map_err(|_| fault("members"))?;
        // Somebody who has to leave, or a key that has not come: the exchange sees to it first.
        if number != file.epoch.number || file.take(&signed, &organisation).is_err() {
            return Ok(());
        }
        write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
        write.keep_epoch_key(vault.no, file.epoch.number, key.expose())?;
        Ok(write.note_in_audit(self.now(&read)?.ms, "rotate_case", Some(case.into()))?)
    }

    /// Takes back what the endpoint did not keep: a removal that nobody else knows of is none.
    pub(super) fn take_back(&self) -> Result<(), Problem> {
        self.store.write(|write| {
            let vault = write.read().vault(write.read().me()?.organisation)?.ok_or(Problem::StoreDamaged)?;
            leaving::take_back(write, &vault)?;
            Ok(())
        })
    }
}

/// The vault of a case's file.
pub(super) fn file_of(read: &Read<'_>, case: CaseId) -> Result<StoredVault, Problem> {
    let no = read.vault_of_case(case)?.ok_or(Problem::NoSuch { thing: Thing::Case })?;
    read.vaults()?.into_iter().find(|vault| vault.no == no).ok_or(Problem::StoreDamaged)
}
