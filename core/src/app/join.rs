//! Joining an organisation with an invitation: a new device, known to everybody from its first record on.
//!
//! The invitation's own hash decides which organisation it is, whatever the endpoint says.

use std::path::Path;

use fieldfare_protocol::exchange::Cursors;

use super::Fieldfare;
use super::found::{begin_home, new_me, write_identity};
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
    let (entropy, transport) = (ports.entropy.as_ref(), ports.transport.as_ref());
    let seed = Secret::random(entropy).map_err(|_| fault("entropy"))?;
    let identity = Identity::from_seed(&seed).map_err(|_| fault("identity"))?;
    let mut tries_left = TRIES_MAX;
    loop {
        let shown = admission::ask(transport, invitation)?;
        let open = shown.organisation.invitations.get(&invitation.invitation);
        let person = open.ok_or(Problem::InvitationSpent)?.person;
        let me = new_me(entropy, shown.organisation.vault, person)?;
        let signer = Signer { device: me.device, identity: &identity };
        let (signed, key, _) = members::join(&shown.organisation, &shown.log, &signer, invitation, entropy)
            .map_err(|problem| match problem {
            MembersProblem::NoInvitation => Problem::InvitationSpent,
            _ => fault("members"),
        })?;
        match admission::join(transport, invitation, &signed) {
            Ok(()) => {}
            Err(Problem::EndpointTrouble) if tries_left > 1 => {
                tries_left -= 1;
                continue;
            }
            Err(problem) => return Err(problem),
        }
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
        return store.write(|write| write_identity(write, &me, &seed, &endpoint, &log, &key));
    }
}
