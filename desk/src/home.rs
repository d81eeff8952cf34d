//! Actions on a home: founding, inviting, joining, removing, recovering, commands, pages, exchange.
//!
//! Unlocks, calls the core once, prints what it answers.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Founding, Recovering, STORE_FILE, is_handed_over, recovery_files};
use fieldfare_core::contract::{Command, PersonId, Problem, Thing};
use fieldfare_core::exchange::transport_problem;
use fieldfare_core::ports::{
    Argon2id, Entropy, HttpsTransport, Ports, SystemClock, SystemDisk, SystemEntropy,
};
use fieldfare_core::vault::{FileHardwareKey, LockRules};
use serde::Serialize;

use crate::arguments::{
    Address, ChangeRole, CloseDeparture, Drill, Exchange, Found, Invite, Join, Page, Recover, Remove,
    ResolveFork, Rotate, Run,
};
use crate::output::{self, Refusal};
use crate::{input, pin};

/// The ports of a desk: this machine's clock and randomness, a file in place of the phone's hardware key, our transport.
pub(crate) fn ports(home: &Path) -> Result<Ports, Problem> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let transport = HttpsTransport::new().map_err(|_| Problem::Unexpected { place: "tls".to_owned() })?;
    Ok(Ports {
        clock: Arc::new(SystemClock),
        hardware_key: Arc::new(FileHardwareKey::new(home, entropy.clone())),
        entropy,
        disk: Arc::new(SystemDisk),
        stretching: Arc::new(Argon2id),
        transport: Arc::new(transport),
    })
}

pub(crate) fn unlock(home: &Path) -> Result<Fieldfare, Problem> {
    let pin = pin::enter().map_err(|problem| match is_handed_over(home) {
        true => Problem::Locked,
        false => problem,
    })?;
    Fieldfare::unlock(home, ports(home)?, &pin)
}

#[derive(Serialize)]
struct Pinned {
    address: String,
    next: &'static str,
}

/// Shows an address with the pins of its endpoint's keys.
pub(crate) fn address(address: &Address) -> Result<(), Refusal> {
    let transport = HttpsTransport::new().map_err(transport_problem)?;
    let pinned = transport.address_with_pins(address.url.trim_end_matches('/')).map_err(transport_problem)?;
    output::line(&Pinned {
        address: pinned.to_string(),
        next: "Keep the endpoint's key when its certificate is renewed. Better: make a second key, keep it elsewhere, and \
               put its pin in the place of the last.",
    })
}

#[derive(Serialize)]
struct Founded {
    founded: bool,
    recovery: Vec<String>,
    next: &'static str,
}

pub(crate) fn found(found: &Found) -> Result<(), Refusal> {
    let base_url = found.endpoint.trim_end_matches('/');
    let holders = found.recovery_shares.into();
    let (organisation, recovery_file) = (found.organisation.as_str(), found.recovery.as_path());
    let founding = Founding { organisation, base_url, recovery_file, holders };
    Fieldfare::found(&found.home, ports(&found.home)?, &pin::choose()?, LockRules::default(), &founding)?;
    output::line(&Founded {
        founded: true,
        recovery: recovery_files(recovery_file, holders)
            .iter()
            .map(|file| file.display().to_string())
            .collect(),
        next: "Print each page for another person, lock them away and delete the files; then invite your colleagues.",
    })
}

#[derive(Serialize)]
struct Invited<'i> {
    invitation: &'i str,
}

pub(crate) fn invite(invite: &Invite) -> Result<(), Refusal> {
    let app = unlock(&invite.home)?;
    let text = match (&invite.person, &invite.name, invite.role) {
        (Some(person), _, _) => app.invite_again(person_of(person)?)?,
        (None, Some(name), Some(role)) => app.invite(name, role.into())?,
        _ => return Err(Problem::Empty { field: "name".to_owned() }.into()),
    };
    output::line(&Invited { invitation: &text })
}

#[derive(Serialize)]
struct Joined {
    joined: bool,
    /// Absent when the first exchange has to wait for a signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange: Option<fieldfare_core::contract::Exchanged>,
}

pub(crate) fn join(join: &Join) -> Result<(), Refusal> {
    let invitation = match join.invitation.as_str() {
        "-" => input::next_line(&mut std::io::stdin().lock())?.unwrap_or_default(),
        text => text.to_owned(),
    };
    let app =
        Fieldfare::join(&join.home, ports(&join.home)?, &pin::choose()?, LockRules::default(), &invitation)?;
    // The device has joined whatever becomes of the first exchange.
    output::line(&Joined { joined: true, exchange: app.exchange(|_| ()).ok() })
}

fn person_of(text: &str) -> Result<PersonId, Problem> {
    text.parse().map_err(|_| Problem::NoSuch { thing: Thing::Person })
}

#[derive(Serialize)]
struct Removed {
    removed: bool,
    next: &'static str,
}

pub(crate) fn remove(remove: &Remove) -> Result<(), Refusal> {
    match (&remove.person, &remove.device) {
        (Some(person), _) => unlock(&remove.home)?.remove_person(person_of(person)?)?,
        (None, device) => {
            let device = device.as_deref().unwrap_or_default().parse().map_err(|_| Problem::NoSuchDevice)?;
            unlock(&remove.home)?.remove(device)?;
        }
    }
    output::line(&Removed {
        removed: true,
        next: "The files it could read get fresh keys with the next exchange of any phone that reads them.",
    })
}

