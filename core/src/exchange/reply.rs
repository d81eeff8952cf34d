//! Taking the endpoint's reply in, in two transactions: first what it says of ours, then what it brings of others'.
//!
//! Nothing that comes with an acknowledgement can take it back: a concern that has arrived counts as arrived.
//! The endpoint is believed only where it cannot harm: an acknowledgement must name the hash that we sealed, an urgent one
//! must come with a receipt that verifies, and nothing is ever deleted because the endpoint lacks it.

use std::collections::{BTreeSet, HashSet};

use fieldfare_protocol::call_number::CallNumber;
use fieldfare_protocol::exchange::{Ack, Cursors, Item, LogAck, LogOutcome, Reply, SegmentOutcome};
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{SignedRecord, VaultKind};
use fieldfare_protocol::receipt::Receipt;
use fieldfare_protocol::wire;

use super::cut::handed_over;
use super::erasing::is_over;
use super::incoming::{Incoming, Parcel};
use super::logs::{Logs, Taken};
use crate::contract::Problem;
use crate::domain::lease::Lease;
use crate::domain::stamp::Stamp;
use crate::store::{AFTER_REMOVAL, Endpoint, Me, SEQ_MAX, Touched, Write};
use crate::vault::members::Signer;

/// Who takes a reply in.
pub(super) struct Taking<'t> {
    pub(super) me: &'t Me,
    pub(super) signer: &'t Signer<'t>,
    /// This device's own time, uncorrected.
    pub(super) now_ms: i64,
    /// The latest stamp written or followed.
    pub(super) stamp: Stamp,
    /// The call that was answered.
    pub(super) call: CallNumber,
}

/// What a reply brought.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// Edits of ours that the endpoint holds now and did not before.
    pub(super) sent: u64,
    /// Edits of others that were settled.
    pub(super) received: u64,
    /// Whether anything at all moved.
    pub(super) moved: bool,
    /// Whether the endpoint holds segments under our name that are not ours.
    pub(super) copied: bool,
    /// Records that changed.
    pub(super) touched: BTreeSet<Touched>,
    /// The latest stamp written or followed.
    pub(super) stamp: Stamp,
}

/// Takes in what a reply says of ours: which life of the endpoint it is, acknowledgements and receipts.
pub(super) fn take_acks(
    write: &Write<'_>,
    logs: &mut Logs,
    taking: &Taking<'_>,
    reply: &Reply,
) -> Result<Brought, Problem> {
    // A stamp that a wrong clock had carried off decides nothing from now on.
    write.bring_back_stamps(taking.me.device, reply.now_ms)?;
    let stamp = taking.stamp.brought_back(reply.now_ms);
    let mut brought = Brought { stamp, ..Brought::default() };
    write.forget_erased_words(reply.now_ms)?;
    write.set_lease(&Lease::fresh(reply.now_ms))?;
    write.set_last_call(taking.call)?;
    let endpoint = write.read().endpoint()?;
    let mut new_life =
        reply.turned_back || endpoint.generation.is_some_and(|known| known != reply.generation);
    if new_life {
        // A new life of the endpoint: what it still holds, it says itself; the rest is sent again.
        write.forget_acks(taking.me.device)?;
        write.offer_records_again()?;
        write.offer_chains_again()?;
        brought.moved = true;
    }
    for ack in &reply.log_acks {
        brought.moved |= take_log_ack(write, logs, taking.me, ack, reply.now_ms)?;
    }
    for ack in &reply.acks {
        if let Some(sent) = handed_over(write, logs, taking.me, ack)? {
            brought.moved |= sent > 0;
            brought.sent = brought.sent.saturating_add(sent);
            continue;
        }
        match take_ack(write, taking.me, &endpoint, ack, &reply.receipts, reply.now_ms)? {
            Acked::Ours(sent) => {
                brought.moved |= sent > 0;
                brought.sent = brought.sent.saturating_add(sent);
            }
            Acked::Anothers => brought.copied = true,
            Acked::TurnedBack => {
                // A new life in everything but its name, of which our cursors know nothing either.
                write.offer_records_again()?;
                write.offer_chains_again()?;
                new_life = true;
                brought.moved = true;
            }
        }
    }
    write.set_endpoint(&Endpoint {
        generation: Some(reply.generation),
        // Cursors mean something only within the life of the endpoint that gave them out.
        cursors: if new_life { Cursors::default() } else { endpoint.cursors },
        last_exchange_at_ms: Some(taking.now_ms),
        clock_ahead_ms: Some(taking.now_ms.saturating_sub(reply.now_ms)),
        ..endpoint
    })?;
    Ok(brought)
}

