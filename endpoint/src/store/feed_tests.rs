//! A device reads everything it may, once, in order, wherever pages end and whatever arrives in between.

use std::collections::BTreeMap;

use fieldfare_protocol::exchange::{Cursor, Item};
use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::Role;
use fieldfare_protocol::segment::{Chain, Head};
use rusqlite::Connection;

use super::super::{KeptSegment, Read, Write, open};
use super::{Page, cost_bytes};
use crate::people::{Dice, Log, Phone, admitting};

const DEVICES: usize = 4;
const VAULTS: usize = 5;

/// A database, and beside it a list of what happened, which is all that the expected answers are computed from.
struct World {
    connection: Connection,
    author: Phone,
    logs: Vec<Log>,
    members: BTreeMap<(usize, usize), u64>,
    /// In order of arrival: vault, author of a segment, bytes.
    arrived: Vec<(usize, Option<usize>, Vec<u8>)>,
    next_seq: BTreeMap<(usize, usize), u64>,
}

fn device(number: usize) -> DeviceId {
    DeviceId([number as u8 + 1; 16])
}

fn vault(number: usize) -> VaultId {
    VaultId([number as u8 + 101; 16])
}

impl World {
    fn new() -> Self {
        let mut connection = Connection::open_in_memory().unwrap();
        open::create(&mut connection).unwrap();
        Self {
            connection,
            author: Phone::new(200, Role::Administrator),
            logs: (0..VAULTS).map(|number| Log::new(vault(number))).collect(),
            members: BTreeMap::new(),
            arrived: Vec::new(),
            next_seq: BTreeMap::new(),
        }
    }

    fn happen(&mut self, dice: &mut Dice) {
        let place = dice.below(VAULTS);
        let who = dice.below(DEVICES);
        match dice.below(10) {
            0 => self.admit(place, &[who, dice.below(DEVICES)]),
            1 => self.admit(place, &[]),
            _ => self.write(place, who, dice),
        }
    }

    fn admit(&mut self, place: usize, who: &[usize]) {
        let mut fresh: Vec<usize> =
            who.iter().copied().filter(|who| !self.members.contains_key(&(place, *who))).collect();
        fresh.dedup();
        let devices: Vec<DeviceId> = fresh.iter().copied().map(device).collect();
        let signed = self.logs[place].next(&self.author, admitting(&devices));
        let write = Write(self.connection.transaction().unwrap());
        write.keep_record(&signed, &devices).unwrap();
        write.0.commit().unwrap();
        self.arrived.push((place, None, signed.bytes().to_vec()));
        for who in fresh {
            self.members.insert((place, who), self.arrived.len() as u64);
        }
    }

    fn write(&mut self, place: usize, who: usize, dice: &mut Dice) {
        let seq = self.next_seq.entry((place, who)).or_insert(1);
        let length = dice.below(60);
        let bytes = [dice.roll().to_be_bytes().to_vec(), dice.bytes(length)].concat();
        let write = Write(self.connection.transaction().unwrap());
        let segment = KeptSegment {
            chain: Chain { vault: vault(place), device: device(who), lane: Lane::Notes },
            first_seq: *seq,
            head: Head { seq: *seq, hash: Hash::NOTHING },
            previous: Hash::NOTHING,
            received_at_ms: 0,
            bytes: &bytes,
        };
        write.keep_segment(&segment).unwrap();
        write.0.commit().unwrap();
        *seq += 1;
        self.arrived.push((place, Some(who), bytes));
    }

    fn page(&self, reader: usize, after: Cursor, bytes_target: usize) -> Page {
        Read(&self.connection).page(device(reader), after, bytes_target).unwrap()
    }

