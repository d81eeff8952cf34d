//! Erasing a case by law: asking, keeping it after all, confirming.
//!
//! Reads names and the PIN and calls the core once; who may, and what stands against it, is the core's to say.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fieldfare_core::contract::{CaseId, EraseReason, Erased, Problem, Thing};
use serde::Serialize;

use crate::home::unlock;
use crate::output::{self, Refusal};
use crate::pin;

/// Supervisors and safeguarding leads who read the case. Nothing is erased under legal hold, while a concern is open, or while
/// anything of the case is unsent, waits or was set aside.
#[derive(Subcommand)]
pub(crate) enum CaseErase {
    /// Ask for it, in every compartment of the case that this device reads; nothing is erased by that
    Ask(CaseEraseFor),
    /// Take back what was asked: the case is kept
    Keep(CaseEraseKeep),
    /// Confirm what somebody else has asked; the PIN is asked for twice, and nothing brings the case back
    Confirm(CaseEraseFor),
}

#[derive(Args)]
pub(crate) struct CaseEraseFor {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The case
    #[arg(long)]
    pub(crate) case: String,
    /// Why, for the audit of this device: requested, retention_over, ordered or mistake
    #[arg(long)]
    pub(crate) reason: String,
}

#[derive(Args)]
pub(crate) struct CaseEraseKeep {
    /// Folder of this device
    #[arg(long)]
    pub(crate) home: PathBuf,
    /// The case
    #[arg(long)]
    pub(crate) case: String,
}

#[derive(Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<Erased>,
    asked: bool,
    next: &'static str,
}

pub(crate) fn act(act: &CaseErase) -> Result<(), Refusal> {
    let told = match act {
        CaseErase::Ask(ask) => {
            let (case, why) = (case(&ask.case)?, reason(&ask.reason)?);
            unlock(&ask.home)?.ask_to_erase(case, why)?;
            Told {
                erased: None,
                asked: true,
                next: "Somebody else who coordinates looks at the case and confirms it, or keeps it.",
            }
        }
        CaseErase::Keep(keep) => {
            let case = case(&keep.case)?;
            unlock(&keep.home)?.keep_after_all(case)?;
            Told {
                erased: None,
                asked: false,
                next: "The case is kept. Erasing it has to be asked for anew.",
            }
        }
        CaseErase::Confirm(confirm) => {
            let (case, why) = (case(&confirm.case)?, reason(&confirm.reason)?);
            let app = unlock(&confirm.home)?;
            let erased = app.erase_case(case, pin::enter_again()?.as_bytes(), why)?;
            let next = match erased.left {
                0 => {
                    "Every phone destroys what it has with its next exchange. Backups of the endpoint have to be destroyed too."
                }
                _ => {
                    "Compartments of the case stand, because nobody else has asked for erasing them. Ask for that, too."
                }
            };
            Told { erased: Some(erased), asked: false, next }
        }
    };
    output::line(&told)
}

fn case(name: &str) -> Result<CaseId, Problem> {
    name.parse().map_err(|_| Problem::NoSuch { thing: Thing::Case })
}

fn reason(name: &str) -> Result<EraseReason, Problem> {
    let names = || EraseReason::ALL.map(EraseReason::name).join(", ");
    EraseReason::from_name(name)
        .ok_or_else(|| Problem::Malformed { why: format!("a reason is one of {}", names()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_of_a_short_list() {
        for why in EraseReason::ALL {
            assert_eq!(reason(why.name()), Ok(why));
        }
        assert!(matches!(reason("because"), Err(Problem::Malformed { why }) if why.contains("ordered")));
    }
}
