//! The foreign door: one object for Kotlin, Swift and Python, made from the contract's own types.
//!
//! Calls and never decides. No type of the contract is written a second time here; what a phone lends is asked with a
//! bound on the time it takes, and whatever goes wrong on either side of the door is a `Problem`.

mod apart;
mod fault;
mod fieldfare;
mod lent;
mod lock;
mod open;
mod pages;
mod progress;
mod watch;

pub use fieldfare::Fieldfare;
pub use progress::ExchangeProgress;
pub use watch::Watch;

uniffi::setup_scaffolding!("fieldfare");

/// Whatever was written, shown or sent is wiped from memory when it is given back, also by libraries that do not think of it.
#[global_allocator]
static WIPED_WHEN_FREED: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
