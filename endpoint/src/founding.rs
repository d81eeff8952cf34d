//! Founding: an endpoint that keeps nobody begins to keep one organisation, and never another.
//!
//! Whoever reaches an empty endpoint first founds it; keeping strangers away until then is the operator's part.

use fieldfare_protocol::admission::{FoundReply, FoundRequest};
use fieldfare_protocol::membership::SignedRecord;
use fieldfare_protocol::request::Refused;

use crate::keeper::Keeper;
use crate::problem::Failure;

/// Keeps the organisation of this record; doing so again with the same record changes nothing.
pub(crate) fn found(keeper: &Keeper, request: &FoundRequest) -> Result<FoundReply, Failure> {
    let signed = SignedRecord::parse(&request.record).map_err(|_| Refused::Malformed)?;
    keeper.change(|write, draft| {
        if let Some(kept) = draft.organisation() {
            let first = write.read().record(kept.vault, 0)?;
            let same = first.is_some_and(|first| first == signed.bytes());
            return if same { Ok(()) } else { Err(Failure::from(Refused::OtherOrganisation)) };
        }
        let admitted = draft.take(&signed, Some(keeper.now_ms())).map_err(|_| Refused::NotAllowed)?;
        write.keep_record(&signed, &admitted)?;
        write.keep_organisation(signed.record.vault)?;
        Ok(())
    })?;
    Ok(FoundReply {
        generation: keeper.generation,
        receipt_key: keeper.receipts.public(),
        now_ms: keeper.now_ms(),
    })
}
