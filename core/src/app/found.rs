//! Founding an organisation: its first device, its log, its recovery key, its place at the endpoint.
//!
//! Either all of it stands at the end or nothing does: a home that was made for a founding that failed is removed.

use std::path::Path;

use fieldfare_protocol::exchange::Cursors;
use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use fieldfare_protocol::membership::{Organisation, SignedRecord, VaultKind};

use super::Fieldfare;
use super::home::{Home, remove_store};
use super::refusal::{fault, of_pin, of_recovery, of_unlock};
use crate::contract::{Problem, RecordId};
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;
use crate::domain::{organisation, person};
use crate::exchange::admission;
use crate::exchange::transport_problem;
use crate::ports::{Entropy, Ports, check_address};
use crate::store::{Author, Endpoint, Me, NewEdit, Store, StoredVault, Write};
use crate::vault::members::{self, Signer};
use crate::vault::{Identity, LockRules, Pin, Purpose, RecoveryKey, Secret, unlock};

/// What the first person was called, until they say otherwise.
const FOUNDER_NAME: &str = "Administrator";

/// What is to be founded.
#[derive(Clone, Copy, Debug)]
pub struct Founding<'f> {
    /// Name of the organisation.
    pub organisation: &'f str,
    /// Address of its endpoint, without a slash at the end.
    pub base_url: &'f str,
    /// A new file for the recovery key; it should not stay on this device.
    pub recovery_file: &'f Path,
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
        let recovery = RecoveryKey::generate(ports.entropy.as_ref()).map_err(of_recovery)?;
        recovery.write_new(founding.recovery_file, name).map_err(of_recovery)?;
        let founded = begin_home(folder, ports, &pin, rules, |ports, store| {
            write_first_records(ports, store, name, founding.base_url, &recovery)
        });
        if founded.is_err() {
            let _ = std::fs::remove_file(founding.recovery_file);
        }
        founded
    }
}

/// Makes a home and fills its store; if that fails, nothing of it is left.
pub(super) fn begin_home(
    folder: &Path,
    ports: Ports,
    pin: &Pin,
    rules: LockRules,
    fill: impl FnOnce(&Ports, &Store) -> Result<(), Problem>,
) -> Result<Fieldfare, Problem> {
    let entropy = ports.entropy.clone();
    let hardware_key = ports.hardware_key.clone();
    let root =
        unlock::found(folder, pin, rules, entropy.as_ref(), hardware_key.as_ref()).map_err(of_unlock)?;
    let home = Home::take(folder)?;
    let filled = Store::open(&home.store_path(), root.key(Purpose::Database).expose())
        .map_err(Problem::from)
        .and_then(|store| fill(&ports, &store))
        .and_then(|()| Fieldfare::open(home, ports, &root));
    if filled.is_err() {
        // A key that cannot be destroyed protects nothing: the store goes all the same.
        let _ = unlock::wipe(folder, hardware_key.as_ref());
        remove_store(folder);
    }
    filled
}

fn write_first_records(
    ports: &Ports,
    store: &Store,
    name: &str,
    base_url: &str,
    recovery: &RecoveryKey,
) -> Result<(), Problem> {
    let entropy = ports.entropy.as_ref();
    let seed = Secret::random(entropy).map_err(|_| fault("entropy"))?;
    let identity = Identity::from_seed(&seed).map_err(|_| fault("identity"))?;
    let vault = VaultId(random(entropy)?);
    let me = new_me(entropy, vault, PersonId(RecordId::within(vault, random(entropy)?).0))?;
    let signer = Signer { device: me.device, identity: &identity };
    let (signed, key) =
        members::found_organisation(me.organisation, &signer, me.person, recovery.identity(), entropy)
            .map_err(|_| fault("members"))?;
    let reply = admission::found(ports.transport.as_ref(), base_url, &signed)?;
    let ahead_ms = ports.clock.now_ms().saturating_sub(reply.now_ms);
    let endpoint = Endpoint {
        base_url: base_url.to_owned(),
        receipt_key: Some(reply.receipt_key),
        generation: Some(reply.generation),
        cursors: Cursors::default(),
        last_exchange_at_ms: None,
        clock_ahead_ms: Some(ahead_ms),
    };
    store.write(|write| {
        write_identity(write, &me, &seed, &endpoint, &[signed], &key)?;
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
    write.keep_epoch_key(vault_no, organisation.epoch.number, key.expose())?;
    Ok(())
}

/// A new installation of a person in an organisation.
pub(super) fn new_me(entropy: &dyn Entropy, organisation: VaultId, person: PersonId) -> Result<Me, Problem> {
    let writer = u64::from_be_bytes(random(entropy)?) & crate::domain::text::WRITER_MAX;
    Ok(Me { device: DeviceId(random(entropy)?), person, organisation, writer })
}

#[allow(clippy::too_many_arguments, reason = "one name of one record")]
fn write_name(
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

pub(super) fn random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).map_err(|_| fault("entropy"))?;
    Ok(bytes)
}
