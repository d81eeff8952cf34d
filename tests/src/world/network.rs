//! The line between phones and the endpoint: honest on a clear day, and otherwise lost, cut, late, doubled or lying.
//!
//! Understands nothing of what it carries, and writes all of it down.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldfare_core::ports::{Answer, Call, Transport, TransportProblem};
use fieldfare_endpoint::Body;

use fieldfare_protocol::exchange::{Reply, Request};
use fieldfare_protocol::request::{DEVICE_HEADER, EXCHANGE_PATH};
use fieldfare_protocol::wire;

use super::post::Post;
use crate::casework::chance::Chance;

/// Most calls that are under way for long.
const LATE_MAX: usize = 16;

/// What may happen to a call, in calls of a hundred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// It never arrives.
    pub lost: usize,
    /// The connection breaks at some byte of the request.
    pub cut_request: usize,
    /// It is answered, and the connection breaks at some byte of the reply.
    pub cut_reply: usize,
    /// It arrives long after its caller gave up, behind later ones.
    pub late: usize,
    /// It arrives, and arrives again later.
    pub doubled: usize,
    /// The endpoint's power fails in the middle of it.
    pub crash: usize,
}

/// Answers a call in the endpoint's place, or lets it through.
pub type Doorkeeper = Box<dyn FnMut(&Call) -> Option<Answer> + Send>;

impl Weather {
    /// Nothing happens.
    pub const CLEAR: Self = Self { lost: 0, cut_request: 0, cut_reply: 0, late: 0, doubled: 0, crash: 0 };
    /// A bit of everything.
    pub const FOUL: Self = Self { lost: 5, cut_request: 6, cut_reply: 8, late: 5, doubled: 5, crash: 6 };
}

/// How often each thing has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Happened {
    /// Calls that somebody made.
    pub calls: u64,
    /// See [`Weather`].
    pub lost: u64,
    /// See [`Weather`].
    pub cut_request: u64,
    /// See [`Weather`].
    pub cut_reply: u64,
    /// Late calls and doubles that have arrived.
    pub late: u64,
    /// See [`Weather`].
    pub crash: u64,
    /// Bytes of request bodies that phones sent.
    pub bytes_up: u64,
    /// Bytes of reply bodies that phones were given.
    pub bytes_down: u64,
}

/// Changes an answer on its way to a phone.
pub type Lie = Box<dyn FnMut(&Call, &mut Answer) + Send>;

/// What stands on the line.
pub struct Line {
    /// The endpoint.
    pub post: Post,
    /// What may happen.
    pub weather: Weather,
    /// What has happened.
    pub happened: Happened,
    /// Somebody who changes answers, if there is one.
    pub lie: Option<Lie>,
    /// Something that happens once, while the next call is under way.
    pub meanwhile: Option<Box<dyn FnOnce() + Send>>,
    /// At which byte the next request is cut; it is taken by that call.
    pub cut_next_request_at: Option<usize>,
    /// At which byte the next reply is cut; it is taken by that call.
    pub cut_next_reply_at: Option<usize>,
    /// Somebody before the endpoint who turns calls away, if there is one.
    pub turn_away: Option<Doorkeeper>,
    /// Which device called last.
    pub last_caller: String,
    /// Another endpoint that says it is the same, and who is led there.
    pub other: Option<(Post, BTreeSet<String>)>,
    late: Vec<Call>,
    chance: Chance,
    heard: Vec<Vec<u8>>,
    told: Vec<String>,
}

/// The line, as all phones share it.
pub struct Network(Mutex<Line>);

