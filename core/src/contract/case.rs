//! Cases, young people, what today asks for, and the timeline, as a shell shows them.
//!
//! Child-first words: a young person with a case, never a case of something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Action, AlsoRecorded, AutoLock, CaseId, Cohort, ConcernArrival, ConcernId, ConcernKind, ConcernState,
    ErasureRow, GoalRow, Kept, LeaseRow, Made, NoteId, PersonId, RecordId, RiskLevel, SeenRow, YoungPersonId,
};

/// One case in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct CaseRow {
    /// The case.
    pub case: CaseId,
    /// The young person's name.
    pub young_person: String,
    /// The cohort, always visible.
    pub cohort: Option<Cohort>,
    /// Meetings a week that the cohort expects; absent where the service sets its own.
    pub meetings_a_week: Option<u32>,
    /// The most cautious level recorded and not yet reviewed.
    pub risk: Option<RiskLevel>,
    /// Signed contacts in the last seven days.
    pub contacts_last_week: u32,
    /// When the last contact began, in milliseconds since 1970.
    pub last_contact_at_ms: Option<i64>,
    /// Notes begun and not signed.
    pub drafts: u32,
    /// Concerns that are not closed.
    pub open_concerns: u32,
    /// Values that wait for somebody to decide.
    pub to_decide: u32,
}

/// Everybody's cases that this device can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct CaseloadPage {
    /// Those with open concerns first, then by name.
    pub cases: Vec<CaseRow>,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct CasePage {
    /// The summary, as in the caseload.
    pub summary: CaseRow,
    /// The young person.
    pub young_person: YoungPersonId,
    /// Which compartment is drawn, and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// The other compartments of the case that are read here. Notes out of them stand among `notes` and say so.
    pub compartments: Vec<Kept>,
    /// The day support began, year-month-day.
    pub opened_on: Option<String>,
    /// Whether a law or a dispute holds the file; then nothing of it is deleted.
    pub legal_hold: bool,
    /// That somebody has asked for erasing the case by law; absent if nobody has.
    pub erasure: Option<ErasureRow>,
    /// District or area.
    pub area: Option<String>,
    /// Mentors on the case.
    pub mentors: Vec<PersonRow>,
    /// Mentors who were on it once and have handed it on.
    pub mentors_before: Vec<PersonRow>,
    /// That whoever holds this device has handed it on; absent if they have not.
    pub handed_on: Option<HandedOnRow>,
    /// Concerns, those not closed first.
    pub concerns: Vec<ConcernRow>,
    /// Goals, open ones first.
    pub goals: Vec<GoalRow>,
    /// Notes, newest first.
    pub notes: Vec<NoteRow>,
    /// Values that were recorded at the same time.
    pub also_recorded: Vec<AlsoRecorded>,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// One member of staff in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct PersonRow {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
}

/// That a case was handed on by whoever holds this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct HandedOnRow {
    /// The case.
    pub case: CaseId,
    /// How the young person is called.
    pub young_person: String,
    /// Who works on it now.
    pub to: Vec<PersonRow>,
    /// Since when this device knows it, in milliseconds since 1970.
    pub since_ms: i64,
    /// Until when a concern can still be raised here, in milliseconds since 1970.
    pub until_ms: i64,
    /// What a person has to know of it, in words.
    pub words: String,
}

/// One note in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct NoteRow {
    /// The note.
    pub note: NoteId,
    /// When the contact began, in milliseconds since 1970.
    pub began_at_ms: Option<i64>,
    /// Its first words.
    pub excerpt: String,
    /// Whether it is signed.
    pub signed: bool,
    /// Whether it was taken back.
    pub struck: bool,
    /// Where it is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// Who began it.
    pub made: Made,
}

