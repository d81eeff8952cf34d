//! One case in a list, with the counts that lists show.
//!
//! Counts what stands; what is too few is for the page that lists it to say.

use std::collections::BTreeMap;

use crate::contract::CaseRow;
use crate::domain::case::meetings_a_week;
use crate::store::CaseSummary;

/// Rows of several cases. `to_decide` counts what waits for a decision by vault.
pub(super) fn case_rows(summaries: &[CaseSummary], to_decide: &BTreeMap<i64, u32>) -> Vec<CaseRow> {
    let waiting = |summary: &CaseSummary| to_decide.get(&summary.vault_no).copied().unwrap_or_default();
    summaries.iter().map(|summary| case_row(summary, waiting(summary))).collect()
}

/// The row of a case with `to_decide` values that wait for somebody to decide.
pub(super) fn case_row(summary: &CaseSummary, to_decide: u32) -> CaseRow {
    CaseRow {
        case: summary.case,
        young_person: summary.name.clone(),
        cohort: summary.cohort,
        meetings_a_week: summary.cohort.and_then(meetings_a_week),
        risk: summary.risk,
        contacts_last_week: summary.contacts_since,
        last_contact_at_ms: summary.last_contact_at_ms,
        drafts: summary.drafts,
        open_concerns: summary.open_concerns,
        to_decide,
    }
}