#[derive(Serialize)]
struct RoleChanged {
    changed: bool,
    next: &'static str,
}

pub(crate) fn change_role(change: &ChangeRole) -> Result<(), Refusal> {
    unlock(&change.home)?.change_role(person_of(&change.person)?, change.role.into())?;
    output::line(&RoleChanged {
        changed: true,
        next: "Files let them in or out with the next exchange of any phone that reads them.",
    })
}

#[derive(Serialize)]
struct Closed {
    closed: bool,
    next: &'static str,
}

/// Ends the departure of a colleague who has handed a case on.
pub(crate) fn close_departure(close: &CloseDeparture) -> Result<(), Refusal> {
    let case = close.case.parse().map_err(|_| Problem::NoSuch { thing: Thing::Case })?;
    let person = close.person.parse().map_err(|_| Problem::NoSuch { thing: Thing::Person })?;
    unlock(&close.home)?.close_departure(case, person)?;
    output::line(&Closed {
        closed: true,
        next: "What their phone still sends for this case is kept apart from now on.",
    })
}

#[derive(Serialize)]
struct Rotated {
    rotated: bool,
    exchange: fieldfare_core::contract::Exchanged,
}

/// Changes keys that somebody mistrusts.
pub(crate) fn rotate(rotate: &Rotate) -> Result<(), Refusal> {
    let case = rotate.case.as_deref().map(str::parse).transpose();
    let case = case.map_err(|_| Problem::NoSuch { thing: Thing::Case })?;
    let app = unlock(&rotate.home)?;
    app.run(Command::RotateKeys { case })?;
    output::line(&Rotated { rotated: true, exchange: app.exchange(|_| ())? })
}

#[derive(Serialize)]
struct Resolved {
    resolved: bool,
    next: &'static str,
}

/// Ends the fork of a case's list of readers.
pub(crate) fn resolve_fork(fork: &ResolveFork) -> Result<(), Refusal> {
    let case = fork.case.parse().map_err(|_| Problem::NoSuch { thing: Thing::Case })?;
    unlock(&fork.home)?.resolve_fork(case)?;
    output::line(&Resolved {
        resolved: true,
        next: "Whoever reads the case goes on with their next exchange. Look at the page staff for who reads it.",
    })
}

#[derive(Serialize)]
struct Recovered {
    recovered: bool,
    next: &'static str,
}

pub(crate) fn recover(recover: &Recover) -> Result<(), Refusal> {
    if recover.home.join(STORE_FILE).exists() {
        unlock(&recover.home)?.open_files(&recover.recovery)?;
    } else {
        let base_url = recover.endpoint.trim_end_matches('/');
        let recovering = Recovering { base_url, recovery_files: &recover.recovery };
        let ports = ports(&recover.home)?;
        Fieldfare::recover(&recover.home, ports, &pin::choose()?, LockRules::default(), &recovering)?;
    }
    output::line(&Recovered {
        recovered: true,
        next: "Lock the recovery key away again, remove the devices that are lost, and invite your colleagues.",
    })
}

#[derive(Serialize)]
struct Drilled {
    drilled: fieldfare_core::contract::Drilled,
    next: &'static str,
}

pub(crate) fn drill(drill: &Drill) -> Result<(), Refusal> {
    let drilled = unlock(&drill.home)?.drill(&drill.recovery)?;
    let next = match drilled.failed {
        0 => "Lock the shares away again and delete their files. The next drill is due in 180 days.",
        _ => {
            "Keep every phone that still reads. Have the keys of the cases changed and hold the drill again."
        }
    };
    output::line(&Drilled { drilled, next })
}

pub(crate) fn run(run: &Run) -> Result<(), Refusal> {
    let beside = [("compartment", run.compartment.as_deref()), ("with", run.with.as_deref())];
    if run.command != "-" {
        let command = input::command(&run.command, &beside)?;
        return output::line(&unlock(&run.home)?.run(command)?);
    }
    let app = unlock(&run.home)?;
    let mut lines = std::io::stdin().lock();
    let mut refused = false;
    while let Some(line) = input::next_line(&mut lines)? {
        if line.trim().is_empty() {
            continue;
        }
        match input::command(&line, &beside).and_then(|command| app.run(command)) {
            Ok(done) => output::line(&done)?,
            Err(problem) => {
                refused = true;
                output::problem(&problem);
            }
        }
    }
    if refused { Err(Refusal::Told) } else { Ok(()) }
}

pub(crate) fn page(page: &Page) -> Result<(), Refusal> {
    let ask = input::ask(&page.name, page.arguments.as_deref())?;
    output::line(&unlock(&page.home)?.page(&ask)?)
}

pub(crate) fn exchange(exchange: &Exchange) -> Result<(), Refusal> {
    let app = unlock(&exchange.home)?;
    let watched = std::io::stderr().is_terminal();
    let exchanged = app.exchange(|so_far| {
        if watched {
            eprint!("\rsent {}, received {} …", so_far.sent, so_far.received);
        }
    });
    if watched {
        eprintln!();
    }
    output::line(&exchanged?)
}
