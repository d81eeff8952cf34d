//! What journeys, benchmarks and the trainer share: invented casework, phones, and the binary as a person would use it.
//!
//! Real parts: a real endpoint on a real socket, real stores in real folders. Nothing here is shipped.

pub mod backup;
pub mod binary;
pub mod builds;
pub mod by_hand;
pub mod canary;
pub mod casebook;
pub mod casework;
pub mod contract;
pub mod cutter;
pub mod device;
pub mod handover;
pub mod keys;
pub mod kills;
pub mod locked;
pub mod measure;
pub mod memory;
pub mod moment;
pub mod near;
pub mod opened;
pub mod phone;
pub mod power;
pub mod refusal;
pub mod rulebook;
pub mod scan;
pub mod screen;
pub mod source;
pub mod supply;
pub mod tls;
pub mod wire_tap;
pub mod world;
