//! An endpoint keeps one organisation, from its first record on.

use fieldfare_endpoint::LISTEN_DEFAULT;
use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::admission::{FoundReply, FoundRequest};
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::request::{FOUND_PATH, Refused};
use fieldfare_protocol::wire::encode;

use crate::people::{Log, Phone, founding_organisation};
use crate::scene::{Line, Scene, start, understood};
use crate::wire::post;

#[test]
fn the_default_address_is_this_machine_alone() {
    assert!(LISTEN_DEFAULT.ip().is_loopback());
}

#[test]
fn an_organisation_founded_twice_with_one_record_is_founded_once() {
    let scene = Scene::new();
    assert_eq!(scene.founded.generation, scene.endpoint.generation());
    let again = scene.line.found(&scene.founding).unwrap();
    assert_eq!((again.generation, again.receipt_key), (scene.founded.generation, scene.founded.receipt_key));
    let items = scene.fetch(&scene.admin, &mut Default::default());
    assert_eq!(crate::scene::records(&items), [scene.founding.bytes().to_vec()]);
}

#[test]
fn a_second_organisation_is_refused() {
    let scene = Scene::new();
    let other = Phone::new(9, Role::Administrator);
    for vault in [VaultId([9; 16]), scene.line.organisation] {
        let record = Log::new(vault).next(&other, founding_organisation(&other));
        assert_eq!(scene.line.found(&record), Err((409, Refused::OtherOrganisation)));
    }
}

#[test]
fn a_founding_record_with_any_bit_flipped_founds_nothing() {
    let place = tempfile::tempdir().unwrap();
    let endpoint = start(place.path().into());
    let line = Line { address: endpoint.address(), organisation: VaultId([9; 16]) };
    let admin = Phone::new(9, Role::Administrator);
    let record = Log::new(line.organisation).next(&admin, founding_organisation(&admin));
    for position in 0..record.bytes().len() {
        let mut bytes = record.bytes().to_vec();
        bytes[position] ^= 1 << (position % 8);
        let body = encode(&FoundRequest { version: PROTOCOL_VERSION, record: bytes.into() }).unwrap();
        let answer = post(line.address, FOUND_PATH, &[], &body).unwrap();
        let refusal = understood::<FoundReply>(&answer).unwrap_err();
        assert!(
            [(400, Refused::Malformed), (403, Refused::NotAllowed)].contains(&refusal),
            "byte {position}: {refusal:?}"
        );
    }
    assert!(line.found(&record).is_ok());
}

#[test]
fn a_mentor_founds_no_organisation() {
    let place = tempfile::tempdir().unwrap();
    let endpoint = start(place.path().into());
    let line = Line { address: endpoint.address(), organisation: VaultId([9; 16]) };
    let mentor = Phone::new(9, Role::Mentor);
    let record = Log::new(line.organisation).next(&mentor, founding_organisation(&mentor));
    assert_eq!(line.found(&record), Err((403, Refused::NotAllowed)));
}
