//! The envelope as another implementation, a scratched disk and a forger see it.
//!
//! Every PIN is stretched at the floor of its cost.

use super::*;
use crate::ports::{HardwareKey, HardwareKeyProblem, NoEntropy};
use crate::vault::doubles::{FixedEntropy, KeyCall, MemoryHardwareKey, SpentEntropy};
use crate::vault::kdf::KdfProblem;

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
    Envelope::found(&pin("739184"), rules(), &FixedEntropy::new(1), Hardware::with_key(&key()))
        .unwrap_or_else(|_| panic!())
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
// hardware key and randomness; Python's `hmac` and `hashlib` its check and checksum. The steps are those of this module's
// opening words.
#[test]
fn r05_an_envelope_agrees_with_another_implementation_byte_for_byte() {
    let (envelope, root) = founded();
    assert_eq!(
        hex(root.secret().expose()),
        "a536aa3cede6ea3c1f3e0357c3c60e0f216a8c89b853df13b29daa8f85065dfb"
    );
    assert_eq!(
        hex(&envelope.to_bytes().unwrap()),
        "6669656c64666172652d686f6d6503f52f3a746c2545658e1c6add32e5410380980102010a019f85fc3e37e6c331b872a92844a8199db4fd3368acff1684eb0d827d30fe6dd674c2fabd3cbbcd7db84ce0dff03950bd302b24220936cfedbfa4ea5d7c3053f82206c35294b6b7abcda9bc928410a5713395654071e299ed96001180fbe3000000000000000000000000000000000000000000000000000000000000000000000000000000000000fa95a3bc9928fb98"
    );
}

/// An envelope of the first version with the same root key, also made by the other implementation.
const FIRST: &str = "6669656c64666172652d686f6d6501f52f3a746c2545658e1c6add32e5410380980102010a9f85fc3e37e6c331b872a92844a8199db4fd3368acff1684eb0d827d303080c82e9a4056a9d7a7722f35f37124d22345dc44dc95628b18d6af4e6e88ddc2dd151803289110e5b3dca06d6c48090000c236ccdce530c980";

