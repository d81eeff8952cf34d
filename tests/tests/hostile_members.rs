//! Members who mean harm, or whose devices are broken: they hurt nobody's work but their own.
//!
//! Records and edits are made by hand where no command would make them; everything that takes them in is real.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Problem, RecordId, StaffRole};
use fieldfare_core::domain::edit::{Edit, EditRef, Op};
use fieldfare_core::domain::stamp::{Plausible, Stamp};
use fieldfare_core::domain::value::Value;
use fieldfare_core::exchange::{admission, body, padding};
use fieldfare_core::ports::{Clock as _, HttpsTransport, Ports, SystemClock, SystemEntropy};
use fieldfare_core::store::{Arriving, FrontierStanding, StoreProblem, StoredSegment, StoredVault, Write};
use fieldfare_core::vault::members::{Signer, card};
use fieldfare_core::vault::{Identity, Invitation, seal};
use fieldfare_protocol::SEGMENT_VERSION;
use fieldfare_protocol::exchange::Item;
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::{Act, Record, SignedRecord, VaultKind, joining_bytes};
use fieldfare_protocol::segment::{Chain, Head, Header, SeenHead, Segment};
use fieldfare_protocol::signing::SealingKey;
use serde_bytes::ByteBuf;
use serde_json::json;
use tests::by_hand::Meddler;
use tests::casebook::Casebook;
use tests::opened::inside;
use tests::phone::{PIN, Service, level, make, page, ports, run};
use tests::world::inside::Inside;

const HOSTILE: DeviceId = DeviceId([0x66; 16]);
const HONEST: DeviceId = DeviceId([9; 16]);
const ANY_TIME: Plausible = Plausible { not_before_ms: i64::MIN, held_at_ms: 1_800_000_000_000 };

fn put(kind: &str, record: RecordId, field: &str, replaces: Vec<EditRef>, value: &str) -> Edit {
    Edit {
        kind: kind.to_owned(),
        record,
        field: field.to_owned(),
        op_code: Op::Put.code(),
        stamp: Stamp::at_ms(1_800_000_000_000),
        clock_ahead_ms: 0,
        replaces,
        value: Value::from(value).to_bytes(),
    }
}

/// Settles the first edit of the hostile member.
fn settle_first(write: &Write<'_>, vault: StoredVault, edit: &Edit) -> Result<(), StoreProblem> {
    let (device, lane) = (HOSTILE, Lane::Progress);
    let chain_no = write.chain_no(vault.no, device, lane)?;
    write.settle(&Arriving { vault, chain_no, seq: 1, device, lane, plausible: ANY_TIME, edit }, 7)?;
    Ok(())
}

#[test]
fn a_device_that_nothing_can_be_sealed_to_stops_nobody() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    run(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"})).unwrap();
    level(&[&mentor]);
    let text = service.administrator.invite("mallory", StaffRole::Supervisor).unwrap();
    let Ok(invitation) = Invitation::parse(&text) else { panic!("an invitation") };
    let transport = HttpsTransport::new().unwrap();
    let Ok(shown) = admission::ask(&transport, &invitation) else { panic!("the log") };
    let (Ok(identity), Ok(holder)) = (Identity::generate(&SystemEntropy::default()), invitation.identity())
    else {
        panic!("keys")
    };
    let signer = Signer { device: DeviceId([0x4d; 16]), identity: &identity };
    let open = &shown.organisation.invitations[&invitation.invitation];
    let mut card = card(&signer, open.person, open.role);
    card.sealing_key = SealingKey([0; 32]);
    let vault = shown.organisation.vault;
    let act = Act::Join {
        invitation: invitation.invitation,
        proof: holder.sign(&joining_bytes(vault, &card)),
        wrap: shown.organisation.epoch.recovery.clone(),
        card,
    };
    let (number, previous) = (shown.organisation.next_number, shown.organisation.head);
    let record = Record { vault, number, previous, author: signer.device, act };
    let signed = SignedRecord::sign(record, |message| identity.sign(message)).unwrap();
    admission::join(&transport, &invitation, &signed).unwrap();
    for _ in 0..2 {
        mentor.exchange(|_| ()).unwrap();
    }
    run(&mentor, json!({"do": "open_case", "name": "Amara", "cohort": "protect"})).unwrap();
    mentor.exchange(|_| ()).unwrap();
    assert_eq!(page(&mentor, json!({"page": "exchange"}))["unsent"], 0);
}

