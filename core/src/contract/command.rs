//! Everything a person can do, as data.
//!
//! A command says what is wanted in the person's terms; which edits it becomes, and whether it is allowed, is decided
//! by its handler.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AttachmentId, CaseId, Cohort, Company, Compartment, ConcernId, ConcernKind, ConcernState, ContactKind,
    GoalId, Manner, NoteId, PersonId, Place, RecordId, Revision, RiskLevel, ScalePack, StepId, YoungPersonId,
};

/// A command. In JSON its name stands in `do`, its fields beside it; a field it does not have is refused.
#[derive(Clone, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Opens a case for a young person and makes both records; the person at this device becomes its mentor.
    OpenCase {
        /// The name the young person goes by, at most 120 characters.
        name: String,
        /// Protect or Prevent.
        cohort: Cohort,
        /// Day of birth, year-month-day.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        born_on: Option<String>,
        /// The day support began, year-month-day; today if absent.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        opened_on: Option<String>,
        /// District or area, at most 120 characters.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        area: Option<String>,
        /// Level of risk at the start.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        risk: Option<RiskLevel>,
    },
    /// Changes what is recorded of a young person; absent fields stay as they are.
    DescribeYoungPerson {
        /// Who.
        young_person: YoungPersonId,
        /// The name they go by.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        name: Option<String>,
        /// Day of birth, year-month-day.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        born_on: Option<String>,
        /// Pronouns.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        pronouns: Option<String>,
        /// Circumstances to add.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = []))]
        add_circumstances: Vec<String>,
        /// Circumstances to remove.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = []))]
        remove_circumstances: Vec<String>,
    },
    /// Moves a case to another cohort, for example a step-down from Protect to Prevent.
    SetCohort {
        /// The case.
        case: CaseId,
        /// The new cohort.
        cohort: Cohort,
    },
    /// Records the level of risk.
    SetRisk {
        /// The case.
        case: CaseId,
        /// The level.
        level: RiskLevel,
    },
    /// Holds a case's file because a law or a dispute asks for it, or ends that: while it is held nothing of it is deleted. For
    /// supervisors and the safeguarding lead.
    SetLegalHold {
        /// The case.
        case: CaseId,
        /// Whether it is held.
        held: bool,
    },
    /// Lets a colleague work on a case: they can read its whole file from then on.
    AddMentor {
        /// The case.
        case: CaseId,
        /// The colleague.
        mentor: PersonId,
    },
    /// Hands a case on with its whole story: the colleague who takes it reads everything, the one who had it reads nothing
    /// that is written from then on. What was begun keeps its author. A mentor hands on their own; supervisors and the
    /// safeguarding lead hand on anybody's. Until theirs is closed, who had it can still raise a concern in it.
    TransferCase {
        /// The case.
        case: CaseId,
        /// Who had it.
        from: PersonId,
        /// Who takes it.
        to: PersonId,
    },
    /// Says who supervises a member of staff: that person reads their reflections.
    NameSupervisor {
        /// Who is supervised.
        person: PersonId,
        /// By whom.
        supervisor: PersonId,
    },
    /// Has the keys of a case changed with the next exchange, because a phone or a person may have given one away.
    RotateKeys {
        /// The case, with all its compartments that are read here; everything that is read here if absent.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        case: Option<CaseId>,
    },
    /// Decides between values that were recorded at the same time.
    Decide {
        /// The record.
        record: RecordId,
        /// The field.
        field: String,
        /// The value that holds, as the page named it.
        value_id: String,
    },

    /// Begins a case note. Whatever is known already can be given at once.
    BeginNote {
        /// The case.
        case: CaseId,
        /// When the contact began, in milliseconds since 1970; now if absent.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        began_at_ms: Option<i64>,
        /// Where.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        place: Option<Place>,
        /// What kind of contact.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        contact: Option<ContactKind>,
        /// Whether it had been planned.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        planned: Option<bool>,
        /// How long, in minutes, 1 to 480.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        minutes: Option<i64>,
        /// First words.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        body: Option<String>,
        /// Where it is kept and who reads it; the file if absent.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        compartment: Option<Compartment>,
        /// The other of the two who hold a supervision; absent where only one person can be meant.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        with: Option<PersonId>,
    },
    /// Saves the text of a draft, after every batch of keystrokes. Words that came in since its revision stay; the same save
    /// made again changes nothing.
    SaveDraft {
        /// The note.
        note: NoteId,
        /// What the text on the screen began from: the revision of the page that it shows, or that the last save from this
        /// screen answered with.
        revision: Revision,
        /// The whole text as it now stands on the screen.
        body: String,
    },
    /// Changes what is recorded about a contact; absent fields stay as they are.
    DescribeNote {
        /// The note.
        note: NoteId,
        /// When the contact began, in milliseconds since 1970.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        began_at_ms: Option<i64>,
        /// Where.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        place: Option<Place>,
        /// What kind of contact.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        contact: Option<ContactKind>,
        /// Whether it had been planned.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        planned: Option<bool>,
        /// How long, in minutes, 1 to 480.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        minutes: Option<i64>,
        /// What was agreed with the young person.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        agreed: Option<String>,
        /// Tags to add.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = []))]
        add_tags: Vec<String>,
        /// Tags to remove.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = []))]
        remove_tags: Vec<String>,
    },
    /// Signs a note, letter for letter as it stands on the screen; its text never changes again. Refused where the note says
    /// something else: the page `note_compared` shows both.
    SignNote {
        /// The note.
        note: NoteId,
        /// What the text on the screen began from, as in `save_draft`.
        revision: Revision,
        /// The whole text as it stands on the screen.
        body: String,
    },
    /// Says that somebody has looked, on this device, at what a merge brought into a draft. What came in after that revision is
    /// still to be looked at.
    LookAtNote {
        /// The note.
        note: NoteId,
        /// What the page said.
        revision: Revision,
    },
    /// Takes out one stretch that a merge brought in, and puts back what stood there: the second of two equal corrections, for
    /// example.
    TakeOutCameIn {
        /// The note.
        note: NoteId,
        /// What the page said.
        revision: Revision,
        /// Number of the stretch on that page, from 0.
        stretch: u32,
    },
    /// Adds to a signed note.
    AddAddendum {
        /// The note.
        note: NoteId,
        /// What to add.
        words: String,
    },
    /// Takes a draft back.
    DeleteDraft {
        /// The note.
        note: NoteId,
        /// Why; at most 500 characters.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        reason: Option<String>,
    },

    /// Takes an attachment back; it stays visible as taken back.
    RemoveAttachment {
        /// The attachment.
        attachment: AttachmentId,
        /// Why; at most 500 characters.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        reason: Option<String>,
    },

    /// Sets a goal.
    SetGoal {
        /// The case.
        case: CaseId,
        /// In the young person's own words.
        words: String,
        /// Why it matters to the young person.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        why: Option<String>,
        /// The day of the first review, year-month-day.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        review_on: Option<String>,
    },
    /// Changes the words of a goal or the day of its next review; absent fields stay as they are.
    DescribeGoal {
        /// The goal.
        goal: GoalId,
        /// In the young person's own words.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        words: Option<String>,
        /// Why it matters.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        why: Option<String>,
        /// The day of the next review, year-month-day.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        review_on: Option<String>,
    },
    /// Agrees a step on the way to a goal.
    AddStep {
        /// The goal.
        goal: GoalId,
        /// What is to be done.
        words: String,
    },
    /// Records that a step was done.
    FinishStep {
        /// The step.
        step: StepId,
        /// The day, year-month-day; today if absent.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        done_on: Option<String>,
    },
    /// Notes progress towards a goal.
    RecordProgress {
        /// The goal.
        goal: GoalId,
        /// What moved, or what did not.
        words: String,
    },
    /// Reviews a goal.
    ReviewGoal {
        /// The goal.
        goal: GoalId,
        /// What the review found.
        words: String,
        /// The day of the next review, year-month-day.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        next_review_on: Option<String>,
    },
    /// Records that the young person achieved a goal.
    AchieveGoal {
        /// The goal.
        goal: GoalId,
    },
    /// Records that the young person let a goal go.
    LetGoOfGoal {
        /// The goal.
        goal: GoalId,
        /// Why, in the young person's words.
        reason: String,
    },
    /// Takes a goal up again.
    ReopenGoal {
        /// The goal.
        goal: GoalId,
    },

    /// Records a wellbeing check-in.
    RecordCheckIn {
        /// The case.
        case: CaseId,
        /// Name of the scale.
        scale: String,
        /// One answer a question, in order; null for a skipped one.
        answers: Vec<Option<u8>>,
        /// Who else was there; empty means nobody.
        company: Vec<Company>,
        /// How it was answered.
        manner: Manner,
        /// The day, year-month-day; today if absent.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        taken_on: Option<String>,
    },
    /// Adds an organisation's scale pack.
    AddScalePack {
        /// The pack.
        pack: ScalePack,
    },

    /// Raises a safeguarding concern. It goes before everything else.
    RaiseConcern {
        /// The case.
        case: CaseId,
        /// What it is about.
        about: ConcernKind,
        /// What was seen or said.
        words: String,
    },
    /// Records how far a concern has come.
    HandleConcern {
        /// The concern.
        concern: ConcernId,
        /// The new state.
        state: ConcernState,
        /// What was done and decided.
        words: String,
        /// Who has it from now on: a supervisor or the safeguarding lead. If absent it stays with whoever has it; where nobody
        /// does, whoever takes it on has it.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        owner: Option<PersonId>,
        /// When it is to be dealt with, in milliseconds since 1970. Until somebody says so it is the next working day.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        due_at_ms: Option<i64>,
    },
    /// Adds words to a concern: for whoever raised it, supervisors and the safeguarding lead. What stands stays.
    AddToConcern {
        /// The concern.
        concern: ConcernId,
        /// What to add, at most 2,000 characters.
        words: String,
    },

    /// Imports local services from a comma-separated table.
    ImportServices {
        /// The table, with its header row.
        table: String,
    },
    /// Says whether a device is erased that has not reached the endpoint for 30 days and holds nothing unsent. It is not,
    /// unless an administrator says so.
    SetLease {
        /// Whether it is.
        erases: bool,
    },
    /// Says when phones lock by themselves; see the page `today`. For administrators.
    SetAutoLock {
        /// Seconds in the background, at most 300.
        background_s: u32,
        /// Seconds without a touch, 30 to 900.
        untouched_s: u32,
    },
    /// Sets the words that stand beside an undelivered concern: whom to call.
    SetCrisisCard {
        /// For example the duty line of the safeguarding lead; at most 300 characters.
        words: String,
    },
}

/// Says nothing of what a person wrote.
impl fmt::Debug for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Command(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_a_developer_says_nothing_of_what_a_person_wrote() {
        let command = Command::SetCrisisCard { words: "ring Wren".to_owned() };
        assert_eq!(format!("{command:?}"), "Command(..)");
    }
}
