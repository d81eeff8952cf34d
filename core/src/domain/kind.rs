//! The list of all kinds of record.
//!
//! A new kind is one file beside this one and one line here; what is not in the list is kept and passed on unread.

use super::field::RecordKind;
use super::{
    attachment, case, check_in, compartment, concern, digest, goal, note, organisation, person, scale_pack,
    service, step, young_person,
};

/// Every kind that this version knows.
pub static KINDS: [&RecordKind; 14] = [
    &attachment::KIND,
    &case::KIND,
    &check_in::KIND,
    &compartment::KIND,
    &concern::KIND,
    &digest::KIND,
    &goal::KIND,
    &note::KIND,
    &organisation::KIND,
    &person::KIND,
    &scale_pack::KIND,
    &service::KIND,
    &step::KIND,
    &young_person::KIND,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::field::FieldKind;

    #[test]
    fn no_two_kinds_and_no_two_fields_of_a_kind_share_a_name() {
        let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            let fields: BTreeSet<_> = kind.fields.iter().map(|field| field.name).collect();
            assert_eq!(fields.len(), kind.fields.len(), "{}", kind.name);
            assert!(!fields.contains("struck"));
        }
    }

    #[test]
    fn every_way_of_settling_is_in_use() {
        let used = |wanted: fn(&FieldKind) -> bool| {
            KINDS.iter().flat_map(|kind| kind.fields).any(|field| wanted(&field.kind))
        };
        assert!(used(|kind| matches!(kind, FieldKind::One)));
        assert!(used(|kind| matches!(kind, FieldKind::Once)));
        assert!(used(|kind| matches!(kind, FieldKind::Cautious { .. })));
        assert!(used(|kind| matches!(kind, FieldKind::Set)));
        assert!(used(|kind| matches!(kind, FieldKind::Log)));
        assert!(used(|kind| matches!(kind, FieldKind::Text)));
    }
}
