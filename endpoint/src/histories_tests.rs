//! Random histories of a file's members at the endpoint: two people always want the next place in the log at once, and one
//! of those who ever read writes meanwhile.
//!
//! What the store keeps and hands out is compared with a model that knows sets and numbers alone, also after a restart.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_protocol::PROTOCOL_VERSION;
use fieldfare_protocol::admission::{FoundRequest, JoinRequest};
use fieldfare_protocol::exchange::{Item, LogOutcome};
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::membership::{
    Act, Epoch, LaneCut, Leaving, MemberWrap, Role, Rotation, SignedRecord, Wrap,
};
use fieldfare_protocol::segment::Head;

use super::*;
use crate::folder::Folder;
use crate::founding::found;
use crate::joining::join;
use crate::people::{Dice, Log, Phone, Writing, founding_file, founding_organisation, inviting, joining};
use crate::surroundings::{Machine, Surroundings as _};

const HOUSE: VaultId = VaultId([0xee; 16]);
const FILE: VaultId = VaultId([0xaa; 16]);
/// Two administrators, two supervisors and three mentors.
const ROLES: [Role; 7] = [
    Role::Administrator,
    Role::Administrator,
    Role::Supervisor,
    Role::Supervisor,
    Role::Mentor,
    Role::Mentor,
    Role::Mentor,
];
/// The founding, and an invitation and a joining for everybody else.
const HOUSE_RECORDS: u32 = 1 + 2 * (ROLES.len() as u32 - 1);
const HISTORIES: u64 = 24;
const STEPS: usize = 40;

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    LetIn(usize),
    LetOut(usize),
    Close(usize),
    FreshKey,
    /// A fresh key that is sealed to everybody whoever has left, or that leaves somebody out.
    KeyForAll,
    KeyForFewer,
}

struct History {
    place: tempfile::TempDir,
    keeper: Keeper,
    phones: Vec<Phone>,
    members: BTreeSet<usize>,
    /// Who has handed it on, and how many segments of others there were then.
    departing: BTreeMap<usize, u64>,
    removed: BTreeSet<usize>,
    epoch: u32,
    log: Log,
    records: Vec<Vec<u8>>,
    writing: Vec<Writing>,
    /// What of each phone's chain counts.
    held: BTreeMap<usize, Head>,
    /// Who wrote each segment that came too late.
    late: Vec<usize>,
}

fn open(place: &tempfile::TempDir) -> Keeper {
    Keeper::open(Folder::hold(place.path()).unwrap(), std::sync::Arc::new(Machine)).unwrap()
}

fn wrap() -> Wrap {
    Wrap { encapsulated: [1; 32].into(), sealed: [2; 48].into() }
}

fn wraps(devices: impl IntoIterator<Item = DeviceId>) -> Vec<MemberWrap> {
    devices.into_iter().map(|device| MemberWrap { device, wrap: wrap() }).collect()
}

impl History {
    fn begin() -> Self {
        let place = tempfile::tempdir().unwrap();
        let keeper = open(&place);
        let phones: Vec<Phone> = (1..).zip(ROLES).map(|(seed, role)| Phone::new(seed, role)).collect();
        let mut house = Log::new(HOUSE);
        let record = house.next(&phones[0], founding_organisation(&phones[0])).bytes().to_vec().into();
        found(&keeper, &FoundRequest { version: PROTOCOL_VERSION, record }).unwrap();
        let soon = Machine.now_ms() + 3_600_000;
        for guest in &phones[1..] {
            let invited = house.next(&phones[0], inviting(guest, soon));
            let reply =
                exchange(&keeper, phones[0].id(), &bringing(&keeper, &[invited], Vec::new())).unwrap();
            assert_eq!(reply.log_acks[0].outcome, LogOutcome::Kept);
            let record = house.next(guest, joining(HOUSE, guest)).bytes().to_vec().into();
            join(&keeper, &JoinRequest { version: PROTOCOL_VERSION, organisation: HOUSE, record }).unwrap();
        }
        let members = BTreeSet::from([2, 4, 5]);
        let mut log = Log::new(FILE);
        let founding = log.next(
            &phones[2],
            founding_file(&members.iter().map(|who| phones[*who].id()).collect::<Vec<_>>()),
        );
        let reply = exchange(
            &keeper,
            phones[2].id(),
            &bringing(&keeper, std::slice::from_ref(&founding), Vec::new()),
        );
        assert_eq!(reply.unwrap().log_acks[0].outcome, LogOutcome::Kept);
        let writing = phones.iter().map(|phone| Writing::new(FILE, phone, Lane::Notes)).collect();
        let records = vec![founding.bytes().to_vec()];
        let (removed, held) = (BTreeSet::new(), BTreeMap::new());
        Self {
            place,
            keeper,
            phones,
            members,
            departing: BTreeMap::new(),
            removed,
            epoch: 1,
            log,
            records,
            writing,
            held,
            late: Vec::new(),
        }
    }

