//! Devices that exchange after every few words pack their own history into bundles, and whoever comes late reads those.
//!
//! Over a real endpoint; a transport in between counts, and in some tests lies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::StaffRole;
use fieldfare_core::ports::{Answer, Call, HttpsTransport, Ports, SystemClock, Transport, TransportProblem};
use fieldfare_core::vault::seal;
use fieldfare_protocol::bundle::{Bundle, BundleHeader, HANDED_MARK, HandedBundle};
use fieldfare_protocol::exchange::{Item, Reply};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::request::EXCHANGE_PATH;
use fieldfare_protocol::segment::Chain;
use fieldfare_protocol::wire;
use serde_bytes::ByteBuf;
use serde_json::json;
use tests::backup;
use tests::casework::chance::Chance;
use tests::opened::inside;
use tests::phone::{self, Service};
use tests::world::inside::Inside;

/// What becomes of the items of a reply before the device sees them.
type Meddle = Box<dyn Fn(Vec<Item>) -> Vec<Item> + Send + Sync>;

/// Somebody between a device and the endpoint who sees every item.
struct Between {
    real: HttpsTransport,
    meddle: Meddle,
    seen: Arc<Mutex<Vec<Item>>>,
}

impl Transport for Between {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let exchanges = call.path == EXCHANGE_PATH;
        let mut answer = self.real.post(call)?;
        if exchanges && answer.status == 200 {
            let mut reply: Reply = wire::decode(&answer.body).unwrap();
            self.seen.lock().unwrap().extend(reply.items.iter().cloned());
            reply.items = (self.meddle)(reply.items);
            answer.body = wire::encode(&reply).unwrap();
        }
        Ok(answer)
    }
}

/// What a device was handed, as bytes of segments and bundles.
type Seen = Arc<Mutex<Vec<Item>>>;

fn join_through(service: &Service, name: &str, role: StaffRole, meddle: Meddle) -> (Fieldfare, Seen) {
    let seen: Seen = Arc::default();
    let real = HttpsTransport::new().unwrap();
    let transport = Arc::new(Between { real, meddle, seen: seen.clone() });
    let home = service.home(name);
    let invitation = service.administrator.invite(name, role).unwrap();
    let ports = Ports { transport, ..phone::ports(&home, Arc::new(SystemClock)) };
    let app = Fieldfare::join(&home, ports, phone::PIN, phone::cheap(), &invitation).unwrap();
    app.exchange(|_| ()).unwrap();
    (app, seen)
}

fn honest() -> Meddle {
    Box::new(|items| items)
}

/// Bytes of the segments among items, and of the bundles.
fn sorted(seen: &Seen) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let seen = seen.lock().unwrap();
    let bytes = seen.iter().filter_map(|item| match item {
        Item::Segment { bytes, .. } => Some(bytes.to_vec()),
        _ => None,
    });
    bytes.partition(|bytes| !HandedBundle::is_marked(bytes))
}

fn digest(app: &Fieldfare, vault: &str) -> String {
    let digests: BTreeMap<_, _> =
        app.digests().unwrap().into_iter().map(|(vault, digest)| (vault.to_string(), digest)).collect();
    digests.get(vault).map(ToString::to_string).unwrap_or_default()
}

/// Two mentors who worked on a case in `rounds` small exchanges, and what the second was handed.
struct Work {
    service: Service,
    robin: Fieldfare,
    wren: Fieldfare,
    seen_by_wren: Seen,
    /// The vault of the case.
    vault: String,
}

fn work(rounds: usize) -> Work {
    let service = Service::found();
    let robin = service.join("robin", StaffRole::Mentor);
    let (wren, seen_by_wren) = join_through(&service, "wren", StaffRole::Mentor, honest());
    robin.exchange(|_| ()).unwrap();
    let before: Vec<String> =
        robin.digests().unwrap().into_iter().map(|(vault, _)| vault.to_string()).collect();
    let case = phone::make(&robin, json!({"do": "open_case", "name": "Kit", "cohort": "protect"}));
    let person = phone::page(&wren, json!({"page": "mentor"}))["person"].clone();
    phone::run(&robin, json!({"do": "add_mentor", "case": case, "mentor": person})).unwrap();
    let goal = phone::make(&robin, json!({"do": "set_goal", "case": case, "words": "swim a mile"}));
    phone::level(&[&robin, &wren]);
    let vault = robin.digests().unwrap().into_iter().map(|(vault, _)| vault.to_string());
    let vault = vault.into_iter().find(|vault| !before.contains(vault)).unwrap();
    for round in 0..rounds {
        let words = format!("length {round}");
        phone::run(&robin, json!({"do": "record_progress", "goal": goal, "words": words})).unwrap();
        if round % 4 == 0 {
            phone::run(&robin, json!({"do": "describe_goal", "goal": goal, "words": words})).unwrap();
        }
        robin.exchange(|_| ()).unwrap();
        if round % 3 == 0 {
            wren.exchange(|_| ()).unwrap();
            let words = format!("wren saw {round}");
            phone::run(&wren, json!({"do": "describe_goal", "goal": goal, "words": words})).unwrap();
            wren.exchange(|_| ()).unwrap();
        }
    }
    phone::level(&[&robin, &wren]);
    Work { service, robin, wren, seen_by_wren, vault }
}

