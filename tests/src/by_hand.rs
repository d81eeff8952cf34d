//! What a member may sign and no app of ours would: calls made by hand, and a line on which somebody is handed more.
//!
//! Knows nothing of what is wrong with what it carries.

use std::sync::{Arc, Mutex};

use fieldfare_core::ports::{Answer, Call, Transport, TransportProblem};
use fieldfare_core::store::Me;
use fieldfare_core::vault::Identity;
use fieldfare_protocol::call_number::CallNumber;
use fieldfare_protocol::exchange::{Cursors, Item, LogOutcome, Reply, Request};
use fieldfare_protocol::request::{
    CALL_HEADER, DEVICE_HEADER, EXCHANGE_PATH, ORGANISATION_HEADER, Refused, SIGNATURE_HEADER, signed_bytes,
};
use fieldfare_protocol::{PROTOCOL_VERSION, wire};
use serde_bytes::ByteBuf;

/// Hands one membership record to the endpoint under its author's name; what it says to that, if it says anything.
///
/// # Panics
/// If the request cannot be encoded.
#[must_use]
pub fn hand_over(
    line: &dyn Transport,
    base_url: &str,
    identity: &Identity,
    me: &Me,
    record: Vec<u8>,
) -> Option<LogOutcome> {
    let request = Request {
        version: PROTOCOL_VERSION,
        generation: None,
        cursors: Cursors::default(),
        fetch: false,
        page_kib: 0,
        asks: Vec::new(),
        membership: vec![ByteBuf::from(record)],
        segments: Vec::new(),
    };
    let body = wire::encode(&request).expect("a request");
    // The endpoint says which call would be fresh, and is called again.
    let mut number = CallNumber::default();
    for _ in 0..2 {
        let answer = line.post(signed_call(base_url, identity, me, number.next(), body.clone())).ok()?;
        match wire::decode(&answer.body) {
            Ok(Refused::Stale(last)) if answer.status != 200 => number = last,
            _ => return first_outcome(&answer.body),
        }
    }
    None
}

fn first_outcome(body: &[u8]) -> Option<LogOutcome> {
    let reply = wire::decode::<Reply>(body).ok();
    reply.and_then(|reply| reply.log_acks.first().map(|ack| ack.outcome))
}

/// A call as its device signs it.
fn signed_call(base_url: &str, identity: &Identity, me: &Me, number: CallNumber, body: Vec<u8>) -> Call {
    let signature = identity.sign(&signed_bytes(EXCHANGE_PATH, me.organisation, me.device, number, &body));
    let hex = signature.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Call {
        base_url: base_url.to_owned(),
        path: EXCHANGE_PATH.to_owned(),
        headers: vec![
            (ORGANISATION_HEADER.to_owned(), me.organisation.to_string()),
            (DEVICE_HEADER.to_owned(), me.device.to_string()),
            (CALL_HEADER.to_owned(), number.to_hex()),
            (SIGNATURE_HEADER.to_owned(), hex),
        ],
        body,
        answer_bytes_max: u64::MAX,
    }
}

/// What becomes of a reply before the phone sees it.
type Meddle = Box<dyn Fn(&mut Reply) + Send + Sync>;

/// A line on which somebody meddles with every reply to an exchange.
pub struct Meddler {
    line: Arc<dyn Transport>,
    meddle: Meddle,
}

impl Meddler {
    /// Meddles with the replies that come over a line.
    #[must_use]
    pub fn on(line: Arc<dyn Transport>, meddle: impl Fn(&mut Reply) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { line, meddle: Box::new(meddle) })
    }

    /// Hands whoever calls these items as well, once.
    #[must_use]
    pub fn handing_out(line: Arc<dyn Transport>, items: Vec<Item>) -> Arc<Self> {
        let items = Mutex::new(items);
        Self::on(line, move |reply| reply.items.append(&mut items.lock().expect("no panic")))
    }
}

impl Transport for Meddler {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let on_exchange = call.path == EXCHANGE_PATH;
        let mut answer = self.line.post(call)?;
        if let Some(mut reply) = wire::decode::<Reply>(&answer.body).ok().filter(|_| on_exchange) {
            (self.meddle)(&mut reply);
            answer.body = wire::encode(&reply).expect("a reply");
        }
        Ok(answer)
    }
}
