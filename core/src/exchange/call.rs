//! One call to the endpoint, from a message to a message.
//!
//! Says who calls and signs it; turns every refusal and every silence into a problem that a person can act on.

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::limits::REPLY_BYTES_MAX;
use fieldfare_protocol::request::{
    DEVICE_HEADER, ORGANISATION_HEADER, Refused, SIGNATURE_HEADER, signed_bytes,
};
use fieldfare_protocol::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::Problem;
use crate::ports::{Call, Transport, TransportProblem};
use crate::vault::Identity;

/// Who calls.
pub(crate) struct Caller<'c> {
    /// The organisation.
    pub(crate) organisation: VaultId,
    /// The device.
    pub(crate) device: DeviceId,
    /// Its keys.
    pub(crate) identity: &'c Identity,
}

/// An answer, and how much travelled.
pub(crate) struct Called<T> {
    /// The message that came back.
    pub(crate) answer: T,
    /// Bytes of the request's body.
    pub(crate) bytes_up: u64,
    /// Bytes of the answer's body.
    pub(crate) bytes_down: u64,
}

/// Posts a message, signed by the caller if there is one, and reads the answer.
pub(crate) fn call<Q: Serialize, A: Serialize + DeserializeOwned>(
    transport: &dyn Transport,
    base_url: &str,
    path: &str,
    caller: Option<&Caller<'_>>,
    message: &Q,
) -> Result<Called<A>, Problem> {
    let body = wire::encode(message).map_err(|_| Problem::Unexpected { place: "request".to_owned() })?;
    let bytes_up = body.len() as u64;
    let headers = caller.map_or_else(Vec::new, |caller| {
        let signature = caller.identity.sign(&signed_bytes(path, caller.organisation, caller.device, &body));
        let mut hex = String::with_capacity(128);
        let _ = fieldfare_protocol::id::write_hex(signature.as_bytes(), &mut hex);
        vec![
            (ORGANISATION_HEADER.to_owned(), caller.organisation.to_string()),
            (DEVICE_HEADER.to_owned(), caller.device.to_string()),
            (SIGNATURE_HEADER.to_owned(), hex),
        ]
    });
    let answer = transport
        .post(Call {
            base_url: base_url.to_owned(),
            path: path.to_owned(),
            headers,
            body,
            answer_bytes_max: REPLY_BYTES_MAX as u64,
        })
        .map_err(problem_of_transport)?;
    let bytes_down = answer.body.len() as u64;
    if answer.status != 200 {
        return Err(problem_of_refusal(wire::decode(&answer.body).ok()));
    }
    let answer = wire::decode(&answer.body).map_err(|_| Problem::EndpointNonsense)?;
    Ok(Called { answer, bytes_up, bytes_down })
}

pub(crate) fn problem_of_transport(problem: TransportProblem) -> Problem {
    match problem {
        TransportProblem::Unreachable | TransportProblem::Broken => Problem::EndpointUnreachable,
        TransportProblem::NotTrusted => Problem::EndpointNotTrusted,
        TransportProblem::TooLong => Problem::EndpointNonsense,
        TransportProblem::PlainHttp => Problem::EndpointPlainHttp,
        TransportProblem::BadAddress => Problem::EndpointBadAddress,
    }
}

fn problem_of_refusal(refused: Option<Refused>) -> Problem {
    match refused {
        None | Some(Refused::Malformed | Refused::TooLarge) => Problem::EndpointNonsense,
        Some(Refused::OtherVersion) => Problem::EndpointOtherVersion,
        Some(Refused::OtherOrganisation) => Problem::EndpointForeign,
        Some(Refused::UnknownDevice) => Problem::EndpointUnknownDevice,
        Some(Refused::InvitationSpent) => Problem::InvitationSpent,
        Some(Refused::LogMoved | Refused::Trouble) => Problem::EndpointTrouble,
        Some(Refused::NotAllowed) => {
            Problem::NotAllowed { why: "the endpoint does not allow this change of members".to_owned() }
        }
    }
}
