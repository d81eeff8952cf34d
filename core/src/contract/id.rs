//! Names of records, each its own type, so that a note is never taken for a case.
//!
//! To a shell an identifier is 32 hexadecimal digits and means nothing.

use std::borrow::Cow;

use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::id_type;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// Lets a name cross the foreign door as its text; any other text is refused as one that cannot be understood.
macro_rules! foreign_id {
    ($name:ident) => {
        #[cfg(feature = "foreign")]
        uniffi::custom_type!($name, String, {
            lower: |id| id.to_string(),
            try_lift: |text| text.parse().map_err(|_| not_an_id(stringify!($name)).into()),
        });
    };
}

#[cfg(feature = "foreign")]
fn not_an_id(name: &str) -> super::Problem {
    super::Problem::Malformed { why: format!("a {name} is 32 hexadecimal digits") }
}

macro_rules! record_id {
    ($(#[$doc:meta])* $name:ident) => {
        id_type!($(#[$doc])* $name);
        foreign_id!($name);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })
            }
        }

        impl From<$name> for RecordId {
            fn from(id: $name) -> Self {
                Self(id.0)
            }
        }

        impl From<RecordId> for $name {
            fn from(id: RecordId) -> Self {
                Self(id.0)
            }
        }
    };
}

id_type!(
    /// Any record, where its kind does not matter.
    RecordId
);
foreign_id!(RecordId);

impl RecordId {
    /// Whether the name begins with that of a vault, as every record's of the vault does.
    #[must_use]
    pub fn is_of(&self, vault: VaultId) -> bool {
        self.0.starts_with(&vault.tag())
    }

    /// A name in a vault, from 16 random bytes of which the first give way to the vault's.
    #[must_use]
    pub fn within(vault: VaultId, random: [u8; 16]) -> Self {
        let mut name = random;
        for (to, from) in name.iter_mut().zip(vault.tag()) {
            *to = from;
        }
        Self(name)
    }
}

impl JsonSchema for RecordId {
    fn schema_name() -> Cow<'static, str> {
        "RecordId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })
    }
}

record_id!(
    /// A young person.
    YoungPersonId
);
record_id!(
    /// One young person's time with the service.
    CaseId
);
record_id!(
    /// A case note.
    NoteId
);
record_id!(
    /// A goal.
    GoalId
);
record_id!(
    /// A step on the way to a goal.
    StepId
);
record_id!(
    /// A wellbeing check-in.
    CheckInId
);
record_id!(
    /// A safeguarding concern.
    ConcernId
);
record_id!(
    /// A local service of the directory.
    ServiceId
);
record_id!(
    /// A scale pack.
    ScalePackId
);
record_id!(
    /// A photo or document on a case note.
    AttachmentId
);
record_id!(
    /// A member of staff.
    PersonId
);

id_type!(
    /// What a draft said at some moment, as a page or a save named it. A save says by it what it began from.
    Revision
);
foreign_id!(Revision);

impl JsonSchema for Revision {
    fn schema_name() -> Cow<'static, str> {
        "Revision".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })
    }
}
