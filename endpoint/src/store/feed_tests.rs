//! A device reads everything it may, once, in order, wherever pages end and whatever arrives in between.

use std::collections::BTreeMap;

use fieldfare_protocol::exchange::{Cursor, Cursors, Item};
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

/// Something that arrived: its vault, a segment's author and lane, and its bytes.
type Arrived = (usize, Option<(usize, Lane)>, Vec<u8>);

/// A database, and beside it a list of what happened, which is all that the expected answers are computed from.
struct World {
    connection: Connection,
    author: Phone,
    logs: Vec<Log>,
    members: BTreeMap<(usize, usize), u64>,
    /// In order of arrival.
    arrived: Vec<Arrived>,
    next_seq: BTreeMap<(usize, usize, Lane), u64>,
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
        open::create(&mut connection, &crate::surroundings::Machine).unwrap();
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
        let write = Write(self.connection.transaction().unwrap(), 1);
        write.keep_record(&signed, &devices).unwrap();
        write.0.commit().unwrap();
        self.arrived.push((place, None, signed.bytes().to_vec()));
        for who in fresh {
            self.members.insert((place, who), self.arrived.len() as u64);
        }
    }

    fn write(&mut self, place: usize, who: usize, dice: &mut Dice) {
        let lane = [Lane::Urgent, Lane::Progress, Lane::Notes][dice.below(3)];
        let seq = self.next_seq.entry((place, who, lane)).or_insert(1);
        let length = dice.below(60);
        let bytes = [dice.roll().to_be_bytes().to_vec(), dice.bytes(length)].concat();
        let write = Write(self.connection.transaction().unwrap(), 1);
        let segment = KeptSegment {
            chain: Chain { vault: vault(place), device: device(who), lane },
            first_seq: *seq,
            head: Head { seq: *seq, hash: Hash::NOTHING },
            previous: Hash::NOTHING,
            received_at_ms: 0,
            bytes: &bytes,
        };
        write.keep_segment(&segment).unwrap();
        write.0.commit().unwrap();
        *seq += 1;
        self.arrived.push((place, Some((who, lane)), bytes));
    }

    fn page(&self, reader: usize, after: Cursors, bytes_target: usize) -> Page {
        Read(&self.connection).page(device(reader), after, bytes_target).unwrap()
    }

    /// Everything a reader may read of one feed, in order of position.
    fn expected(&self, reader: usize, urgent: bool) -> Vec<(Cursor, Item)> {
        let mut all = Vec::new();
        for (index, (place, author, bytes)) in self.arrived.iter().enumerate() {
            let arrival = index as u64 + 1;
            let Some(admitted) = self.members.get(&(*place, reader)) else { continue };
            let item = match author {
                _ if urgent != author.is_none_or(|(_, lane)| lane == Lane::Urgent) => continue,
                None => Item::Membership(bytes.clone().into()),
                Some((author, _)) if *author == reader => continue,
                Some((author, _)) => Item::Segment {
                    vault: vault(*place),
                    device: device(*author),
                    held_at_ms: 0,
                    bytes: bytes.clone().into(),
                },
            };
            all.push((Cursor { since: arrival.max(*admitted), arrival }, item));
        }
        all.sort_by_key(|(cursor, _)| *cursor);
        all
    }
}

/// What of one feed stands behind a cursor and still fits, and whether anything is left.
fn fitting(expected: &[(Cursor, Item)], cursor: &mut Cursor, room: &mut usize) -> (Vec<Item>, bool) {
    let mut items = Vec::new();
    for (position, item) in
        expected.iter().filter(|(position, _)| *position > { *cursor }).cloned().collect::<Vec<_>>()
    {
        if *room == 0 {
            return (items, true);
        }
        *room = room.saturating_sub(cost_bytes(&item));
        *cursor = position;
        items.push(item);
    }
    (items, false)
}

