//! Once a day each file is compared: what this device has settled is told to the others, and what they tell is made again here.
//!
//! Runs when everything else of an exchange is done, and never is the reason for one. It looks and tells; it changes no
//! record and believes nobody.

use fieldfare_protocol::id::{DeviceId, VaultId};

use super::cut::Belongs;
use super::logs::Logs;
use super::{Exchange, Outcome};
use crate::contract::Problem;
use crate::domain::digest::{KIND, SETTLED, Settled, record_of};
use crate::domain::value::Value;
use crate::store::{Alarm, Author, NewEdit, Pass, Read, Room, StoredVault, Uncompared, Write};

/// Most edits that one exchange looks through; the rest is looked through in the next ones.
const EDITS_PER_EXCHANGE: usize = 50_000;
/// Most bytes of values, likewise.
const BYTES_PER_EXCHANGE: usize = 16 * 1024 * 1024;
/// Most digests that one exchange takes up.
const DIGESTS_PER_EXCHANGE: usize = 64;

impl Exchange<'_> {
    /// Compares what can be compared and is due, as much as one exchange may. Returns whether a digest of ours was written,
    /// which leaves with the next round trip.
    pub(super) fn compare_digests(&self, logs: &mut Logs, done: &mut Outcome) -> Result<bool, Problem> {
        let Some(now_ms) = done.told_ms else { return Ok(false) };
        let me = self.me.device;
        let mut room = Room { edits: EDITS_PER_EXCHANGE, bytes: BYTES_PER_EXCHANGE };
        let mut wrote = false;
        let mut theirs = self.store.read(|read| read.uncompared_digests(me))?.into_iter();
        for _ in 0..DIGESTS_PER_EXCHANGE {
            let Some(mut pass) = self.take_up(logs, now_ms, &mut theirs)? else { break };
            let through = self.store.read(|read| read.look_through(&mut pass, &mut room))?;
            self.store.write(|write| {
                logs.refresh(&write.read())?;
                if pass.faults > 0 {
                    write.raise_alarm(Alarm::SettledWrongly, pass.vault.id, me, 0, now_ms)?;
                }
                match (through, pass.edit) {
                    (false, _) => write.keep_pass(&pass)?,
                    (true, Some(edit)) => compare_with(write, &pass, edit, me, now_ms)?,
                    (true, None) => wrote |= self.tell(write, logs, &pass, now_ms, done)?,
                }
                if through {
                    write.end_pass()?;
                }
                Ok::<_, Problem>(())
            })?;
            if room.is_spent() {
                break;
            }
        }
        Ok(wrote)
    }

    /// The digest to work at: the one that was begun, one of a colleague's of which everything is here, or one of ours that
    /// is due.
    fn take_up(
        &self,
        logs: &mut Logs,
        now_ms: i64,
        theirs: &mut impl Iterator<Item = Uncompared>,
    ) -> Result<Option<Pass>, Problem> {
        self.store.write(|write| {
            let read = write.read();
            logs.refresh(&read)?;
            if let Some(pass) = read.pass()? {
                if read.covers(pass.vault.no, &pass.settled)? {
                    return Ok(Some(pass));
                }
                write.end_pass()?;
            }
            for digest in theirs {
                let Some(settled) = digest.settled else {
                    write.digest_looked_at(digest.record, digest.edit)?;
                    continue;
                };
                let can_be_compared = !settled.understood || read.understands(digest.vault.no)?;
                if can_be_compared && read.covers(digest.vault.no, &settled)? {
                    return Ok(Some(Pass::begin(digest.vault, Some(digest.edit), settled)));
                }
            }
            write.note_undigested(self.me.device, now_ms)?;
            for vault in read.vaults_to_digest(now_ms)? {
                // Whoever hands a case on has nothing to compare with those who go on without them.
                if logs.belonging(&read, &vault, self.me.device)? == Belongs::Member
                    && logs.may_seal(&read, &vault, self.me.device, KIND.lane)?
                    && let Some(pass) = self.ours(&read, vault)?
                {
                    return Ok(Some(pass));
                }
            }
            Ok(None)
        })
    }

    fn ours(&self, read: &Read<'_>, vault: StoredVault) -> Result<Option<Pass>, Problem> {
        let Some(heads) = read.heads_of_vault(vault.no, self.me.device)? else { return Ok(None) };
        let settled = Settled::up_to(heads, read.understands(vault.no)?);
        Ok(read.covers(vault.no, &settled)?.then(|| Pass::begin(vault, None, settled)))
    }

    /// Writes down what we had settled, as an edit like any other.
    fn tell(
        &self,
        write: &Write<'_>,
        logs: &mut Logs,
        pass: &Pass,
        now_ms: i64,
        done: &mut Outcome,
    ) -> Result<bool, Problem> {
        write.digested(pass.vault.no, &pass.settled.heads)?;
        write.digest_written(pass.vault.no)?;
        if pass.faults == 0 {
            write.lower_alarm(Alarm::SettledWrongly, pass.vault.id, self.me.device)?;
        }
        if !logs.may_seal(&write.read(), &pass.vault, self.me.device, KIND.lane)? {
            return Ok(false);
        }
        let settled = pass.settled.with_hash(pass.running.end());
        let author = Author {
            device: self.me.device,
            writer: self.me.writer,
            now_ms,
            ahead_ms: self.ports.clock.now_ms().saturating_sub(now_ms),
            last_stamp: done.stamp,
        };
        let record = record_of(pass.vault.id, self.me.device);
        let value = NewEdit::Put(Value::Bytes(settled.to_bytes()));
        let wrote = write.write_edit(&author, &pass.vault, &KIND, record, &SETTLED, value)?;
        done.stamp = done.stamp.max(write.read().last_stamp()?);
        Ok(wrote)
    }
}

/// Compares a colleague's digest with what was made of the same edits here.
fn compare_with(write: &Write<'_>, pass: &Pass, edit: i64, me: DeviceId, now_ms: i64) -> Result<(), Problem> {
    let vault: VaultId = pass.vault.id;
    let Some((device, seq)) = write.read().author_of(edit)? else { return Ok(()) };
    write.digest_looked_at(record_of(vault, device), edit)?;
    if pass.running.end() == pass.settled.hash {
        write.lower_alarm(Alarm::PhonesDiffer, vault, device)?;
        // What a colleague has told the others, and what is the same here, need not be told again.
        write.digested(pass.vault.no, &pass.settled.heads)?;
        write.forget_undigested(pass.vault.no, me)?;
    } else {
        write.raise_alarm(Alarm::PhonesDiffer, vault, device, seq, now_ms)?;
    }
    Ok(())
}
