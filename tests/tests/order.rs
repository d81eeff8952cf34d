//! An endpoint that hands things out in another order than it has them, twice, or damaged until somebody puts it right.
//!
//! Everything is signed as it must be where it came from, and nothing is missing in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::{Answer, Call, Clock, Ports, SystemClock, Transport, TransportProblem};
use fieldfare_protocol::exchange::{Item, Reply};
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::wire;
use serde_json::json;
use tests::phone::{PIN, Service, TestClock, level, make, page, ports, run};

/// Hands out the last membership record of each reply first, and again in its place.
struct LastFirst {
    inner: Arc<dyn Transport>,
    turned: Arc<AtomicBool>,
}

impl Transport for LastFirst {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let path = call.path.clone();
        let mut answer = self.inner.post(call)?;
        if path == EXCHANGE_PATH
            && let Ok(mut reply) = wire::decode::<Reply>(&answer.body)
        {
            let records: Vec<Item> =
                reply.items.iter().filter(|item| matches!(item, Item::Membership(_))).cloned().collect();
            if let [_, .., last] = records.as_slice() {
                reply.items.insert(0, last.clone());
                self.turned.store(true, Ordering::SeqCst);
            }
            answer.body = wire::encode(&reply).unwrap();
        }
        Ok(answer)
    }
}

#[test]
fn a_record_that_came_too_early_and_again_in_its_place_is_no_trouble() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let supervisor = service.join("supervisor", StaffRole::Supervisor);
    let colleague = service.join("colleague", StaffRole::Mentor);
    level(&[&service.administrator, &mentor, &supervisor, &colleague]);
    drop(supervisor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let person = page(&colleague, json!({"page": "mentor"}))["person"].clone();
    run(&mentor, json!({"do": "add_mentor", "case": case, "mentor": person})).unwrap();
    mentor.exchange(|_| ()).unwrap();

    let (home, turned) = (service.home("supervisor"), Arc::new(AtomicBool::new(false)));
    let straight = ports(&home, Arc::new(SystemClock));
    let transport = Arc::new(LastFirst { inner: straight.transport.clone(), turned: turned.clone() });
    let supervisor = Fieldfare::unlock(&home, Ports { transport, ..straight }, PIN).unwrap();
    supervisor.exchange(|_| ()).unwrap();

    assert!(turned.load(Ordering::SeqCst), "nothing came in another order");
    let _ = page(&supervisor, json!({"page": "case", "case": case}));
    let exchange = page(&supervisor, json!({"page": "exchange"}));
    assert_eq!(exchange["set_aside"], json!([]), "{exchange}");
}

/// A disk under the endpoint that damages every segment: always alike, or otherwise each time, until it is put right.
struct BadDisk {
    inner: Arc<dyn Transport>,
    is_bad: Arc<AtomicBool>,
    alike: bool,
    reads: AtomicU8,
}

impl Transport for BadDisk {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let path = call.path.clone();
        let mut answer = self.inner.post(call)?;
        if path == EXCHANGE_PATH
            && self.is_bad.load(Ordering::SeqCst)
            && let Ok(mut reply) = wire::decode::<Reply>(&answer.body)
        {
            let read = if self.alike { 0 } else { self.reads.fetch_add(1, Ordering::SeqCst) };
            for item in &mut reply.items {
                if let Item::Segment { bytes, .. } = item
                    && let Some(last) = bytes.last_mut()
                {
                    *last ^= read | 1;
                    if let Some(before) = bytes.iter_mut().rev().nth(1) {
                        *before ^= read;
                    }
                }
            }
            answer.body = wire::encode(&reply).unwrap();
        }
        Ok(answer)
    }
}

/// Whether a supervisor reads a note in the end that came to them damaged for a long time.
fn comes_in_the_end(alike: bool) -> bool {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let supervisor = service.join("supervisor", StaffRole::Supervisor);
    level(&[&service.administrator, &mentor, &supervisor]);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    level(&[&mentor, &supervisor]);
    drop(supervisor);
    let _ = make(&mentor, json!({"do": "begin_note", "case": case, "body": "We met."}));
    mentor.exchange(|_| ()).unwrap();

    let home = service.home("supervisor");
    let clock = TestClock::at(SystemClock.now_ms());
    let good = ports(&home, clock.clone());
    let is_bad = Arc::new(AtomicBool::new(true));
    let (inner, reads) = (good.transport.clone(), AtomicU8::new(0));
    let transport = Arc::new(BadDisk { inner, is_bad: is_bad.clone(), alike, reads });
    let supervisor = Fieldfare::unlock(&home, Ports { transport, ..good }, PIN).unwrap();
    let reads =
        || page(&supervisor, json!({"page": "timeline", "case": case})).to_string().contains("We met.");
    // As often as it is fetched again, or until there is no room for more of it.
    for _ in 0..if alike { 8 } else { 220 } {
        supervisor.exchange(|_| ()).unwrap();
    }
    is_bad.store(false, Ordering::SeqCst);
    supervisor.exchange(|_| ()).unwrap();
    assert!(!reads(), "the cursor was still before it");
    clock.set(SystemClock.now_ms() + 25 * 3_600_000);
    supervisor.exchange(|_| ()).unwrap();
    reads()
}

#[test]
fn what_the_endpoint_had_damaged_for_long_comes_once_it_is_put_right() {
    assert!(comes_in_the_end(true));
    assert!(comes_in_the_end(false), "200 damaged ones had filled the room");
}
