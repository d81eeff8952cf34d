//! Founding an organisation: its first device, its log, its recovery key, its place at the endpoint.
//!
//! Either all of it stands at the end or nothing does: a home that was made for a founding that failed is removed.

use std::path::{Path, PathBuf};

use fieldfare_protocol::exchange::Cursors;
use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use fieldfare_protocol::membership::{Organisation, SignedRecord, VaultKind};

use super::Fieldfare;
use super::begun::{Begun, OTHER_BEGINNING, begin_home, is_unfinished};
use super::refusal::{fault, of_pin, of_recovery};
use crate::contract::{Problem, RecordId};
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;
use crate::domain::{organisation, person};
use crate::exchange::transport_problem;
use crate::exchange::{admission, forks};
use crate::ports::{Entropy, Ports, check_address};
use crate::store::{Author, Endpoint, Me, NewEdit, Store, StoredVault, Write};
use crate::vault::members::{self, Signer};
use crate::vault::rotation;
use crate::vault::{Holders, Identity, LockRules, Pin, RecoveryKey, RecoveryShare, Secret};

/// What the first person was called, until they say otherwise.
const FOUNDER_NAME: &str = "Administrator";

/// What is to be founded.
#[derive(Clone, Copy, Debug)]
pub struct Founding<'f> {
    /// Name of the organisation.
    pub organisation: &'f str,
    /// Address of its endpoint, without a slash at the end.
    pub base_url: &'f str,
    /// A new file for the recovery key; it should not stay on this device. Shares are in files of this name with a point
    /// and their number behind it.
    pub recovery_file: &'f Path,
    /// Among how many people the recovery key is split.
    pub holders: Holders,
}

impl Fieldfare {
    /// Founds an organisation. Its endpoint must be reachable and keep nobody yet.
    ///
    /// # Errors
    /// [`Problem`]; nothing is left behind.
    pub fn found(
        folder: &Path,
        ports: Ports,
        pin: &str,
        rules: LockRules,
        founding: &Founding<'_>,
    ) -> Result<Self, Problem> {
        let pin = Pin::chosen(pin).map_err(of_pin)?;
        check_address(founding.base_url).map_err(transport_problem)?;
        let name = founding.organisation.trim();
        if name.is_empty() {
            return Err(Problem::Empty { field: "organisation".to_owned() });
        }
        if let Some(refusal) = organisation::NAME.refusal(&name.into()) {
            let crate::domain::field::ValueRefusal::TooLong { chars_max } = refusal else {
                return Err(fault("organisation name"));
            };
            let chars_max = u32::try_from(chars_max).unwrap_or(u32::MAX);
            return Err(Problem::TooLong { field: "organisation".to_owned(), chars_max });
        }
        let recovery = match is_unfinished(folder)? {
            true => None,
            false => Some(write_recovery_key(&ports, founding, name)?),
        };
        let wrote_it = recovery.is_some();
        let founded = begin_home(folder, ports, &pin, rules, |ports, store| {
            let begun = match Begun::read(store)? {
                Some(begun) if begun.founds() => begun,
                Some(_) => return Err(OTHER_BEGINNING),
                None => {
                    let recovery = match recovery {
                        Some(recovery) => recovery,
                        None => write_recovery_key(ports, founding, name)?,
                    };
                    begin(ports, store, founding.base_url, &recovery)?
                }
            };
            hand_over(ports, store, name, founding.base_url, begun)
        });
        if founded.is_err() && wrote_it {
            remove_files(&recovery_files(founding.recovery_file, founding.holders));
        }
        founded
    }
}

