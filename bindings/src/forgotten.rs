//! Help with a forgotten PIN, where there is no signal: asked on one phone, given on another.
//!
//! Passes lines of text on. Who may help, and what is in the lines, is not known here.

use std::sync::Arc;

use fieldfare_core::app;
use fieldfare_core::contract::{HelpAsked, Problem};

use crate::Fieldfare;
use crate::apart::apart;
use crate::open::Opening;

#[uniffi::export]
impl Fieldfare {
    /// Asks for help, on a home that is locked: one line to type, read aloud or show as a QR code; nothing in it is secret.
    /// Counts as no try of the PIN, and has a number a day of its own. `unlock_with_help` takes the answer.
    ///
    /// # Errors
    /// [`Problem::NoHelp`], [`Problem::HelpNotAccepted`] if it was asked too often, or whatever a try is refused with.
    pub async fn ask_for_help(&self) -> Result<String, Problem> {
        let turn = Opening::begin(&self.0)?;
        let door = self.0.clone();
        apart(move || {
            let _turn = turn;
            door.look_at_the_clock()?;
            app::Fieldfare::ask_for_help(&door.folder, &door.ports(Arc::default())?)
        })
        .await
    }

    /// Who asks for help. Look at it, and make sure that it is really them, before helping.
    ///
    /// # Errors
    /// [`Problem::HelpNotAccepted`] for anything but a whole question of a phone of this organisation,
    /// [`Problem::NotAllowed`] on anybody's device but a supervisor's or administrator's.
    pub fn who_asks(&self, request: String) -> Result<HelpAsked, Problem> {
        self.0.look(|app| app.who_asks(&request))
    }

    /// Helps: one line for the phone that asked, good once and for 15 minutes, and worth nothing anywhere else.
    ///
    /// # Errors
    /// As for `who_asks`.
    pub fn help(&self, request: String) -> Result<String, Problem> {
        self.0.look(|app| app.help(&request))
    }
}
