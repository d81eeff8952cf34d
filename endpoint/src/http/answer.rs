//! Outcomes as HTTP: a reply, or a refusal that carries its reason as its body.
//!
//! Statuses are for proxies and people; a device reads the body.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fieldfare_protocol::request::Refused;
use fieldfare_protocol::wire;

use crate::limits::RETRY_AFTER_S;

/// What a caller is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Seconds after which the caller is asked to come back, if it is.
    pub retry_after_s: Option<u32>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The call was taken; `reply` is its answer, already encoded.
    pub(crate) fn taken(reply: Vec<u8>) -> Self {
        Self { status: StatusCode::OK.as_u16(), retry_after_s: None, body: reply }
    }

    /// The call was refused, under the status that fits the reason.
    pub(crate) fn refused(refused: Refused) -> Self {
        let status = match refused {
            Refused::OtherVersion | Refused::Malformed => StatusCode::BAD_REQUEST,
            Refused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::OtherOrganisation | Refused::LogMoved | Refused::Stale(_) => StatusCode::CONFLICT,
            Refused::UnknownDevice => StatusCode::UNAUTHORIZED,
            Refused::InvitationSpent => StatusCode::GONE,
            Refused::NotAllowed => StatusCode::FORBIDDEN,
            Refused::Trouble => StatusCode::SERVICE_UNAVAILABLE,
            Refused::Busy => StatusCode::TOO_MANY_REQUESTS,
        };
        Self::refused_as(status, refused)
    }

    /// The call was refused under a status that says more than the reason does.
    pub(super) fn refused_as(status: StatusCode, refused: Refused) -> Self {
        let for_now = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        let retry_after_s = for_now.then_some(RETRY_AFTER_S);
        Self { status: status.as_u16(), retry_after_s, body: wire::encode(&refused).unwrap_or_default() }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers =
            [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status, headers, Body::from(self.body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
