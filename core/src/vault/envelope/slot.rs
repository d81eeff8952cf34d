//! A slot: the root key sealed once under what one way of opening it takes.
//!
//! Knows keys and bound bytes. Which slots there are, and who may try them, is not known here.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::EnvelopeProblem;
use crate::ports::{Entropy, HardwareKeyProblem};
use crate::vault::aead;
use crate::vault::hardware::Hardware;
use crate::vault::kdf::{KdfCost, stretch};
use crate::vault::pin::Pin;
use crate::vault::root_key::RootKey;
use crate::vault::secret::{Secret, derive, joined};

/// A way of opening the root key. The code is bound to the slot, so that none stands in for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Pin,
    Biometric,
    Help,
}

/// The root key, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slot {
    pub(super) salt: [u8; 16],
    pub(super) nonce: [u8; 12],
    pub(super) sealed: ByteArray<48>,
}

impl Way {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Pin => 1,
            Self::Biometric => 2,
            Self::Help => 3,
        }
    }
}

impl Slot {
    /// An empty slot with a fresh salt, so that its key will seal once in its life; the random nonce is a second belt.
    pub(super) fn fresh(entropy: &dyn Entropy) -> Result<Self, EnvelopeProblem> {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        entropy.fill(&mut salt)?;
        entropy.fill(&mut nonce)?;
        Ok(Self { salt, nonce, sealed: ByteArray::new([0; 48]) })
    }

    /// Seals the root key in it.
    pub(super) fn seal(
        &mut self,
        root: &RootKey,
        key: &Secret<32>,
        bound: &[u8],
    ) -> Result<(), EnvelopeProblem> {
        let sealed = aead::seal(key, self.nonce, bound, root.secret().expose())
            .map_err(|_| EnvelopeProblem::NotOpened)?;
        self.sealed = <[u8; 48]>::try_from(sealed).map_err(|_| EnvelopeProblem::NotOpened)?.into();
        Ok(())
    }

    /// Takes the root key out.
    pub(super) fn open(&self, key: &Secret<32>, bound: &[u8]) -> Result<RootKey, EnvelopeProblem> {
        let root = aead::open(key, self.nonce, bound, self.sealed.as_slice())
            .map_err(|_| EnvelopeProblem::NotOpened)?;
        Secret::from_slice(&root).map(RootKey::from_secret).ok_or(EnvelopeProblem::NotOpened)
    }
}

/// The key of a PIN. The generation is part of what the hardware answers to: an envelope that says another one meets another
/// answer.
pub(super) fn of_pin(
    pin: &Pin,
    salt: &[u8; 16],
    cost: KdfCost,
    generation: u32,
    hardware: Hardware<'_>,
) -> Result<Secret<32>, EnvelopeProblem> {
    let stretched = stretch(pin, salt, cost, hardware.stretching)?;
    let asked = joined(&[stretched.expose(), &generation.to_be_bytes()]);
    let answer = answer(hardware, "unlock/v2", &asked)?;
    Ok(derive(&joined(&[stretched.expose(), answer.expose()]), &[], &[b"fieldfare/kek/2"]))
}

/// The key of a PIN as the first version made it.
pub(super) fn of_first_pin(
    pin: &Pin,
    salt: &[u8; 16],
    cost: KdfCost,
    hardware: Hardware<'_>,
) -> Result<Secret<32>, EnvelopeProblem> {
    let stretched = stretch(pin, salt, cost, hardware.stretching)?;
    let answer = answer(hardware, "unlock/v1", stretched.expose())?;
    Ok(derive(&joined(&[stretched.expose(), answer.expose()]), &[], &[b"fieldfare/kek/1"]))
}

/// The key of something that is as long as a key itself, `released` by the shell or by somebody who helps.
pub(super) fn of_released(
    way: Way,
    released: &Secret<32>,
    salt: &[u8; 16],
    hardware: Hardware<'_>,
) -> Result<Secret<32>, EnvelopeProblem> {
    let (label, info): (_, &[u8]) = match way {
        Way::Help => ("organisation/v1", b"fieldfare/kek-organisation/1"),
        Way::Pin | Way::Biometric => ("biometric/v1", b"fieldfare/kek-biometric/1"),
    };
    let answer = answer(hardware, label, salt)?;
    Ok(derive(&joined(&[released.expose(), answer.expose()]), salt, &[info]))
}

/// What the hardware key says to something.
pub(super) fn answer(
    hardware: Hardware<'_>,
    label: &str,
    message: &[u8],
) -> Result<Secret<32>, EnvelopeProblem> {
    // The port takes a plain copy; wiping it is its implementer's part.
    let answer = zeroize::Zeroizing::new(hardware.key.mac(label.to_owned(), message.to_vec())?);
    // An answer of another length is a fault of the port, not of the PIN: nothing may be counted or destroyed for it.
    Ok(Secret::from_slice(&answer).ok_or(HardwareKeyProblem::Transient)?)
}