/// Lets a supervisor join now and read everything.
fn late(work: &Work, meddle: Meddle) -> (Fieldfare, Seen) {
    let (late, seen) = join_through(&work.service, "late", StaffRole::Supervisor, meddle);
    work.robin.exchange(|_| ()).unwrap();
    seen.lock().unwrap().clear();
    late.exchange(|_| ()).unwrap();
    (late, seen)
}

fn size(all: &[Vec<u8>]) -> usize {
    all.iter().map(Vec::len).sum()
}

#[test]
fn whoever_comes_late_reads_bundles_and_ends_equal() {
    let work = work(300);
    let (originals, none) = sorted(&work.seen_by_wren);
    assert!(originals.len() >= 300 && none.is_empty(), "whoever was there reads segments");
    let (late, seen) = late(&work, honest());
    let (segments, bundles) = sorted(&seen);
    println!(
        "{} segments of one author, {} bytes; late: {} segments and {} bundles of both, {} bytes",
        originals.len(),
        size(&originals),
        segments.len(),
        bundles.len(),
        size(&segments) + size(&bundles)
    );
    assert!(bundles.len() >= 5, "{}", bundles.len());
    assert!(segments.len() + bundles.len() <= 130, "{} and {}", segments.len(), bundles.len());
    assert!(size(&segments) + size(&bundles) < size(&originals));
    let ends: Vec<String> =
        [&work.robin, &work.wren, &late].iter().map(|app| digest(app, &work.vault)).collect();
    assert!(ends[0] == ends[1] && ends[1] == ends[2] && !ends[0].is_empty(), "{ends:?}");
    // They go on from there, the newcomer too.
    phone::level(&[&work.robin, &work.wren, &late]);
    let waiting = phone::page(&late, json!({"page": "exchange"}));
    assert_eq!((&waiting["waiting"], &waiting["set_aside"]), (&json!([]), &json!([])));
}

#[test]
fn an_endpoint_that_hands_out_bundles_and_segments_in_any_order_changes_nothing() {
    let work = work(140);
    let originals: Vec<Item> = work.seen_by_wren.lock().unwrap().clone();
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let meddle: Meddle = Box::new(move |items| {
        let (logs, mut rest): (Vec<Item>, Vec<Item>) =
            items.into_iter().partition(|item| matches!(item, Item::Membership(_)));
        if !rest.is_empty() && turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            rest.extend(originals.iter().filter(|item| matches!(item, Item::Segment { .. })).cloned());
        }
        rest.reverse();
        logs.into_iter().chain(rest).collect()
    });
    let (late, seen) = late(&work, meddle);
    assert!(!sorted(&seen).1.is_empty());
    assert_eq!(digest(&late, &work.vault), digest(&work.wren, &work.vault));
}

#[test]
fn whatever_comes_first_of_segments_and_bundles_everybody_ends_the_same() {
    let work = work(140);
    let originals: Vec<Item> = work.seen_by_wren.lock().unwrap().clone();
    let originals: Vec<Item> =
        originals.into_iter().filter(|item| matches!(item, Item::Segment { .. })).collect();
    let wanted = digest(&work.wren, &work.vault);
    for seed in 1..=6 {
        let (originals, chance) = (originals.clone(), Mutex::new(Chance::new(seed)));
        // Once, everything there is comes in one heap: bundles, and all or some of the segments that they stand for.
        let done = std::sync::atomic::AtomicBool::new(false);
        let meddle: Meddle = Box::new(move |items| {
            let (logs, mut heap): (Vec<Item>, Vec<Item>) =
                items.into_iter().partition(|item| matches!(item, Item::Membership(_)));
            if heap.len() < 2 || done.swap(true, std::sync::atomic::Ordering::SeqCst) {
                return logs.into_iter().chain(heap).collect();
            }
            let mut chance = chance.lock().unwrap();
            let share = chance.below(101);
            heap.extend(originals.iter().filter(|_| chance.percent(share)).cloned());
            for at in (1..heap.len()).rev() {
                heap.swap(at, chance.below(at + 1));
            }
            logs.into_iter().chain(heap).collect()
        });
        let (late, seen) =
            join_through(&work.service, &format!("late {seed}"), StaffRole::Supervisor, meddle);
        work.robin.exchange(|_| ()).unwrap();
        late.exchange(|_| ()).unwrap();
        assert!(!sorted(&seen).1.is_empty());
        assert_eq!(digest(&late, &work.vault), wanted, "seed {seed}");
        let page = phone::page(&late, json!({"page": "exchange"}));
        assert_eq!((&page["waiting"], &page["set_aside"]), (&json!([]), &json!([])), "seed {seed}");
    }
}

