//! Coming level with the endpoint: what is unsent goes out, what is new comes in, most urgent first.
//!
//! Knows chains, segments and logs, and no record by name. The endpoint is somebody who keeps sealed things; whatever it
//! answers, nothing here is deleted because of it.

pub mod admission;
mod arriving_bundle;
mod aside;
pub mod body;
pub mod bundle;
mod call;
mod calls;
mod compaction;
mod cut;
pub mod departing;
mod digest;
mod erasing;
pub mod forks;
mod incarnation;
mod incoming;
pub mod leaving;
mod logs;
mod offered;
mod outgoing;
mod pace;
pub mod padding;
mod reply;

use std::collections::BTreeSet;

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::bundle::{BundlesReply, BundlesRequest};
use fieldfare_protocol::exchange::{Cursors, Reply, Request};
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::request::{BUNDLES_PATH, EXCHANGE_PATH};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::contract::Problem;
use crate::domain::stamp::Stamp;
use crate::ports::Ports;
use crate::store::{Endpoint, Me, Store, Touched, Write};
use crate::vault::Identity;
use crate::vault::members::Signer;
pub use call::problem_of_transport as transport_problem;
use call::{Called, Caller, Unanswered, call};
pub use calls::Calls;
use logs::Logs;
use pace::Pace;
use reply::{Brought, Taking, take_acks, take_items};

/// Most round trips of one exchange; each moves half a megabyte or ends it.
pub const ROUND_TRIPS_MAX: u64 = 4_096;

/// How often one exchange compares what the endpoint holds under our name with what we wrote.
const COMPARISONS_MAX: u32 = 3;

/// How often a call is made that the endpoint takes for an earlier one.
const STALE_CALLS_MAX: u32 = 3;

/// Who exchanges, with what.
pub struct Exchange<'e> {
    /// The store.
    pub store: &'e Store,
    /// The ports.
    pub ports: &'e Ports,
    /// Whose store it is.
    pub me: Me,
    /// The device's keys.
    pub identity: &'e Identity,
    /// The latest stamp written or followed.
    pub stamp: Stamp,
    /// Which call the next one is.
    pub calls: &'e Calls,
}

/// What one exchange did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Edits of ours that the endpoint holds now and did not before.
    pub sent: u64,
    /// Edits of others that were settled.
    pub received: u64,
    /// Bytes of request bodies.
    pub bytes_up: u64,
    /// Bytes of reply bodies.
    pub bytes_down: u64,
    /// Calls to the endpoint.
    pub round_trips: u64,
    /// Whether this device goes on under a new name, because another writes under the old one.
    pub renewed: bool,
    /// Records that changed.
    pub touched: BTreeSet<Touched>,
    /// The latest stamp written or followed.
    pub stamp: Stamp,
    /// The endpoint's time when it last answered, in milliseconds since 1970.
    pub told_ms: Option<i64>,
}

