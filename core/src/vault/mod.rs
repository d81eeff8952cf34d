//! The vault: the lock of a home, the keys behind it, and everything that is sealed with them or to them.
//!
//! Knows bytes, keys and the phone's ports. What is written inside a sealed body, and where it is stored, is not known here.
//!
//! Read [`unlock`] for the story of a PIN, [`envelope`] for the file behind it, [`root_key`] for what it opens,
//! [`identity`] for the keys by which a device is known, [`wrap`] and [`seal`] for what travels, [`handover`] for a phone that is
//! lent.

mod aead;
mod base32;
mod common_pins;
mod durable;
pub mod envelope;
pub mod handover;
mod hardware;
pub mod help;
pub mod identity;
pub mod invitation;
pub mod kdf;
pub mod kept;
pub mod lock_rules;
pub mod members;
pub mod pin;
pub mod recovery;
mod recovery_share;
pub mod root_key;
pub mod rotation;
pub mod seal;
pub mod secret;
mod shares;
pub mod stand_in;
pub mod tries;
mod turn;
pub mod unlock;
pub mod wrap;

#[cfg(test)]
pub(crate) mod doubles;
#[cfg(test)]
mod hardware_key_suite;

pub use envelope::{Envelope, EnvelopeProblem, StoreId};
pub use hardware::Hardware;
pub use identity::{Identity, KeyProblem};
pub use invitation::{Invitation, InvitationRefusal};
pub use kdf::{KdfCost, KdfProblem};
pub use lock_rules::LockRules;
pub use pin::{Pin, PinRefusal};
pub use recovery::{RecoveryKey, RecoveryProblem};
pub use recovery_share::{Holders, RecoveryShare};
pub use root_key::{Purpose, RootKey};
pub use seal::SealProblem;
pub use secret::Secret;
pub use stand_in::FileHardwareKey;
pub use unlock::{Unlock, UnlockProblem};
pub use wrap::{Reader, WrapContext, WrapProblem};
