//! The membership logs as far as one exchange needs them: verified once, kept in memory, moved on with every record.
//!
//! Decides which record follows; what a key opens and what a member wrote is not known here.

use std::collections::{BTreeSet, HashMap};

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::membership::{Act, CaseFile, Epoch, Organisation, SignedRecord, VaultKind};

use super::forks;
use super::leaving::ROTATIONS_MAX;
use crate::contract::Problem;
use crate::store::{Read, StoreProblem, StoredVault, Touched, Write};
use crate::vault::Secret;
use crate::vault::members::{self, Signer};
use crate::vault::rotation;

/// The logs of everything that this device can read.
pub(super) struct Logs {
    organisation: Organisation,
    files: HashMap<i64, CaseFile>,
    /// How often this exchange has changed the key of a vault.
    rotations: HashMap<i64, u32>,
    /// Records of vaults that were erased since somebody last asked.
    pub(super) erased: BTreeSet<Touched>,
}

/// What became of a received record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It was new, and stands now.
    New,
    /// It stood already.
    Known,
    /// It cannot be believed; the key of the reason.
    Refused(&'static str),
}

impl Logs {
    /// Reads and verifies the organisation's log; the files' are read when they are needed.
    pub(super) fn read(read: &Read<'_>) -> Result<Self, StoreProblem> {
        let organisation = read.organisation()?;
        Ok(Self { organisation, files: HashMap::new(), rotations: HashMap::new(), erased: BTreeSet::new() })
    }

    /// Catches up with what commands have written since the last transaction of this exchange.
    pub(super) fn refresh(&mut self, read: &Read<'_>) -> Result<(), StoreProblem> {
        self.files.clear();
        self.organisation = read.organisation()?;
        Ok(())
    }

    /// The organisation.
    pub(super) const fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// A case file.
    pub(super) fn file(&mut self, read: &Read<'_>, vault_no: i64) -> Result<&CaseFile, StoreProblem> {
        match self.files.entry(vault_no) {
            std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::hash_map::Entry::Vacant(new) => {
                Ok(new.insert(read.case_file(vault_no, &self.organisation)?))
            }
        }
    }

    /// Has the log of a file read again when it is needed.
    pub(super) fn forget_file(&mut self, vault_no: i64) {
        self.files.remove(&vault_no);
    }

    /// Whether the key of a vault may be changed once more in this exchange; counts it.
    pub(super) fn tries_once_more(&mut self, vault_no: i64) -> bool {
        let tried = self.rotations.entry(vault_no).or_default();
        *tried = tried.saturating_add(1);
        *tried <= ROTATIONS_MAX
    }

    /// The start of the hash of the newest record of a vault's log.
    pub(super) fn head(&mut self, read: &Read<'_>, vault: &StoredVault) -> Result<[u8; 8], StoreProblem> {
        match vault.kind {
            VaultKind::Organisation => Ok(self.organisation.head.short()),
            VaultKind::CaseFile => Ok(self.file(read, vault.no)?.head.short()),
        }
    }

    /// Takes in a record that the endpoint handed out, with the key that it may bring.
    pub(super) fn take_in(
        &mut self,
        write: &Write<'_>,
        me: &Signer<'_>,
        bytes: &[u8],
        now_ms: i64,
    ) -> Result<Taken, Problem> {
        let taken = self.take_record(write, me, bytes, now_ms)?;
        if let Ok(signed) = SignedRecord::parse(bytes)
            && let Some(vault) = write.read().vault(signed.record.vault)?
        {
            self.look_at_fork(write, &vault, me.device)?;
            self.erase_where_it_stands(write, &vault, me.device, now_ms)?;
        }
        Ok(taken)
    }

