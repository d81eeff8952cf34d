//! A concern shows as delivered once the endpoint has signed that it keeps it, and not before.
//!
//! A real phone and a real endpoint; what lies between them spoils signatures.

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::Ports;
use fieldfare_protocol::signing::Signature;
use serde_json::json;
use tests::by_hand::Meddler;
use tests::near::Near;
use tests::phone::{PIN, make, page};

/// Whether a concern that was sent shows as delivered.
fn is_delivered(receipts_are_signed: bool) -> bool {
    let near = Near::found();
    let robin = near.join("robin", StaffRole::Mentor);
    let _rowan = near.join("rowan", StaffRole::Supervisor);
    let _ = robin.exchange(|_| ());
    robin.lock();
    let ports = near.ports("robin");
    let transport = Meddler::on(ports.transport.clone(), move |reply| {
        for receipt in reply.receipts.iter_mut().filter(|_| !receipts_are_signed) {
            receipt.signature = Signature::new([0; 64]);
        }
    });
    let robin = Fieldfare::unlock(&near.home("robin"), Ports { transport, ..ports }, PIN).unwrap();
    let case = make(&robin, json!({"do": "open_case", "name": "Ash", "cohort": "protect"}));
    let _concern =
        make(&robin, json!({"do": "raise_concern", "case": case, "about": "other", "words": "Now."}));
    let _ = robin.exchange(|_| ());
    !page(&robin, json!({"page": "today"}))["concerns"][0]["delivered_at_ms"].is_null()
}

#[test]
fn a_concern_counts_as_delivered_by_a_signed_receipt_alone() {
    assert!(is_delivered(true));
    assert!(!is_delivered(false), "nobody looked at the signature");
}
