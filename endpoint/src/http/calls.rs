//! The calls: bytes in, bytes out.
//!
//! Checks the version before anything else, so that a device of another version is told so whatever it sent.

use axum::http::{HeaderMap, StatusCode};
use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::admission::{FoundRequest, InvitationRequest, JoinRequest, RecoveryRequest};
use fieldfare_protocol::bundle::BundlesRequest;
use fieldfare_protocol::exchange::Request;
use fieldfare_protocol::limits::REQUEST_BYTES_MAX;
use fieldfare_protocol::offer::OfferRequest;
use fieldfare_protocol::prefix::RequestPrefix;
use fieldfare_protocol::request::{
    BUNDLES_PATH, EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH, OFFER_PATH, RECOVERY_PATH, Refused,
};
use fieldfare_protocol::wire;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::caller::caller;
use crate::counter::Body;
use crate::keeper::Keeper;
use crate::problem::{Failure, Trouble};
use crate::{bundles, exchange, founding, joining, offer};

/// Answers one call, however it came here; it blocks.
pub(crate) fn answer(keeper: &Keeper, path: &str, headers: &HeaderMap, body: Body<'_>) -> Answer {
    let call = match path {
        FOUND_PATH => found,
        INVITATION_PATH => invitation,
        RECOVERY_PATH => recovery,
        JOIN_PATH => join,
        EXCHANGE_PATH => exchange,
        OFFER_PATH => offer,
        BUNDLES_PATH => bundles,
        _ => return Answer::refused_as(StatusCode::NOT_FOUND, Refused::Malformed),
    };
    let body = match body {
        Body::Whole(body) if body.len() <= REQUEST_BYTES_MAX => body,
        Body::Whole(_) => return Answer::refused(Refused::TooLarge),
        Body::CutOff(prefix) => {
            if path == EXCHANGE_PATH {
                exchange_cut_off(keeper, headers, prefix);
            }
            return Answer::refused(Refused::Malformed);
        }
    };
    match call(keeper, headers, body) {
        Ok(reply) => Answer::taken(reply),
        Err(Failure::Refused(refused)) => Answer::refused(refused),
        Err(Failure::Trouble(trouble)) => {
            trouble.report();
            Answer::refused(Refused::Trouble)
        }
    }
}

/// `POST /v1/found`
fn found(keeper: &Keeper, _: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Failure> {
    of_this_version(body)?;
    let request: FoundRequest = read(body)?;
    write(&founding::found(keeper, &request)?)
}

/// `POST /v1/invitation`
fn invitation(keeper: &Keeper, _: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Failure> {
    of_this_version(body)?;
    let request: InvitationRequest = read(body)?;
    write(&joining::invitation(keeper, &request)?)
}

/// `POST /v1/recovery`
fn recovery(keeper: &Keeper, _: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Failure> {
    of_this_version(body)?;
    let request: RecoveryRequest = read(body)?;
    write(&joining::recovery(keeper, &request)?)
}

/// `POST /v1/join`
fn join(keeper: &Keeper, _: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Failure> {
    of_this_version(body)?;
    let request: JoinRequest = read(body)?;
    joining::join(keeper, &request)?;
    Ok(Vec::new())
}

/// `POST /v1/exchange`
fn exchange(keeper: &Keeper, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Failure> {
    of_this_version(body)?;
    let device = keeper.recognise(&caller(headers)?, EXCHANGE_PATH, body)?;
    let request: Request = read(body)?;
    if !keeper.rate.lets_through(device, exchange::is_urgent_alone(&request), keeper.now_ms()) {
        return Err(Refused::Busy.into());
    }
    write(&exchange::exchange(keeper, device, &request)?)
}

/// A `POST /v1/exchange` that broke off: what had arrived whole is kept, and nobody is left to answer.
///
/// The signature over the body never came, so the caller is only named, not proven. That is enough for parts that their
/// authors signed: whoever replays them gains nothing, and nothing is handed out.
fn exchange_cut_off(keeper: &Keeper, headers: &HeaderMap, prefix: &[u8]) {
    let named = of_this_version(prefix).and_then(|()| keeper.known(&caller(headers)?));
    let prefix = prefix.get(..REQUEST_BYTES_MAX).unwrap_or(prefix);
    if let Ok(device) = named
        && let Err(Failure::Trouble(trouble)) =
            exchange::take_prefix(keeper, device, &RequestPrefix::read(prefix))
    {
        trouble.report();
    }
}

/// `POST /v1/offer`
fn offer(keeper: &Keeper, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Failure> {
    of_this_version(body)?;
    let device = keeper.recognise(&caller(headers)?, OFFER_PATH, body)?;
    let request: OfferRequest = read(body)?;
    write(&offer::offer(keeper, device, &request)?)
}

/// `POST /v1/bundles`
fn bundles(keeper: &Keeper, headers: &HeaderMap, body: &[u8]) -> Result<Vec<u8>, Failure> {
    of_this_version(body)?;
    let device = keeper.recognise(&caller(headers)?, BUNDLES_PATH, body)?;
    let request: BundlesRequest = read(body)?;
    write(&bundles::take(keeper, device, &request)?)
}

/// Every request opens with its version in one byte, whatever the rest has become since.
fn of_this_version(body: &[u8]) -> Result<(), Refused> {
    match body.first() {
        Some(&PROTOCOL_VERSION) => Ok(()),
        Some(_) => Err(Refused::OtherVersion),
        None => Err(Refused::Malformed),
    }
}

fn read<T: Serialize + DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    wire::decode(body).map_err(|_| Refused::Malformed)
}

fn write<T: Serialize>(reply: &T) -> Result<Vec<u8>, Failure> {
    wire::encode(reply).map_err(|_| Failure::Trouble(Trouble::Unavailable))
}
