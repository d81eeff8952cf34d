//! Handing the phone to a young person: the home closes, and what stays is an object that knows the questions alone.
//!
//! Waits for calls that still run and calls the core. No PIN and no key is known here; taking the phone back is unlocking.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use fieldfare_core::app;
use fieldfare_core::contract::{HandOver, HandoverPage, HandoverStep, Problem};
use fieldfare_core::ports::{Clock, SystemDisk, SystemEntropy};

use crate::Fieldfare;
use crate::apart::apart;
use crate::fault::caught;
use crate::fieldfare::Opened;
use crate::lent::LentClock;
use crate::open::Opening;

/// Longest wait for calls that still run, in seconds. Only an exchange whose network does not answer takes longer.
const CALLS_WAIT_S_MAX: u64 = 10;

/// A phone in a young person's hands: questions, answers, and nothing of the mentor's.
///
/// Every step is durable before the next page is shown. When the app was killed, make this object anew from the folder.
#[derive(uniffi::Object)]
pub struct Handover {
    handed: app::Handover,
    clock: Arc<LentClock>,
}

#[uniffi::export]
impl Fieldfare {
    /// Hands the phone over: calls that run end, an exchange at its next round trip, then the home is locked. `unlock` takes
    /// the phone back, and what was answered with it. Goes on to its end whoever waits for it.
    ///
    /// # Errors
    /// [`Problem::ScaleWithoutPack`] for a scale whose licensed words are not here, [`Problem::NoSuch`],
    /// [`Problem::ExchangeRunning`] if an exchange does not end: the home is as open as it was.
    pub async fn hand_over(&self, start: HandOver) -> Result<Arc<Handover>, Problem> {
        let door = self.0.clone();
        apart(move || {
            door.look_at_the_clock()?;
            let (turn, opened) = Opening::once_more(&door)?;
            let Opened { app, stopped, .. } = match alone(opened) {
                Ok(opened) => opened,
                Err(opened) => {
                    turn.end(opened)?;
                    return Err(Problem::ExchangeRunning);
                }
            };
            match app.hand_over(&start) {
                Ok(handed) => Ok(Arc::new(Handover { handed, clock: door.clock.clone() })),
                Err(refused) => {
                    turn.end(Opened::new(refused.app, stopped))?;
                    Err(refused.problem)
                }
            }
        })
        .await
    }

    /// Whether this phone is in a young person's hands: then show what [`Handover`] shows, and a way to unlock.
    pub fn is_handed_over(&self) -> bool {
        app::is_handed_over(&self.0.folder)
    }
}

#[uniffi::export]
impl Handover {
    /// The hand-over of a home, found again. Needs no PIN.
    ///
    /// # Errors
    /// [`Problem::NotHandedOver`] if nobody has been handed this phone, or trouble with the disk.
    #[uniffi::constructor(default(clock = None))]
    pub fn new(folder: String, clock: Option<Arc<dyn Clock>>) -> Result<Self, Problem> {
        caught(|| {
            let clock = Arc::new(LentClock::new(clock));
            clock.look()?;
            let entropy = Arc::new(SystemEntropy::default());
            let handed =
                app::Handover::open(Path::new(&folder), clock.clone(), entropy, Arc::new(SystemDisk))?;
            Ok(Self { handed, clock })
        })
    }

    /// The page that is shown.
    ///
    /// # Errors
    /// [`Problem::NotHandedOver`] once the mentor has taken the phone back, or trouble with the disk.
    pub fn page(&self) -> Result<HandoverPage, Problem> {
        caught(|| {
            self.clock.look()?;
            self.handed.drawn()
        })
    }

    /// Does a step and shows the next page. When it answers, the step survives a crash. A step that was meant for another
    /// page does nothing and shows the one that is there.
    ///
    /// # Errors
    /// [`Problem::AnswerOutsideScale`] or [`Problem::NotAllowed`] for a step that the page does not offer, and as for `page`.
    pub fn step(&self, step: HandoverStep) -> Result<HandoverPage, Problem> {
        caught(|| {
            self.clock.look()?;
            self.handed.step(&step)
        })
    }
}

/// Waits until nobody else uses what is open. It has been taken out of the door, so that nobody begins to any longer.
fn alone(mut opened: Arc<Opened>) -> Result<Opened, Arc<Opened>> {
    opened.stopped.store(true, Ordering::Release);
    let until = Instant::now() + Duration::from_secs(CALLS_WAIT_S_MAX);
    loop {
        opened = match Arc::try_unwrap(opened) {
            Ok(opened) => return Ok(opened),
            Err(opened) if Instant::now() > until => return Err(opened),
            Err(opened) => opened,
        };
        std::thread::sleep(Duration::from_millis(1));
    }
}
