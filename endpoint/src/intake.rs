//! Taking in what one request brings, inside its one transaction: membership records first, then segments.
//!
//! Each record and each chain is judged for itself: what is refused of one stops no other. Nothing here is durable before
//! the transaction is.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use fieldfare_protocol::bundle::BUNDLE_MARK;
use fieldfare_protocol::exchange::{LogAck, LogOutcome, SegmentOutcome};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{Act, LogRefusal, SignedRecord};
use fieldfare_protocol::offer::OfferedSegment;
use fieldfare_protocol::segment::{Chain, Head, Segment};

use crate::directory::{Draft, Writable};
use crate::late::Left;
use crate::limits::URGENT_RESERVE_BYTES;
use crate::offer::Brought;
use crate::problem::Trouble;
use crate::store::{KeptSegment, Write};

/// One of the calling device's chains: vault and lane code.
pub(crate) type ChainKey = (VaultId, u8);

/// What became of the chains of one request.
pub(crate) type Touched = BTreeMap<ChainKey, TouchedChain>;

/// What became of one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TouchedChain {
    /// Where it ends now.
    pub(crate) head: Head,
    /// When the segment at its end arrived.
    pub(crate) received_at_ms: i64,
    /// What became of the last segment that was looked at.
    pub(crate) outcome: SegmentOutcome,
    /// Up to which edit the segments of the request are held as they were sent.
    pub(crate) agreed: u64,
    /// Whether any segment of the request is kept.
    pub(crate) any_kept: bool,
}

/// A transaction on behalf of one device.
pub(crate) struct Intake<'i, 'w, 'd> {
    /// Where to keep it.
    pub(crate) write: &'i Write<'w>,
    /// Who may.
    pub(crate) draft: &'i mut Draft<'d>,
    /// The calling device, recognised.
    pub(crate) caller: DeviceId,
    /// The endpoint's clock.
    pub(crate) now_ms: i64,
    /// Bytes that the organisation may fill.
    pub(crate) quota_bytes: Option<u64>,
}

