//! The envelope of a home: the root key sealed under PIN and hardware key together, and the count of tries beside it.
//!
//! Knows the bytes of one file, not where it lies or in what order a try is made. Neither PIN nor hardware key alone
//! opens it.
//!
//! ```text
//! "fieldfare-home" · version 1 · body (postcard) · first 8 bytes of SHA-256 over all before
//! A    = Argon2id(PIN, salt, cost)          S = hardware key's MAC("unlock/v1", A)
//! KEK  = HKDF-SHA256(A ‖ S)                 slot = ChaCha20-Poly1305(KEK, nonce, root key)
//! bound to the slot: magic ‖ version ‖ cost ‖ tries ‖ salt ‖ store ‖ kind of slot
//! ```
//!
//! The checksum finds damage and the bound bytes find malice. The count of tries is not bound: it changes before any key
//! is at hand, and the hardware's own count rules when it is larger.

mod problem;

#[cfg(test)]
mod tests;

use fieldfare_protocol::hash::Hash;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

pub use problem::EnvelopeProblem;

use super::aead;
use super::kdf::{KdfCost, stretch};
use super::lock_rules::LockRules;
use super::pin::Pin;
use super::root_key::RootKey;
use super::secret::{Secret, derive, joined};
use super::tries::Tries;
use crate::ports::{Entropy, HardwareKey, HardwareKeyProblem};

/// How every envelope begins.
pub(super) const MAGIC: &[u8; 14] = b"fieldfare-home";
/// Stands in the place of the version once a wipe has begun: one byte, so that no crash leaves half of it, and every bit
/// of it unlike version 1's, so that no single flipped bit wipes a home. No version will ever have this number.
pub(super) const WIPED: u8 = 0xfe;
/// Longest envelope that is read, several times over.
pub(super) const BYTES_MAX: usize = 4096;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 8;
const SLOT_PIN: u8 = 1;
const MAC_LABEL: &str = "unlock/v1";

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
    salt: [u8; 16],
    nonce: [u8; 12],
    sealed: ByteArray<48>,
    failures: u32,
    last_failure_ms: i64,
}

/// An envelope in memory: sealed, so nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    body: Body,
    rules: LockRules,
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
        key: &dyn HardwareKey,
    ) -> Result<(Self, RootKey), EnvelopeProblem> {
        let root = RootKey::random(entropy)?;
        let mut store = [0; 16];
        entropy.fill(&mut store)?;
        Ok((Self::seal(&root, StoreId(store), pin, rules, entropy, key)?, root))
    }

    /// Seals a root key under a PIN and the hardware key, with a fresh salt and no failed tries.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NoEntropy`], [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    pub fn seal(
        root: &RootKey,
        store: StoreId,
        pin: &Pin,
        rules: LockRules,
        entropy: &dyn Entropy,
        key: &dyn HardwareKey,
    ) -> Result<Self, EnvelopeProblem> {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        entropy.fill(&mut salt)?;
        entropy.fill(&mut nonce)?;
        let cost = rules.cost();
        let mut body = Body {
            store,
            memory_kib: cost.memory_kib(),
            passes: cost.passes(),
            lanes: cost.lanes(),
            tries_max: rules.tries_max(),
            salt,
            nonce,
            sealed: ByteArray::new([0; 48]),
            failures: 0,
            last_failure_ms: 0,
        };
        let kek = key_encryption_key(pin, &salt, cost, key)?;
        // The salt is fresh, so this key seals once in its life; the random nonce is a second belt.
        let sealed = aead::seal(&kek, nonce, &body.bound(), root.secret().expose())
            .map_err(|_| EnvelopeProblem::NotOpened)?;
        body.sealed = <[u8; 48]>::try_from(sealed).map_err(|_| EnvelopeProblem::NotOpened)?.into();
        Ok(Self { body, rules })
    }

    /// Opens the slot. Counts nothing and delays nothing: [`super::unlock`] does, before it calls this.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NotOpened`], [`EnvelopeProblem::Kdf`] or [`EnvelopeProblem::HardwareKey`].
    pub fn open(&self, pin: &Pin, key: &dyn HardwareKey) -> Result<RootKey, EnvelopeProblem> {
        let kek = key_encryption_key(pin, &self.body.salt, self.rules.cost(), key)?;
        let root = aead::open(&kek, self.body.nonce, &self.body.bound(), self.body.sealed.as_slice())
            .map_err(|_| EnvelopeProblem::NotOpened)?;
        Secret::from_slice(&root).map(RootKey::from_secret).ok_or(EnvelopeProblem::NotOpened)
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
        match *version {
            VERSION => {}
            WIPED => return Err(EnvelopeProblem::Wiped),
            0 => return Err(EnvelopeProblem::Damaged),
            _ => return Err(EnvelopeProblem::Newer),
        }
        let (body, checksum) = match postcard::take_from_bytes::<Body>(rest) {
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
        Ok(Self { body, rules })
    }

    /// The envelope as it lies on disk.
    ///
    /// # Errors
    /// [`EnvelopeProblem::Damaged`] if it cannot be encoded, which no value of this type can bring about.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeProblem> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.extend(postcard::to_stdvec(&self.body).map_err(|_| EnvelopeProblem::Damaged)?);
        let checksum = checksum_of(&bytes);
        bytes.extend(checksum);
        Ok(bytes)
    }

    /// Which founding of a home it belongs to.
    #[must_use]
    pub const fn store(&self) -> StoreId {
        self.body.store
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

impl Body {
    /// What a slot is bound to, in fixed widths so that no two readings share their bytes.
    fn bound(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.memory_kib.to_be_bytes());
        bytes.extend_from_slice(&self.passes.to_be_bytes());
        bytes.extend_from_slice(&self.lanes.to_be_bytes());
        bytes.push(self.tries_max);
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(self.store.as_bytes());
        bytes.push(SLOT_PIN);
        bytes
    }
}

fn checksum_of(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Hash::of(&[bytes]).short()
}

fn key_encryption_key(
    pin: &Pin,
    salt: &[u8; 16],
    cost: KdfCost,
    key: &dyn HardwareKey,
) -> Result<Secret<32>, EnvelopeProblem> {
    let stretched = stretch(pin, salt, cost)?;
    // The port takes a plain copy; wiping it is its implementer's part.
    let answer = zeroize::Zeroizing::new(key.mac(MAC_LABEL.to_owned(), stretched.expose().to_vec())?);
    // An answer of another length is a fault of the port, not of the PIN: nothing may be counted or destroyed for it.
    let answer = Secret::<32>::from_slice(&answer).ok_or(HardwareKeyProblem::Transient)?;
    let both = joined(&[stretched.expose(), answer.expose()]);
    Ok(derive(&both, &[], &[b"fieldfare/kek/1"]))
}
