//! What arrives: a colleague's segment is verified, opened, decoded and settled, or waits, or is set aside.
//!
//! Nothing is refused for its time, and nothing is half taken: an edit counts once its segment, its rows and the cursor
//! are committed together.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_protocol::bundle::{Bundle, HandedBundle};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::limits::SEGMENT_EDITS_MAX;
use fieldfare_protocol::membership::Removal;
use fieldfare_protocol::segment::{Chain, Head, Header, Segment};
use fieldfare_protocol::signing::VerifyKey;
use fieldfare_protocol::wire::Malformed;

use super::body;
use super::cut::Belongs;
use super::logs::Logs;
use super::padding;
use crate::contract::Problem;
use crate::domain::edit::Edit;
use crate::domain::stamp::Stamp;
use crate::store::{
    AFTER_REMOVAL, Alarm, Arriving, FrontierStanding, LIBRARY_FAILED, Me, SetAside, StoredSegment,
    StoredVault, Touched, WaitingSegment, Write,
};
use crate::vault::seal;

/// Reasons for which something may be well where it came from. It is fetched once more; what comes again unchanged is not.
const DAMAGED: [&str; 3] = ["segment.malformed", "segment.other_vault", "segment.signature"];

/// Takes segments in, within one transaction.
pub(super) struct Incoming<'i, 'w> {
    pub(super) write: &'i Write<'w>,
    pub(super) logs: &'i mut Logs,
    pub(super) me: &'i Me,
    /// When the endpoint held what is looked at, by its own clock.
    pub(super) held_at_ms: i64,
    /// Records that changed, for the topics.
    pub(super) touched: &'i mut BTreeSet<Touched>,
    /// Edits settled.
    pub(super) settled: u64,
    /// The latest stamp that our own clock follows.
    pub(super) stamp: Stamp,
    /// Our corrected time.
    pub(super) now_ms: i64,
    /// Whether something of this reply may have been damaged on its way: it is worth fetching once more.
    pub(super) damaged: bool,
    /// Whether something that came earlier turned out to be.
    pub(super) damaged_before: bool,
    /// Whether something was damaged for which there was no room.
    pub(super) no_room: bool,
}

/// Where a segment stands after it was looked at.
pub(super) enum Standing {
    /// In the rows.
    Settled,
    /// There already.
    Known,
    /// Waits; the key of the reason.
    Waits(&'static str),
    /// Not to be believed; the key of the reason.
    SetAside(&'static str),
}

/// What one item holds.
pub(super) enum Parcel {
    /// A segment.
    One(Segment),
    /// A bundle that stands for several, and when the endpoint had each of them.
    Several(Vec<i64>, Bundle),
}

impl Parcel {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if HandedBundle::is_marked(bytes) {
            HandedBundle::parse(bytes).map(|(held_at_ms, bundle)| Self::Several(held_at_ms, bundle))
        } else {
            Segment::parse(bytes).map(Self::One)
        }
    }

    pub(super) fn lane(&self) -> Option<Lane> {
        match self {
            Self::One(segment) => segment.header().lane(),
            Self::Several(_, bundle) => bundle.header().lane(),
        }
    }

    fn first_seq(&self) -> u64 {
        match self {
            Self::One(segment) => segment.header().first_seq,
            Self::Several(_, bundle) => bundle.header().first_seq,
        }
    }
}

impl Incoming<'_, '_> {
    /// Takes one segment or bundle in. Returns false if it ought to wait and there is no room left: it was not taken.
    pub(super) fn take_in(
        &mut self,
        vault: VaultId,
        device: DeviceId,
        bytes: &[u8],
    ) -> Result<bool, Problem> {
        if device == self.me.device {
            return Ok(true);
        }
        let standing = match (self.write.read().vault(vault)?, Parcel::parse(bytes)) {
            (None, _) => Standing::SetAside("segment.unknown_vault"),
            (_, Err(_)) => Standing::SetAside("segment.malformed"),
            (Some(stored), Ok(parcel)) => {
                let Some(lane) = parcel.lane() else {
                    self.damaged |= self.set_aside(vault, device, "segment.malformed", bytes)?;
                    return Ok(true);
                };
                let chain = Chain { vault, device, lane };
                let standing = self.look_at(&stored, &chain, &parcel)?;
                if let Standing::Waits(why) = standing {
                    if !self.write.read().may_wait()? {
                        return Ok(false);
                    }
                    let waiting = WaitingSegment {
                        chain,
                        first_seq: parcel.first_seq(),
                        held_at_ms: self.held_at_ms,
                        bytes: bytes.to_vec(),
                    };
                    self.write.let_wait(stored.no, &waiting, why)?;
                }
                standing
            }
        };
        if let Standing::SetAside(why) = standing {
            self.damaged |= self.set_aside(vault, device, why, bytes)?;
        }
        Ok(true)
    }

