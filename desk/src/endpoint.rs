//! The endpoint as a process: prints where it listens, serves until it is told to stop.
//!
//! Everything else about it lives in its own crate.

use fieldfare_core::contract::Problem;
use fieldfare_endpoint::{Endpoint, Settings, StartProblem};
use serde::Serialize;

use crate::arguments;
use crate::output::{self, Refusal};

#[derive(Serialize)]
struct Listening {
    listening: String,
    generation: String,
}

#[derive(Serialize)]
struct Restored {
    restored: bool,
    generation: String,
}

pub(crate) fn run(arguments: &arguments::Endpoint) -> Result<(), Refusal> {
    if arguments.restored {
        let generation = fieldfare_endpoint::restored(&arguments.data).map_err(|problem| told(&problem))?;
        return output::line(&Restored { restored: true, generation: generation.to_string() });
    }
    let quota_bytes = arguments.quota.map(|mebibytes| mebibytes.saturating_mul(1024 * 1024));
    let settings = Settings { data: arguments.data.clone(), listen: arguments.listen, quota_bytes };
    let endpoint = Endpoint::start(settings).map_err(|problem| told(&problem))?;
    output::line(&Listening {
        listening: format!("http://{}", endpoint.address()),
        generation: endpoint.generation().to_string(),
    })?;
    endpoint.wait();
    endpoint.stop();
    Ok(())
}

/// The endpoint's own words say what to do next.
fn told(problem: &StartProblem) -> Problem {
    Problem::EndpointNotStarted { why: problem.to_string() }
}
