//! Going on under a new name: what a device does when it finds another writing under its own, because its store was copied
//! or turned back.
//!
//! What has arrived stays where it is, what has not goes on under the new name, and the other's words come like a
//! colleague's. Every step is durable and finds what the one before it left, so a device may die between any two.

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::exchange::{Cursors, LogOutcome, Reply, Request};
use fieldfare_protocol::id::DeviceId;
use fieldfare_protocol::limits::{REQUEST_BYTES_TARGET, REQUEST_ITEMS_MAX};
use fieldfare_protocol::membership::{Act, SignedRecord};
use serde_bytes::ByteBuf;

use super::logs::Logs;
use super::reply::{Taking, take_acks, take_items};
use super::{Exchange, Outcome, ROUND_TRIPS_MAX, admission, outgoing};
use crate::contract::Problem;
use crate::domain::text::WRITER_MAX;
use crate::store::{Endpoint, Me};
use crate::vault::members::{self, Signer};

/// How often the record that names a device anew is written again because others wrote to the log first.
const ANNOUNCEMENTS_MAX: u32 = 16;

/// A request that brings and fetches nothing. It names no generation, and whoever names none is told of every chain.
fn asking() -> Request {
    Request {
        version: PROTOCOL_VERSION,
        generation: None,
        cursors: Cursors::default(),
        membership: Vec::new(),
        segments: Vec::new(),
        fetch: false,
        page_kib: 0,
        asks: Vec::new(),
    }
}