/// The files of a recovery key: the one named, or one for each share.
#[must_use]
pub fn recovery_files(file: &Path, holders: Holders) -> Vec<PathBuf> {
    if holders == Holders::One {
        return vec![file.to_owned()];
    }
    let of_share = |number: u8| {
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    (1..=holders.count()).map(of_share).collect()
}

fn write_recovery_key(ports: &Ports, founding: &Founding<'_>, name: &str) -> Result<RecoveryKey, Problem> {
    let (entropy, disk) = (ports.entropy.as_ref(), ports.disk.as_ref());
    let recovery = RecoveryKey::generate(entropy).map_err(of_recovery)?;
    let files = recovery_files(founding.recovery_file, founding.holders);
    if founding.holders == Holders::One {
        recovery.write_new(disk, founding.recovery_file, name).map_err(of_recovery)?;
        return Ok(recovery);
    }
    let shares = RecoveryShare::split(&recovery, founding.holders, entropy).map_err(of_recovery)?;
    for (place, (share, file)) in shares.iter().zip(&files).enumerate() {
        if let Err(problem) = share.write_new(disk, file, name) {
            // All of them or none: what stood there before stays, what was written just now goes.
            remove_files(files.get(..place).unwrap_or_default());
            return Err(of_recovery(problem));
        }
    }
    Ok(recovery)
}

fn remove_files(files: &[PathBuf]) {
    for file in files {
        let _ = std::fs::remove_file(file);
    }
}

/// Makes the organisation's first record and keeps it with its keys, before the endpoint hears of it.
fn begin(ports: &Ports, store: &Store, base_url: &str, recovery: &RecoveryKey) -> Result<Begun, Problem> {
    let entropy = ports.entropy.as_ref();
    let seed = Secret::random(entropy).map_err(|_| fault("entropy"))?;
    let identity = Identity::from_seed(&seed).map_err(|_| fault("identity"))?;
    let vault = VaultId(random(entropy)?);
    let me = new_me(entropy, vault, PersonId(RecordId::within(vault, random(entropy)?).0))?;
    let signer = Signer { device: me.device, identity: &identity };
    let (signed, key) =
        members::found_organisation(me.organisation, &signer, me.person, recovery.identity(), entropy)
            .map_err(|_| fault("members"))?;
    let endpoint = Endpoint {
        base_url: base_url.to_owned(),
        receipt_key: None,
        generation: None,
        cursors: Cursors::default(),
        last_exchange_at_ms: None,
        clock_ahead_ms: None,
    };
    let begun = Begun { me, seed, key, endpoint, log: vec![signed] };
    begun.keep(store)?;
    Ok(begun)
}

/// Has the endpoint keep the first record, as often as it takes, and finishes the store.
fn hand_over(ports: &Ports, store: &Store, name: &str, base_url: &str, begun: Begun) -> Result<(), Problem> {
    let reply = admission::found(ports.transport.as_ref(), base_url, begun.record()?)?;
    let ahead_ms = ports.clock.now_ms().saturating_sub(reply.now_ms);
    let Begun { me, seed, key, endpoint, log } = begun;
    let endpoint = Endpoint {
        base_url: base_url.to_owned(),
        receipt_key: Some(reply.receipt_key),
        generation: Some(reply.generation),
        clock_ahead_ms: Some(ahead_ms),
        ..endpoint
    };
    store.write(|write| {
        Begun::is_over(write)?;
        write_identity(write, &me, &seed, &endpoint, &log, &key)?;
        let vault = write.read().vault(me.organisation)?.ok_or(Problem::StoreDamaged)?;
        let card = RecordId(me.organisation.0);
        let now_ms = ports.clock.now_ms().saturating_sub(ahead_ms);
        write_name(
            write,
            &me,
            (now_ms, ahead_ms),
            &vault,
            &organisation::KIND,
            &organisation::NAME,
            card,
            name,
        )?;
        let founder = RecordId(me.person.0);
        write_name(
            write,
            &me,
            (now_ms, ahead_ms),
            &vault,
            &person::KIND,
            &person::NAME,
            founder,
            FOUNDER_NAME,
        )
    })
}

/// Writes down whose store it is, and the organisation's log and key.
pub(super) fn write_identity(
    write: &Write<'_>,
    me: &Me,
    seed: &Secret<32>,
    endpoint: &Endpoint,
    log: &[SignedRecord],
    key: &Secret<32>,
) -> Result<(), Problem> {
    write.set_me(me, seed.expose())?;
    write.set_endpoint(endpoint)?;
    let vault_no = write.add_vault(me.organisation, VaultKind::Organisation)?;
    for signed in log {
        write.keep_record_of_log(vault_no, signed.record.number, signed.bytes(), true)?;
    }
    let organisation: Organisation = write.read().organisation()?;
    for card in organisation.devices.values() {
        write.enter_device(card)?;
    }
    for device in organisation.removed.keys() {
        write.mark_removed(*device)?;
    }
    let number = organisation.epoch.number;
    write.keep_epoch_key(vault_no, number, key.expose())?;
    let before = rotation::keys_before(me.organisation, log, &organisation.epochs, number, key);
    Ok(forks::keep_keys(write, vault_no, &before)?)
}

/// A new installation of a person in an organisation.
pub(super) fn new_me(entropy: &dyn Entropy, organisation: VaultId, person: PersonId) -> Result<Me, Problem> {
    let writer = writer(entropy)?;
    Ok(Me { device: DeviceId(random(entropy)?), person, organisation, writer })
}

#[allow(clippy::too_many_arguments, reason = "one name of one record")]
pub(super) fn write_name(
    write: &Write<'_>,
    me: &Me,
    (now_ms, ahead_ms): (i64, i64),
    vault: &StoredVault,
    kind: &'static crate::domain::field::RecordKind,
    field: &crate::domain::field::Field,
    record: RecordId,
    name: &str,
) -> Result<(), Problem> {
    let author =
        Author { device: me.device, writer: me.writer, now_ms, ahead_ms, last_stamp: Stamp::default() };
    write.write_edit(&author, vault, kind, record, field, NewEdit::Put(Value::from(name)))?;
    Ok(())
}

/// A number by which texts know who types: 53 random bits.
pub(super) fn writer(entropy: &dyn Entropy) -> Result<u64, Problem> {
    Ok(u64::from_be_bytes(random(entropy)?) & crate::domain::text::WRITER_MAX)
}

pub(super) fn random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).map_err(|_| fault("entropy"))?;
    Ok(bytes)
}
