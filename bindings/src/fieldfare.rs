//! The object at the door: a home of this device, locked or unlocked, and what can be done with it.
//!
//! Every body is one call of the core. How a home is unlocked stands in `open`, what is shown in `pages`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldfare_core::app;
use fieldfare_core::contract::{
    AttachmentId, CaseId, Command, Done, Drilled, Exchanged, NoteId, PersonId, Problem, StaffRole, Topic,
};
use fieldfare_core::ports::{
    Argon2id, Clock, Connectivity, HardwareKey, HttpsTransport, Ports, SystemDisk, SystemEntropy,
};

use crate::apart::apart;
use crate::fault::caught;
use crate::lent::{LentClock, LentConnectivity, LentKey, LentTransport};
use crate::progress::{ExchangeProgress, Listener};
use crate::watch::{Watch, Watches};

/// A home of this device. Made locked; unlocking, founding and joining open it.
///
/// May be used from several threads at once. Commands and pages answer in milliseconds and belong off the main thread; what
/// takes longer is awaited. Letting go of the last reference locks it.
#[derive(uniffi::Object)]
pub struct Fieldfare(pub(crate) Arc<Door>);

/// What is behind the object and outlives a call that nobody waits for any longer.
pub(crate) struct Door {
    pub(crate) folder: PathBuf,
    pub(crate) hardware_key: Arc<LentKey>,
    pub(crate) clock: Arc<LentClock>,
    connectivity: Option<Arc<LentConnectivity>>,
    state: Mutex<State>,
    pub(crate) watches: Watches,
}

pub(crate) enum State {
    Locked,
    Opening,
    Open(Arc<Opened>),
    Closed,
}

/// One opening of a home, from unlocking to locking.
pub(crate) struct Opened {
    pub(crate) app: app::Fieldfare,
    /// Tells the transport to send nothing more.
    pub(crate) stopped: Arc<AtomicBool>,
    /// Held while somebody exchanges, also after nobody waits for it any longer.
    exchanging: AtomicBool,
}

impl Opened {
    pub(crate) fn new(app: app::Fieldfare, stopped: Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self { app, stopped, exchanging: AtomicBool::new(false) })
    }
}

#[uniffi::export]
impl Fieldfare {
    /// A home in a folder of the app's own, still locked. Neither reads nor writes; the folder need not exist yet.
    ///
    /// `clock` and `connectivity` may be left out: then the system's clock counts, and every exchange tries the network.
    #[uniffi::constructor(default(clock = None, connectivity = None))]
    #[must_use]
    pub fn new(
        folder: String,
        hardware_key: Arc<dyn HardwareKey>,
        clock: Option<Arc<dyn Clock>>,
        connectivity: Option<Arc<dyn Connectivity>>,
    ) -> Self {
        Self(Arc::new(Door {
            folder: folder.into(),
            hardware_key: Arc::new(LentKey::new(hardware_key)),
            clock: Arc::new(LentClock::new(clock)),
            connectivity: connectivity.map(|port| Arc::new(LentConnectivity::new(port))),
            state: Mutex::new(State::Locked),
            watches: Watches::default(),
        }))
    }

    /// Carries a command out. When it answers, everything it wrote is durable.
    ///
    /// # Errors
    /// [`Problem`] says what was refused; nothing was changed.
    pub fn run(&self, command: Command) -> Result<Done, Problem> {
        self.0.change(|app| app.run(command))
    }

    /// Attaches a file to a note, whole or not at all.
    ///
    /// # Errors
    /// [`Problem`] says what was refused; nothing was changed.
    pub fn attach(
        &self,
        note: NoteId,
        name: String,
        media_type: String,
        content: Vec<u8>,
    ) -> Result<Done, Problem> {
        self.0.change(|app| app.attach(note, &name, &media_type, &mut content.as_slice()))
    }

    /// The content of an attachment that is here whole.
    ///
    /// # Errors
    /// [`Problem::AttachmentNotHere`] while parts of it are missing.
    pub fn attachment(&self, attachment: AttachmentId) -> Result<Vec<u8>, Problem> {
        self.0.look(|app| {
            let mut content = Vec::new();
            app.attachment(attachment, &mut content).map(|()| content)
        })
    }

