//! How the values of a field settle: all that nobody replaced are kept, and one of them is shown.
//!
//! Pure. The order of arrival does not matter as long as nothing arrives before what it replaces, which the exchange
//! guarantees; the property tests below prove it over every such order they can think of.

use fieldfare_protocol::id::DeviceId;

use super::edit::EditRef;
use super::field::FieldKind;
use super::stamp::Stamp;
use super::value::Value;

/// A value that nobody has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The edit that brought it.
    pub edit: EditRef,
    /// That edit's stamp.
    pub stamp: Stamp,
    /// The value; `None` if this version cannot read it.
    pub value: Option<Value>,
}

impl Held {
    /// What decides between values that did not know of each other: the stamp, then the device, then the number.
    fn precedence(&self) -> (Stamp, DeviceId, u64) {
        (self.stamp, self.edit.device, self.edit.seq)
    }
}

/// Lets an edit into a field: what it replaces goes, what it brings stands.
pub fn settle(held: &mut Vec<Held>, replaces: &[EditRef], brings: Option<Held>) {
    held.retain(|old| !replaces.contains(&old.edit));
    held.extend(brings);
}

/// The value that is shown of those that stand.
///
/// A single value shows the latest, one that is given once the first. A cautious one shows the most cautious until a person has decided; a value that is
/// not on its list counts as the most cautious of all, since a newer app may know a graver one.
#[must_use]
pub fn shown<'held>(kind: &FieldKind, held: &'held [Held]) -> Option<&'held Held> {
    match kind {
        FieldKind::Cautious { gravest_first } => held.iter().min_by_key(|one| {
            let name = one.value.as_ref().and_then(Value::as_text);
            let gravity = name.and_then(|name| gravest_first.iter().position(|known| *known == name));
            (gravity.map_or(0, |position| position + 1), std::cmp::Reverse(one.precedence()))
        }),
        FieldKind::Once => held.iter().min_by_key(|one| one.precedence()),
        _ => held.iter().max_by_key(|one| one.precedence()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RISK: FieldKind = FieldKind::Cautious { gravest_first: &["high", "low"] };

    fn held(device: u8, seq: u64, ms: i64, text: &str) -> Held {
        Held {
            edit: EditRef { device: DeviceId([device; 16]), seq },
            stamp: Stamp::at_ms(ms),
            value: Some(text.into()),
        }
    }

    fn words(one: Option<&Held>) -> &str {
        one.and_then(|held| held.value.as_ref()).and_then(Value::as_text).unwrap()
    }

    #[test]
    fn a_late_edit_loses_to_none_of_its_ancestors() {
        let mut values = vec![held(1, 1, 9_000, "from a phone in the future")];
        let first = values[0].edit;
        settle(&mut values, &[first], Some(held(2, 1, 10, "the answer to it")));
        assert_eq!(words(shown(&FieldKind::One, &values)), "the answer to it");
        assert_eq!(values.len(), 1);
    }

    #[test]
    fn of_two_that_did_not_know_of_each_other_both_are_kept_and_the_later_is_shown() {
        let mut values = vec![];
        settle(&mut values, &[], Some(held(1, 1, 20, "later")));
        settle(&mut values, &[], Some(held(2, 1, 10, "earlier")));
        assert_eq!(words(shown(&FieldKind::One, &values)), "later");
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn the_most_cautious_value_is_shown_until_somebody_decides() {
        let mut values = vec![held(1, 1, 10, "high"), held(2, 1, 20, "low")];
        assert_eq!(words(shown(&RISK, &values)), "high");
        let both: Vec<_> = values.iter().map(|one| one.edit).collect();
        settle(&mut values, &both, Some(held(2, 2, 30, "low")));
        assert_eq!(words(shown(&RISK, &values)), "low");
    }

    #[test]
    fn a_level_that_only_a_newer_app_knows_counts_as_the_gravest() {
        let values = [held(1, 1, 10, "high"), held(2, 1, 20, "extreme")];
        assert_eq!(words(shown(&RISK, &values)), "extreme");
    }

    #[test]
    fn taking_back_a_tag_leaves_the_one_added_meanwhile() {
        let mut tags = vec![held(1, 1, 10, "school")];
        let seen = tags[0].edit;
        settle(&mut tags, &[], Some(held(2, 1, 20, "school")));
        settle(&mut tags, &[seen], None);
        assert_eq!(words(tags.first()), "school");
    }

    /// A history of up to three devices that each replace some of what they have seen.
    fn history() -> impl Strategy<Value = Vec<(Held, Vec<EditRef>)>> {
        prop::collection::vec((0_u8..3, any::<u16>(), 0_i64..50), 1..14).prop_map(|steps| {
            let mut edits: Vec<(Held, Vec<EditRef>)> = vec![];
            for (number, (device, seen, ms)) in steps.into_iter().enumerate() {
                let replaces: Vec<_> = (0..number)
                    .filter(|bit| seen >> bit & 1 == 1)
                    .map(|position| edits[position].0.edit)
                    .collect();
                edits.push((held(device, number as u64 + 1, ms, &format!("{number}")), replaces));
            }
            edits
        })
    }

    proptest! {
        #[test]
        fn any_causal_order_settles_to_the_same_values(edits in history(), keys: Vec<u32>) {
            let run = |order: &[usize]| {
                let mut values = vec![];
                for position in order {
                    let (brings, replaces) = &edits[*position];
                    settle(&mut values, replaces, Some(brings.clone()));
                }
                values.sort_by_key(Held::precedence);
                let one = shown(&FieldKind::One, &values).cloned();
                (values, one)
            };
            let straight: Vec<usize> = (0..edits.len()).collect();
            // Another order that keeps every edit behind what it replaces: always take the ready one with the least key.
            let mut left = straight.clone();
            let mut other: Vec<usize> = vec![];
            while !left.is_empty() {
                let ready = left
                    .iter()
                    .copied()
                    .filter(|at| edits[*at].1.iter().all(|seen| other.iter().any(|o| edits[*o].0.edit == *seen)))
                    .min_by_key(|at| keys.get(*at).copied().unwrap_or(0))
                    .unwrap();
                left.retain(|at| *at != ready);
                other.push(ready);
            }
            prop_assert_eq!(run(&straight), run(&other));
        }
    }
}
