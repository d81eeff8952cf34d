//! An endpoint in this process, and a link to it that a test bends: cuts, refusals, slow lines, all without a socket or a
//! clock of its own.
//!
//! The endpoint and the phones are the real ones; only what lies between them is played.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::{
    Answer, Argon2id, Call, Clock, Entropy, Ports, SystemEntropy, Transport, TransportProblem,
};
use fieldfare_core::store::Build;
use fieldfare_core::vault::{FileHardwareKey, Holders};
use fieldfare_endpoint::{Body, Counter, Machine, Surroundings};
use fieldfare_protocol::request::EXCHANGE_PATH;
use tempfile::TempDir;

use crate::casework::chance::Chance;
use crate::phone::{PIN, cheap};
use crate::power::Power;

/// When every near service begins: 5 January 2026, 09:00 UTC, in milliseconds since 1970.
const BEGIN_MS: i64 = 1_767_603_600_000;
/// Bytes of one packet's payload.
const PACKET_BYTES: usize = 1_460;
/// Shortest time after which a lost packet is sent again, in milliseconds.
const RETRANSMIT_MS: i64 = 1_000;
/// Bytes of a request's or an answer's head over a connection that stands.
const HEAD_BYTES: usize = 350;

/// Time that passes only when somebody lets it.
#[derive(Debug)]
pub struct VirtualClock(AtomicI64);

impl VirtualClock {
    /// A clock that stands at a moment, in milliseconds since 1970.
    #[must_use]
    pub fn at(ms: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(ms)))
    }

    /// Lets time pass, in milliseconds.
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The time.
    pub fn read(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        self.read()
    }
}

impl Surroundings for VirtualClock {
    fn now_ms(&self) -> i64 {
        self.read()
    }

    fn fill(&self, bytes: &mut [u8]) -> bool {
        Machine.fill(bytes)
    }
}

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bend {
    /// Nothing.
    Straight,
    /// There is no connection.
    NoSignal,
    /// The connection breaks after so many bytes of the body.
    CutRequest(usize),
    /// The endpoint takes the call, and its answer is lost.
    LoseAnswer,
    /// Somebody on the way answers in the endpoint's place.
    Refuse {
        /// HTTP status.
        status: u16,
        /// Seconds, if it names any.
        retry_after_s: Option<u64>,
    },
}

/// One call to the exchange, as somebody on the line saw it.
#[derive(Clone, Debug)]
pub struct Trip {
    /// The request's body, whole even if it was cut.
    pub up: Vec<u8>,
    /// The answer's body; empty if none came back.
    pub down: Vec<u8>,
    /// What happened to it.
    pub bend: Bend,
}

/// A line with a speed.
#[derive(Clone)]
pub struct Line {
    /// Bits a second, in either direction.
    pub bits_per_s: i64,
    /// Milliseconds there and back.
    pub round_trip_ms: i64,
    /// Lost packets in a hundred.
    pub loss_percent: usize,
    /// Which are lost.
    pub chance: Chance,
}

impl Line {
    /// How long a body and its head travel one way, in milliseconds.
    pub fn travel_ms(&mut self, bytes: usize) -> i64 {
        let mut ms = self.round_trip_ms / 2;
        let mut left = bytes + HEAD_BYTES;
        while left > 0 {
            let packet = left.min(PACKET_BYTES);
            let packet_ms = (packet as i64 * 8 * 1_000) / self.bits_per_s;
            ms += packet_ms;
            while self.chance.percent(self.loss_percent) {
                ms += RETRANSMIT_MS.max(2 * self.round_trip_ms) + packet_ms;
            }
            left -= packet;
        }
        ms
    }
}

/// The endpoint at the other end of a link that can be bent.
pub struct Link {
    counter: Counter,
    clock: Arc<VirtualClock>,
    bends: Mutex<VecDeque<Bend>>,
    line: Mutex<Option<Line>>,
    trips: Mutex<Vec<Trip>>,
}

impl Link {
    /// Bends the next calls to the exchange, one after another; later ones go straight.
    pub fn bend(&self, bends: impl IntoIterator<Item = Bend>) {
        self.bends.lock().expect("no panic").extend(bends);
    }

    /// Gives the link a speed; without one, calls take no time.
    pub fn set_line(&self, line: Option<Line>) {
        *self.line.lock().expect("no panic") = line;
    }

    /// The calls to the exchange since this was last asked.
    pub fn trips(&self) -> Vec<Trip> {
        std::mem::take(&mut *self.trips.lock().expect("no panic"))
    }

    fn travel(&self, bytes: usize) {
        if let Some(line) = self.line.lock().expect("no panic").as_mut() {
            self.clock.pass(line.travel_ms(bytes));
        }
    }