    /// Comes level with the endpoint. Whoever stops waiting stops the exchange at its next round trip; nothing is lost.
    ///
    /// # Errors
    /// [`Problem`]; everything written is still here, and what earlier round trips brought stays.
    /// [`Problem::PortFailed`] if only `progress` failed: the exchange itself went well.
    #[uniffi::method(default(progress = None))]
    pub async fn exchange(&self, progress: Option<Arc<dyn ExchangeProgress>>) -> Result<Exchanged, Problem> {
        let (exchanged, listener) = self
            .0
            .exchanging(move |app| {
                let mut listener = Listener::new(progress);
                let exchanged = app.exchange(|so_far| listener.tell(so_far))?;
                Ok((exchanged, listener))
            })
            .await?;
        self.0.watches.tell(&exchanged.topics);
        listener.end().map(|()| exchanged)
    }

    /// Invites a person; the text lets one device join once, and is a secret until then. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for anybody but administrators, and whatever the exchange brings.
    pub async fn invite(&self, name: String, role: StaffRole) -> Result<String, Problem> {
        self.0.exchanging(move |app| app.invite(&name, role).map(|text| text.to_string())).await
    }

    /// Invites a person who has joined before, with one more device and the same role. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NoSuch`] for somebody who never joined, else as `invite`.
    pub async fn invite_again(&self, person: PersonId) -> Result<String, Problem> {
        self.0.exchanging(move |app| app.invite_again(person).map(|text| text.to_string())).await
    }

    /// Removes a person who leaves, with all their devices. Exchanges before and after; `staff` then lists which of their
    /// cases have to be handed on.
    ///
    /// # Errors
    /// [`Problem::NoSuch`] for somebody who never joined, else as `remove_device`.
    pub async fn remove_person(&self, person: PersonId) -> Result<(), Problem> {
        self.0.exchanging(move |app| app.remove_person(person)).await
    }

    /// Removes a device of the organisation, by its name on the page of devices. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for anybody but administrators, [`Problem::NoSuchDevice`], and whatever the exchange brings.
    pub async fn remove_device(&self, device: String) -> Result<(), Problem> {
        let device = device.parse().map_err(|_| Problem::NoSuchDevice)?;
        self.0.exchanging(move |app| app.remove(device)).await
    }

    /// Gives a person another role on every device that they have. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for anybody but administrators and where no administrator would stay, [`Problem::NoSuch`] for
    /// somebody who has no device, and whatever the exchange brings.
    pub async fn change_role(&self, person: PersonId, role: StaffRole) -> Result<(), Problem> {
        self.0.exchanging(move |app| app.change_role(person, role)).await
    }

    /// Changes the key of a case's file, without removing anybody. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NoSuch`], and whatever the exchange brings.
    pub async fn rotate_case(&self, case_id: CaseId) -> Result<(), Problem> {
        self.0.exchanging(move |app| app.rotate(case_id)).await
    }

    /// Ends the fork of a case's list of members that was told in two ways. Exchanges before and after.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for mentors, where there is no fork, and on a device that is not in both branches.
    pub async fn resolve_fork(&self, case_id: CaseId) -> Result<(), Problem> {
        self.0.exchanging(move |app| app.resolve_fork(case_id)).await
    }

    /// Proves that the recovery key still opens what it should, from its file or as many pages as it takes, and records it.
    ///
    /// # Errors
    /// [`Problem::NotAllowed`] for mentors, [`Problem::RecoveryKeyNotAccepted`] if it is not this organisation's.
    pub async fn drill(&self, recovery_files: Vec<String>) -> Result<Drilled, Problem> {
        let files: Vec<_> = recovery_files.into_iter().map(PathBuf::from).collect();
        self.0.long(move |app| app.drill(&files)).await
    }