    fn record(&self, author: usize, wish: Wish, behind: bool) -> SignedRecord {
        let as_of = HOUSE_RECORDS;
        let id = |who: usize| self.phones[who].id();
        let act = match wish {
            Wish::LetIn(who) => Act::Admit { as_of, wraps: wraps([id(who)]) },
            Wish::Close(who) => Act::Close { as_of, left: vec![self.leaving(who, behind)] },
            Wish::LetOut(_) | Wish::FreshKey | Wish::KeyForAll | Wish::KeyForFewer => {
                let out = if let Wish::LetOut(who) = wish { Some(who) } else { None };
                let mut readers: BTreeSet<usize> =
                    self.members.iter().copied().filter(|who| Some(*who) != out).collect();
                if wish == Wish::KeyForAll {
                    readers.extend(&self.removed);
                    readers.extend(self.departing.keys());
                }
                if wish == Wish::KeyForFewer {
                    readers.pop_last();
                }
                let number = self.epoch + 1;
                let epoch = Epoch { number, key_id: [number as u8; 16].into(), recovery: wrap() };
                let removed = out.map(|who| self.leaving(who, behind)).into_iter().collect();
                let wraps = wraps(readers.into_iter().map(id));
                let rotation = Rotation { removed, epoch, wraps, before: [3; 48].into() };
                Act::Rotate { as_of, rotation, invitations: Vec::new() }
            }
        };
        self.log.propose(&self.phones[author], act)
    }

    fn leaving(&self, who: usize, behind: bool) -> Leaving {
        let head = self.held.get(&who).copied().filter(|_| !behind);
        let cut = head.map(|head| LaneCut { lane_code: Lane::Notes.code(), seq: head.seq, hash: head.hash });
        Leaving { device: self.phones[who].id(), cut: cut.into_iter().collect() }
    }

    /// What the endpoint has to say to a wish for the next place.
    fn judge(&self, author: usize, wish: Wish, behind: bool) -> LogOutcome {
        let coordinates = ROLES[author] != Role::Mentor;
        let allowed = self.members.contains(&author)
            && match wish {
                Wish::LetIn(who) => !self.members.contains(&who),
                Wish::LetOut(who) => who != author && self.members.contains(&who) && coordinates,
                Wish::FreshKey => true,
                Wish::Close(who) => self.departing.contains_key(&who) && coordinates,
                Wish::KeyForAll => self.removed.is_empty() && self.departing.is_empty(),
                Wish::KeyForFewer => false,
            };
        match wish {
            _ if !allowed => LogOutcome::NotAllowed,
            Wish::Close(who) if behind && self.held.contains_key(&who) => LogOutcome::Moved,
            _ => LogOutcome::Kept,
        }
    }

    fn stands(&mut self, wish: Wish, record: &SignedRecord) {
        match wish {
            Wish::LetIn(who) => {
                self.members.insert(who);
                self.departing.remove(&who);
                // Whoever comes back goes on where the endpoint says that their chain ends.
                if self.removed.remove(&who) {
                    self.writing[who].head = self.held.get(&who).copied().unwrap_or(Head::START);
                }
            }
            Wish::LetOut(who) => {
                self.members.remove(&who);
                self.departing.insert(who, self.of_others(who));
                self.epoch += 1;
            }
            Wish::Close(who) => {
                self.departing.remove(&who);
                self.removed.insert(who);
            }
            Wish::FreshKey | Wish::KeyForAll | Wish::KeyForFewer => self.epoch += 1,
        }
        self.log.number += 1;
        self.log.head = record.hash();
        self.records.push(record.bytes().to_vec());
    }

    /// How many segments of others count.
    fn of_others(&self, who: usize) -> u64 {
        self.held.iter().filter(|(author, _)| **author != who).map(|(_, head)| head.seq).sum()
    }

    fn bring(&self, who: usize, records: &[SignedRecord], segments: Vec<Vec<u8>>) -> Reply {
        exchange(&self.keeper, self.phones[who].id(), &bringing(&self.keeper, records, segments)).unwrap()
    }