#[test]
fn an_edit_that_replaces_an_impossible_number_settles_like_any_other() {
    let book = Casebook::new();
    let name = book.store.write(|write| {
        let vault = write.read().vault(book.me.organisation)?.unwrap();
        let record = RecordId::within(vault.id, [5; 16]);
        let replaces = vec![EditRef { device: HOSTILE, seq: 1 << 40 }];
        let edit = put("person", record, "name", replaces, "Robin");
        settle_first(write, vault, &edit)?;
        write.read().person_name(record.into())
    });
    assert_eq!(name.unwrap(), "Robin");
}

#[test]
fn a_made_up_device_does_not_hide_a_colleagues_head() {
    let book = Casebook::new();
    let standing = book.store.write(|write| {
        let vault = write.read().vault(book.me.organisation)?.unwrap();
        let mut made_up = [0; 16];
        made_up[..4].copy_from_slice(&HONEST.tag());
        let replaces = vec![EditRef { device: DeviceId(made_up), seq: 1 }];
        let edit = put("person", RecordId::within(vault.id, [5; 16]), "name", replaces, "x");
        settle_first(write, vault, &edit)?;
        let no = write.chain_no(vault.no, HONEST, Lane::Progress)?;
        let hash = Hash([3; 32]);
        write.keep_segment(no, &StoredSegment { first_seq: 1, last_seq: 1, hash, bytes: vec![] }, None)?;
        write.set_head(no, Head { seq: 1, hash })?;
        let seen = SeenHead { device_tag: HONEST.tag(), seq: 1, hash: hash.short() };
        write.read().frontier(vault.no, Lane::Progress, &[seen])
    });
    assert_eq!(standing.unwrap(), FrontierStanding::Settled);
}

#[test]
fn a_record_that_is_claimed_in_another_vault_does_not_hide_a_concern() {
    let book = Casebook::new();
    let words = book.store.write(|write| {
        let organisation = write.read().vault(book.me.organisation)?.unwrap();
        let id = VaultId([8; 16]);
        let file =
            StoredVault { no: write.add_vault(id, VaultKind::CaseFile)?, id, kind: VaultKind::CaseFile };
        let concern = RecordId::within(id, [5; 16]);
        for (kind, lane) in [("concern", Lane::Progress), ("unheard of", Lane::Notes)] {
            let claim = put(kind, concern, "words", vec![], "");
            let chain_no = write.chain_no(organisation.no, HOSTILE, lane)?;
            let arriving = Arriving {
                vault: organisation,
                chain_no,
                seq: 1,
                device: HOSTILE,
                lane,
                plausible: ANY_TIME,
                edit: &claim,
            };
            write.settle(&arriving, 7)?;
        }
        let chain_no = write.chain_no(file.no, HONEST, Lane::Urgent)?;
        let raised = put("concern", concern, "words", vec![], "he was followed");
        let arriving = Arriving {
            vault: file,
            chain_no,
            seq: 1,
            device: HONEST,
            lane: Lane::Urgent,
            plausible: ANY_TIME,
            edit: &raised,
        };
        write.settle(&arriving, 7)?;
        Ok::<_, StoreProblem>(write.read().concern(concern.into())?.map(|concern| concern.words))
    });
    assert_eq!(words.unwrap().as_deref(), Some("he was followed"));
}

