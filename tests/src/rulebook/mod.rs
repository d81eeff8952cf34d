//! Every command, tried by anybody on a case in any state, in a real store that is put back after each try.
//!
//! The case was lived by real phones; what no command can bring about is written as a newer app would. What a page offers
//! and what a command answers are looked at in one transaction.

mod lived;
mod trials;

use fieldfare_core::commands::{Work, attach, carry_out};
use fieldfare_core::contract::{Ask, Command, Page, Problem, StaffRole};
use fieldfare_core::domain::field::{RecordKind, STRUCK};
use fieldfare_core::domain::lease::Lease;
use fieldfare_core::domain::value::Value as Kept;
use fieldfare_core::domain::{case, goal, step, young_person};
use fieldfare_core::pages::{self, View};
use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::store::{Author, Me, NewEdit, Store, StoreProblem, Write};
use fieldfare_core::vault::Identity;
use fieldfare_protocol::id::PersonId;
use serde_json::{Value, json};

use crate::keys::opened;
use crate::phone::{PIN, command};
use lived::Lived;

/// Milliseconds in a day.
const DAY_MS: i64 = 86_400_000;

macro_rules! commands {
    ($($variant:ident = $name:literal,)+) => {
        /// Every command of the contract. One that is missing here does not compile, see [`name`].
        pub const COMMANDS: &[&str] = &[$($name),+];

        /// The lasting name of a command.
        #[must_use]
        pub const fn name(command: &Command) -> &'static str {
            match command { $(Command::$variant { .. } => $name,)+ }
        }
    };
}

commands! {
    OpenCase = "open_case",
    DescribeYoungPerson = "describe_young_person",
    SetCohort = "set_cohort",
    SetRisk = "set_risk",
    SetLegalHold = "set_legal_hold",
    AddMentor = "add_mentor",
    TransferCase = "transfer_case",
    NameSupervisor = "name_supervisor",
    RotateKeys = "rotate_keys",
    Decide = "decide",
    BeginNote = "begin_note",
    SaveDraft = "save_draft",
    DescribeNote = "describe_note",
    SignNote = "sign_note",
    LookAtNote = "look_at_note",
    TakeOutCameIn = "take_out_came_in",
    AddAddendum = "add_addendum",
    DeleteDraft = "delete_draft",
    RemoveAttachment = "remove_attachment",
    SetGoal = "set_goal",
    DescribeGoal = "describe_goal",
    AddStep = "add_step",
    FinishStep = "finish_step",
    RecordProgress = "record_progress",
    ReviewGoal = "review_goal",
    AchieveGoal = "achieve_goal",
    LetGoOfGoal = "let_go_of_goal",
    ReopenGoal = "reopen_goal",
    RecordCheckIn = "record_check_in",
    AddScalePack = "add_scale_pack",
    RaiseConcern = "raise_concern",
    HandleConcern = "handle_concern",
    AddToConcern = "add_to_concern",
    ImportServices = "import_services",
    SetLease = "set_lease",
    SetAutoLock = "set_auto_lock",
    SetCrisisCard = "set_crisis_card",
}

/// In which state the cases are when a command is tried.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// They were handed on by whoever mentored them.
    pub handed_on: bool,
    /// A law holds their files.
    pub held: bool,
    /// They and the young people in them were taken back.
    pub struck: bool,
    /// The device has been without contact for weeks.
    pub without_contact: bool,
}

impl State {
    /// Every state. Want of contact bars what it bars before anything else is asked, so a hold or a case that was taken back
    /// adds nothing to it.
    pub fn all() -> impl Iterator<Item = Self> {
        let states = (0..16_u8).map(|bits| Self {
            handed_on: bits & 1 != 0,
            held: bits & 2 != 0,
            struck: bits & 4 != 0,
            without_contact: bits & 8 != 0,
        });
        states.filter(|state| !state.without_contact || !(state.held || state.struck))
    }
}

