//! An endpoint on its own folder with an organisation on it, and phones that call it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use fieldfare_endpoint::{Endpoint, LISTEN_DEFAULT, Settings};
use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::admission::{
    FoundReply, FoundRequest, InvitationReply, InvitationRequest, JoinRequest, asking_bytes,
};
use fieldfare_protocol::call_number::{CallNumber, Session};
use fieldfare_protocol::exchange::{Cursors, Item, LogOutcome, Reply, Request};
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{Role, SignedRecord};
use fieldfare_protocol::request::{
    CALL_HEADER, DEVICE_HEADER, EXCHANGE_PATH, FOUND_PATH, INVITATION_PATH, JOIN_PATH, ORGANISATION_HEADER,
    Refused, SIGNATURE_HEADER, signed_bytes,
};
use fieldfare_protocol::wire::{decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::people::{Log, Phone, founding_file, founding_organisation, inviting, joining};
use crate::wire::{Answer, post};

/// A process that is being born holds copies of every open file for a moment, locks included: while this is read, none is.
pub static BIRTHS: RwLock<()> = RwLock::new(());

pub fn no_births() -> RwLockReadGuard<'static, ()> {
    BIRTHS.read().unwrap_or_else(PoisonError::into_inner)
}

pub fn birth(command: &mut Command) -> Child {
    let _alone = BIRTHS.write().unwrap_or_else(PoisonError::into_inner);
    command.spawn().unwrap()
}

/// Every call of every phone has a number of its own.
static CALLS: AtomicU64 = AtomicU64::new(1);
/// The runs of endpoints that somebody has called.
static SESSIONS: Mutex<Vec<(SocketAddr, Session)>> = Mutex::new(Vec::new());

pub const FAR_AWAY_MS: i64 = 1000 * 3600;

/// A call came back with this status and reason.
pub type Refusal = (u16, Refused);

pub fn now_ms() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64
}

pub fn start(data: PathBuf) -> Endpoint {
    Endpoint::start(Settings { data, listen: LISTEN_DEFAULT, quota_bytes: None }).unwrap()
}

/// Calls that need no more than an address.
#[derive(Clone, Copy)]
pub struct Line {
    pub address: SocketAddr,
    pub organisation: VaultId,
}

impl Line {
    pub fn found(&self, record: &SignedRecord) -> Result<FoundReply, Refusal> {
        let request = FoundRequest { version: PROTOCOL_VERSION, record: record.bytes().to_vec().into() };
        self.call(FOUND_PATH, &request)
    }

    pub fn ask(&self, guest: &Phone) -> Result<InvitationReply, Refusal> {
        let invitation = crate::people::invitation_of(guest);
        let signer = crate::people::invitation_signer(guest);
        let request = InvitationRequest {
            version: PROTOCOL_VERSION,
            organisation: self.organisation,
            invitation,
            proof: signer.sign(&asking_bytes(self.organisation, invitation)),
        };
        self.call(INVITATION_PATH, &request)
    }

    pub fn join(&self, record: &SignedRecord) -> Result<(), Refusal> {
        let request = JoinRequest {
            version: PROTOCOL_VERSION,
            organisation: self.organisation,
            record: record.bytes().to_vec().into(),
        };
        let answer = post(self.address, JOIN_PATH, &[], &encode(&request).unwrap()).unwrap();
        if answer.status == 200 && answer.body.is_empty() { Ok(()) } else { Err(refusal(&answer)) }
    }

    pub fn exchange(&self, phone: &Phone, request: &Request) -> Result<Reply, Refusal> {
        understood(&self.exchange_bytes(phone, &encode(request).unwrap()).unwrap())
    }

    /// Sends any bytes as a phone's signed request; `None` if the endpoint is gone.
    pub fn exchange_bytes(&self, phone: &Phone, body: &[u8]) -> Option<Answer> {
        self.post_signed(phone, EXCHANGE_PATH, body)
    }

    /// Sends any bytes as a phone's next call, and again if the endpoint runs anew or another thread's call came first.
    pub fn post_signed(&self, phone: &Phone, path: &str, body: &[u8]) -> Option<Answer> {
        loop {
            let answer = post(self.address, path, &self.headers(phone, path, body), body)?;
            let Some(Refused::Stale(last)) = decode(&answer.body).ok().filter(|_| answer.status == 409)
            else {
                return Some(answer);
            };
            let mut known = SESSIONS.lock().unwrap_or_else(PoisonError::into_inner);
            known.retain(|(address, _)| *address != self.address);
            known.push((self.address, last.session));
        }
    }

    /// The headers of a phone's next call.
    pub fn headers(&self, phone: &Phone, path: &str, body: &[u8]) -> Vec<(&'static str, String)> {
        let known = SESSIONS.lock().unwrap_or_else(PoisonError::into_inner);
        let session = known.iter().find(|(address, _)| *address == self.address).map(|(_, session)| *session);
        drop(known);
        let number = CALLS.fetch_add(1, Ordering::SeqCst);
        let call = CallNumber { session: session.unwrap_or_default(), number };
        let message = signed_bytes(path, self.organisation, phone.id(), call, body);
        let mut signature = String::new();
        fieldfare_protocol::id::write_hex(phone.signer.sign(&message).as_bytes(), &mut signature).unwrap();
        vec![
            (ORGANISATION_HEADER, self.organisation.to_string()),
            (DEVICE_HEADER, phone.id().to_string()),
            (CALL_HEADER, call.to_hex()),
            (SIGNATURE_HEADER, signature),
        ]
    }