#[test]
fn an_exchange_within_an_exchange_is_refused_and_nobody_is_lost() {
    let service = Service::found();
    let mentor = service.join("mentor", StaffRole::Mentor);
    let case = make(&mentor, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    level(&[&mentor]);
    run(&mentor, json!({"do": "raise_concern", "case": case, "about": "threat", "words": "followed"}))
        .unwrap();
    let first = AtomicBool::new(true);
    let newcomers = std::cell::RefCell::new(Vec::new());
    mentor
        .exchange(|_| {
            if first.swap(false, Ordering::SeqCst) {
                newcomers.borrow_mut().push(service.join("kay", StaffRole::Mentor));
                assert_eq!(mentor.exchange(|_| ()), Err(Problem::ExchangeRunning));
                newcomers.borrow_mut().push(service.join("sam", StaffRole::Supervisor));
            }
        })
        .unwrap();
    level(&[&mentor, &service.administrator]);
    let staff = page(&mentor, json!({"page": "staff"})).to_string();
    assert!(staff.contains("kay") && staff.contains("sam"), "{staff}");
}

/// A segment that is next in the chain of notes of whoever this is, under the key of an epoch: what was agreed in a note.
fn agreed_under(inside: &Inside, epoch: u32, note: &str, agreed: &str) -> Item {
    let me = inside.read(|read| read.me()).unwrap();
    let vault = inside.vault_of(note).unwrap();
    let chain = Chain { vault: vault.id, device: me.device, lane: Lane::Notes };
    let (head, log_head) = inside
        .read(|read| {
            let file = read.case_file(vault.no, &read.organisation()?)?;
            Ok((read.head(vault.no, me.device, chain.lane)?, file.head.short()))
        })
        .unwrap();
    let key = inside.read(|read| read.epoch_key(vault.no, epoch)).unwrap().unwrap();
    let edit = put("note", note.parse().unwrap(), "agreed", Vec::new(), agreed);
    let (Ok(plain), salt) = (body::encode(me.device, &[edit]), [9; 16]) else { panic!("a body") };
    let Ok(packed) = body::pack(&plain).map(padding::pad) else { panic!("a packed body") };
    let header = Header {
        version: SEGMENT_VERSION,
        lane_code: chain.lane.code(),
        vault_tag: vault.id.tag(),
        first_seq: head.seq + 1,
        count: 1,
        epoch,
        log_head,
        frontier: Vec::new(),
        salt,
    };
    let clear = header.to_bytes().unwrap();
    let Ok(sealed) = seal::seal(&key, &chain, &clear, header.first_seq, &salt, &packed) else { panic!() };
    let sign = |message: &[u8]| inside.identity.sign(message);
    let bytes = Segment::sign(&chain, head.hash, header, sealed, sign).unwrap().bytes();
    let held_at_ms = SystemClock.now_ms();
    Item::Segment { vault: vault.id, device: me.device, held_at_ms, bytes: ByteBuf::from(bytes) }
}

#[test]
fn what_a_member_wrote_under_a_key_that_they_knew_to_be_replaced_is_set_aside() {
    let service = Service::found();
    let robin = service.join("robin", StaffRole::Mentor);
    let wren = service.join("wren", StaffRole::Supervisor);
    level(&[&service.administrator, &robin, &wren]);
    let case = make(&robin, json!({"do": "open_case", "name": "Jay", "cohort": "protect"}));
    let note = make(&robin, json!({"do": "begin_note", "case": case, "body": "We met."}));
    level(&[&robin, &wren]);
    robin.rotate(case.parse().unwrap()).unwrap();
    level(&[&robin, &wren]);
    drop((robin, wren));
    let robin = inside(&service.home("robin"));
    let old = agreed_under(&robin, 1, &note, "under the old key");
    let new = agreed_under(&robin, 2, &note, "under the new key");
    let home = service.home("wren");
    for (item, agreed, set_aside) in
        [(old, "", json!(["segment.old_epoch"])), (new, "under the new key", json!(["segment.old_epoch"]))]
    {
        let ports = ports(&home, Arc::new(SystemClock));
        let transport = Meddler::handing_out(ports.transport.clone(), vec![item]);
        let wren = Fieldfare::unlock(&home, Ports { transport, ..ports }, PIN).unwrap();
        wren.exchange(|_| ()).unwrap();
        assert_eq!(page(&wren, json!({"page": "note", "note": note}))["agreed"], agreed);
        let aside = page(&wren, json!({"page": "exchange"}))["set_aside"].clone();
        let why: Vec<_> = aside.as_array().unwrap().iter().map(|row| row["why"].clone()).collect();
        assert_eq!(json!(why), set_aside, "{aside}");
    }
}
