//! One step of a young person, sealed as it is made: an answer, a skipped question, a turn back, the end.
//!
//! HPKE in base mode to the key of the ticket, as epoch keys are wrapped. What is bound: the ticket with everything it asks,
//! the step's number, where it leads, and inside the seal the question. All steps have one length, so that the box does not
//! tell an answer from a skipped one.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::signing::SealingKey;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use crate::ports::{Entropy, NoEntropy};
use crate::vault::identity::Identity;
use crate::vault::secret::Secret;
use crate::vault::wrap::Drawn;

/// Bytes of the head that stands in clear: the step's number and where it leads.
const HEAD_BYTES: usize = 5;
/// Bytes of HPKE's encapsulated key.
const ENCAPSULATED_BYTES: usize = 32;
/// Bytes inside the seal: the kind of step, the question, the answer, when.
const PLAIN_BYTES: usize = 11;
/// Bytes of a sealed step, whatever it is.
pub const STEP_BYTES: usize = HEAD_BYTES + ENCAPSULATED_BYTES + PLAIN_BYTES + 16;

/// What stands in clear of a step, bound to what is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number in this hand-over, from 1.
    pub number: u32,
    /// The place that is shown next: 0 before the questions, then one a question.
    pub next: u8,
}

/// What was done. Questions count from 1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An answer was chosen.
    Answered {
        /// The question.
        question: u8,
        /// The answer, by its number.
        answer: u8,
    },
    /// A question was passed over.
    Skipped {
        /// The question.
        question: u8,
    },
    /// Another page was turned to.
    Turned,
    /// It is over.
    Finished,
}

impl std::fmt::Debug for Step {
    /// Not a word of what was answered.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Step")
    }
}

/// A step and when it was made, by the phone's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// What was done.
    pub step: Step,
    /// Milliseconds since 1970.
    pub at_ms: i64,
}

/// Why a step cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepProblem {
    /// There is no randomness to seal with.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// The ticket's key is none that anything can be sealed to.
    #[error("nothing can be sealed to this key")]
    BadKey,
}

impl Head {
    /// Reads the head of a sealed step; `None` if there are too few bytes.
    #[must_use]
    pub fn read(sealed: &[u8]) -> Option<Self> {
        let [a, b, c, d, next, ..] = *sealed else { return None };
        Some(Self { number: u32::from_be_bytes([a, b, c, d]), next })
    }

    fn bytes(self) -> [u8; HEAD_BYTES] {
        let [a, b, c, d] = self.number.to_be_bytes();
        [a, b, c, d, self.next]
    }
}

impl Given {
    fn bytes(self) -> Zeroizing<[u8; PLAIN_BYTES]> {
        let (kind, question, answer) = match self.step {
            Step::Answered { question, answer } => (1, question, answer),
            Step::Skipped { question } => (2, question, 0),
            Step::Turned => (3, 0, 0),
            Step::Finished => (4, 0, 0),
        };
        let mut bytes = Zeroizing::new([0; PLAIN_BYTES]);
        let values = [kind, question, answer].into_iter().chain(self.at_ms.to_be_bytes());
        bytes.iter_mut().zip(values).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Head and step without the seal, for whoever has to look at it later.
    pub(super) fn opened(self, head: Head) -> Vec<u8> {
        [head.bytes().as_slice(), self.bytes().as_slice()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (&[kind, question, answer], at) = bytes.split_first_chunk::<3>()?;
        let step = match kind {
            1 => Step::Answered { question, answer },
            2 => Step::Skipped { question },
            3 => Step::Turned,
            4 => Step::Finished,
            _ => return None,
        };
        Some(Self { step, at_ms: i64::from_be_bytes(at.try_into().ok()?) })
    }
}

/// Seals a step.
///
/// # Errors
/// [`StepProblem`].
pub fn seal(
    given: Given,
    head: Head,
    to: &SealingKey,
    ticket: &Hash,
    entropy: &dyn Entropy,
) -> Result<[u8; STEP_BYTES], StepProblem> {
    let to = Deserializable::from_bytes(&to.0).map_err(|_| StepProblem::BadKey)?;
    let mut ephemeral = Drawn::from(Secret::random(entropy)?);
    let (encapsulated, sealed) =
        hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &to,
            &info(ticket),
            given.bytes().as_slice(),
            &head.bytes(),
            &mut ephemeral,
        )
        .map_err(|_| StepProblem::BadKey)?;
    let mut bytes = [0; STEP_BYTES];
    let encapsulated = <[u8; ENCAPSULATED_BYTES]>::from(encapsulated.to_bytes());
    let parts = head.bytes().into_iter().chain(encapsulated).chain(sealed);
    bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    Ok(bytes)
}

/// Opens a sealed step; `None` for one that was changed, or that belongs to another hand-over, ticket or place.
#[must_use]
pub fn open(sealed: &[u8], key: &Identity, ticket: &Hash) -> Option<(Head, Given)> {
    if sealed.len() != STEP_BYTES {
        return None;
    }
    let head = Head::read(sealed)?;
    let (encapsulated, body) = sealed.get(HEAD_BYTES..)?.split_at_checked(ENCAPSULATED_BYTES)?;
    let private = key.private_key().ok()?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
    let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        &info(ticket),
        body,
        &head.bytes(),
    )
    .map(Zeroizing::new)
    .ok()?;
    Some((head, Given::read(&opened)?))
}