#[test]
fn every_page_is_exactly_what_stands_behind_its_cursors_with_the_urgent_alone() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut world = World::new();
        for _ in 0..80 {
            world.happen(&mut dice);
        }
        for reader in 0..DEVICES {
            let (first, rest) = (world.expected(reader, true), world.expected(reader, false));
            let places = |expected: &[(Cursor, Item)], dice: &mut Dice| -> Vec<Cursor> {
                let strangers =
                    (0..20).map(|_| Cursor { since: dice.roll() % 90, arrival: dice.roll() % 90 });
                let ends = [
                    Cursor::default(),
                    Cursor { since: u64::MAX, arrival: 0 },
                    Cursor { since: 3, arrival: u64::MAX },
                ];
                expected.iter().map(|(cursor, _)| *cursor).chain(strangers).chain(ends).collect()
            };
            let (firsts, rests) = (places(&first, &mut dice), places(&rest, &mut dice));
            for _ in 0..60 {
                let after =
                    Cursors { first: firsts[dice.below(firsts.len())], rest: rests[dice.below(rests.len())] };
                let bytes_target = dice.below(900);
                let (mut cursors, mut room) = (after, bytes_target);
                let (mut items, mut more) = fitting(&first, &mut cursors.first, &mut room);
                if items.iter().any(|item| matches!(item, Item::Segment { .. })) {
                    room = 0;
                }
                if !more {
                    let (others, still_more) = fitting(&rest, &mut cursors.rest, &mut room);
                    items.extend(others);
                    more = still_more;
                }
                let page = world.page(reader, after, bytes_target);
                assert_eq!(page, Page { items, cursors, more }, "seed {seed}");
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
        let mut cursors = [Cursors::default(); DEVICES];
        for _ in 0..150 {
            world.happen(&mut dice);
            let reader = dice.below(DEVICES);
            let page = world.page(reader, cursors[reader], 1 + dice.below(400));
            assert!(page.cursors.first >= cursors[reader].first, "seed {seed}");
            assert!(page.cursors.rest >= cursors[reader].rest, "seed {seed}");
            cursors[reader] = page.cursors;
            read[reader].extend(page.items);
        }
        for reader in 0..DEVICES {
            loop {
                let page = world.page(reader, cursors[reader], 1 + dice.below(400));
                cursors[reader] = page.cursors;
                read[reader].extend(page.items);
                if !page.more {
                    break;
                }
            }
            for urgent in [true, false] {
                let expected: Vec<Item> =
                    world.expected(reader, urgent).into_iter().map(|(_, item)| item).collect();
                let of_this_feed: Vec<Item> =
                    read[reader].iter().filter(|item| expected.contains(item)).cloned().collect();
                assert_eq!(of_this_feed, expected, "seed {seed}");
            }
            let both = world.expected(reader, true).len() + world.expected(reader, false).len();
            assert_eq!(read[reader].len(), both, "seed {seed}");
        }
    }
}

#[test]
fn a_page_without_room_says_only_that_there_is_more() {
    let mut world = World::new();
    world.admit(0, &[0]);
    let page = world.page(0, Cursors::default(), 0);
    assert_eq!(page, Page { items: Vec::new(), cursors: Cursors::default(), more: true });
    assert_eq!(world.page(0, Cursors::default(), 1).items.len(), 1);
}

#[test]
fn the_index_is_entered_at_the_cursor() {
    let world = World::new();
    for (feed, indices) in [
        (super::FIRST, &["membership_by_arrival", "urgent_by_arrival"][..]),
        (super::REST, &["rest_by_arrival"][..]),
    ] {
        let mut plan = world.connection.prepare(&format!("EXPLAIN QUERY PLAN {feed}")).unwrap();
        let some =
            rusqlite::named_params! { ":device": [0_u8; 16], ":since": 1, ":arrival": 1, ":at_most": 1 };
        let steps: Vec<String> =
            plan.query_map(some, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let plan = steps.join("\n");
        for index in indices {
            let entered = format!("COVERING INDEX {index} (vault=? AND arrival>?)");
            assert!(plan.contains(&entered), "{plan}");
        }
    }
}
