//! Vaults, their signed logs and their keys.
//!
//! Records are kept as they were signed and read back by whoever verifies them; a key is bytes in the sealed file.

use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use fieldfare_protocol::membership::{CaseFile, DeviceCard, Organisation, Role, SignedRecord, VaultKind};
use rusqlite::{OptionalExtension, named_params};
use zeroize::Zeroizing;

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::{CaseId, StaffRole};
use crate::vault::Secret;

/// A vault that this device knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredVault {
    /// Its row.
    pub no: i64,
    /// Its name.
    pub id: VaultId,
    /// What it is for.
    pub kind: VaultKind,
}

const fn kind_name(kind: VaultKind) -> &'static str {
    match kind {
        VaultKind::Organisation => "organisation",
        VaultKind::CaseFile => "case_file",
    }
}

pub(super) fn kind_of(name: &str) -> Result<VaultKind, StoreProblem> {
    match name {
        "organisation" => Ok(VaultKind::Organisation),
        "case_file" => Ok(VaultKind::CaseFile),
        _ => Err(StoreProblem::Damaged("vault kind")),
    }
}

/// A protocol role in the contract's words.
#[must_use]
pub(super) const fn staff_role(role: Role) -> StaffRole {
    match role {
        Role::Mentor => StaffRole::Mentor,
        Role::Supervisor => StaffRole::Supervisor,
        Role::Safeguarding => StaffRole::Safeguarding,
        Role::Administrator => StaffRole::Administrator,
    }
}

/// Takes in records of the organisation's log.
fn follow(
    organisation: &mut Organisation,
    records: impl IntoIterator<Item = Vec<u8>>,
) -> Result<(), StoreProblem> {
    const BROKEN: StoreProblem = StoreProblem::Damaged("organisation log");
    for bytes in records {
        let signed = SignedRecord::parse(&bytes).map_err(|_| BROKEN)?;
        organisation.take(&signed, None).map_err(|_| BROKEN)?;
    }
    Ok(())
}

