//! What leaves: edits sealed into segments, and what is still unacknowledged, in the order of its urgency.
//!
//! A segment is durable here before it is sent, so that the same number never stands for two different bodies.

use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::exchange::AskedChain;
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::{
    ATTACHMENT_REQUEST_BYTES_TARGET, REQUEST_BYTES_TARGET, REQUEST_ITEMS_MAX, SEGMENT_EDITS_MAX,
    SEGMENT_FRONTIER_MAX,
};
use fieldfare_protocol::segment::{Head, Header, Segment};
use serde_bytes::ByteBuf;

use super::body;
use super::logs::Logs;
use super::pace::Pace;
use super::padding;
use crate::contract::Problem;
use crate::domain::edit::Edit;
use crate::ports::Entropy;
use crate::store::{OutgoingChain, Read, StoredSegment, StoredVault, Write};
use crate::vault::members::Signer;
use crate::vault::seal;

/// What one request carries.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Membership records, oldest first.
    pub(super) membership: Vec<ByteBuf>,
    /// Segments, most urgent first.
    pub(super) segments: Vec<ByteBuf>,
    /// Chains of which nobody knows how far they arrived.
    pub(super) asks: Vec<AskedChain>,
    /// Whether only urgent ones go, alone and first.
    pub(super) urgent_alone: bool,
    /// Whether something that may go has to wait for the next request.
    pub(super) left_behind: bool,
    /// Number of urgent edits that are written and not acknowledged, counted from the beginning of their chains.
    pub(super) urgent_written: u64,
}

/// Seals what is written and gathers what is to be sent, as much as the pace allows. Urgent edits go alone if there are
/// any that were not given up.
///
/// After a request to which no answer came, it is asked first how far each chain arrived. One urgent segment goes along:
/// sending it twice costs less than letting it wait.
pub(super) fn gather(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Signer<'_>,
    entropy: &dyn Entropy,
    pace: &Pace,
) -> Result<Outgoing, Problem> {
    let read = write.read();
    let mut chains = read.outgoing(me.device)?;
    let is_urgent = |chain: &OutgoingChain| chain.chain.lane == Lane::Urgent;
    let urgent = chains.iter().filter(|chain| is_urgent(chain));
    let mut gathered = Outgoing {
        urgent_written: urgent.map(|chain| chain.written_seq).fold(0, u64::saturating_add),
        ..Outgoing::default()
    };
    if pace.link.unsure {
        let sealed = chains.iter().filter(|chain| chain.acked_seq < chain.head.seq);
        let ask = |chain: &OutgoingChain| AskedChain {
            vault_tag: chain.chain.vault.tag(),
            lane_code: chain.chain.lane.code(),
        };
        gathered.asks = sealed.map(ask).take(REQUEST_ITEMS_MAX / 4).collect();
    }
    gathered.urgent_alone = pace.urgent_only || gathered.urgent_written > pace.given_up;
    let asking = !gathered.asks.is_empty();
    let only_urgent = gathered.urgent_alone || pace.full || asking;
    chains.retain(|chain| is_urgent(chain) || !only_urgent);
    let mut room = match pace.link.batch_bytes {
        // The first segment that it takes again shows that there is room again.
        _ if pace.link.no_room && !only_urgent => 1,
        bytes => bytes,
    };
    if !asking || !chains.is_empty() {
        let records = read.unsent_records(REQUEST_ITEMS_MAX / 2, room)?;
        room = room.saturating_sub(records.iter().map(Vec::len).sum());
        gathered.membership = records.into_iter().map(ByteBuf::from).collect();
    }
    let most = if asking { 1 } else { REQUEST_ITEMS_MAX / 2 };
    let mut attachments_room = ATTACHMENT_REQUEST_BYTES_TARGET;
    for outgoing in chains {
        if room == 0 || gathered.segments.len() >= most {
            gathered.left_behind = true;
            break;
        }
        let is_attachment = outgoing.chain.lane == Lane::Attachments;
        let lane_room = if is_attachment { room.min(attachments_room) } else { room };
        if lane_room == 0 {
            gathered.left_behind = true;
            break;
        }
        let ready = write.read().segments_after(outgoing.no, outgoing.acked_seq, lane_room)?;
        let ready = match ready.last() {
            // What is sealed already fills the request.
            Some(last) if last.last_seq < outgoing.head.seq => ready,
            _ => {
                seal_written(write, logs, me, entropy, &outgoing, lane_room, pace.link.segment_bytes)?;
                write.read().segments_after(outgoing.no, outgoing.acked_seq, lane_room)?
            }
        };
        for segment in ready.into_iter().take(most) {
            room = room.saturating_sub(segment.bytes.len());
            if is_attachment {
                attachments_room = attachments_room.saturating_sub(segment.bytes.len());
            }
            gathered.left_behind = segment.last_seq < outgoing.written_seq;
            gathered.segments.push(ByteBuf::from(segment.bytes));
        }
    }
    Ok(gathered)
}

