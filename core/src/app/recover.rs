//! Coming back when every phone is lost: a new administrator's device, let in by the recovery key, that reads every file.
//!
//! The key is used and not kept. Everybody can check in the log that it was used, and by which device.

use std::path::{Path, PathBuf};

use fieldfare_protocol::exchange::Cursors;
use fieldfare_protocol::id::PersonId;
use fieldfare_protocol::membership::{SignedRecord, VaultKind};

use super::Fieldfare;
use super::begun::{Begun, OTHER_BEGINNING, begin_home};
use super::found::{new_me, random, write_identity, write_name};
use super::refusal::{fault, of_pin};
use crate::contract::{Problem, RecordId};
use crate::domain::person;
use crate::exchange::{admission, forks, transport_problem};
use crate::ports::{Ports, check_address};
use crate::store::{Endpoint, Store, Write};
use crate::vault::members::{self, Signer};
use crate::vault::{Identity, LockRules, Pin, RecoveryKey, Secret, rotation};

/// What the person of a recovered device is called, until they say otherwise.
const RECOVERED_NAME: &str = "Administrator (recovery)";

/// How often recovering is tried when somebody else's record came first.
const TRIES_MAX: u32 = 5;

/// How many exchanges opening every file takes at most: each opens all logs that the one before brought.
const EXCHANGES_MAX: u32 = 64;

/// What is needed to recover an organisation.
#[derive(Clone, Copy, Debug)]
pub struct Recovering<'r> {
    /// Address of its endpoint, without a slash at the end.
    pub base_url: &'r str,
    /// The file with the recovery key, or those with as many shares as it takes, as they were written or typed from paper.
    pub recovery_files: &'r [PathBuf],
}

impl Fieldfare {
    /// Makes a new administrator's device with the recovery key and opens every file of the organisation on it. If that
    /// breaks off after the device was let in, unlock its home and call [`Fieldfare::open_files`].
    ///
    /// # Errors
    /// [`Problem::RecoveryKeyNotAccepted`], [`Problem::EndpointForeign`] for another organisation's key, and whatever the
    /// exchange brings.
    pub fn recover(
        folder: &Path,
        ports: Ports,
        pin: &str,
        rules: LockRules,
        recovering: &Recovering<'_>,
    ) -> Result<Self, Problem> {
        let pin = Pin::chosen(pin).map_err(of_pin)?;
        check_address(recovering.base_url).map_err(transport_problem)?;
        let recovery = read_key(recovering.recovery_files)?;
        let app = begin_home(folder, ports, &pin, rules, |ports, store| {
            if Begun::read(store)?.is_some() {
                return Err(OTHER_BEGINNING);
            }
            let_in(ports, store, recovering.base_url, recovery.identity())
        })?;
        app.open_files(recovering.recovery_files)?;
        Ok(app)
    }

    /// Opens with the recovery key every file of the organisation that this device cannot read yet, and returns how many.
    /// The device must have been let in by that key.
    ///
    /// # Errors
    /// As [`Fieldfare::recover`].
    pub fn open_files(&self, recovery_files: &[PathBuf]) -> Result<u32, Problem> {
        let recovery = read_key(recovery_files)?;
        let (organisation, me) =
            self.store.read(|read| Ok::<_, Problem>((read.organisation()?, read.me()?.device)))?;
        if organisation.recovery_key != recovery.sealing_key() {
            let why = "it belongs to another organisation".to_owned();
            return Err(Problem::RecoveryKeyNotAccepted { why });
        }
        if !organisation.recovered.contains(&organisation.root_of(me)) {
            let why = "this device was not let in by it; recover on a new one".to_owned();
            return Err(Problem::RecoveryKeyNotAccepted { why });
        }
        let mut opened = 0_u32;
        for _ in 0..EXCHANGES_MAX {
            self.exchange(|_| ())?;
            let more = self.store.write(|write| self.open_what_came(write, recovery.identity()))?;
            if more == 0 {
                break;
            }
            opened = opened.saturating_add(more);
        }
        Ok(opened)
    }

