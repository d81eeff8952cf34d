//! Joining an organisation with an invitation: a new device, known to everybody from its first record on.
//!
//! The invitation's own hash decides which organisation it is, whatever the endpoint says.

use std::path::Path;

use fieldfare_protocol::exchange::Cursors;

use super::Fieldfare;
use super::begun::{Begun, OTHER_BEGINNING, begin_home};
use super::found::{new_me, write_identity};
use super::refusal::{fault, of_invitation, of_pin};
use crate::contract::Problem;
use crate::exchange::{admission, transport_problem};
use crate::ports::{Ports, check_address};
use crate::store::{Endpoint, Store};
use crate::vault::members::{self, MembersProblem, Signer};
use crate::vault::{Identity, Invitation, LockRules, Pin, Secret};

/// How often joining is tried when somebody else's record came first.
const TRIES_MAX: u32 = 5;

impl Fieldfare {
    /// Joins an organisation. The endpoint must be reachable.
    ///
    /// # Errors
    /// [`Problem`]; nothing is left behind, and an invitation that was not used up stays usable.
    pub fn join(
        folder: &Path,
        ports: Ports,
        pin: &str,
        rules: LockRules,
        invitation: &str,
    ) -> Result<Self, Problem> {
        let pin = Pin::chosen(pin).map_err(of_pin)?;
        let invitation = Invitation::parse(invitation.trim()).map_err(of_invitation)?;
        check_address(&invitation.base_url).map_err(transport_problem)?;
        begin_home(folder, ports, &pin, rules, |ports, store| join_and_write(ports, store, &invitation))
    }
}

fn join_and_write(ports: &Ports, store: &Store, invitation: &Invitation) -> Result<(), Problem> {
    let mut begun = Begun::read(store)?;
    if begun.as_ref().is_some_and(|begun| begun.me.organisation != invitation.organisation || begun.founds())
    {
        return Err(OTHER_BEGINNING);
    }
    for _ in 0..TRIES_MAX {
        // What an earlier attempt has handed over may have been taken: it goes first, and counts once.
        let this = match begun.take() {
            Some(begun) => begun,
            None => begin(ports, store, invitation)?,
        };
        match admission::join(ports.transport.as_ref(), invitation, this.record()?) {
            Ok(()) => {
                let Begun { me, seed, key, endpoint, log } = this;
                return store.write(|write| {
                    Begun::is_over(write)?;
                    write_identity(write, &me, &seed, &endpoint, &log, &key)
                });
            }
            // Somebody else's record came first: ours is written anew behind it.
            Err(Problem::EndpointTrouble) => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::EndpointTrouble)
}

/// Makes the joining record and keeps it with its keys, before the endpoint hears of it.
fn begin(ports: &Ports, store: &Store, invitation: &Invitation) -> Result<Begun, Problem> {
    let entropy = ports.entropy.as_ref();
    let seed = Secret::random(entropy).map_err(|_| fault("entropy"))?;
    let identity = Identity::from_seed(&seed).map_err(|_| fault("identity"))?;
    let shown = admission::ask(ports.transport.as_ref(), invitation)?;
    let open = shown.organisation.invitations.get(&invitation.invitation);
    let person = open.ok_or(Problem::InvitationSpent)?.person;
    let me = new_me(entropy, shown.organisation.vault, person)?;
    let signer = Signer { device: me.device, identity: &identity };
    let (signed, key, _) = members::join(&shown.organisation, &shown.log, &signer, invitation, entropy)
        .map_err(|problem| match problem {
            MembersProblem::NoInvitation => Problem::InvitationSpent,
            _ => fault("members"),
        })?;
    let mut log = shown.log;
    log.push(signed);
    let endpoint = Endpoint {
        base_url: invitation.base_url.clone(),
        receipt_key: Some(shown.reply.receipt_key),
        generation: Some(shown.reply.generation),
        cursors: Cursors::default(),
        last_exchange_at_ms: None,
        clock_ahead_ms: Some(ports.clock.now_ms().saturating_sub(shown.reply.now_ms)),
    };
    let begun = Begun { me, seed, key, endpoint, log };
    begun.keep(store)?;
    Ok(begun)
}
