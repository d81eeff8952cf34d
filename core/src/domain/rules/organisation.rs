//! What holds for everybody is said by administrators, and by those who coordinate where young people's safety hangs on it.
//!
//! Pure. What was said travels to every phone.

use super::reason::{
    ONLY_ADMINISTRATORS, ONLY_STAFF_LEADS_CARD, ONLY_STAFF_LEADS_DRILL, ONLY_STAFF_LEADS_NAME, Reason,
};
use super::{Asker, Verdict};
use crate::contract::StaffRole;

fn administrator(asker: Asker) -> Verdict {
    asker.in_contact()?;
    asker.only(&[StaffRole::Administrator], ONLY_ADMINISTRATORS)
}

fn anybody_but_mentors(asker: Asker, reason: Reason) -> Verdict {
    asker.in_contact()?;
    asker.only(&[StaffRole::Administrator, StaffRole::Supervisor, StaffRole::Safeguarding], reason)
}

/// Saying who supervises whom.
pub fn name_supervisor(asker: Asker) -> Verdict {
    anybody_but_mentors(asker, ONLY_STAFF_LEADS_NAME)
}

/// Saying whom to call.
pub fn set_crisis_card(asker: Asker) -> Verdict {
    anybody_but_mentors(asker, ONLY_STAFF_LEADS_CARD)
}

/// Saying how a drill of the recovery key went.
pub fn record_drill(asker: Asker) -> Verdict {
    anybody_but_mentors(asker, ONLY_STAFF_LEADS_DRILL)
}

/// Adding a scale pack.
pub fn add_scale_pack(asker: Asker) -> Verdict {
    administrator(asker)
}

/// Saying whether devices without contact are erased.
pub fn set_lease(asker: Asker) -> Verdict {
    administrator(asker)
}

/// Saying when phones lock by themselves.
pub fn set_auto_lock(asker: Asker) -> Verdict {
    administrator(asker)
}

/// Importing services into the directory.
pub fn import_services(asker: Asker) -> Verdict {
    asker.in_contact()
}
