//! What the vault's refusals are called outward.
//!
//! One exhaustive match for each: a new refusal does not compile until somebody has said what a person can do.

use crate::contract::{FolderHolds, Problem};
use crate::ports::HardwareKeyProblem;
use crate::vault::help::HelpRefusal;
use crate::vault::{InvitationRefusal, PinRefusal, RecoveryProblem, UnlockProblem};

pub(super) fn of_unlock(problem: UnlockProblem) -> Problem {
    match problem {
        UnlockProblem::WrongPin { tries_left } => Problem::WrongPin { tries_left },
        UnlockProblem::Wait { seconds } => Problem::WaitBeforeNextTry { seconds },
        UnlockProblem::Wiped => Problem::Erased,
        UnlockProblem::NoHelp => Problem::NoHelp,
        UnlockProblem::Help(refusal) => of_help(refusal),
        UnlockProblem::Outdated => Problem::LockOutdated,
        UnlockProblem::NotReleased => Problem::NotReleased,
        UnlockProblem::NoStore => Problem::NoStore,
        UnlockProblem::AlreadyFounded => Problem::StoreExists,
        UnlockProblem::WithoutLock => Problem::FolderTaken { by: FolderHolds::HomeWithoutLock },
        UnlockProblem::NotEmpty => Problem::FolderTaken { by: FolderHolds::OtherFiles },
        UnlockProblem::Busy => Problem::StoreBusy,
        UnlockProblem::Foreign => Problem::StoreForeign,
        UnlockProblem::Truncated | UnlockProblem::Damaged => Problem::StoreDamaged,
        UnlockProblem::Newer => Problem::StoreNewer,
        UnlockProblem::WeakKdf | UnlockProblem::HeavyKdf => {
            Problem::StoreUnprotected { setting: "key stretching".to_owned() }
        }
        UnlockProblem::NoMemory => Problem::Unexpected { place: "memory".to_owned() },
        UnlockProblem::NoEntropy(_) => Problem::Unexpected { place: "entropy".to_owned() },
        UnlockProblem::HardwareKey(HardwareKeyProblem::Transient) => Problem::HardwareKeyBusy,
        UnlockProblem::HardwareKey(HardwareKeyProblem::NotFound | HardwareKeyProblem::Invalidated) => {
            Problem::HardwareKeyGone
        }
        UnlockProblem::Io(std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) => {
            Problem::DiskFull
        }
        UnlockProblem::Io(_) => Problem::FileTrouble,
    }
}

pub(super) fn of_help(refusal: HelpRefusal) -> Problem {
    match refusal {
        HelpRefusal::NoEntropy(_) => Problem::Unexpected { place: "entropy".to_owned() },
        refusal => Problem::HelpNotAccepted { why: refusal.to_string() },
    }
}

pub(super) fn of_pin(refusal: PinRefusal) -> Problem {
    Problem::PinNotAccepted { rule: refusal.to_string() }
}

pub(super) fn of_recovery(problem: RecoveryProblem) -> Problem {
    match problem {
        RecoveryProblem::NoEntropy(_) => Problem::Unexpected { place: "entropy".to_owned() },
        RecoveryProblem::Io(std::io::ErrorKind::StorageFull) => Problem::DiskFull,
        RecoveryProblem::AlreadyExists
        | RecoveryProblem::NotFound
        | RecoveryProblem::NotARecoveryKey
        | RecoveryProblem::Damaged
        | RecoveryProblem::Newer
        | RecoveryProblem::TooFewShares { .. }
        | RecoveryProblem::OtherShares
        | RecoveryProblem::Io(_) => Problem::RecoveryFile,
    }
}

pub(super) fn of_invitation(refusal: InvitationRefusal) -> Problem {
    match refusal {
        InvitationRefusal::NotAnInvitation | InvitationRefusal::Damaged => Problem::InvitationDamaged,
        InvitationRefusal::Newer => Problem::EndpointOtherVersion,
    }
}

/// Something that only a fault of ours can bring about.
pub(super) fn fault(place: &str) -> Problem {
    Problem::Unexpected { place: place.to_owned() }
}
