//! What a person does: each command is checked, becomes edits, and is durable when it answers.
//!
//! Knows the rules of the field and of roles. How an edit is numbered, kept and sent is not decided here.

mod about;
mod allowed;
mod attachment;
mod case;
mod check_in;
mod compartment;
mod concern;
mod decide;
mod draft;
mod goal;
mod keys;
mod note;
mod organisation;
mod services;
mod work;
mod young_person;

pub(crate) use allowed::of_reason;
pub(crate) use attachment::of_trouble;
pub(crate) use concern::see;
pub(crate) use organisation::record_drill;
pub use work::{Work, WorkDone};

use crate::contract::{Command, Compartment, ImportReport, NoteId, Problem, RecordId, Revision};
use crate::domain::rules::Asker;

/// What a handler answers: the record it made, if any, what an import did, and what a draft's text is called.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    made: Option<RecordId>,
    import: Option<ImportReport>,
    revision: Option<Revision>,
}

impl Outcome {
    fn made(record: impl Into<RecordId>) -> Self {
        Self { made: Some(record.into()), ..Self::default() }
    }

    /// The same for a draft, with what its text is called on the screen.
    fn shown(self, revision: Revision) -> Self {
        Self { revision: Some(revision), ..self }
    }
}

/// Carries a command out within one transaction.
///
/// # Errors
/// [`Problem`] says what is refused and why; the transaction is then not committed.
pub fn carry_out(work: &Work<'_>, command: Command) -> Result<WorkDone, Problem> {
    allowed::ask(work, work.write.read().asker(work.role)?, &command)?;
    carry_out_allowed(work, command)
}

/// Carries out what was allowed when the phone was handed over. How long it has been without contact bars no answer that
/// somebody has given.
pub(crate) fn carry_out_lent(work: &Work<'_>, command: Command) -> Result<WorkDone, Problem> {
    let asker = work.write.read().asker(work.role)?;
    allowed::ask(work, Asker { without_contact: false, ..asker }, &command)?;
    carry_out_allowed(work, command)
}

fn carry_out_allowed(work: &Work<'_>, command: Command) -> Result<WorkDone, Problem> {
    let about = about::about(work, &command);
    let (did, outcome) = dispatch(work, command)?;
    work.write.note_in_audit(work.now_ms, did, outcome.made.or(about))?;
    Ok(WorkDone { did, made: outcome.made, import: outcome.import, revision: outcome.revision })
}

/// Attaches a file to a note within one transaction. Bytes are no command: they come through a reader of the shell's.
///
/// # Errors
/// [`Problem`] says what is refused and why; the transaction is then not committed.
pub fn attach(
    work: &Work<'_>,
    note: NoteId,
    name: &str,
    media_type: &str,
    content: &mut dyn std::io::Read,
) -> Result<WorkDone, Problem> {
    let made = attachment::attach(work, note, name, media_type, content)?;
    work.write.note_in_audit(work.now_ms, "attach", Some(made))?;
    Ok(WorkDone { did: "attach", made: Some(made), import: None, revision: None })
}

