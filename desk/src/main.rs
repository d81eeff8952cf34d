//! The binary `fieldfare`: endpoint, administration, scripting and the demo.
//!
//! Reads arguments and prints JSON, one object a line; whatever it answers comes from the core or the endpoint.

mod arguments;
mod attachment;
mod case_erase;
mod contract;
mod demo;
mod endpoint;
mod export;
mod forgotten;
mod handover;
mod home;
mod input;
mod lock;
mod output;
mod pin;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Action, Arguments};
use output::Refusal;

/// Whatever was written, shown or sent is wiped from memory when it is given back, also by libraries that do not think of it.
#[global_allocator]
static WIPED_WHEN_FREED: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    output::keep_panics_quiet();
    let arguments = Arguments::parse();
    let result = std::panic::catch_unwind(|| act(arguments.action))
        .unwrap_or_else(|_| Err(Refusal::Problem(output::panicked())));
    match result {
        Ok(status) => status,
        Err(Refusal::Told) => ExitCode::from(2),
        Err(Refusal::Problem(problem)) => {
            output::problem(&problem);
            ExitCode::from(2)
        }
        // Whoever read our output has gone away; there is nobody left to tell.
        Err(Refusal::NobodyListens) => ExitCode::FAILURE,
    }
}

fn act(action: Action) -> Result<ExitCode, Refusal> {
    match action {
        Action::Demo(demo) => return Ok(demo::run(&demo)),
        Action::Endpoint(endpoint) => endpoint::run(&endpoint)?,
        Action::Address(address) => home::address(&address)?,
        Action::Found(found) => home::found(&found)?,
        Action::Invite(invite) => home::invite(&invite)?,
        Action::Join(join) => home::join(&join)?,
        Action::Remove(remove) => home::remove(&remove)?,
        Action::Rotate(rotate) => home::rotate(&rotate)?,
        Action::CloseDeparture(close) => home::close_departure(&close)?,
        Action::Role(role) => home::change_role(&role)?,
        Action::ResolveFork(fork) => home::resolve_fork(&fork)?,
        Action::Recover(recover) => home::recover(&recover)?,
        Action::Pin(arguments) => lock::change_pin(&arguments)?,
        Action::Erase(erase) => lock::erase(&erase)?,
        Action::Forgotten(forgotten) => forgotten::run(&forgotten)?,
        Action::Drill(drill) => home::drill(&drill)?,
        Action::Run(run) => home::run(&run)?,
        Action::Page(page) => home::page(&page)?,
        Action::Attach(attach) => attachment::attach(&attach)?,
        Action::Attachment(attachment) => attachment::attachment(&attachment)?,
        Action::Export(arguments) => export::export(&arguments)?,
        Action::CaseErase(act) => case_erase::act(&act)?,
        Action::Handover(handover) => handover::act(&handover)?,
        Action::Exchange(exchange) => home::exchange(&exchange)?,
        Action::Contract => contract::print()?,
    }
    Ok(ExitCode::SUCCESS)
}
