//! The slot for somebody who forgot the PIN: it opens with this phone's hardware key and a secret that only helpers hold.
//!
//! The secret is sealed to each helper's device. No helper can open the slot, and neither can the phone without one.

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::Wrap;
use fieldfare_protocol::signing::{SealingKey, VerifyKey};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::slot::{self, Slot, Way};
use super::{Body, Envelope, EnvelopeProblem};
use crate::ports::Entropy;
use crate::vault::hardware::Hardware;
use crate::vault::root_key::RootKey;
use crate::vault::secret::Secret;
use crate::vault::wrap;

/// Most devices that may help; more would not fit into what somebody can scan.
pub const HELPERS_MAX: usize = 8;

/// A device that may help, as the membership log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelperCard {
    /// The device.
    pub device: DeviceId,
    /// Checks its answers.
    pub verify_key: VerifyKey,
    /// Receives the secret.
    pub sealing_key: SealingKey,
}

/// A device that may help, and the secret sealed to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helper {
    /// The device.
    pub device: DeviceId,
    /// Checks its answers.
    pub verify_key: VerifyKey,
    /// To which the secret is sealed.
    pub sealing_key: SealingKey,
    /// The secret.
    pub wrap: Wrap,
}

/// For whom help is asked: part of what is sealed and signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helped {
    /// The organisation.
    pub organisation: VaultId,
    /// The device whose PIN is forgotten.
    pub device: DeviceId,
}

impl Helped {
    /// HPKE's `info` for the secret that is sealed to helpers.
    #[must_use]
    pub fn info(&self) -> Vec<u8> {
        [b"fieldfare/help/1".as_slice(), self.organisation.as_bytes(), self.device.as_bytes()].concat()
    }
}

/// The slot and who can help to open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HelpSlot {
    pub(super) slot: Slot,
    pub(super) helped: Helped,
    pub(super) helpers: Vec<Helper>,
    /// The hardware's word that these are the helpers: whoever can write the file cannot put their own key among them.
    pub(super) binding: ByteArray<32>,
}

impl HelpSlot {
    fn binding_of(
        body: &Body,
        helped: &Helped,
        helpers: &[Helper],
        slot: &Slot,
        hardware: Hardware<'_>,
    ) -> Result<Secret<32>, EnvelopeProblem> {
        let bytes = postcard::to_stdvec(&(body.store, helped, helpers, slot));
        slot::answer(hardware, "helpers/v1", &bytes.map_err(|_| EnvelopeProblem::Damaged)?)
    }
}

impl Envelope {
    /// Whether exactly these devices can help already.
    #[must_use]
    pub fn is_helped_by(&self, helped: &Helped, cards: &[HelperCard]) -> bool {
        let Some(help) = &self.body.help else { return cards.is_empty() };
        let kept = help.helpers.iter().map(|helper| (helper.device, helper.verify_key, helper.sealing_key));
        help.helped == *helped
            && kept.eq(cards
                .iter()
                .take(HELPERS_MAX)
                .map(|card| (card.device, card.verify_key, card.sealing_key)))
    }

    /// Lets these devices help, and no others: at most [`HELPERS_MAX`], the first ones. What helped before no longer does.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NoEntropy`] or [`EnvelopeProblem::HardwareKey`]; the envelope is then as it was.
    pub fn let_help(
        &mut self,
        root: &RootKey,
        helped: Helped,
        cards: &[HelperCard],
        entropy: &dyn Entropy,
        hardware: Hardware<'_>,
    ) -> Result<(), EnvelopeProblem> {
        let secret = Secret::<32>::random(entropy)?;
        let mut slot = Slot::fresh(entropy)?;
        let released = slot::of_released(Way::Help, &secret, &slot.salt, hardware)?;
        slot.seal(root, &released, &self.body.bound(Way::Help, &slot.salt))?;
        let mut helpers = Vec::new();
        for card in cards.iter().take(HELPERS_MAX) {
            // A key that nothing can be sealed to helps nobody; the others still do.
            let Ok(wrap) = wrap::seal_to(&secret, &card.sealing_key, &helped.info(), entropy) else {
                continue;
            };
            let HelperCard { device, verify_key, sealing_key } = *card;
            helpers.push(Helper { device, verify_key, sealing_key, wrap });
        }
        let binding = HelpSlot::binding_of(&self.body, &helped, &helpers, &slot, hardware)?;
        let binding = ByteArray::new(*binding.expose());
        self.body.help = (!helpers.is_empty()).then_some(HelpSlot { slot, helped, helpers, binding });
        Ok(())
    }

    /// Who can help, and whom; `None` if nobody can. Asks the hardware whether they are the ones that were let.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NotOpened`] if somebody changed them, [`EnvelopeProblem::HardwareKey`].
    pub fn helpers(&self, hardware: Hardware<'_>) -> Result<Option<(Helped, &[Helper])>, EnvelopeProblem> {
        let Some(help) = &self.body.help else { return Ok(None) };
        let binding = HelpSlot::binding_of(&self.body, &help.helped, &help.helpers, &help.slot, hardware)?;
        if *binding.expose() != help.binding.into_array() {
            return Err(EnvelopeProblem::NotOpened);
        }
        Ok(Some((help.helped, &help.helpers)))
    }

    /// Opens the slot with the secret that a helper gave back.
    ///
    /// # Errors
    /// [`EnvelopeProblem::NotOpened`] or [`EnvelopeProblem::HardwareKey`].
    pub fn open_with_help(
        &self,
        secret: &Secret<32>,
        hardware: Hardware<'_>,
    ) -> Result<RootKey, EnvelopeProblem> {
        let help = self.body.help.as_ref().ok_or(EnvelopeProblem::NotOpened)?;
        let released = slot::of_released(Way::Help, secret, &help.slot.salt, hardware)?;
        help.slot.open(&released, &self.body.bound(Way::Help, &help.slot.salt))
    }
}
