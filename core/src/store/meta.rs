//! What the store knows of itself: whose it is, where the endpoint is, how far the exchange has come.
//!
//! Secrets stand here in clear because the whole file is sealed; they leave it only through the vault's types.

use fieldfare_protocol::call_number::CallNumber;
use fieldfare_protocol::exchange::{Cursors, Generation};
use fieldfare_protocol::id::{DeviceId, PersonId, VaultId};
use fieldfare_protocol::signing::VerifyKey;
use rusqlite::{OptionalExtension, named_params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::vault::Secret;

/// Who holds this store. Everything but the seed, which is read on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// This installation.
    pub device: DeviceId,
    /// Who works with it.
    pub person: PersonId,
    /// The organisation, by its vault.
    pub organisation: VaultId,
    /// Names this incarnation to texts that several people type into; 53 random bits.
    pub writer: u64,
}

/// Where the endpoint is and how far we have come with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its address, without a slash at the end.
    pub base_url: String,
    /// The key with which it signs receipts; absent until it has been founded there.
    pub receipt_key: Option<VerifyKey>,
    /// The life of its data that `cursors` belong to.
    pub generation: Option<Generation>,
    /// What has been received, settled and committed.
    pub cursors: Cursors,
    /// When the last exchange ended well, by this device.
    pub last_exchange_at_ms: Option<i64>,
    /// How far this device's clock is ahead of the endpoint's.
    pub clock_ahead_ms: Option<i64>,
}

const ME: &str = "me";
const BEGUN: &str = "begun";
const NEXT_ME: &str = "next_me";
const TURNED_BACK: &str = "turned_back";
const SEED: &str = "identity_seed";
const ENDPOINT: &str = "endpoint";
const LAST_CALL: &str = "last_call";
const KINDS: &str = "kinds";

impl Read<'_> {
    pub(super) fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreProblem> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE name = :name")?;
        Ok(statement.query_row(named_params! { ":name": name }, |row| row.get(0)).optional()?)
    }

    fn meta_of<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, StoreProblem> {
        let bytes = self.meta(name)?.ok_or(StoreProblem::Damaged(name))?;
        postcard::from_bytes(&bytes).map_err(|_| StoreProblem::Damaged(name))
    }

    /// Who holds this store.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the store was never finished.
    pub fn me(&self) -> Result<Me, StoreProblem> {
        self.meta_of(ME)
    }

    /// The last call of this device that was answered; nought before the first.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`].
    pub fn last_call(&self) -> Result<CallNumber, StoreProblem> {
        if self.meta(LAST_CALL)?.is_none() {
            return Ok(CallNumber::default());
        }
        self.meta_of(LAST_CALL)
    }

    /// What a founding or joining that was cut short has left, as it was kept; `None` if nothing.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn begun(&self) -> Result<Option<Zeroizing<Vec<u8>>>, StoreProblem> {
        Ok(self.meta(BEGUN)?.filter(|bytes| !bytes.is_empty()).map(Zeroizing::new))
    }

    /// Who this device is about to become, if it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn next_me(&self) -> Result<Option<Me>, StoreProblem> {
        let bytes = self.meta(NEXT_ME)?.filter(|bytes| !bytes.is_empty());
        bytes
            .map(|bytes| postcard::from_bytes(&bytes).map_err(|_| StoreProblem::Damaged(NEXT_ME)))
            .transpose()
    }

    /// Whether this store was found to be older than it was, and has not yet been compared with what the endpoint holds.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn turned_back(&self) -> Result<bool, StoreProblem> {
        Ok(self.meta(TURNED_BACK)?.is_some_and(|bytes| !bytes.is_empty()))
    }

    /// The seed of the device's own keys.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the store was never finished.
    pub fn identity_seed(&self) -> Result<Secret<32>, StoreProblem> {
        let seed = Zeroizing::new(self.meta(SEED)?.ok_or(StoreProblem::Damaged(SEED))?);
        Secret::from_slice(&seed).ok_or(StoreProblem::Damaged(SEED))
    }

    /// Where the endpoint is and how far we have come with it.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if the store was never finished.
    pub fn endpoint(&self) -> Result<Endpoint, StoreProblem> {
        self.meta_of(ENDPOINT)
    }

    /// The list of kinds and fields that the app knew when it last looked for edits it had not understood.
    pub(super) fn kinds_known(&self) -> Result<Option<Vec<u8>>, StoreProblem> {
        self.meta(KINDS)
    }
}

impl Write<'_> {
    pub(super) fn set_meta(&self, name: &str, value: &[u8]) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO meta (name, value) VALUES (:name, :value)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?;
        statement.execute(named_params! { ":name": name, ":value": value })?;
        Ok(())
    }

    pub(super) fn set_meta_of<T: Serialize>(
        &self,
        name: &'static str,
        value: &T,
    ) -> Result<(), StoreProblem> {
        let bytes = postcard::to_stdvec(value).map_err(|_| StoreProblem::Damaged(name))?;
        self.set_meta(name, &bytes)
    }

    /// Says who holds this store, once.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_me(&self, me: &Me, identity_seed: &[u8; 32]) -> Result<(), StoreProblem> {
        self.set_meta(SEED, identity_seed)?;
        self.set_meta_of(ME, me)
    }

    /// Keeps what founding or joining needs to go on; nothing once it is finished.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_begun(&self, bytes: &[u8]) -> Result<(), StoreProblem> {
        self.set_meta(BEGUN, bytes)
    }

    /// Remembers that this store is older than it was, or that it has been compared with what the endpoint holds.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_turned_back(&self, is: bool) -> Result<(), StoreProblem> {
        self.set_meta(TURNED_BACK, if is { &[1] } else { &[] })
    }

    /// Remembers who this device is about to become, or that it stays who it is.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_next_me(&self, next: Option<&Me>) -> Result<(), StoreProblem> {
        match next {
            Some(next) => self.set_meta_of(NEXT_ME, next),
            None => self.set_meta(NEXT_ME, &[]),
        }
    }

    /// This device is called otherwise from now on; its keys stay.
    pub(super) fn rename(&self, me: &Me) -> Result<(), StoreProblem> {
        self.set_meta(NEXT_ME, &[])?;
        self.set_meta_of(ME, me)
    }

    /// Remembers which call was answered last.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_last_call(&self, call: CallNumber) -> Result<(), StoreProblem> {
        self.set_meta_of(LAST_CALL, &call)
    }

    /// Remembers where the endpoint is and how far we have come with it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_endpoint(&self, endpoint: &Endpoint) -> Result<(), StoreProblem> {
        self.set_meta_of(ENDPOINT, endpoint)
    }

    pub(super) fn set_kinds_known(&self, kinds: &[u8]) -> Result<(), StoreProblem> {
        self.set_meta(KINDS, kinds)
    }
}
