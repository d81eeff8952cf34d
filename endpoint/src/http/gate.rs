//! The gate that every call passes: a place, a body as far as it comes, then a thread that may wait for the disk.
//!
//! Knows bounds, not calls.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use fieldfare_protocol::limits::REQUEST_BYTES_MAX;
use fieldfare_protocol::request::Refused;
use tokio::sync::Semaphore;

use super::answer::Answer;
use crate::counter::Body;
use crate::keeper::Keeper;
use crate::limits::{REQUESTS_MAX, SMALL_REQUEST_BYTES_MAX, SMALL_REQUESTS_MAX};
use crate::problem::Trouble;

/// Lets so many requests through at a time, and some more of the small ones.
#[derive(Clone)]
pub(super) struct Gate {
    keeper: Arc<Keeper>,
    places: Arc<Semaphore>,
    small_places: Arc<Semaphore>,
}

impl Gate {
    /// A gate with every place free.
    pub(super) fn new(keeper: Arc<Keeper>) -> Self {
        let [places, small_places] =
            [REQUESTS_MAX, SMALL_REQUESTS_MAX].map(|places| Arc::new(Semaphore::new(places)));
        Self { keeper, places, small_places }
    }

    /// Answers one request.
    pub(super) async fn pass(&self, path: &'static str, request: Request) -> Answer {
        let headers = request.headers().clone();
        let bytes_max = match announced(&headers) {
            Some(length) if length > REQUEST_BYTES_MAX => return Answer::refused(Refused::TooLarge),
            Some(length) if length <= SMALL_REQUEST_BYTES_MAX => length,
            _ => REQUEST_BYTES_MAX,
        };
        let places = if bytes_max <= SMALL_REQUEST_BYTES_MAX { &self.small_places } else { &self.places };
        // Nobody waits in line: a phone that is told when to come back saves its battery.
        let Ok(place) = Arc::clone(places).try_acquire_owned() else {
            return Answer::refused(Refused::Trouble);
        };
        let arrived = match arrived(request, bytes_max).await {
            Ok(arrived) => arrived,
            Err(refused) => return Answer::refused(refused),
        };
        let keeper = Arc::clone(&self.keeper);
        let done = tokio::task::spawn_blocking(move || {
            // Given back by the thread, not by the connection: a caller who hangs up frees no place while it works.
            let _place = place;
            let body = match &arrived {
                Arrived::Whole(body) => Body::Whole(body),
                Arrived::CutOff(body) => Body::CutOff(body),
            };
            super::answer(&keeper, path, &headers, body)
        });
        done.await.unwrap_or_else(|_| {
            Trouble::Unavailable.report();
            Answer::refused(Refused::Trouble)
        })
    }
}

/// What came of a body before it ended or the connection did.
enum Arrived {
    Whole(Vec<u8>),
    CutOff(Vec<u8>),
}

/// How long a body says that it is.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn arrived(request: Request, bytes_max: usize) -> Result<Arrived, Refused> {
    let mut body = request.into_body();
    let mut bytes = Vec::new();
    // Ends at the limit, for bodies that do not announce their length, and at the connection's deadline.
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(frame) = frame else {
            return Ok(Arrived::CutOff(bytes));
        };
        let Some(data) = frame.data_ref() else { continue };
        if bytes.len().saturating_add(data.len()) > bytes_max {
            return Err(Refused::TooLarge);
        }
        bytes.extend_from_slice(data);
    }
    Ok(Arrived::Whole(bytes))
}
