//! Joining: the holder of an invitation reads the organisation's log, then adds the record that uses the invitation up.
//!
//! An invitation that never was, was used, has expired or is not the caller's is answered alike, so that nobody learns
//! which invitations there are.

use fieldfare_protocol::admission::{
    InvitationReply, InvitationRequest, JoinRequest, RecoveryRequest, asking_bytes, recovery_asking_bytes,
};
use fieldfare_protocol::id::InvitationId;
use fieldfare_protocol::membership::{Act, LogRefusal, OpenInvitation, Organisation, SignedRecord};
use fieldfare_protocol::request::Refused;

use crate::keeper::{Keeper, organisation};
use crate::problem::Failure;

/// Shows the organisation's whole log to the holder of an open invitation.
pub(crate) fn invitation(keeper: &Keeper, request: &InvitationRequest) -> Result<InvitationReply, Failure> {
    let InvitationRequest { organisation, invitation, proof, .. } = request;
    let holder = keeper.look(*organisation, |kept| {
        open_invitation(kept, *invitation, keeper.now_ms()).map(|open| open.verify_key)
    })?;
    holder.verify(&asking_bytes(*organisation, *invitation), proof).map_err(|_| Refused::InvitationSpent)?;
    let log = keeper.store.read(|read| read.log(*organisation))?;
    Ok(InvitationReply {
        generation: keeper.generation,
        receipt_key: keeper.receipts.public(),
        now_ms: keeper.now_ms(),
        log: log.into_iter().map(Into::into).collect(),
    })
}

/// Shows the organisation's whole log to the holder of its recovery key.
pub(crate) fn recovery(keeper: &Keeper, request: &RecoveryRequest) -> Result<InvitationReply, Failure> {
    let RecoveryRequest { verify_key, proof, .. } = request;
    let organisation = keeper.kept(|kept| {
        let ours = kept.recovery_verify_key == *verify_key;
        if ours { Ok(kept.vault) } else { Err(Refused::OtherOrganisation) }
    })?;
    let signed = verify_key.verify(&recovery_asking_bytes(verify_key), proof);
    signed.map_err(|_| Refused::NotAllowed)?;
    let log = keeper.store.read(|read| read.log(organisation))?;
    Ok(InvitationReply {
        generation: keeper.generation,
        receipt_key: keeper.receipts.public(),
        now_ms: keeper.now_ms(),
        log: log.into_iter().map(Into::into).collect(),
    })
}

/// Takes the record of a device that joins or recovers; doing so again with the same record changes nothing.
pub(crate) fn join(keeper: &Keeper, request: &JoinRequest) -> Result<(), Failure> {
    let signed = SignedRecord::parse(&request.record).map_err(|_| Refused::Malformed)?;
    let now_ms = keeper.now_ms();
    keeper.change(|write, draft| {
        let kept = organisation(draft.organisation(), request.organisation)?;
        let invitation = match &signed.record.act {
            Act::Join { invitation, .. } => Some(*invitation),
            Act::Recover { .. } => None,
            _ => return Err(Failure::from(Refused::NotAllowed)),
        };
        if signed.record.vault != kept.vault {
            return Err(Failure::from(Refused::NotAllowed));
        }
        let stands = write.read().record(kept.vault, signed.record.number)?;
        if stands.is_some_and(|stands| stands == signed.bytes()) {
            return Ok(());
        }
        // Asked before the log's order: one whose invitation is gone should not be told to try again.
        if let Some(invitation) = invitation {
            open_invitation(kept, invitation, now_ms)?;
        }
        let admitted = draft.take(&signed, Some(now_ms)).map_err(|refusal| match refusal {
            LogRefusal::NotNext => Refused::LogMoved,
            LogRefusal::Invitation => Refused::InvitationSpent,
            LogRefusal::BadSignature | LogRefusal::NotAllowed | LogRefusal::OverLimit => Refused::NotAllowed,
        })?;
        write.keep_record(&signed, &admitted)?;
        Ok(())
    })
}

fn open_invitation(
    kept: &Organisation,
    named: InvitationId,
    now_ms: i64,
) -> Result<&OpenInvitation, Refused> {
    let open = kept.invitations.get(&named).filter(|open| now_ms <= open.expires_at_ms);
    open.ok_or(Refused::InvitationSpent)
}
