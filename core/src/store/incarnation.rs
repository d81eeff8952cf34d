//! This device under a new name: what it had not sent goes on in chains of the new name, in the same order.
//!
//! Whose the old name is from then on, and why it was left, is not known here.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::segment::{Chain, Head};
use rusqlite::named_params;

use super::chains::{edit_no, signed, unsigned};
use super::edits::{decode_places, encode_places};
use super::problem::StoreProblem;
use super::{Me, Read, Write};
use crate::domain::kind::KINDS;

/// One chain of the old name.
struct Left {
    no: i64,
    vault_no: i64,
    chain: Chain,
    written_seq: u64,
    acked_seq: u64,
    stamp: i64,
}

/// Edits of one chain that go over to another: every place after `from` and before `end` moves by `by`.
#[derive(Clone, Copy)]
struct Shift {
    from: i64,
    end: i64,
    by: i64,
}

impl Shift {
    fn of(shifts: &[Self], place: i64) -> i64 {
        let shift = shifts.iter().find(|shift| shift.from < place && place < shift.end);
        shift.map_or(place, |shift| place.saturating_add(shift.by))
    }
}

impl Read<'_> {
    /// How many edits of this device the endpoint is known to hold, in all chains.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn acked_in_all(&self, me: DeviceId) -> Result<u64, StoreProblem> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT ifnull(sum(acked_seq), 0) FROM chain WHERE device = :me")?;
        Ok(statement.query_row(named_params! { ":me": me.0 }, |row| unsigned(row, 0))?)
    }

    /// How many edits of each of this device's chains the endpoint is known to hold.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn acked_of_each(&self, me: DeviceId) -> Result<Vec<(Chain, u64)>, StoreProblem> {
        Ok(self.left(me)?.into_iter().map(|left| (left.chain, left.acked_seq)).collect())
    }

    fn left(&self, device: DeviceId) -> Result<Vec<Left>, StoreProblem> {
        let mut statement = self.connection.prepare_cached(
            "SELECT chain.no, chain.vault, vault.id, chain.lane, chain.written_seq, chain.acked_seq,
                    chain.written_stamp
             FROM chain JOIN vault ON vault.no = chain.vault WHERE chain.device = :device ORDER BY chain.no",
        )?;
        let mut rows = statement.query(named_params! { ":device": device.0 })?;
        let mut chains = Vec::new();
        while let Some(row) = rows.next()? {
            let lane = Lane::from_code(row.get(3)?).ok_or(StoreProblem::Damaged("lane"))?;
            chains.push(Left {
                no: row.get(0)?,
                vault_no: row.get(1)?,
                chain: Chain { vault: VaultId(row.get(2)?), device, lane },
                written_seq: unsigned(row, 4)?,
                acked_seq: unsigned(row, 5)?,
                stamp: row.get(6)?,
            });
        }
        Ok(chains)
    }
}

