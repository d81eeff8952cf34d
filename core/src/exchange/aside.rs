//! What was set aside only because it came before what it follows: it is taken up again once that is here.
//!
//! An honest endpoint hands out everything in order; this is for one that does not. What makes no sense stays aside.

use fieldfare_protocol::id::VaultId;

use super::incoming::Incoming;
use super::logs::Taken;
use crate::contract::Problem;
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
            for aside in self.write.read().aside(&[NOT_NEXT, UNKNOWN_VAULT])? {
                if aside.why == NOT_NEXT {
                    if self.logs.take_in(self.write, signer, &aside.bytes)? != Taken::New {
                        continue;
                    }
                } else if self.write.read().vault(aside.vault)?.is_some() {
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
}
