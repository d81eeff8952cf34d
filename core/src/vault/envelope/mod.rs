//! The envelope of a home: the root key sealed under PIN and hardware key together, and the count of tries beside it.
//!
//! Knows the bytes of one file, not where it lies or in what order a try is made. Neither PIN nor hardware key alone
//! opens it.
//!
//! ```text
//! "fieldfare-home" · version 2 · body (postcard) · first 8 bytes of SHA-256 over all before
//! A    = Argon2id(PIN, salt, cost)          S = hardware key's MAC("unlock/v2", A ‖ generation)
//! KEK  = HKDF-SHA256(A ‖ S)                 slot = ChaCha20-Poly1305(KEK, nonce, root key)
//! bound to a slot: magic ‖ version ‖ cost ‖ tries ‖ salt ‖ store ‖ generation ‖ kind of slot
//! ```
//!
//! Beside the slot of the PIN there may be one that opens with a key which the shell releases after a look or a touch, and one
//! that opens with a helper's secret; both need the hardware key, too. The generation grows with each change of the PIN, and
//! the hardware keeps the newest: an older copy is known for one, and forging its generation changes the hardware's answer.
//!
//! The checksum finds damage and the bound bytes find malice. The count of tries is not bound: it changes before any key
//! is at hand, and the hardware's own count rules when it is larger.

mod first_version;
mod help;
mod problem;
mod slot;

#[cfg(test)]
mod tests;

use fieldfare_protocol::hash::Hash;
use serde::{Deserialize, Serialize};

pub use help::{HELPERS_MAX, Helped, Helper, HelperCard};
pub use problem::EnvelopeProblem;

use super::hardware::Hardware;
use super::kdf::KdfCost;
use super::lock_rules::LockRules;
use super::pin::Pin;
use super::root_key::RootKey;
use super::secret::Secret;
use super::tries::Tries;
use crate::ports::Entropy;
use first_version::FirstBody;
use help::HelpSlot;
use slot::{Slot, Way};

/// How every envelope begins.
pub(super) const MAGIC: &[u8; 14] = b"fieldfare-home";
/// Stands in the place of the version once a wipe has begun: one byte, so that no crash leaves half of it, and every bit
/// of it unlike version 1's and most of it unlike version 2's, so that no single flipped bit wipes a home. No version will ever have this number.
pub(super) const WIPED: u8 = 0xfe;
/// Longest envelope that is read, several times over.
pub(super) const BYTES_MAX: usize = 8192;

const VERSION: u8 = 2;
const CHECKSUM_BYTES: usize = 8;

fieldfare_protocol::id_type!(
    /// Names one founding of a home, so that a slot cannot be moved between two.
    StoreId
);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    store: StoreId,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    tries_max: u8,
    /// Which PIN it is, counted from 1.
    generation: u32,
    pin: Slot,
    biometric: Option<Slot>,
    help: Option<HelpSlot>,
    failures: u32,
    last_failure_ms: i64,
}

/// An envelope in memory: sealed, so nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    body: Body,
    rules: LockRules,
    version: u8,
}

