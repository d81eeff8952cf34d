//! Two administrators, one writer and an endpoint, in every order that is possible: what compare-and-swap and the cut are for.
//!
//! A model and no code of ours: records and segments are numbers, and every call may be lost on its way there or back. All states
//! are visited, breadth first. Each protection can be taken out of the model, and then a property breaks.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

/// Proposals that one administrator makes, right and careless ones together.
const PROPOSALS_MAX: u8 = 2;
/// Segments that the writer writes.
const SEGMENTS_MAX: u8 = 2;
/// More states than a model of this size has; beyond it something is not bounded.
const STATES_MAX: usize = 5_000_000;

/// A handful of small numbers, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Set(u8);

impl Set {
    fn of(numbers: impl IntoIterator<Item = u8>) -> Self {
        numbers.into_iter().fold(Self::default(), Self::with)
    }

    const fn with(self, number: u8) -> Self {
        Self(self.0 | 1 << number)
    }

    const fn has(self, number: u8) -> bool {
        self.0 & 1 << number != 0
    }

    /// Without a number, if one is given.
    fn less(self, number: Option<u8>) -> Self {
        Self(number.map_or(self.0, |number| self.0 & !(1 << number)))
    }
}

const FIRST: u8 = 0;
const SECOND: u8 = 1;
const WRITER: u8 = 2;
const DEVICES: [u8; 3] = [FIRST, SECOND, WRITER];

/// What can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Without {
    Nothing,
    /// The endpoint takes a record also where another stands already.
    CompareAndSwap,
    /// A change of the key is taken whoever it is sealed to.
    CheckOfReaders,
    /// A cut may lie before what the endpoint has acknowledged.
    CheckOfTheCut,
    /// What comes beyond the cut counts all the same.
    Quarantine,
}

/// A change of the key: in whose place of the log, whom it removes and where it cuts the writer, to whom the key goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Record {
    number: u8,
    author: u8,
    removed: Option<u8>,
    cut: u8,
    readers: Set,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Device {
    log: Vec<Record>,
    pending: Option<Record>,
    proposals: u8,
    /// Segments of the writer that are here; of the writer's own, those that were written.
    segments: u8,
    /// Of the writer's own, those that were acknowledged as kept, and those that were handed over and laid aside.
    acked: u8,
    handed_over: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct World {
    devices: [Device; 3],
    log: Vec<Record>,
    /// Segments that count, and those that are kept apart.
    held: u8,
    late: Set,
}

/// Who reads, after a log.
fn members(log: &[Record]) -> Set {
    log.iter().fold(Set::of(DEVICES), |members, record| members.less(record.removed))
}

/// Where the writer ends, after a log.
fn cut(log: &[Record]) -> Option<u8> {
    log.iter().find(|record| record.removed == Some(WRITER)).map(|record| record.cut)
}

impl World {
    /// Every state that one step leads to.
    fn next(&self, without: Without) -> Vec<Self> {
        let mut next = Vec::new();
        for admin in [FIRST, SECOND] {
            next.extend(self.proposals(admin));
        }
        let writer = &self.devices[usize::from(WRITER)];
        if writer.segments < SEGMENTS_MAX {
            let mut written = self.clone();
            written.devices[usize::from(WRITER)].segments += 1;
            next.push(written);
        }
        for device in DEVICES {
            for answered in [true, false] {
                next.push(self.exchange(device, answered, without));
            }
        }
        next
    }

    /// What an administrator may write, a key for somebody who has left among it: whoever is careless or a liar.
    fn proposals(&self, admin: u8) -> Vec<Self> {
        let device = &self.devices[usize::from(admin)];
        let here = members(&device.log);
        if device.pending.is_some() || device.proposals >= PROPOSALS_MAX || !here.has(admin) {
            return Vec::new();
        }
        let mut proposals = Vec::new();
        let others = DEVICES.into_iter().filter(|other| *other != admin && here.has(*other));
        for removed in others.map(Some).chain([None]) {
            for readers in BTreeSet::from([here.less(removed), Set::of(DEVICES)]) {
                let number = device.log.len() as u8;
                let record = Record { number, author: admin, removed, cut: device.segments, readers };
                let mut proposed = self.clone();
                proposed.devices[usize::from(admin)].pending = Some(record);
                proposed.devices[usize::from(admin)].proposals += 1;
                proposals.push(proposed);
            }
        }
        proposals
    }

    /// A device's exchange with the endpoint; the answer may be lost.
    fn exchange(&self, device: u8, answered: bool, without: Without) -> Self {
        let mut after = self.clone();
        let mine = &self.devices[usize::from(device)];
        if let Some(record) = &mine.pending
            && after.takes(record, without)
        {
            after.log.push(record.clone());
            if let Some(end) =
                cut(&after.log).filter(|end| *end < after.held && without != Without::Quarantine)
            {
                after.late = (end + 1..=after.held).fold(after.late, Set::with);
                after.held = end;
            }
        }
        let (mut kept, mut apart) = (mine.acked, mine.handed_over);
        if device == WRITER {
            for seq in mine.acked + mine.handed_over + 1..=mine.segments {
                let ends = cut(&after.log).filter(|_| without != Without::Quarantine);
                if ends.is_none_or(|end| seq <= end) {
                    after.held = after.held.max(seq);
                    kept = seq;
                } else {
                    after.late = after.late.with(seq);
                    apart += 1;
                }
            }
        }
        if !answered {
            return after;
        }
        // Whoever has left is told so, and nothing that came after.
        let own_end = after.log.iter().position(|record| record.removed == Some(device));
        let shown = own_end.map_or(after.log.len(), |end| end + 1);
        let told = after.log[..shown].to_vec();
        let held = after.held;
        let mine = &mut after.devices[usize::from(device)];
        mine.log = told;
        // Kept or overtaken: either way the record is done with, and an overtaken one may be written again.
        mine.pending = None;
        if device == WRITER {
            (mine.acked, mine.handed_over) = (kept, apart);
        } else if own_end.is_none() {
            mine.segments = mine.segments.max(held);
        }
        after
    }

    /// Whether the endpoint takes a record.
    fn takes(&self, record: &Record, without: Without) -> bool {
        let swap = usize::from(record.number) == self.log.len() || without == Without::CompareAndSwap;
        let here = members(&self.log);
        // As it was where the record wants to stand: with compare-and-swap, that is now.
        let staying = members(&self.log[..usize::from(record.number)]).less(record.removed);
        let stands = here.has(record.author) && record.removed.is_none_or(|removed| here.has(removed));
        let readers = record.readers == staying || without == Without::CheckOfReaders;
        let cut =
            record.removed != Some(WRITER) || record.cut >= self.held || without == Without::CheckOfTheCut;
        swap && stands && readers && cut && !self.log.contains(record)
    }

    /// The first promise that this state breaks.
    fn broken(&self) -> Option<&'static str> {
        let follows = |(place, record): (usize, &Record)| usize::from(record.number) == place;
        let prefix = |device: &Device| self.log.starts_with(&device.log);
        if !self.log.iter().enumerate().all(follows) || !self.devices.iter().all(prefix) {
            return Some("one head");
        }
        let readers_are_members =
            |place: usize| self.log[place].readers.0 & !members(&self.log[..=place]).0 == 0;
        if !(0..self.log.len()).all(readers_are_members) {
            return Some("no removed member in a later epoch");
        }
        let writer = &self.devices[usize::from(WRITER)];
        if writer.acked > self.held {
            return Some("nothing acknowledged is lost");
        }
        let ends = cut(&self.log).unwrap_or(u8::MAX);
        let apart = writer.acked + 1..=writer.acked + writer.handed_over;
        if self.held > ends || !apart.into_iter().all(|seq| self.late.has(seq)) {
            return Some("what comes after the cut is kept apart");
        }
        None
    }
}

