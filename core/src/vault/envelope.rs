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

use fieldfare_protocol::hash::Hash;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::aead;
use super::kdf::{KdfCost, KdfProblem, stretch};
use super::pin::Pin;
use super::root_key::RootKey;
use super::secret::{Secret, derive, joined};
use super::tries::{TRIES_MAX_DEFAULT, TRIES_MAX_RANGE, Tries};
use crate::ports::{Entropy, HardwareKey, HardwareKeyProblem, NoEntropy};

/// How every envelope begins.
pub(super) const MAGIC: &[u8; 14] = b"fieldfare-home";
/// Stands in the place of the version once a wipe has begun: one byte, so that no crash leaves half of it, and every bit
/// of it unlike [`VERSION`]'s, so that no single flipped bit wipes a home. No version will ever have this number.
pub(super) const WIPED: u8 = !VERSION;
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

/// How hard a lock is: what a try costs, and how many there are. Bound to the slot, so nobody can soften it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockRules {
    cost: KdfCost,
    tries_max: u8,
}

impl LockRules {
    /// Takes a cost and a number of tries; `None` outside [`TRIES_MAX_RANGE`].
    #[must_use]
    pub fn new(cost: KdfCost, tries_max: u8) -> Option<Self> {
        TRIES_MAX_RANGE.contains(&tries_max).then_some(Self { cost, tries_max })
    }

    /// What a try costs.
    #[must_use]
    pub const fn cost(&self) -> KdfCost {
        self.cost
    }

    /// Failed tries after which the home is wiped.
    #[must_use]
    pub const fn tries_max(&self) -> u8 {
        self.tries_max
    }
}

impl Default for LockRules {
    fn default() -> Self {
        Self { cost: KdfCost::DEFAULT, tries_max: TRIES_MAX_DEFAULT }
    }
}

