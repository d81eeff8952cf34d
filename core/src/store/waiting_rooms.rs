//! What has not gone out and what has not been let in, told so that a person can act on it.
//!
//! Counts and times only; in which words they are told is the pages' to say.

use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use rusqlite::{OptionalExtension, named_params};

use super::chains::{edit_no, unsigned};
use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::{CaseId, ExchangeTrouble};
use crate::domain::stamp::Stamp;

/// What waits to be sent in one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsentLane {
    /// The lane.
    pub lane: Lane,
    /// Edits.
    pub edits: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// Stamp of the oldest.
    pub oldest: Option<Stamp>,
}

/// Segments of one device in one vault that wait or were set aside for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The author.
    pub device: DeviceId,
    /// Whose device it is, by name; empty if nobody knows.
    pub by: String,
    /// The case of the vault, if it is here.
    pub case: Option<CaseId>,
    /// How many segments.
    pub segments: u64,
    /// Key of the reason.
    pub why: String,
    /// When the first of them was held back, by the endpoint's clock.
    pub since_ms: i64,
}

impl Read<'_> {
    /// What waits to be sent, by lane, first to leave first; lanes without anything are left out.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn unsent_by_lane(&self, me: DeviceId) -> Result<Vec<UnsentLane>, StoreProblem> {
        let mut bytes = self.connection.prepare_cached(
            "SELECT ifnull(sum(length(value)), 0) FROM edit WHERE no > :acked AND no <= :written",
        )?;
        let mut first =
            self.connection.prepare_cached("SELECT stamp FROM edit WHERE no > :acked ORDER BY no LIMIT 1")?;
        let mut lanes: Vec<UnsentLane> = Vec::new();
        for chain in self.outgoing(me)? {
            let acked = edit_no(chain.no, chain.acked_seq);
            let written = edit_no(chain.no, chain.written_seq);
            let bytes = bytes
                .query_row(named_params! { ":acked": acked, ":written": written }, |row| unsigned(row, 0))?;
            let oldest: Option<i64> =
                first.query_row(named_params! { ":acked": acked }, |row| row.get(0)).optional()?;
            let oldest = oldest.map(|stamp| Stamp(stamp.cast_unsigned()));
            let edits = chain.written_seq.saturating_sub(chain.acked_seq);
            match lanes.last_mut().filter(|last| last.lane == chain.chain.lane) {
                Some(lane) => {
                    lane.edits = lane.edits.saturating_add(edits);
                    lane.bytes = lane.bytes.saturating_add(bytes);
                    lane.oldest = [lane.oldest, oldest].into_iter().flatten().min();
                }
                None => lanes.push(UnsentLane { lane: chain.chain.lane, edits, bytes, oldest }),
            }
        }
        Ok(lanes)
    }

    /// Whose segments wait or were set aside, in which case and why, the longest first.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn held_back(&self, set_aside: bool) -> Result<Vec<HeldBack>, StoreProblem> {
        let from = if set_aside {
            "SELECT set_aside.device, vault.no AS vault, why, at_ms AS held_at_ms
             FROM set_aside LEFT JOIN vault ON vault.id = set_aside.vault"
        } else {
            "SELECT device, vault, why, held_at_ms FROM waiting"
        };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT held.device, held.vault, count(*), held.why, min(held.held_at_ms),
                    (SELECT person.name FROM device JOIN person ON person.id = device.person
                     WHERE device.id = held.device)
             FROM ({from}) AS held GROUP BY held.device, held.vault, held.why
             ORDER BY 5, held.device, held.why"
        ))?;
        let mut rows = statement.query([])?;
        let mut held_back = Vec::new();
        while let Some(row) = rows.next()? {
            let vault_no: Option<i64> = row.get(1)?;
            held_back.push(HeldBack {
                device: DeviceId(row.get(0)?),
                by: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                case: vault_no.map(|no| self.case_of_vault(no)).transpose()?.flatten(),
                segments: unsigned(row, 2)?,
                why: row.get(3)?,
                since_ms: row.get(4)?,
            });
        }
        Ok(held_back)
    }

    /// Why the last exchange ended before its time, if it did.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn exchange_trouble(&self) -> Result<Option<ExchangeTrouble>, StoreProblem> {
        let mut statement =
            self.connection.prepare_cached("SELECT at_ms, problem, says, next FROM exchange_trouble")?;
        let found = statement.query_row([], |row| {
            Ok(ExchangeTrouble {
                at_ms: row.get(0)?,
                problem: row.get(1)?,
                says: row.get(2)?,
                next: row.get(3)?,
            })
        });
        Ok(found.optional()?)
    }
}

impl Write<'_> {
    /// Remembers why the last exchange ended before its time, or that it did not.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn set_exchange_trouble(&self, trouble: Option<&ExchangeTrouble>) -> Result<(), StoreProblem> {
        self.transaction.prepare_cached("DELETE FROM exchange_trouble")?.execute([])?;
        if let Some(ExchangeTrouble { at_ms, problem, says, next }) = trouble {
            self.transaction
                .prepare_cached(
                    "INSERT INTO exchange_trouble (at_ms, problem, says, next)
                     VALUES (:at_ms, :problem, :says, :next)",
                )?
                .execute(named_params! {
                    ":at_ms": at_ms, ":problem": problem, ":says": says, ":next": next,
                })?;
        }
        Ok(())
    }
}
