//! The envelope of a home: the root key sealed under PIN and hardware key together, and the count of tries beside it.
//!
//! Knows the bytes of one file, not where it lies or in what order a try is made. Neither PIN nor hardware key alone
//! opens it.
//!
//! ```text
//! "fieldfare-home" · version 3 · body (postcard) · tail (40 bytes) · first 8 bytes of SHA-256 over all before
//! A    = Argon2id(PIN, salt, cost)          S = hardware key's MAC("unlock/v2", A ‖ generation)
//! KEK  = HKDF-SHA256(A ‖ S)                 slot = ChaCha20-Poly1305(KEK, nonce, root key)
//! bound to a slot: magic ‖ version of the slot ‖ cost ‖ tries ‖ salt ‖ store ‖ generation ‖ kind of slot
//! check = first 16 bytes of the hardware key's MAC("check/v1", store ‖ salt of the PIN)
//! ```
//!
//! Beside the slot of the PIN there may be one that opens with a key which the shell releases after a look or a touch, and one
//! that opens with a helper's secret; both need the hardware key, too. The generation grows with each change of the PIN, and
//! the hardware keeps the newest: an older copy is known for one, and forging its generation changes the hardware's answer.
//!
//! The check tells a hardware key that answers with other bytes from a wrong PIN, before anything is stretched. Nobody learns
//! anything of a PIN from it: it follows from two public values and a key that never leaves the hardware.
//!
//! The checksum finds damage and the bound bytes find malice. The count of tries is not bound: it changes before any key
//! is at hand, and the hardware's own count rules when it is larger. It stands at the end in fixed widths, so that an envelope
//! is as long after a right PIN as after a wrong one.

mod first_version;
mod help;
mod problem;
mod second_version;
mod slot;
mod tail;

#[cfg(test)]
mod tests;

use fieldfare_protocol::hash::Hash;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

pub use help::{HELPERS_MAX, Helped, Helper, HelperCard};
pub use problem::EnvelopeProblem;
pub use tail::Asks;

use super::hardware::Hardware;
use super::kdf::KdfCost;
use super::lock_rules::LockRules;
use super::pin::Pin;
use super::root_key::RootKey;
use super::secret::Secret;
use super::tries::Tries;
use crate::ports::{Entropy, HardwareKeyProblem};
use first_version::FirstBody;
use help::HelpSlot;
use second_version::SecondBody;
use slot::{Slot, Way};
use tail::Tail;

/// How every envelope begins.
pub(super) const MAGIC: &[u8; 14] = b"fieldfare-home";
/// Stands in the place of the version once a wipe has begun: one byte, so that no crash leaves half of it, and every bit
/// of it unlike version 1's and most of it unlike later ones', so that no single flipped bit wipes a home. No version will ever have this number.
pub(super) const WIPED: u8 = 0xfe;
/// Longest envelope that is read, several times over.
pub(super) const BYTES_MAX: usize = 8192;

const VERSION: u8 = 3;
/// Bound to every slot: slots are as the second version made them.
const SLOT_VERSION: u8 = 2;
const CHECKSUM_BYTES: usize = 8;
const CHECK_BYTES: usize = 16;
/// Stands in an envelope of an older version until the right PIN has shown which hardware key belongs to it.
const NO_CHECK: ByteArray<CHECK_BYTES> = ByteArray::new([0; CHECK_BYTES]);

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
    /// What the hardware key answers to store and salt.
    check: ByteArray<CHECK_BYTES>,
    biometric: Option<Slot>,
    help: Option<HelpSlot>,
}