#[test]
fn whoever_knows_a_history_from_bundles_alone_gives_it_back_to_an_endpoint_that_lost_it() {
    let work = work(140);
    let (late, seen) = late(&work, honest());
    assert!(!sorted(&seen).1.is_empty());
    let Work { service, robin, wren, vault, .. } = work;
    let wanted = digest(&late, &vault);
    // Whoever wrote it all has lost their phones.
    drop((robin, wren));
    let service = backup::restart(service, |data| {
        backup::forget_segments(data);
        fieldfare_endpoint::restored(data).unwrap();
    });
    late.exchange(|_| ()).unwrap();
    let newcomer = service.join("newcomer", StaffRole::Supervisor);
    phone::level(&[&late, &newcomer]);
    assert_eq!(digest(&newcomer, &vault), wanted);
    let page = phone::page(&newcomer, json!({"page": "exchange"}));
    assert_eq!((&page["waiting"], &page["set_aside"]), (&json!([]), &json!([])));
    // They go on from there, and nothing is brought twice.
    assert_eq!(late.exchange(|_| ()).unwrap().round_trips, 1);
}

/// A bundle of a phone's own, signed again with another header; whatever else there is stays as it is.
fn told_otherwise(inside: &Inside, item: Item, change: fn(&mut BundleHeader)) -> Item {
    let me = inside.read(|read| read.me()).unwrap();
    let Item::Segment { vault, device, held_at_ms, bytes } = &item else { return item };
    if *device != me.device || !HandedBundle::is_marked(bytes) {
        return item;
    }
    let (held_at_ms_each, bundle) = HandedBundle::parse(bytes).unwrap();
    let mut header = bundle.header().clone();
    let chain = Chain { vault: *vault, device: *device, lane: header.lane().unwrap() };
    let vault_no = inside.read(|read| read.vault(*vault)).unwrap().unwrap().no;
    let key = inside.read(|read| read.epoch_key(vault_no, header.epoch)).unwrap().unwrap();
    let (clear, at) = (header.to_bytes().unwrap(), header.first_seq);
    let Ok(body) = seal::open(&key, &chain, &clear, at, &header.salt, bundle.sealed()) else { panic!() };
    change(&mut header);
    let sealed = seal::seal(&key, &chain, &header.to_bytes().unwrap(), at, &header.salt, &body);
    let Ok(sealed) = sealed else { panic!() };
    let bundle = Bundle::sign(&chain, header, sealed, |message| inside.identity.sign(message)).unwrap();
    let bundle = ByteBuf::from(bundle.bytes().unwrap());
    let handed = HandedBundle { mark: HANDED_MARK, held_at_ms: held_at_ms_each, bundle };
    let bytes = ByteBuf::from(wire::encode(&handed).unwrap());
    Item::Segment { vault: *vault, device: *device, held_at_ms: *held_at_ms, bytes }
}

#[test]
fn a_bundle_that_does_not_add_up_is_set_aside_although_its_author_signed_it() {
    let lies: [fn(&mut BundleHeader); 3] = [
        |header| header.last_seq += 1,
        |header| header.last_hash = Hash([3; 32]),
        |header| header.before = Hash([3; 32]),
    ];
    for change in lies {
        let work = work(100);
        let author: Arc<OnceLock<Mutex<Inside>>> = Arc::default();
        let known = author.clone();
        let meddle: Meddle = Box::new(move |items| {
            let Some(author) = known.get() else { return items };
            let author = author.lock().unwrap();
            items.into_iter().map(|item| told_otherwise(&author, item, change)).collect()
        });
        let (late, seen) = join_through(&work.service, "late", StaffRole::Supervisor, meddle);
        let Work { service, robin, wren, vault, .. } = work;
        robin.exchange(|_| ()).unwrap();
        drop(robin);
        assert!(author.set(Mutex::new(inside(&service.home("robin")))).is_ok());
        late.exchange(|_| ()).unwrap();
        assert!(!sorted(&seen).1.is_empty());
        let aside = phone::page(&late, json!({"page": "exchange"}))["set_aside"].clone();
        assert_eq!(aside[0]["why"], "bundle.does_not_add_up", "{aside}");
        assert_ne!(digest(&late, &vault), digest(&wren, &vault));
    }
}
