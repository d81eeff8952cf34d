//! Help for whoever forgot the PIN, where there is no signal: asked here, given on a supervisor's device, used here.
//!
//! Knows who may help and says for whom; what is sealed to whom is the vault's.

use std::path::Path;

use fieldfare_protocol::membership::{DeviceCard, Organisation, Role};

use super::lock::{refused, take};
use super::refusal::{of_help, of_pin, of_unlock};
use super::reserve::with_room_to_unlock;
use super::{Fieldfare, role};
use crate::contract::{HelpAsked, PersonId, Problem, StaffRole};
use crate::ports::Ports;
use crate::store::Build;
use crate::vault::envelope::{HELPERS_MAX, Helped, HelperCard};
use crate::vault::help::{HelpAnswer, HelpRequest};
use crate::vault::unlock::{ask, take_help};
use crate::vault::{Hardware, Pin, Unlock};

impl Fieldfare {
    /// Asks for help with a forgotten PIN. No PIN, no network. Returns one line to type, read aloud or show as a QR code;
    /// nothing in it is secret. Counts as no try of a PIN; it may be asked 20 times a day.
    ///
    /// # Errors
    /// [`Problem::NoHelp`], [`Problem::HelpNotAccepted`] if it was asked too often, or whatever a try is refused with.
    pub fn ask_for_help(folder: &Path, ports: &Ports) -> Result<String, Problem> {
        let _home = take(ports, folder)?;
        let asked = ask(folder, ports.clock.as_ref(), ports.entropy.as_ref(), Hardware::of(ports));
        let request = asked.map_err(|problem| refused(ports, folder, problem))?;
        request.to_text().map_err(of_help)
    }

    /// Who asks for help. Look at it, and make sure that it is really them, before helping.
    ///
    /// # Errors
    /// [`Problem::HelpNotAccepted`] for anything but a whole question of a phone of this organisation,
    /// [`Problem::NotAllowed`] on anybody's device but a supervisor's or administrator's.
    pub fn who_asks(&self, request: &str) -> Result<HelpAsked, Problem> {
        Ok(self.asked(request)?.1)
    }

    /// Helps: returns one line for the phone that asked, good once and for 15 minutes, and worth nothing anywhere else.
    ///
    /// # Errors
    /// As [`Fieldfare::who_asks`].
    pub fn help(&self, request: &str) -> Result<String, Problem> {
        let (request, _, person) = self.asked(request)?;
        let me = self.store.read(|read| read.me())?.device;
        let answer = request.answer(me, &self.identity, self.ports.entropy.as_ref()).map_err(of_help)?;
        // Written down before anybody has it.
        self.store.write(|write| {
            let now_ms = self.now(&write.read())?.ms;
            Ok::<_, Problem>(write.note_in_audit(now_ms, "help_with_pin", Some(person.into()))?)
        })?;
        answer.to_text().map_err(of_help)
    }

    /// Unlocks with a helper's answer, and puts a new PIN in the place of the forgotten one, in one step.
    ///
    /// # Errors
    /// [`Problem::PinNotAccepted`] before anything else, [`Problem::HelpNotAccepted`]; nothing was changed then.
    pub fn unlock_with_help(folder: &Path, ports: Ports, answer: &str, pin: &str) -> Result<Self, Problem> {
        let pin = Pin::chosen(pin).map_err(of_pin)?;
        let answer = HelpAnswer::parse(answer).map_err(of_help)?;
        with_room_to_unlock(folder, &ports, || {
            let home = take(&ports, folder)?;
            let (clock, entropy) = (ports.clock.as_ref(), ports.entropy.as_ref());
            let unlock = take_help(folder, &answer, &pin, clock, entropy, Hardware::of(&ports))
                .map_err(|problem| refused(&ports, folder, problem))?;
            Self::behind(Build::THIS, home, ports.clone(), unlock)
        })
    }

    fn asked(&self, request: &str) -> Result<(HelpRequest, HelpAsked, PersonId), Problem> {
        let request = HelpRequest::parse(request).map_err(of_help)?;
        self.store.read(|read| {
            let me = read.me()?;
            if !matches!(role(read, &me)?, StaffRole::Supervisor | StaffRole::Administrator) {
                let why = "only supervisors and administrators help with a forgotten PIN";
                return Err(Problem::not_allowed(why));
            }
            let of_this = request.helped.organisation == me.organisation;
            let organisation = read.organisation()?;
            let mut present = organisation.present();
            let card = present.find(|card| of_this && card.device == request.helped.device);
            let card = card.ok_or_else(|| Problem::HelpNotAccepted {
                why: "the phone that asks is none of your organisation, or was removed".to_owned(),
            })?;
            let person = PersonId(card.person.0);
            let asked = HelpAsked {
                name: read.person_name(person)?,
                role: read.device(card.device)?.map(|(_, role)| role).ok_or(Problem::NoSuchDevice)?,
                device: card.device.to_string(),
            };
            Ok((request.clone(), asked, person))
        })
    }

    /// Lets the supervisors and administrators of today help, as the membership log has them: at most [`HELPERS_MAX`]
    /// devices, supervisors first.
    pub(super) fn renew_helpers(&self, unlock: &mut Unlock<'_>) -> Result<(), Problem> {
        let (me, organisation) =
            self.store.read(|read| Ok::<_, Problem>((read.me()?, read.organisation()?)))?;
        let with = |role| with_role(&organisation, role);
        let cards: Vec<HelperCard> = with(Role::Supervisor)
            .chain(with(Role::Administrator))
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

fn with_role(organisation: &Organisation, role: Role) -> impl Iterator<Item = &DeviceCard> {
    organisation.present().filter(move |card| card.role == role)
}
