//! Whether an erasure may stand: only of what whoever confirms it has had before their eyes.
//!
//! Whether somebody holds the file, and what is in it, is sealed and not known here.

use fieldfare_protocol::membership::{Act, Seen, SignedRecord};

use crate::intake::Intake;
use crate::problem::Trouble;

impl Intake<'_, '_, '_> {
    /// Whether something of the vault is here that the author of its erasure had not seen, a hold or a concern perhaps. When
    /// somebody else offers the record it was taken once already, before this data was put back.
    pub(crate) fn is_unseen(&self, signed: &SignedRecord) -> Result<bool, Trouble> {
        let Act::Erase { seen, .. } = &signed.record.act else { return Ok(false) };
        if self.caller != signed.record.author {
            return Ok(false);
        }
        let (read, vault) = (self.write.read(), signed.record.vault);
        let chains = read.chains_of(vault)?;
        let covered =
            chains.into_iter().all(|(device, lane_code, head)| Seen::covers(seen, device, lane_code, head));
        // What came after its author had left nobody can read, and nobody can have judged.
        Ok(!covered || read.has_late(vault)?)
    }
}
