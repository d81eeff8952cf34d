//! What an edit can hold: a small closed set of shapes, as they are stored and as they travel.
//!
//! Knows no field by name. A shape that a newer app added cannot be read here, so whoever stores edits keeps the bytes.

use serde::{Deserialize, Serialize};

/// One value. The order of variants is the wire format and only ever grows at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Several values in a fixed order.
    List(Vec<Value>),
}

impl Value {
    /// The bytes that are stored and travel.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// Reads a value; `None` for bytes of a shape that this version does not know.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match postcard::take_from_bytes(bytes) {
            Ok((value, [])) => Some(value),
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
