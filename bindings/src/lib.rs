//! The foreign door, as thin as it compiles: open a home, run a command, draw a page, exchange, close.
//!
//! Calls and never decides. Commands, pages and problems pass as the contract's JSON until each has a type of its own
//! here; the hardware key is the desk's stand-in until a phone lends its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_core::app;
use fieldfare_core::contract::Problem;
use fieldfare_core::ports::{Entropy, HttpsTransport, Ports, SystemClock, SystemEntropy};
use fieldfare_core::vault::FileHardwareKey;
use serde::Serialize;

uniffi::setup_scaffolding!("fieldfare");

/// Whatever was written, shown or sent is wiped from memory when it is given back, also by libraries that do not think of it.
#[global_allocator]
static WIPED_WHEN_FREED: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// A refusal or a failure, as the contract's JSON with what it says and what to do next.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum DoorProblem {
    /// The core refused.
    #[error("{says}")]
    Refused {
        /// The problem as JSON.
        json: String,
        /// What happened.
        says: String,
        /// What to do next.
        next: String,
    },
}

impl From<Problem> for DoorProblem {
    fn from(problem: Problem) -> Self {
        Self::Refused {
            json: serde_json::to_string(&problem).unwrap_or_default(),
            says: problem.to_string(),
            next: problem.next_step().to_owned(),
        }
    }
}

/// An unlocked home; locked again by [`Fieldfare::close`] or when the last reference goes.
#[derive(uniffi::Object)]
pub struct Fieldfare {
    app: Mutex<Option<Arc<app::Fieldfare>>>,
}

#[uniffi::export]
impl Fieldfare {
    /// Unlocks the home in a folder. Takes as long as the key stretching does; call it off the main thread.
    ///
    /// # Errors
    /// [`DoorProblem`].
    #[uniffi::constructor]
    pub fn unlock(folder: String, pin: String) -> Result<Arc<Self>, DoorProblem> {
        let folder = PathBuf::from(folder);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
        let transport = HttpsTransport::new().map_err(|_| Problem::Unexpected { place: "tls".to_owned() })?;
        let ports = Ports {
            clock: Arc::new(SystemClock),
            hardware_key: Arc::new(FileHardwareKey::new(&folder, entropy.clone())),
            entropy,
            transport: Arc::new(transport),
        };
        let app = app::Fieldfare::unlock(&folder, ports, &pin)?;
        Ok(Arc::new(Self { app: Mutex::new(Some(Arc::new(app))) }))
    }

    /// Carries a command out; both it and the answer are the contract's JSON.
    ///
    /// # Errors
    /// [`DoorProblem`].
    pub fn run(&self, command: String) -> Result<String, DoorProblem> {
        json(&self.open()?.run(read(&command)?)?)
    }

    /// Draws a page; both the question and the page are the contract's JSON.
    ///
    /// # Errors
    /// [`DoorProblem`].
    pub fn page(&self, ask: String) -> Result<String, DoorProblem> {
        json(&self.open()?.page(&read(&ask)?)?)
    }

    /// Comes level with the endpoint.
    ///
    /// # Errors
    /// [`DoorProblem`].
    pub fn exchange(&self) -> Result<String, DoorProblem> {
        json(&self.open()?.exchange(|_| ())?)
    }

    /// Locks the home. Calls that are still running finish first; later ones are refused.
    pub fn close(&self) {
        self.app.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Fieldfare {
    fn open(&self) -> Result<Arc<app::Fieldfare>, DoorProblem> {
        let app = self.app.lock().unwrap_or_else(PoisonError::into_inner).clone();
        app.ok_or_else(|| Problem::NotAllowed { why: "this home is locked".to_owned() }.into())
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DoorProblem> {
    serde_json::from_str(text)
        .map_err(|_| Problem::Malformed { why: "it is not JSON of the contract".to_owned() }.into())
}

fn json(answer: &impl Serialize) -> Result<String, DoorProblem> {
    serde_json::to_string(answer).map_err(|_| Problem::Unexpected { place: "door".to_owned() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_store_is_a_problem_and_not_a_panic() {
        let folder = std::env::temp_dir().join("fieldfare-no-such-home");
        let Err(DoorProblem::Refused { json, .. }) =
            Fieldfare::unlock(folder.display().to_string(), "837261".to_owned())
        else {
            panic!("it opened");
        };
        assert!(json.contains("no_store"), "{json}");
    }
}
