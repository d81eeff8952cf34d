//! One record as it stands in a copy: every value it ever had, what became of each, who wrote it and when.
//!
//! Follows the domain's table of fields. What this version cannot read is in the copy as bytes, and says so.

use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value as Json, json};

use crate::contract::{Made, Problem, RecordId};
use crate::domain::attachment;
use crate::domain::day;
use crate::domain::field::{FieldKind, RecordKind};
use crate::domain::merge::{self, Held};
use crate::domain::text::SharedText;
use crate::domain::value::Value;
use crate::store::{KeptEdit, Read};

/// Names a reader of a text who never types.
const NOBODY_WRITES: u64 = 1;

/// A moment in RFC 3339, in UTC; the number of milliseconds where the calendar has no such day.
pub(super) fn moment(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms)
        .map_or_else(|| ms.to_string(), |moment| moment.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// A record: its kind, who began it, when the endpoint is known to have held it, and its fields.
pub(super) fn record(
    read: &Read<'_>,
    record: RecordId,
    kind_name: &str,
    vault_no: i64,
) -> Result<Map<String, Json>, Problem> {
    let known = read.vocabulary().kind(kind_name);
    let content = (kind_name == attachment::KIND.name).then_some(attachment::CONTENT.name);
    let mut fields: Map<String, Json> = Map::new();
    let edits = read.every_value(record, vault_no, content)?;
    let mut of_field: Vec<&KeptEdit> = Vec::new();
    let mut names: Vec<&str> = edits.iter().map(|edit| edit.field.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        of_field.clear();
        of_field.extend(edits.iter().filter(|edit| edit.field == name));
        fields.insert(name.to_owned(), values(read, known, name, &of_field)?.into());
    }
    for (name, state) in read.texts_of(record)? {
        let words = SharedText::open(NOBODY_WRITES, Some(&state)).and_then(|text| text.words());
        let words = match words {
            Ok(words) => json!({"value": words, "state": "shown"}),
            Err(_) => json!({"unread_base64": BASE64_STANDARD.encode(&state), "state": "unread"}),
        };
        match fields.entry(name).or_insert_with(|| json!([])) {
            Json::Array(values) => values.insert(0, words),
            other => *other = json!([words]),
        }
    }
    let mut row = Map::new();
    row.insert("record".to_owned(), record.to_string().into());
    row.insert("kind".to_owned(), kind_name.into());
    let begun = read.begun_by(record, vault_no)?.map(|first| read.made_value(&first)).transpose()?;
    row.insert("begun".to_owned(), begun.map_or(Json::Null, |made| Json::Object(said_by(&made))));
    row.insert("at_endpoint_since".to_owned(), read.held_since(record)?.map(moment).into());
    row.insert("fields".to_owned(), fields.into());
    Ok(row)
}

fn said_by(made: &Made) -> Map<String, Json> {
    let mut said = Map::new();
    said.insert("by".to_owned(), made.by.clone().into());
    said.insert("at".to_owned(), moment(made.at_ms).into());
    if made.clock_doubtful {
        said.insert("clock_doubtful".to_owned(), true.into());
    }
    said
}

/// The values of one field, the oldest first.
fn values(
    read: &Read<'_>,
    known: Option<&RecordKind>,
    name: &str,
    edits: &[&KeptEdit],
) -> Result<Vec<Json>, Problem> {
    let field = known.and_then(|kind| kind.field(name));
    let standing: Vec<Held> =
        edits.iter().filter(|edit| edit.stands).map(|edit| edit.value.held.clone()).collect();
    let shown =
        field.filter(|field| field.shows_one()).and_then(|field| merge::shown(&field.kind, &standing));
    let mut values = Vec::with_capacity(edits.len());
    for edit in edits {
        let mut value = said_by(&read.made_value(&edit.value)?);
        let shows = shown.is_none_or(|shown| shown.edit == edit.value.held.edit);
        let state = match (&edit.value.held.value, edit.stands) {
            (None, _) => "unread",
            (_, false) => "earlier",
            (_, true) if shows => "shown",
            (_, true) => "kept",
        };
        match edit.value.held.value.as_ref() {
            Some(read) => value.insert("value".to_owned(), json_of(read)),
            None => value.insert("unread_base64".to_owned(), BASE64_STANDARD.encode(&edit.bytes).into()),
        };
        value.insert("state".to_owned(), state.into());
        values.push(value.into());
    }
    Ok(values)
}

fn json_of(value: &Value) -> Json {
    match value {
        Value::Nothing => Json::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Whole(number) => (*number).into(),
        Value::Truth(truth) => (*truth).into(),
        Value::Instant(ms) => moment(*ms).into(),
        Value::Day(day) => day::text_of(*day).into(),
        Value::Id(id) => RecordId(*id).to_string().into(),
        Value::List(values) => values.iter().map(json_of).collect(),
        Value::Bytes(bytes) => BASE64_STANDARD.encode(bytes).into(),
    }
}

/// Whether any value that stands in a record names one of some records, itself not counted.
pub(super) fn names_one_of(
    read: &Read<'_>,
    record: RecordId,
    kind_name: &str,
    is_one: &dyn Fn(RecordId) -> bool,
) -> Result<Option<RecordId>, Problem> {
    let Some(kind) = read.vocabulary().kind(kind_name) else { return Ok(None) };
    let of_ids = |field: &&crate::domain::field::Field| {
        matches!(field.shape, crate::domain::field::Shape::Id) && !matches!(field.kind, FieldKind::Text)
    };
    for field in kind.fields.iter().filter(of_ids) {
        for value in read.history(record, field.name)? {
            let named = value.held.value.as_ref().and_then(Value::as_id).map(RecordId);
            if let Some(named) = named.filter(|named| *named != record && is_one(*named)) {
                return Ok(Some(named));
            }
        }
    }
    Ok(None)
}

/// Writes JSON and tells what the disk said.
pub(super) fn write_json(out: &mut dyn io::Write, value: &Json) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}