impl Write<'_> {
    /// Forgets what the endpoint acknowledged of a chain: it holds nothing of it.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn forget_acks_of(&self, chain: &Chain) -> Result<(), StoreProblem> {
        let Some(vault) = self.read().vault(chain.vault)? else { return Ok(()) };
        let no = self.chain_no(vault.no, chain.device, chain.lane)?;
        self.set_acked(no, 0)
    }

    /// Goes on under a new name. What the endpoint holds stays in the old chains, which are somebody's like any other from
    /// now on; the rest goes over, renumbered from 1, and is sealed anew. Typing goes over as it is: what both copies hold
    /// from before they parted, a text knows for the same.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn go_on_as(&self, me: &Me, next: &Me, at_ms: i64) -> Result<(), StoreProblem> {
        let mut shifts = Vec::new();
        let chains = self.read().left(me.device)?;
        for left in chains.iter().filter(|left| left.acked_seq < left.written_seq) {
            let new_no = self.chain_no(left.vault_no, next.device, left.chain.lane)?;
            let (from, to) = (edit_no(left.no, left.acked_seq), edit_no(new_no, 0));
            let end = edit_no(left.no.saturating_add(1), 0);
            let seq = signed(left.written_seq.saturating_sub(left.acked_seq))?;
            shifts.push(Shift { from, end, by: to.saturating_sub(from) });
            self.transaction
                .prepare_cached("UPDATE chain SET written_seq = :seq, written_stamp = :stamp WHERE no = :no")?
                .execute(named_params! { ":seq": seq, ":stamp": left.stamp, ":no": new_no })?;
        }
        for shift in &shifts {
            self.replace_elsewhere(shift, &shifts)?;
        }
        for shift in &shifts {
            self.shift(shift)?;
        }
        for left in &chains {
            self.leave(left)?;
        }
        for known in KINDS {
            self.made_by(known.name, me.device, next.device)?;
        }
        // The first segments of the new name say again what their author has seen.
        self.transaction.prepare_cached("UPDATE chain SET named_seq = 0")?.execute([])?;
        let endpoint = self.read().endpoint()?;
        self.set_endpoint(&super::Endpoint { cursors: Default::default(), ..endpoint })?;
        self.rename(next)?;
        self.raise_alarm(super::Alarm::DeviceCopied, VaultId([0; 16]), me.device, 0, at_ms)
    }

    /// Names in the moved edits what they replace by its new place.
    fn replace_elsewhere(&self, shift: &Shift, shifts: &[Shift]) -> Result<(), StoreProblem> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT no, replaces FROM edit WHERE no > :from AND no < :end AND length(replaces) > 0",
        )?;
        let named = named_params! { ":from": shift.from, ":end": shift.end };
        let rows = statement.query_map(named, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows: Vec<(i64, Vec<u8>)> = rows.collect::<Result<_, _>>()?;
        let mut put =
            self.transaction.prepare_cached("UPDATE edit SET replaces = :replaces WHERE no = :no")?;
        for (no, replaces) in rows {
            let places = decode_places(&replaces)?.into_iter().map(|place| Shift::of(shifts, place));
            let replaces = encode_places(&places.collect::<Vec<_>>())?;
            put.execute(named_params! { ":replaces": replaces, ":no": no })?;
        }
        Ok(())
    }

    fn shift(&self, shift: &Shift) -> Result<(), StoreProblem> {
        let named = named_params! { ":from": shift.from, ":end": shift.end, ":by": shift.by };
        self.transaction
            .prepare_cached("UPDATE not_understood SET edit = edit + :by WHERE edit > :from AND edit < :end")?
            .execute(named)?;
        self.transaction
            .prepare_cached("UPDATE edit SET no = no + :by WHERE no > :from AND no < :end")?
            .execute(named)?;
        Ok(())
    }

    /// Leaves an old chain at what the endpoint holds of it. What was sealed beyond is void: nobody has it, and it is
    /// sealed again under fresh salts.
    fn leave(&self, left: &Left) -> Result<(), StoreProblem> {
        let hash = self.read().segment_hash_at(left.no, left.acked_seq)?;
        let head = Head { seq: left.acked_seq, hash: hash.unwrap_or(Hash::NOTHING) };
        let named = named_params! { ":no": left.no, ":seq": signed(left.acked_seq)? };
        for sql in [
            "DELETE FROM segment WHERE chain = :no AND last_seq > :seq",
            "DELETE FROM receipt WHERE chain = :no AND seq > :seq",
        ] {
            self.transaction.prepare_cached(sql)?.execute(named)?;
        }
        self.transaction
            .prepare_cached("UPDATE chain SET written_seq = 0, acked_seq = 0 WHERE no = :no")?
            .execute(named_params! { ":no": left.no })?;
        self.set_head(left.no, head)
    }

    /// Records whose first word has gone over were made by the new name, as everybody else will have it.
    fn made_by(&self, table: &str, before: DeviceId, device: DeviceId) -> Result<(), StoreProblem> {
        let sql = format!(
            "UPDATE {table} SET made_device = :device WHERE made_device = :before
               AND EXISTS (SELECT 1 FROM edit JOIN chain ON chain.no = edit.no >> 40
                           WHERE edit.record = {table}.id AND chain.device = :device)
               AND NOT EXISTS (SELECT 1 FROM edit JOIN chain ON chain.no = edit.no >> 40
                               WHERE edit.record = {table}.id AND chain.device = :before)"
        );
        self.transaction
            .prepare_cached(&sql)?
            .execute(named_params! { ":device": device.0, ":before": before.0 })?;
        Ok(())
    }
}
