//! Packing long runs of this device's own small segments into bundles, once there is nothing else to send.
//!
//! Only the author does this, so nobody puts words into another's mouth. It is housekeeping: whatever goes wrong with it
//! changes nothing else, and it is tried again after the next exchange.

use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::bundle::{BUNDLE_MARK, Bundle, BundleHeader};
use fieldfare_protocol::exchange::SegmentOutcome;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::{BUNDLE_EDITS_MAX, BUNDLE_PIECES_MAX, REQUEST_BYTES_TARGET};
use fieldfare_protocol::segment::{Chain, Segment};
use serde_bytes::ByteBuf;

use super::logs::Logs;
use super::{body, bundle, padding};
use crate::contract::Problem;
use crate::domain::edit::Edit;
use crate::ports::Entropy;
use crate::store::{LongChain, StoredSegment, StoredVault, Write};
use crate::vault::members::Signer;
use crate::vault::seal;

/// Acknowledged segments of a chain from which on a run is packed.
const BUNDLE_FROM_SEGMENTS: u32 = 64;
/// Segments that a bundle has to stand for; a run in which fewer fit holds large ones, and is left as it is.
const BUNDLE_SEGMENTS_MIN: usize = 16;
/// Bytes of values after which a bundle is closed: half of what it may unfold to, the rest is for what edits replace.
const BUNDLE_VALUE_BYTES_TARGET: usize = 128 * 1024;
/// Most bundles that one exchange makes.
const BUNDLES_PER_EXCHANGE: usize = 4;

/// A bundle on its way.
pub(super) struct Packed {
    chain_no: i64,
    first_seq: u64,
    last_seq: u64,
    /// The signed bytes.
    pub(super) bytes: ByteBuf,
}

/// Packs what is due, a few bundles at most.
pub(super) fn pack(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Signer<'_>,
    entropy: &dyn Entropy,
) -> Result<Vec<Packed>, Problem> {
    let (mut packed, mut bytes): (Vec<Packed>, usize) = (Vec::new(), 0);
    for long in write.read().long_chains(me.device, BUNDLE_FROM_SEGMENTS)? {
        if packed.len() >= BUNDLES_PER_EXCHANGE || bytes >= REQUEST_BYTES_TARGET {
            break;
        }
        if let Some(one) = pack_one(write, logs, me, entropy, &long)? {
            bytes = bytes.saturating_add(one.bytes.len());
            packed.push(one);
        }
    }
    Ok(packed)
}

/// Notes what the endpoint did with each.
pub(super) fn take_outcomes(
    write: &Write<'_>,
    packed: &[Packed],
    outcomes: &[SegmentOutcome],
) -> Result<(), Problem> {
    for (one, outcome) in packed.iter().zip(outcomes) {
        match outcome {
            SegmentOutcome::Kept => write.run_done(one.chain_no, one.first_seq, one.last_seq, true)?,
            SegmentOutcome::NotAllowed => write.run_done(one.chain_no, one.first_seq, one.last_seq, false)?,
            // It was given part of the run back as another bundle, so it stays as it is. If it lacks the segments, the
            // exchange itself finds that out, and begins anew.
            SegmentOutcome::Gap => write.run_done(one.chain_no, one.first_seq, one.last_seq, false)?,
            // It holds others, or has no room: the exchange finds that out too, and says so.
            SegmentOutcome::Fork | SegmentOutcome::Full | SegmentOutcome::Late | SegmentOutcome::Erased => {}
        }
    }
    Ok(())
}

fn failed() -> Problem {
    Problem::Unexpected { place: "bundle".to_owned() }
}