    /// Looks at everything that waits in a vault again, until nothing more comes free.
    pub(super) fn look_again(&mut self, vault: &StoredVault) -> Result<(), Problem> {
        loop {
            let mut came_free = false;
            for waiting in self.write.read().waiting(vault.no, vault.id)? {
                let Ok(parcel) = Parcel::parse(&waiting.bytes) else { continue };
                let settled_before = self.settled;
                let held_at_ms = std::mem::replace(&mut self.held_at_ms, waiting.held_at_ms);
                let standing = self.look_at(vault, &waiting.chain, &parcel);
                self.held_at_ms = held_at_ms;
                // Of a bundle a part may have settled and the rest may wait.
                came_free |= self.settled > settled_before;
                match standing? {
                    Standing::Waits(why) => self.write.let_wait(vault.no, &waiting, why)?,
                    Standing::SetAside(why) => {
                        self.write.stop_waiting(vault.no, &waiting)?;
                        let damaged = self.set_aside(vault.id, waiting.chain.device, why, &waiting.bytes)?;
                        self.damaged_before |= damaged;
                    }
                    Standing::Settled | Standing::Known => {
                        self.write.stop_waiting(vault.no, &waiting)?;
                        came_free = true;
                    }
                }
            }
            if !came_free {
                return Ok(());
            }
        }
    }

    /// Looks at one segment, within a savepoint of its own: one that makes a library fail takes nothing else with it.
    fn look_at(&mut self, vault: &StoredVault, chain: &Chain, parcel: &Parcel) -> Result<Standing, Problem> {
        let segment = match parcel {
            Parcel::One(segment) => segment,
            Parcel::Several(held, bundle) => return self.look_at_bundle(vault, chain, held, bundle),
        };
        let write = self.write;
        let standing = write.attempt(|| self.judge(vault, chain, segment))?;
        Ok(standing.unwrap_or(Standing::Waits(LIBRARY_FAILED)))
    }

    /// The key of whoever writes a chain, or how what they sent stands instead.
    pub(super) fn author(
        &mut self,
        vault: &StoredVault,
        chain: &Chain,
        vault_tag: [u8; 4],
    ) -> Result<Result<(VerifyKey, Belongs), Standing>, Problem> {
        if vault_tag != vault.id.tag() {
            return Ok(Err(Standing::SetAside("segment.other_vault")));
        }
        let belongs = self.logs.belonging(&self.write.read(), vault, chain.device)?;
        // The record that lets its author in may still come.
        if belongs == Belongs::Stranger {
            return Ok(Err(Standing::Waits("waits.member")));
        }
        let card = self.logs.organisation().devices.get(&chain.device);
        Ok(card.map(|card| (card.verify_key, belongs)).ok_or(Standing::Waits("waits.member")))
    }

