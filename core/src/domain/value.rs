//! What an edit can hold: a small closed set of shapes, as they are stored and as they travel.
//!
//! Knows no field by name. A shape that a newer app added cannot be read here, so whoever stores edits keeps the bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One value. The order of variants is the wire format and only ever grows at the end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Deliberately nothing: a field that was emptied, an answer that was skipped.
    Nothing,
    /// Text, or the lasting name of a choice.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Truth(bool),
    /// A moment, in milliseconds since 1970.
    Instant(i64),
    /// A day, in days since 1970-01-01.
    Day(i32),
    /// The name of another record or of a person.
    Id([u8; 16]),
    /// Several values in a fixed order, none of them a list.
    List(Vec<Value>),
    /// Part of the content of a file.
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
}

/// How many shapes of value this version can read.
pub const SHAPES: usize = 9;

/// Says the shape and nothing of what stands in it: what is printed for a developer must not tell of a young person.
impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(out, "Text({} bytes)", text.len()),
            Self::Bytes(bytes) => write!(out, "Bytes({})", bytes.len()),
            Self::List(values) => write!(out, "List({})", values.len()),
            Self::Nothing => out.write_str("Nothing"),
            Self::Whole(_) => out.write_str("Whole"),
            Self::Truth(_) => out.write_str("Truth"),
            Self::Instant(_) => out.write_str("Instant"),
            Self::Day(_) => out.write_str("Day"),
            Self::Id(_) => out.write_str("Id"),
        }
    }
}

impl Value {
    /// The bytes that are stored and travel.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// Reads a value; `None` for bytes of a shape that this version does not know. A list within a list is no shape of
    /// ours: reading one would let a stranger choose how deep we go.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match postcard::take_from_bytes::<Flat>(bytes) {
            Ok((value, [])) => Some(value.into()),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The identifier, if it is one.
    #[must_use]
    pub const fn as_id(&self) -> Option<[u8; 16]> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }
}

/// A value as it is read: the same shapes in the same order, except that a list holds no lists.
#[derive(Deserialize)]
enum Flat {
    Nothing,
    Text(String),
    Whole(i64),
    Truth(bool),
    Instant(i64),
    Day(i32),
    Id([u8; 16]),
    List(Vec<Single>),
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
}

/// An element of a list.
#[derive(Deserialize)]
enum Single {
    Nothing,
    Text(String),
    Whole(i64),
    Truth(bool),
    Instant(i64),
    Day(i32),
    Id([u8; 16]),
}

impl From<Flat> for Value {
    fn from(flat: Flat) -> Self {
        match flat {
            Flat::Nothing => Self::Nothing,
            Flat::Text(text) => Self::Text(text),
            Flat::Whole(number) => Self::Whole(number),
            Flat::Truth(truth) => Self::Truth(truth),
            Flat::Instant(ms) => Self::Instant(ms),
            Flat::Day(day) => Self::Day(day),
            Flat::Id(id) => Self::Id(id),
            Flat::Bytes(bytes) => Self::Bytes(bytes),
            Flat::List(elements) => Self::List(elements.into_iter().map(Self::from).collect()),
        }
    }
}

impl From<Single> for Value {
    fn from(single: Single) -> Self {
        match single {
            Single::Nothing => Self::Nothing,
            Single::Text(text) => Self::Text(text),
            Single::Whole(number) => Self::Whole(number),
            Single::Truth(truth) => Self::Truth(truth),
            Single::Instant(ms) => Self::Instant(ms),
            Single::Day(day) => Self::Day(day),
            Single::Id(id) => Self::Id(id),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_printed_for_a_developer_says_nothing_of_the_value() {
        let values = vec![Value::from("Zoë"), Value::Whole(7_351), Value::Truth(true), Value::Id([0x5a; 16])];
        let printed: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        assert_eq!(printed, ["Text(4 bytes)", "Whole", "Truth", "Id"]);
        assert_eq!(format!("{:?}", Value::List(values)), "List(4)");
    }

    #[test]
    fn a_tower_of_lists_is_no_value_and_no_stack_is_spent_on_it() {
        let tower = [7_u8, 1].repeat(120_000);
        assert_eq!(Value::from_bytes(&tower), None);
        let mut nested = Value::List(vec![Value::List(vec![])]).to_bytes();
        assert_eq!(Value::from_bytes(&nested), None);
        nested.clear();
        assert_eq!(Value::from_bytes(&nested), None);
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_never_panic(bytes: Vec<u8>) {
            let _ = Value::from_bytes(&bytes);
        }

        #[test]
        fn a_value_reads_back(text: String, number: i64, id: [u8; 16]) {
            let value = Value::List(vec![Value::Text(text), Value::Whole(number), Value::Nothing, Value::Id(id)]);
            prop_assert_eq!(Value::from_bytes(&value.to_bytes()), Some(value));
        }
    }
}