impl Read<'_> {
    /// Every vault, the organisation's first.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn vaults(&self) -> Result<Vec<StoredVault>, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT no, id, kind FROM vault ORDER BY no")?;
        let mut rows = statement.query([])?;
        let mut vaults = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = kind_of(&row.get::<_, String>(2)?)?;
            vaults.push(StoredVault { no: row.get(0)?, id: VaultId(row.get(1)?), kind });
        }
        Ok(vaults)
    }

    /// The newest epoch of a vault that this device holds the key of: its number and its key.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn newest_key(&self, vault_no: i64) -> Result<Option<(u32, Secret<32>)>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT max(number) FROM epoch WHERE vault = :vault")?;
        let newest: Option<u32> =
            statement.query_row(named_params! { ":vault": vault_no }, |row| row.get(0))?;
        let Some(number) = newest else { return Ok(None) };
        Ok(self.epoch_key(vault_no, number)?.map(|key| (number, key)))
    }

    /// One vault by its name.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn vault(&self, id: VaultId) -> Result<Option<StoredVault>, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT no, kind FROM vault WHERE id = :id")?;
        let found: Option<(i64, String)> = statement
            .query_row(named_params! { ":id": id.0 }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found.map(|(no, kind)| Ok(StoredVault { no, id, kind: kind_of(&kind)? })).transpose()
    }

    /// A vault's log, oldest first: the bytes, and whether the endpoint has them.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn log(&self, vault_no: i64) -> Result<Vec<(Vec<u8>, bool)>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT bytes, kept <> 0 FROM membership WHERE vault = :vault ORDER BY number")?;
        let rows = statement
            .query_map(named_params! { ":vault": vault_no }, |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many records a vault's log has here.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn log_length(&self, vault_no: i64) -> Result<u32, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT count(*) FROM membership WHERE vault = :vault")?;
        Ok(statement.query_row(named_params! { ":vault": vault_no }, |row| row.get(0))?)
    }

    /// How many records of a vault's log the endpoint has, or had.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn records_kept(&self, vault: VaultId) -> Result<u32, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM membership JOIN vault ON vault.no = membership.vault
             WHERE vault.id = :vault AND membership.kept <> 0",
        )?;
        Ok(statement.query_row(named_params! { ":vault": vault.0 }, |row| row.get(0))?)
    }

    /// Records that the endpoint does not have, in the order in which they were written, at most `limit` and, after
    /// the first, `bytes_max` bytes.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn unsent_records(&self, limit: usize, bytes_max: usize) -> Result<Vec<Vec<u8>>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT bytes FROM membership WHERE kept <> 1 ORDER BY vault, number LIMIT :limit",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(named_params! { ":limit": limit })?;
        let (mut records, mut bytes_so_far) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(0)?;
            bytes_so_far = bytes_so_far.saturating_add(bytes.len());
            if bytes_so_far > bytes_max && !records.is_empty() {
                break;
            }
            records.push(bytes);
        }
        Ok(records)
    }

    /// The organisation as the first records of its log say, each verified again.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the log does not hold together.
    pub fn organisation_until(&self, number: usize) -> Result<Organisation, StoreProblem> {
        const BROKEN: StoreProblem = StoreProblem::Damaged("organisation log");
        let vaults = self.vaults()?;
        let vault = vaults.iter().find(|vault| vault.kind == VaultKind::Organisation).ok_or(BROKEN)?;
        let mut records = self.log(vault.no)?.into_iter().take(number).map(|(bytes, _)| bytes);
        let first = SignedRecord::parse(&records.next().ok_or(BROKEN)?).map_err(|_| BROKEN)?;
        let mut organisation = Organisation::found(&first).map_err(|_| BROKEN)?;
        follow(&mut organisation, records)?;
        Ok(organisation)
    }

    /// Takes in what the organisation's log has beyond a state of it.
    pub(super) fn follow_organisation(
        &self,
        vault_no: i64,
        organisation: &mut Organisation,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT bytes FROM membership WHERE vault = :vault AND number >= :number ORDER BY number",
        )?;
        let from = named_params! { ":vault": vault_no, ":number": organisation.next_number };
        let beyond = statement.query_map(from, |row| row.get(0))?.collect::<Result<Vec<_>, _>>()?;
        follow(organisation, beyond)
    }

    /// A case file as the first records of its log say, each verified again.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the log does not hold together.
    pub fn case_file_until(
        &self,
        vault_no: i64,
        number: usize,
        organisation: &Organisation,
    ) -> Result<CaseFile, StoreProblem> {
        const BROKEN: StoreProblem = StoreProblem::Damaged("case file log");
        let mut records = self.log(vault_no)?.into_iter().take(number);
        let (first, _) = records.next().ok_or(BROKEN)?;
        let first = SignedRecord::parse(&first).map_err(|_| BROKEN)?;
        let mut file = CaseFile::found(&first, organisation).map_err(|_| BROKEN)?;
        for (bytes, _) in records {
            let signed = SignedRecord::parse(&bytes).map_err(|_| BROKEN)?;
            file.take(&signed, organisation).map_err(|_| BROKEN)?;
        }
        file.inherit(organisation, organisation.next_number);
        Ok(file)
    }

    /// The key of an epoch, if this device was given it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn epoch_key(&self, vault_no: i64, number: u32) -> Result<Option<Secret<32>>, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT key FROM epoch WHERE vault = :vault AND number = :number")?;
        let key: Option<[u8; 32]> = statement
            .query_row(named_params! { ":vault": vault_no, ":number": number }, |row| row.get(0))
            .optional()?;
        Ok(key.map(Zeroizing::new).and_then(|key| Secret::from_slice(key.as_slice())))
    }

    /// The case of a vault, whichever compartment it is, if it has arrived.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn case_of_vault(&self, vault_no: i64) -> Result<Option<CaseId>, StoreProblem> {
        Ok(self.part(vault_no)?.map(|part| part.case))
    }

    /// What the log says of a device: whose it is and in which role.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn device(&self, device: DeviceId) -> Result<Option<(PersonId, StaffRole)>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT person, role FROM device WHERE id = :device")?;
        let found: Option<([u8; 16], String)> = statement
            .query_row(named_params! { ":device": device.0 }, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found
            .map(|(person, role)| {
                let role = StaffRole::from_name(&role).ok_or(StoreProblem::Damaged("role"))?;
                Ok((PersonId(person), role))
            })
            .transpose()
    }
}