    fn judge(&mut self, vault: &StoredVault, chain: &Chain, segment: &Segment) -> Result<Standing, Problem> {
        let header = segment.header();
        let (author, belongs) = match self.author(vault, chain, header.vault_tag)? {
            Ok(known) => known,
            Err(standing) => return Ok(standing),
        };
        let read = self.write.read();
        let head = read.head(vault.no, chain.device, chain.lane)?;
        if header.last_seq() <= head.seq {
            return Ok(Standing::Known);
        }
        if let Some(standing) = beyond_the_cut(&belongs, chain.lane, header.last_seq()) {
            return Ok(standing);
        }
        if header.first_seq != head.seq.saturating_add(1) {
            return Ok(Standing::Waits("waits.predecessor"));
        }
        if segment.verify(chain, head.hash, &author).is_err() {
            return Ok(Standing::SetAside("segment.signature"));
        }
        let hash = segment.hash(chain, head.hash);
        if let Some(standing) = self.forbidden(vault, chain, &belongs, header, hash)? {
            return Ok(standing);
        }
        let keys = read.keys_of_epoch(vault.no, header.epoch)?;
        if keys.is_empty() {
            return Ok(Standing::Waits("waits.key"));
        }
        if let Some(why) = self.frontier_lacks(vault, chain, header)? {
            return Ok(Standing::Waits(why));
        }
        let open = |key| {
            seal::open(key, chain, segment.header_bytes(), header.first_seq, &header.salt, segment.sealed())
        };
        let Some(packed) = keys.iter().find_map(|key| open(key).ok()) else {
            return Ok(Standing::Waits("waits.does_not_open"));
        };
        let plain = padding::strip(&packed).and_then(body::unpack);
        let edits = plain.and_then(|plain| body::decode(chain.device, header.count, &plain));
        // Its author signed it, so it may well be a newer app's: it is tried again after an update.
        let Ok(edits) = edits else {
            return Ok(Standing::Waits("waits.not_understood"));
        };
        if !self.follows(vault, chain, header.first_seq, &edits)? {
            return Ok(Standing::Waits("waits.colleague"));
        }
        self.settle(vault, chain, header, hash, segment.bytes(), &edits)?;
        Ok(Standing::Settled)
    }

    /// Whether a segment that stands next in its chain came after its author had left, or is sealed under a key that was
    /// given up: how it stands then.
    pub(super) fn forbidden(
        &mut self,
        vault: &StoredVault,
        chain: &Chain,
        belongs: &Belongs,
        header: &Header,
        hash: Hash,
    ) -> Result<Option<Standing>, Problem> {
        let next = Head { seq: header.last_seq(), hash };
        if matches!(belongs, Belongs::Left(left) if !left.keeps(chain.lane, next)) {
            return Ok(Some(Standing::SetAside(AFTER_REMOVAL)));
        }
        // Whoever hands a case on is given no newer key: what they write under one that they hold counts, also when they know
        // that it was replaced.
        let held = match belongs {
            Belongs::Departing { epoch } => Some(*epoch),
            Belongs::Left(left) => left.departed,
            // So does what they wrote before the case came back to them.
            Belongs::Member => self.logs.returned_from(&self.write.read(), vault, chain.device)?,
            Belongs::Stranger | Belongs::Undecided => None,
        };
        match held {
            Some(held) if header.epoch <= held => return Ok(None),
            Some(_) if *belongs != Belongs::Member => {
                return Ok(Some(Standing::SetAside("segment.not_its_epoch")));
            }
            _ => {}
        }
        if self.logs.is_under_old_epoch(&self.write.read(), vault, header.log_head, header.epoch)? {
            return Ok(Some(Standing::SetAside("segment.old_epoch")));
        }
        Ok(None)
    }

    /// Why what the author of a segment had seen is not here, if it is not.
    pub(super) fn frontier_lacks(
        &self,
        vault: &StoredVault,
        chain: &Chain,
        header: &Header,
    ) -> Result<Option<&'static str>, Problem> {
        match self.write.read().frontier(vault.no, chain.lane, &header.frontier)? {
            FrontierStanding::Settled => {}
            FrontierStanding::Missing => return Ok(Some("waits.colleague")),
            FrontierStanding::OtherHistory(device) => {
                // Of our own work there are two if this store was copied, which the endpoint will tell us.
                if device != self.me.device {
                    self.write.raise_alarm(
                        Alarm::TwoHistories,
                        vault.id,
                        device,
                        header.first_seq,
                        self.now_ms,
                    )?;
                }
                return Ok(Some("waits.two_histories"));
            }
        }
        Ok(None)
    }

