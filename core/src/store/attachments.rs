//! Attachments as rows, and their content chunk by chunk.
//!
//! Holds one chunk in memory at a time, whichever way it goes. Whether somebody may attach is not decided here.

use std::io::Read as _;

use fieldfare_protocol::hash::Hasher;
use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, Row, named_params};

use super::edits::place;
use super::made::RawMade;
use super::notes::nobody;
use super::problem::StoreProblem;
use super::{Author, NewEdit, Read, StoredVault, Write};
use crate::contract::{AttachmentId, Made, NoteId, RecordId};
use crate::domain::attachment::{
    BYTES, BYTES_MAX, CHUNK_BYTES, CHUNKS, CONTENT, DIGEST, HEADER, KIND, MEDIA_TYPE, NAME, NOTE,
};
use crate::domain::edit::{Edit, Op};
use crate::domain::stamp::Stamp;
use crate::domain::value::Value;

/// An attachment without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "columns, explained in the schema and in the page")]
pub struct Attachment {
    pub attachment: AttachmentId,
    pub note: Option<NoteId>,
    pub name: String,
    pub media_type: String,
    pub bytes: u32,
    pub chunks: u32,
    /// Chunks that are here.
    pub arrived: u32,
    /// Of one that is here: whether its content is what its maker said it was.
    pub whole: Option<bool>,
    pub made: Made,
}

/// What is said of a file that is to be attached.
#[derive(Clone, Copy)]
pub struct NewAttachment<'a> {
    /// Its name as a record.
    pub record: RecordId,
    /// The note.
    pub note: NoteId,
    /// What the file is called.
    pub name: &'a str,
    /// What kind of file it says it is.
    pub media_type: &'a str,
}

/// Why a file was not attached, or not handed out.
#[derive(Debug)]
pub enum AttachmentTrouble {
    /// It holds nothing.
    Empty,
    /// It is longer than an attachment may be.
    TooLarge,
    /// The file could not be read or written.
    File(std::io::ErrorKind),
    /// The content is not what its maker said it was.
    Damaged,
    /// The store failed.
    Store(StoreProblem),
}

impl From<StoreProblem> for AttachmentTrouble {
    fn from(problem: StoreProblem) -> Self {
        Self::Store(problem)
    }
}

impl From<rusqlite::Error> for AttachmentTrouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<std::io::Error> for AttachmentTrouble {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.kind())
    }
}

const COLUMNS: &str =
    "id, note_id, name, media_type, bytes, chunks, arrived, whole, made_device, made_stamp, made_ahead_ms";

impl Read<'_> {
    /// One attachment.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn attachment(&self, attachment: AttachmentId) -> Result<Option<Attachment>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM attachment WHERE id = :id"))?;
        let found = statement.query_row(named_params! { ":id": attachment.0 }, row).optional()?;
        found.map(|(one, raw)| Ok(Attachment { made: self.made_of(&raw)?, ..one })).transpose()
    }

    /// Attachments of a note, oldest first, those taken back included.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn attachments_of(&self, note: NoteId) -> Result<Vec<Attachment>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM attachment WHERE note_id = :note ORDER BY made_stamp, id"
        ))?;
        let rows =
            statement.query_map(named_params! { ":note": note.0 }, row)?.collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|(one, raw)| Ok(Attachment { made: self.made_of(&raw)?, ..one })).collect()
    }

    /// How many chunks of one of this device's own attachments the endpoint holds; all of a colleague's.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn chunks_sent(&self, attachment: &Attachment, me: DeviceId) -> Result<u32, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT count(*) FROM edit JOIN chain ON chain.no = edit.no >> 40
             WHERE edit.record = :record AND edit.field = :field AND edit.standing = 1
               AND (chain.device <> :me OR edit.no <= (chain.no << 40) + chain.acked_seq)",
        )?;
        let named = named_params! {
            ":record": attachment.attachment.0, ":field": CONTENT.name, ":me": me.0,
        };
        Ok(statement.query_row(named, |row| row.get(0))?)
    }

    /// Hands out the content of an attachment chunk by chunk, and says whether it is what its maker said it was.
    ///
    /// # Errors
    /// [`AttachmentTrouble`]; what was handed out until then is worth nothing.
    pub fn copy_attachment(
        &self,
        attachment: AttachmentId,
        out: &mut dyn std::io::Write,
    ) -> Result<(), AttachmentTrouble> {
        let mut statement = self.connection.prepare_cached(
            "SELECT edit.value FROM edit
             WHERE edit.record = :record AND edit.field = :field AND edit.standing = 1 AND edit.no >> 40 = (
                 SELECT chain.no FROM chain JOIN attachment ON attachment.id = :record
                 WHERE chain.vault = attachment.vault AND chain.device = attachment.made_device
                   AND chain.lane = :lane)
             ORDER BY edit.no",
        )?;
        let mut rows = statement.query(named_params! {
            ":record": attachment.0, ":field": CONTENT.name, ":lane": KIND.lane.code(),
        })?;
        let mut hasher = Hasher::default();
        let mut bytes_so_far = 0_usize;
        while let Some(row) = rows.next()? {
            let value: Vec<u8> = row.get(0)?;
            let Some(Value::Bytes(chunk)) = Value::from_bytes(&value) else { continue };
            hasher.update(&chunk);
            bytes_so_far = bytes_so_far.saturating_add(chunk.len());
            out.write_all(&chunk)?;
        }
        out.flush()?;
        let said: (Option<i64>, Option<String>) = self
            .connection
            .prepare_cached("SELECT bytes, digest FROM attachment WHERE id = :id")?
            .query_row(named_params! { ":id": attachment.0 }, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let found = (i64::try_from(bytes_so_far).ok(), Some(hasher.end().to_string()));
        if found == said { Ok(()) } else { Err(AttachmentTrouble::Damaged) }
    }
}