/// One safeguarding concern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct ConcernRow {
    /// The concern.
    pub concern: ConcernId,
    /// Its case.
    pub case: CaseId,
    /// Where it is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// What it is about.
    pub about: Option<ConcernKind>,
    /// What was seen or said.
    pub words: String,
    /// How far it has come.
    pub state: Option<ConcernState>,
    /// Who raised it.
    pub made: Made,
    /// How far it has come on its way to those who act on it.
    pub arrival: ConcernArrival,
    /// When the endpoint confirmed that it has it, by its own clock. That alone helps nobody.
    pub received_at_ms: Option<i64>,
    /// The same, once a device of somebody who acts on concerns can open it too; absent means **not delivered yet**.
    pub delivered_at_ms: Option<i64>,
    /// Whose device can: supervisors and safeguarding leads who hold the key, by name; empty means **not delivered yet**.
    pub delivered_to: Vec<PersonRow>,
    /// What a person is told of that.
    pub says: String,
    /// And what they do next.
    pub next: String,
    /// Who has opened it, beside whoever raised it; the first time of each.
    pub seen: Vec<SeenRow>,
    /// Who has it; absent while nobody has taken it on.
    pub owner: Option<PersonRow>,
    /// When it is to be dealt with, in milliseconds since 1970: as somebody said, else the next working day.
    pub due_at_ms: i64,
    /// Whether that has passed and it is not closed.
    pub overdue: bool,
    /// Whom to call while it is not delivered, and in any danger; absent until the organisation has said.
    pub call: Option<String>,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// One young person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct YoungPersonPage {
    /// Who.
    pub young_person: YoungPersonId,
    /// The name they go by.
    pub name: String,
    /// Where the record is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// Day of birth, year-month-day.
    pub born_on: Option<String>,
    /// Age in completed years, if the day of birth is known.
    pub age: Option<u32>,
    /// Key of a remark on the age: outside 10 to 17, or 18 soon.
    pub age_remark: Option<String>,
    /// Pronouns.
    pub pronouns: Option<String>,
    /// What else matters: a looked-after child, no school place, a tag.
    pub circumstances: Vec<String>,
    /// Their cases with the service.
    pub cases: Vec<CaseRow>,
    /// Values that were recorded at the same time.
    pub also_recorded: Vec<AlsoRecorded>,
    /// What can be done.
    pub actions: Vec<Action>,
}

/// What today asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct TodayPage {
    /// The day, year-month-day, in UTC.
    pub day: String,
    /// Concerns that are not closed, the most urgent first, as on the page `concerns`.
    pub concerns: Vec<ConcernRow>,
    /// Notes begun and not signed, oldest first.
    pub drafts: Vec<NoteRow>,
    /// Goals whose review is due.
    pub reviews: Vec<GoalRow>,
    /// Protect cases with fewer contacts in seven days than their cohort expects.
    pub contact_due: Vec<CaseRow>,
    /// Cases that whoever holds this device has handed on lately, the latest first.
    pub handed_on: Vec<HandedOnRow>,
    /// Values that wait for somebody to decide.
    pub to_decide: u32,
    /// Edits that have not reached the endpoint.
    pub unsent: u32,
    /// What a person has to know of how long this device may go on; absent while there is nothing to say.
    pub lease: Option<LeaseRow>,
    /// When the shell locks by itself. Read again whenever this page is stale.
    pub auto_lock: AutoLock,
}

/// What kind of moment on a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum MomentKind {
    /// A case note.
    Note,
    /// A goal was set.
    Goal,
    /// A wellbeing check-in.
    CheckIn,
    /// A safeguarding concern.
    Concern,
}

/// One moment on a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Moment {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub what: MomentKind,
    /// The record.
    pub record: RecordId,
    /// Its first words, or a score.
    pub words: String,
    /// Where it is kept and who reads it.
    #[serde(flatten)]
    pub kept: Kept,
    /// By whom.
    pub made: Made,
}

/// What happened in a case, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct TimelinePage {
    /// The case.
    pub case: CaseId,
    /// At most as many as were asked for.
    pub moments: Vec<Moment>,
    /// Pass this as `before_ms` to read on; absent at the end.
    pub next_before_ms: Option<i64>,
}