/// Takes in what a reply brings of others': records, segments and, in the same transaction, the cursor behind them.
pub(super) fn take_items(
    write: &Write<'_>,
    logs: &mut Logs,
    taking: &Taking<'_>,
    reply: &Reply,
) -> Result<Brought, Problem> {
    let mut brought = Brought { stamp: taking.stamp, ..Brought::default() };
    let reach = take_each(write, logs, taking, reply, &mut brought)?;
    let endpoint = write.read().endpoint()?;
    let cursors = match reach {
        Reach::All => reply.cursors,
        Reach::UrgentOnly => Cursors { first: reply.cursors.first, ..endpoint.cursors },
        Reach::Nothing => endpoint.cursors,
        Reach::Beginning => Cursors::default(),
    };
    if cursors != endpoint.cursors {
        brought.moved = true;
        write.set_endpoint(&Endpoint { cursors, ..endpoint })?;
    }
    Ok(brought)
}

fn take_log_ack(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Me,
    ack: &LogAck,
    now_ms: i64,
) -> Result<bool, Problem> {
    let Some(vault) = write.read().vault(ack.vault)? else { return Ok(false) };
    match ack.outcome {
        LogOutcome::Kept => {
            write.record_of_log_kept(vault.no, ack.number)?;
            logs.look_at_fork(write, &vault, me.device)?;
            logs.erase_where_it_stands(write, &vault, me.device, now_ms)?;
            if vault.kind == VaultKind::Organisation {
                logs.enter_devices(write)?;
            }
            Ok(true)
        }
        LogOutcome::Moved => {
            let dropped = logs.drop_unsent(write, &vault)?;
            Ok(write.stop_offering(vault.no, ack.number)? || dropped)
        }
        LogOutcome::NotAllowed => Ok(write.stop_offering(vault.no, ack.number)?),
    }
}

/// What an acknowledgement says.
enum Acked {
    /// So many edits have arrived that had not before.
    Ours(u64),
    /// The endpoint lacks what it once acknowledged.
    TurnedBack,
    /// The chain goes on under our name with something that we did not write.
    Anothers,
}

/// Moves the upload on.
fn take_ack(
    write: &Write<'_>,
    me: &Me,
    endpoint: &Endpoint,
    ack: &Ack,
    receipts: &[Receipt],
    now_ms: i64,
) -> Result<Acked, Problem> {
    let read = write.read();
    let lane = Lane::from_code(ack.lane_code).ok_or(Problem::EndpointNonsense)?;
    // A vault that a copy of this store has opened, or this store before it was turned back.
    let Some(vault) = read.vault(ack.vault)? else { return Ok(Acked::Anothers) };
    let chain_no = write.chain_no(vault.no, me.device, lane)?;
    if read.is_erased(vault.no)? {
        // There is nothing left to compare it with, and nothing to send again.
        write.set_acked(chain_no, ack.seq.min(SEQ_MAX))?;
        return Ok(Acked::Ours(0));
    }
    let before = read.acked(chain_no)?;
    if ack.outcome == SegmentOutcome::Erased {
        return Ok(Acked::Ours(0));
    }
    let is_anothers = ack.seq != 0 && read.segment_hash_at(chain_no, ack.seq)? != Some(ack.hash);
    if !is_anothers && ack.outcome == SegmentOutcome::NotAllowed {
        return Ok(Acked::Ours(0));
    }
    // What the endpoint took of ours before the other's words began has arrived, and must not be sent under another name.
    let seq = match is_anothers {
        false => ack.seq,
        true if read.segment_hash_at(chain_no, ack.agreed)?.is_some() => {
            if ack.seq > before {
                ack.agreed.max(before)
            } else {
                ack.agreed
            }
        }
        true if ack.seq > before => before,
        // It even lacks what it once acknowledged. From the start, then: the next answer says how far both agree.
        true => 0,
    };
    let mut held_at_ms = now_ms;
    if lane == Lane::Urgent && seq > before {
        let receipt = receipts.iter().find(|receipt| {
            let attested = &receipt.attested;
            (attested.vault, attested.device, attested.seq, attested.hash)
                == (ack.vault, me.device, ack.seq, ack.hash)
        });
        // Without a receipt that verifies it has not arrived, whatever the endpoint says: it is sent again.
        let key = endpoint.receipt_key.ok_or(Problem::EndpointNonsense)?;
        let receipt = receipt.filter(|receipt| receipt.verify(&key).is_ok());
        if let Some(receipt) = receipt {
            held_at_ms = receipt.attested.received_at_ms;
            let bytes = wire::encode(receipt).map_err(|_| Problem::EndpointNonsense)?;
            write.keep_receipt(chain_no, seq, &bytes)?;
        } else {
            return Ok(if is_anothers { Acked::Anothers } else { Acked::Ours(0) });
        }
    }
    write.set_acked(chain_no, seq)?;
    write.mark_held(chain_no, seq, held_at_ms)?;
    if seq > before {
        let plausible = write.read().plausible(vault.no, held_at_ms)?;
        write.judge_times(chain_no, before, seq, plausible)?;
    }
    Ok(match (is_anothers, seq < before) {
        (true, _) => Acked::Anothers,
        (false, true) => Acked::TurnedBack,
        (false, false) => Acked::Ours(seq.saturating_sub(before)),
    })
}