fn pack_one(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Signer<'_>,
    entropy: &dyn Entropy,
    long: &LongChain,
) -> Result<Option<Packed>, Problem> {
    let read = write.read();
    let vault = read.vaults()?.into_iter().find(|vault| vault.no == long.vault_no).ok_or_else(failed)?;
    let lane = Lane::from_code(long.lane_code).ok_or_else(failed)?;
    let chain = Chain { vault: vault.id, device: me.device, lane };
    let (before, run) = read.run_of_segments(long.no, long.done_seq, long.acked_seq, BUNDLE_PIECES_MAX)?;
    let pending =
        read.pending(long.no, long.done_seq, BUNDLE_VALUE_BYTES_TARGET, BUNDLE_EDITS_MAX as usize)?;
    let edits: Vec<Edit> = pending.into_iter().map(|pending| pending.edit).collect();
    let run = fitting(run, edits.len());
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(None) };
    if run.len() < BUNDLE_SEGMENTS_MIN {
        write.run_done(long.no, first.first_seq, last.last_seq, false)?;
        return Ok(None);
    }
    let count = usize::try_from(last.last_seq.saturating_sub(long.done_seq)).map_err(|_| failed())?;
    let edits = edits.get(..count).ok_or_else(failed)?;
    let bundle = seal_one(write, logs, me, entropy, &vault, &chain, (before, &run), edits)?;
    Ok(match bundle {
        Some(bytes) => Some(Packed {
            chain_no: long.no,
            first_seq: first.first_seq,
            last_seq: last.last_seq,
            bytes: ByteBuf::from(bytes),
        }),
        None => {
            write.run_done(long.no, first.first_seq, last.last_seq, false)?;
            None
        }
    })
}

/// The segments at the start of a run that so many edits fill whole; at least one.
fn fitting(mut run: Vec<StoredSegment>, edits: usize) -> Vec<StoredSegment> {
    let mut room = edits as u64;
    let fit = run.iter().take_while(|segment| {
        let count = segment.last_seq.saturating_sub(segment.first_seq).saturating_add(1);
        let fits = count <= room;
        room = room.saturating_sub(count);
        fits
    });
    let fit = fit.count().max(1);
    run.truncate(fit);
    run
}

/// Seals and signs a bundle; `None` if it did not read back as the segments it stands for.
#[allow(clippy::too_many_arguments, reason = "everything that a bundle is bound to")]
fn seal_one(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Signer<'_>,
    entropy: &dyn Entropy,
    vault: &StoredVault,
    chain: &Chain,
    (before, run): (Hash, &[StoredSegment]),
    edits: &[Edit],
) -> Result<Option<Vec<u8>>, Problem> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(None) };
    let (epoch, key) = write.read().newest_key(vault.no)?.ok_or_else(failed)?;
    let mut salt = [0; 16];
    entropy.fill(&mut salt).map_err(|_| failed())?;
    let header = BundleHeader {
        mark: BUNDLE_MARK,
        version: SEGMENT_VERSION,
        lane_code: chain.lane.code(),
        vault_tag: vault.id.tag(),
        first_seq: first.first_seq,
        last_seq: last.last_seq,
        before,
        last_hash: last.hash,
        epoch,
        log_head: logs.head(&write.read(), vault)?,
        salt,
    };
    let segments: Result<Vec<Segment>, _> = run.iter().map(|stored| Segment::parse(&stored.bytes)).collect();
    let Ok(plain) = segments.map_err(|_| body::BadBody).and_then(|run| bundle::encode(chain, &run, edits))
    else {
        return Ok(None);
    };
    // Whoever reads the bundle never sees the segments: one that does not say the same may not leave.
    let reads_back = bundle::decode(chain, &header, &plain).is_ok_and(|pieces| {
        let said = pieces.iter().flat_map(|piece| &piece.edits);
        pieces.iter().map(|piece| piece.hash).eq(run.iter().map(|stored| stored.hash)) && said.eq(edits)
    });
    if !reads_back {
        return Ok(None);
    }
    let packed = padding::pad(body::pack(&plain).map_err(|_| failed())?);
    let clear = header.to_bytes().map_err(|_| failed())?;
    let sealed = seal::seal(&key, chain, &clear, first.first_seq, &salt, &packed).map_err(|_| failed())?;
    let bundle = Bundle::sign(chain, header, sealed, |message| me.identity.sign(message));
    let bytes = bundle.and_then(|bundle| bundle.bytes()).map_err(|_| failed())?;
    Ok(Some(bytes))
}
