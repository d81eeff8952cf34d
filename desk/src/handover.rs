//! Handing the phone to a young person, and what they do with it.
//!
//! Starting takes the PIN; everything after it takes none, and gives the questions and nothing else. The way out is any other
//! action with the PIN.

use std::path::Path;
use std::sync::Arc;

use fieldfare_core::app;
use fieldfare_core::contract::{
    Ask, Company, HandOver, HandoverPage, HandoverStep, Manner, Page, Problem, Thing,
};
use fieldfare_core::ports::{SystemClock, SystemDisk, SystemEntropy};
use serde::Serialize;

use crate::arguments::{AtPage, Handover, HandoverStart, Present};
use crate::home::unlock;
use crate::output::{self, Refusal};

#[derive(Serialize)]
struct Started {
    handed_over: bool,
    /// For the mentor: a remark on an age that the scale was not made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_remark: Option<String>,
    page: HandoverPage,
}

pub(crate) fn act(handover: &Handover) -> Result<(), Refusal> {
    let (at, step) = match handover {
        Handover::Start(start) => return begin(start),
        Handover::Page(page) => return output::line(&open(&page.home)?.drawn()?),
        Handover::Answer(answer) => {
            (&answer.at_page, HandoverStep::Answer { answer: answer.answer, at: answer.at_page.at })
        }
        Handover::Skip(at) => (at, HandoverStep::Skip { at: at.at }),
        Handover::Next(at) => (at, HandoverStep::Next { at: at.at }),
        Handover::Back(at) => (at, HandoverStep::Back { at: at.at }),
        Handover::Finish(at) => (at, HandoverStep::Finish { at: at.at }),
    };
    let AtPage { home, .. } = at;
    output::line(&open(home)?.step(&step)?)
}

fn open(home: &Path) -> Result<app::Handover, Problem> {
    let entropy = Arc::new(SystemEntropy::default());
    app::Handover::open(home, Arc::new(SystemClock), entropy, Arc::new(SystemDisk))
}

fn begin(start: &HandoverStart) -> Result<(), Refusal> {
    let case = start.case.parse().map_err(|_| Problem::NoSuch { thing: Thing::Case })?;
    let app = unlock(&start.home)?;
    let Page::CheckInForm(form) = app.page(&Ask::CheckInForm { case, scale: start.scale.clone() })? else {
        return Err(Problem::Unexpected { place: "form".to_owned() }.into());
    };
    let (manner, company) = circumstances(&start.present);
    let start = HandOver { case, scale: start.scale.clone(), company, manner };
    let handed = app.hand_over(&start).map_err(|refused| refused.problem)?;
    output::line(&Started { handed_over: true, age_remark: form.age_remark, page: handed.drawn()? })
}

/// How it is answered and who is there. Whoever reads aloud or helps is there; the mentor, if nobody else is named.
fn circumstances(present: &[Present]) -> (Manner, Vec<Company>) {
    let mut manner = Manner::Alone;
    let mut company = Vec::new();
    for one in present {
        match one {
            Present::Alone => {}
            Present::ReadAloud if manner == Manner::Alone => manner = Manner::ReadAloud,
            Present::ReadAloud => {}
            // Help colours answers the most.
            Present::Helped => manner = Manner::Helped,
            Present::Mentor => company.push(Company::Mentor),
            Present::Family => company.push(Company::Family),
            Present::Professional => company.push(Company::Professional),
            Present::Peer => company.push(Company::Peer),
        }
    }
    if company.is_empty() {
        company.push(if manner == Manner::Alone { Company::Nobody } else { Company::Mentor });
    }
    (manner, company)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_helps_is_there_and_help_counts_before_reading_aloud() {
        for (present, expected) in [
            (vec![], (Manner::Alone, vec![Company::Nobody])),
            (vec![Present::Alone], (Manner::Alone, vec![Company::Nobody])),
            (vec![Present::ReadAloud], (Manner::ReadAloud, vec![Company::Mentor])),
            (vec![Present::Helped, Present::ReadAloud], (Manner::Helped, vec![Company::Mentor])),
            (vec![Present::Alone, Present::Family], (Manner::Alone, vec![Company::Family])),
        ] {
            assert_eq!(circumstances(&present), expected);
        }
    }
}
