//! An endpoint that hands things out in another order than it has them, and twice.
//!
//! Only the order is wrong here: everything is signed as it must be, and nothing is missing in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::{Answer, Call, Ports, SystemClock, Transport, TransportProblem};
use fieldfare_protocol::exchange::{Item, Reply};
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::wire;
use serde_json::json;
use tests::phone::{PIN, Service, level, make, page, ports, run};

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
