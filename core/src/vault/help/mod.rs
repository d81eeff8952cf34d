//! Help for a forgotten PIN as two texts: one that a phone asks with, one that a helper's device answers with.
//!
//! Knows what is sealed to whom and signed by whom. Who may help, how often may be asked and what the secret opens is not
//! known here: the helper never sees the root key, and its answer is noise on any other phone.

mod text;

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::membership::Wrap;
use fieldfare_protocol::signing::{SealingKey, Signature};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;
use zeroize::Zeroizing;

use super::envelope::{Helped, Helper};
use super::identity::Identity;
use super::secret::Secret;
use super::wrap;
use crate::ports::{Entropy, NoEntropy};

/// How every text begins that asks; read in either case.
pub const REQUEST_PREFIX: &str = "FIELDFARE-FORGOTTEN:";
/// How every text begins that answers.
pub const ANSWER_PREFIX: &str = "FIELDFARE-HELP:";

/// What a phone asks with. Nothing in it is secret: its wraps open for helpers alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpRequest {
    /// For whom.
    pub helped: Helped,
    /// Answered once.
    pub nonce: [u8; 16],
    /// To which the answer is sealed; its private half never leaves the phone.
    pub to: SealingKey,
    wraps: Vec<HelperWrap>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HelperWrap {
    tag: [u8; 4],
    wrap: Wrap,
}

/// What a helper answers with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpAnswer {
    helper: DeviceId,
    nonce: [u8; 16],
    wrap: Wrap,
    signature: Signature,
}

/// Why a text is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelpRefusal {
    /// Something else.
    #[error("this is not the text that is needed here")]
    Foreign,
    /// A letter is wrong or missing.
    #[error("the text is damaged: a letter is wrong or missing")]
    Damaged,
    /// Written by a newer version of the app.
    #[error("the text was written by a newer version of the app")]
    Newer,
    /// This device is none of those that can help.
    #[error("this device cannot help that phone; another supervisor or administrator can")]
    NotAHelper,
    /// Nobody has asked on this phone, or the question was answered already.
    #[error("nothing was asked on this phone, or it was answered already")]
    NotAsked,
    /// An answer to another question, or another phone's.
    #[error("this answers another phone or an earlier question")]
    OtherQuestion,
    /// The question is too old, or the clock was set since.
    #[error("the question is older than 15 minutes; ask again")]
    TooOld,
    /// Nobody who may help has signed it, or it was changed.
    #[error("nobody who may help has signed this")]
    NotSigned,
    /// The device has asked as often as it may in a day.
    #[error("this phone has asked often enough for a day; use the last question, or ask again tomorrow")]
    AskedTooOften,
    /// There is no randomness to seal with.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

impl HelpRequest {
    /// What a phone asks with: the wraps of its helpers, and where the answer is to be sealed to.
    #[must_use]
    pub fn new(helped: Helped, nonce: [u8; 16], to: SealingKey, helpers: &[Helper]) -> Self {
        let wraps =
            helpers.iter().map(|helper| HelperWrap { tag: tag(helper.device), wrap: helper.wrap.clone() });
        Self { helped, nonce, to, wraps: wraps.collect() }
    }

    /// As one line that can be typed, read aloud or shown as a QR code.
    ///
    /// # Errors
    /// [`HelpRefusal::Damaged`], which no value of this type can bring about.
    pub fn to_text(&self) -> Result<String, HelpRefusal> {
        text::write(REQUEST_PREFIX, self)
    }

    /// Reads one. Case does not matter, nor do hyphens and blanks among its letters.
    ///
    /// # Errors
    /// [`HelpRefusal`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, HelpRefusal> {
        text::read(REQUEST_PREFIX, text)
    }

    /// Answers it: opens the secret, seals it to the phone that asks, and signs that.
    ///
    /// # Errors
    /// [`HelpRefusal::NotAHelper`] if none of the wraps is for this device, [`HelpRefusal::NoEntropy`].
    pub fn answer(
        &self,
        helper: DeviceId,
        identity: &Identity,
        entropy: &dyn Entropy,
    ) -> Result<HelpAnswer, HelpRefusal> {
        let ours = self.wraps.iter().filter(|one| one.tag == tag(helper));
        let mut opened =
            ours.filter_map(|one| wrap::open_sealed(&one.wrap, identity, &self.helped.info()).ok());
        let secret = opened.next().ok_or(HelpRefusal::NotAHelper)?;
        let sealed = wrap::seal_to(&secret, &self.to, &info(&self.helped, &self.nonce, helper), entropy);
        let wrap = sealed.map_err(|problem| match problem {
            wrap::WrapProblem::NoEntropy(problem) => problem.into(),
            _ => HelpRefusal::Damaged,
        })?;
        let signature = identity.sign(&signed(&self.helped, &self.nonce, helper, &wrap));
        Ok(HelpAnswer { helper, nonce: self.nonce, wrap, signature })
    }
}