fn info(ticket: &Hash) -> Vec<u8> {
    [b"fieldfare/handover/1".as_slice(), &ticket.0].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};

    const TICKET: Hash = Hash([3; 32]);

    fn key(seed: u8) -> Identity {
        Identity::from_seed(&Secret::from_slice(&[seed; 32]).unwrap()).unwrap_or_else(|_| panic!())
    }

    fn given() -> Given {
        Given { step: Step::Answered { question: 3, answer: 4 }, at_ms: 17 }
    }

    fn sealed() -> [u8; STEP_BYTES] {
        seal(given(), Head { number: 5, next: 4 }, &key(1).sealing_key(), &TICKET, &FixedEntropy::new(1))
            .unwrap()
    }

    #[test]
    fn a_step_opens_where_it_belongs_and_nowhere_else() {
        assert_eq!(open(&sealed(), &key(1), &TICKET), Some((Head { number: 5, next: 4 }, given())));
        assert_eq!(open(&sealed(), &key(2), &TICKET), None);
        assert_eq!(open(&sealed(), &key(1), &Hash([4; 32])), None);
    }

    #[test]
    fn every_flipped_bit_is_found() {
        for at in 0..STEP_BYTES {
            let mut changed = sealed();
            changed[at] ^= 1 << (at % 7);
            assert_eq!(open(&changed, &key(1), &TICKET), None, "byte {at}");
        }
    }

    #[test]
    fn without_entropy_or_a_usable_key_nothing_is_sealed() {
        let head = Head { number: 1, next: 1 };
        let to = key(1).sealing_key();
        assert_eq!(seal(given(), head, &to, &TICKET, &SpentEntropy), Err(StepProblem::NoEntropy(NoEntropy)));
        let zero = SealingKey([0; 32]);
        let sealed = seal(given(), head, &zero, &TICKET, &FixedEntropy::new(1));
        assert_eq!(sealed, Err(StepProblem::BadKey));
    }

    #[test]
    fn no_answer_is_printed() {
        assert!(!format!("{:?}", given()).contains('4'));
    }

    proptest! {
        #[test]
        fn any_step_comes_back_as_it_was_given(
            (number, next, kind, question, answer, at_ms) in any::<(u32, u8, u8, u8, u8, i64)>()
        ) {
            let step = match kind % 4 {
                0 => Step::Answered { question, answer },
                1 => Step::Skipped { question },
                2 => Step::Turned,
                _ => Step::Finished,
            };
            let (given, head) = (Given { step, at_ms }, Head { number, next });
            let sealed = seal(given, head, &key(1).sealing_key(), &TICKET, &FixedEntropy::new(answer)).unwrap();
            prop_assert_eq!(open(&sealed, &key(1), &TICKET), Some((head, given)));
        }

        #[test]
        fn no_strange_bytes_open(bytes in proptest::collection::vec(any::<u8>(), 0..STEP_BYTES + 2)) {
            prop_assert_eq!(open(&bytes, &key(1), &TICKET), None);
        }
    }
}
