//! Files and lines that a person, a disk or a colleague brings: envelopes, invitations, recovery keys, shared text, values.
//!
//! Damage is named, never believed, and a text is afterwards as it was or as somebody typed it.

use std::sync::OnceLock;

use fieldfare_core::domain::text::{self, SharedText};
use fieldfare_core::domain::value::Value;
use fieldfare_core::ports::{SystemDisk, SystemEntropy};
use fieldfare_core::vault::{Envelope, FileHardwareKey, Hardware, Invitation, Pin, RecoveryKey, unlock};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::VaultId;
use tests::phone;

use crate::Target;
use crate::supply::Supply;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target { name: "envelope", bytes_max: 8 * 1024, runs: 4_000, seeds: envelopes, read: envelope },
        Target { name: "invitation", bytes_max: 2 * 1024, runs: 4_000, seeds: invitations, read: invitation },
        Target { name: "recovery", bytes_max: 16 * 1024, runs: 500, seeds: recoveries, read: recovery },
        Target { name: "text", bytes_max: 16 * 1024, runs: 4_000, seeds: updates, read: update },
        Target { name: "value", bytes_max: 16 * 1024, runs: 4_000, seeds: values, read: value },
    ]
}

fn envelope(bytes: &[u8]) {
    if let Ok(envelope) = Envelope::parse(bytes) {
        let written = envelope.to_bytes().expect("what was read can be written");
        assert_eq!(Envelope::parse(&written).as_ref(), Ok(&envelope));
    }
}

fn envelopes() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let entropy = SystemEntropy::default();
    let key = FileHardwareKey::new(folder.path(), std::sync::Arc::new(SystemEntropy::default()));
    let pin = Pin::entered(phone::PIN).expect("a PIN");
    unlock::found(folder.path(), &pin, phone::cheap(), &entropy, Hardware::with_key(&key))
        .expect("an envelope");
    vec![std::fs::read(folder.path().join("envelope")).expect("what was written")]
}

fn invitation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(invitation) = Invitation::parse(text) {
        let written = invitation.to_text().expect("what was read can be written");
        let again = Invitation::parse(&written).expect("what was written can be read");
        assert_eq!(again.base_url, invitation.base_url);
        assert_eq!((again.organisation, again.root), (invitation.organisation, invitation.root));
    }
}

fn invitations() -> Vec<Vec<u8>> {
    let entropy = SystemEntropy::default();
    let url = "https://fieldfare.example".to_owned();
    let made = Invitation::generate(url, VaultId([7; 16]), Hash([3; 32]), 1_800_000_000_000, &entropy);
    let text = made.expect("an invitation").to_text().expect("a text");
    vec![text.as_bytes().to_vec(), text.to_uppercase().into_bytes()]
}

fn recovery(bytes: &[u8]) {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder"));
    let path = folder.path().join(format!("recovery-{:?}", std::thread::current().id()));
    std::fs::write(&path, bytes).expect("a file");
    if let Ok(key) = RecoveryKey::read(&path) {
        let copy = folder.path().join(format!("copy-{:?}", std::thread::current().id()));
        let _ = std::fs::remove_file(&copy);
        key.write_new(&SystemDisk, &copy, "Test").expect("what was read can be written");
        let again = RecoveryKey::read(&copy).expect("what was written can be read");
        assert_eq!(again.sealing_key(), key.sealing_key());
    }
}

fn recoveries() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("recovery");
    let key = RecoveryKey::generate(&SystemEntropy::default()).expect("a key");
    key.write_new(&SystemDisk, &path, "Test Mentoring").expect("a file");
    vec![std::fs::read(&path).expect("what was written")]
}

const WORDS: &str = "we walked by the river and talked about school";

/// Updates one after another on a text that stands, each with its length before it.
fn update(bytes: &[u8]) {
    let state = typed().state().expect("a state");
    let mut supply = Supply::new(bytes);
    let mut updates = Vec::new();
    while !supply.is_empty() && updates.len() < 16 {
        updates.push(supply.bytes(2 * 1024));
    }
    let mut text = SharedText::open(5, Some(&state)).expect("our own state opens");
    for update in &updates {
        let before = text.state().expect("a state");
        if text.take_in(update).is_err() {
            // A text that failed is opened again from what was stored; nothing of it may be lost.
            text = SharedText::open(5, Some(&before)).expect("what was stored opens");
        }
        let words = text.words().expect("words");
        let again = SharedText::open(6, Some(&text.state().expect("a state"))).expect("what is stored opens");
        assert_eq!(again.words().expect("words"), words, "a stored text says something else");
    }
    let before = text.words().expect("words");
    // Somebody goes on typing.
    if text.type_in(&before, &format!("{before} more")).is_ok() {
        assert!(text.words().expect("words").contains("more"));
    }
    for update in &updates {
        let _ = text::typed(update);
    }
}

fn typed() -> SharedText {
    let mut text = SharedText::open(1, None).expect("an empty text");
    text.type_in("", WORDS).expect("typing");
    text
}

fn updates() -> Vec<Vec<u8>> {
    let (mut ours, mut theirs) =
        (typed(), SharedText::open(2, Some(&typed().state().expect("a state"))).expect("a text"));
    let one = ours.type_in(WORDS, &WORDS.replace("river", "canal")).expect("typing").expect("a change");
    let two = theirs.type_in(WORDS, &format!("{WORDS} 🦆 and ducks")).expect("typing").expect("a change");
    let three = theirs.type_in(&theirs.words().expect("words"), "").expect("typing").expect("a change");
    let framed = |updates: &[&Vec<u8>]| {
        let frame =
            |update: &&Vec<u8>| [&(update.len() as u16).to_le_bytes()[..], update.as_slice()].concat();
        updates.iter().flat_map(frame).collect::<Vec<u8>>()
    };
    vec![framed(&[&one]), framed(&[&one, &two]), framed(&[&three, &two, &one]), framed(&[&two, &two])]
}

fn value(bytes: &[u8]) {
    if let Some(value) = Value::from_bytes(bytes) {
        assert_eq!(Value::from_bytes(&value.to_bytes()), Some(value));
    }
}

fn values() -> Vec<Vec<u8>> {
    let list = Value::List(vec![Value::Whole(i64::MIN), Value::Truth(true), Value::Day(20_000)]);
    let several =
        [Value::Nothing, Value::Text("low".to_owned()), Value::Id([7; 16]), Value::Instant(1), list];
    several.iter().map(Value::to_bytes).collect()
}
