//! Having keys changed because somebody mistrusts them.
//!
//! Notes what is wanted; the next exchange does it, or finds that somebody else has done it.

use fieldfare_protocol::membership::VaultKind;

use super::Outcome;
use super::work::Work;
use crate::contract::{CaseId, Problem, StaffRole};

/// Of one case, or of everything that is read here. The organisation's own key is an administrator's to change.
pub(super) fn rotate(work: &Work<'_>, case: Option<CaseId>) -> Result<Outcome, Problem> {
    let read = work.write.read();
    let vaults = match case {
        Some(case) => {
            let mut vaults = vec![work.vault_of_case(case)?.no];
            vaults.extend(read.parts_of(case)?.into_iter().map(|part| part.vault_no));
            vaults
        }
        None => {
            let mine = |kind| kind == VaultKind::CaseFile || work.role == StaffRole::Administrator;
            read.vaults()?.into_iter().filter(|vault| mine(vault.kind)).map(|vault| vault.no).collect()
        }
    };
    vaults.into_iter().try_for_each(|vault_no| work.write.mistrust_key(vault_no))?;
    Ok(Outcome::default())
}
