//! The one object a shell holds: an unlocked home that runs commands, draws pages and exchanges.
//!
//! Opens transactions and announces topics; every rule it applies lives on a floor below.

mod audit;
mod begun;
mod departing;
mod drill;
mod ending;
mod erasing;
mod export;
mod forgotten;
mod found;
mod handover;
mod home;
mod invite;
mod join;
mod lock;
mod readings;
mod recover;
mod refusal;
mod remove;
mod reserve;
mod resolve;
mod role;
mod take_back;
mod topics;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use fieldfare_protocol::call_number::CallNumber;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::VaultId;

pub use found::{Founding, recovery_files};
pub use handover::{HANDOVER_MS_MAX, Handover, NotHandedOver, is_handed_over};
pub use home::STORE_FILE;
pub use recover::Recovering;
pub use reserve::RESERVE_BYTES;

use crate::commands::{Work, WorkDone, attach, carry_out, of_trouble, see};
use crate::contract::{
    Ask, AttachmentId, Command, ConcernId, Done, ExchangeTrouble, Exchanged, NoteId, Page, PersonId, Problem,
    StaffRole, Thing, Topic,
};
use crate::domain::rules::concern::is_news_that_it_was_seen;
use crate::domain::stamp::Stamp;
use crate::exchange::{Calls, Exchange};
use crate::pages::{self, View};
use crate::ports::Ports;
use crate::store::{Build, Me, Read, Store};
use crate::vault::tries::Tries;
use crate::vault::unlock::OpenedBy;
use crate::vault::{Hardware, Identity, Pin, Purpose, RootKey, Secret, Unlock};
use audit::{Opening, begin_audit, follow_audit};
use home::Home;
use readings::Readings;
use refusal::{fault, of_pin};
use reserve::{Reserve, with_room_to_unlock};

/// An unlocked home. Dropping it locks it as [`Fieldfare::lock`] does: the store closes and the keys are wiped.
pub struct Fieldfare {
    ports: Ports,
    store: Store,
    identity: Identity,
    /// The number under which this opening of the home types.
    writer: u64,
    /// The latest stamp written or followed.
    stamp: Mutex<Stamp>,
    /// Held while an exchange runs.
    exchanging: Mutex<()>,
    /// Whether the keys of this home have been destroyed while it is open.
    ended: AtomicBool,
    /// What was looked at lately.
    readings: Readings,
    /// Room on the disk for what has to go on.
    reserve: Reserve,
    /// Last, so that the home is free only once the store is closed.
    home: Home,
}

/// The time as this device believes it, corrected by what the endpoint's clock said.
#[derive(Clone, Copy)]
struct Now {
    ms: i64,
    ahead_ms: i64,
}

impl Fieldfare {
    /// Unlocks a home with its PIN. Takes as long as the key stretching does; call it off the main thread.
    ///
    /// What a hand-over has left is taken in first.
    ///
    /// # Errors
    /// [`Problem`]; a wrong PIN counts against the tries that are left.
    pub fn unlock(folder: &Path, ports: Ports, pin: &str) -> Result<Self, Problem> {
        Self::unlock_by(Build::THIS, folder, ports, pin)
    }

    /// The same by another build of the app, older or newer than this one.
    ///
    /// # Errors
    /// As [`Fieldfare::unlock`].
    pub fn unlock_by(build: &'static Build, folder: &Path, ports: Ports, pin: &str) -> Result<Self, Problem> {
        let pin = Pin::entered(pin).map_err(|refusal| match is_handed_over(folder) {
            true => Problem::Locked,
            false => of_pin(refusal),
        })?;
        with_room_to_unlock(folder, &ports, || {
            let home = lock::take(&ports, folder)?;
            let unlock = Unlock::begin(folder, &pin, ports.clock.as_ref(), Hardware::of(&ports))
                .map_err(|problem| lock::refused(&ports, folder, problem))?;
            Self::behind(build, home, ports.clone(), unlock)
        })
    }

    /// Unlocks a home with a key that the shell releases after a look or a touch, where [`Fieldfare::enrol_biometric`] was
    /// told of it. 32 bytes.
    ///
    /// # Errors
    /// [`Problem::NotReleased`] for any other key; the PIN still opens.
    pub fn unlock_released(folder: &Path, ports: Ports, released: &[u8]) -> Result<Self, Problem> {
        let released = Secret::from_slice(released).ok_or(Problem::NotReleased)?;
        with_room_to_unlock(folder, &ports, || {
            let home = lock::take(&ports, folder)?;
            let unlock =
                Unlock::begin_released(folder, &released, ports.clock.as_ref(), Hardware::of(&ports))
                    .map_err(|problem| lock::refused(&ports, folder, problem))?;
            Self::behind(Build::THIS, home, ports.clone(), unlock)
        })
    }