fn dispatch(work: &Work<'_>, command: Command) -> Result<(&'static str, Outcome), Problem> {
    Ok(match command {
        Command::OpenCase { name, born_on, cohort, opened_on, area, risk } => {
            ("open_case", case::open(work, &name, born_on, cohort, opened_on, area, risk)?)
        }
        Command::SetCohort { case, cohort } => ("set_cohort", case::set_cohort(work, case, cohort)?),
        Command::SetRisk { case, level } => ("set_risk", case::set_risk(work, case, level)?),
        Command::AddMentor { case, mentor } => ("add_mentor", case::add_mentor(work, case, mentor)?),
        Command::TransferCase { case, from, to } => ("transfer_case", case::transfer(work, case, from, to)?),
        Command::DescribeYoungPerson {
            young_person,
            name,
            born_on,
            pronouns,
            add_circumstances,
            remove_circumstances,
        } => {
            let told =
                young_person::Told { name, born_on, pronouns, add_circumstances, remove_circumstances };
            ("describe_young_person", young_person::describe(work, young_person, told)?)
        }
        Command::Decide { record, field, value_id } => {
            ("decide", decide::decide(work, record, &field, &value_id)?)
        }
        Command::NameSupervisor { person, supervisor } => {
            ("name_supervisor", compartment::name_supervisor(work, person, supervisor)?)
        }
        Command::RotateKeys { case } => ("rotate_keys", keys::rotate(work, case)?),
        Command::BeginNote {
            case,
            began_at_ms,
            place,
            contact,
            planned,
            minutes,
            body,
            compartment,
            with,
        } => {
            let which = compartment.unwrap_or(Compartment::File);
            let vault = compartment::vault_of(work, case, which, with)?;
            let told = note::Told { began_at_ms, place, contact, planned, minutes, ..note::Told::default() };
            ("begin_note", note::begin(work, &vault, case, told, body)?)
        }
        Command::SaveDraft { note, revision, body } => {
            ("save_draft", draft::save(work, note, revision, &body)?)
        }
        Command::DescribeNote {
            note,
            began_at_ms,
            place,
            contact,
            planned,
            minutes,
            agreed,
            add_tags,
            remove_tags,
        } => {
            let told =
                note::Told { began_at_ms, place, contact, planned, minutes, agreed, add_tags, remove_tags };
            ("describe_note", note::describe(work, note, told)?)
        }
        Command::SignNote { note, revision, body } => {
            ("sign_note", draft::sign(work, note, revision, &body)?)
        }
        Command::LookAtNote { note, revision } => ("look_at_note", draft::look_at(work, note, revision)?),
        Command::TakeOutCameIn { note, revision, stretch } => {
            ("take_out_came_in", draft::take_out(work, note, revision, stretch)?)
        }
        Command::AddAddendum { note, words } => ("add_addendum", note::add_addendum(work, note, &words)?),
        Command::DeleteDraft { note, reason } => ("delete_draft", note::delete_draft(work, note, reason)?),
        Command::RemoveAttachment { attachment, reason } => {
            ("remove_attachment", attachment::remove(work, attachment, reason)?)
        }
        Command::SetGoal { case, words, why, review_on } => {
            ("set_goal", goal::set(work, case, &words, why, review_on)?)
        }
        Command::DescribeGoal { goal, words, why, review_on } => {
            ("describe_goal", goal::describe(work, goal, words, why, review_on)?)
        }
        Command::AddStep { goal, words } => ("add_step", goal::add_step(work, goal, &words)?),
        Command::FinishStep { step, done_on } => ("finish_step", goal::finish_step(work, step, done_on)?),
        Command::RecordProgress { goal, words } => {
            ("record_progress", goal::record_progress(work, goal, &words)?)
        }
        Command::ReviewGoal { goal, words, next_review_on } => {
            ("review_goal", goal::review(work, goal, &words, next_review_on)?)
        }
        Command::AchieveGoal { goal } => ("achieve_goal", goal::achieve(work, goal)?),
        Command::LetGoOfGoal { goal, reason } => ("let_go_of_goal", goal::let_go(work, goal, &reason)?),
        Command::ReopenGoal { goal } => ("reopen_goal", goal::reopen(work, goal)?),
        Command::RecordCheckIn { case, scale, answers, company, manner, taken_on } => {
            ("record_check_in", check_in::record(work, case, &scale, &answers, &company, manner, taken_on)?)
        }
        Command::AddScalePack { pack } => ("add_scale_pack", check_in::add_pack(work, &pack)?),
        Command::RaiseConcern { case, about, words } => {
            ("raise_concern", concern::raise(work, case, about, &words)?)
        }
        Command::HandleConcern { concern, state, words, owner, due_at_ms } => {
            ("handle_concern", concern::handle(work, concern, state, &words, owner, due_at_ms)?)
        }
        Command::AddToConcern { concern, words } => {
            ("add_to_concern", concern::add_to(work, concern, &words)?)
        }
        Command::ImportServices { table } => ("import_services", services::import(work, &table)?),
        Command::SetLegalHold { case, held } => ("set_legal_hold", case::set_legal_hold(work, case, held)?),
        Command::SetAutoLock { background_s, untouched_s } => {
            ("set_auto_lock", organisation::set_auto_lock(work, background_s, untouched_s)?)
        }
        Command::SetLease { erases } => ("set_lease", organisation::set_lease(work, erases)?),
        Command::SetCrisisCard { words } => ("set_crisis_card", organisation::set_crisis_card(work, &words)?),
    })
}
