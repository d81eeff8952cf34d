//! A copy of everything that this device reads of a case, for the person it is about, as one JSON document.
//!
//! Asks the store for its own list of records, so that no kind can be forgotten, and says what is not in the copy and why.
//! Where the copy goes, and who may have one, is not decided here.

mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use base64::prelude::BASE64_STANDARD;
use base64::write::EncoderWriter;
use fieldfare_protocol::membership::Organisation;
use serde_json::{Map, Value as Json, json};

use self::record::{moment, names_one_of, write_json};
use super::View;
use super::kept::Keeping;
use super::standing::texts;
use crate::contract::{
    CaseId, Compartment, Exported, Kept, PersonId, Problem, RecordId, Thing, Withheld, WithholdReason,
};
use crate::domain::compartment::Holders;
use crate::domain::{attachment, case, day, young_person};
use crate::store::{AttachmentTrouble, Part, Read};

/// Name and version of the form of the document.
const FORMAT: &str = "fieldfare-export/1";

/// Why a copy broke off.
#[derive(Debug)]
pub enum Broken {
    /// What was asked for cannot be done.
    Problem(Problem),
    /// An attachment could not be copied, or nothing can be written.
    Trouble(AttachmentTrouble),
}

impl<E: Into<Problem>> From<E> for Broken {
    fn from(problem: E) -> Self {
        Self::Problem(problem.into())
    }
}

fn disk(error: io::Error) -> Broken {
    Broken::Trouble(error.into())
}

/// One vault of the case.
struct Piece {
    vault_no: i64,
    which: Compartment,
    holders: Holders,
    kept: Kept,
    records: Vec<(RecordId, String)>,
}

/// A record that is left out: why, and on which one it hangs if it was not named itself.
type LeftOut = BTreeMap<RecordId, (WithholdReason, Option<RecordId>)>;

