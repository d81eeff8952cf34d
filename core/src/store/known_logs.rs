//! Membership logs that were verified before, kept in memory for as long as the store is open.
//!
//! A log is a chain: the hash of its newest record says all of it. Whatever else the file holds by then, a log whose newest
//! record is the one that was verified is the log that was verified. Nothing here is written down.

use std::collections::HashMap;
use std::sync::Mutex;

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::membership::{CaseFile, Organisation, SignedRecord};
use rusqlite::{OptionalExtension, named_params};

use super::problem::StoreProblem;
use super::{Read, lock};

/// Most case files that are kept in memory; one more, and they are verified anew.
const KNOWN_FILES_MAX: usize = 1_024;

/// What was verified of the logs.
#[derive(Default)]
pub(super) struct KnownLogs {
    organisation: Mutex<Option<Organisation>>,
    files: Mutex<HashMap<i64, KnownFile>>,
}

/// A case file, as the organisation stood.
struct KnownFile {
    organisation: Hash,
    file: CaseFile,
}

impl Read<'_> {
    /// The organisation as its log says, of which every record has been verified.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the log does not hold together.
    pub fn organisation(&self) -> Result<Organisation, StoreProblem> {
        let known = lock(&self.known.organisation).clone();
        if let Some(mut organisation) = known
            && let Some(vault) = self.vault(organisation.vault)?
            && self.stands_in_log(vault.no, organisation.next_number, organisation.head)?
        {
            let before = organisation.next_number;
            self.follow_organisation(vault.no, &mut organisation)?;
            if organisation.next_number != before {
                *lock(&self.known.organisation) = Some(organisation.clone());
            }
            return Ok(organisation);
        }
        let organisation = self.organisation_until(usize::MAX)?;
        *lock(&self.known.organisation) = Some(organisation.clone());
        Ok(organisation)
    }

    /// A case file as its log says, of which every record has been verified.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the log does not hold together.
    pub fn case_file(&self, vault_no: i64, organisation: &Organisation) -> Result<CaseFile, StoreProblem> {
        let known = lock(&self.known.files)
            .get(&vault_no)
            .filter(|known| known.organisation == organisation.head)
            .map(|known| known.file.clone());
        if let Some(file) = known
            && self.log_length(vault_no)? == file.next_number
            && self.stands_in_log(vault_no, file.next_number, file.head)?
        {
            return Ok(file);
        }
        let file = self.case_file_until(vault_no, usize::MAX, organisation)?;
        let mut files = lock(&self.known.files);
        if files.len() >= KNOWN_FILES_MAX {
            files.clear();
        }
        files.insert(vault_no, KnownFile { organisation: organisation.head, file: file.clone() });
        Ok(file)
    }

    /// Whether the log of a vault still holds the record before this number that has this hash.
    fn stands_in_log(&self, vault_no: i64, next_number: u32, head: Hash) -> Result<bool, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT bytes FROM membership WHERE vault = :vault AND number = :number")?;
        let number = next_number.saturating_sub(1);
        let bytes: Option<Vec<u8>> = statement
            .query_row(named_params! { ":vault": vault_no, ":number": number }, |row| row.get(0))
            .optional()?;
        Ok(bytes.is_some_and(|bytes| SignedRecord::parse(&bytes).is_ok_and(|signed| signed.hash() == head)))
    }
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::id::{DeviceId, InvitationId, PersonId, VaultId};
    use fieldfare_protocol::membership::{Role, VaultKind};

    use super::*;
    use crate::store::Store;
    use crate::vault::doubles::FixedEntropy;
    use crate::vault::members::{self, Signer};
    use crate::vault::{Identity, Invitation, Secret};

    const FOUNDER: DeviceId = DeviceId([1; 16]);

    fn identity(seed: u8) -> Identity {
        Identity::from_seed(&Secret::from_slice(&[seed; 32]).unwrap()).unwrap_or_else(|_| panic!())
    }

    struct Log {
        _folder: tempfile::TempDir,
        store: Store,
        vault_no: i64,
        key: Secret<32>,
    }

    impl Log {
        fn founded() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
            let (me, vault) = (identity(1), VaultId([1; 16]));
            let founder = Signer { device: FOUNDER, identity: &me };
            let entropy = FixedEntropy::new(1);
            let (first, key) =
                members::found_organisation(vault, &founder, PersonId([1; 16]), &identity(9), &entropy)
                    .unwrap();
            let vault_no = store.write(|write| write.add_vault(vault, VaultKind::Organisation)).unwrap();
            let log = Self { _folder: folder, store, vault_no, key };
            log.keep(0, first.bytes(), true);
            log
        }

        fn keep(&self, number: u32, bytes: &[u8], kept: bool) {
            self.store.write(|write| write.keep_record_of_log(self.vault_no, number, bytes, kept)).unwrap();
        }

        fn organisation(&self) -> Result<Organisation, StoreProblem> {
            self.store.read(|read| read.organisation())
        }

        /// The next record: invites somebody.
        fn invites(&self, seed: u8, signed_by: u8) -> SignedRecord {
            let (organisation, author) = (self.organisation().unwrap(), identity(signed_by));
            let invitation = Invitation {
                base_url: "http://127.0.0.1:1".to_owned(),
                organisation: organisation.vault,
                invitation: InvitationId([seed; 16]),
                root: Hash::NOTHING,
                secret: Secret::from_slice(&[seed; 32]).unwrap(),
                expires_at_ms: 1,
            };
            let signer = Signer { device: FOUNDER, identity: &author };
            let (person, entropy) = (PersonId([seed; 16]), FixedEntropy::new(seed));
            members::invite(&organisation, &self.key, &signer, &invitation, person, Role::Mentor, &entropy)
                .unwrap()
        }

        fn invited(&self) -> Vec<u8> {
            self.organisation().unwrap().invitations.keys().map(|invitation| invitation.0[0]).collect()
        }
    }

    #[test]
    fn a_log_that_grew_or_was_told_otherwise_is_followed() {
        let log = Log::founded();
        assert!(log.invited().is_empty());
        let (one, other) = (log.invites(3, 1), log.invites(4, 1));
        log.keep(1, one.bytes(), false);
        assert_eq!(log.invited(), [3]);
        log.keep(2, log.invites(5, 1).bytes(), false);
        assert_eq!(log.invited(), [3, 5]);
        assert!(log.store.write(|write| write.drop_unsent_records(log.vault_no)).unwrap());
        assert!(log.invited().is_empty());
        log.keep(1, other.bytes(), false);
        assert_eq!(log.invited(), [4]);
    }

    #[test]
    fn what_was_known_lends_no_trust_to_what_follows() {
        let log = Log::founded();
        let (mine, forged) = (log.invites(3, 1), log.invites(4, 2));
        log.keep(1, mine.bytes(), false);
        assert_eq!(log.invited(), [3]);
        assert!(log.store.write(|write| write.drop_unsent_records(log.vault_no)).unwrap());
        log.keep(1, forged.bytes(), false);
        assert!(matches!(log.organisation(), Err(StoreProblem::Damaged(_))));
    }

    #[test]
    fn a_transaction_that_fails_teaches_nothing() {
        let log = Log::founded();
        let next = log.invites(3, 1);
        let failed: Result<(), StoreProblem> = log.store.write(|write| {
            write.keep_record_of_log(log.vault_no, 1, next.bytes(), false)?;
            assert_eq!(write.read().organisation()?.invitations.len(), 1);
            Err(StoreProblem::Foreign)
        });
        assert!(failed.is_err());
        assert!(log.invited().is_empty());
    }
}