    /// Opens the store behind a lock that is open.
    fn behind(
        build: &'static Build,
        home: Home,
        ports: Ports,
        mut unlock: Unlock<'_>,
    ) -> Result<Self, Problem> {
        if !home.store_path().exists() {
            return Err(Problem::StoreDamaged);
        }
        // Failures that a released key leaves standing are told when the PIN ends them.
        let (what, failed) = match unlock.opened_by() {
            OpenedBy::Pin => ("unlock", unlock.failed_before()),
            OpenedBy::Released => ("unlock_released", Tries::default()),
            OpenedBy::Help => ("unlock_helped", unlock.failed_before()),
        };
        let opening = Opening { what, failed, mark: unlock.mark().map_err(refusal::of_unlock)? };
        let app = Self::open(build, home, ports, unlock.root_key(), opening)?;
        // The store is open: from here a full disk may leave one try counted, and nothing worse.
        let _ = app.renew_helpers(&mut unlock);
        let _ = unlock.succeeded();
        app.keep_mark();
        app.reserve.fill();
        Ok(app)
    }

    /// Opens the store of a home that holds one.
    fn open(
        build: &'static Build,
        home: Home,
        ports: Ports,
        root: &RootKey,
        opening: Opening,
    ) -> Result<Self, Problem> {
        let store = open_store(build, &home, &ports, root)?;
        if store.read(|read| read.begun())?.is_some() {
            // Founding or joining was cut short, and goes on when it is asked for again.
            return Err(Problem::NoStore);
        }
        let (me, seed, stamp) =
            store.read(|read| Ok::<_, Problem>((read.me()?, read.identity_seed()?, read.last_stamp()?)))?;
        store.write(|write| {
            write.revive(me.writer)?;
            let ahead_ms = write.read().endpoint()?.clock_ahead_ms.unwrap_or(0);
            erasing::take_back_unsent(write)?;
            write.forget_erased_words(ports.clock.now_ms().saturating_sub(ahead_ms))?;
            begin_audit(write, &me, opening, ports.clock.now_ms())
        })?;
        let identity = Identity::from_seed(&seed).map_err(|_| Problem::StoreDamaged)?;
        // A number of its own for each opening: whatever was typed in a home before it was copied is the same in both copies,
        // and whatever is typed afterwards can be told apart.
        let writer = found::writer(ports.entropy.as_ref())?;
        let (stamp, exchanging, ended) = (Mutex::new(stamp), Mutex::new(()), AtomicBool::new(false));
        let readings = Readings::default();
        let reserve = Reserve::of(home.folder(), ports.disk.clone());
        let app = Self { ports, store, identity, writer, stamp, exchanging, ended, readings, reserve, home };
        // Before anything else, also before a home ends that holds nothing unsent: these answers are not in it yet.
        app.take_phone_back()?;
        app.count_lease();
        app.end_if_it_is_time()?;
        Ok(app)
    }

    /// Carries a command out. When it answers, everything it wrote is durable.
    ///
    /// # Errors
    /// [`Problem`] says what was refused; nothing was changed. [`Problem::DiskFull`] also while the home's reserve is given up,
    /// except for concerns.
    pub fn run(&self, command: Command) -> Result<Done, Problem> {
        let ran = |command: Command| self.work(|work| carry_out(work, command));
        if reserve::is_urgent(&command) {
            return self.reserve.spend(|| ran(command.clone()));
        }
        self.reserve.let_write()?;
        ran(command)
    }

    /// Attaches a file to a note, whole or not at all. It is read chunk by chunk and never held whole in memory; no other
    /// command runs meanwhile.
    ///
    /// # Errors
    /// [`Problem`] says what was refused; nothing was changed.
    pub fn attach(
        &self,
        note: NoteId,
        name: &str,
        media_type: &str,
        content: &mut dyn std::io::Read,
    ) -> Result<Done, Problem> {
        self.reserve.let_write()?;
        self.work(|work| attach(work, note, name, media_type, content))
    }

