//! Outcomes as HTTP: a reply, or a refusal that carries its reason as its body.
//!
//! Statuses are for proxies and people; a device reads the body.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fieldfare_protocol::request::Refused;
use fieldfare_protocol::wire;

use crate::limits::RETRY_AFTER_S;

/// The call was taken; `reply` is its answer, already encoded.
pub(super) fn taken(reply: Vec<u8>) -> Response {
    bytes(StatusCode::OK, reply)
}

/// The call was refused, under the status that fits the reason.
pub(super) fn refused(refused: Refused) -> Response {
    let status = match refused {
        Refused::OtherVersion | Refused::Malformed => StatusCode::BAD_REQUEST,
        Refused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refused::OtherOrganisation | Refused::LogMoved => StatusCode::CONFLICT,
        Refused::UnknownDevice => StatusCode::UNAUTHORIZED,
        Refused::InvitationSpent => StatusCode::GONE,
        Refused::NotAllowed => StatusCode::FORBIDDEN,
        Refused::Trouble => StatusCode::SERVICE_UNAVAILABLE,
    };
    refused_as(status, refused)
}

/// The call was refused under a status that says more than the reason does.
pub(super) fn refused_as(status: StatusCode, refused: Refused) -> Response {
    let mut response = bytes(status, wire::encode(&refused).unwrap_or_default());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

fn bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, Body::from(bytes)).into_response()
}