impl Network {
    /// A clear line to an endpoint.
    #[must_use]
    pub fn new(post: Post, seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Line {
            post,
            weather: Weather::CLEAR,
            happened: Happened::default(),
            lie: None,
            meanwhile: None,
            cut_next_request_at: None,
            cut_next_reply_at: None,
            turn_away: None,
            last_caller: String::new(),
            other: None,
            late: Vec::new(),
            chance: Chance::new(seed),
            heard: Vec::new(),
            told: Vec::new(),
        })))
    }

    /// The line itself.
    pub fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// Everything that was said in either direction: headers and bodies.
    #[must_use]
    pub fn heard(&self) -> &[Vec<u8>] {
        &self.heard
    }

    /// What happened since the last time somebody asked.
    pub fn take_told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    /// Lies in the replies to exchanges that fetch, from now on; `lie` is told which device asks. Whoever does not fetch
    /// would not look at what is handed out.
    pub fn lie_in_replies(&mut self, mut lie: impl FnMut(&str, &mut Reply) + Send + 'static) {
        self.lie = Some(Box::new(move |call, answer| {
            let fetches =
                |call: &Call| wire::decode::<Request>(&call.body).is_ok_and(|request| request.fetch);
            if call.path != EXCHANGE_PATH || answer.status != 200 || !fetches(call) {
                return;
            }
            if let Ok(mut reply) = wire::decode::<Reply>(&answer.body) {
                lie(device_of(call), &mut reply);
                answer.body = wire::encode(&reply).unwrap_or_default();
            }
        }));
    }

    /// Lets everything arrive that is still under way.
    pub fn let_late_arrive(&mut self) {
        while !self.late.is_empty() {
            self.one_late_arrives();
        }
    }

    fn one_late_arrives(&mut self) {
        let at = self.chance.below(self.late.len());
        let call = self.late.remove(at);
        self.happened.late += 1;
        let answer = self.post.answer(&call, Body::Whole(&call.body), None);
        self.told.push(format!("late: {} bytes, {:?}", call.body.len(), answer.map(|answer| answer.status)));
    }

    fn keep_for_later(&mut self, call: &Call) {
        if self.late.len() < LATE_MAX {
            self.late.push(call.clone());
        }
    }

    fn carry(&mut self, call: &Call) -> Result<Answer, TransportProblem> {
        if let Some(answer) = self.turn_away.as_mut().and_then(|turn_away| turn_away(call)) {
            self.told.push(format!("turned away: {}", answer.status));
            return Ok(answer);
        }
        let weather = self.weather;
        if !self.late.is_empty() && self.chance.percent(20) {
            self.one_late_arrives();
        }
        if self.chance.percent(weather.lost) {
            self.happened.lost += 1;
            self.told.push("lost".to_owned());
            return Err(TransportProblem::Unreachable);
        }
        if self.chance.percent(weather.late) {
            self.keep_for_later(call);
            self.told.push("under way for long".to_owned());
            return Err(TransportProblem::Unreachable);
        }
        let cut_at = self.cut_next_request_at.take().or_else(|| {
            self.chance.percent(weather.cut_request).then(|| self.chance.below(call.body.len().max(1)))
        });
        if let Some(at) = cut_at.filter(|at| *at < call.body.len()) {
            self.happened.cut_request += 1;
            self.told.push(format!("request cut at {at} of {}", call.body.len()));
            let arrived = call.body.get(..at).unwrap_or_default();
            let _ = self.post.answer(call, Body::CutOff(arrived), None);
            return Err(TransportProblem::Broken);
        }
        let fails_at = self.chance.percent(weather.crash).then(|| self.chance.below(2) as u32);
        let post = match &mut self.other {
            Some((other, led)) if led.contains(device_of(call)) => other,
            _ => &mut self.post,
        };
        let Some(answer) = post.answer(call, Body::Whole(&call.body), fails_at) else {
            self.happened.crash += 1;
            self.told.push("the endpoint's power failed".to_owned());
            return Err(TransportProblem::Broken);
        };
        if self.chance.percent(weather.doubled) {
            self.keep_for_later(call);
        }
        let retry_after_s = answer.retry_after_s.map(u64::from);
        let mut answer = Answer { status: answer.status, retry_after_s, body: answer.body };
        if let Some(lie) = &mut self.lie {
            lie(call, &mut answer);
        }
        let path = if call.path == EXCHANGE_PATH { "" } else { call.path.as_str() };
        self.told.push(format!(
            "{path} {} bytes up, {} {} bytes down",
            call.body.len(),
            answer.status,
            answer.body.len()
        ));
        let cut_at = self.cut_next_reply_at.take().or_else(|| {
            self.chance.percent(weather.cut_reply).then(|| self.chance.below(answer.body.len().max(1)))
        });
        if let Some(at) = cut_at.filter(|at| *at <= answer.body.len()) {
            self.happened.cut_reply += 1;
            self.told.push(format!("reply cut at {at}"));
            return Err(TransportProblem::Broken);
        }
        self.happened.bytes_down += answer.body.len() as u64;
        Ok(answer)
    }
}

impl Transport for Network {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let mut line = self.line();
        line.happened.calls += 1;
        device_of(&call).clone_into(&mut line.last_caller);
        line.happened.bytes_up += call.body.len() as u64;
        if let Some(meanwhile) = line.meanwhile.take() {
            meanwhile();
        }
        let headers = call.headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        let said = [call.path.as_bytes()].into_iter().chain(headers).chain([call.body.as_slice()]);
        line.heard.push(said.collect::<Vec<_>>().concat());
        let answer = line.carry(&call)?;
        line.heard.push(answer.body.clone());
        if answer.body.len() as u64 > call.answer_bytes_max {
            return Err(TransportProblem::TooLong);
        }
        Ok(answer)
    }
}

/// Which device calls, as it says itself; empty where nobody does.
#[must_use]
pub fn device_of(call: &Call) -> &str {
    let header = call.headers.iter().find(|(name, _)| name == DEVICE_HEADER);
    header.map_or("", |(_, device)| device.as_str())
}