impl Write<'_> {
    /// Makes a vault known.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn add_vault(&self, id: VaultId, kind: VaultKind) -> Result<i64, StoreProblem> {
        let mut statement =
            self.transaction.prepare_cached("INSERT INTO vault (id, kind) VALUES (:id, :kind)")?;
        statement.execute(named_params! { ":id": id.0, ":kind": kind_name(kind) })?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// Keeps a record of a vault's log. One of ours that the endpoint has confirmed is marked as such; another's that
    /// stands in the place of one of ours takes it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keep_record_of_log(
        &self,
        vault_no: i64,
        number: u32,
        bytes: &[u8],
        kept: bool,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO membership (vault, number, bytes, kept) VALUES (:vault, :number, :bytes, :kept)
             ON CONFLICT (vault, number) DO UPDATE SET bytes = excluded.bytes, kept = excluded.kept
             WHERE kept <> 1",
        )?;
        statement.execute(
            named_params! { ":vault": vault_no, ":number": number, ":bytes": bytes, ":kept": kept },
        )?;
        Ok(())
    }

    /// Marks one of our records as kept by the endpoint.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn record_of_log_kept(&self, vault_no: i64, number: u32) -> Result<(), StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("UPDATE membership SET kept = 1 WHERE vault = :vault AND number = :number")?;
        statement.execute(named_params! { ":vault": vault_no, ":number": number })?;
        Ok(())
    }

    /// Offers every record to the endpoint again: it began a new life and may lack some.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn offer_records_again(&self) -> Result<(), StoreProblem> {
        self.transaction.prepare_cached("UPDATE membership SET kept = 2 WHERE kept = 1")?.execute([])?;
        Ok(())
    }

    /// Stops offering a log again from a record on: the endpoint has another there, or does not take it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn stop_offering(&self, vault_no: i64, number: u32) -> Result<bool, StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE membership SET kept = 1 WHERE vault = :vault AND number >= :number AND kept = 2",
        )?;
        Ok(statement.execute(named_params! { ":vault": vault_no, ":number": number })? > 0)
    }

    /// Takes back our records that the endpoint did not keep, because somebody else was first. The founding record has no
    /// rival and stays.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn drop_unsent_records(&self, vault_no: i64) -> Result<bool, StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("DELETE FROM membership WHERE vault = :vault AND kept = 0 AND number > 0")?;
        Ok(statement.execute(named_params! { ":vault": vault_no })? > 0)
    }

    /// Keeps the key of an epoch, unless its vault was erased.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn keep_epoch_key(&self, vault_no: i64, number: u32, key: &[u8; 32]) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR IGNORE INTO epoch (vault, number, key)
             SELECT no, :number, :key FROM vault WHERE no = :vault AND erased_at_ms IS NULL",
        )?;
        statement.execute(named_params! { ":vault": vault_no, ":number": number, ":key": key })?;
        Ok(())
    }

    /// Enters a device as the log has it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn enter_device(&self, card: &DeviceCard) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO device (id, person, role) VALUES (:id, :person, :role)
             ON CONFLICT (id) DO UPDATE SET role = excluded.role WHERE role <> excluded.role",
        )?;
        statement.execute(named_params! {
            ":id": card.device.0,
            ":person": card.person.0,
            ":role": staff_role(card.role).name(),
        })?;
        Ok(())
    }
}
