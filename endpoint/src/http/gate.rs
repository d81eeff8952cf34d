//! The gate that every call passes: a place, a body in full, then a thread that may wait for the disk.
//!
//! Knows bounds, not calls.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use fieldfare_protocol::limits::REQUEST_BYTES_MAX;
use fieldfare_protocol::request::Refused;
use tokio::sync::Semaphore;

use super::answer::Answer;
use crate::counter::Body;
use crate::keeper::Keeper;
use crate::limits::REQUESTS_MAX;
use crate::problem::Trouble;

/// Lets so many requests through at a time.
#[derive(Clone)]
pub(super) struct Gate {
    keeper: Arc<Keeper>,
    places: Arc<Semaphore>,
}

impl Gate {
    /// A gate with every place free.
    pub(super) fn new(keeper: Arc<Keeper>) -> Self {
        Self { keeper, places: Arc::new(Semaphore::new(REQUESTS_MAX)) }
    }

    /// Answers one request.
    pub(super) async fn pass(&self, path: &'static str, request: Request) -> Answer {
        // Nobody waits in line: a phone that is told when to come back saves its battery.
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Answer::refused(Refused::Trouble);
        };
        let headers = request.headers().clone();
        let body = match whole(request).await {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        let keeper = Arc::clone(&self.keeper);
        let done = tokio::task::spawn_blocking(move || {
            // Given back by the thread, not by the connection: a caller who hangs up frees no place while it works.
            let _place = place;
            super::answer(&keeper, path, &headers, Body::Whole(&body))
        });
        done.await.unwrap_or_else(|_| {
            Trouble::Unavailable.report();
            Answer::refused(Refused::Trouble)
        })
    }
}

async fn whole(request: Request) -> Result<Bytes, Answer> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > REQUEST_BYTES_MAX) {
        return Err(Answer::refused(Refused::TooLarge));
    }
    // Stops at the router's body limit, for bodies that do not announce their length, and at the connection's deadline.
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        Answer::refused(if too_large { Refused::TooLarge } else { Refused::Malformed })
    })
}