/// Where a page says whether a command is offered.
#[derive(Clone, Debug)]
pub enum Place {
    /// Among the page's own actions.
    Actions,
    /// Among the actions of the row with this name in this list.
    Row(&'static str, &'static str, String),
    /// In a place of its own.
    Own(&'static str),
    /// In the row of the value that the command decides for.
    Value,
}

/// One command, and the page that says whether it is offered.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The command.
    pub command: Value,
    /// The page.
    pub page: Value,
    /// Where on it.
    pub place: Place,
    /// The record that it is about, where it makes none.
    pub about: Option<String>,
}

/// How a try went: the key by which the page bars it, what the command answered, and its line in the audit.
pub struct Tried {
    /// Absent where the page offers it.
    pub why_not: Option<String>,
    /// The record that it made, if it made one.
    pub ran: Result<Option<String>, Problem>,
    /// The newest line of the audit after it.
    pub line: Value,
}

/// Puts a transaction back, with what was seen in it.
enum PutBack {
    Seen(Box<Tried>),
    Broken(String),
}

impl From<StoreProblem> for PutBack {
    fn from(problem: StoreProblem) -> Self {
        Self::Broken(problem.to_string())
    }
}

impl From<Problem> for PutBack {
    fn from(problem: Problem) -> Self {
        Self::Broken(problem.to_string())
    }
}

/// The store of one of the phones, and whoever holds it.
pub struct Rulebook {
    lived: Lived,
    store: Store,
    identity: Identity,
    me: Me,
}

impl Rulebook {
    /// As the mentor of both cases holds it, or the supervisor who works on neither.
    ///
    /// # Panics
    /// If a phone does not do what it should.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let lived = Lived::new();
        let (_, store) = opened(&lived.near.home(name), PIN);
        let (me, seed) = store
            .read(|read| Ok::<_, StoreProblem>((read.me()?, read.identity_seed()?)))
            .expect("whose it is");
        let identity = Identity::from_seed(&seed).expect("keys");
        let book = Self { lived, store, identity, me };
        book.strike(&goal::KIND, &book.lived.goal_struck);
        book.strike(&step::KIND, &book.lived.step_struck);
        book
    }

    /// Takes a record back of which no command does.
    fn strike(&self, kind: &'static RecordKind, record: &str) {
        self.store.write(|write| self.strike_in(write, kind, record)).expect("taken back");
    }

    fn strike_in(
        &self,
        write: &Write<'_>,
        kind: &'static RecordKind,
        record: &str,
    ) -> Result<(), StoreProblem> {
        let record = record.parse().expect("a name");
        let read = write.read();
        let (_, vault_no) = read.record(record)?.expect("a record that is here");
        let vault = read.vaults()?.into_iter().find(|vault| vault.no == vault_no).expect("its vault");
        let author = Author {
            device: self.me.device,
            writer: self.me.writer,
            now_ms: self.now_ms(),
            ahead_ms: 0,
            last_stamp: read.last_stamp()?,
        };
        write.write_edit(&author, &vault, kind, record, &STRUCK, NewEdit::Put(Kept::from("a mistake")))?;
        Ok(())
    }

    fn now_ms(&self) -> i64 {
        self.lived.near.clock.read()
    }

    fn work<'w>(
        &'w self,
        write: &'w Write<'w>,
        role: StaffRole,
        entropy: &'w SystemEntropy,
    ) -> Result<Work<'w>, StoreProblem> {
        let stamp = write.read().last_stamp()?;
        Ok(Work::begin(write, self.me, role, &self.identity, entropy, self.now_ms(), 0, stamp))
    }

    fn bring_about(&self, write: &Write<'_>, state: State) -> Result<(), PutBack> {
        let lived = &self.lived;
        let entropy = SystemEntropy::default();
        let work = self.work(write, StaffRole::Supervisor, &entropy)?;
        if state.handed_on {
            for case in [&lived.ash, &lived.kit] {
                let (from, to) = (&lived.mentor, &lived.colleague);
                let transfer = json!({"do": "transfer_case", "case": case, "from": from, "to": to});
                drop(carry_out(&work, command(transfer))?);
            }
        }
        if state.held {
            // The other one is held already, by one of two values.
            let hold = json!({"do": "set_legal_hold", "case": lived.ash, "held": true});
            drop(carry_out(&work, command(hold))?);
        }
        if state.struck {
            self.strike_in(write, &case::KIND, &lived.ash)?;
            self.strike_in(write, &case::KIND, &lived.kit)?;
            self.strike_in(write, &young_person::KIND, &lived.young_person)?;
        }
        if state.without_contact {
            let lease = (1..=20).fold(Lease::fresh(0), |lease, day| lease.opened(day * DAY_MS));
            write.set_lease(&lease)?;
        }
        Ok(())
    }

    /// Tries a command as somebody in a role would, in a state, and puts everything back.
    ///
    /// # Panics
    /// If the store fails or the page does not say whether the command is offered.
    #[must_use]
    pub fn try_out(&self, trial: &Trial, role: StaffRole, state: State) -> Tried {
        let tried = self.store.write(|write| {
            self.bring_about(write, state)?;
            let view = View { me: self.me, role, now_ms: self.now_ms() };
            let draw = |json: &Value| {
                let ask: Ask = serde_json::from_value(json.clone()).expect("a page of the contract");
                let page: Page = pages::draw(&write.read(), &view, &ask)?;
                Ok::<_, Problem>(serde_json::to_value(page).expect("JSON"))
            };
            let drawn = draw(&trial.page)?;
            let why_not = trial.why_not(&drawn);
            let entropy = SystemEntropy::default();
            let work = self.work(write, role, &entropy)?;
            let mut wanted = trial.command.clone();
            for shown in ["revision", "body"] {
                if wanted[shown] == "$shown" {
                    wanted[shown] = drawn[shown].clone();
                }
            }
            if wanted["from"] == "$mentor" {
                let now = if state.handed_on { &self.lived.colleague } else { &self.lived.mentor };
                wanted["from"] = json!(now);
            }
            let ran = match wanted["do"].as_str() {
                Some("attach") => {
                    let note = wanted["note"].as_str().expect("a note").parse().expect("a name");
                    attach(&work, note, "b.jpg", "image/jpeg", &mut [8; 10].as_slice())
                }
                _ => carry_out(&work, command(wanted)),
            };
            let ran = ran.map(|done| done.made.map(|made| made.to_string()));
            // Read by somebody who may.
            let view = View { role: StaffRole::Supervisor, ..view };
            let ask = Ask::Audit {
                before: None,
                limit: Some(1),
                what: None,
                record: None,
                since_ms: None,
                until_ms: None,
            };
            let audit = serde_json::to_value(pages::draw(&write.read(), &view, &ask)?).expect("JSON");
            let line = audit["lines"][0].clone();
            Err::<(), _>(PutBack::Seen(Box::new(Tried { why_not, ran, line })))
        });
        match tried {
            Err(PutBack::Seen(tried)) => *tried,
            Err(PutBack::Broken(why)) => panic!("{why}: {trial:?} by {role:?} in {state:?}"),
            Ok(()) => panic!("it was not put back"),
        }
    }

    /// Whoever holds the phone.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.me.person
    }
}

