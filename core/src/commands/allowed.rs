//! Before a command writes anything, its rule is asked here, with the facts as they stand in the same transaction.
//!
//! One arm for each command, so that none is forgotten; the rules themselves are the domain's, and pages ask them too.

use super::work::Work;
use crate::contract::{
    AttachmentId, CaseId, Command, ConcernId, GoalId, NoteId, PersonId, Problem, StepId, Thing, YoungPersonId,
};
use crate::domain::field::Field;
use crate::domain::measure::scale::{Scale, Wording, scale as known_scale};
use crate::domain::rules::case::{self, CaseFacts};
use crate::domain::rules::concern::{self, ConcernFacts};
use crate::domain::rules::decide::{Dispute, decide};
use crate::domain::rules::goal::{self, GoalFacts};
use crate::domain::rules::note::{self, AttachmentFacts, NoteFacts};
use crate::domain::rules::reason::{NOTE_EMPTY, Reason, SCALE_WITHOUT_PACK, WITHOUT_CONTACT};
use crate::domain::rules::{Asker, Verdict, organisation};
use crate::domain::scale_pack;
use crate::domain::text::shows_nothing;
use crate::store::StoreProblem;

/// Refuses a command that its rule bars.
pub(super) fn ask(work: &Work<'_>, asker: Asker, command: &Command) -> Result<(), Problem> {
    verdict(work, asker, command)?.map_err(|reason| refusal(work, reason))
}

/// Refuses to attach what the rule bars.
pub(super) fn ask_attach(work: &Work<'_>, note: NoteId) -> Result<(), Problem> {
    let asker = work.write.read().asker(work.role)?;
    note::attach(asker, &note_facts(work, note)?).map_err(|reason| refusal(work, reason))
}

/// What a person is told of a rule that bars.
fn refusal(work: &Work<'_>, reason: Reason) -> Problem {
    if reason == WITHOUT_CONTACT {
        let lease = work.write.read().lease().ok().flatten();
        return Problem::WithoutContact { days: lease.map_or(0, |lease| lease.days()) };
    }
    of_reason(reason)
}

/// What a person is told of a rule that bars, where no more has to be known for it.
pub(crate) fn of_reason(reason: Reason) -> Problem {
    match reason {
        NOTE_EMPTY => Problem::Empty { field: "body".to_owned() },
        SCALE_WITHOUT_PACK => Problem::ScaleWithoutPack,
        Reason { key, says } => Problem::NotAllowed { why: says.to_owned(), reason: Some(key.to_owned()) },
    }
}

fn verdict(work: &Work<'_>, asker: Asker, command: &Command) -> Result<Verdict, Problem> {
    let in_case = |case: CaseId| case_facts(work, case);
    let of_goal = |goal: GoalId| goal_facts(work, goal);
    Ok(match command {
        Command::OpenCase { .. } => case::open_case(asker),
        Command::DescribeYoungPerson { young_person, .. } => {
            let (facts, is_struck) = young_person_facts(work, *young_person)?;
            case::describe_young_person(asker, &facts, is_struck)
        }
        Command::SetCohort { case, .. } => case::set_cohort(asker, &in_case(*case)?),
        Command::SetRisk { case, .. } => case::set_risk(asker, &in_case(*case)?),
        Command::SetLegalHold { .. } => case::set_legal_hold(asker),
        Command::AddMentor { case, .. } => case::add_mentor(asker, &in_case(*case)?),
        Command::TransferCase { case, from, .. } => {
            case::transfer_case(asker, &in_case(*case)?, *from == me(work))
        }
        Command::NameSupervisor { .. } => organisation::name_supervisor(asker),
        Command::RotateKeys { case } => {
            let facts = case.map(in_case).transpose()?;
            case::rotate_keys(asker, facts.as_ref())
        }
        // What is decided is found with the value; the rule is asked there.
        Command::Decide { .. } => Ok(()),
        Command::BeginNote { case, .. } => case::begin_note(asker, &in_case(*case)?),
        Command::SaveDraft { note, .. } => note::save_draft(asker, &note_facts(work, *note)?),
        Command::DescribeNote { note, .. } => note::describe_note(asker, &note_facts(work, *note)?),
        Command::SignNote { note, body, .. } => {
            // The words that are signed are those that come with it.
            let facts = NoteFacts { empty: shows_nothing(body), ..note_facts(work, *note)? };
            note::sign_note(asker, &facts)
        }
        Command::LookAtNote { note, .. } => note::look_at_note(&note_facts(work, *note)?),
        Command::TakeOutCameIn { note, .. } => note::take_out_came_in(asker, &note_facts(work, *note)?),
        Command::AddAddendum { note, .. } => note::add_addendum(asker, &note_facts(work, *note)?),
        Command::DeleteDraft { note, .. } => note::delete_draft(asker, &note_facts(work, *note)?),
        Command::RemoveAttachment { attachment, .. } => {
            note::remove_attachment(asker, &attachment_facts(work, *attachment)?)
        }
        Command::SetGoal { case, .. } => case::set_goal(asker, &in_case(*case)?),
        Command::DescribeGoal { goal, .. } => goal::describe_goal(asker, &of_goal(*goal)?),
        Command::AddStep { goal, .. } => goal::add_step(asker, &of_goal(*goal)?),
        Command::FinishStep { step, .. } => goal::finish_step(asker, &step_facts(work, *step)?),
        Command::RecordProgress { goal, .. } => goal::record_progress(asker, &of_goal(*goal)?),
        Command::ReviewGoal { goal, .. } => goal::review_goal(asker, &of_goal(*goal)?),
        Command::AchieveGoal { goal } => goal::achieve_goal(asker, &of_goal(*goal)?),
        Command::LetGoOfGoal { goal, .. } => goal::let_go_of_goal(asker, &of_goal(*goal)?),
        Command::ReopenGoal { goal } => goal::reopen_goal(asker, &of_goal(*goal)?),
        Command::RecordCheckIn { case, scale, .. } => {
            let facts = in_case(*case)?;
            let scale = known_scale(scale).ok_or(Problem::NoSuch { thing: Thing::Scale })?;
            case::record_check_in(asker, &facts, has_words(work, scale)?)
        }
        Command::AddScalePack { .. } => organisation::add_scale_pack(asker),
        Command::RaiseConcern { case, .. } => case::raise_concern(&in_case(*case)?),
        Command::HandleConcern { .. } => concern::handle_concern(asker),
        Command::AddToConcern { concern, .. } => {
            concern::add_to_concern(asker, &concern_facts(work, *concern)?)
        }
        Command::ImportServices { .. } => organisation::import_services(asker),
        Command::SetLease { .. } => organisation::set_lease(asker),
        Command::SetAutoLock { .. } => organisation::set_auto_lock(asker),
        Command::SetCrisisCard { .. } => organisation::set_crisis_card(asker),
    })
}