/// What visiting every state has shown.
struct Visited {
    states: usize,
    broken: Option<(&'static str, Vec<Rc<World>>)>,
    /// States in which something of a removed writer lies apart, and in which both administrators removed somebody.
    apart: usize,
    contended: usize,
}

/// Visits every state that can be reached, the nearest first, up to the first that breaks a promise.
fn visit(without: Without) -> Visited {
    let begin = Rc::new(World::default());
    let mut from: HashMap<Rc<World>, Option<Rc<World>>> = HashMap::from([(begin.clone(), None)]);
    let mut queue = VecDeque::from([begin]);
    let mut visited = Visited { states: 0, broken: None, apart: 0, contended: 0 };
    while let Some(world) = queue.pop_front() {
        visited.states += 1;
        assert!(visited.states < STATES_MAX, "the model is not bounded");
        if let Some(promise) = world.broken() {
            let mut way = vec![world];
            while let Some(before) = way.last().and_then(|last| from[last].clone()) {
                way.push(before);
            }
            way.reverse();
            visited.broken = Some((promise, way));
            return visited;
        }
        visited.apart += usize::from(world.late != Set::default());
        let authors: BTreeSet<u8> = world.log.iter().map(|record| record.author).collect();
        visited.contended += usize::from(authors.len() == 2);
        for next in world.next(without) {
            let next = Rc::new(next);
            if !from.contains_key(&next) {
                from.insert(next.clone(), Some(world.clone()));
                queue.push_back(next);
            }
        }
    }
    visited
}

fn broken(without: Without) -> &'static str {
    let (promise, way) = visit(without).broken.expect("a protection that nothing needs");
    assert!(way.len() > 1, "broken from the beginning");
    promise
}

#[test]
fn no_order_of_events_breaks_a_promise() {
    let visited = visit(Without::Nothing);
    if let Some((promise, way)) = visited.broken {
        panic!("{promise}: {way:#?}");
    }
    // It would say nothing if what it is about never happened.
    assert!(visited.states > 1_000 && visited.apart > 0 && visited.contended > 0);
}

#[test]
fn without_compare_and_swap_a_log_has_two_heads() {
    assert_eq!(broken(Without::CompareAndSwap), "one head");
}

#[test]
fn without_the_check_of_its_readers_a_key_goes_to_somebody_who_was_removed() {
    assert_eq!(broken(Without::CheckOfReaders), "no removed member in a later epoch");
}

#[test]
fn without_the_check_of_the_cut_something_acknowledged_is_lost() {
    assert_eq!(broken(Without::CheckOfTheCut), "nothing acknowledged is lost");
}

#[test]
fn without_quarantine_the_removed_writer_goes_on() {
    assert_eq!(broken(Without::Quarantine), "what comes after the cut is kept apart");
}