/// Writes a copy of a case; what was written is worth nothing unless this ends well. The names of records to withhold with
/// their reasons, no record twice.
///
/// # Errors
/// [`Broken::Problem`] with [`Problem::NoSuch`] for a case that is not here, [`Problem::NotAllowed`] for a record that is not
/// of this case or cannot be withheld; trouble with the disk or an attachment.
pub fn export(
    read: &Read<'_>,
    view: &View,
    case: CaseId,
    withheld: &[Withheld],
    out: &mut dyn io::Write,
) -> Result<Exported, Broken> {
    let pieces = pieces(read, case)?;
    let left_out = left_out(read, &pieces, withheld)?;
    let (missing, not_here) = missing(read, case, &pieces, &left_out)?;
    let records: usize = pieces.iter().map(|piece| piece.records.len()).sum();
    let exported = Exported {
        records: count(records.saturating_sub(left_out.len())),
        withheld: count(left_out.len()),
        not_here,
        bytes: 0,
    };
    let mut head = head(read, view, case)?;
    head.insert("contains".to_owned(), contains(&pieces, &left_out, exported.records));
    head.insert("withheld".to_owned(), told_left_out(&pieces, &left_out));
    head.insert("not_here".to_owned(), missing);
    begin_open(out, head, "records", b"[")?;
    let mut first = true;
    for piece in &pieces {
        for (record, kind) in piece.records.iter().filter(|(record, _)| !left_out.contains_key(record)) {
            out.write_all(if first { b"\n" } else { b",\n" }).map_err(disk)?;
            first = false;
            write_record(read, piece, *record, kind, out)?;
        }
    }
    out.write_all(b"\n]}\n").map_err(disk)?;
    Ok(exported)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Writes an object whose last field is still to come.
fn begin_open(
    out: &mut dyn io::Write,
    object: Map<String, Json>,
    last: &str,
    open: &[u8],
) -> Result<(), Broken> {
    let mut text = Json::Object(object).to_string();
    text.pop();
    text.push_str(&format!(",{}:", json!(last)));
    out.write_all(text.as_bytes()).and_then(|()| out.write_all(open)).map_err(disk)
}

/// The file of the case and its compartments that are read here.
fn pieces(read: &Read<'_>, case: CaseId) -> Result<Vec<Piece>, Broken> {
    let vault_no = read.vault_of_case(case)?.ok_or(Problem::NoSuch { thing: Thing::Case })?;
    let file = Part { vault_no, case, which: Compartment::File, holders: Holders::default() };
    let others = read.parts_of(case)?;
    let mut keeping = Keeping::default();
    let mut pieces = Vec::new();
    for Part { vault_no, which, holders, .. } in std::iter::once(file).chain(others) {
        let (kept, records) = (keeping.of(read, vault_no)?, read.records_in(vault_no)?);
        pieces.push(Piece { vault_no, which, holders, kept, records });
    }
    Ok(pieces)
}

/// What is withheld, and with it whatever names it: the attachments of a note, the steps of a goal.
fn left_out(read: &Read<'_>, pieces: &[Piece], withheld: &[Withheld]) -> Result<LeftOut, Broken> {
    let kinds: BTreeMap<RecordId, &str> =
        records_of(pieces).map(|(_, record, kind)| (record, kind)).collect();
    let mut left_out = LeftOut::new();
    for Withheld { record, why } in withheld {
        let refused = |why: &str| Problem::not_allowed(why);
        let kind = kinds
            .get(record)
            .ok_or_else(|| refused("a record that is to be withheld is not of this case"))?;
        if [case::KIND.name, young_person::KIND.name].contains(kind) {
            return Err(refused("the case and the young person's own details cannot be withheld").into());
        }
        if left_out.insert(*record, (*why, None)).is_some() {
            return Err(refused("a record that is to be withheld was named twice").into());
        }
    }
    // What hangs on something that hangs on it follows in the next round; every round but the last adds a record.
    loop {
        let before = left_out.len();
        for (_, record, kind) in records_of(pieces) {
            if left_out.is_empty() || left_out.contains_key(&record) {
                continue;
            }
            if let Some(on) = names_one_of(read, record, kind, &|one| left_out.contains_key(&one))?
                && let Some((why, _)) = left_out.get(&on).copied()
            {
                left_out.insert(record, (why, Some(on)));
            }
        }
        if left_out.len() == before {
            return Ok(left_out);
        }
    }
}

fn records_of(pieces: &[Piece]) -> impl Iterator<Item = (&Piece, RecordId, &str)> {
    pieces
        .iter()
        .flat_map(|piece| piece.records.iter().map(move |(record, kind)| (piece, *record, kind.as_str())))
}

/// Whose copy it is, who made it, and when.
fn head(read: &Read<'_>, view: &View, case: CaseId) -> Result<Map<String, Json>, Broken> {
    let (me, role) = (view.person(), view.role);
    let mut head = Map::new();
    head.insert("format".to_owned(), FORMAT.into());
    head.insert("exported_at".to_owned(), moment(view.now_ms).into());
    head.insert("exported_by".to_owned(), json!({"name": read.person_name(me)?, "role": role}));
    head.insert("case".to_owned(), case.to_string().into());
    let person = read.case(case, view.week_ago_ms())?.and_then(|found| found.young_person);
    let person = person.map(|person| read.young_person(person)).transpose()?.flatten();
    let person = match person {
        None => Json::Null,
        Some(found) => json!({
            "name": found.name,
            "born_on": found.born_on.map(day::text_of),
            "pronouns": found.pronouns,
            "circumstances": texts(read, found.young_person.into(), &young_person::CIRCUMSTANCES)?,
        }),
    };
    head.insert("young_person".to_owned(), person);
    Ok(head)
}

/// How many records of which kind are in the copy, compartment by compartment, and who reads each.
fn contains(pieces: &[Piece], left_out: &LeftOut, records: u32) -> Json {
    let compartments = pieces.iter().map(|piece| {
        let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, kind) in piece.records.iter().filter(|(record, _)| !left_out.contains_key(record)) {
            let count = kinds.entry(kind).or_default();
            *count = count.saturating_add(1);
        }
        let read_by: Vec<Json> = piece
            .kept
            .read_by
            .iter()
            .map(|reader| json!({"name": reader.name, "role": reader.role}))
            .collect();
        json!({"compartment": piece.which.name(), "read_by": read_by, "kinds": kinds})
    });
    json!({"records": records, "compartments": compartments.collect::<Vec<_>>()})
}

fn told_left_out(pieces: &[Piece], left_out: &LeftOut) -> Json {
    let told = records_of(pieces).filter_map(|(piece, record, kind)| {
        let (why, on) = left_out.get(&record)?;
        let on = on.map(|on| on.to_string());
        Some(json!({
            "record": record.to_string(), "kind": kind, "compartment": piece.which.name(), "why": why, "hangs_on": on,
        }))
    });
    told.collect()
}