impl Write<'_> {
    /// Attaches a file to a note: what is said of it and all its chunks, as edits of this device. Numbers are kept free
    /// for what is said, since only the end of the file tells its length, and it goes before the first chunk.
    ///
    /// # Errors
    /// [`AttachmentTrouble`]; the transaction must then not be committed.
    pub fn attach(
        &self,
        author: &Author,
        vault: &StoredVault,
        new: &NewAttachment<'_>,
        content: &mut dyn std::io::Read,
    ) -> Result<Stamp, AttachmentTrouble> {
        let chain = self.own_chain(vault.no, author.device, KIND.lane)?;
        let first_seq = chain.written_seq.saturating_add(HEADER.len() as u64).saturating_add(1);
        let stamp = author.last_stamp.max(chain.written_stamp).next(author.now_ms);
        self.keep_record(new.record, KIND.name, vault.no)?;
        let mut hasher = Hasher::default();
        let (mut chunks, mut bytes) = (0_u32, 0_usize);
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_BYTES);
            (&mut *content).take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
            if chunk.is_empty() {
                break;
            }
            bytes = bytes.saturating_add(chunk.len());
            if bytes > BYTES_MAX {
                return Err(AttachmentTrouble::TooLarge);
            }
            hasher.update(&chunk);
            let edit = Edit {
                kind: KIND.name.to_owned(),
                record: new.record,
                field: CONTENT.name.to_owned(),
                op_code: Op::Add.code(),
                stamp,
                clock_ahead_ms: author.ahead_of(stamp),
                replaces: Vec::new(),
                value: Value::Bytes(chunk).to_bytes(),
            };
            let no = place(chain.no, first_seq.saturating_add(u64::from(chunks)))?;
            self.keep_edit(no, &edit, &[], true, true)?;
            chunks = chunks.saturating_add(1);
        }
        if chunks == 0 {
            return Err(AttachmentTrouble::Empty);
        }
        for (field, value) in [
            (&NOTE, Value::Id(new.note.0)),
            (&NAME, new.name.into()),
            (&MEDIA_TYPE, new.media_type.into()),
            (&BYTES, Value::Whole(i64::try_from(bytes).unwrap_or(i64::MAX))),
            (&CHUNKS, Value::Whole(i64::from(chunks))),
            (&DIGEST, hasher.end().to_string().into()),
        ] {
            self.write_edit(author, vault, &KIND, new.record, field, NewEdit::Put(value))?;
        }
        let last_seq = first_seq.saturating_add(u64::from(chunks)).saturating_sub(1);
        let stamp = stamp.max(self.own_chain(vault.no, author.device, KIND.lane)?.written_stamp);
        self.set_written(chain.no, last_seq, stamp)?;
        self.count_chunks(new.record)?;
        Ok(stamp)
    }

    /// Counts the chunks of an attachment that are here, and once all are, looks whether they are what was sent.
    pub(super) fn count_chunks(&self, record: RecordId) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE attachment SET arrived = (
                 SELECT count(*) FROM edit
                 WHERE edit.record = :record AND edit.field = :field AND edit.standing = 1
                   AND edit.no >> 40 = (
                       SELECT chain.no FROM chain
                       WHERE chain.vault = attachment.vault AND chain.device = attachment.made_device
                         AND chain.lane = :lane))
             WHERE id = :record RETURNING sign(arrived - chunks)",
        )?;
        let beyond: Option<Option<i64>> = statement
            .query_row(
                named_params! { ":record": record.0, ":field": CONTENT.name, ":lane": KIND.lane.code() },
                |row| row.get(0),
            )
            .optional()?;
        let whole = match beyond {
            Some(Some(0)) => {
                match self.read().copy_attachment(AttachmentId(record.0), &mut std::io::sink()) {
                    Ok(()) => Some(true),
                    Err(AttachmentTrouble::Store(problem)) => return Err(problem),
                    Err(_) => Some(false),
                }
            }
            // More than was said is not what was said.
            Some(Some(1)) => Some(false),
            _ => None,
        };
        self.transaction
            .prepare_cached("UPDATE attachment SET whole = :whole WHERE id = :record")?
            .execute(named_params! { ":whole": whole, ":record": record.0 })?;
        Ok(())
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<(Attachment, RawMade)> {
    let count = |column: usize| -> rusqlite::Result<u32> {
        Ok(row.get::<_, Option<i64>>(column)?.and_then(|count| count.try_into().ok()).unwrap_or_default())
    };
    let one = Attachment {
        attachment: AttachmentId(row.get(0)?),
        note: row.get::<_, Option<[u8; 16]>>(1)?.map(NoteId),
        name: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        media_type: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        bytes: count(4)?,
        chunks: count(5)?,
        arrived: count(6)?,
        whole: row.get(7)?,
        made: nobody(),
    };
    Ok((one, RawMade::read(row, 8)?))
}