impl Exchange<'_> {
    /// Finds out what the endpoint holds of ours and, if something there is not ours, takes a new name. Returns who we are
    /// from here on.
    pub(super) fn come_to_terms(&self, logs: &mut Logs, done: &mut Outcome) -> Result<Me, Problem> {
        if !self.compare(logs, done)? {
            return Ok(self.me);
        }
        let next = self.choose_name()?;
        self.announce(logs, done, &next)?;
        let now_ms = self.ports.clock.now_ms();
        self.store.write(|write| {
            write.note_in_audit(now_ms, "renew", None)?;
            Ok::<_, Problem>(write.go_on_as(&self.me, &next, now_ms)?)
        })?;
        done.renewed = true;
        *logs = self.store.read(Logs::read)?;
        Ok(next)
    }

    /// Brings our acknowledgements level with what the endpoint holds under our name, in every chain. True if it holds
    /// something that is not ours.
    fn compare(&self, logs: &mut Logs, done: &mut Outcome) -> Result<bool, Problem> {
        for _ in 0..ROUND_TRIPS_MAX {
            let (segments, endpoint, before) = self.store.read(|read| {
                let acked = read.acked_of_each(self.me.device)?;
                Ok::<_, Problem>((outgoing::sealed(read, self.me.device)?, read.endpoint()?, acked))
            })?;
            let request = Request { segments, ..asking() };
            let reply = self.ask(&endpoint.base_url, self.me.device, &request, done)?;
            let acked = self.take_reply(logs, done, &reply, false)?;
            let missing = before.iter().filter(|(chain, acked)| {
                let place = (chain.vault, chain.lane.code());
                *acked > 0 && !reply.acks.iter().any(|ack| (ack.vault, ack.lane_code) == place)
            });
            let missing: Vec<_> = missing.map(|(chain, _)| *chain).collect();
            let after = self.store.write(|write| {
                for chain in &missing {
                    // Beyond a cut everything is handed over for good, whatever the endpoint lists.
                    if !logs.has_left(&write.read(), chain.vault, self.me.device)? {
                        write.forget_acks_of(chain)?;
                    }
                }
                let after = write.read().acked_of_each(self.me.device)?;
                let held =
                    |chain: &_| after.iter().find(|(other, _)| other == chain).map(|(_, acked)| *acked);
                if before.iter().any(|(chain, acked)| held(chain) < Some(*acked)) {
                    // It was turned back and does not say so: a new life in everything but its name.
                    write.offer_records_again()?;
                    write.offer_chains_again()?;
                    write.set_endpoint(&Endpoint {
                        cursors: Cursors::default(),
                        ..write.read().endpoint()?
                    })?;
                }
                Ok::<_, Problem>(after)
            })?;
            if after == before {
                return Ok(acked);
            }
        }
        Err(Problem::EndpointTrouble)
    }

    /// The name that we take, and the number under which we type. Chosen once and remembered before anybody hears of it.
    fn choose_name(&self) -> Result<Me, Problem> {
        let random = |bytes: &mut [u8]| {
            let filled = self.ports.entropy.fill(bytes);
            filled.map_err(|_| Problem::Unexpected { place: "entropy".to_owned() })
        };
        self.store.write(|write| {
            if let Some(chosen) = write.read().next_me()? {
                return Ok(chosen);
            }
            let (mut device, mut writer) = ([0; 16], [0; 8]);
            random(&mut device)?;
            random(&mut writer)?;
            let writer = u64::from_be_bytes(writer) & WRITER_MAX;
            let next = Me { device: DeviceId(device), writer, ..self.me };
            write.set_next_me(Some(&next))?;
            Ok(next)
        })
    }

    /// Has the endpoint keep the record of our new name, under the old one and with nothing else of ours beside it.
    fn announce(&self, logs: &mut Logs, done: &mut Outcome, next: &Me) -> Result<(), Problem> {
        for _ in 0..ANNOUNCEMENTS_MAX {
            let Some(number) = self.write_announcement(logs, next)? else { return Ok(()) };
            let (endpoint, membership) = self.store.read(|read| {
                Ok::<_, Problem>((
                    read.endpoint()?,
                    read.unsent_records(REQUEST_ITEMS_MAX / 2, REQUEST_BYTES_TARGET)?,
                ))
            })?;
            let request = Request {
                generation: endpoint.generation,
                cursors: endpoint.cursors,
                membership: membership.into_iter().map(ByteBuf::from).collect(),
                fetch: true,
                ..asking()
            };
            let reply = self.ask(&endpoint.base_url, self.me.device, &request, done)?;
            self.take_reply(logs, done, &reply, true)?;
            let refused = reply.log_acks.iter().any(|ack| {
                (ack.vault, ack.number, ack.outcome) == (self.me.organisation, number, LogOutcome::NotAllowed)
            });
            if refused {
                self.store.write(|write| {
                    let vault = write.read().vault(self.me.organisation)?.ok_or(Problem::StoreDamaged)?;
                    logs.drop_unsent(write, &vault)?;
                    Ok::<_, Problem>(write.set_next_me(None)?)
                })?;
                return Err(Problem::DeviceCopied);
            }
        }
        Err(Problem::EndpointTrouble)
    }

    /// Writes the record of our new name, unless it is written. `None` once the endpoint keeps it, else its number.
    fn write_announcement(&self, logs: &mut Logs, next: &Me) -> Result<Option<u32>, Problem> {
        let fault = || Problem::Unexpected { place: "members".to_owned() };
        self.store.write(|write| {
            logs.refresh(&write.read())?;
            let vault = write.read().vault(self.me.organisation)?.ok_or(Problem::StoreDamaged)?;
            if let Some(renewal) = logs.organisation().renewals.get(&next.device) {
                let log = write.read().log(vault.no)?;
                let kept = log.get(renewal.number as usize).is_some_and(|(_, kept)| *kept);
                return Ok(Some(renewal.number).filter(|_| !kept));
            }
            let signer = Signer { device: self.me.device, identity: self.identity };
            let signed = members::renew(logs.organisation(), &signer, next.device).map_err(|_| fault())?;
            // A device that has had as many names as it may is told so, and its log stays one that can be read.
            if logs.organisation().clone().take(&signed, None).is_err() {
                return Err(Problem::DeviceCopied);
            }
            write.keep_record_of_log(vault.no, signed.record.number, signed.bytes(), false)?;
            // Read again from the disk, so that memory holds what stands there and nothing else.
            logs.refresh(&write.read())?;
            let card = logs.organisation().devices.get(&next.device).ok_or_else(fault)?;
            write.enter_device(card)?;
            Ok(Some(signed.record.number))
        })
    }

    /// Takes a reply in; with `items`, also what it brings of others. True if the endpoint holds what is not ours.
    fn take_reply(
        &self,
        logs: &mut Logs,
        done: &mut Outcome,
        reply: &Reply,
        items: bool,
    ) -> Result<bool, Problem> {
        let signer = Signer { device: self.me.device, identity: self.identity };
        let now_ms = self.ports.clock.now_ms();
        let (stamp, call) = (done.stamp, self.calls.last());
        let taking = Taking { me: &self.me, signer: &signer, now_ms, stamp, call };
        let acked = self.take(logs, |write, logs| take_acks(write, logs, &taking, reply))?;
        done.sent = done.sent.saturating_add(acked.sent);
        done.stamp = acked.stamp;
        if items {
            let brought = self.take(logs, |write, logs| take_items(write, logs, &taking, reply))?;
            done.received = done.received.saturating_add(brought.received);
            done.stamp = brought.stamp;
            done.touched.extend(brought.touched);
        }
        Ok(acked.copied)
    }

    /// Tells an endpoint that has forgotten this device how it joined and under which names it went on. The endpoint takes a
    /// joining only if it stands next in its log and the invitation is open there; a device that was removed gains nothing.
    pub(super) fn be_known_again(&self, base_url: &str, done: &mut Outcome) -> Result<(), Problem> {
        let (log, names) = self.store.read(|read| {
            let vault = read.vault(self.me.organisation)?.ok_or(Problem::StoreDamaged)?;
            let names: Vec<DeviceId> = read.organisation()?.names_of(self.me.device).collect();
            let log: Vec<Vec<u8>> = read.log(vault.no)?.into_iter().map(|(bytes, _)| bytes).collect();
            Ok::<_, Problem>((log, names))
        })?;
        let (root, newer) = names.split_last().ok_or(Problem::EndpointUnknownDevice)?;
        let joining = |bytes: &&Vec<u8>| {
            SignedRecord::parse(bytes).is_ok_and(
                |signed| matches!(&signed.record.act, Act::Join { card, .. } | Act::Recover { card, .. } if card.device == *root),
            )
        };
        let join = || {
            let record = log.iter().find(joining).ok_or(Problem::EndpointUnknownDevice)?;
            let transport = self.ports.transport.as_ref();
            admission::join_again(transport, base_url, self.me.organisation, record.clone())
                .map_err(|_| Problem::EndpointUnknownDevice)
        };
        if newer.is_empty() {
            return join();
        }
        let mut room = REQUEST_BYTES_TARGET;
        let fits = log.iter().take(REQUEST_ITEMS_MAX).take_while(|bytes| {
            room = room.saturating_sub(bytes.len());
            room > 0
        });
        let request = Request { membership: fits.cloned().map(ByteBuf::from).collect(), ..asking() };
        for name in names.iter().skip(1) {
            match self.ask(base_url, *name, &request, done) {
                Err(Problem::EndpointUnknownDevice) => {}
                answer => return answer.map(drop),
            }
        }
        join()?;
        self.ask(base_url, *root, &request, done).map(drop)
    }
}
