//! The lock of a home: changing its PIN, and erasing it at once.
//!
//! Reads PINs, calls the core once, prints what it answers.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::vault::Hardware;
use serde::Serialize;

use crate::arguments::{Erase, Pin};
use crate::home::ports;
use crate::output::{self, Refusal};
use crate::pin;

#[derive(Serialize)]
struct Changed {
    changed: bool,
}

pub(crate) fn change_pin(arguments: &Pin) -> Result<(), Refusal> {
    let old = pin::enter()?;
    let new = pin::choose_new()?;
    let app = Fieldfare::unlock(&arguments.home, ports(&arguments.home)?, &old)?;
    app.change_pin(&old, &new)?;
    app.lock();
    output::line(&Changed { changed: true })
}

#[derive(Serialize)]
struct Erased {
    erased: bool,
    next: &'static str,
}

pub(crate) fn erase(erase: &Erase) -> Result<(), Refusal> {
    Fieldfare::erase(&erase.home, Hardware::of(&ports(&erase.home)?))?;
    output::line(&Erased {
        erased: true,
        next: "Tell your administrator, who removes this device. What had been exchanged is safe.",
    })
}