    /// Hands out the content of an attachment that is here whole, chunk by chunk.
    ///
    /// # Errors
    /// [`Problem::AttachmentNotHere`] while parts of it are missing. Whatever is refused after the first byte, what was
    /// handed out until then is worth nothing.
    pub fn attachment(&self, attachment: AttachmentId, out: &mut dyn std::io::Write) -> Result<(), Problem> {
        self.store.read(|read| {
            let found = read.attachment(attachment)?.ok_or(Problem::NoSuch { thing: Thing::Attachment })?;
            match found.whole {
                Some(true) => read.copy_attachment(attachment, out).map_err(of_trouble),
                Some(false) => Err(Problem::AttachmentDamaged),
                None => Err(Problem::AttachmentNotHere { here: found.arrived, of: found.chunks }),
            }
        })?;
        self.store.write(|write| {
            let now_ms = self.now(&write.read())?.ms;
            Ok(write.note_in_audit(now_ms, "hand_out_attachment", Some(attachment.into()))?)
        })
    }

    fn work(&self, what: impl FnOnce(&Work<'_>) -> Result<WorkDone, Problem>) -> Result<Done, Problem> {
        if self.ended.load(Ordering::SeqCst) {
            // What is written now would be gone when the home is closed, and nobody would have it.
            return Err(Problem::DeviceRemoved);
        }
        let mut stamp = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        // Everything is read within the transaction: the reader beside it has lost its pages to the last command.
        let ran = || {
            self.store.write(|write| {
                let now = self.now(&write.read())?;
                let me = Me { writer: self.writer, ..write.read().me()? };
                let role = role(&write.read(), &me)?;
                let work = Work::begin(
                    write,
                    me,
                    role,
                    &self.identity,
                    self.ports.entropy.as_ref(),
                    now.ms,
                    now.ahead_ms,
                    *stamp,
                );
                let done = what(&work)?;
                let (next, touched) = work.end();
                let mut topics = topics::of(&write.read(), &touched)?;
                if !touched.is_empty() {
                    topics.push(Topic::Exchange);
                }
                Ok::<_, Problem>((done, topics, next))
            })
        };
        // Whatever panics, the transaction has ended without a trace, and the person is told.
        let ran = catch_unwind(AssertUnwindSafe(ran)).unwrap_or_else(|_| Err(fault("command")));
        let (done, topics, next) = ran?;
        *stamp = next;
        Ok(Done {
            did: done.did.to_owned(),
            made: done.made,
            import: done.import,
            revision: done.revision,
            topics,
        })
    }

    /// Draws a page.
    ///
    /// # Errors
    /// [`Problem`] if what it should show is not here.
    pub fn page(&self, ask: &Ask) -> Result<Page, Problem> {
        if let Ask::Concern { concern } = ask {
            self.note_that_it_is_read(*concern);
        }
        let (page, now_ms) = self.store.read(|read| {
            let me = read.me()?;
            let view = View { me, role: role(read, &me)?, now_ms: self.now(read)?.ms };
            Ok::<_, Problem>((pages::draw(read, &view, ask)?, view.now_ms))
        })?;
        self.readings.note(&self.store, ask, now_ms);
        Ok(page)
    }

    /// Tells everybody who reads the case that whoever holds this device opens a concern. Nothing keeps them from reading it:
    /// where it cannot be written down, they read it all the same.
    fn note_that_it_is_read(&self, concern: ConcernId) {
        let news = self.store.read(|read| {
            let me = read.me()?;
            let facts = read.concern_facts(concern, PersonId(me.person.0))?;
            let asker = read.asker(role(read, &me)?)?;
            Ok::<_, Problem>(facts.is_some_and(|facts| is_news_that_it_was_seen(asker, &facts)))
        });
        if news == Ok(true) {
            let _ = self.work(|work| {
                see(work, concern)?;
                Ok(WorkDone { did: "see_concern", made: None, import: None, revision: None })
            });
        }
    }

    /// Comes level with the endpoint; `progress` hears of every round trip. On a full disk the home's reserve is given up for it.
    ///
    /// # Errors
    /// [`Problem`]; everything written is still here, and what earlier round trips brought stays.
    pub fn exchange(&self, mut progress: impl FnMut(&Exchanged)) -> Result<Exchanged, Problem> {
        self.reserve.spend(|| self.exchange_once(&mut progress))
    }

    fn exchange_once(&self, progress: &mut dyn FnMut(&Exchanged)) -> Result<Exchanged, Problem> {
        let _turn = match self.exchanging.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            // It may be a call from the progress of the one that runs, which would wait for itself.
            Err(TryLockError::WouldBlock) => return Err(Problem::ExchangeRunning),
        };
        follow_audit(&self.store, self.ports.clock.now_ms())?;
        let stamp = *self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        let me = self.store.read(|read| read.me())?;
        let before = self.store.read(|read| read.last_call())?;
        let calls = Calls::after(before);
        let (store, ports, identity) = (&self.store, &self.ports, &self.identity);
        let exchange = Exchange { store, ports, me, identity, stamp, calls: &calls };
        let erased_before = self.store.read(|read| read.erased_vaults())?;
        let ran = exchange.run(&mut |so_far| progress(&report(so_far, Vec::new())));
        if self.store.read(|read| read.erased_vaults())? != erased_before {
            // Whatever stands against it now, the next fold does it.
            let _ = self.store.fold();
        }
        // The page tells why; if even that cannot be written down, the caller hears it all the same.
        let _ = self.remember_trouble(ran.as_ref().err());
        // Calls after the last answer were made too; forgetting one costs a round trip.
        let _ = self.remember_call(calls.last());
        if let Err(problem) = &ran {
            self.end_after(problem);
        }
        self.keep_mark();
        let outcome = ran?;
        let mut known = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        // What was written meanwhile counts too, except where it came from a clock that has turned out wrong.
        *known = outcome.told_ms.map_or(*known, |now_ms| known.brought_back(now_ms)).max(outcome.stamp);
        drop(known);
        let mut topics = self.store.read(|read| topics::of(read, &outcome.touched))?;
        topics.push(Topic::Exchange);
        Ok(report(&outcome, topics))
    }