    fn ask(&self, call: &Call, body: Body<'_>) -> Answer {
        let answer = self.counter.answer(&call.path, &call.headers, body);
        let retry_after_s = answer.retry_after_s.map(u64::from);
        Answer { status: answer.status, retry_after_s, body: answer.body }
    }
}

impl Transport for Link {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let on_exchange = call.path == EXCHANGE_PATH;
        let bend = if on_exchange { self.bends.lock().expect("no panic").pop_front() } else { None };
        let bend = bend.unwrap_or(Bend::Straight);
        let answer = match bend {
            Bend::NoSignal => Err(TransportProblem::Unreachable),
            Bend::Refuse { status, retry_after_s } => {
                self.travel(call.body.len());
                self.travel(0);
                Ok(Answer { status, retry_after_s, body: Vec::new() })
            }
            Bend::CutRequest(at) => {
                let arrived = call.body.get(..at).unwrap_or(&call.body);
                self.travel(arrived.len());
                self.ask(&call, Body::CutOff(arrived));
                Err(TransportProblem::Broken)
            }
            Bend::Straight | Bend::LoseAnswer => {
                self.travel(call.body.len());
                let answer = self.ask(&call, Body::Whole(&call.body));
                self.travel(answer.body.len());
                if bend == Bend::Straight { Ok(answer) } else { Err(TransportProblem::Broken) }
            }
        };
        if on_exchange {
            let down = answer.as_ref().map_or_else(|_| Vec::new(), |answer| answer.body.clone());
            self.trips.lock().expect("no panic").push(Trip { up: call.body, down, bend });
        }
        answer
    }
}

/// An organisation whose endpoint is near.
pub struct Near {
    folder: TempDir,
    /// The way to the endpoint, the same for everybody.
    pub link: Arc<Link>,
    /// Every phone's power, but the administrator's at its founding.
    pub power: Arc<Power>,
    /// Everybody's time, the endpoint's included.
    pub clock: Arc<VirtualClock>,
    /// The administrator's desk.
    pub administrator: Fieldfare,
}

impl Near {
    /// Founds an organisation.
    #[must_use]
    pub fn found() -> Self {
        Self::found_within(None)
    }

    /// Founds an organisation that may fill so many bytes at its endpoint.
    #[must_use]
    pub fn found_within(quota_bytes: Option<u64>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = VirtualClock::at(BEGIN_MS);
        let counter = Counter::open(&folder.path().join("endpoint"), clock.clone()).expect("an endpoint");
        let counter = counter.with_quota(quota_bytes);
        let link = Arc::new(Link {
            counter,
            clock: clock.clone(),
            bends: Mutex::default(),
            line: Mutex::default(),
            trips: Mutex::default(),
        });
        let home = folder.path().join("administrator");
        let founding = Founding {
            organisation: "Test Mentoring",
            base_url: "http://127.0.0.1:1",
            recovery_file: &folder.path().join("recovery.txt"),
            holders: Holders::One,
        };
        let power = Power::new();
        let ports = ports(&home, &clock, &link, &power);
        let administrator = Fieldfare::found(&home, ports, PIN, cheap(), &founding).expect("founding");
        Self { folder, link, power, clock, administrator }
    }

    /// Where a device of this name keeps its home.
    #[must_use]
    pub fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Invites and joins one device, and lets it exchange.
    #[must_use]
    pub fn join(&self, name: &str, role: StaffRole) -> Fieldfare {
        let invitation = self.administrator.invite(name, role).expect("an invitation");
        let home = self.home(name);
        let ports = ports(&home, &self.clock, &self.link, &self.power);
        let app = Fieldfare::join(&home, ports, PIN, cheap(), &invitation).expect("joining");
        app.exchange(|_| ()).expect("the first exchange");
        app
    }

    /// What a device of this name is lent.
    #[must_use]
    pub fn ports(&self, name: &str) -> Ports {
        ports(&self.home(name), &self.clock, &self.link, &self.power)
    }

    /// Opens a home by another build of the app.
    #[must_use]
    pub fn open_by(&self, build: &'static Build, name: &str) -> Fieldfare {
        Fieldfare::unlock_by(build, &self.home(name), self.ports(name), PIN).expect("unlocking")
    }

    /// Opens a home again, as after a crash.
    #[must_use]
    pub fn open(&self, name: &str) -> Fieldfare {
        Fieldfare::unlock(&self.home(name), self.ports(name), PIN).expect("unlocking")
    }
}

fn ports(home: &Path, clock: &Arc<VirtualClock>, link: &Arc<Link>, power: &Arc<Power>) -> Ports {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::default());
    let key = FileHardwareKey::new(home, entropy.clone()).on(power.clone());
    Ports {
        clock: clock.clone(),
        hardware_key: Arc::new(key),
        entropy,
        disk: power.clone(),
        stretching: Arc::new(Argon2id),
        transport: link.clone(),
    }
}
