//! What one request leaves behind when storage fails, and what the largest reply weighs.

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::admission::FoundRequest;
use fieldfare_protocol::exchange::LogOutcome;
use fieldfare_protocol::id::VaultId;
use fieldfare_protocol::limits::REPLY_BYTES_MAX;
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::wire::encode;

use super::*;
use crate::folder::Folder;
use crate::founding::found;
use crate::people::{Log, Phone, Writing, founding_file, founding_organisation};

fn founded() -> (tempfile::TempDir, Keeper, Phone) {
    let place = tempfile::tempdir().unwrap();
    let keeper =
        Keeper::open(Folder::hold(place.path()).unwrap(), std::sync::Arc::new(crate::surroundings::Machine))
            .unwrap();
    let admin = Phone::new(1, Role::Administrator);
    let record = Log::new(VaultId([0xee; 16])).next(&admin, founding_organisation(&admin));
    found(&keeper, &FoundRequest { version: PROTOCOL_VERSION, record: record.bytes().to_vec().into() })
        .unwrap();
    (place, keeper, admin)
}

fn request(keeper: &Keeper) -> Request {
    Request {
        version: PROTOCOL_VERSION,
        generation: Some(keeper.generation),
        cursors: Cursors::default(),
        page_kib: 0,
        asks: Vec::new(),
        membership: Vec::new(),
        segments: Vec::new(),
        fetch: true,
    }
}

#[test]
fn a_full_disk_takes_nothing_and_forgets_that_it_tried() {
    let (_place, keeper, admin) = founded();
    let vault = VaultId([0xaa; 16]);
    let record = Log::new(vault).next(&admin, founding_file(&[admin.id()]));
    let mut notes = Writing::new(vault, &admin, Lane::Notes);
    let segments: Vec<Vec<u8>> = (0..9).map(|_| notes.next(&admin, 1, vec![1; 30_000])).collect();
    let segments = || segments.iter().map(|bytes| bytes.clone().into()).collect();
    let whole = Request {
        membership: vec![record.bytes().to_vec().into()],
        segments: segments(),
        ..request(&keeper)
    };
    for pages_left in [0, 1, 5, 40] {
        keeper.store.fill_disk(pages_left);
        let failed = exchange(&keeper, admin.id(), &whole);
        assert_eq!(failed.unwrap_err(), Failure::Trouble(Trouble::Full), "{pages_left}");
    }
    // The file that was founded in vain is no vault of this device, neither on disk nor in memory.
    let alone = exchange(&keeper, admin.id(), &Request { segments: segments(), ..request(&keeper) }).unwrap();
    assert_eq!((alone.acks.len(), alone.items.len()), (0, 1));

    keeper.store.fill_disk(1_000);
    let reply = exchange(&keeper, admin.id(), &whole).unwrap();
    assert_eq!((reply.log_acks[0].outcome, reply.acks[0].seq), (LogOutcome::Kept, 9));
}

#[test]
fn the_largest_reply_keeps_within_its_limit() {
    let (_place, keeper, admin) = founded();
    let vaults: Vec<VaultId> = (0..REQUEST_ITEMS_MAX as u32)
        .map(|number| {
            let mut id = [0xff; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            VaultId(id)
        })
        .collect();
    let founding = |vault: &VaultId| Log::new(*vault).next(&admin, founding_file(&[admin.id()]));
    let membership = vaults.iter().map(|vault| founding(vault).bytes().to_vec().into()).collect();
    let reply = exchange(&keeper, admin.id(), &Request { membership, ..request(&keeper) }).unwrap();
    assert!(reply.log_acks.iter().all(|ack| ack.outcome == LogOutcome::Kept));
    assert!(encode(&reply).unwrap().len() <= REPLY_BYTES_MAX);
    for lane in Lane::ALL {
        let first = |vault: &VaultId| Writing::new(*vault, &admin, lane).next(&admin, 1, Vec::new()).into();
        let segments: Vec<_> = vaults.iter().map(first).collect();
        for generation in [Some(keeper.generation), None] {
            let brought = Request { generation, segments: segments.clone(), ..request(&keeper) };
            let reply = exchange(&keeper, admin.id(), &brought).unwrap();
            assert!(vaults.len() <= reply.acks.len());
            assert!(encode(&reply).unwrap().len() <= REPLY_BYTES_MAX);
            assert!(reply.more);
        }
    }
    let nothing_brought =
        exchange(&keeper, admin.id(), &Request { generation: None, ..request(&keeper) }).unwrap();
    assert!(encode(&nothing_brought).unwrap().len() <= REPLY_BYTES_MAX);
}

#[test]
fn an_organisation_over_its_quota_can_still_raise_a_concern() {
    let (_place, keeper, admin) = founded();
    let vault = VaultId([0xaa; 16]);
    let record = Log::new(vault).next(&admin, founding_file(&[admin.id()]));
    let founding = Request { membership: vec![record.bytes().to_vec().into()], ..request(&keeper) };
    exchange(&keeper, admin.id(), &founding).unwrap();
    let kept_bytes = keeper.store.read(|read| read.kept_bytes()).unwrap();
    let keeper = keeper.with_quota(Some(kept_bytes + 1_500));
    let (mut notes, mut urgent) =
        (Writing::new(vault, &admin, Lane::Notes), Writing::new(vault, &admin, Lane::Urgent));
    let segments = (0..3).map(|_| notes.next(&admin, 1, vec![1; 500]).into()).collect();
    let reply = exchange(&keeper, admin.id(), &Request { segments, ..request(&keeper) }).unwrap();
    assert_eq!(
        (reply.acks[0].outcome, reply.acks[0].seq),
        (SegmentOutcome::Full, 2),
        "as far as there is room"
    );
    let concern = urgent.next(&admin, 1, vec![2; 800]);
    let reply =
        exchange(&keeper, admin.id(), &Request { segments: vec![concern.into()], ..request(&keeper) });
    let reply = reply.unwrap();
    assert_eq!((reply.acks[0].outcome, reply.receipts.len()), (SegmentOutcome::Kept, 1));
}