    pub fn call<Q: Serialize, A: Serialize + DeserializeOwned>(
        &self,
        path: &str,
        request: &Q,
    ) -> Result<A, Refusal> {
        understood(&post(self.address, path, &[], &encode(request).unwrap()).unwrap())
    }
}

pub fn understood<A: Serialize + DeserializeOwned>(answer: &Answer) -> Result<A, Refusal> {
    if answer.status == 200 { Ok(decode(&answer.body).unwrap()) } else { Err(refusal(answer)) }
}

pub fn refusal(answer: &Answer) -> Refusal {
    (answer.status, decode(&answer.body).unwrap())
}

/// A running endpoint with an organisation.
pub struct Scene {
    pub endpoint: Endpoint,
    pub line: Line,
    pub place: TempDir,
    pub admin: Phone,
    pub founding: SignedRecord,
    pub founded: FoundReply,
    pub log: Log,
}

impl Scene {
    pub fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let endpoint = start(place.path().join("data"));
        let organisation = VaultId([0xee; 16]);
        let line = Line { address: endpoint.address(), organisation };
        let admin = Phone::new(1, Role::Administrator);
        let mut log = Log::new(organisation);
        let founding = log.next(&admin, founding_organisation(&admin));
        let founded = line.found(&founding).unwrap();
        Self { endpoint, line, place, admin, founding, founded, log }
    }

    /// Stops the endpoint and starts it again on the same data.
    pub fn restarted(self) -> Self {
        self.after(|_| {})
    }

    /// Stops the endpoint, lets something happen to its data, and starts it again.
    pub fn after(self, happen: impl FnOnce(&std::path::Path)) -> Self {
        let Self { endpoint, mut line, place, admin, founding, founded, log } = self;
        let _no_births = no_births();
        endpoint.stop();
        let data = place.path().join("data");
        happen(&data);
        let endpoint = start(data);
        line.address = endpoint.address();
        Self { endpoint, line, place, admin, founding, founded, log }
    }

    /// Invites and joins a phone.
    pub fn enrol(&mut self, seed: u8, role: Role) -> Phone {
        let guest = Phone::new(seed, role);
        self.invite(&guest, now_ms() + FAR_AWAY_MS);
        let record = self.log.next(&guest, joining(self.log.vault, &guest));
        self.line.join(&record).unwrap();
        guest
    }

    /// Has the administrator invite a phone.
    pub fn invite(&mut self, guest: &Phone, expires_at_ms: i64) -> SignedRecord {
        let record = self.log.next(&self.admin, inviting(guest, expires_at_ms));
        assert_eq!(self.send_record(&self.admin, &record), LogOutcome::Kept);
        record
    }

    pub fn send_record(&self, by: &Phone, record: &SignedRecord) -> LogOutcome {
        let request = Request { membership: vec![record.bytes().to_vec().into()], ..self.request() };
        let reply = self.exchange(by, &request);
        assert_eq!((reply.log_acks[0].vault, reply.log_acks.len()), (record.record.vault, 1));
        assert_eq!(reply.log_acks[0].number, record.record.number);
        reply.log_acks[0].outcome
    }

    /// Founds the file of a case.
    pub fn found_file(&self, vault: VaultId, author: &Phone, members: &[DeviceId]) -> Log {
        let mut log = Log::new(vault);
        let record = log.next(author, founding_file(members));
        assert_eq!(self.send_record(author, &record), LogOutcome::Kept);
        log
    }

    /// A request of this generation that carries and fetches nothing.
    pub fn request(&self) -> Request {
        Request {
            version: PROTOCOL_VERSION,
            generation: Some(self.endpoint.generation()),
            cursors: Cursors::default(),
            page_kib: 0,
            asks: Vec::new(),
            membership: Vec::new(),
            segments: Vec::new(),
            fetch: false,
        }
    }

    pub fn sending(&self, segments: &[&[u8]]) -> Request {
        Request { segments: segments.iter().map(|bytes| bytes.to_vec().into()).collect(), ..self.request() }
    }

    pub fn exchange(&self, phone: &Phone, request: &Request) -> Reply {
        self.line.exchange(phone, request).unwrap()
    }

    /// Everything behind the cursors, over as many round trips as it takes.
    pub fn fetch(&self, phone: &Phone, cursors: &mut Cursors) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            let reply = self.exchange(phone, &Request { fetch: true, cursors: *cursors, ..self.request() });
            *cursors = reply.cursors;
            items.extend(reply.items);
            if !reply.more {
                return items;
            }
        }
    }
}

/// The segments among items, as their bytes.
pub fn segments(items: &[Item]) -> Vec<Vec<u8>> {
    let bytes = items.iter().filter_map(|item| match item {
        Item::Segment { bytes, .. } => Some(bytes.to_vec()),
        Item::Membership(_) | Item::Late { .. } => None,
    });
    bytes.collect()
}

/// The membership records among items, as their bytes.
pub fn records(items: &[Item]) -> Vec<Vec<u8>> {
    let bytes = items.iter().filter_map(|item| match item {
        Item::Membership(bytes) => Some(bytes.to_vec()),
        Item::Segment { .. } | Item::Late { .. } => None,
    });
    bytes.collect()
}
