//! Typing into a text that others type into as well: ours, and theirs as it comes.
//!
//! Knows how a text is kept; what becomes of two changes at one place, the domain says.

use fieldfare_protocol::id::DeviceId;
use rusqlite::{OptionalExtension, named_params};

use super::chains::edit_no;
use super::problem::StoreProblem;
use super::{Author, StoredVault, Write};
use crate::contract::RecordId;
use crate::domain::edit::{Edit, Op};
use crate::domain::field::{Field, RecordKind};
use crate::domain::stamp::Stamp;
use crate::domain::text::{Changes, SharedText, TextProblem};

/// Most bytes of unsealed typing that are made anew with every save before a new edit is begun: far below what a segment
/// holds.
const TYPING_BYTES_MAX: i64 = 64 * 1024;
/// An update that types nothing: what is left of typing that was taken back before anybody was given it.
const NOTHING_TYPED: [u8; 2] = [0, 0];

/// What a text was before our typing that nobody has been given yet.
struct Ground {
    /// Nothing where no text was.
    state: Option<Vec<u8>>,
    /// The edit that holds the typing.
    edit: i64,
    /// Who typed it, to the text.
    writer: u64,
    /// How long it is.
    bytes: i64,
}

impl Write<'_> {
    /// Our own typing. As long as the newest of it has not been sealed, it is made anew out of what the text was before: a
    /// draft of a hundred batches travels as one edit, and as one difference.
    #[allow(clippy::too_many_arguments, reason = "everything that an edit consists of")]
    pub(super) fn type_in_ours(
        &self,
        author: &Author,
        vault: &StoredVault,
        kind: &RecordKind,
        record: RecordId,
        field: &Field,
        stamp: Stamp,
        since: &[String],
        screen: &str,
        save: Option<&[u8]>,
    ) -> Result<bool, StoreProblem> {
        let state = self.text_state(record, field.name)?;
        let open = |state: Option<&[u8]>| SharedText::open(author.writer, state).map_err(failed);
        let stands = open(state.as_deref())?;
        let now = stands.words().map_err(failed)?;
        let after = stands.with(since, screen).map_err(failed)?;
        let changes = Changes::between(&now, &after);
        self.keep_save(record, field.name, &changes, screen, save)?;
        if after == now {
            return Ok(false);
        }
        self.keep_typed(record, field.name, &changes)?;
        // What another incarnation typed may stand in a copy of this store as well, and stays as it is.
        let ground = self.ground(record, field.name)?.filter(|ground| ground.writer == author.writer);
        let ground = ground.filter(|ground| ground.bytes < TYPING_BYTES_MAX);
        let grows = ground.as_ref().map(|ground| ground.edit);
        let (ground, text, update) = if let Some(ground) = ground {
            let mut text = open(ground.state.as_deref())?;
            let stood = text.words().map_err(failed)?;
            let update = text.write_over(&Changes::between(&stood, &after)).map_err(failed)?;
            (ground.state, text, update)
        } else {
            let mut text = stands;
            let update = text.write_over(&changes).map_err(failed)?;
            (state, text, update)
        };
        let mut edit = Edit {
            kind: kind.name.to_owned(),
            record,
            field: field.name.to_owned(),
            op_code: Op::Type.code(),
            stamp,
            clock_ahead_ms: author.ahead_of(stamp),
            replaces: Vec::new(),
            value: update.unwrap_or_else(|| NOTHING_TYPED.to_vec()),
        };
        let chain = self.own_chain(vault.no, author.device, kind.lane)?;
        let no = if let Some(no) = grows {
            self.set_typing(no, stamp, &edit.value)?;
            self.set_written(chain.no, chain.written_seq, stamp)?;
            no
        } else {
            let seq = chain.written_seq.saturating_add(1);
            let no = edit_no(chain.no, seq);
            self.keep_record(record, kind.name, vault.no)?;
            self.keep_edit(no, &edit, &[], false, true)?;
            self.set_written(chain.no, seq, stamp)?;
            self.make_row(kind, vault.no, author.device, &edit, 0)?;
            no
        };
        let ground = Ground { state: ground, edit: no, writer: author.writer, bytes: 0 };
        self.set_text_state(record, field.name, &text.state().map_err(failed)?, Some(&ground))?;
        self.show_words(kind, field, record, after.clone())?;
        // The column shows the words already; what is left of projecting is the index.
        edit.op_code = Op::Put.code();
        self.project(kind, field, Op::Put, &edit, author.device, author.writer)?;
        Ok(true)
    }

    /// Keeps what a save began from and, where words of others stand between, what its screen says, which the next one begins
    /// from: so that neither is taken for the other.
    fn keep_save(
        &self,
        record: RecordId,
        field: &str,
        changes: &Changes<'_>,
        screen: &str,
        save: Option<&[u8]>,
    ) -> Result<(), StoreProblem> {
        let (now, after) = (changes.before, changes.after);
        if (now == after && screen == now && save.is_none()) || (now.is_empty() && save.is_none()) {
            return Ok(());
        }
        if screen == after {
            return self.keep_revision(record, field, changes, save);
        }
        self.keep_revision(record, field, &Changes::between(now, screen), save)?;
        self.keep_revision(record, field, &Changes::between(screen, after), None)
    }

    /// A colleague's typing. What is no typing changes no word, here as on every device. What makes the library fail changes
    /// none either, and is tried again after an update of the app: false.
    pub(super) fn type_in_theirs(
        &self,
        kind: &RecordKind,
        field: &Field,
        edit: &Edit,
        by: DeviceId,
        writer: u64,
    ) -> Result<bool, StoreProblem> {
        let take_in = |state: Option<&[u8]>| {
            let mut text = SharedText::open(writer, state)?;
            let before = text.words()?;
            text.take_in_read_by(self.vocabulary.read_typing, &edit.value)?;
            Ok((text.state()?, before, text.words()?))
        };
        let state = self.text_state(edit.record, field.name)?;
        match take_in(state.as_deref()) {
            Ok((state, before, words)) => {
                // Where only the ground does not take it, our typing stays as it is and the next begins an edit of its own.
                let ground = self.ground(edit.record, field.name)?.and_then(|ground| {
                    let (state, ..) = take_in(ground.state.as_deref()).ok()?;
                    Some(Ground { state: Some(state), ..ground })
                });
                self.set_text_state(edit.record, field.name, &state, ground.as_ref())?;
                self.keep_merge(kind, field, edit, (&before, &words), by)?;
                self.show_words(kind, field, edit.record, words)?;
                self.index_if_words(kind, field, edit.record);
                Ok(true)
            }
            Err(TextProblem::MakesNoSense) => Ok(true),
            Err(TextProblem::LibraryFailed) => Ok(false),
        }
    }

    /// The stored state of a text.
    fn text_state(&self, record: RecordId, field: &str) -> Result<Option<Vec<u8>>, StoreProblem> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT state FROM text_state WHERE record = :record AND field = :field")?;
        Ok(statement
            .query_row(named_params! { ":record": record.0, ":field": field }, |row| row.get(0))
            .optional()?)
    }

    /// What a text was before the newest of our typing, as long as that has not been sealed.
    fn ground(&self, record: RecordId, field: &str) -> Result<Option<Ground>, StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT ground, ground_edit, ground_writer, length(edit.value)
             FROM text_state JOIN edit ON edit.no = ground_edit JOIN chain ON chain.no = edit.no >> 40
             WHERE text_state.record = :record AND text_state.field = :field
               AND edit.no > (chain.no << 40) + chain.head_seq",
        )?;
        let ground = statement.query_row(named_params! { ":record": record.0, ":field": field }, |row| {
            let state: Vec<u8> = row.get(0)?;
            Ok(Ground {
                state: (!state.is_empty()).then_some(state),
                edit: row.get(1)?,
                writer: row.get::<_, i64>(2)?.cast_unsigned(),
                bytes: row.get(3)?,
            })
        });
        Ok(ground.optional()?)
    }

    fn set_text_state(
        &self,
        record: RecordId,
        field: &str,
        state: &[u8],
        ground: Option<&Ground>,
    ) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO text_state (record, field, state, ground, ground_edit, ground_writer)
             VALUES (:record, :field, :state, :ground, :edit, :writer)
             ON CONFLICT (record, field) DO UPDATE SET state = excluded.state, ground = excluded.ground,
                 ground_edit = excluded.ground_edit, ground_writer = excluded.ground_writer",
        )?;
        statement.execute(named_params! {
            ":record": record.0,
            ":field": field,
            ":state": state,
            ":ground": ground.map(|ground| ground.state.as_deref().unwrap_or_default()),
            ":edit": ground.map(|ground| ground.edit),
            ":writer": ground.map(|ground| ground.writer.cast_signed()),
        })?;
        Ok(())
    }
}

const fn failed(problem: TextProblem) -> StoreProblem {
    match problem {
        TextProblem::MakesNoSense => StoreProblem::Damaged("text"),
        TextProblem::LibraryFailed => StoreProblem::TextLibrary,
    }
}