    /// Whether everything that the edits replace is settled here, whatever the frontier promised: merging relies on it.
    pub(super) fn follows(
        &self,
        vault: &StoredVault,
        chain: &Chain,
        first_seq: u64,
        edits: &[Edit],
    ) -> Result<bool, Problem> {
        let mut newest: BTreeMap<DeviceId, u64> = BTreeMap::new();
        for (edit, seq) in edits.iter().zip(first_seq..) {
            for replaced in &edit.replaces {
                if replaced.device != chain.device {
                    let known = newest.entry(replaced.device).or_default();
                    *known = replaced.seq.max(*known);
                } else if replaced.seq >= seq {
                    return Ok(false);
                }
            }
        }
        for (device, seq) in newest {
            if self.write.read().head(vault.no, device, chain.lane)?.seq < seq {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Settles what one segment held; `bytes` are empty if it came within a bundle.
    pub(super) fn settle(
        &mut self,
        vault: &StoredVault,
        chain: &Chain,
        header: &Header,
        hash: Hash,
        bytes: Vec<u8>,
        edits: &[Edit],
    ) -> Result<(), Problem> {
        debug_assert!(edits.len() <= SEGMENT_EDITS_MAX as usize, "the header's limit was checked");
        let chain_no = self.write.chain_no(vault.no, chain.device, chain.lane)?;
        let plausible = self.write.read().plausible(vault.no, self.held_at_ms)?;
        let mut touched = Vec::with_capacity(edits.len());
        for (edit, seq) in edits.iter().zip(header.first_seq..) {
            let (device, lane) = (chain.device, chain.lane);
            let arriving = Arriving { vault: *vault, chain_no, seq, device, lane, plausible, edit };
            touched.extend(self.write.settle(&arriving, self.me.writer)?);
        }
        let last_seq = header.last_seq();
        let stored = StoredSegment { first_seq: header.first_seq, last_seq, hash, bytes };
        self.write.note_in_audit(self.now_ms, "receive", None)?;
        self.write.keep_segment(chain_no, &stored, Some(self.held_at_ms))?;
        self.write.set_head(chain_no, Head { seq: last_seq, hash })?;
        // Last of all: what is in memory must not run ahead of what may yet be taken back.
        self.touched.extend(touched);
        self.stamp = edits.iter().fold(self.stamp, |stamp, edit| stamp.having_seen(edit.stamp, self.now_ms));
        self.settled = self.settled.saturating_add(edits.len() as u64);
        Ok(())
    }

    fn set_aside(
        &mut self,
        vault: VaultId,
        device: DeviceId,
        why: &'static str,
        bytes: &[u8],
    ) -> Result<bool, Problem> {
        let kept = self.write.set_aside(vault, device, why, self.held_at_ms, bytes)?;
        let is_damaged = DAMAGED.contains(&why);
        self.is_to_come_again(kept, is_damaged)
    }

    /// Whether what was set aside has to be handed out once more at once; if it came to nothing, everything is asked for
    /// again another day.
    pub(super) fn is_to_come_again(&mut self, kept: SetAside, is_damaged: bool) -> Result<bool, Problem> {
        let is_new = kept == SetAside::New && is_damaged;
        if is_new || kept == SetAside::NoRoom {
            self.write.note_missing(self.now_ms, is_new)?;
        }
        self.no_room |= kept == SetAside::NoRoom && is_damaged;
        Ok(is_damaged && matches!(kept, SetAside::New | SetAside::Again))
    }
}

/// How a segment stands that cannot count because of when its author left, wherever its chain stands here.
pub(super) fn beyond_the_cut(belongs: &Belongs, lane: Lane, last_seq: u64) -> Option<Standing> {
    match belongs {
        Belongs::Undecided => Some(Standing::Waits("waits.cut")),
        Belongs::Left(left) if is_beyond(left, lane, last_seq) => Some(Standing::SetAside(AFTER_REMOVAL)),
        _ => None,
    }
}

/// Whether a segment can be no part of what counts, wherever its chain stands here.
fn is_beyond(left: &Removal, lane: Lane, last_seq: u64) -> bool {
    last_seq > left.end_of(lane).seq
}
