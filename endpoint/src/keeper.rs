//! What an endpoint keeps: the database, and in memory who belongs to what.
//!
//! Joins the two and decides nothing else: memory follows the disk, never the other way round.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use fieldfare_protocol::call_number::{CallNumber, Session};
use fieldfare_protocol::exchange::Generation;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{Organisation, SignedRecord};
use fieldfare_protocol::request::{self, Refused};
use fieldfare_protocol::signing::Signature;

use crate::directory::{Directory, Draft};
use crate::folder::Folder;
use crate::limits::ARRIVAL_STEP_MAX;
use crate::problem::{StartProblem, Trouble};
use crate::rate::Rate;
use crate::receipt::ReceiptKey;
use crate::store::{Store, Write};
use crate::surroundings::{Surroundings, random};
use crate::turns::Turns;

/// The endpoint's data, open. Everything here blocks.
pub(crate) struct Keeper {
    /// The database.
    pub(crate) store: Store,
    /// Signs receipts.
    pub(crate) receipts: ReceiptKey,
    /// This life of the data.
    pub(crate) generation: Generation,
    /// How often each device has called.
    pub(crate) rate: Rate,
    /// Which call each device made last.
    turns: Turns,
    /// Bytes that the organisation may fill; whatever the disk holds if absent.
    pub(crate) quota_bytes: Option<u64>,
    directory: RwLock<Directory>,
    around: Arc<dyn Surroundings>,
}

/// Who a request says it is from, not yet believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The organisation it means.
    pub(crate) organisation: VaultId,
    /// The device it claims to be.
    pub(crate) device: DeviceId,
    /// Which of its calls this is.
    pub(crate) call: CallNumber,
    /// Over that, the request's path and its body.
    pub(crate) signature: Signature,
}

impl Keeper {
    /// Opens the data of a folder, or makes it, and reads every log again from its first record.
    pub(crate) fn open(folder: Folder, around: Arc<dyn Surroundings>) -> Result<Self, StartProblem> {
        let store = Store::open(folder, around.clone())?;
        let meta = store.read(|read| read.meta())?;
        let mut directory = Directory::default();
        store.read(|read| read.each_record(|bytes| replay(&mut directory, bytes)))?;
        if directory.organisation().map(|organisation| organisation.vault) != meta.organisation {
            return Err(StartProblem::Damaged);
        }
        let turns = Turns::new(Session(random(around.as_ref())?));
        let receipts = ReceiptKey::from_seed(&meta.receipt_seed)?;
        Ok(Self {
            store,
            receipts,
            generation: meta.generation,
            rate: Rate::default(),
            turns,
            quota_bytes: None,
            directory: RwLock::new(directory),
            around,
        })
    }

    /// Lets the organisation fill so many bytes.
    pub(crate) fn with_quota(self, quota_bytes: Option<u64>) -> Self {
        Self { quota_bytes, ..self }
    }

    /// The time, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        self.around.now_ms()
    }

    /// Believes a caller whose signature its own key made over this path and body, once.
    pub(crate) fn recognise(&self, caller: &Caller, path: &str, body: &[u8]) -> Result<DeviceId, Refused> {
        let verify_key = {
            let directory = self.directory();
            let organisation = organisation(directory.organisation(), caller.organisation)?;
            organisation.devices.get(&caller.device).ok_or(Refused::UnknownDevice)?.verify_key
        };
        let message = request::signed_bytes(path, caller.organisation, caller.device, caller.call, body);
        verify_key.verify(&message, &caller.signature).map_err(|_| Refused::UnknownDevice)?;
        self.turns.take(caller.device, caller.call)?;
        Ok(caller.device)
    }

    /// The device that a request names, proven or not.
    pub(crate) fn known(&self, caller: &Caller) -> Result<DeviceId, Refused> {
        self.look(caller.organisation, |kept| {
            kept.devices.get(&caller.device).map(|card| card.device).ok_or(Refused::UnknownDevice)
        })
    }

    /// The vault of a short name, if the device may write in it.
    pub(crate) fn writable(&self, device: DeviceId, tag: [u8; 4]) -> Option<VaultId> {
        self.directory().draft().writable(device, tag).map(|writable| writable.vault)
    }

    /// Looks at the organisation, if it is the one that is meant.
    pub(crate) fn look<T>(
        &self,
        meant: VaultId,
        look: impl FnOnce(&Organisation) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        look(organisation(self.directory().organisation(), meant)?)
    }

    /// Looks at the organisation, whichever it is.
    pub(crate) fn kept<T>(
        &self,
        look: impl FnOnce(&Organisation) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        look(self.directory().organisation().ok_or(Refused::OtherOrganisation)?)
    }

    /// Changes disk and memory together: one transaction, durable when this returns `Ok`; any error undoes all of it.
    pub(crate) fn change<T, E: From<Trouble>>(
        &self,
        change: impl FnOnce(&Write<'_>, &mut Draft<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // Held to the end, so that the next draft starts from what this one made true.
        let mut writer = self.store.writer();
        let (changed, changes) = {
            let directory = self.directory();
            let mut draft = directory.draft();
            let changed = writer.commit(self.step(), |write| change(write, &mut draft))?;
            (changed, draft.into_changes())
        };
        self.directory.write().unwrap_or_else(PoisonError::into_inner).apply(changes);
        Ok(changed)
    }

    /// Leaves nothing in the files of what was erased. What fails here is done by the next fold.
    pub(crate) fn fold(&self) {
        if let Err(trouble) = self.store.writer().fold() {
            trouble.report();
        }
    }

    /// By how much the numbers of arrivals grow in the next transaction: never the same again after the data was put back,
    /// so that a cursor from before names something that has never arrived.
    fn step(&self) -> u32 {
        random(self.around.as_ref()).map_or(1, |bytes| 1 + u32::from_be_bytes(bytes) % ARRIVAL_STEP_MAX)
    }

    fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The organisation kept, if it is the one that is meant.
pub(crate) fn organisation(kept: Option<&Organisation>, meant: VaultId) -> Result<&Organisation, Refused> {
    kept.filter(|kept| kept.vault == meant).ok_or(Refused::OtherOrganisation)
}

fn replay(directory: &mut Directory, bytes: &[u8]) -> Result<(), Trouble> {
    let signed = SignedRecord::parse(bytes).map_err(|_| Trouble::Damaged)?;
    let mut draft = directory.draft();
    draft.take(&signed, None).map_err(|_| Trouble::Damaged)?;
    let changes = draft.into_changes();
    directory.apply(changes);
    Ok(())
}
