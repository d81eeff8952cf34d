//! Whoever decides between values that stand beside each other needs the right to write the field.
//!
//! Pure. A decision ends a dispute, so what bars new work alone (a note that was signed, a goal that has ended) bars no
//! decision; a role, a hold and a case that was handed on do.

use super::case::{self, CaseFacts};
use super::concern::handle_concern;
use super::organisation::{
    add_scale_pack, import_services, name_supervisor, record_drill, set_auto_lock, set_crisis_card, set_lease,
};
use super::reason::{CASE_HELD, VALUE_FOR_GOOD};
use super::{Asker, Verdict, unless};
use crate::domain::field::STRUCK;
use crate::domain::{attachment, case as casework, concern, note, organisation, person, scale_pack, service};

/// What is to be decided.
#[derive(Clone, Copy, Debug)]
pub struct Dispute<'d> {
    /// Name of the kind of record.
    pub kind: &'d str,
    /// Name of the field.
    pub field: &'d str,
    /// The case in whose file or compartment the record stands; nothing of note where it stands in none.
    pub case: CaseFacts,
    /// Whether its values stay for good, see [`crate::domain::field::Field::is_for_good`].
    pub for_good: bool,
    /// Whether the value that is to hold takes the record back.
    pub takes_back: bool,
}

/// Deciding that one of several values holds.
pub fn decide(asker: Asker, dispute: &Dispute<'_>) -> Verdict {
    unless(dispute.for_good, VALUE_FOR_GOOD)?;
    match dispute.kind {
        // Before want of contact: somebody's safety does not wait for it.
        kind if kind == concern::KIND.name => handle_concern(asker),
        kind if kind == organisation::KIND.name => of_organisation(asker, dispute.field),
        kind if kind == person::KIND.name => name_supervisor(asker),
        kind if kind == scale_pack::KIND.name => add_scale_pack(asker),
        kind if kind == service::KIND.name => import_services(asker),
        kind if kind == casework::KIND.name && dispute.field == casework::LEGAL_HOLD.name => {
            case::set_legal_hold(asker)
        }
        kind => {
            asker.in_contact()?;
            dispute.case.not_handed_on(asker)?;
            let deletes = kind == note::KIND.name || kind == attachment::KIND.name;
            let deleted = deletes && dispute.field == STRUCK.name && dispute.takes_back;
            unless(deleted && dispute.case.held, CASE_HELD)
        }
    }
}

fn of_organisation(asker: Asker, field: &str) -> Verdict {
    match field {
        field if field == organisation::CRISIS_CARD.name => set_crisis_card(asker),
        field if field == organisation::LEASE_ERASES.name => set_lease(asker),
        field if field.starts_with("drill") => record_drill(asker),
        // Its name, when phones lock, and whatever a newer app may add.
        _ => set_auto_lock(asker),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{EVERYBODY, asker};
    use super::*;
    use crate::contract::StaffRole;

    fn who_may(kind: &str, field: &str) -> [bool; 4] {
        let case = CaseFacts::default();
        let dispute = Dispute { kind, field, case, for_good: false, takes_back: false };
        EVERYBODY.map(|role| decide(asker(role), &dispute).is_ok())
    }

    #[test]
    fn p04_a_decision_asks_the_rule_of_the_field() {
        for (kind, field, may) in [
            ("casework", "legal_hold", [false, false, true, true]),
            ("casework", "risk", [true; 4]),
            ("concern", "state", [false, false, true, true]),
            ("concern", "struck", [false, false, true, true]),
            ("organisation", "crisis_card", [true, false, true, true]),
            ("organisation", "drill_failed", [true, false, true, true]),
            ("organisation", "lease_erases", [true, false, false, false]),
            ("organisation", "lock_untouched_s", [true, false, false, false]),
            ("person", "supervisor", [true, false, true, true]),
            ("scale_pack", "pack", [true, false, false, false]),
            ("note", "place", [true; 4]),
        ] {
            assert_eq!(who_may(kind, field), may, "{kind}.{field}");
        }
    }

    #[test]
    fn p04_nothing_of_a_held_file_is_taken_back_by_a_decision() {
        let case = CaseFacts { held: true, ..CaseFacts::default() };
        for (kind, takes_back, verdict) in
            [("note", true, Err(CASE_HELD)), ("note", false, Ok(())), ("attachment", true, Err(CASE_HELD))]
        {
            let dispute = Dispute { kind, field: "struck", case, for_good: false, takes_back };
            assert_eq!(decide(asker(StaffRole::Supervisor), &dispute), verdict, "{kind} {takes_back}");
        }
    }
}
