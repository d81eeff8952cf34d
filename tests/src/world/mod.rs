//! A hostile world in one thread: real cores on real encrypted files, one endpoint, and a line between them that fails.
//!
//! One seed decides everything that happens. Whatever happens, in the end everybody must have everything; `faults` says
//! what is done to them, `quiet` what must hold afterwards.

pub mod faults;
pub mod ground;
pub mod inside;
pub mod kept;
pub mod machine;
pub mod network;
pub mod phone;
pub mod post;
pub mod quiet;
pub mod template;
pub mod writing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use fieldfare_core::contract::{Done, Exchanged, Problem};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::VaultId;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::casework::chance::Chance;
use faults::Fault;
use ground::{Ground, Load};
use machine::{Around, Time};
use network::{Network, Weather};
use phone::{Did, Phone};
use post::Post;
use template::{STAFF, Template, copy, fast_folder};
use writing::Writing;

/// Something that must hold and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

/// A promise that is kept, or the violation.
pub type Held<T = ()> = Result<T, Violation>;

/// Demands something of the world.
///
/// # Errors
/// The violation, if it does not hold.
pub fn demand(holds: bool, what: impl FnOnce() -> String) -> Held {
    if holds { Ok(()) } else { Err(Violation(what())) }
}

/// What one run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// Things that were done.
    pub steps: u64,
    /// How often the fault struck.
    pub struck: u64,
    /// Hash of everything that happened.
    pub trace: Hash,
    /// What happened, line by line.
    pub told: Vec<String>,
    /// What did not hold.
    pub violation: Option<Violation>,
}

/// A world.
pub struct World {
    /// Decides what happens.
    pub chance: Chance,
    /// The true time.
    pub time: Arc<Time>,
    /// The line to the endpoint.
    pub network: Arc<Network>,
    /// The phones.
    pub phones: Vec<Phone>,
    /// What was written, and what of it must be everywhere in the end.
    pub writing: Writing,
    /// Things that were done.
    pub steps: u64,
    /// How often the fault struck.
    pub struck: u64,
    /// Of a hundred actions, how many lose their power.
    pub power_cuts: usize,
    /// What may be left over in the end.
    pub leftovers: quiet::Leftovers,
    folder: TempDir,
    /// How much there was when it began, if it began with much.
    pub(super) load: Load,
    template: PathBuf,
    told: Vec<String>,
}

