//! HTTP: five calls and a sign of life, each bounded in size, number and time.
//!
//! Turns bytes into calls and outcomes into statuses; what is allowed is decided elsewhere.

mod answer;
mod caller;
mod calls;
mod connection;
mod gate;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use fieldfare_protocol::request::{
    BUNDLES_PATH, EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH, OFFER_PATH, RECOVERY_PATH, Refused,
};
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use answer::Answer;
pub(crate) use calls::answer;

use crate::keeper::Keeper;
use crate::limits::PATIENCE_S;
use connection::Listener;
use gate::Gate;

/// Serves until told to stop; returns once every request under way is answered.
pub(crate) async fn serve(listener: TcpListener, keeper: Arc<Keeper>, mut stop: watch::Receiver<bool>) {
    let stopped = async move {
        // A sender that is gone means stop as well.
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let listener = Listener::new(listener, Duration::from_secs(PATIENCE_S));
    // Accepting never fails for good: a connection that cannot be had is waited for.
    let _ = axum::serve(listener, router(keeper)).with_graceful_shutdown(stopped).await;
}

fn router(keeper: Arc<Keeper>) -> Router {
    let gate = Gate::new(keeper);
    let call = |path: &'static str| {
        let gate = gate.clone();
        post(move |request| async move { gate.pass(path, request).await })
    };
    Router::new()
        .route(FOUND_PATH, call(FOUND_PATH))
        .route(INVITATION_PATH, call(INVITATION_PATH))
        .route(RECOVERY_PATH, call(RECOVERY_PATH))
        .route(JOIN_PATH, call(JOIN_PATH))
        .route(EXCHANGE_PATH, call(EXCHANGE_PATH))
        .route(OFFER_PATH, call(OFFER_PATH))
        .route(BUNDLES_PATH, call(BUNDLES_PATH))
        .route("/v1/health", get(async || "ok"))
        .fallback(async || Answer::refused_as(StatusCode::NOT_FOUND, Refused::Malformed))
        .method_not_allowed_fallback(async || {
            Answer::refused_as(StatusCode::METHOD_NOT_ALLOWED, Refused::Malformed)
        })
}
