//! Help for whoever forgot the PIN, where there is no signal: asked here, given on a supervisor's device, used here.
//!
//! Knows who may help; what is sealed to whom is the vault's.

use fieldfare_protocol::membership::Role;

use super::Fieldfare;
use super::refusal::of_unlock;
use crate::contract::Problem;
use crate::vault::Unlock;
use crate::vault::envelope::{HELPERS_MAX, Helped, HelperCard};

impl Fieldfare {
    /// Lets the supervisors and administrators of today help, as the membership log has them: supervisors first, at most
    /// [`HELPERS_MAX`] devices.
    pub(super) fn renew_helpers(&self, unlock: &mut Unlock<'_>) -> Result<(), Problem> {
        let (me, organisation) =
            self.store.read(|read| Ok::<_, Problem>((read.me()?, read.organisation()?)))?;
        let may_help = |role: Role| organisation.present().filter(move |card| card.role == role);
        let cards: Vec<HelperCard> = may_help(Role::Supervisor)
            .chain(may_help(Role::Administrator))
            .filter(|card| card.device != me.device)
            .take(HELPERS_MAX)
            .map(|card| HelperCard {
                device: card.device,
                verify_key: card.verify_key,
                sealing_key: card.sealing_key,
            })
            .collect();
        let helped = Helped { organisation: me.organisation, device: me.device };
        unlock.let_help(helped, &cards, self.ports.entropy.as_ref()).map_err(of_unlock)
    }
}
