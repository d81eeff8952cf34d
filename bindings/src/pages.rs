//! One reader for each page.
//!
//! Asks the core and hands out what it drew; nothing is decided or shaped here.

use fieldfare_core::contract::*;

use crate::Fieldfare;

/// Draws a page, and takes it out of the enum in which the core hands it over.
macro_rules! page {
    ($door:expr, $ask:expr, $page:ident) => {
        $door.0.look(|app| match app.page(&$ask)? {
            Page::$page(page) => Ok(page),
            _ => Err(Problem::Unexpected { place: stringify!($page).to_owned() }),
        })
    };
    // A large page comes boxed, which the generated Swift cannot carry from one module to another.
    ($door:expr, $ask:expr, boxed $page:ident) => {
        page!($door, $ask, $page).map(|page| *page)
    };
}

#[allow(
    clippy::missing_errors_doc,
    reason = "the same for each: `Problem` if what it should show is not here"
)]
#[uniffi::export]
impl Fieldfare {
    /// What today asks for.
    pub fn today(&self) -> Result<TodayPage, Problem> {
        page!(self, Ask::Today {}, Today)
    }

    /// The cases that this device can read.
    pub fn caseload(&self) -> Result<CaseloadPage, Problem> {
        page!(self, Ask::Caseload {}, Caseload)
    }

    /// One case.
    pub fn case(&self, case_id: CaseId) -> Result<CasePage, Problem> {
        page!(self, Ask::Case { case: case_id }, boxed Case)
    }

    /// One young person.
    pub fn young_person(&self, young_person: YoungPersonId) -> Result<YoungPersonPage, Problem> {
        page!(self, Ask::YoungPerson { young_person }, YoungPerson)
    }

    /// What happened in a case, newest first: at most `limit` moments, 1 to 200 and 50 if absent, before `before_ms`.
    #[uniffi::method(default(before_ms = None, limit = None))]
    pub fn timeline(
        &self,
        case_id: CaseId,
        before_ms: Option<i64>,
        limit: Option<u32>,
    ) -> Result<TimelinePage, Problem> {
        page!(self, Ask::Timeline { case: case_id, before_ms, limit }, Timeline)
    }

    /// One case note.
    pub fn note(&self, note: NoteId) -> Result<NotePage, Problem> {
        page!(self, Ask::Note { note }, boxed Note)
    }

    /// What a case note says beside what a screen says.
    pub fn note_compared(&self, note: NoteId, body: String) -> Result<NoteComparedPage, Problem> {
        page!(self, Ask::NoteCompared { note, body: body.clone() }, NoteCompared)
    }

    /// One goal.
    pub fn goal(&self, goal: GoalId) -> Result<GoalPage, Problem> {
        page!(self, Ask::Goal { goal }, boxed Goal)
    }

    /// One concern. Whoever opens it has read it.
    pub fn concern(&self, concern: ConcernId) -> Result<ConcernPage, Problem> {
        page!(self, Ask::Concern { concern }, boxed Concern)
    }

    /// Every concern that this device can read.
    pub fn concerns(&self) -> Result<ConcernsPage, Problem> {
        page!(self, Ask::Concerns {}, Concerns)
    }

    /// What a young person would be asked.
    pub fn check_in_form(&self, case_id: CaseId, scale: String) -> Result<CheckInFormPage, Problem> {
        page!(self, Ask::CheckInForm { case: case_id, scale: scale.clone() }, CheckInForm)
    }

    /// Check-ins of a case over time.
    pub fn check_ins(&self, case_id: CaseId, scale: String) -> Result<CheckInsPage, Problem> {
        page!(self, Ask::CheckIns { case: case_id, scale: scale.clone() }, CheckIns)
    }

    /// The scales and their packs.
    pub fn scales(&self) -> Result<ScalesPage, Problem> {
        page!(self, Ask::Scales {}, Scales)
    }

    /// Notes that hold all the words; a word may be cut short at its end.
    #[uniffi::method(default(case_id = None))]
    pub fn search(&self, words: String, case_id: Option<CaseId>) -> Result<SearchPage, Problem> {
        page!(self, Ask::Search { words: words.clone(), case: case_id }, Search)
    }

    /// One member of staff; whoever holds this device if absent.
    #[uniffi::method(default(person = None))]
    pub fn mentor(&self, person: Option<PersonId>) -> Result<MentorPage, Problem> {
        page!(self, Ask::Mentor { person }, Mentor)
    }

    /// Everybody in the organisation.
    pub fn staff(&self) -> Result<StaffPage, Problem> {
        page!(self, Ask::Staff {}, Staff)
    }

    /// Every device of the organisation.
    pub fn devices(&self) -> Result<DevicesPage, Problem> {
        page!(self, Ask::Devices {}, Devices)
    }

    /// What was done on this device, newest first: at most `limit` lines, 1 to 200 and 50 if absent, that match.
    #[uniffi::method(default(
        before = None,
        limit = None,
        what = None,
        record = None,
        since_ms = None,
        until_ms = None
    ))]
    pub fn audit(
        &self,
        before: Option<u64>,
        limit: Option<u32>,
        what: Option<String>,
        record: Option<RecordId>,
        since_ms: Option<i64>,
        until_ms: Option<i64>,
    ) -> Result<AuditPage, Problem> {
        page!(self, Ask::Audit { before, limit, what: what.clone(), record, since_ms, until_ms }, Audit)
    }

    /// What waits to be sent and what has come.
    pub fn exchange_status(&self) -> Result<ExchangePage, Problem> {
        page!(self, Ask::Exchange {}, Exchange)
    }

    /// The directory of local services, those that fit.
    #[uniffi::method(default(age = None, district = None, tag = None))]
    pub fn services(
        &self,
        age: Option<u32>,
        district: Option<String>,
        tag: Option<String>,
    ) -> Result<ServicesPage, Problem> {
        page!(self, Ask::Services { age, district: district.clone(), tag: tag.clone() }, Services)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reader of a page. A new page does not compile here until it has one.
    const fn reader(ask: &Ask) -> &'static str {
        match ask {
            Ask::Today {} => "today",
            Ask::Caseload {} => "caseload",
            Ask::Case { .. } => "case",
            Ask::YoungPerson { .. } => "young_person",
            Ask::Timeline { .. } => "timeline",
            Ask::Note { .. } => "note",
            Ask::NoteCompared { .. } => "note_compared",
            Ask::Goal { .. } => "goal",
            Ask::Concern { .. } => "concern",
            Ask::Concerns {} => "concerns",
            Ask::CheckInForm { .. } => "check_in_form",
            Ask::CheckIns { .. } => "check_ins",
            Ask::Scales {} => "scales",
            Ask::Search { .. } => "search",
            Ask::Mentor { .. } => "mentor",
            Ask::Staff {} => "staff",
            Ask::Devices {} => "devices",
            Ask::Audit { .. } => "audit",
            Ask::Exchange {} => "exchange_status",
            Ask::Services { .. } => "services",
        }
    }

    #[test]
    fn every_page_has_a_reader() {
        let readers = include_str!("pages.rs").matches("\n    pub fn ").count();
        let pages = include_str!("pages.rs").matches(" => \"").count();
        assert_eq!(readers, pages);
        assert_eq!(reader(&Ask::Today {}), "today");
    }
}
