//! The PIN: from the environment for scripts, from the terminal for people.
//!
//! Never from an argument, where every process of the machine could read it.

use fieldfare_core::contract::Problem;
use zeroize::Zeroizing;

/// Names of the environment variables.
const VARIABLE: &str = "FIELDFARE_PIN";
const NEW_VARIABLE: &str = "FIELDFARE_NEW_PIN";

/// The PIN of a home that exists.
pub(crate) fn enter() -> Result<Zeroizing<String>, Problem> {
    match from_environment(VARIABLE)? {
        Some(pin) => Ok(pin),
        None => ask("PIN: "),
    }
}

/// The PIN of a home that is open, before something that an open home alone does not allow.
pub(crate) fn enter_again() -> Result<Zeroizing<String>, Problem> {
    match from_environment(VARIABLE)? {
        Some(pin) => Ok(pin),
        None => ask("PIN once more: "),
    }
}

/// A PIN for a new home; a person types it twice.
pub(crate) fn choose() -> Result<Zeroizing<String>, Problem> {
    choose_from(VARIABLE)
}

/// Another PIN for a home that exists; a person types it twice.
pub(crate) fn choose_new() -> Result<Zeroizing<String>, Problem> {
    choose_from(NEW_VARIABLE)
}

fn choose_from(variable: &str) -> Result<Zeroizing<String>, Problem> {
    if let Some(pin) = from_environment(variable)? {
        return Ok(pin);
    }
    let pin = ask("New PIN, 6 to 12 digits: ")?;
    if *pin == *ask("Once more: ")? {
        return Ok(pin);
    }
    Err(Problem::PinNotAccepted { rule: "the two were not the same".to_owned() })
}

fn from_environment(variable: &str) -> Result<Option<Zeroizing<String>>, Problem> {
    match std::env::var(variable) {
        Ok(pin) => Ok(Some(Zeroizing::new(pin))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Problem::PinNotAccepted { rule: "a PIN has digits only".to_owned() })
        }
    }
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Problem> {
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| Problem::Malformed {
        why: format!(
            "there is no terminal to ask for the PIN; set {VARIABLE} (and {NEW_VARIABLE} to change it)"
        ),
    })
}
