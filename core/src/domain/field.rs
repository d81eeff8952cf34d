//! Fields and kinds of record: what each is called, how its values settle, what shape they have, how sensitive they are.
//!
//! A table, not behaviour. The inventory of personal data that the law asks for is read from it.

use fieldfare_protocol::lane::Lane;

use super::value::Value;

/// How concurrent edits of a field settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A single value; of concurrent ones the latest is shown and the others stay readable.
    One,
    /// A single value that is given once and never replaced; of concurrent ones the first is shown and all stay readable.
    Once,
    /// A single value of which the most cautious is shown until a person decides.
    Cautious {
        /// Lasting names, the gravest first.
        gravest_first: &'static [&'static str],
    },
    /// Several values beside each other; adding wins over taking back.
    Set,
    /// Entries that are only ever added.
    Log,
    /// A text that several people may type into at once.
    Text,
}

/// The shape of a field's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text of at most so many characters.
    Text {
        /// Most characters a person may write; a longer text from a newer app is still shown.
        chars_max: usize,
    },
    /// One of a closed list of lasting names.
    Choice(&'static [&'static str]),
    /// A whole number within bounds.
    Whole {
        /// Smallest.
        least: i64,
        /// Largest.
        most: i64,
    },
    /// Yes or no.
    Truth,
    /// A moment in milliseconds since 1970.
    Instant,
    /// A day.
    Day,
    /// Name of a record or person.
    Id,
    /// Several values in a fixed order.
    List,
    /// Part of a file.
    Bytes {
        /// Most bytes of one part.
        bytes_max: usize,
    },
}

/// How sensitive a field is, in the terms of data protection law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Ordinary personal data, or none.
    Ordinary,
    /// Health, ethnicity and the like; free text counts as such, since anything may stand in it.
    Special,
    /// Offences, alleged ones included.
    Offence,
}

/// One field of a kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Lasting name; a column of the kind's table where the field shows one value.
    pub name: &'static str,
    /// How its values settle.
    pub kind: FieldKind,
    /// What they look like.
    pub shape: Shape,
    /// How sensitive they are.
    pub category: Category,
}

impl Field {
    /// A field of a single value.
    #[must_use]
    pub const fn one(name: &'static str, shape: Shape, category: Category) -> Self {
        Self { name, kind: FieldKind::One, shape, category }
    }

    /// A field of a single value that nobody replaces.
    #[must_use]
    pub const fn once(name: &'static str, shape: Shape, category: Category) -> Self {
        Self { name, kind: FieldKind::Once, shape, category }
    }

    /// A field of which the most cautious value is shown.
    #[must_use]
    pub const fn cautious(
        name: &'static str,
        gravest_first: &'static [&'static str],
        category: Category,
    ) -> Self {
        Self {
            name,
            kind: FieldKind::Cautious { gravest_first },
            shape: Shape::Choice(gravest_first),
            category,
        }
    }

    /// A field of several values.
    #[must_use]
    pub const fn set(name: &'static str, shape: Shape, category: Category) -> Self {
        Self { name, kind: FieldKind::Set, shape, category }
    }

    /// A field that only grows.
    #[must_use]
    pub const fn log(name: &'static str, chars_max: usize) -> Self {
        Self { name, kind: FieldKind::Log, shape: Shape::Text { chars_max }, category: Category::Special }
    }

    /// A text that several people may type into.
    #[must_use]
    pub const fn text(name: &'static str, chars_max: usize) -> Self {
        Self { name, kind: FieldKind::Text, shape: Shape::Text { chars_max }, category: Category::Special }
    }

    /// Whether the field shows one value, and so has a column of its own.
    #[must_use]
    pub const fn has_column(&self) -> bool {
        self.shows_one() || matches!(self.kind, FieldKind::Text)
    }

    /// Whether one of its values is shown where several stand.
    #[must_use]
    pub const fn shows_one(&self) -> bool {
        matches!(self.kind, FieldKind::One | FieldKind::Once | FieldKind::Cautious { .. })
    }

    /// Whether its values stay for good, so that nothing replaces them and nobody decides between them.
    #[must_use]
    pub const fn is_for_good(&self) -> bool {
        matches!(self.kind, FieldKind::Once)
    }

    /// Why a person may not write this value, if they may not.
    #[must_use]
    pub fn refusal(&self, value: &Value) -> Option<ValueRefusal> {
        match (self.shape, value) {
            (Shape::Text { chars_max }, Value::Text(text)) if text.chars().count() > chars_max => {
                Some(ValueRefusal::TooLong { chars_max })
            }
            (Shape::Whole { least, most }, Value::Whole(number)) if !(least..=most).contains(number) => {
                Some(ValueRefusal::OutOfRange { least, most })
            }
            (Shape::Choice(names), Value::Text(name)) if !names.contains(&name.as_str()) => {
                Some(ValueRefusal::WrongShape)
            }
            _ if self.shows(value) => None,
            _ => Some(ValueRefusal::WrongShape),
        }
    }

    /// Whether a value has the shape of this field, so that it can be shown. Bounds are not checked: what a newer app
    /// allowed is shown, not swallowed.
    #[must_use]
    pub fn shows(&self, value: &Value) -> bool {
        matches!(
            (self.shape, value),
            (_, Value::Nothing)
                | (Shape::Text { .. } | Shape::Choice(_), Value::Text(_))
                | (Shape::Whole { .. }, Value::Whole(_))
                | (Shape::Truth, Value::Truth(_))
                | (Shape::Instant, Value::Instant(_))
                | (Shape::Day, Value::Day(_))
                | (Shape::Id, Value::Id(_))
                | (Shape::List, Value::List(_))
                | (Shape::Bytes { .. }, Value::Bytes(_))
        )
    }
}

/// Why a value may not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRefusal {
    /// More characters than the field takes.
    TooLong {
        /// The most it takes.
        chars_max: usize,
    },
    /// A number outside its bounds.
    OutOfRange {
        /// Smallest.
        least: i64,
        /// Largest.
        most: i64,
    },
    /// Another shape than the field's.
    WrongShape,
}

/// Which vaults a kind of record lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// The organisation's own vault.
    Organisation,
    /// The file of a case.
    CaseFile,
    /// Either.
    Every,
}

/// A kind of record.
#[derive(Clone, Copy, Debug)]
pub struct RecordKind {
    /// Lasting name; also the name of its table.
    pub name: &'static str,
    /// Where its records live.
    pub home: Home,
    /// The lane in which **all** its edits travel, so that one record's edits keep one order.
    pub lane: Lane,
    /// Its own fields; every kind also has [`STRUCK`].
    pub fields: &'static [Field],
}

/// The field by which a record of any kind is taken back: the reason, at most 500 characters.
pub const STRUCK: Field = Field::one("struck", Shape::Text { chars_max: 500 }, Category::Special);

impl RecordKind {
    /// A field by its name, [`STRUCK`] included.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        if name == STRUCK.name {
            return Some(&STRUCK);
        }
        self.fields.iter().find(|field| field.name == name)
    }
}