impl Envelope {
    /// Makes a root key for a new home and seals it.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NoEntropy`], [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    pub fn found(
        pin: &Pin,
        rules: LockRules,
        entropy: &dyn Entropy,
        hardware: Hardware<'_>,
    ) -> Result<(Self, RootKey), EnvelopeProblem> {
        let root = RootKey::random(entropy)?;
        let mut store = [0; 16];
        entropy.fill(&mut store)?;
        Ok((Self::seal(&root, StoreId(store), pin, rules, 1, entropy, hardware)?, root))
    }

    /// Seals a root key under a PIN and the hardware key, with a fresh salt and no failed tries.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NoEntropy`], [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    fn seal(
        root: &RootKey,
        store: StoreId,
        pin: &Pin,
        rules: LockRules,
        generation: u32,
        entropy: &dyn Entropy,
        hardware: Hardware<'_>,
    ) -> Result<Self, EnvelopeProblem> {
        let cost = rules.cost();
        let mut body = Body {
            store,
            memory_kib: cost.memory_kib(),
            passes: cost.passes(),
            lanes: cost.lanes(),
            tries_max: rules.tries_max(),
            generation,
            pin: Slot::fresh(entropy)?,
            biometric: None,
            help: None,
            failures: 0,
            last_failure_ms: 0,
        };
        body.seal_pin(root, pin, cost, hardware)?;
        Ok(Self { body, rules, version: VERSION })
    }

    /// The same root key under another PIN or other rules, a generation on. Helpers stay; what a touch released no longer
    /// opens, and has to be enrolled again.
    ///
    /// # Errors
    /// As [`Envelope::found`].
    pub fn with_pin(
        &self,
        root: &RootKey,
        pin: &Pin,
        rules: LockRules,
        entropy: &dyn Entropy,
        hardware: Hardware<'_>,
    ) -> Result<Self, EnvelopeProblem> {
        let generation = self.body.generation.saturating_add(1);
        let mut next = Self::seal(root, self.body.store, pin, rules, generation, entropy, hardware)?;
        next.body.help.clone_from(&self.body.help);
        Ok(next)
    }

    /// An envelope of the first version in the form of this one, under the same PIN; any other as it is.
    ///
    /// # Errors
    /// [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    pub fn turned(&self, root: &RootKey, pin: &Pin, hardware: Hardware<'_>) -> Result<Self, EnvelopeProblem> {
        let mut next = self.clone();
        if next.version != VERSION {
            (next.version, next.body.generation) = (VERSION, 1);
            // Salt and nonce stay: what is made of them for this form is another key, which has sealed nothing yet.
            next.body.seal_pin(root, pin, next.rules.cost(), hardware)?;
        }
        Ok(next)
    }

    /// Opens the slot of the PIN. Counts nothing and delays nothing: [`super::unlock`] does, before it calls this.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NotOpened`], [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    pub fn open(&self, pin: &Pin, hardware: Hardware<'_>) -> Result<RootKey, EnvelopeProblem> {
        let (body, cost) = (&self.body, self.rules.cost());
        if self.version == first_version::VERSION {
            let kek = slot::of_first_pin(pin, &body.pin.salt, cost, hardware)?;
            return body.pin.open(&kek, &first_version::bound(body));
        }
        let kek = slot::of_pin(pin, &body.pin.salt, cost, body.generation, hardware)?;
        body.pin.open(&kek, &body.bound(Way::Pin, &body.pin.salt))
    }

    /// Lets a key that the shell releases after a look or a touch open it, or no longer.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NoEntropy`] or [`EnvelopeProblem::HardwareKey`]; the envelope is then as it was.
    pub fn set_biometric(
        &mut self,
        root: &RootKey,
        released: Option<&Secret<32>>,
        entropy: &dyn Entropy,
        hardware: Hardware<'_>,
    ) -> Result<(), EnvelopeProblem> {
        let Some(released) = released else {
            self.body.biometric = None;
            return Ok(());
        };
        let mut slot = Slot::fresh(entropy)?;
        let kek = slot::of_released(Way::Biometric, released, &slot.salt, hardware)?;
        slot.seal(root, &kek, &self.body.bound(Way::Biometric, &slot.salt))?;
        self.body.biometric = Some(slot);
        Ok(())
    }

    /// Opens the slot of a released key.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NotOpened`], also where there is no such slot, or [`EnvelopeProblem::HardwareKey`].
    pub fn open_released(
        &self,
        released: &Secret<32>,
        hardware: Hardware<'_>,
    ) -> Result<RootKey, EnvelopeProblem> {
        let slot = self.body.biometric.as_ref().ok_or(EnvelopeProblem::NotOpened)?;
        let kek = slot::of_released(Way::Biometric, released, &slot.salt, hardware)?;
        slot.open(&kek, &self.body.bound(Way::Biometric, &slot.salt))
    }

    /// Reads an envelope and refuses one that is damaged or whose cost is out of bounds.
    ///
    /// # Errors
    /// [`EnvelopeProblem`] says which.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeProblem> {
        let Some((magic, rest)) = bytes.split_first_chunk::<14>() else {
            return Err(if MAGIC.starts_with(bytes) {
                EnvelopeProblem::Truncated
            } else {
                EnvelopeProblem::Foreign
            });
        };
        if magic != MAGIC {
            return Err(EnvelopeProblem::Foreign);
        }
        let (version, rest) = rest.split_first().ok_or(EnvelopeProblem::Truncated)?;
        let version = match *version {
            version @ (first_version::VERSION | VERSION) => version,
            WIPED => return Err(EnvelopeProblem::Wiped),
            0 => return Err(EnvelopeProblem::Damaged),
            _ => return Err(EnvelopeProblem::Newer),
        };
        let taken = if version == first_version::VERSION {
            postcard::take_from_bytes::<FirstBody>(rest).map(|(first, rest)| (Body::from(first), rest))
        } else {
            postcard::take_from_bytes::<Body>(rest)
        };
        let (body, checksum) = match taken {
            Err(postcard::Error::DeserializeUnexpectedEnd) => return Err(EnvelopeProblem::Truncated),
            taken => taken.map_err(|_| EnvelopeProblem::Damaged)?,
        };
        if checksum.len() < CHECKSUM_BYTES {
            return Err(EnvelopeProblem::Truncated);
        }
        let covered = bytes.strip_suffix(checksum).ok_or(EnvelopeProblem::Damaged)?;
        if checksum != checksum_of(covered) {
            return Err(EnvelopeProblem::Damaged);
        }
        let cost = KdfCost::new(body.memory_kib, body.passes, body.lanes)?;
        let rules = LockRules::new(cost, body.tries_max).ok_or(EnvelopeProblem::Damaged)?;
        Ok(Self { body, rules, version })
    }

    /// The envelope as it lies on disk.
    ///
    /// # Errors
    /// [`EnvelopeProblem::Damaged`] if it cannot be encoded, which no value of this type can bring about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeProblem> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(self.version);
        let body = if self.version == first_version::VERSION {
            postcard::to_stdvec(&FirstBody::from(&self.body))
        } else {
            postcard::to_stdvec(&self.body)
        };
        bytes.extend(body.map_err(|_| EnvelopeProblem::Damaged)?);
        let checksum = checksum_of(&bytes);
        bytes.extend(checksum);
        Ok(bytes)
    }

    /// Which founding of a home it belongs to.
    #[must_use]
    pub const fn store(&self) -> StoreId {
        self.body.store
    }

    /// The same envelope after a helper's secret was used: it is spent.
    #[must_use]
    pub fn without_help(mut self) -> Self {
        self.body.help = None;
        self
    }

    /// Which PIN it is behind, counted from 1; 0 for one that the first version wrote.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.body.generation
    }

    /// How hard its lock is.
    #[must_use]
    pub const fn rules(&self) -> LockRules {
        self.rules
    }

    /// The tries that the file has counted.
    #[must_use]
    pub const fn tries(&self) -> Tries {
        Tries { failures: self.body.failures, last_ms: self.body.last_failure_ms }
    }

    /// The same envelope with another count of tries.
    #[must_use]
    pub fn with_tries(&self, tries: Tries) -> Self {
        let mut other = self.clone();
        other.body.failures = tries.failures;
        other.body.last_failure_ms = tries.last_ms;
        other
    }
}

