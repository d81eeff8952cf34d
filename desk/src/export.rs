//! The copy of a case for the young person it is about.
//!
//! Reads what is to be withheld and the PIN, calls the core once; what is in the copy is the core's to say.

use fieldfare_core::contract::{CaseId, Exported, Problem, Thing, Withheld, WithholdReason};
use serde::Serialize;

use crate::arguments::Export;
use crate::home::unlock;
use crate::output::{self, Refusal};
use crate::pin;

#[derive(Serialize)]
struct Written {
    exported: Exported,
    next: &'static str,
}

pub(crate) fn export(export: &Export) -> Result<(), Refusal> {
    let case: CaseId = export.case.parse().map_err(|_| Problem::NoSuch { thing: Thing::Case })?;
    let withheld = export.withhold.iter().map(|text| withheld(text)).collect::<Result<Vec<_>, _>>()?;
    let app = unlock(&export.home)?;
    let exported = app.export(case, pin::enter_again()?.as_bytes(), &export.to, &withheld)?;
    output::line(&Written {
        exported,
        next: "Read `withheld` and `not_here` in it, hand it over in a safe way, and delete it here.",
    })
}

/// Reads `RECORD=REASON`.
fn withheld(text: &str) -> Result<Withheld, Problem> {
    let malformed = || Problem::Malformed {
        why: format!(
            "what is withheld is RECORD=REASON, and a reason one of {}",
            WithholdReason::ALL.map(WithholdReason::name).join(", ")
        ),
    };
    let (record, why) = text.split_once('=').ok_or_else(malformed)?;
    Ok(Withheld {
        record: record.parse().map_err(|_| malformed())?,
        why: WithholdReason::from_name(why).ok_or_else(malformed)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_withheld_for_a_reason_that_the_law_knows() {
        let record = "0123456789abcdef0123456789abcdef";
        for reason in WithholdReason::ALL {
            assert_eq!(withheld(&format!("{record}={}", reason.name())).unwrap().why, reason);
        }
        for bad in [record.to_owned(), format!("{record}=embarrassing"), "x=serious_harm".to_owned()] {
            assert!(matches!(withheld(&bad), Err(Problem::Malformed { .. })), "{bad}");
        }
    }
}
