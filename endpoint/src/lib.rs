//! The central endpoint: keeps sealed segments and membership logs, and hands them out to the devices that the logs name.
//!
//! Depends on the protocol alone and holds no key of any vault, so it refuses to know what any segment says.
//!
//! There is no TLS in here: an endpoint listens on the loopback interface, behind a proxy that speaks TLS to the world.
//!
//! ```no_run
//! use fieldfare_endpoint::{Endpoint, Settings};
//!
//! let settings = Settings { data: "endpoint-data".into(), listen: ([127, 0, 0, 1], 8420).into(), quota_bytes: None };
//! let endpoint = Endpoint::start(settings)?;
//! println!("listening on {}", endpoint.address());
//! endpoint.wait();
//! endpoint.stop();
//! # Ok::<(), fieldfare_endpoint::StartProblem>(())
//! ```

mod bundles;
mod counter;
mod directory;
mod endpoint;
mod erasure;
mod exchange;
mod folder;
mod founding;
mod http;
mod intake;
mod joining;
mod keeper;
mod late;
mod limits;
mod offer;
mod offered_bundle;
mod problem;
mod rate;
mod receipt;
mod store;
mod surroundings;
mod turns;

#[cfg(test)]
#[path = "../tests/over_http/people.rs"]
mod people;

pub use counter::{Body, Counter};
pub use endpoint::{Endpoint, LISTEN_DEFAULT, Settings, restored};
pub use http::Answer;
pub use problem::StartProblem;
pub use surroundings::{Machine, Surroundings};
