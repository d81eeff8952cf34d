//! One call to the endpoint, from a message to a message.
//!
//! Says who calls and signs it; turns every refusal and every silence into a problem that a person can act on.

use fieldfare_protocol::call_number::CallNumber;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::limits::{REPLY_BYTES_MAX, RETRY_AFTER_S_MAX};
use fieldfare_protocol::request::{
    CALL_HEADER, DEVICE_HEADER, ORGANISATION_HEADER, Refused, SIGNATURE_HEADER, signed_bytes,
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
    /// Which of its calls this is.
    pub(crate) call: CallNumber,
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

/// Why a call brought no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The endpoint, or a proxy before it, asks to be left alone for a while.
    Busy {
        /// How long, if it says so; within the bound of the protocol.
        retry_after_s: Option<u64>,
    },
    /// The request is larger than somebody on the way takes.
    TooLarge,
    /// The connection broke; whether the request arrived is unknown.
    Broken,
    /// The endpoint has answered this call before, or runs anew: the next one has to be larger than this.
    Stale(CallNumber),
    /// Anything else.
    For(Problem),
}

/// Told to a person who is asked to come back without being told when, in seconds.
const COME_BACK_S: u64 = 5;

impl From<Unanswered> for Problem {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Busy { retry_after_s } => {
                Self::EndpointBusy { retry_after_s: retry_after_s.unwrap_or(COME_BACK_S) }
            }
            Unanswered::TooLarge | Unanswered::Stale(_) => Self::EndpointNonsense,
            Unanswered::Broken => Self::EndpointUnreachable,
            Unanswered::For(problem) => problem,
        }
    }
}

/// Posts a message, signed by the caller if there is one, and reads the answer.
pub(crate) fn call<Q: Serialize, A: Serialize + DeserializeOwned>(
    transport: &dyn Transport,
    base_url: &str,
    path: &str,
    caller: Option<&Caller<'_>>,
    message: &Q,
) -> Result<Called<A>, Unanswered> {
    let body = wire::encode(message)
        .map_err(|_| Unanswered::For(Problem::Unexpected { place: "request".to_owned() }))?;
    let bytes_up = body.len() as u64;
    let headers = caller.map_or_else(Vec::new, |caller| {
        let message = signed_bytes(path, caller.organisation, caller.device, caller.call, &body);
        let signature = caller.identity.sign(&message);
        let mut hex = String::with_capacity(128);
        let _ = fieldfare_protocol::id::write_hex(signature.as_bytes(), &mut hex);
        vec![
            (ORGANISATION_HEADER.to_owned(), caller.organisation.to_string()),
            (DEVICE_HEADER.to_owned(), caller.device.to_string()),
            (CALL_HEADER.to_owned(), caller.call.to_hex()),
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
        .map_err(|problem| match problem {
            TransportProblem::Broken => Unanswered::Broken,
            problem => Unanswered::For(problem_of_transport(problem)),
        })?;
    let bytes_down = answer.body.len() as u64;
    match answer.status {
        200 => {}
        413 => return Err(Unanswered::TooLarge),
        429 | 503 => {
            let retry_after_s = answer.retry_after_s.map(|seconds| seconds.min(RETRY_AFTER_S_MAX));
            return Err(Unanswered::Busy { retry_after_s });
        }
        _ => {
            return Err(match wire::decode(&answer.body).ok() {
                Some(Refused::Stale(last)) => Unanswered::Stale(last),
                refused => Unanswered::For(problem_of_refusal(refused)),
            });
        }
    }
    let answer = wire::decode(&answer.body).map_err(|_| Unanswered::For(Problem::EndpointNonsense))?;
    Ok(Called { answer, bytes_up, bytes_down })
}

/// What trouble on the way to the endpoint is called outward.
#[must_use]
pub fn problem_of_transport(problem: TransportProblem) -> Problem {
    match problem {
        TransportProblem::Unreachable | TransportProblem::Broken => Problem::EndpointUnreachable,
        TransportProblem::NotTrusted => Problem::EndpointNotTrusted,
        TransportProblem::TooLong => Problem::EndpointNonsense,
        TransportProblem::PlainHttp => Problem::EndpointPlainHttp,
        TransportProblem::NotPinned => Problem::EndpointNotPinned,
        TransportProblem::Stopped => Problem::ExchangeStopped,
        TransportProblem::BadAddress => Problem::EndpointBadAddress,
    }
}

fn problem_of_refusal(refused: Option<Refused>) -> Problem {
    match refused {
        None | Some(Refused::Malformed | Refused::TooLarge | Refused::Stale(_)) => Problem::EndpointNonsense,
        Some(Refused::OtherVersion) => Problem::EndpointOtherVersion,
        Some(Refused::OtherOrganisation) => Problem::EndpointForeign,
        Some(Refused::UnknownDevice) => Problem::EndpointUnknownDevice,
        Some(Refused::InvitationSpent) => Problem::InvitationSpent,
        Some(Refused::LogMoved | Refused::Trouble | Refused::Busy) => Problem::EndpointTrouble,
        Some(Refused::NotAllowed) => {
            Problem::not_allowed("the endpoint does not allow this change of members")
        }
    }
}
