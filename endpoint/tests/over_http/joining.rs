//! An invitation lets one device in, once, in time.

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::admission::{InvitationReply, InvitationRequest, asking_bytes};
use fieldfare_protocol::exchange::LogOutcome;
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::limits::INVITATION_LIFE_MS_MAX;
use fieldfare_protocol::membership::{Act, Role};
use fieldfare_protocol::request::{INVITATION_PATH, Refused};

use crate::people::{Phone, invitation_of, inviting, joining};
use crate::scene::{FAR_AWAY_MS, Line, Scene, now_ms, records};

#[test]
fn the_holder_of_an_invitation_reads_the_log_and_joins() {
    let mut scene = Scene::new();
    let guest = Phone::new(2, Role::Mentor);
    let invite = scene.invite(&guest, now_ms() + FAR_AWAY_MS);
    let shown = scene.line.ask(&guest).unwrap();
    assert_eq!((shown.generation, shown.receipt_key), (scene.founded.generation, scene.founded.receipt_key));
    let log: Vec<Vec<u8>> = shown.log.into_iter().map(|bytes| bytes.into_vec()).collect();
    assert_eq!(log, [scene.founding.bytes(), invite.bytes()]);

    let unknown = scene.line.exchange(&guest, &scene.request());
    assert_eq!(unknown, Err((401, Refused::UnknownDevice)));
    let join = scene.log.next(&guest, joining(scene.log.vault, &guest));
    assert_eq!(scene.line.join(&join), Ok(()));
    let items = scene.fetch(&guest, &mut Default::default());
    assert_eq!(records(&items), [scene.founding.bytes(), invite.bytes(), join.bytes()]);
}

#[test]
fn joining_twice_with_one_record_is_joining_once() {
    let mut scene = Scene::new();
    let guest = Phone::new(2, Role::Mentor);
    scene.invite(&guest, now_ms() + FAR_AWAY_MS);
    let join = scene.log.next(&guest, joining(scene.log.vault, &guest));
    assert_eq!(scene.line.join(&join), Ok(()));
    scene.invite(&Phone::new(3, Role::Mentor), now_ms() + FAR_AWAY_MS);
    assert_eq!(scene.line.join(&join), Ok(()));
    assert_eq!(records(&scene.fetch(&guest, &mut Default::default())).len(), 4);
}

#[test]
fn an_invitation_that_was_used_lets_nobody_else_in() {
    let mut scene = Scene::new();
    let guest = scene.enrol(2, Role::Mentor);
    assert_eq!(scene.line.ask(&guest), Err((410, Refused::InvitationSpent)));
    let again = scene.log.propose(&guest, joining(scene.log.vault, &guest));
    assert_eq!(scene.line.join(&again), Err((410, Refused::InvitationSpent)));
}

#[test]
fn an_invitation_that_has_expired_lets_nobody_in() {
    let mut scene = Scene::new();
    let guest = Phone::new(2, Role::Mentor);
    scene.invite(&guest, now_ms() - 1);
    assert_eq!(scene.line.ask(&guest), Err((410, Refused::InvitationSpent)));
    let join = scene.log.propose(&guest, joining(scene.log.vault, &guest));
    assert_eq!(scene.line.join(&join), Err((410, Refused::InvitationSpent)));
}

#[test]
fn an_invitation_that_lives_too_long_is_not_taken() {
    let scene = Scene::new();
    let guest = Phone::new(2, Role::Mentor);
    let late = now_ms() + INVITATION_LIFE_MS_MAX + FAR_AWAY_MS;
    let record = scene.log.propose(&scene.admin, inviting(&guest, late));
    assert_eq!(scene.send_record(&scene.admin, &record), LogOutcome::NotAllowed);
}

#[test]
fn of_two_who_join_at_once_one_is_told_to_read_again() {
    let mut scene = Scene::new();
    let (early, late) = (Phone::new(2, Role::Mentor), Phone::new(3, Role::Supervisor));
    scene.invite(&early, now_ms() + FAR_AWAY_MS);
    scene.invite(&late, now_ms() + FAR_AWAY_MS);
    let outrun = scene.log.propose(&late, joining(scene.log.vault, &late));
    let join = scene.log.next(&early, joining(scene.log.vault, &early));
    assert_eq!(scene.line.join(&join), Ok(()));
    assert_eq!(scene.line.join(&outrun), Err((409, Refused::LogMoved)));
    let again = scene.log.next(&late, joining(scene.log.vault, &late));
    assert_eq!(scene.line.join(&again), Ok(()));
}

#[test]
fn without_the_invitations_key_nothing_is_shown_and_nobody_joins() {
    let mut scene = Scene::new();
    let guest = Phone::new(2, Role::Mentor);
    scene.invite(&guest, now_ms() + FAR_AWAY_MS);
    let mut thief = Phone::new(3, Role::Mentor);
    thief.card.person = guest.card.person;
    let mut act = joining(scene.log.vault, &thief);
    if let Act::Join { invitation, .. } = &mut act {
        *invitation = invitation_of(&guest);
    }
    let forged = scene.log.propose(&thief, act);
    assert_eq!(scene.line.join(&forged), Err((403, Refused::NotAllowed)));

    let elsewhere = Line { organisation: VaultId([7; 16]), ..scene.line };
    assert_eq!(elsewhere.ask(&guest), Err((409, Refused::OtherOrganisation)));
    assert_eq!(scene.line.ask(&Phone::new(4, Role::Mentor)), Err((410, Refused::InvitationSpent)));
    let unproven = InvitationRequest {
        version: PROTOCOL_VERSION,
        organisation: scene.line.organisation,
        invitation: invitation_of(&guest),
        proof: thief.signer.sign(&asking_bytes(scene.line.organisation, invitation_of(&guest))),
    };
    let shown = scene.line.call::<_, InvitationReply>(INVITATION_PATH, &unproven);
    assert_eq!(shown, Err((410, Refused::InvitationSpent)));
    assert!(scene.line.ask(&guest).is_ok());
}

#[test]
fn a_join_that_a_known_device_brings_is_taken_with_all_its_proofs() {
    let mut scene = Scene::new();
    let guest = Phone::new(2, Role::Mentor);
    scene.invite(&guest, now_ms() + FAR_AWAY_MS);
    let join = scene.log.next(&guest, joining(scene.log.vault, &guest));
    assert_eq!(scene.send_record(&scene.admin, &join), LogOutcome::Kept);
    assert_eq!(scene.line.join(&join), Ok(()));
    assert_eq!(scene.send_record(&scene.admin, &join), LogOutcome::Kept);
    assert_eq!(scene.send_record(&scene.admin, &scene.founding), LogOutcome::Kept);
}

#[test]
fn a_join_without_its_invitation_is_not_taken_from_a_known_device_either() {
    let mut scene = Scene::new();
    let guest = Phone::new(2, Role::Mentor);
    scene.invite(&guest, now_ms() + FAR_AWAY_MS);
    let thief = Phone::new(3, Role::Mentor);
    let mut act = joining(scene.log.vault, &thief);
    if let Act::Join { invitation, .. } = &mut act {
        *invitation = invitation_of(&guest);
    }
    let forged = scene.log.propose(&thief, act);
    assert_eq!(scene.send_record(&scene.admin, &forged), LogOutcome::NotAllowed);
}