#[test]
fn an_envelope_of_the_first_version_opens_and_is_turned_without_another_pin() {
    let bytes: Vec<u8> =
        (0..FIRST.len() / 2).map(|at| u8::from_str_radix(&FIRST[2 * at..2 * at + 2], 16).unwrap()).collect();
    let first = Envelope::parse(&bytes).unwrap();
    assert_eq!(first.generation(), 0);
    // The first try writes it as today's, and it is as much behind its PIN as before.
    let first = Envelope::parse(&first.to_bytes().unwrap()).unwrap();
    assert_eq!(
        first.open(&pin("739185"), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    let root = first.open(&pin("739184"), Hardware::with_key(&key())).unwrap_or_else(|_| panic!());
    let turned = first.turned(&root, &pin("739184"), Hardware::with_key(&key())).unwrap();
    assert_eq!(turned, founded().0, "the same as one that is founded today");
    let counted = first.with_tries(Tries { failures: 3, unanswered: 1, last_ms: 9 });
    assert_eq!(Envelope::parse(&counted.to_bytes().unwrap()), Ok(counted));
}

/// An envelope of the second version with the same root key, also made by the other implementation.
const SECOND: &str = "6669656c64666172652d686f6d6502f52f3a746c2545658e1c6add32e5410380980102010a019f85fc3e37e6c331b872a92844a8199db4fd3368acff1684eb0d827d30fe6dd674c2fabd3cbbcd7db84ce0dff03950bd302b24220936cfedbfa4ea5d7c3053f82206c35294b6b7abcda9bc9284000000005b4df5a595b3d096";

#[test]
fn p12_an_envelope_of_the_last_build_opens_and_is_turned() {
    let bytes: Vec<u8> = (0..SECOND.len() / 2)
        .map(|at| u8::from_str_radix(&SECOND[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    let second = Envelope::parse(&bytes).unwrap();
    let written = Envelope::parse(&second.to_bytes().unwrap()).unwrap();
    assert_eq!(written, second);
    let hardware = key();
    let hardware = Hardware::with_key(&hardware);
    assert_eq!(written.open(&pin("739185"), hardware).err(), Some(EnvelopeProblem::NotOpened));
    let root = written.open(&pin("739184"), hardware).unwrap_or_else(|_| panic!());
    let turned = written.turned(&root, &pin("739184"), hardware).unwrap();
    assert_eq!(turned, founded().0, "the same as one that is founded today");
    // Either verdict is as long, also of one that is not turned yet.
    assert_eq!(turned.to_bytes().unwrap().len(), written.to_bytes().unwrap().len());
    // Which hardware key belongs to it is known once the right PIN was given.
    let other = MemoryHardwareKey::with_key([0x12; 32]);
    let invalidated = Err(EnvelopeProblem::HardwareKey(HardwareKeyProblem::Invalidated));
    assert_eq!(written.knows_key(Hardware::with_key(&other)), Ok(()));
    assert_eq!(
        (turned.knows_key(hardware), turned.knows_key(Hardware::with_key(&other))),
        (Ok(()), invalidated)
    );
}

#[test]
fn p12_an_envelope_is_as_long_after_any_verdict_and_differs_at_its_end_alone() {
    let (envelope, _) = founded();
    let length = envelope.to_bytes().unwrap().len();
    let before = Tries { failures: 3, unanswered: 2, last_ms: 1_700_000_000_000 };
    let begun = before.and_one_begun(1_700_000_100_000);
    let wrong = envelope.with_tries(before.and_one_failed(1_700_000_100_000));
    for other in
        [envelope.with_tries(begun), wrong, envelope.cleared(before), envelope.cleared(before).told()]
    {
        let (bytes, other) = (envelope.to_bytes().unwrap(), other.to_bytes().unwrap());
        let same = length - CHECKSUM_BYTES - tail::BYTES;
        assert_eq!((other.len(), &other[..same]), (length, &bytes[..same]));
    }
}

#[test]
fn another_generation_is_another_lock_even_where_somebody_forges_its_number() {
    let (old, root) = founded();
    let new = old
        .with_pin(&root, &pin("620573"), rules(), &FixedEntropy::new(2), Hardware::with_key(&key()))
        .unwrap();
    assert_eq!((old.generation(), new.generation()), (1, 2));
    let mut forged = old;
    forged.body.generation = 2;
    assert_eq!(
        forged.open(&pin("739184"), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    assert!(new.open(&pin("620573"), Hardware::with_key(&key())).is_ok());
}

fn released(byte: u8) -> Secret<32> {
    Secret::from_slice(&[byte; 32]).unwrap()
}

#[test]
fn r13_a_released_key_opens_its_slot_with_this_hardware_and_in_this_home_alone() {
    let (mut envelope, root) = founded();
    assert_eq!(
        envelope.open_released(&released(7), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    envelope
        .set_biometric(&root, Some(&released(7)), &FixedEntropy::new(3), Hardware::with_key(&key()))
        .unwrap();
    let read = Envelope::parse(&envelope.to_bytes().unwrap()).unwrap();
    let opened = read.open_released(&released(7), Hardware::with_key(&key())).unwrap_or_else(|_| panic!());
    assert_eq!(opened.secret().expose(), root.secret().expose());
    assert_eq!(
        read.open_released(&released(8), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    let other = MemoryHardwareKey::with_key([0x12; 32]);
    assert_eq!(
        read.open_released(&released(7), Hardware::with_key(&other)).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    // Moved into another home, put in the place of a slot of another kind, or kept beyond a change of the PIN.
    let mut moved = founded().0;
    moved.body.store = StoreId([9; 16]);
    moved.body.biometric.clone_from(&read.body.biometric);
    assert_eq!(
        moved.open_released(&released(7), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    let next = read
        .with_pin(&root, &pin("620573"), rules(), &FixedEntropy::new(4), Hardware::with_key(&key()))
        .unwrap();
    assert_eq!(
        next.open_released(&released(7), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    let mut back = next;
    back.body.biometric.clone_from(&read.body.biometric);
    assert_eq!(
        back.open_released(&released(7), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
}

#[test]
fn the_same_pin_and_hardware_key_open_it() {
    let (envelope, root) = founded();
    let read = Envelope::parse(&envelope.to_bytes().unwrap()).unwrap();
    assert_eq!(read, envelope);
    let opened = read.open(&pin("739184"), Hardware::with_key(&key())).unwrap_or_else(|_| panic!());
    assert_eq!(opened.secret().expose(), root.secret().expose());
}

#[test]
fn r07_neither_the_pin_nor_the_hardware_key_alone_opens_it() {
    let (envelope, _) = founded();
    assert_eq!(
        envelope.open(&pin("739185"), Hardware::with_key(&key())).err(),
        Some(EnvelopeProblem::NotOpened)
    );
    let other = MemoryHardwareKey::with_key([0x12; 32]);
    assert_eq!(
        envelope.open(&pin("739184"), Hardware::with_key(&other)).err(),
        Some(EnvelopeProblem::NotOpened)
    );
}

#[test]
fn r05_every_flipped_bit_is_refused() {
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
    // No other slot: two zero bytes before the count.
    let count_at = bytes.len() - CHECKSUM_BYTES - tail::BYTES;
    for position in MAGIC.len() + 1..count_at {
        let mut forged = bytes.clone();
        forged[position] ^= 1 << (position % 8);
        let opened = Envelope::parse(&with_fresh_checksum(&forged)).and_then(|envelope| {
            envelope.knows_key(Hardware::with_key(&key()))?;
            envelope.open(&pin("739184"), Hardware::with_key(&key()))
        });
        assert!(opened.is_err(), "byte {position}");
    }
    let counted = envelope.with_tries(Tries { failures: 1, unanswered: 1, last_ms: 0 });
    assert!(counted.open(&pin("739184"), Hardware::with_key(&key())).is_ok());
}

#[test]
fn r06_softer_or_dearer_stretching_is_refused_before_it_is_tried() {
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
        assert_eq!(Envelope::parse(&bytes[..length]), Err(EnvelopeProblem::Truncated), "{length} bytes");
    }
}

#[test]
fn what_is_newer_foreign_or_wiped_is_told_apart() {
    let mut bytes = founded().0.to_bytes().unwrap();
    bytes[MAGIC.len()] = 4;
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
        fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
            Ok(Vec::new())
        }
        fn keep(&self, _: Vec<u8>) -> Result<(), HardwareKeyProblem> {
            Ok(())
        }
    }
    let problem = founded().0.open(&pin("739184"), Hardware::with_key(&Nonsense)).err();
    assert_eq!(problem, Some(EnvelopeProblem::HardwareKey(HardwareKeyProblem::Transient)));
}

#[test]
fn nothing_is_made_without_entropy_or_hardware() {
    let made = Envelope::found(&pin("739184"), rules(), &SpentEntropy, Hardware::with_key(&key()));
    assert_eq!(made.err(), Some(EnvelopeProblem::NoEntropy(NoEntropy)));
    let key = key();
    key.fail(KeyCall::Mac, HardwareKeyProblem::Invalidated);
    let made = Envelope::found(&pin("739184"), rules(), &FixedEntropy::new(1), Hardware::with_key(&key));
    assert_eq!(made.err(), Some(EnvelopeProblem::HardwareKey(HardwareKeyProblem::Invalidated)));
}