/// Refuses a decision that the rule of its field bars.
pub(super) fn ask_decide(
    work: &Work<'_>,
    vault_no: i64,
    kind: &str,
    field: &Field,
    takes_back: bool,
) -> Result<(), Problem> {
    let read = work.write.read();
    let case = read.case_facts_of_vault(vault_no, me(work))?;
    let dispute = Dispute { kind, field: field.name, case, for_good: field.is_for_good(), takes_back };
    decide(read.asker(work.role)?, &dispute).map_err(|reason| refusal(work, reason))
}

const fn me(work: &Work<'_>) -> PersonId {
    PersonId(work.me.person.0)
}

fn case_facts(work: &Work<'_>, case: CaseId) -> Result<CaseFacts, Problem> {
    let read = work.write.read();
    read.vault_of_case(case)?.ok_or(Problem::NoSuch { thing: Thing::Case })?;
    Ok(read.case_facts(case, me(work))?)
}

fn young_person_facts(work: &Work<'_>, who: YoungPersonId) -> Result<(CaseFacts, bool), Problem> {
    let read = work.write.read();
    let found = read.young_person_facts(who, me(work))?;
    found.ok_or(Problem::NoSuch { thing: Thing::YoungPerson })
}

fn note_facts(work: &Work<'_>, note: NoteId) -> Result<NoteFacts, Problem> {
    let read = work.write.read();
    let found = read.note(note)?.ok_or(Problem::NoSuch { thing: Thing::Note })?;
    Ok(read.note_facts(&found, me(work))?)
}

fn attachment_facts(work: &Work<'_>, attachment: AttachmentId) -> Result<AttachmentFacts, Problem> {
    let found = work.write.read().attachment_facts(attachment, me(work))?;
    found.ok_or(Problem::NoSuch { thing: Thing::Attachment })
}

fn concern_facts(work: &Work<'_>, concern: ConcernId) -> Result<ConcernFacts, Problem> {
    let found = work.write.read().concern_facts(concern, me(work))?;
    found.ok_or(Problem::NoSuch { thing: Thing::Concern })
}

fn goal_facts(work: &Work<'_>, goal: GoalId) -> Result<GoalFacts, Problem> {
    let read = work.write.read();
    let found = read.goal(goal)?.ok_or(Problem::NoSuch { thing: Thing::Goal })?;
    Ok(read.goal_facts(&found, me(work))?)
}

/// The goal of a step. One that has not arrived bars nothing by itself.
fn step_facts(work: &Work<'_>, step: StepId) -> Result<GoalFacts, Problem> {
    let read = work.write.read();
    let found = read.step(step)?.ok_or(Problem::NoSuch { thing: Thing::Step })?;
    let goal = found.goal.map(|goal| read.goal(goal)).transpose()?.flatten();
    match goal {
        Some(goal) => {
            let has_step = read.steps_of(goal.goal)?.iter().any(|one| one.step == step);
            Ok(GoalFacts { has_step, ..read.goal_facts(&goal, me(work))? })
        }
        None => {
            let case = read.case_facts_of_vault(found.vault_no, me(work))?;
            Ok(GoalFacts { case, has_step: true, ..GoalFacts::default() })
        }
    }
}

/// Whether the wording of a scale is here.
fn has_words(work: &Work<'_>, scale: &Scale) -> Result<bool, StoreProblem> {
    if scale.wording == Wording::Ships {
        return Ok(true);
    }
    let pack = work.write.read().pack_of(scale.id.as_str())?;
    Ok(pack.is_some_and(|pack| scale_pack::usable(&pack.json, scale).is_some()))
}