    /// Two people want the next place at once.
    fn contend(&mut self, dice: &mut Dice) {
        let behind = dice.below(5) == 0;
        let two = [(); 2].map(|()| {
            let (author, target) = (dice.below(ROLES.len()), dice.below(ROLES.len()));
            let wish = match dice.below(10) {
                0..=2 => Wish::LetIn(target),
                3..=4 => Wish::LetOut(target),
                5 => Wish::Close(self.departing.keys().next().copied().unwrap_or(target)),
                6..=7 => Wish::FreshKey,
                8 => Wish::KeyForAll,
                _ => Wish::KeyForFewer,
            };
            (author, wish, self.record(author, wish, behind))
        });
        let mut taken = None;
        for (author, wish, record) in &two {
            let due = match &taken {
                Some(standing) if standing == record.bytes() => LogOutcome::Kept,
                Some(_) => LogOutcome::Moved,
                None => self.judge(*author, *wish, behind),
            };
            let said = self.bring(*author, std::slice::from_ref(record), Vec::new()).log_acks[0].outcome;
            // Why something is not taken may be either, where both are true.
            let refused = due != LogOutcome::Kept && said != LogOutcome::Kept;
            let for_a_reason = due != LogOutcome::Moved || taken.is_none() || said == LogOutcome::Moved;
            let hidden = !self.members.contains(author);
            let fits = said == due || (refused && (for_a_reason || hidden));
            assert!(fits, "{author} {wish:?} {behind}: {said:?}, not {due:?}");
            if said == LogOutcome::Kept && taken.is_none() {
                taken = Some(record.bytes().to_vec());
                self.stands(*wish, record);
            }
        }
    }

    /// Somebody who reads, or once did, writes a segment.
    fn write(&mut self, dice: &mut Dice) {
        let ever: Vec<usize> =
            self.members.iter().chain(&self.removed).chain(self.departing.keys()).copied().collect();
        let who = ever[dice.below(ever.len())];
        let segment = self.writing[who].next(&self.phones[who], 1, vec![7; 40]);
        let due = if self.removed.contains(&who) { SegmentOutcome::Late } else { SegmentOutcome::Kept };
        let reply = self.bring(who, &[], vec![segment]);
        assert_eq!(reply.acks[0].outcome, due, "{who}");
        if due == SegmentOutcome::Kept {
            self.held.insert(who, self.writing[who].head);
        } else {
            self.late.push(who);
        }
    }

    /// What everybody is handed from the beginning is what the model says.
    fn look(&self) {
        for (who, phone) in self.phones.iter().enumerate() {
            let reply = exchange(
                &self.keeper,
                phone.id(),
                &Request { fetch: true, page_kib: 512, ..bringing(&self.keeper, &[], Vec::new()) },
            );
            let items = reply.unwrap().items;
            let of_file = |bytes: &[u8]| SignedRecord::parse(bytes).unwrap().record.vault == FILE;
            let log: Vec<&[u8]> = items
                .iter()
                .filter_map(|item| match item {
                    Item::Membership(bytes) if of_file(bytes) => Some(bytes.as_slice()),
                    _ => None,
                })
                .collect();
            assert!(self.records.iter().map(Vec::as_slice).take(log.len()).eq(log.iter().copied()), "{who}");
            let segments = items.iter().filter(|item| matches!(item, Item::Segment { .. })).count();
            let late = items.iter().filter(|item| matches!(item, Item::Late { .. })).count();
            if self.members.contains(&who) {
                assert_eq!((log.len(), segments as u64), (self.records.len(), self.of_others(who)), "{who}");
            } else if let Some(before) = self.departing.get(&who) {
                assert_eq!((log.len(), segments as u64), (self.records.len(), *before), "{who}");
            } else {
                assert_eq!(segments, 0, "{who}");
                assert_eq!(log.is_empty(), !self.removed.contains(&who), "{who}");
            }
            let others = self.late.iter().filter(|author| **author != who).count();
            assert_eq!(late, if ROLES[who] == Role::Mentor { 0 } else { others }, "{who}");
        }
    }
}

fn bringing(keeper: &Keeper, records: &[SignedRecord], segments: Vec<Vec<u8>>) -> Request {
    Request {
        version: PROTOCOL_VERSION,
        generation: Some(keeper.generation),
        cursors: Cursors::default(),
        page_kib: 0,
        asks: Vec::new(),
        membership: records.iter().map(|record| record.bytes().to_vec().into()).collect(),
        segments: segments.into_iter().map(Into::into).collect(),
        fetch: false,
    }
}

fn live(seed: u64) -> History {
    let mut dice = Dice(seed);
    let mut history = History::begin();
    for _ in 0..STEPS {
        if dice.below(2) == 0 {
            history.write(&mut dice);
        } else {
            history.contend(&mut dice);
        }
    }
    history.look();
    history
}

#[test]
fn any_history_leaves_one_log_its_members_and_what_counts() {
    let (mut removed, mut late) = (0, 0);
    for seed in 0..HISTORIES {
        println!("seed {seed}");
        let mut history = live(seed);
        (removed, late) = (removed + history.removed.len(), late + history.late.len());
        // The same from disk alone.
        drop(history.keeper);
        history.keeper = open(&history.place);
        history.look();
    }
    assert!(removed > 0 && late > 0);
}
