//! Devices that have left: what of theirs still counts, and what is laid aside for somebody who coordinates to look at.
//!
//! Nothing that a removed device hands over is thrown away, since it may be a real concern; nothing of it beyond the cut
//! reaches the members. What is inside is not known here.

use fieldfare_protocol::exchange::SegmentOutcome;
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{Act, Leaving, Removal, SignedRecord};
use fieldfare_protocol::segment::{Chain, Head, Segment};

use crate::intake::{Intake, TouchedChain};
use crate::limits::{LATE_BYTES_MAX, LATE_SEGMENTS_MAX};
use crate::problem::Trouble;
use crate::store::LateSegment;

/// A vault that a device has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// The vault.
    pub(crate) vault: VaultId,
    /// What of its work counts; absent while no record of the vault says so: then what is here already.
    pub(crate) removal: Option<Removal>,
}

impl Intake<'_, '_, '_> {
    /// Judges a segment of a device that may not write any more.
    pub(crate) fn judge_late(
        &self,
        left: &Left,
        lane_code: u8,
        bytes: &[u8],
        so_far: &mut TouchedChain,
    ) -> Result<SegmentOutcome, Trouble> {
        let (Ok(segment), Some(lane)) = (Segment::parse(bytes), Lane::from_code(lane_code)) else {
            return Ok(SegmentOutcome::NotAllowed);
        };
        let chain = Chain { vault: left.vault, device: self.caller, lane };
        let header = segment.header();
        if self.write.read().segment(&chain, header.first_seq)?.is_some_and(|held| held == bytes) {
            return Ok(SegmentOutcome::Kept);
        }
        let follows = so_far.outcome == SegmentOutcome::Kept
            && header.first_seq == so_far.head.seq.saturating_add(1)
            && self.signed_by_author(&segment, &chain, so_far.head.hash);
        let head = Head { seq: header.last_seq(), hash: segment.hash(&chain, so_far.head.hash) };
        if follows && left.removal.as_ref().is_some_and(|removal| removal.keeps(lane, head)) {
            self.keep(&chain, header.first_seq, head, bytes, so_far)?;
            return Ok(SegmentOutcome::Kept);
        }
        let late = LateSegment { chain, first_seq: header.first_seq, bytes };
        if !self.write.lay_aside(&late, LATE_SEGMENTS_MAX, LATE_BYTES_MAX)? {
            return Ok(SegmentOutcome::NotAllowed);
        }
        // It is no part of the chain that others follow, so only its number is said.
        so_far.head.seq = header.last_seq();
        Ok(SegmentOutcome::Late)
    }

    /// Whether the author of a removal, or of a last word, has not seen all that is here of whoever leaves: the cut names the
    /// last segment that counts, so it has to be written anew. When somebody else offers the record it was taken once already, before
    /// this data was put back.
    pub(crate) fn is_cut_short(&self, signed: &SignedRecord) -> Result<bool, Trouble> {
        Ok(self.caller == signed.record.author && !self.beyond(signed)?.is_empty())
    }

    /// Lays aside what has come beyond a cut while this data had forgotten the removal.
    pub(crate) fn make_the_cut(&self, signed: &SignedRecord) -> Result<(), Trouble> {
        let beyond = self.beyond(signed)?;
        beyond.into_iter().try_for_each(|(chain, end)| self.write.cut_off(&chain, end))
    }

    /// Chains of devices that a record removes which do not end by its cut, and where they have to.
    fn beyond(&self, signed: &SignedRecord) -> Result<Vec<(Chain, Head)>, Trouble> {
        let vault = signed.record.vault;
        let (removed, apart): (&[Leaving], &[Leaving]) = match &signed.record.act {
            Act::Rotate { rotation, .. } => (&rotation.removed, &[]),
            Act::Resolve { rotation, other, .. } => (&rotation.removed, &other.apart),
            Act::Farewell { left, .. } | Act::Close { left, .. } => (left, &[]),
            _ => return Ok(Vec::new()),
        };
        // Nothing is cut off of whoever hands a case on.
        let departs = |leaving: &&Leaving| {
            matches!(signed.record.act, Act::Rotate { .. })
                && self
                    .draft
                    .organisation()
                    .is_some_and(|kept| kept.vault != vault && kept.is_present(leaving.device))
        };
        let mut beyond = Vec::new();
        for leaving in removed.iter().chain(apart).filter(|leaving| !departs(leaving)) {
            let (number, cut) = (signed.record.number, leaving.cut.clone());
            let removal = Removal { number, cut, may_return: false, departed: None };
            for lane in Lane::ALL {
                let held = self.write.read().head(vault, leaving.device, lane.code())?;
                if held.is_some_and(|held| !removal.keeps(lane, held.head)) {
                    let chain = Chain { vault, device: leaving.device, lane };
                    beyond.push((chain, removal.end_of(lane)));
                }
            }
        }
        Ok(beyond)
    }
}