/// What belongs to the case and is not here: compartments that others read, what waits or was set aside, content of
/// attachments. The number counts the last two.
fn missing(
    read: &Read<'_>,
    case: CaseId,
    pieces: &[Piece],
    left_out: &LeftOut,
) -> Result<(Json, u32), Broken> {
    let mut held_back = Vec::new();
    for (set_aside, state) in [(false, "waiting"), (true, "set_aside")] {
        for one in read.held_back(set_aside)?.into_iter().filter(|one| one.case == Some(case)) {
            held_back.push(json!({
                "state": state, "by": one.by, "segments": one.segments, "why": one.why, "since": moment(one.since_ms),
            }));
        }
    }
    let mut attachments = Vec::new();
    for (_, record, kind) in records_of(pieces) {
        if kind != attachment::KIND.name || left_out.contains_key(&record) {
            continue;
        }
        let found = read.attachment(record.into())?;
        if found.as_ref().is_none_or(|found| found.whole != Some(true)) {
            let parts = found.as_ref().map(|found| (found.arrived, found.chunks));
            let why =
                if found.is_some_and(|found| found.whole.is_some()) { "damaged" } else { "not_arrived" };
            let (arrived, of) = parts.unwrap_or_default();
            attachments.push(json!({"record": record.to_string(), "why": why, "parts": arrived, "of": of}));
        }
    }
    let strays = pieces
        .iter()
        .try_fold(0_u64, |sum, piece| Ok::<_, Broken>(sum.saturating_add(read.strays_in(piece.vault_no)?)))?;
    let not_here = count(held_back.len().saturating_add(attachments.len()));
    let missing = json!({
        "compartments": not_read(read, case, pieces)?,
        "held_back": held_back,
        "attachments": attachments,
        "edits_of_no_record": strays,
    });
    Ok((missing, not_here))
}

/// Compartments that this device does not read, if there are any: it cannot know whether there are.
fn not_read(read: &Read<'_>, case: CaseId, pieces: &[Piece]) -> Result<Vec<Json>, Broken> {
    let organisation: Organisation = read.organisation()?;
    let around = read.around(case, &organisation)?;
    let here: BTreeSet<(Compartment, Option<PersonId>, Option<PersonId>)> =
        pieces.iter().map(|piece| (piece.which, piece.holders.of, piece.holders.with)).collect();
    let mut wanted = vec![(Compartment::Intelligence, None, None)];
    for mentor in around.mentors.union(&around.mentors_before) {
        wanted.push((Compartment::Reflection, Some(*mentor), None));
        for with in around.supervisors.union(&around.leads).filter(|with| *with != mentor) {
            wanted.push((Compartment::Supervision, Some(*mentor), Some(*with)));
        }
    }
    let mut told = Vec::new();
    for (which, of, with) in wanted.into_iter().filter(|one| !here.contains(one)) {
        let name = |person: Option<PersonId>| person.map(|person| read.person_name(person)).transpose();
        told.push(json!({
            "compartment": which.name(), "of": name(of)?, "with": name(with)?, "why": "not_read_here_if_there_is_one",
        }));
    }
    Ok(told)
}

fn write_record(
    read: &Read<'_>,
    piece: &Piece,
    record: RecordId,
    kind: &str,
    out: &mut dyn io::Write,
) -> Result<(), Broken> {
    let mut row = record::record(read, record, kind, piece.vault_no)?;
    row.insert("compartment".to_owned(), piece.which.name().into());
    let person = |person: Option<PersonId>| person.map(|person| read.person_name(person)).transpose();
    if let Some(of) = person(piece.holders.of)? {
        row.insert("compartment_of".to_owned(), of.into());
    }
    if let Some(with) = person(piece.holders.with)? {
        row.insert("compartment_with".to_owned(), with.into());
    }
    let attached = if kind == attachment::KIND.name { read.attachment(record.into())? } else { None };
    if attached.is_none_or(|attached| attached.whole != Some(true)) {
        return write_json(out, &Json::Object(row)).map_err(disk);
    }
    begin_open(out, row, "content_base64", b"\"")?;
    let mut content = EncoderWriter::new(&mut *out, &BASE64_STANDARD);
    read.copy_attachment(record.into(), &mut content).map_err(Broken::Trouble)?;
    content.finish().map_err(disk)?;
    drop(content);
    out.write_all(b"\"}").map_err(disk)
}