impl Intake<'_, '_, '_> {
    /// Takes one membership record, whoever brings it: its author signed it.
    pub(crate) fn take_record(&mut self, bytes: &[u8]) -> Result<LogAck, Trouble> {
        let (vault, number) = place_of_record(bytes);
        let outcome = self.judge_record(vault, number, bytes)?;
        Ok(LogAck { vault, number, outcome })
    }

    fn judge_record(&mut self, vault: VaultId, number: u32, bytes: &[u8]) -> Result<LogOutcome, Trouble> {
        let Ok(signed) = SignedRecord::parse(bytes) else {
            return Ok(LogOutcome::NotAllowed);
        };
        if let Some(stands) = self.write.read().record(vault, number)? {
            return Ok(if stands == bytes { LogOutcome::Kept } else { LogOutcome::Moved });
        }
        // Who has left changes nobody's membership any more.
        if !self.draft.organisation().is_some_and(|kept| kept.is_present(self.caller)) {
            return Ok(LogOutcome::NotAllowed);
        }
        // Only an empty endpoint lets an organisation in.
        if matches!(signed.record.act, Act::FoundOrganisation { .. }) {
            return Ok(LogOutcome::NotAllowed);
        }
        // A joining that a known device brings was taken once already, before this data was restored: it carries all its
        // proofs, and the invitation may have expired since.
        let now_ms = Some(self.now_ms).filter(|_| !matches!(signed.record.act, Act::Join { .. }));
        if self.is_cut_short(&signed)? || self.is_unseen(&signed)? {
            return Ok(LogOutcome::Moved);
        }
        match self.draft.take(&signed, now_ms) {
            Ok(admitted) => {
                self.make_the_cut(&signed)?;
                self.write.keep_record(&signed, &admitted)?;
                if matches!(signed.record.act, Act::Erase { .. }) {
                    self.write.erase(vault)?;
                }
                Ok(LogOutcome::Kept)
            }
            Err(LogRefusal::NotNext) => Ok(LogOutcome::Moved),
            Err(_) => Ok(LogOutcome::NotAllowed),
        }
    }

    /// Takes one segment of the calling device.
    ///
    /// One that names no vault in which the device may write leaves no trace in `touched`: there is no chain to speak of.
    pub(crate) fn take_segment(&mut self, bytes: &[u8], touched: &mut Touched) -> Result<(), Trouble> {
        let Some((lane_code, tag)) = place_of_segment(bytes) else {
            return Ok(());
        };
        let writable = self.draft.writable(self.caller, tag);
        let left = self.draft.left(self.caller, tag);
        let vault = match (&writable, &left) {
            (Some(Writable { vault, .. }), _) | (None, Some(Left { vault, .. })) => *vault,
            (None, None) => return Ok(()),
        };
        let chain = match touched.entry((vault, lane_code)) {
            Entry::Occupied(before) => before.into_mut(),
            Entry::Vacant(first) => first.insert(self.untouched(vault, self.caller, lane_code)?),
        };
        if !matches!(chain.outcome, SegmentOutcome::Kept | SegmentOutcome::Late) {
            // What follows a refused segment can only be a gap; the device needs to know the cause.
            return Ok(());
        }
        chain.outcome = match (writable, left) {
            _ if self.draft.is_erased(vault) => SegmentOutcome::Erased,
            (Some(writable), _) => self.judge_segment(writable, self.caller, bytes, chain)?,
            (None, Some(left)) => self.judge_late(&left, lane_code, bytes, chain)?,
            (None, None) => SegmentOutcome::NotAllowed,
        };
        chain.any_kept |= chain.outcome == SegmentOutcome::Kept;
        Ok(())
    }

    /// Takes one segment of somebody else's chain that the caller brings again. It counts as its author's own delivery.
    pub(crate) fn take_offered(
        &mut self,
        offered: &OfferedSegment,
        brought: &mut Brought,
    ) -> Result<(), Trouble> {
        let OfferedSegment { vault, device, bytes } = offered;
        if bytes.first() == Some(&BUNDLE_MARK) {
            return self.take_offered_bundle(offered, brought);
        }
        let Some((lane_code, tag)) = place_of_segment(bytes) else {
            return Ok(());
        };
        let writable = self.draft.writable(self.caller, tag).filter(|writable| writable.vault == *vault);
        let brings = *device != self.caller && !self.draft.is_erased(*vault);
        let Some(writable) = writable.filter(|_| brings) else {
            return Ok(());
        };
        let chain = match brought.entry((*vault, *device, lane_code)) {
            Entry::Occupied(before) => before.into_mut(),
            Entry::Vacant(first) => first.insert(self.untouched(*vault, *device, lane_code)?),
        };
        if chain.goes_on() {
            chain.outcome = self.judge_segment(writable, *device, bytes, chain)?;
        }
        Ok(())
    }

    /// What has become of a chain of somebody else's in this request.
    pub(crate) fn brought_chain<'b>(
        &self,
        chain: &Chain,
        brought: &'b mut Brought,
    ) -> Result<&'b mut TouchedChain, Trouble> {
        let Chain { vault, device, lane } = *chain;
        Ok(match brought.entry((vault, device, lane.code())) {
            Entry::Occupied(before) => before.into_mut(),
            Entry::Vacant(first) => first.insert(self.untouched(vault, device, lane.code())?),
        })
    }

    fn untouched(&self, vault: VaultId, device: DeviceId, lane_code: u8) -> Result<TouchedChain, Trouble> {
        let kept = self.write.read().head(vault, device, lane_code)?;
        Ok(TouchedChain {
            head: kept.map_or(Head::START, |kept| kept.head),
            received_at_ms: kept.map_or(self.now_ms, |kept| kept.received_at_ms),
            outcome: SegmentOutcome::Kept,
            agreed: 0,
            any_kept: false,
        })
    }

    fn judge_segment(
        &self,
        writable: Writable,
        author: DeviceId,
        bytes: &[u8],
        so_far: &mut TouchedChain,
    ) -> Result<SegmentOutcome, Trouble> {
        let Ok(segment) = Segment::parse(bytes) else {
            return Ok(SegmentOutcome::NotAllowed);
        };
        let header = segment.header();
        let Some(lane) = header.lane() else {
            return Ok(SegmentOutcome::NotAllowed);
        };
        // The length of the sealed part is not signed: only its one shortest spelling is kept and handed on.
        if !(1..=writable.epoch).contains(&header.epoch) || segment.bytes() != bytes {
            return Ok(SegmentOutcome::NotAllowed);
        }
        let chain = Chain { vault: writable.vault, device: author, lane };
        let next_seq = so_far.head.seq.saturating_add(1);
        if header.first_seq > next_seq {
            return Ok(SegmentOutcome::Gap);
        }
        if header.first_seq < next_seq {
            let held = self.write.read().segment(&chain, header.first_seq)?;
            if held.is_none_or(|held| held != bytes) {
                return Ok(SegmentOutcome::Fork);
            }
            so_far.agreed = header.last_seq();
            return Ok(SegmentOutcome::Kept);
        }
        let previous = so_far.head.hash;
        let head = Head { seq: header.last_seq(), hash: segment.hash(&chain, previous) };
        if !self.draft.counts(&chain, head) || !self.signed_by_author(&segment, &chain, previous) {
            return Ok(SegmentOutcome::NotAllowed);
        }
        if !self.has_room(lane, bytes.len())? {
            return Ok(SegmentOutcome::Full);
        }
        self.keep(&chain, header.first_seq, head, bytes, so_far)?;
        Ok(SegmentOutcome::Kept)
    }

    /// Keeps the next segment of a chain.
    pub(crate) fn keep(
        &self,
        chain: &Chain,
        first_seq: u64,
        head: Head,
        bytes: &[u8],
        so_far: &mut TouchedChain,
    ) -> Result<(), Trouble> {
        let (previous, received_at_ms) = (so_far.head.hash, self.now_ms);
        let chain = *chain;
        self.write.keep_segment(&KeptSegment { chain, first_seq, head, previous, received_at_ms, bytes })?;
        so_far.head = head;
        so_far.agreed = head.seq;
        so_far.received_at_ms = received_at_ms;
        Ok(())
    }

    /// Whether a segment fits into the organisation's quota; an urgent one may use the reserve beyond it.
    pub(crate) fn has_room(&self, lane: Lane, bytes: usize) -> Result<bool, Trouble> {
        let Some(quota_bytes) = self.quota_bytes else { return Ok(true) };
        let reserve = if lane == Lane::Urgent { URGENT_RESERVE_BYTES } else { 0 };
        let after = self.write.read().kept_bytes()?.saturating_add(bytes as u64);
        Ok(after <= quota_bytes.saturating_add(reserve))
    }

    /// Whether the author of a chain signed a segment as its next.
    pub(crate) fn signed_by_author(&self, segment: &Segment, chain: &Chain, previous: Hash) -> bool {
        let card = self.draft.organisation().and_then(|kept| kept.devices.get(&chain.device));
        card.is_some_and(|card| segment.verify(chain, previous, &card.verify_key).is_ok())
    }
}

/// Where a record says it belongs, as far as it can be read: one of a newer app still gets an answer of its own.
fn place_of_record(bytes: &[u8]) -> (VaultId, u32) {
    let start = postcard::take_from_bytes::<(VaultId, u32)>(bytes);
    start.map_or((VaultId([0; 16]), 0), |(place, _)| place)
}

/// Lane and vault tag of a segment, as far as it can be read: one of a newer app still gets an answer of its own.
pub(crate) fn place_of_segment(bytes: &[u8]) -> Option<(u8, [u8; 4])> {
    let (_version, lane_code, tag) = postcard::take_from_bytes::<(u8, u8, [u8; 4])>(bytes).ok()?.0;
    Some((lane_code, tag))
}