    fn take_record(
        &mut self,
        write: &Write<'_>,
        me: &Signer<'_>,
        bytes: &[u8],
        now_ms: i64,
    ) -> Result<Taken, Problem> {
        let Ok(signed) = SignedRecord::parse(bytes) else {
            return Ok(Taken::Refused("membership.malformed"));
        };
        let vault = write.read().vault(signed.record.vault)?;
        if let Some(known) = self.place_taken(write, me, vault.as_ref(), &signed, now_ms)? {
            return Ok(known);
        }
        let (vault_no, epoch) = match vault {
            None => match self.begin_file(write, &signed)? {
                Some(begun) => begun,
                None => return Ok(Taken::Refused("membership.not_next")),
            },
            Some(vault) => match self.continue_log(write, &vault, &signed)? {
                Some(epoch) => (vault.no, epoch),
                None => return Ok(Taken::Refused("membership.not_next")),
            },
        };
        write.keep_record_of_log(vault_no, signed.record.number, bytes, true)?;
        let names: Vec<DeviceId> = self.organisation.names_of(me.device).collect();
        match members::key_for(&signed, &epoch, me.identity, &names) {
            Ok(Some(key)) => {
                write.keep_epoch_key(vault_no, epoch.number, key.expose())?;
                self.read_history(write, &signed, vault_no, epoch.number, &key)?;
            }
            Ok(None) => {}
            // Somebody sealed us a key that does not open. The log goes on; segments of the epoch wait for a key.
            Err(_) => return Ok(Taken::Refused("membership.key_does_not_open")),
        }
        Ok(Taken::New)
    }

    /// What stands already where a record wants to stand. One of our own that the endpoint has not kept makes room.
    fn place_taken(
        &mut self,
        write: &Write<'_>,
        me: &Signer<'_>,
        vault: Option<&StoredVault>,
        signed: &SignedRecord,
        now_ms: i64,
    ) -> Result<Option<Taken>, StoreProblem> {
        let Some(vault) = vault else { return Ok(None) };
        let log = write.read().log(vault.no)?;
        let Some((standing, kept)) = log.get(signed.record.number as usize) else {
            return Ok(None);
        };
        if standing == signed.bytes() {
            write.record_of_log_kept(vault.no, signed.record.number)?;
            return Ok(Some(Taken::Known));
        }
        // What was erased is erased, whatever else a log may be made to say.
        if write.read().is_erased(vault.no)? {
            return Ok(Some(Taken::Refused("membership.fork")));
        }
        if signed.record.number == 0 || !self.could_stand(write, vault, signed)? {
            return Ok(Some(Taken::Refused("membership.malformed")));
        }
        if *kept {
            // Two successors of one record, both signed as they must be: the log has been told in two ways.
            if self.change_branch(write, vault, me.device, signed.record.number, now_ms)? {
                return Ok(None);
            }
            write.note_two_histories(vault.no)?;
            return Ok(Some(Taken::Refused("membership.fork")));
        }
        self.drop_unsent(write, vault)?;
        Ok(None)
    }

    /// Whether a record follows and is signed as it must be once ours, which the endpoint has not kept, are taken back.
    fn could_stand(
        &self,
        write: &Write<'_>,
        vault: &StoredVault,
        signed: &SignedRecord,
    ) -> Result<bool, StoreProblem> {
        let number = signed.record.number as usize;
        Ok(match vault.kind {
            VaultKind::Organisation => write.read().organisation_until(number)?.take(signed, None).is_ok(),
            VaultKind::CaseFile => write
                .read()
                .case_file_until(vault.no, number, &self.organisation)?
                .take(signed, &self.organisation)
                .is_ok(),
        })
    }

    /// Takes back our own records of a log that the endpoint did not keep.
    pub(super) fn drop_unsent(
        &mut self,
        write: &Write<'_>,
        vault: &StoredVault,
    ) -> Result<bool, StoreProblem> {
        let dropped = write.drop_unsent_records(vault.no)?;
        self.files.remove(&vault.no);
        if vault.kind == VaultKind::Organisation {
            self.organisation = write.read().organisation()?;
            self.files.clear();
        }
        // A key that we began in a record that came to nothing must not be written under.
        if dropped {
            let number = self.newest_epoch(&write.read(), vault)?.number;
            write.drop_keys_after(vault.no, number)?;
        }
        Ok(dropped)
    }