    /// Watches which pages go stale from now on.
    ///
    /// # Errors
    /// [`Problem::Closed`].
    pub fn watch(&self) -> Result<Arc<Watch>, Problem> {
        caught(|| match *self.0.state() {
            State::Closed => Err(Problem::Closed),
            State::Locked | State::Opening | State::Open(_) => Ok(self.0.watches.begin()),
        })
    }

    /// Whether the home is unlocked.
    pub fn is_unlocked(&self) -> bool {
        matches!(*self.0.state(), State::Open(_))
    }
}

/// Somebody waits for calls of the endpoint; when nobody does any longer, no further call is made.
pub(crate) struct WaitedFor(pub(crate) Arc<AtomicBool>);

impl Drop for WaitedFor {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A turn at the exchange.
struct Turn(Arc<Opened>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.exchanging.store(false, Ordering::Release);
    }
}

impl Door {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ports for one opening, whose transport stops when it is told to.
    pub(crate) fn ports(&self, stopped: Arc<AtomicBool>) -> Result<Ports, Problem> {
        let https = HttpsTransport::new().map_err(|_| Problem::Unexpected { place: "tls".to_owned() })?;
        Ok(Ports {
            clock: self.clock.clone(),
            entropy: Arc::new(SystemEntropy::default()),
            hardware_key: self.hardware_key.clone(),
            disk: Arc::new(SystemDisk),
            stretching: Arc::new(Argon2id),
            transport: Arc::new(LentTransport::new(https, self.connectivity.clone(), stopped)),
        })
    }

    /// Reads the phone's clock, before anything is held.
    pub(crate) fn look_at_the_clock(&self) -> Result<(), Problem> {
        self.clock.look()
    }

    fn opened(&self) -> Result<Arc<Opened>, Problem> {
        opened(&self.state())
    }

    pub(crate) fn shut(&self, to: State) {
        let before = {
            let mut state = self.state();
            if let State::Closed = *state {
                return;
            }
            if let State::Open(opened) = &*state {
                opened.stopped.store(true, Ordering::Release);
            }
            std::mem::replace(&mut *state, to)
        };
        // The store closes here, where nobody waits for the state.
        drop(before);
    }

    /// One call that changes nothing.
    pub(crate) fn look<T>(
        &self,
        what: impl FnOnce(&app::Fieldfare) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        caught(|| {
            let opened = self.opened()?;
            self.look_at_the_clock()?;
            what(&opened.app)
        })
    }

    fn change(&self, what: impl FnOnce(&app::Fieldfare) -> Result<Done, Problem>) -> Result<Done, Problem> {
        let done = self.look(what)?;
        self.watches.tell(&done.topics);
        Ok(done)
    }

    /// One call that takes long, on a thread of its own.
    pub(crate) async fn long<T: Send + 'static>(
        self: &Arc<Self>,
        what: impl FnOnce(&app::Fieldfare) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let door = self.clone();
        apart(move || door.look(what)).await
    }

    /// One call that exchanges, on a thread of its own.
    pub(crate) async fn exchanging<T: Send + 'static>(
        self: &Arc<Self>,
        what: impl FnOnce(&app::Fieldfare) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = caught(|| {
            let state = self.state();
            let opened = opened(&state)?;
            if opened.exchanging.swap(true, Ordering::Acquire) {
                return Err(Problem::ExchangeRunning);
            }
            // Under the state's lock, so that locking the home comes before or after, and never between.
            opened.stopped.store(false, Ordering::Release);
            Ok(Turn(opened))
        })?;
        let _waited_for = WaitedFor(turn.0.stopped.clone());
        let door = self.clone();
        let answer = apart(move || {
            door.look_at_the_clock()?;
            what(&turn.0.app)
        })
        .await;
        // What it brought may stand on any page.
        self.watches.tell(&[Topic::Today, Topic::Caseload, Topic::Exchange]);
        answer
    }
}

pub(crate) fn opened(state: &State) -> Result<Arc<Opened>, Problem> {
    match state {
        State::Open(opened) => Ok(opened.clone()),
        State::Locked | State::Opening => Err(Problem::StoreLocked),
        State::Closed => Err(Problem::Closed),
    }
}