    fn remember_call(&self, last: CallNumber) -> Result<(), Problem> {
        if self.store.read(|read| read.last_call())? == last {
            return Ok(());
        }
        Ok(self.store.write(|write| write.set_last_call(last))?)
    }

    fn remember_trouble(&self, problem: Option<&Problem>) -> Result<(), Problem> {
        let trouble = problem.map(|problem| ExchangeTrouble {
            at_ms: self.ports.clock.now_ms(),
            problem: problem.name(),
            says: problem.to_string(),
            next: problem.next_step().to_owned(),
        });
        if trouble.is_none() && self.store.read(|read| read.exchange_trouble())?.is_none() {
            return Ok(());
        }
        Ok(self.store.write(|write| write.set_exchange_trouble(trouble.as_ref()))?)
    }

    /// A digest of everything that stands in each vault, by which two devices find out whether they are level.
    ///
    /// # Errors
    /// Only the store's own.
    pub fn digests(&self) -> Result<Vec<(VaultId, Hash)>, Problem> {
        self.store.read(|read| {
            read.vaults()?.into_iter().map(|vault| Ok((vault.id, read.vault_digest(vault.id)?))).collect()
        })
    }

    fn folder(&self) -> &Path {
        self.home.folder()
    }

    fn now(&self, read: &Read<'_>) -> Result<Now, Problem> {
        let ahead_ms = read.endpoint()?.clock_ahead_ms.unwrap_or(0);
        Ok(Now { ms: self.ports.clock.now_ms().saturating_sub(ahead_ms), ahead_ms })
    }
}

/// Opens the store behind a root key.
fn open_store(build: &'static Build, home: &Home, ports: &Ports, root: &RootKey) -> Result<Store, Problem> {
    let (key, audit_key) = (root.key(Purpose::Database), root.key(Purpose::Audit));
    let (path, disk) = (home.store_path(), ports.disk.clone());
    Ok(Store::open_by(build, &path, key.expose(), audit_key.expose(), disk)?)
}

/// What whoever holds the store does in the organisation. Asked anew each time: an exchange may have named the device anew.
fn role(read: &Read<'_>, me: &Me) -> Result<StaffRole, Problem> {
    read.device(me.device)?.map(|(_, role)| role).ok_or_else(|| fault("role"))
}

fn report(outcome: &crate::exchange::Outcome, topics: Vec<Topic>) -> Exchanged {
    Exchanged {
        sent: outcome.sent,
        received: outcome.received,
        bytes_up: outcome.bytes_up,
        bytes_down: outcome.bytes_down,
        round_trips: outcome.round_trips,
        renewed: outcome.renewed,
        topics,
    }
}
