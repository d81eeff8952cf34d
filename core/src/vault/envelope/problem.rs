//! Why an envelope does not open, told apart as far as a file can be trusted to tell.
//!
//! Whether a failure counts as a try is not known here.

use crate::ports::{HardwareKeyProblem, NoEntropy};
use crate::vault::kdf::KdfProblem;

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
