//! Beginning a home so that dying in the middle spends nothing: what the endpoint may already have taken is kept here first,
//! and the next attempt on the same home goes on from there.
//!
//! Knows when a home is finished; what founding and joining consist of is not known here.

use std::path::Path;

use fieldfare_protocol::membership::SignedRecord;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use zeroize::{Zeroize as _, Zeroizing};

use super::Fieldfare;
use super::audit::Opening;
use super::ending::begin_again;
use super::home::{Home, remove_store};
use super::refusal::{fault, of_unlock};
use crate::contract::{FolderHolds, Problem};
use crate::ports::Ports;
use crate::store::{Build, Endpoint, Me, Store, Write};
use crate::vault::unlock::{Folder, UNFINISHED_FILE};
use crate::vault::{Hardware, LockRules, Pin, RootKey, Secret, Unlock, UnlockProblem, unlock};

/// Who a home is going to belong to: everything that would be lost if the endpoint's yes were the last thing heard.
pub(super) struct Begun {
    pub(super) me: Me,
    pub(super) seed: Secret<32>,
    /// The organisation's key.
    pub(super) key: Secret<32>,
    pub(super) endpoint: Endpoint,
    /// The organisation's log; the last record is the one that is handed over.
    pub(super) log: Vec<SignedRecord>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    me: Me,
    seed: [u8; 32],
    key: [u8; 32],
    endpoint: Endpoint,
    log: Vec<ByteBuf>,
}

impl Kept {
    /// Leaves no copy of the secrets behind on the stack.
    fn wipe(&mut self) {
        self.seed.zeroize();
        self.key.zeroize();
    }
}

impl Begun {
    /// What an earlier attempt has left.
    pub(super) fn read(store: &Store) -> Result<Option<Self>, Problem> {
        let Some(bytes) = store.read(|read| read.begun())? else { return Ok(None) };
        let damaged = || Problem::StoreDamaged;
        let mut kept: Kept = postcard::from_bytes(&bytes).map_err(|_| damaged())?;
        let (seed, key) = (Zeroizing::new(kept.seed), Zeroizing::new(kept.key));
        kept.wipe();
        let log: Result<_, _> = kept.log.iter().map(|bytes| SignedRecord::parse(bytes)).collect();
        Ok(Some(Self {
            me: kept.me,
            seed: Secret::from_slice(&*seed).ok_or_else(damaged)?,
            key: Secret::from_slice(&*key).ok_or_else(damaged)?,
            endpoint: kept.endpoint,
            log: log.map_err(|_| damaged())?,
        }))
    }

    /// Keeps it, durably, before anybody hears of it.
    pub(super) fn keep(&self, store: &Store) -> Result<(), Problem> {
        let mut kept = Kept {
            me: self.me,
            seed: *self.seed.expose(),
            key: *self.key.expose(),
            endpoint: self.endpoint.clone(),
            log: self.log.iter().map(|signed| ByteBuf::from(signed.bytes().to_vec())).collect(),
        };
        let bytes = postcard::to_stdvec(&kept).map(Zeroizing::new);
        kept.wipe();
        let bytes = bytes.map_err(|_| fault("begun"))?;
        store.write(|write| Ok(write.set_begun(&bytes)?))
    }

    /// The record that is handed over.
    pub(super) fn record(&self) -> Result<&SignedRecord, Problem> {
        self.log.last().ok_or(Problem::StoreDamaged)
    }

    /// Whether it founds an organisation: whoever joins or recovers has records of others before their own.
    pub(super) const fn founds(&self) -> bool {
        self.log.len() == 1
    }

    /// Nothing is left to go on from: the home is finished with this transaction.
    pub(super) fn is_over(write: &Write<'_>) -> Result<(), Problem> {
        Ok(write.set_begun(&[])?)
    }
}