    /// Opens the newest epoch of every file whose log is here, and lets this device in.
    fn open_what_came(&self, write: &Write<'_>, recovery: &Identity) -> Result<u32, Problem> {
        let read = write.read();
        let organisation = read.organisation()?;
        let as_of = read.records_kept(organisation.vault)?;
        let me = read.me()?.device;
        let signer = Signer { device: me, identity: &self.identity };
        let mut opened = 0_u32;
        for vault in read.vaults()?.into_iter().filter(|vault| vault.kind == VaultKind::CaseFile) {
            let mut file = read.case_file(vault.no, &organisation)?;
            let is_in = file.is_member(me, &organisation) || file.removed.contains_key(&me);
            if is_in || !read.unsent_records_of(vault.no)?.is_empty() {
                continue;
            }
            // A file that the key does not open stays shut; the others must not wait for it.
            let Ok(key) = members::recovered_key(&file.epoch, vault.id, recovery) else { continue };
            let number = file.epoch.number;
            write.keep_epoch_key(vault.no, number, key.expose())?;
            let log: Vec<_> =
                read.log(vault.no)?.iter().filter_map(|(bytes, _)| SignedRecord::parse(bytes).ok()).collect();
            let before = rotation::keys_before(vault.id, &log, &file.epochs, number, &key);
            forks::keep_keys(write, vault.no, &before)?;
            let entropy = self.ports.entropy.as_ref();
            let admitted = members::admit(&file, as_of, &key, &signer, &[me], &organisation, entropy);
            let Some(signed) = admitted.map_err(|_| fault("members"))? else { continue };
            if file.take(&signed, &organisation).is_ok() {
                write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
                let case = read.case_of_vault(vault.no)?.map(RecordId::from);
                write.note_in_audit(self.now(&read)?.ms, "recover_file", case)?;
                opened = opened.saturating_add(1);
            }
        }
        Ok(opened)
    }
}

/// The recovery key from the file with all of it, or from those with shares.
pub(super) fn read_key(files: &[PathBuf]) -> Result<RecoveryKey, Problem> {
    RecoveryKey::read_from(files)
        .map_err(|problem| Problem::RecoveryKeyNotAccepted { why: problem.to_string() })
}

fn let_in(ports: &Ports, store: &Store, base_url: &str, recovery: &Identity) -> Result<(), Problem> {
    let (entropy, transport) = (ports.entropy.as_ref(), ports.transport.as_ref());
    let seed = Secret::random(entropy).map_err(|_| fault("entropy"))?;
    let identity = Identity::from_seed(&seed).map_err(|_| fault("identity"))?;
    let mut tries_left = TRIES_MAX;
    loop {
        let shown = admission::ask_to_recover(transport, base_url, recovery)?;
        let organisation = shown.organisation.vault;
        let person = PersonId(RecordId::within(organisation, random(entropy)?).0);
        let me = new_me(entropy, organisation, person)?;
        let signer = Signer { device: me.device, identity: &identity };
        let (signed, key) = members::recover(&shown.organisation, &signer, person, recovery, entropy)
            .map_err(|_| fault("members"))?;
        match admission::hand_over(transport, base_url, organisation, &signed) {
            Ok(()) => {}
            Err(Problem::EndpointTrouble) if tries_left > 1 => {
                tries_left -= 1;
                continue;
            }
            Err(problem) => return Err(problem),
        }
        let ahead_ms = ports.clock.now_ms().saturating_sub(shown.reply.now_ms);
        let mut log = shown.log;
        log.push(signed);
        let endpoint = Endpoint {
            base_url: base_url.to_owned(),
            receipt_key: Some(shown.reply.receipt_key),
            generation: Some(shown.reply.generation),
            cursors: Cursors::default(),
            last_exchange_at_ms: None,
            clock_ahead_ms: Some(ahead_ms),
        };
        return store.write(|write| {
            write_identity(write, &me, &seed, &endpoint, &log, &key)?;
            let vault = write.read().vault(organisation)?.ok_or(Problem::StoreDamaged)?;
            let now_ms = ports.clock.now_ms().saturating_sub(ahead_ms);
            let at = (now_ms, ahead_ms);
            write.note_in_audit(now_ms, "recover", None)?;
            let record = RecordId(person.0);
            write_name(write, &me, at, &vault, &person::KIND, &person::NAME, record, RECOVERED_NAME)
        });
    }
}