/// Why an envelope does not open, or cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeProblem {
    /// Not an envelope at all.
    #[error("this file is not Fieldfare's")]
    Foreign,
    /// The file ends too early.
    #[error("this file is cut short")]
    Truncated,
    /// The file was changed by accident.
    #[error("this file is damaged")]
    Damaged,
    /// Written by a newer version of the app.
    #[error("this file was written by a newer version of the app")]
    Newer,
    /// A wipe has begun and is to be finished.
    #[error("this home has been wiped")]
    Wiped,
    /// The PIN cannot be stretched as the file says.
    #[error(transparent)]
    Kdf(#[from] KdfProblem),
    /// The hardware key does not serve.
    #[error(transparent)]
    HardwareKey(#[from] HardwareKeyProblem),
    /// There is no randomness to make keys of.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// Another PIN, another hardware key, or a file that was changed on purpose.
    #[error("the PIN does not open this home")]
    NotOpened,
}

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
        let LockRules { cost, tries_max } = rules;
        let mut body = Body {
            store,
            memory_kib: cost.memory_kib(),
            passes: cost.passes(),
            lanes: cost.lanes(),
            tries_max,
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
        let kek = key_encryption_key(pin, &self.body.salt, self.rules.cost, key)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::doubles::{FixedEntropy, KeyCall, MemoryHardwareKey, SpentEntropy};

    fn pin(text: &str) -> Pin {
        Pin::entered(text).unwrap_or_else(|_| panic!())
    }

    fn rules() -> LockRules {
        LockRules::new(KdfCost::FLOOR, 10).unwrap()
    }

    fn key() -> MemoryHardwareKey {
        MemoryHardwareKey::with_key([0x11; 32])
    }

    fn founded() -> (Envelope, RootKey) {
        Envelope::found(&pin("739184"), rules(), &FixedEntropy::new(1), &key()).unwrap_or_else(|_| panic!())
    }

    /// The bytes with a checksum that fits them: what somebody who means it would write.
    fn with_fresh_checksum(bytes: &[u8]) -> Vec<u8> {
        let covered = &bytes[..bytes.len() - CHECKSUM_BYTES];
        [covered, &checksum_of(covered)].concat()
    }

    fn hex(bytes: &[u8]) -> String {
        let mut text = String::new();
        fieldfare_protocol::id::write_hex(bytes, &mut text).unwrap();
        text
    }

    // Argon2id, HMAC, HKDF and ChaCha20-Poly1305 of Python's `cryptography` 48 made this envelope from the same PIN,
    // hardware key and randomness; the script's steps are those of this module's opening words.
    #[test]
    fn an_envelope_agrees_with_another_implementation_byte_for_byte() {
        let (envelope, root) = founded();
        assert_eq!(hex(root.secret().expose()), "a536aa3cede6ea3c1f3e0357c3c60e0f216a8c89b853df13b29daa8f85065dfb");
        assert_eq!(hex(&envelope.to_bytes().unwrap()), "6669656c64666172652d686f6d6501f52f3a746c2545658e1c6add32e5410380980102010a9f85fc3e37e6c331b872a92844a8199db4fd3368acff1684eb0d827d303080c82e9a4056a9d7a7722f35f37124d22345dc44dc95628b18d6af4e6e88ddc2dd151803289110e5b3dca06d6c48090000c236ccdce530c980");
    }

    #[test]
    fn the_same_pin_and_hardware_key_open_it() {
        let (envelope, root) = founded();
        let read = Envelope::parse(&envelope.to_bytes().unwrap()).unwrap();
        assert_eq!(read, envelope);
        let opened = read.open(&pin("739184"), &key()).unwrap_or_else(|_| panic!());
        assert_eq!(opened.secret().expose(), root.secret().expose());
    }

    #[test]
    fn neither_the_pin_nor_the_hardware_key_alone_opens_it() {
        let (envelope, _) = founded();
        assert_eq!(envelope.open(&pin("739185"), &key()).err(), Some(EnvelopeProblem::NotOpened));
        let other = MemoryHardwareKey::with_key([0x12; 32]);
        assert_eq!(envelope.open(&pin("739184"), &other).err(), Some(EnvelopeProblem::NotOpened));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let bytes = founded().0.to_bytes().unwrap();
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[position] ^= 1 << bit;
                assert!(Envelope::parse(&flipped).is_err(), "bit {bit} of byte {position}");
            }
        }
    }

    #[test]
    fn every_byte_but_the_count_is_bound_even_when_the_checksum_is_forged() {
        let (envelope, _) = founded();
        let bytes = envelope.to_bytes().unwrap();
        // The count of a new home: two zero bytes before the checksum.
        let count_at = bytes.len() - CHECKSUM_BYTES - 2;
        for position in MAGIC.len() + 1..count_at {
            let mut forged = bytes.clone();
            forged[position] ^= 1 << (position % 8);
            let opened = Envelope::parse(&with_fresh_checksum(&forged))
                .and_then(|envelope| envelope.open(&pin("739184"), &key()));
            assert!(opened.is_err(), "byte {position}");
        }
        let counted = envelope.with_tries(Tries { failures: 1, last_ms: 0 });
        assert!(counted.open(&pin("739184"), &key()).is_ok());
    }

    #[test]
    fn softer_or_dearer_stretching_is_refused_before_it_is_tried() {
        let (envelope, _) = founded();
        let with = |memory_kib, passes, lanes| {
            let mut forged = envelope.clone();
            forged.body = Body { memory_kib, passes, lanes, ..forged.body };
            Envelope::parse(&forged.to_bytes().unwrap()).err()
        };
        let weak = Some(EnvelopeProblem::Kdf(KdfProblem::TooWeak));
        let heavy = Some(EnvelopeProblem::Kdf(KdfProblem::TooHeavy));
        assert_eq!(with(19 * 1024 - 1, 2, 1), weak);
        assert_eq!(with(64 * 1024, 1, 1), weak);
        assert_eq!(with(u32::MAX, 2, 1), heavy);
        assert_eq!(with(64 * 1024, 1000, 1), heavy);
    }

    #[test]
    fn every_truncation_is_called_one() {
        let bytes = founded().0.to_bytes().unwrap();
        for length in 0..bytes.len() {
            assert_eq!(
                Envelope::parse(&bytes[..length]),
                Err(EnvelopeProblem::Truncated),
                "{length} bytes"
            );
        }
    }

    #[test]
    fn what_is_newer_foreign_or_wiped_is_told_apart() {
        let mut bytes = founded().0.to_bytes().unwrap();
        bytes[MAGIC.len()] = 2;
        assert_eq!(Envelope::parse(&bytes), Err(EnvelopeProblem::Newer));
        bytes[MAGIC.len()] = WIPED;
        assert_eq!(Envelope::parse(&bytes), Err(EnvelopeProblem::Wiped));
        assert_eq!(Envelope::parse(b"SQLite format 3\0"), Err(EnvelopeProblem::Foreign));
        assert_eq!(Envelope::parse(b"x"), Err(EnvelopeProblem::Foreign));
    }

    #[test]
    fn a_port_that_answers_nonsense_is_no_wrong_pin() {
        struct Nonsense;
        impl HardwareKey for Nonsense {
            fn mac(&self, _: String, _: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
                Ok(vec![0; 31])
            }
            fn create(&self) -> Result<(), HardwareKeyProblem> {
                Ok(())
            }
            fn delete(&self) -> Result<(), HardwareKeyProblem> {
                Ok(())
            }
            fn failures(&self) -> Result<u32, HardwareKeyProblem> {
                Ok(0)
            }
            fn set_failures(&self, _: u32) -> Result<(), HardwareKeyProblem> {
                Ok(())
            }
        }
        let problem = founded().0.open(&pin("739184"), &Nonsense).err();
        assert_eq!(problem, Some(EnvelopeProblem::HardwareKey(HardwareKeyProblem::Transient)));
    }

    #[test]
    fn nothing_is_made_without_entropy_or_hardware() {
        let made = Envelope::found(&pin("739184"), rules(), &SpentEntropy, &key());
        assert_eq!(made.err(), Some(EnvelopeProblem::NoEntropy(NoEntropy)));
        let key = key();
        key.fail(KeyCall::Mac, HardwareKeyProblem::Invalidated);
        let made = Envelope::found(&pin("739184"), rules(), &FixedEntropy::new(1), &key);
        assert_eq!(made.err(), Some(EnvelopeProblem::HardwareKey(HardwareKeyProblem::Invalidated)));
    }
}