/// How far the items of a reply were taken, by the cursor that may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    All,
    UrgentOnly,
    Nothing,
    /// Something is missing that came long ago.
    Beginning,
}

fn is_by(record: &[u8], device: DeviceId) -> bool {
    SignedRecord::parse(record).is_ok_and(|signed| signed.record.author == device)
}

fn is_urgent(bytes: &[u8]) -> bool {
    Parcel::parse(bytes).is_ok_and(|parcel| parcel.lane() == Some(Lane::Urgent))
}

fn take_each(
    write: &Write<'_>,
    logs: &mut Logs,
    taking: &Taking<'_>,
    reply: &Reply,
    brought: &mut Brought,
) -> Result<Reach, Problem> {
    let mut reach = Reach::All;
    let (mut vaults, mut a_log_moved) = (HashSet::new(), false);
    let mut incoming = Incoming {
        write,
        logs,
        me: taking.me,
        held_at_ms: reply.now_ms,
        touched: &mut brought.touched,
        settled: 0,
        stamp: taking.stamp.brought_back(reply.now_ms),
        now_ms: reply.now_ms,
        damaged: false,
        damaged_before: false,
        no_room: false,
    };
    for item in &reply.items {
        match item {
            Item::Membership(bytes) => {
                let taken =
                    write.attempt(|| incoming.logs.take_in(write, taking.signer, bytes, reply.now_ms))?;
                if taken.is_none() {
                    // What a panic took back on disk must not stand in memory.
                    *incoming.logs = Logs::read(&write.read())?;
                }
                match taken.unwrap_or(Taken::Refused("membership.library_failed")) {
                    Taken::New => a_log_moved = true,
                    // One of our own that the endpoint keeps may let somebody in again.
                    Taken::Known => a_log_moved |= is_by(bytes, taking.me.device),
                    Taken::Refused(why) => {
                        let (vault, device) = (taking.me.organisation, taking.me.device);
                        let kept = write.set_aside(vault, device, why, reply.now_ms, bytes)?;
                        incoming.damaged |= incoming.is_to_come_again(kept, true)?;
                    }
                }
                if let Ok(signed) = SignedRecord::parse(bytes) {
                    vaults.insert(signed.record.vault);
                }
            }
            Item::Late { vault, .. } | Item::Segment { vault, .. } if is_over(&write.read(), *vault)? => {}
            Item::Late { vault, device, bytes } => {
                let kept = write.set_aside(*vault, *device, AFTER_REMOVAL, reply.now_ms, bytes)?;
                incoming.is_to_come_again(kept, false)?;
            }
            Item::Segment { vault, device, held_at_ms, bytes } => {
                vaults.insert(*vault);
                incoming.held_at_ms = *held_at_ms;
                if !incoming.take_in(*vault, *device, bytes)? {
                    // What was taken stays; the cursor stays behind, so that the rest comes again when there is room.
                    reach = if is_urgent(bytes) { Reach::Nothing } else { Reach::UrgentOnly };
                    break;
                }
            }
        }
    }
    if a_log_moved {
        vaults.extend(incoming.take_up_again(taking.signer)?);
    }
    // What waits may also wait for an update of the app, which has come without a word from the endpoint.
    vaults.extend(write.read().vaults_that_wait()?);
    for vault in vaults {
        if let Some(stored) = write.read().vault(vault)? {
            incoming.look_again(&stored)?;
        }
    }
    if !incoming.no_room {
        write.nothing_held_back()?;
    } else {
        incoming.damaged |= write.may_hold_back()?;
    }
    // What came damaged may be whole where it came from. Cursors move on once it comes again as it was.
    if incoming.damaged_before {
        reach = Reach::Beginning;
    } else if incoming.damaged {
        reach = Reach::Nothing;
    }
    brought.moved |= incoming.damaged || incoming.damaged_before;
    brought.received = incoming.settled;
    brought.stamp = incoming.stamp;
    brought.moved |= reach == Reach::All && !reply.items.is_empty();
    Ok(reach)
}