impl HelpAnswer {
    /// As one line.
    ///
    /// # Errors
    /// [`HelpRefusal::Damaged`], which no value of this type can bring about.
    pub fn to_text(&self) -> Result<String, HelpRefusal> {
        text::write(ANSWER_PREFIX, self)
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`HelpRefusal`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, HelpRefusal> {
        text::read(ANSWER_PREFIX, text)
    }

    /// Takes the secret out, on the phone that asked: the question has to be this one, and one of its helpers has to have
    /// signed.
    ///
    /// # Errors
    /// [`HelpRefusal::OtherQuestion`] or [`HelpRefusal::NotSigned`].
    pub fn open(
        &self,
        helped: &Helped,
        nonce: &[u8; 16],
        asked_with: &Identity,
        helpers: &[Helper],
    ) -> Result<Secret<32>, HelpRefusal> {
        if self.nonce != *nonce {
            return Err(HelpRefusal::OtherQuestion);
        }
        let helper =
            helpers.iter().find(|helper| helper.device == self.helper).ok_or(HelpRefusal::NotSigned)?;
        let message = signed(helped, nonce, self.helper, &self.wrap);
        if helper.verify_key.verify(&message, &self.signature).is_err() {
            return Err(HelpRefusal::NotSigned);
        }
        wrap::open_sealed(&self.wrap, asked_with, &info(helped, nonce, self.helper))
            .map_err(|_| HelpRefusal::NotSigned)
    }
}

/// By which a wrap is found; the seal is what makes sure.
fn tag(device: DeviceId) -> [u8; 4] {
    let [a, b, c, d, ..] = device.0;
    [a, b, c, d]
}

/// HPKE's `info` for the answer: every part has a fixed length.
fn info(helped: &Helped, nonce: &[u8; 16], helper: DeviceId) -> Vec<u8> {
    [b"fieldfare/help-answer/1".as_slice(), &helped.info(), nonce, helper.as_bytes()].concat()
}

/// What a helper signs.
fn signed(helped: &Helped, nonce: &[u8; 16], helper: DeviceId, wrap: &Wrap) -> Vec<u8> {
    [info(helped, nonce, helper).as_slice(), wrap.encapsulated.as_slice(), wrap.sealed.as_slice()].concat()
}

/// A question that was asked and not been answered, as it lies in the home: its private half is sealed by the hardware key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) nonce: [u8; 16],
    pub(super) asked_ms: i64,
    sealed: ByteArray<48>,
}

impl Asked {
    /// Seals the seed of the keys that were asked with. The nonce is fresh, so its key seals once.
    pub(super) fn seal(nonce: [u8; 16], asked_ms: i64, seed: &Secret<32>, key: &Secret<32>) -> Option<Self> {
        let sealed = super::aead::seal(key, [0; 12], &bound(&nonce, asked_ms), seed.expose()).ok()?;
        Some(Self { nonce, asked_ms, sealed: ByteArray::new(sealed.try_into().ok()?) })
    }

    /// The keys that were asked with.
    pub(super) fn open(&self, key: &Secret<32>) -> Option<Identity> {
        let bound = bound(&self.nonce, self.asked_ms);
        let seed = super::aead::open(key, [0; 12], &bound, self.sealed.as_slice()).ok()?;
        Identity::from_seed(&Secret::from_slice(&seed)?).ok()
    }

    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        postcard::to_stdvec(self).ok()
    }

    pub(super) fn parse(bytes: &Zeroizing<Vec<u8>>) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

fn bound(nonce: &[u8; 16], asked_ms: i64) -> Vec<u8> {
    [b"fieldfare/asked/1".as_slice(), nonce, &asked_ms.to_be_bytes()].concat()
}
