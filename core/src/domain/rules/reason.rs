//! Reasons why something is barred: the key that a page gives, and the words that a refusal says.
//!
//! Keys last: shells look up their own words by them.

/// Why something is barred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Lasting name, as in `why_not` of a page and in `reason` of a refusal.
    pub key: &'static str,
    /// What a person is told, in a sentence without its full stop.
    pub says: &'static str,
}

macro_rules! reasons {
    ($($name:ident = $key:literal, $says:literal;)+) => {
        $(#[doc = $says] pub const $name: Reason = Reason { key: $key, says: $says };)+

        /// Every reason that there is.
        pub const ALL: &[Reason] = &[$($name),+];
    };
}

reasons! {
    WITHOUT_CONTACT = "device.without_contact",
        "this device has been without contact with the endpoint for long; exchange first";

    CASE_STRUCK = "case.struck", "this case was taken back";
    CASE_HANDED_ON = "case.handed_on",
        "you have handed this case on; tell the colleague who has it, or raise a concern";
    CASE_LEFT = "case.left",
        "this case was handed on and this phone has said its last word in it; tell whoever has it, your supervisor or the safeguarding lead at once";
    CASE_HELD = "case.legal_hold", "this file is under legal hold; nothing of it is deleted";
    CASE_OF_NOBODY = "case.no_mentor", "nobody works on this case who could hand it on; add a mentor";
    YOUNG_PERSON_STRUCK = "young_person.struck", "this young person's record was taken back";

    NOTE_STRUCK = "note.struck", "this draft was taken back";
    NOTE_SIGNED = "note.signed", "a signed note never changes; add an addendum";
    NOTE_NOT_SIGNED = "note.not_signed", "a note that is not signed is changed, not added to";
    NOTE_LOOKED_AT = "note.looked_at", "nothing of what a colleague wrote waits to be looked at here";
    NOTE_EMPTY = "note.empty", "a note without words is not signed";
    NOTE_FULL = "note.attachments_full", "a note has at most 20 attachments";
    ATTACHMENT_STRUCK = "attachment.struck", "this attachment was taken back already";

    GOAL_STRUCK = "goal.struck", "this goal was taken back";
    GOAL_ENDED = "goal.ended", "this goal has ended; take it up again first";
    GOAL_NOT_ENDED = "goal.not_ended", "this goal is open";
    GOAL_WITHOUT_STEP = "goal.no_step", "no step was agreed yet";

    CONCERN_NOT_YOURS = "concern.not_yours",
        "words are added by whoever raised the concern, supervisors and the safeguarding lead; raise another one";

    VALUE_FOR_GOOD = "value.for_good", "what was signed stays signed; add an addendum";
    SCALE_WITHOUT_PACK = "scale.no_pack", "this scale's wording is licensed, and no pack of it is here";

    ONLY_MENTORS_OPEN = "role.mentors_open_cases", "only mentors and supervisors open cases";
    ONLY_OWN_CASES = "role.mentors_hand_on",
        "a mentor hands on their own cases; supervisors and the safeguarding lead anybody's";
    ONLY_COORDINATORS_HOLD = "role.supervisors_hold",
        "only supervisors and the safeguarding lead hold a file";
    ONLY_COORDINATORS_HANDLE = "role.supervisors_handle",
        "only supervisors and the safeguarding lead handle concerns";
    ONLY_STAFF_LEADS_NAME = "role.supervisors_name",
        "administrators, supervisors and the safeguarding lead say who supervises whom";
    ONLY_STAFF_LEADS_CARD = "role.supervisors_write_card",
        "only administrators, supervisors and the safeguarding lead write the crisis card";
    ONLY_STAFF_LEADS_DRILL = "role.supervisors_drill",
        "only administrators, supervisors and the safeguarding lead say how a drill went";
    ONLY_ADMINISTRATORS = "role.administrator_only", "only administrators do this";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_key_of_its_own_and_says_something() {
        let keys: BTreeSet<_> = ALL.iter().map(|reason| reason.key).collect();
        assert_eq!(keys.len(), ALL.len());
        assert!(ALL.iter().all(|reason| reason.key.contains('.') && !reason.says.ends_with('.')));
    }
}