/// What was begun here is for something else: its owner may still want it, and the endpoint may have said yes to it.
pub(super) const OTHER_BEGINNING: Problem = Problem::FolderTaken { by: FolderHolds::OtherBeginning };

/// Whether an attempt on this home has been cut short; or nothing is here yet. Changes nothing.
///
/// # Errors
/// [`Problem::StoreExists`] or [`Problem::FolderTaken`] where a home cannot be begun without destroying what is there.
pub(super) fn is_unfinished(folder: &Path) -> Result<bool, Problem> {
    match Folder::look_at(folder).map_err(UnlockProblem::from).map_err(of_unlock)? {
        Folder::Free => Ok(false),
        Folder::Unfinished => Ok(true),
        Folder::Home => Err(of_unlock(UnlockProblem::AlreadyFounded)),
        Folder::WithoutLock => Err(of_unlock(UnlockProblem::WithoutLock)),
        Folder::Foreign => Err(of_unlock(UnlockProblem::NotEmpty)),
    }
}

/// Makes a home and fills its store, or goes on with one that an earlier attempt left unfinished. If the endpoint refuses,
/// nothing of it is left; if it cannot be reached for an earlier attempt, everything stays for the next one. A folder that
/// holds anything else is not touched.
pub(super) fn begin_home(
    folder: &Path,
    ports: Ports,
    pin: &Pin,
    rules: LockRules,
    fill: impl FnOnce(&Ports, &Store) -> Result<(), Problem>,
) -> Result<Fieldfare, Problem> {
    let lent = ports.clone();
    let hardware = Hardware::of(&lent);
    if is_unfinished(folder)? {
        let unlock = Unlock::begin(folder, pin, lent.clock.as_ref(), hardware).map_err(of_unlock)?;
        let app = fill_home(folder, ports, unlock.root_key(), true, fill)?;
        let _ = unlock.succeeded();
        return Ok(app);
    }
    let root = unlock::found(folder, pin, rules, lent.entropy.as_ref(), hardware).map_err(of_unlock)?;
    fill_home(folder, ports, &root, false, fill)
}

fn fill_home(
    folder: &Path,
    ports: Ports,
    root: &RootKey,
    resumed: bool,
    fill: impl FnOnce(&Ports, &Store) -> Result<(), Problem>,
) -> Result<Fieldfare, Problem> {
    let lent = ports.clone();
    let (hardware, disk) = (Hardware::of(&lent), lent.disk.as_ref());
    let home = Home::take(folder, disk)?;
    let mut finished = false;
    let filled = super::open_store(Build::THIS, &home, &ports, root)
        .and_then(|store| {
            // It may have been cut short after it was finished; nothing of it is touched then.
            finished = resumed && store.read(|read| read.me()).is_ok();
            if finished { Ok(()) } else { fill(&ports, &store) }
        })
        .and_then(|()| Fieldfare::open(Build::THIS, home, ports, root, Opening::default()));
    match &filled {
        Ok(app) => {
            app.reserve.fill();
            unmark(folder);
            begin_again(folder);
        }
        // The endpoint may have said yes to what is kept here; only its no would make it worthless.
        Err(problem) if finished || (resumed && !is_no(problem)) => {}
        // Whoever has no power any more tidies nothing up.
        Err(_) if disk.has_stopped() => {}
        Err(_) => {
            // The mark goes with the lock, or stays with it. A key that cannot be destroyed protects nothing: the store
            // goes all the same.
            let _ = unlock::wipe(folder, hardware);
            if !disk.has_stopped() {
                remove_store(disk, folder);
            }
        }
    }
    filled
}

/// Whether the endpoint has refused for good what was begun.
const fn is_no(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::EndpointForeign
            | Problem::InvitationSpent
            | Problem::NotAllowed { .. }
            | Problem::RecoveryFile
    )
}

fn unmark(folder: &Path) {
    // One that stays behind is found to be out of date by the next attempt.
    let _ = std::fs::remove_file(folder.join(UNFINISHED_FILE));
}
