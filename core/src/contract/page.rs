//! Every page by name, and what it answers with.
//!
//! A page is asked for and drawn; it changes nothing.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AuditPage, CaseId, CasePage, CaseloadPage, CheckInFormPage, CheckInsPage, ConcernId, ConcernPage,
    ConcernsPage, DevicesPage, ExchangePage, GoalId, GoalPage, MentorPage, NoteComparedPage, NoteId,
    NotePage, PersonId, RecordId, ScalesPage, SearchPage, ServicesPage, StaffPage, TimelinePage, TodayPage,
    YoungPersonId, YoungPersonPage,
};

/// Asks for a page. In JSON its name stands in `page`, its arguments beside it.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(tag = "page", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// What today asks for.
    Today {},
    /// The cases that this device can read.
    Caseload {},
    /// One case.
    Case {
        /// Which.
        case: CaseId,
    },
    /// One young person.
    YoungPerson {
        /// Who.
        young_person: YoungPersonId,
    },
    /// What happened in a case.
    Timeline {
        /// Which case.
        case: CaseId,
        /// Only what was before, in milliseconds since 1970.
        #[serde(default)]
        before_ms: Option<i64>,
        /// How many at most, 1 to 200; 50 if absent.
        #[serde(default)]
        limit: Option<u32>,
    },
    /// One case note.
    Note {
        /// Which.
        note: NoteId,
    },
    /// What a case note says beside what a screen says.
    NoteCompared {
        /// Which note.
        note: NoteId,
        /// The whole text on the screen.
        body: String,
    },
    /// One goal.
    Goal {
        /// Which.
        goal: GoalId,
    },
    /// One concern. Whoever opens it has read it, and everybody who reads the case can see that they have.
    Concern {
        /// Which.
        concern: ConcernId,
    },
    /// Every concern that this device can read.
    Concerns {},
    /// What a young person would be asked.
    CheckInForm {
        /// The case.
        case: CaseId,
        /// Name of the scale.
        scale: String,
    },
    /// Check-ins of a case over time.
    CheckIns {
        /// The case.
        case: CaseId,
        /// Name of the scale.
        scale: String,
    },
    /// The scales and their packs.
    Scales {},
    /// Notes that hold all the words; a word may be cut short at its end.
    Search {
        /// The words.
        words: String,
        /// Within one case only.
        #[serde(default)]
        case: Option<CaseId>,
    },
    /// One member of staff; whoever holds this device if absent.
    Mentor {
        /// Who.
        #[serde(default)]
        person: Option<PersonId>,
    },
    /// Everybody in the organisation.
    Staff {},
    /// Every device of the organisation.
    Devices {},
    /// What was done on this device; for administrators, supervisors and the safeguarding lead.
    Audit {
        /// Only lines before this number.
        #[serde(default)]
        before: Option<u64>,
        /// How many at most, 1 to 200; 50 if absent.
        #[serde(default)]
        limit: Option<u32>,
        /// Only what has this name.
        #[serde(default)]
        what: Option<String>,
        /// Only what was done to this record.
        #[serde(default)]
        record: Option<RecordId>,
        /// Only what happened from then on, in milliseconds since 1970.
        #[serde(default)]
        since_ms: Option<i64>,
        /// Only what happened before then, in milliseconds since 1970.
        #[serde(default)]
        until_ms: Option<i64>,
    },
    /// What waits to be sent and what has come.
    Exchange {},
    /// The directory of local services.
    Services {
        /// Only those that take this age.
        #[serde(default)]
        age: Option<u32>,
        /// Only those that cover this district.
        #[serde(default)]
        district: Option<String>,
        /// Only those that carry this tag.
        #[serde(default)]
        tag: Option<String>,
    },
}

/// Says nothing of what a person looks for.
impl fmt::Debug for Ask {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Ask(..)")
    }
}

/// A page, ready to draw.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[allow(missing_docs, reason = "each variant is the page it holds")]
pub enum Page {
    Today(TodayPage),
    Caseload(CaseloadPage),
    Case(Box<CasePage>),
    YoungPerson(YoungPersonPage),
    Timeline(TimelinePage),
    Note(Box<NotePage>),
    NoteCompared(NoteComparedPage),
    Goal(Box<GoalPage>),
    Concern(Box<ConcernPage>),
    Concerns(ConcernsPage),
    CheckInForm(CheckInFormPage),
    CheckIns(CheckInsPage),
    Scales(ScalesPage),
    Search(SearchPage),
    Mentor(MentorPage),
    Staff(StaffPage),
    Devices(DevicesPage),
    Audit(AuditPage),
    Exchange(ExchangePage),
    Services(ServicesPage),
}