/// An envelope in memory: sealed, so nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    body: Body,
    rules: LockRules,
    tail: Tail,
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
            check: NO_CHECK,
            biometric: None,
            help: None,
        };
        body.check = body.check_of(hardware)?;
        body.seal_pin(root, pin, cost, hardware)?;
        Ok(Self { body, rules, tail: Tail::default() })
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
        // What no audit has been told of yet is still to be told.
        next.tail = Tail { untold: self.tail.untold, untold_ms: self.tail.untold_ms, ..next.tail };
        Ok(next)
    }

    /// An envelope of an older version as this one makes it, under the same PIN; any other as it is.
    ///
    /// # Errors
    /// [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    pub fn turned(&self, root: &RootKey, pin: &Pin, hardware: Hardware<'_>) -> Result<Self, EnvelopeProblem> {
        let mut next = self.clone();
        if next.body.check == NO_CHECK {
            next.body.check = next.body.check_of(hardware)?;
        }
        if next.body.generation == first_version::GENERATION {
            next.body.generation = 1;
            // Salt and nonce stay: what is made of them for this form is another key, which has sealed nothing yet.
            next.body.seal_pin(root, pin, next.rules.cost(), hardware)?;
        }
        Ok(next)
    }

    /// Asks the hardware key whether it is the one that this envelope was sealed with. An envelope of an older version takes
    /// any, until the right PIN has been given.
    ///
    /// # Errors
    /// [`EnvelopeProblem::HardwareKey`]: `Invalidated` for another key, or one that no longer answers as it did.
    pub fn knows_key(&self, hardware: Hardware<'_>) -> Result<(), EnvelopeProblem> {
        if self.body.check == NO_CHECK || self.body.check == self.body.check_of(hardware)? {
            return Ok(());
        }
        Err(HardwareKeyProblem::Invalidated.into())
    }

    /// Opens the slot of the PIN. Counts nothing and delays nothing: [`super::unlock`] does, before it calls this.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NotOpened`], [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    pub fn open(&self, pin: &Pin, hardware: Hardware<'_>) -> Result<RootKey, EnvelopeProblem> {
        let (body, cost) = (&self.body, self.rules.cost());
        if body.generation == first_version::GENERATION {
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
            version @ (first_version::VERSION | second_version::VERSION | VERSION) => version,
            WIPED => return Err(EnvelopeProblem::Wiped),
            0 => return Err(EnvelopeProblem::Damaged),
            _ => return Err(EnvelopeProblem::Newer),
        };
        let taken = match version {
            first_version::VERSION => {
                postcard::take_from_bytes::<FirstBody>(rest).map(|(first, rest)| (first.into(), rest))
            }
            second_version::VERSION => {
                postcard::take_from_bytes::<SecondBody>(rest).map(|(second, rest)| (second.into(), rest))
            }
            _ => postcard::take_from_bytes::<Body>(rest).and_then(|(body, rest)| {
                let (tail, rest) = rest
                    .split_first_chunk::<{ tail::BYTES }>()
                    .ok_or(postcard::Error::DeserializeUnexpectedEnd)?;
                let tail = Tail::parse(tail).ok_or(postcard::Error::DeserializeUnexpectedEnd)?;
                Ok(((body, tail), rest))
            }),
        };
        let ((body, tail), checksum): ((Body, Tail), _) = match taken {
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
        Ok(Self { body, rules, tail })
    }

    /// The envelope as it lies on disk.
    ///
    /// # Errors
    /// [`EnvelopeProblem::Damaged`] if it cannot be encoded, which no value of this type can bring about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeProblem> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.extend(postcard::to_stdvec(&self.body).map_err(|_| EnvelopeProblem::Damaged)?);
        bytes.extend(self.tail.to_bytes());
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
        self.tail.tries
    }

    /// Failures that the right PIN has ended, and that no audit has been told of yet.
    #[must_use]
    pub const fn untold(&self) -> Tries {
        Tries { failures: self.tail.untold, unanswered: 0, last_ms: self.tail.untold_ms }
    }

    /// The same envelope with another count of tries.
    #[must_use]
    pub fn with_tries(&self, tries: Tries) -> Self {
        let mut other = self.clone();
        other.tail.tries = tries;
        other
    }

    /// The same envelope after the right PIN, which ends these failures: no try is counted, and they are still to be told.
    #[must_use]
    pub fn cleared(&self, ended: Tries) -> Self {
        let mut other = self.clone();
        let all = ended.failures.saturating_add(ended.unanswered);
        if all > 0 {
            other.tail.untold = other.tail.untold.saturating_add(all);
            other.tail.untold_ms = ended.last_ms;
        }
        other.tail.tries = Tries::default();
        other
    }

    /// The same envelope once an audit was told of what failed.
    #[must_use]
    pub fn told(&self) -> Self {
        let mut other = self.clone();
        (other.tail.untold, other.tail.untold_ms) = (0, 0);
        other
    }

    /// How often help was asked for.
    #[must_use]
    pub const fn asks(&self) -> Asks {
        self.tail.asks
    }

    /// The same envelope with another count of questions.
    #[must_use]
    pub fn with_asks(&self, asks: Asks) -> Self {
        let mut other = self.clone();
        other.tail.asks = asks;
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
    fn check_of(&self, hardware: Hardware<'_>) -> Result<ByteArray<CHECK_BYTES>, EnvelopeProblem> {
        let asked = [self.store.as_bytes().as_slice(), &self.pin.salt].concat();
        let answer = slot::answer(hardware, "check/v1", &asked)?;
        let mut check = [0; CHECK_BYTES];
        for (to, from) in check.iter_mut().zip(answer.expose()) {
            *to = *from;
        }
        Ok(ByteArray::new(check))
    }

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
        bytes.push(SLOT_VERSION);
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
