//! The endpoint from outside: real sockets, real files, requests written by hand.
#![allow(unreachable_pub, missing_docs, reason = "a test crate has no readers outside itself")]

mod bundles;
mod cut_off;
mod departing;
mod durability;
mod exchange;
mod founding;
mod history;
mod joining;
mod people;
mod refusals;
mod scene;
mod wire;
