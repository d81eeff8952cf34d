//! A colleague's bundle arrives: its pieces settle one by one as the segments themselves would, each when what its author
//! had seen is here.
//!
//! Two bundles may wait for each other's pieces; that resolves, since no piece waits for a later one.

use fieldfare_protocol::bundle::Bundle;
use fieldfare_protocol::segment::Chain;
use zeroize::Zeroizing;

use super::bundle::{self, Piece};
use super::cut::Belongs;
use super::incoming::{Incoming, Standing, beyond_the_cut};
use super::{body, padding};
use crate::contract::Problem;
use crate::store::{Alarm, LIBRARY_FAILED, StoredVault};
use crate::vault::seal;

impl Incoming<'_, '_> {
    /// Settles as much of a bundle as can be; says why the rest of it waits, if it does.
    pub(super) fn look_at_bundle(
        &mut self,
        vault: &StoredVault,
        chain: &Chain,
        held_at_ms: &[i64],
        bundle: &Bundle,
    ) -> Result<Standing, Problem> {
        let (pieces, belongs) = match self.open_bundle(vault, chain, bundle)? {
            Ok(opened) => opened,
            Err(standing) => return Ok(standing),
        };
        let write = self.write;
        for (place, piece) in pieces.iter().enumerate() {
            // Each at its own time, or a doubtful stamp would be told otherwise here than where the segments came.
            let own = held_at_ms.get(place).copied().unwrap_or(self.held_at_ms);
            let of_all = std::mem::replace(&mut self.held_at_ms, own);
            let standing = write.attempt(|| self.judge_piece(vault, chain, bundle, piece, &belongs));
            self.held_at_ms = of_all;
            let standing = standing?;
            match standing.unwrap_or(Standing::Waits(LIBRARY_FAILED)) {
                Standing::Settled | Standing::Known => {}
                other => return Ok(other),
            }
        }
        Ok(Standing::Settled)
    }

    /// The pieces of a bundle that its author signed, or how it stands instead.
    fn open_bundle(
        &mut self,
        vault: &StoredVault,
        chain: &Chain,
        bundle: &Bundle,
    ) -> Result<Result<(Vec<Piece>, Belongs), Standing>, Problem> {
        let header = bundle.header();
        let (author, belongs) = match self.author(vault, chain, header.vault_tag)? {
            Ok(known) => known,
            Err(standing) => return Ok(Err(standing)),
        };
        let read = self.write.read();
        let head = read.head(vault.no, chain.device, chain.lane)?;
        if header.last_seq <= head.seq {
            return Ok(Err(Standing::Known));
        }
        if header.first_seq > head.seq.saturating_add(1) {
            return Ok(Err(Standing::Waits("waits.predecessor")));
        }
        if bundle.verify(chain, &author).is_err() {
            return Ok(Err(Standing::SetAside("bundle.signature")));
        }
        let keys = read.keys_of_epoch(vault.no, header.epoch)?;
        if keys.is_empty() {
            return Ok(Err(Standing::Waits("waits.key")));
        }
        let Ok(clear) = header.to_bytes() else {
            return Ok(Err(Standing::SetAside("segment.malformed")));
        };
        let open = |key| seal::open(key, chain, &clear, header.first_seq, &header.salt, bundle.sealed());
        let Some(packed) = keys.iter().find_map(|key| open(key).ok()) else {
            return Ok(Err(Standing::Waits("waits.does_not_open")));
        };
        let plain: Result<Zeroizing<Vec<u8>>, _> = padding::strip(&packed).and_then(body::unpack);
        // Packed as a newer app packs, perhaps: it is tried again after an update.
        let Ok(plain) = plain else {
            return Ok(Err(Standing::Waits("waits.not_understood")));
        };
        let pieces = bundle::decode(chain, header, &plain);
        Ok(pieces.map(|pieces| (pieces, belongs)).map_err(|_| Standing::SetAside("bundle.does_not_add_up")))
    }

    fn judge_piece(
        &mut self,
        vault: &StoredVault,
        chain: &Chain,
        bundle: &Bundle,
        piece: &Piece,
        belongs: &Belongs,
    ) -> Result<Standing, Problem> {
        let read = self.write.read();
        let head = read.head(vault.no, chain.device, chain.lane)?;
        if piece.header.last_seq() <= head.seq {
            return Ok(Standing::Known);
        }
        if let Some(standing) = beyond_the_cut(belongs, chain.lane, piece.header.last_seq()) {
            return Ok(standing);
        }
        // What stands here was signed as a chain too: if the piece does not follow it, its author has two.
        if piece.header.first_seq != head.seq.saturating_add(1) || piece.previous != head.hash {
            let first_seq = piece.header.first_seq;
            self.write.raise_alarm(Alarm::TwoHistories, vault.id, chain.device, first_seq, self.now_ms)?;
            return Ok(Standing::Waits("waits.two_histories"));
        }
        if let Some(standing) = self.forbidden(vault, chain, belongs, &piece.header, piece.hash)? {
            return Ok(standing);
        }
        if let Some(why) = self.frontier_lacks(vault, chain, &piece.header)? {
            return Ok(Standing::Waits(why));
        }
        if !self.follows(vault, chain, piece.header.first_seq, &piece.edits)? {
            return Ok(Standing::Waits("waits.colleague"));
        }
        let chain_no = self.write.chain_no(vault.no, chain.device, chain.lane)?;
        let bytes = bundle.bytes().map_err(|_| Problem::Unexpected { place: "bundle".to_owned() })?;
        let header = bundle.header();
        self.write.keep_their_bundle(chain_no, header.first_seq, header.last_seq, &bytes)?;
        self.settle(vault, chain, &piece.header, piece.hash, Vec::new(), &piece.edits)?;
        Ok(Standing::Settled)
    }
}
