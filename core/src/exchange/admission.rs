//! Founding an organisation at its endpoint, and joining one with an invitation in hand.
//!
//! Ends in records that both sides have verified; opening a store with them is the app's.

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::admission::{
    FoundReply, FoundRequest, InvitationReply, InvitationRequest, JoinRequest, RecoveryRequest, asking_bytes,
    recovery_asking_bytes,
};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::membership::{Act, Organisation, SignedRecord};
use fieldfare_protocol::request::{FOUND_PATH, INVITATION_PATH, JOIN_PATH, RECOVERY_PATH};
use serde_bytes::ByteBuf;

use super::call::{Called, call};
use crate::contract::Problem;
use crate::ports::Transport;
use crate::vault::{Identity, Invitation};

/// How often a request is sent whose answer does not come.
const TRIES_MAX: u32 = 3;

/// Asks an endpoint to keep an organisation. Asking again with the same record changes nothing.
///
/// # Errors
/// [`Problem::EndpointForeign`] if it keeps another, and whatever the way there brings.
pub fn found(
    transport: &dyn Transport,
    base_url: &str,
    record: &SignedRecord,
) -> Result<FoundReply, Problem> {
    let request = FoundRequest { version: PROTOCOL_VERSION, record: ByteBuf::from(record.bytes().to_vec()) };
    persistently(|| Ok(call(transport, base_url, FOUND_PATH, None, &request)?.answer))
}

/// What an endpoint showed to the holder of an invitation, verified from its first record on.
pub struct Shown {
    /// The log's records, oldest first.
    pub log: Vec<SignedRecord>,
    /// The organisation that they add up to.
    pub organisation: Organisation,
    /// The rest of the reply.
    pub reply: InvitationReply,
}

/// Reads the organisation's log with nothing but an invitation in hand.
///
/// # Errors
/// [`Problem::EndpointForeign`] if the log is not the one that the invitation names, and whatever the way there brings.
pub fn ask(transport: &dyn Transport, invitation: &Invitation) -> Result<Shown, Problem> {
    let identity = invitation.identity().map_err(|_| Problem::InvitationDamaged)?;
    let request = InvitationRequest {
        version: PROTOCOL_VERSION,
        organisation: invitation.organisation,
        invitation: invitation.invitation,
        proof: identity.sign(&asking_bytes(invitation.organisation, invitation.invitation)),
    };
    let called: Called<InvitationReply> =
        call(transport, &invitation.base_url, INVITATION_PATH, None, &request).map_err(Problem::from)?;
    shown(called.answer, |first| first.hash() == invitation.root)
}

/// Reads the organisation's log with nothing but the recovery key in hand.
///
/// # Errors
/// [`Problem::EndpointForeign`] if the key is another organisation's, and whatever the way there brings.
pub fn ask_to_recover(
    transport: &dyn Transport,
    base_url: &str,
    recovery: &Identity,
) -> Result<Shown, Problem> {
    let verify_key = recovery.verify_key();
    let proof = recovery.sign(&recovery_asking_bytes(&verify_key));
    let request = RecoveryRequest { version: PROTOCOL_VERSION, verify_key, proof };
    let called: Called<InvitationReply> =
        call(transport, base_url, RECOVERY_PATH, None, &request).map_err(Problem::from)?;
    shown(called.answer, |first| {
        matches!(&first.record.act, Act::FoundOrganisation { recovery_key, recovery_verify_key, .. }
            if (*recovery_key, *recovery_verify_key) == (recovery.sealing_key(), verify_key))
    })
}

/// Verifies a log that an endpoint shows from its first record on, which has to be the one that is meant.
fn shown(reply: InvitationReply, is_meant: impl Fn(&SignedRecord) -> bool) -> Result<Shown, Problem> {
    let parsed: Result<Vec<_>, _> = reply.log.iter().map(|bytes| SignedRecord::parse(bytes)).collect();
    let log = parsed.map_err(|_| Problem::EndpointNonsense)?;
    let (first, rest) = log.split_first().ok_or(Problem::EndpointNonsense)?;
    if !is_meant(first) {
        return Err(Problem::EndpointForeign);
    }
    let mut organisation = Organisation::found(first).map_err(|_| Problem::EndpointNonsense)?;
    for signed in rest {
        organisation.take(signed, None).map_err(|_| Problem::EndpointNonsense)?;
    }
    Ok(Shown { log, organisation, reply })
}

/// Hands the joining record over.
///
/// # Errors
/// [`Problem::EndpointTrouble`] if somebody else's record came first, [`Problem::InvitationSpent`], and whatever the way
/// there brings.
pub fn join(
    transport: &dyn Transport,
    invitation: &Invitation,
    record: &SignedRecord,
) -> Result<(), Problem> {
    hand_over(transport, &invitation.base_url, invitation.organisation, record)
}

/// Hands over the record of a device that joins by an invitation or by the recovery key.
///
/// # Errors
/// As [`join`].
pub fn hand_over(
    transport: &dyn Transport,
    base_url: &str,
    organisation: VaultId,
    record: &SignedRecord,
) -> Result<(), Problem> {
    let record = ByteBuf::from(record.bytes().to_vec());
    let request = JoinRequest { version: PROTOCOL_VERSION, organisation, record };
    persistently(|| {
        let called: Called<()> = call(transport, base_url, JOIN_PATH, None, &request)?;
        let () = called.answer;
        Ok(())
    })
}

/// Hands over the record by which a device once joined: an endpoint that was restored may have forgotten it.
pub(super) fn join_again(
    transport: &dyn Transport,
    base_url: &str,
    organisation: VaultId,
    record: Vec<u8>,
) -> Result<(), Problem> {
    let request = JoinRequest { version: PROTOCOL_VERSION, organisation, record: ByteBuf::from(record) };
    let called: Called<()> = call(transport, base_url, JOIN_PATH, None, &request)?;
    let () = called.answer;
    Ok(())
}

/// Asks again when no answer came: the endpoint may have taken the request, and takes the same one twice.
fn persistently<T>(ask: impl Fn() -> Result<T, Problem>) -> Result<T, Problem> {
    let mut answer = ask();
    for _ in 1..TRIES_MAX {
        if answer.as_ref().err() != Some(&Problem::EndpointUnreachable) {
            break;
        }
        answer = ask();
    }
    answer
}