    /// Opens the epochs before one whose key has come, for whoever was let in late.
    fn read_history(
        &mut self,
        write: &Write<'_>,
        signed: &SignedRecord,
        vault_no: i64,
        number: u32,
        key: &Secret<32>,
    ) -> Result<(), StoreProblem> {
        let (read, vault) = (write.read(), signed.record.vault);
        let log: Vec<_> =
            read.log(vault_no)?.iter().filter_map(|(bytes, _)| SignedRecord::parse(bytes).ok()).collect();
        let epochs = if vault == self.organisation.vault {
            self.organisation.epochs.clone()
        } else {
            self.file(&read, vault_no)?.epochs.clone()
        };
        let ends_a_fork = matches!(signed.record.act, Act::Resolve { .. });
        let before =
            epochs.before(number).map(|before| read.epoch_key(vault_no, before.number)).transpose()?;
        if !ends_a_fork && before.is_none_or(|known| known.is_some()) {
            return Ok(());
        }
        forks::keep_keys(write, vault_no, &rotation::keys_before(vault, &log, &epochs, number, key))
    }

    fn begin_file(
        &mut self,
        write: &Write<'_>,
        signed: &SignedRecord,
    ) -> Result<Option<(i64, Epoch)>, StoreProblem> {
        let Ok(mut file) = CaseFile::found(signed, &self.organisation) else {
            return Ok(None);
        };
        let vault_no = write.add_vault(signed.record.vault, VaultKind::CaseFile)?;
        let epoch = file.epoch.clone();
        file.inherit(&self.organisation, self.organisation.next_number);
        self.files.insert(vault_no, file);
        Ok(Some((vault_no, epoch)))
    }

    pub(super) fn continue_log(
        &mut self,
        write: &Write<'_>,
        vault: &StoredVault,
        signed: &SignedRecord,
    ) -> Result<Option<Epoch>, StoreProblem> {
        match vault.kind {
            VaultKind::Organisation => {
                if self.organisation.take(signed, None).is_err() {
                    return Ok(None);
                }
                // A device may have taken a new name, which every file has to hear of.
                self.files.clear();
                self.enter_devices(write)?;
                Ok(Some(self.organisation.epoch.clone()))
            }
            VaultKind::CaseFile => {
                self.file(&write.read(), vault.no)?;
                let Some(file) = self.files.get_mut(&vault.no) else { return Ok(None) };
                if file.take(signed, &self.organisation).is_err() {
                    return Ok(None);
                }
                file.inherit(&self.organisation, self.organisation.next_number);
                Ok(Some(file.epoch.clone()))
            }
        }
    }

    /// Enters what the organisation's log says of its devices.
    pub(super) fn enter_devices(&self, write: &Write<'_>) -> Result<(), StoreProblem> {
        self.organisation.devices.values().try_for_each(|card| write.enter_device(card))?;
        self.organisation.removed.keys().try_for_each(|device| write.mark_removed(*device))
    }

    /// Lets every device read that ought to: new devices of mentors on a case, supervisors, the safeguarding lead. Any
    /// member may write the record; the endpoint takes one, and the others find it done.
    pub(super) fn admit_whoever_is_missing(
        &mut self,
        write: &Write<'_>,
        me: &Signer<'_>,
        entropy: &dyn crate::ports::Entropy,
    ) -> Result<(), Problem> {
        let read = write.read();
        let as_of = read.records_kept(self.organisation.vault)?;
        for vault in read.vaults()?.into_iter().filter(|vault| vault.kind == VaultKind::CaseFile) {
            let Some((_, key)) = read.newest_key(vault.no)? else { continue };
            let Some(mut missing) = read.readers_due(&vault, &self.organisation)? else { continue };
            let file = self.file(&read, vault.no)?;
            missing.retain(|reader| !file.members.contains(reader) && file.may_be_let_in(*reader));
            let forked = read.has_two_histories(vault.no)?;
            if missing.is_empty() || forked || !file.members.contains(&me.device) {
                continue;
            }
            let file = file.clone();
            // A device whose key takes no seal stays outside; it must not keep the others from their work.
            let Ok(Some(signed)) =
                members::admit(&file, as_of, &key, me, &missing, &self.organisation, entropy)
            else {
                continue;
            };
            if self.continue_log(write, &vault, &signed)?.is_some() {
                write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
            }
        }
        Ok(())
    }
}
