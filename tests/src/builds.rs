//! Builds of the app that are older or newer than this one, or whose text library fails, to open a home with.
//!
//! Each is this build with something taken away or added; nothing of them is shipped.

use std::sync::LazyLock;

use fieldfare_core::domain::edit::Op;
use fieldfare_core::domain::field::{Field, RecordKind};
use fieldfare_core::domain::kind::KINDS;
use fieldfare_core::domain::vocabulary::Vocabulary;
use fieldfare_core::domain::{note, step};
use fieldfare_core::store::Build;

/// Steps that no app has taken yet.
const FURTHER: [&str; 2] = [
    "CREATE TABLE further (number INTEGER PRIMARY KEY) STRICT; INSERT INTO further VALUES (1);",
    "ALTER TABLE further ADD COLUMN again INTEGER; INSERT INTO further VALUES (2, 2);",
];

fn for_good<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

/// An older build: it knows neither the kind `step`, nor the field `agreed` of a note, nor the operation that takes a value
/// out of a set. Whoever uses it must not write these.
pub static OLDER: LazyLock<Build> = LazyLock::new(|| {
    let fields: Vec<Field> =
        note::KIND.fields.iter().filter(|field| field.name != "agreed").copied().collect();
    let older_note: &'static RecordKind =
        Box::leak(Box::new(RecordKind { fields: for_good(fields), ..note::KIND }));
    let kinds = KINDS.into_iter().filter(|kind| kind.name != step::KIND.name);
    let kinds = kinds.map(|kind| if kind.name == note::KIND.name { older_note } else { kind }).collect();
    let ops = Op::ALL.into_iter().filter(|op| *op != Op::Remove).collect();
    Build {
        vocabulary: Vocabulary {
            version: "an older one",
            kinds: for_good(kinds),
            ops: for_good(ops),
            ..Vocabulary::THIS
        },
        ..*Build::THIS
    }
});

/// A newer build, which brings a store two steps further.
pub static NEWER: LazyLock<Build> =
    LazyLock::new(|| Build { steps: for_good([Build::THIS.steps, &FURTHER].concat()), ..*Build::THIS });

/// A build whose text library panics at whatever a colleague typed.
pub static FAILING: LazyLock<Build> = LazyLock::new(|| Build {
    vocabulary: Vocabulary {
        version: "one whose text library fails",
        read_typing: |_| std::panic::resume_unwind(Box::new(())),
        ..Vocabulary::THIS
    },
    ..*Build::THIS
});