impl World {
    /// A world with phones of these members of staff.
    #[must_use]
    pub fn new(template: &Template, on: Ground, seed: u64, staff: &[usize]) -> Self {
        let ground = template.on(on);
        let folder = fast_folder();
        let time = Time::new();
        time.pass(7 * 24 * 3_600_000);
        let data = folder.path().join("endpoint");
        copy(&ground.join("endpoint"), &data);
        let network = Network::new(Post::new(&data, Around::new(time.clone(), seed ^ 0xE4D)), seed ^ 0x11E);
        let mut phones = Vec::new();
        for &number in staff {
            let (name, role) = STAFF[number];
            let home = folder.path().join(name);
            copy(&ground.join(name), &home);
            let entropy = Hash::of(&[&seed.to_be_bytes(), name.as_bytes()]).0;
            let entropy = entropy.iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte));
            let mut phone = Phone::new(name, role, &home, &time, &network, entropy);
            phone.person.clone_from(&template.people[number]);
            phones.push(phone);
        }
        let writing = Writing::begin(template, staff);
        Self {
            chance: Chance::new(seed),
            time,
            network,
            phones,
            writing,
            steps: 0,
            struck: 0,
            power_cuts: 0,
            leftovers: quiet::Leftovers::default(),
            folder,
            load: if let Ground::Heavy(load) = on { load } else { Load::SMALL },
            template: ground,
            told: Vec::new(),
        }
    }

    /// A place in this world's folder.
    #[must_use]
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A place in the folder of the template, which nobody may change.
    #[must_use]
    pub fn template_place(&self, name: &str) -> PathBuf {
        self.template.join(name)
    }

    /// Which device a phone says it is, by a call that arrives nowhere.
    ///
    /// # Errors
    /// A phone that does not open.
    pub fn device(&mut self, who: usize) -> Held<String> {
        self.open(who)?;
        let weather =
            std::mem::replace(&mut self.network.line().weather, Weather { lost: 100, ..Weather::CLEAR });
        let _ = self.phones[who].with(None, |app| app.exchange(|_| ()));
        let mut line = self.network.line();
        line.weather = weather;
        Ok(line.last_caller.clone())
    }

    /// The vault in which a record lies; vaults of which no phone knows anything are named by zeros.
    #[must_use]
    pub fn vault_of(&self, record: &str) -> VaultId {
        // A record's name begins with that of its vault.
        let apps = self.phones.iter().filter_map(|phone| phone.app.as_ref());
        let mut vaults = apps.filter_map(|app| app.digests().ok()).flatten().map(|(vault, _)| vault);
        vaults.find(|vault| record.get(..8) == vault.to_string().get(..8)).unwrap_or(VaultId([0; 16]))
    }

    /// Leads a device to the other endpoint, or back.
    pub fn lead(&mut self, device: &str, to_the_other: bool) {
        if let Some((_, led)) = &mut self.network.line().other {
            if to_the_other {
                led.insert(device.to_owned());
            } else {
                led.remove(device);
            }
        }
    }

    /// Notes what happened.
    pub fn tell(&mut self, line: impl Into<String>) {
        let on_the_line = self.network.line().take_told();
        self.told.extend(on_the_line.into_iter().map(|line| format!("    {line}")));
        self.told.push(line.into());
    }

    /// The fault struck.
    pub fn strike(&mut self, how: impl Into<String>) {
        self.struck += 1;
        self.tell(how);
    }

    /// At which moment the power fails in the next action, if it does.
    pub fn power(&mut self) -> Option<u32> {
        let moments = if self.chance.percent(30) { 16 } else { 4 };
        self.chance.percent(self.power_cuts).then(|| self.chance.below(moments) as u32)
    }

    /// Sets the weather of the line.
    pub fn weather(&mut self, weather: Weather) {
        self.network.line().weather = weather;
    }

    /// Switches a phone on. Power may fail once; the second time it holds.
    ///
    /// # Errors
    /// A phone that does not open although nothing is wrong with it.
    pub fn open(&mut self, who: usize) -> Held {
        if self.phones[who].app.is_some() {
            return Ok(());
        }
        for _ in 0..4 {
            let fails_at = if self.phones[who].failed_at_start { None } else { self.power() };
            let did = self.phones[who].open(fails_at);
            self.tell(format!("{} is switched on: {did:?}", self.phones[who].name));
            match did {
                Did::Done(()) => return Ok(()),
                Did::Cut => {}
                Did::Refused(Problem::WaitBeforeNextTry { seconds }) => {
                    self.time.pass(i64::from(seconds) * 1_000);
                }
                Did::Refused(problem) => {
                    return Err(Violation(format!("{} does not open: {problem:?}", self.phones[who].name)));
                }
            }
        }
        Err(Violation(format!("{} does not open", self.phones[who].name)))
    }

    /// Runs a command.
    ///
    /// # Errors
    /// A phone that does not open, or a refusal that no person should ever be given.
    pub fn run(&mut self, who: usize, command: Value) -> Held<Did<Done>> {
        self.open(who)?;
        self.steps += 1;
        let fails_at = self.power();
        let parsed = crate::phone::command(command.clone());
        let did = self.phones[who].with(fails_at, |app| app.run(parsed));
        let outcome = match &did {
            Did::Done(done) => format!("{:?}", done.made),
            other => format!("{other:?}"),
        };
        self.tell(format!("{} {command}: {outcome}", self.phones[who].name));
        match &did {
            Did::Refused(
                Problem::NoSuch { .. }
                | Problem::NotAllowed { .. }
                | Problem::Empty { .. }
                | Problem::RevisionUnknown,
            )
            | Did::Done(_)
            | Did::Cut => Ok(did),
            Did::Refused(problem) => Err(Violation(format!("a command was refused: {problem:?}"))),
        }
    }

    /// Exchanges. What the line did to it is no violation; what the core makes of it may be.
    ///
    /// # Errors
    /// A phone that does not open, or a problem that no weather excuses.
    pub fn exchange(&mut self, who: usize) -> Held<Did<Exchanged>> {
        self.open(who)?;
        self.steps += 1;
        let fails_at = self.power();
        let did = self.phones[who].with(fails_at, |app| app.exchange(|_| ()));
        let outcome = match &did {
            Did::Done(done) => format!("sent {}, received {}", done.sent, done.received),
            other => format!("{other:?}"),
        };
        self.tell(format!("{} exchanges: {outcome}", self.phones[who].name));
        match &did {
            Did::Done(_) | Did::Cut | Did::Refused(Problem::EndpointUnreachable) => Ok(did),
            Did::Refused(problem) if self.leftovers.problems.contains(&phone::name_of(problem).as_str()) => {
                Ok(did)
            }
            Did::Refused(problem) => Err(Violation(format!("an exchange ended with {problem:?}"))),
        }
    }

    /// Lets everybody exchange once.
    ///
    /// # Errors
    /// Whatever did not hold.
    pub fn exchange_all(&mut self) -> Held {
        for who in 0..self.phones.len() {
            self.exchange(who)?;
        }
        Ok(())
    }

    /// A page of a phone that is on.
    ///
    /// # Errors
    /// The phone does not have it.
    pub fn page(&mut self, who: usize, ask: Value) -> Held<Value> {
        self.open(who)?;
        let page = self.phones[who].page(&ask);
        page.ok_or_else(|| Violation(format!("{} has no page {ask}", self.phones[who].name)))
    }

    /// Reasons for which anything waits or was set aside on a phone: `waiting` or `set_aside`.
    ///
    /// # Errors
    /// A phone that does not open.
    pub fn reasons(&mut self, who: usize, what: &str) -> Held<Vec<String>> {
        let page = self.page(who, json!({"page": "exchange"}))?;
        let rows = writing::items(&page[what]).iter();
        Ok(rows.filter_map(|row| row["why"].as_str().map(str::to_owned)).collect())
    }

    /// Lets everybody who is to be level in the end work for a while: they write, exchange, lose power and find it again.
    ///
    /// # Errors
    /// Whatever did not hold on the way.
    pub fn work(&mut self, actions: usize) -> Held {
        for _ in 0..actions {
            let minutes = self.chance.between(1, 240) as i64;
            self.time.pass(minutes * 60_000);
            let here = self.level_ones();
            let who = here[self.chance.below(here.len())];
            if self.chance.percent(22) {
                self.exchange(who)?;
            } else {
                self.write(who)?;
            }
        }
        Ok(())
    }

    fn finish(mut self, seed: u64, held: Held) -> Run {
        self.tell(format!("struck {} times", self.struck));
        let held = held.and_then(|()| demand(self.struck > 0, || "the fault did not strike".to_owned()));
        let lines: Vec<&[u8]> = self.told.iter().map(|line| line.as_bytes()).collect();
        let trace = Hash::of(&lines);
        let Self { steps, struck, told, .. } = self;
        Run { seed, steps, struck, trace, told, violation: held.err() }
    }
}

/// Plays one fault with one seed.
#[must_use]
pub fn play(template: &Template, fault: &Fault, seed: u64) -> Run {
    let mut world = World::new(template, fault.ground, seed ^ (u64::from(fault.number) << 56), fault.staff);
    let played = catch_unwind(AssertUnwindSafe(|| (fault.play)(&mut world)));
    let held = played.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation(format!("panic: {}", text.unwrap_or_default())))
    });
    world.finish(seed, held)
}