    /// Everything a reader may read, in order of position.
    fn expected(&self, reader: usize) -> Vec<(Cursor, Item)> {
        let mut all = Vec::new();
        for (index, (place, author, bytes)) in self.arrived.iter().enumerate() {
            let arrival = index as u64 + 1;
            let Some(admitted) = self.members.get(&(*place, reader)) else { continue };
            let item = match author {
                None => Item::Membership(bytes.clone().into()),
                Some(author) if *author == reader => continue,
                Some(author) => Item::Segment {
                    vault: vault(*place),
                    device: device(*author),
                    bytes: bytes.clone().into(),
                },
            };
            all.push((Cursor { since: arrival.max(*admitted), arrival }, item));
        }
        all.sort_by_key(|(cursor, _)| *cursor);
        all
    }
}

#[test]
fn every_page_is_exactly_what_stands_behind_its_cursor() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut world = World::new();
        for _ in 0..80 {
            world.happen(&mut dice);
        }
        for reader in 0..DEVICES {
            let expected = world.expected(reader);
            let boundaries = expected.iter().map(|(cursor, _)| *cursor);
            let strangers: Vec<Cursor> = (0..20)
                .map(|_| Cursor { since: dice.roll() % 90, arrival: dice.roll() % 90 })
                .chain([Cursor { since: u64::MAX, arrival: 0 }, Cursor { since: 3, arrival: u64::MAX }])
                .collect();
            for after in boundaries.chain([Cursor::default()]).chain(strangers) {
                let bytes_target = dice.below(600);
                let page = world.page(reader, after, bytes_target);
                let behind: Vec<_> = expected.iter().filter(|(cursor, _)| *cursor > after).collect();
                let mut taken = 0;
                let mut used = 0;
                while taken < behind.len() && used < bytes_target {
                    used += cost_bytes(&behind[taken].1);
                    taken += 1;
                }
                let items: Vec<_> = behind[..taken].iter().map(|(_, item)| item.clone()).collect();
                let cursor = behind[..taken].last().map_or(after, |(cursor, _)| *cursor);
                assert_eq!(page, Page { items, cursor, more: taken < behind.len() }, "seed {seed}");
            }
        }
    }
}

#[test]
fn a_reader_misses_and_repeats_nothing_while_others_write_and_admit() {
    for seed in 1_000..1_100 {
        let mut dice = Dice(seed);
        let mut world = World::new();
        let mut read: Vec<Vec<Item>> = vec![Vec::new(); DEVICES];
        let mut cursors = [Cursor::default(); DEVICES];
        for _ in 0..150 {
            world.happen(&mut dice);
            let reader = dice.below(DEVICES);
            let page = world.page(reader, cursors[reader], 1 + dice.below(400));
            assert!(page.cursor >= cursors[reader], "seed {seed}");
            cursors[reader] = page.cursor;
            read[reader].extend(page.items);
        }
        for reader in 0..DEVICES {
            loop {
                let page = world.page(reader, cursors[reader], 1 + dice.below(400));
                cursors[reader] = page.cursor;
                read[reader].extend(page.items);
                if !page.more {
                    break;
                }
            }
            let expected: Vec<Item> = world.expected(reader).into_iter().map(|(_, item)| item).collect();
            assert_eq!(read[reader], expected, "seed {seed}");
        }
    }
}

#[test]
fn a_page_without_room_says_only_that_there_is_more() {
    let mut world = World::new();
    world.admit(0, &[0]);
    let page = world.page(0, Cursor::default(), 0);
    assert_eq!(page, Page { items: Vec::new(), cursor: Cursor::default(), more: true });
    assert_eq!(world.page(0, Cursor::default(), 1).items.len(), 1);
}

#[test]
fn the_index_is_entered_at_the_cursor() {
    let world = World::new();
    let sql = format!("EXPLAIN QUERY PLAN {}", super::POSITIONS);
    let mut plan = world.connection.prepare(&sql).unwrap();
    let some = rusqlite::named_params! { ":device": [0_u8; 16], ":since": 1, ":arrival": 1, ":at_most": 1 };
    let steps: Vec<String> = plan.query_map(some, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    let plan = steps.join("\n");
    for index in
        ["membership_by_arrival (vault=? AND arrival>?)", "segment_by_arrival (vault=? AND arrival>?)"]
    {
        assert!(plan.contains(&format!("COVERING INDEX {index}")), "{plan}");
    }
}
