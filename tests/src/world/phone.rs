//! A phone of the world: a real home and a real core, and a battery that may fail in the middle of anything.
//!
//! Knows how to open, act and exchange; what is done and why is the world's.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Ask, Problem, StaffRole};
use fieldfare_core::ports::{Answer, Call, Disk as _, Ports, Transport, TransportProblem};
use fieldfare_core::store::Build;
use serde_json::Value;

use super::machine::{CheapKey, PhoneClock, SeededEntropy, Time};
use super::network::Network;
use crate::phone::NoStretching;
use crate::power::{Power, Supply};

/// The PIN of every phone at first.
pub const PIN: &str = "837261";

/// What became of something that a phone was asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did<T> {
    /// It answered.
    Done(T),
    /// It refused.
    Refused(Problem),
    /// Its power failed: whether it was done, nobody has heard.
    Cut,
}

/// A phone's way to the line: whose power has failed sends nothing any more.
struct Antenna {
    network: Arc<Network>,
    power: Arc<Power>,
}

impl Transport for Antenna {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        if self.power.has_stopped() {
            return Err(TransportProblem::Unreachable);
        }
        self.network.post(call)
    }
}

/// A phone.
pub struct Phone {
    /// How its person is called.
    pub name: String,
    /// What they may do.
    pub role: StaffRole,
    /// Who they are, as the contract names people.
    pub person: String,
    /// Its home.
    pub home: PathBuf,
    /// Its clock.
    pub clock: Arc<PhoneClock>,
    /// Its randomness.
    pub entropy: Arc<SeededEntropy>,
    /// Its hardware key.
    pub key: Arc<CheapKey>,
    /// Its line.
    pub network: Arc<Network>,
    /// The core, while the phone is on.
    pub app: Option<Arc<Fieldfare>>,
    /// The build of the app on it; it takes effect when the phone is next switched on.
    pub build: &'static Build,
    /// Its power.
    pub power: Arc<Power>,
    /// Why its disk takes nothing, if it does not.
    pub disk: Option<ErrorKind>,
    /// Its PIN.
    pub pin: String,
    /// Whether its power failed the last time that it was switched on.
    pub failed_at_start: bool,
}

impl Phone {
    /// A phone that is off.
    #[must_use]
    pub fn new(
        name: &str,
        role: StaffRole,
        home: &Path,
        time: &Arc<Time>,
        network: &Arc<Network>,
        seed: u64,
    ) -> Self {
        Self {
            name: name.to_owned(),
            role,
            person: String::new(),
            home: home.to_owned(),
            clock: PhoneClock::new(time.clone()),
            entropy: SeededEntropy::new(seed),
            key: CheapKey::new(name),
            network: network.clone(),
            app: None,
            build: Build::THIS,
            power: Power::of_one_thread(),
            disk: None,
            pin: PIN.to_owned(),
            failed_at_start: false,
        }
    }

    /// What it lends to its core.
    #[must_use]
    pub fn ports(&self) -> Ports {
        Ports {
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            hardware_key: self.key.clone(),
            disk: self.power.clone(),
            stretching: Arc::new(NoStretching),
            transport: Arc::new(Antenna { network: self.network.clone(), power: self.power.clone() }),
        }
    }

    /// Switches it on, if it is off.
    pub fn open(&mut self, fails_at: Option<u32>) -> Did<()> {
        if self.app.is_some() {
            return Did::Done(());
        }
        let pin = self.pin.clone();
        let build = self.build;
        self.begin(fails_at, |home, ports| Fieldfare::unlock_by(build, home, ports, &pin))
    }

    /// Begins its home, or opens it, as the caller says.
    pub fn begin(
        &mut self,
        fails_at: Option<u32>,
        begin: impl FnOnce(&Path, Ports) -> Result<Fieldfare, Problem>,
    ) -> Did<()> {
        let (opened, supply) = self.supplied(fails_at, || begin(&self.home, self.ports()));
        self.failed_at_start = supply.has_failed();
        match opened {
            _ if supply.has_failed() => Did::Cut,
            Ok(app) => {
                self.app = Some(Arc::new(app));
                Did::Done(())
            }
            Err(problem) => Did::Refused(problem),
        }
    }

    /// Does something on this phone's power and disk.
    fn supplied<T>(&self, fails_at: Option<u32>, act: impl FnOnce() -> T) -> (T, Supply) {
        self.power.refuse_writes(self.disk);
        self.power.supplied(fails_at, act)
    }

    /// Switches it off.
    pub fn close(&mut self) {
        self.app = None;
    }

    /// Does something with the core. If the power fails on the way, the phone is off afterwards.
    ///
    /// # Panics
    /// If the phone is off.
    pub fn with<T>(
        &mut self,
        fails_at: Option<u32>,
        act: impl FnOnce(&Fieldfare) -> Result<T, Problem>,
    ) -> Did<T> {
        let app = self.app.clone().expect("a phone that is on");
        let (done, supply) = self.supplied(fails_at, || act(&app));
        drop(app);
        if supply.has_failed() {
            self.close();
        }
        match done {
            // What was said before the power failed was heard.
            Ok(done) => Did::Done(done),
            Err(_) if supply.has_failed() => Did::Cut,
            Err(problem) => Did::Refused(problem),
        }
    }

    /// What stands in each vault, in one line; nothing of a phone that is off.
    #[must_use]
    pub fn digests(&self) -> String {
        let digests = self.app.as_ref().map(|app| app.digests());
        format!("{digests:?}")
    }

    /// A page as JSON, if the phone is on and has it.
    #[must_use]
    pub fn page(&self, ask: &Value) -> Option<Value> {
        let ask: Ask = serde_json::from_value(ask.clone()).expect("a page of the contract");
        let page = self.app.as_ref()?.page(&ask).ok()?;
        Some(serde_json::to_value(page).expect("JSON"))
    }
}

/// How the contract names a problem.
#[must_use]
pub fn name_of(problem: &Problem) -> String {
    let value = serde_json::to_value(problem).unwrap_or_default();
    value["problem"].as_str().unwrap_or_default().to_owned()
}