impl Exchange<'_> {
    /// Exchanges until both sides have nothing new. `progress` hears of every round trip; what earlier ones brought stays,
    /// whatever happens to later ones.
    ///
    /// # Errors
    /// [`Problem`], with everything that was written still here and everything that was received still received.
    pub fn run(&self, progress: &mut dyn FnMut(&Outcome)) -> Result<Outcome, Problem> {
        let mut done = Outcome { stamp: self.stamp, ..Outcome::default() };
        let mut logs = self.store.read(Logs::read)?;
        let now_ms = self.ports.clock.now_ms();
        let mut pace = self.store.read(|read| Pace::begin(read, self.me.device, now_ms))?;
        let (mut this, mut comparisons) = (Exchange { me: self.me, ..*self }, 0);
        let mut compared = false;
        let has_left = |logs: &Logs| logs.organisation().removed.contains_key(&self.me.device);
        let nothing_left =
            || self.store.read(|read| Ok::<_, Problem>(read.outgoing(self.me.device)?.is_empty()));
        if has_left(&logs) && nothing_left()? {
            return Err(Problem::DeviceRemoved);
        }
        if self.store.read(|read| read.turned_back())? && !has_left(&logs) {
            // What was put back may say something else than the endpoint holds: that is found out before anything is sent.
            this.me = this.come_to_terms(&mut logs, &mut done)?;
            self.store.write(|write| write.set_turned_back(false))?;
        }
        self.look_again_where_it_is_due(now_ms)?;
        while done.round_trips < ROUND_TRIPS_MAX {
            let next = this.round_trip(&mut logs, &mut done, &mut pace)?;
            progress(&done);
            match next {
                Next::RoundTrip => {}
                // The endpoint does not take something urgent. Everything else must not wait for it.
                Next::WithoutWaitingForUrgent { urgent_written } => pace.given_up = urgent_written,
                // Whoever has left has handed over what there was, and needs no name any more.
                Next::Compare | Next::CompareOnce if has_left(&logs) => break,
                Next::Compare if comparisons == COMPARISONS_MAX => return Err(Problem::DeviceCopied),
                Next::CompareOnce if comparisons > 0 => break,
                Next::Compare | Next::CompareOnce => {
                    comparisons += 1;
                    this.me = this.come_to_terms(&mut logs, &mut done)?;
                    pace.given_up = 0;
                }
                // Everything is level: now is the time to compare, once. Whatever that runs into spoils nothing.
                Next::Nothing if !compared && !pace.urgent_only && !has_left(&logs) => {
                    compared = true;
                    if !this.compare_digests(&mut logs, &mut done).unwrap_or(false) {
                        break;
                    }
                }
                Next::Nothing => break,
            }
        }
        if has_left(&logs) {
            return Err(Problem::DeviceRemoved);
        }
        this.offer_others(&mut done)?;
        // Housekeeping: what it cannot do now is done after another exchange.
        if this.compact(&mut logs, &mut done).is_ok_and(|called| called) {
            progress(&done);
        }
        Ok(done)
    }

    /// Asks for everything from the beginning, seldom, while something is missing that was damaged or found no room: it may
    /// have been put right since, at the endpoint or here.
    fn look_again_where_it_is_due(&self, now_ms: i64) -> Result<(), Problem> {
        let endpoint = self.store.read(|read| read.endpoint())?;
        let told_ms = now_ms.saturating_sub(endpoint.clock_ahead_ms.unwrap_or(0));
        if !self.store.read(|read| read.is_time_to_look_again(told_ms))? {
            return Ok(());
        }
        self.store.write(|write| {
            write.look_again(told_ms)?;
            Ok(write.set_endpoint(&Endpoint { cursors: Cursors::default(), ..endpoint })?)
        })
    }

    /// Packs long runs of our own segments together, if there are any and nothing is left to send. Returns whether it
    /// called the endpoint.
    fn compact(&self, logs: &mut Logs, done: &mut Outcome) -> Result<bool, Problem> {
        let signer = Signer { device: self.me.device, identity: self.identity };
        let (packed, endpoint) = self.store.write(|write| {
            logs.refresh(&write.read())?;
            let nothing_left = write.read().outgoing(self.me.device)?.is_empty();
            let packed = if nothing_left {
                compaction::pack(write, logs, &signer, self.ports.entropy.as_ref())?
            } else {
                Vec::new()
            };
            Ok::<_, Problem>((packed, write.read().endpoint()?))
        })?;
        if packed.is_empty() {
            return Ok(false);
        }
        let bundles = packed.iter().map(|one| one.bytes.clone()).collect();
        let request = BundlesRequest { version: PROTOCOL_VERSION, bundles };
        let answer: BundlesReply =
            self.signed(&endpoint.base_url, self.me.device, BUNDLES_PATH, &request, done)?;
        let outcomes = answer.outcomes;
        self.store.write(|write| compaction::take_outcomes(write, &packed, &outcomes))?;
        Ok(true)
    }

    /// One round trip.
    fn round_trip(&self, logs: &mut Logs, done: &mut Outcome, pace: &mut Pace) -> Result<Next, Problem> {
        let signer = Signer { device: self.me.device, identity: self.identity };
        let entropy = self.ports.entropy.as_ref();
        let (outgoing, endpoint) = self.store.write(|write| {
            logs.refresh(&write.read())?;
            let outgoing = outgoing::gather(write, logs, &signer, entropy, pace)?;
            pace.leaves(write, &outgoing)?;
            Ok::<_, Problem>((outgoing, write.read().endpoint()?))
        })?;
        let fetch = !outgoing.urgent_alone && outgoing.asks.is_empty();
        let request = Request {
            version: PROTOCOL_VERSION,
            generation: endpoint.generation,
            cursors: endpoint.cursors,
            fetch,
            page_kib: if fetch {
                u16::try_from(pace.link.batch_bytes.div_ceil(1024)).unwrap_or(u16::MAX)
            } else {
                0
            },
            asks: outgoing.asks.clone(),
            membership: outgoing.membership.clone(),
            segments: outgoing.segments.clone(),
        };
        let begun_ms = self.ports.clock.now_ms();
        let answer = match self.try_ask(&endpoint.base_url, self.me.device, &request, done) {
            Err(Unanswered::For(Problem::EndpointUnknownDevice)) => {
                self.be_known_again(&endpoint.base_url, done)?;
                self.try_ask(&endpoint.base_url, self.me.device, &request, done)
            }
            answer => answer,
        };
        let now_ms = self.ports.clock.now_ms();
        let reply = match answer {
            Ok(reply) => reply,
            Err(why) => {
                done.round_trips = done.round_trips.saturating_add(1);
                let learnt =
                    self.store.write(|write| pace.unanswered(write, why, &outgoing, now_ms, entropy))?;
                return learnt.map_or(Ok(Next::RoundTrip), Err);
            }
        };
        let call = self.calls.last();
        let taking = Taking { me: &self.me, signer: &signer, now_ms, stamp: done.stamp, call };
        // What the endpoint holds of ours counts from here on, whatever becomes of what it brought.
        let acked = self.take(logs, |write, logs| {
            pace.answered(write, &outgoing, &reply, now_ms.saturating_sub(begun_ms))?;
            take_acks(write, logs, &taking, &reply)
        })?;
        done.sent = done.sent.saturating_add(acked.sent);
        done.stamp = acked.stamp;
        done.told_ms = Some(reply.now_ms);
        if acked.copied {
            return Ok(Next::Compare);
        }
        let mut moved = acked.moved;
        if fetch {
            let brought = self.take(logs, |write, logs| {
                let brought = take_items(write, logs, &taking, &reply)?;
                if !reply.more {
                    write.date_keys(reply.now_ms)?;
                    logs.rotate_where_it_is_due(write, &signer, reply.now_ms, entropy)?;
                    logs.end_departures(write, &signer, reply.now_ms)?;
                }
                logs.admit_whoever_is_missing(write, &signer, entropy)?;
                Ok(brought)
            })?;
            done.received = done.received.saturating_add(brought.received);
            done.stamp = brought.stamp;
            done.touched.extend(brought.touched);
            moved |= brought.moved;
        }
        done.touched.append(&mut logs.erased);
        let more_here = self.store.read(|read| {
            let only_urgent = pace.urgent_only || pace.full;
            let chains = read.outgoing(self.me.device)?;
            let waits = chains.iter().any(|waits| waits.chain.lane == Lane::Urgent || !only_urgent);
            Ok::<_, Problem>(waits || !read.unsent_records(1, 0)?.is_empty())
        })?;
        if pace.urgent_only {
            return Ok(if moved && more_here { Next::RoundTrip } else { Next::Nothing });
        }
        Ok(match (fetch, moved) {
            // Now it is known where this device stands.
            (false, _) if !outgoing.asks.is_empty() => Next::RoundTrip,
            (false, true) => Next::RoundTrip,
            (false, false) => Next::WithoutWaitingForUrgent { urgent_written: outgoing.urgent_written },
            (true, true) if reply.more || more_here => Next::RoundTrip,
            // Either of the two was turned back, or this device was copied.
            (true, _) if !self.store.read(|read| logs.agrees(read, self.me.device, reply.yours))? => {
                Next::CompareOnce
            }
            (true, _) => Next::Nothing,
        })
    }

    /// Asks under one of this device's names.
    fn ask(
        &self,
        base_url: &str,
        device: DeviceId,
        request: &Request,
        done: &mut Outcome,
    ) -> Result<Reply, Problem> {
        Ok(self.try_ask(base_url, device, request, done)?)
    }

    /// The same, for whoever wants to know why there is no answer.
    fn try_ask(
        &self,
        base_url: &str,
        device: DeviceId,
        request: &Request,
        done: &mut Outcome,
    ) -> Result<Reply, Unanswered> {
        self.signed(base_url, device, EXCHANGE_PATH, request, done)
    }

    /// Calls under one of this device's names, as its next call. An endpoint that started anew since the last one, or that
    /// a copy of this store has called, says so, and is called once more.
    fn signed<Q: Serialize, A: Serialize + DeserializeOwned>(
        &self,
        base_url: &str,
        device: DeviceId,
        path: &str,
        message: &Q,
        done: &mut Outcome,
    ) -> Result<A, Unanswered> {
        for _ in 0..STALE_CALLS_MAX {
            let caller = Caller {
                organisation: self.me.organisation,
                device,
                identity: self.identity,
                call: self.calls.next(),
            };
            match call(self.ports.transport.as_ref(), base_url, path, Some(&caller), message) {
                Err(Unanswered::Stale(last)) => self.calls.go_on_after(last),
                Err(why) => return Err(why),
                Ok(called) => {
                    let Called { answer, bytes_up, bytes_down } = called;
                    done.round_trips = done.round_trips.saturating_add(1);
                    done.bytes_up = done.bytes_up.saturating_add(bytes_up);
                    done.bytes_down = done.bytes_down.saturating_add(bytes_down);
                    return Ok(answer);
                }
            }
            done.round_trips = done.round_trips.saturating_add(1);
        }
        Err(Unanswered::For(Problem::EndpointNonsense))
    }

    /// Takes part of a reply in, in one transaction.
    fn take(
        &self,
        logs: &mut Logs,
        part: impl FnOnce(&Write<'_>, &mut Logs) -> Result<Brought, Problem>,
    ) -> Result<Brought, Problem> {
        let brought = self.store.write(|write| {
            logs.refresh(&write.read())?;
            part(write, logs)
        });
        if brought.is_err() {
            // A transaction that failed has left the logs in memory ahead of those on disk.
            *logs = self.store.read(Logs::read)?;
        }
        brought
    }
}

/// Whether another round trip would move anything.
enum Next {
    RoundTrip,
    /// The endpoint holds something under our name that we did not write.
    Compare,
    /// The endpoint holds more or less under our name than we know of.
    CompareOnce,
    WithoutWaitingForUrgent {
        urgent_written: u64,
    },
    Nothing,
}