/// What is sealed and not acknowledged, within the limits of one request; nothing more is sealed for it.
pub(super) fn sealed(read: &Read<'_>, me: DeviceId) -> Result<Vec<ByteBuf>, Problem> {
    let (mut room, mut segments) = (REQUEST_BYTES_TARGET, Vec::new());
    for outgoing in read.outgoing(me)? {
        if room == 0 || segments.len() >= REQUEST_ITEMS_MAX / 2 {
            break;
        }
        for segment in read.segments_after(outgoing.no, outgoing.acked_seq, room)? {
            room = room.saturating_sub(segment.bytes.len());
            segments.push(ByteBuf::from(segment.bytes));
        }
    }
    Ok(segments)
}

/// Seals edits of one chain that no segment holds yet, until about `room` bytes of plaintext are sealed.
fn seal_written(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Signer<'_>,
    entropy: &dyn Entropy,
    outgoing: &OutgoingChain,
    room: usize,
    segment_bytes: usize,
) -> Result<(), Problem> {
    let Some(vault) = write.read().vault(outgoing.chain.vault)? else {
        return Ok(());
    };
    if outgoing.head.seq >= outgoing.written_seq
        || !logs.may_seal(&write.read(), &vault, me.device, outgoing.chain.lane)?
    {
        return Ok(());
    }
    let mut head = outgoing.head;
    let mut sealed = 0_usize;
    while head.seq < outgoing.written_seq && sealed < room {
        let pending =
            write.read().pending(outgoing.no, head.seq, segment_bytes, SEGMENT_EDITS_MAX as usize)?;
        let edits: Vec<Edit> = pending.into_iter().map(|pending| pending.edit).collect();
        if edits.is_empty() {
            return Err(Problem::StoreDamaged);
        }
        let (segment, next) = seal_one(write, logs, me, entropy, &vault, outgoing, head, &edits)?;
        sealed = sealed.saturating_add(segment.bytes.len().saturating_mul(2));
        write.keep_segment(outgoing.no, &segment, None)?;
        write.set_head(outgoing.no, next)?;
        head = next;
    }
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "everything that a segment is bound to")]
fn seal_one(
    write: &Write<'_>,
    logs: &mut Logs,
    me: &Signer<'_>,
    entropy: &dyn Entropy,
    vault: &StoredVault,
    outgoing: &OutgoingChain,
    head: Head,
    edits: &[Edit],
) -> Result<(StoredSegment, Head), Problem> {
    const FAILED: fn() -> Problem = || Problem::Unexpected { place: "seal".to_owned() };
    let chain = &outgoing.chain;
    let (epoch, key) = write.read().newest_key(vault.no)?.ok_or_else(FAILED)?;
    let mut salt = [0; 16];
    entropy.fill(&mut salt).map_err(|_| FAILED())?;
    let first_seq = head.seq.saturating_add(1);
    let header = Header {
        version: SEGMENT_VERSION,
        lane_code: chain.lane.code(),
        vault_tag: vault.id.tag(),
        first_seq,
        count: u32::try_from(edits.len()).map_err(|_| FAILED())?,
        epoch,
        log_head: logs.head(&write.read(), vault)?,
        frontier: write.name_heads(vault.no, chain.lane, me.device, SEGMENT_FRONTIER_MAX)?,
        salt,
    };
    let header_bytes = header.to_bytes().map_err(|_| FAILED())?;
    let packed = body::pack(&body::encode(me.device, edits).map_err(|_| FAILED())?).map_err(|_| FAILED())?;
    let packed = padding::pad(packed);
    let sealed = seal::seal(&key, chain, &header_bytes, first_seq, &salt, &packed).map_err(|_| FAILED())?;
    let last_seq = header.last_seq();
    let segment = Segment::sign(chain, head.hash, header, sealed, |message| me.identity.sign(message))
        .map_err(|_| FAILED())?;
    let hash = segment.hash(chain, head.hash);
    let stored = StoredSegment { first_seq, last_seq, hash, bytes: segment.bytes() };
    Ok((stored, Head { seq: last_seq, hash }))
}
