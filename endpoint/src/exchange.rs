//! The one round trip: take in what a device brings, then hand out what it has not read.
//!
//! Everything brought is taken in one transaction, durable before a word of the reply is said.

use fieldfare_protocol::exchange::{Ack, Cursors, LogAck, Reply, Request, SegmentOutcome};
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::{REPLY_BYTES_TARGET, REQUEST_ITEMS_MAX};
use fieldfare_protocol::membership::{Act, SignedRecord};
use fieldfare_protocol::prefix::RequestPrefix;
use fieldfare_protocol::receipt::{Attested, Receipt};
use fieldfare_protocol::request::Refused;
use fieldfare_protocol::segment::Head;

use crate::intake::{ChainKey, Intake, Touched, place_of_segment};
use crate::keeper::Keeper;
use crate::problem::{Failure, Trouble};
use crate::store::Page;

/// What one acknowledgement costs on the wire at most; the same for a membership record's.
const ACK_BYTES_MAX: usize = 16 + 1 + 9 + 32 + 1 + 9;

/// What one receipt costs on the wire at most.
const RECEIPT_BYTES_MAX: usize = 16 + 16 + 9 + 32 + 10 + 65;

/// What became of everything a request brought.
#[derive(Default)]
struct Taken {
    log_acks: Vec<LogAck>,
    touched: Touched,
}

/// Brings a recognised device and the endpoint level.
pub(crate) fn exchange(keeper: &Keeper, caller: DeviceId, request: &Request) -> Result<Reply, Failure> {
    let parts = [request.membership.len(), request.segments.len(), request.asks.len()];
    if parts.into_iter().fold(0, usize::saturating_add) > REQUEST_ITEMS_MAX {
        return Err(Refused::TooLarge.into());
    }
    let taken = take(keeper, caller, &request.membership, &request.segments)?;
    let receipts = receipts(keeper, caller, &taken)?;
    let touched = taken.touched.iter();
    let mut acks: Vec<Ack> =
        touched.map(|(key, chain)| ack(*key, chain.head, chain.outcome, chain.agreed)).collect();
    let same_generation = request.generation == Some(keeper.generation);
    // Cursors of another life of the data say nothing in this one, and neither do those of data that were put back without a
    // word about it: whatever arrived since then would be skipped.
    let turned_back = same_generation && !keeper.store.read(|read| read.gave_out(&request.cursors))?;
    let same_life = same_generation && !turned_back;
    let after = if same_life { request.cursors } else { Cursors::default() };
    let mut yours = 0;
    let page = keeper.store.read(|read| {
        yours = read.held(caller)?;
        if !same_life {
            let others = read.heads(caller, room_bytes(&acks, &taken.log_acks, &receipts) / ACK_BYTES_MAX)?;
            let others = others.into_iter().map(|(vault, lane_code, head)| ((vault, lane_code), head));
            let others = others.filter(|(key, _)| !taken.touched.contains_key(key));
            acks.extend(others.map(|(key, head)| ack(key, head, SegmentOutcome::Kept, 0)));
        }
        for asked in &request.asks {
            let Some(vault) = keeper.writable(caller, asked.vault_tag) else { continue };
            let key = (vault, asked.lane_code);
            if !acks.iter().any(|known| (known.vault, known.lane_code) == key) {
                let head = read.head(vault, caller, asked.lane_code)?.map_or(Head::START, |kept| kept.head);
                acks.push(ack(key, head, SegmentOutcome::Kept, 0));
            }
        }
        if request.fetch {
            let asked_bytes = match request.page_kib {
                0 => REPLY_BYTES_TARGET,
                kib => usize::from(kib).saturating_mul(1024),
            };
            read.page(caller, after, room_bytes(&acks, &taken.log_acks, &receipts).min(asked_bytes))
        } else {
            Ok(Page { cursors: after, ..Page::default() })
        }
    });
    let page = match page {
        Ok(page) => page,
        Err(trouble) if request.membership.is_empty() && request.segments.is_empty() => {
            return Err(trouble.into());
        }
        Err(trouble) => {
            // What was brought is safe. Its receipts matter more than what could not be read for the way back.
            trouble.report();
            Page { items: Vec::new(), cursors: after, more: request.fetch }
        }
    };
    Ok(Reply {
        generation: keeper.generation,
        turned_back,
        log_acks: taken.log_acks,
        acks,
        receipts,
        items: page.items,
        cursors: page.cursors,
        yours,
        more: page.more,
        now_ms: keeper.now_ms(),
    })
}

/// Keeps what had arrived of a request that broke off. Nobody hears what became of it; the device asks when it is back.
pub(crate) fn take_prefix(keeper: &Keeper, caller: DeviceId, prefix: &RequestPrefix) -> Result<(), Failure> {
    take(keeper, caller, &prefix.membership, &prefix.segments).map(|_| ())
}

/// Whether a request brings what is urgent and asks for nothing.
pub(crate) fn is_urgent_alone(request: &Request) -> bool {
    let urgent = |bytes: &[u8]| place_of_segment(bytes).is_some_and(|(lane, _)| lane == Lane::Urgent.code());
    !request.fetch && !request.segments.is_empty() && request.segments.iter().all(|bytes| urgent(bytes))
}

fn take<B: AsRef<[u8]>>(
    keeper: &Keeper,
    caller: DeviceId,
    membership: &[B],
    segments: &[B],
) -> Result<Taken, Failure> {
    if membership.is_empty() && segments.is_empty() {
        return Ok(Taken::default());
    }
    let taken: Taken = keeper.change(|write, draft| {
        let mut intake =
            Intake { write, draft, caller, now_ms: keeper.now_ms(), quota_bytes: keeper.quota_bytes };
        let mut taken = Taken::default();
        for bytes in membership {
            taken.log_acks.push(intake.take_record(bytes.as_ref())?);
        }
        for bytes in segments {
            intake.take_segment(bytes.as_ref(), &mut taken.touched)?;
        }
        Ok::<_, Trouble>(taken)
    })?;
    let erases = |bytes: &B| {
        SignedRecord::parse(bytes.as_ref()).is_ok_and(|signed| matches!(signed.record.act, Act::Erase { .. }))
    };
    if membership.iter().any(erases) {
        keeper.fold();
    }
    Ok(taken)
}

fn receipts(keeper: &Keeper, caller: DeviceId, taken: &Taken) -> Result<Vec<Receipt>, Trouble> {
    let urgent = Lane::Urgent.code();
    let delivered =
        taken.touched.iter().filter(|((_, lane_code), chain)| *lane_code == urgent && chain.any_kept);
    let attested = delivered.map(|(&(vault, _), chain)| Attested {
        vault,
        device: caller,
        seq: chain.head.seq,
        hash: chain.head.hash,
        received_at_ms: chain.received_at_ms,
    });
    attested.map(|attested| keeper.receipts.sign(attested)).collect()
}

fn ack((vault, lane_code): ChainKey, Head { seq, hash }: Head, outcome: SegmentOutcome, agreed: u64) -> Ack {
    Ack { vault, lane_code, seq, hash, outcome, agreed }
}

/// What the acknowledgements and receipts leave of a reply.
fn room_bytes(acks: &[Ack], log_acks: &[LogAck], receipts: &[Receipt]) -> usize {
    let acks = acks.len().saturating_add(log_acks.len()).saturating_mul(ACK_BYTES_MAX);
    let spent = acks.saturating_add(receipts.len().saturating_mul(RECEIPT_BYTES_MAX));
    REPLY_BYTES_TARGET.saturating_sub(spent)
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "histories_tests.rs"]
mod histories;
