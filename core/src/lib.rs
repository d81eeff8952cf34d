//! The core of Fieldfare: an encrypted store of case notes, goals and wellbeing check-ins that works without signal
//! and comes level with its colleagues when there is one.
//!
//! The shell sees [`app::Fieldfare`] and the vocabulary of [`contract`]; everything else is the house behind that door.
//! The core is synchronous and panics nowhere: call it off the main thread.

pub mod app;
pub mod commands;
pub mod contract;
pub mod domain;
pub mod exchange;
pub mod pages;
pub mod ports;
pub mod store;
pub mod vault;

// Its namespace is what other languages import; the types stand in `contract` and `ports`.
#[cfg(feature = "foreign")]
uniffi::setup_scaffolding!("fieldfare_contract");