/// What the hardware key says to something that is not a slot's.
///
/// # Errors
/// [`EnvelopeProblem::HardwareKey`].
pub(super) fn hardware_answer(
    hardware: Hardware<'_>,
    label: &str,
    message: &[u8],
) -> Result<Secret<32>, EnvelopeProblem> {
    slot::answer(hardware, label, message)
}

impl Body {
    fn seal_pin(
        &mut self,
        root: &RootKey,
        pin: &Pin,
        cost: KdfCost,
        hardware: Hardware<'_>,
    ) -> Result<(), EnvelopeProblem> {
        let kek = slot::of_pin(pin, &self.pin.salt, cost, self.generation, hardware)?;
        let bound = self.bound(Way::Pin, &self.pin.salt);
        self.pin.seal(root, &kek, &bound)
    }

    /// What a slot is bound to, in fixed widths so that no two readings share their bytes. The slot for helpers outlives a
    /// change of the PIN and its rules, and is bound to the home alone.
    fn bound(&self, way: Way, salt: &[u8; 16]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        if way != Way::Help {
            bytes.extend_from_slice(&self.memory_kib.to_be_bytes());
            bytes.extend_from_slice(&self.passes.to_be_bytes());
            bytes.extend_from_slice(&self.lanes.to_be_bytes());
            bytes.push(self.tries_max);
            bytes.extend_from_slice(&self.generation.to_be_bytes());
        }
        bytes.extend_from_slice(salt);
        bytes.extend_from_slice(self.store.as_bytes());
        bytes.push(way.code());
        bytes
    }
}

fn checksum_of(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Hash::of(&[bytes]).short()
}
