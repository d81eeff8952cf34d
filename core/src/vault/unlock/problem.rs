//! Why a home does not open, in words that tell a person what to do.
//!
//! Carries numbers and kinds only: no path, no name and no PIN can be read from it.

use crate::ports::{HardwareKeyProblem, NoEntropy};
use crate::vault::envelope::EnvelopeProblem;
use crate::vault::help::HelpRefusal;
use crate::vault::kdf::KdfProblem;

/// Why a home does not open, or could not be founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlockProblem {
    /// The PIN is wrong, and the try was counted.
    #[error("the PIN is wrong; {tries_left} tries are left")]
    WrongPin {
        /// Failures from here to the wipe, at least 1.
        tries_left: u32,
    },
    /// Too early; nothing was tried and nothing counted.
    #[error("wait {seconds} seconds before the next try")]
    Wait {
        /// Seconds until a try is taken.
        seconds: u32,
    },
    /// The home is destroyed, now or some time before, and nothing brings it back.
    #[error("this home has been wiped")]
    Wiped,
    /// This is an older copy of the envelope: the PIN was changed since. Nothing was tried and nothing counted.
    #[error("this is an older copy of the lock; the PIN was changed since")]
    Outdated,
    /// The key that was released is not the one that was enrolled, or none is.
    #[error("this phone's own check does not open this home")]
    NotReleased,
    /// Nobody can help whoever forgot the PIN of this home: it was not opened since there are people who may.
    #[error("nobody can help this phone yet")]
    NoHelp,
    /// Help that was asked or given is of no use.
    #[error(transparent)]
    Help(#[from] HelpRefusal),
    /// There is no home here.
    #[error("there is nothing here to unlock")]
    NoStore,
    /// There is a home here already; founding another would destroy it.
    #[error("there is a home here already")]
    AlreadyFounded,
    /// Parts of a home lie here, and not the envelope that opens them.
    #[error("parts of a home lie here without their envelope")]
    WithoutLock,
    /// Something lies here that is not ours.
    #[error("something lies here that is not Fieldfare's")]
    NotEmpty,
    /// Another process is trying at this moment.
    #[error("somebody else is unlocking this home at the moment")]
    Busy,
    /// The file in the envelope's place is not one.
    #[error("the file is not Fieldfare's")]
    Foreign,
    /// The envelope is cut short.
    #[error("the file is cut short")]
    Truncated,
    /// The envelope is damaged.
    #[error("the file is damaged")]
    Damaged,
    /// A newer version of the app wrote it.
    #[error("a newer version of the app is needed")]
    Newer,
    /// The PIN would be stretched less than is safe: somebody changed the file.
    #[error("the PIN would be stretched too little to be safe")]
    WeakKdf,
    /// The PIN would be stretched more than this device takes on: somebody changed the file.
    #[error("the PIN would be stretched more than this device takes on")]
    HeavyKdf,
    /// There is not enough memory at the moment; the try was not counted.
    #[error("there is not enough memory to unlock")]
    NoMemory,
    /// There is no randomness to make keys of.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// The hardware key does not serve; the try was not counted, unless the count itself could not be taken back.
    #[error(transparent)]
    HardwareKey(#[from] HardwareKeyProblem),
    /// The folder cannot be read or written.
    #[error("the folder of this home cannot be used: {0}")]
    Io(std::io::ErrorKind),
}

impl From<EnvelopeProblem> for UnlockProblem {
    fn from(problem: EnvelopeProblem) -> Self {
        match problem {
            EnvelopeProblem::Foreign => Self::Foreign,
            EnvelopeProblem::Truncated => Self::Truncated,
            EnvelopeProblem::Newer => Self::Newer,
            EnvelopeProblem::Wiped => Self::Wiped,
            // A slot that does not open is judged where tries are counted; elsewhere it can only be damage.
            EnvelopeProblem::Damaged | EnvelopeProblem::NotOpened => Self::Damaged,
            EnvelopeProblem::Kdf(KdfProblem::TooWeak) => Self::WeakKdf,
            EnvelopeProblem::Kdf(KdfProblem::TooHeavy) => Self::HeavyKdf,
            EnvelopeProblem::Kdf(KdfProblem::NoMemory) => Self::NoMemory,
            EnvelopeProblem::HardwareKey(problem) => Self::HardwareKey(problem),
            EnvelopeProblem::NoEntropy(problem) => Self::NoEntropy(problem),
        }
    }
}

impl From<std::io::Error> for UnlockProblem {
    // The kind alone: what the system says in full names folders.
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.kind())
    }
}
