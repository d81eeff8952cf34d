//! What was set aside only because it came before what it follows: it is taken up again once that is here.
//!
//! An honest endpoint hands out everything in order; this is for one that does not. What makes no sense stays aside.

use fieldfare_protocol::id::VaultId;

use super::cut::Belongs;
use super::incoming::{Incoming, Parcel};
use super::logs::Taken;
use crate::contract::Problem;
use crate::store::{AFTER_REMOVAL, Aside};
use crate::vault::members::Signer;

/// A membership record that does not continue its log, yet.
const NOT_NEXT: &str = "membership.not_next";

/// A segment of a vault whose first record has not come, yet.
const UNKNOWN_VAULT: &str = "segment.unknown_vault";

impl Incoming<'_, '_> {
    /// Takes up again what was set aside for coming too early, and returns the vaults that it is about. To be called when
    /// a membership record was new; each turn of the loop takes something from what is aside, so it ends.
    pub(super) fn take_up_again(&mut self, signer: &Signer<'_>) -> Result<Vec<VaultId>, Problem> {
        let mut vaults = Vec::new();
        loop {
            let mut came_free = false;
            for aside in self.write.read().aside(&[NOT_NEXT, UNKNOWN_VAULT, AFTER_REMOVAL])? {
                if aside.why == NOT_NEXT {
                    match self.logs.take_in(self.write, signer, &aside.bytes, self.now_ms)? {
                        Taken::New => {}
                        // It came once more, in its place.
                        Taken::Known => {
                            self.write.no_longer_aside(aside.no)?;
                            continue;
                        }
                        Taken::Refused(_) => continue,
                    }
                } else if self.counts_now(&aside)? {
                    if aside.why == AFTER_REMOVAL {
                        self.take_after_all(&aside)?;
                        vaults.push(aside.vault);
                        continue;
                    }
                    let held_at_ms = std::mem::replace(&mut self.held_at_ms, aside.at_ms);
                    let taken = self.take_in(aside.vault, aside.device, &aside.bytes);
                    self.held_at_ms = held_at_ms;
                    if !taken? {
                        continue;
                    }
                    vaults.push(aside.vault);
                } else {
                    continue;
                }
                self.write.no_longer_aside(aside.no)?;
                came_free = true;
            }
            if !came_free {
                return Ok(vaults);
            }
        }
    }

    /// Takes in what counts after all; if it finds no room to wait, it stays aside.
    fn take_after_all(&mut self, aside: &Aside) -> Result<(), Problem> {
        self.write.no_longer_aside(aside.no)?;
        let held_at_ms = std::mem::replace(&mut self.held_at_ms, aside.at_ms);
        let taken = self.take_in(aside.vault, aside.device, &aside.bytes);
        self.held_at_ms = held_at_ms;
        if !taken? {
            self.write.set_aside(aside.vault, aside.device, AFTER_REMOVAL, aside.at_ms, &aside.bytes)?;
        }
        Ok(())
    }

    /// Whether the vault of something that was set aside is here and its author's leaving, if they left, does not keep it
    /// out: another branch of a log may have removed nobody.
    fn counts_now(&mut self, aside: &Aside) -> Result<bool, Problem> {
        let Some(vault) = self.write.read().vault(aside.vault)? else { return Ok(false) };
        if aside.why != AFTER_REMOVAL {
            return Ok(true);
        }
        let Ok(Parcel::One(segment)) = Parcel::parse(&aside.bytes) else { return Ok(false) };
        let Some(lane) = segment.header().lane() else { return Ok(false) };
        let belongs = self.logs.belonging(&self.write.read(), &vault, aside.device)?;
        Ok(match belongs {
            Belongs::Member | Belongs::Departing { .. } => true,
            Belongs::Left(left) => segment.header().last_seq() <= left.end_of(lane).seq,
            Belongs::Stranger | Belongs::Undecided => false,
        })
    }
}