impl Trial {
    /// The key by which a page bars the command.
    fn why_not(&self, page: &Value) -> Option<String> {
        let name = &self.command["do"];
        let row = |list: &str, fits: &dyn Fn(&Value) -> bool| {
            let rows = page[list].as_array().unwrap_or_else(|| panic!("no {list}: {page}"));
            rows.iter().find(|row| fits(row)).cloned().unwrap_or_else(|| panic!("{self:?}: {page}"))
        };
        let among = |actions: &Value| {
            let actions = actions.as_array().unwrap_or_else(|| panic!("no actions: {page}"));
            let found = actions.iter().find(|action| action["command"] == *name);
            found.cloned().unwrap_or_else(|| panic!("no page says of {name}: {page}"))
        };
        let action = match &self.place {
            Place::Actions => among(&page["actions"]),
            Place::Row(list, key, id) => among(&row(list, &|row| row[*key] == json!(id))["actions"]),
            Place::Own(pointer) => page.pointer(pointer).cloned().unwrap_or_default(),
            // A name of a value says only within its record which one it is.
            Place::Value => row("also_recorded", &|row| {
                ["record", "field", "value_id"].iter().all(|key| row[*key] == self.command[*key])
            }),
        };
        action["why_not"].as_str().map(str::to_owned)
    }
}
