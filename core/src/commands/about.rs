//! Which record a command is about, so that the audit of that record tells who did it.
//!
//! A command that makes a record is about what it made.

use super::work::Work;
use crate::contract::{Command, RecordId};

/// The record; `None` where a command is about none in particular.
pub(super) fn about(work: &Work<'_>, command: &Command) -> Option<RecordId> {
    let organisation = Some(RecordId(work.me.organisation.0));
    match command {
        Command::SetCohort { case, .. }
        | Command::SetRisk { case, .. }
        | Command::SetLegalHold { case, .. }
        | Command::AddMentor { case, .. }
        | Command::TransferCase { case, .. }
        | Command::BeginNote { case, .. }
        | Command::SetGoal { case, .. }
        | Command::RecordCheckIn { case, .. }
        | Command::RaiseConcern { case, .. } => Some((*case).into()),
        Command::DescribeYoungPerson { young_person, .. } => Some((*young_person).into()),
        Command::NameSupervisor { person, .. } => Some((*person).into()),
        Command::Decide { record, .. } => Some(*record),
        Command::SaveDraft { note, .. }
        | Command::DescribeNote { note, .. }
        | Command::SignNote { note, .. }
        | Command::LookAtNote { note, .. }
        | Command::TakeOutCameIn { note, .. }
        | Command::AddAddendum { note, .. }
        | Command::DeleteDraft { note, .. } => Some((*note).into()),
        Command::RemoveAttachment { attachment, .. } => Some((*attachment).into()),
        Command::DescribeGoal { goal, .. }
        | Command::AddStep { goal, .. }
        | Command::RecordProgress { goal, .. }
        | Command::ReviewGoal { goal, .. }
        | Command::AchieveGoal { goal }
        | Command::LetGoOfGoal { goal, .. }
        | Command::ReopenGoal { goal } => Some((*goal).into()),
        Command::FinishStep { step, .. } => Some((*step).into()),
        Command::HandleConcern { concern, .. } | Command::AddToConcern { concern, .. } => {
            Some((*concern).into())
        }
        Command::SetLease { .. } | Command::SetAutoLock { .. } | Command::SetCrisisCard { .. } => {
            organisation
        }
        // Of everything that is read here, where no case is named.
        Command::RotateKeys { case } => case.map(Into::into),
        // What they make names itself; an import is about as many services as its table has rows.
        Command::OpenCase { .. } | Command::AddScalePack { .. } | Command::ImportServices { .. } => None,
    }
}
