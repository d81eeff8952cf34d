//! What is taken out of a box: the latest answer to each question, and everything that cannot be believed, apart.
//!
//! Pure but for the key. One bad piece never takes a good one with it, and nothing is thrown away without being named.

use std::collections::{BTreeMap, BTreeSet};

use fieldfare_protocol::hash::Hash;

use super::box_file::{BOX_BYTES_MAX, STEPS_MAX, steps_of};
use super::step::{Given, STEP_BYTES, Step, open};
use crate::vault::identity::Identity;

/// The key of a reason why answers are set aside.
pub type Reason = &'static str;

/// What a box has to be to count.
pub struct Expected<'e> {
    /// The name of the hand-over.
    pub session: &'e [u8; 16],
    /// Digest of its ticket.
    pub ticket: &'e Hash,
    /// How many questions were asked.
    pub questions: u8,
    /// Lowest and highest answer.
    pub answers: (u8, u8),
    /// Until when answers count.
    pub until_ms: i64,
}

/// Why answers are missing that had been given: their box is gone, or numbers in it are.
pub const MISSING: Reason = "answers.missing";

/// Bytes that cannot be believed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// The key of the reason.
    pub why: Reason,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What was in a box.
#[derive(Clone, PartialEq, Eq)]
pub struct Taken {
    /// One place a question; nothing for one that was skipped or never reached.
    pub answers: Vec<Option<u8>>,
    /// Whether any question was answered or skipped.
    pub any: bool,
    /// What is set aside, at most one piece for each reason.
    pub aside: Vec<SetAside>,
}

/// Takes everything out of a box of `length` bytes, of which `bytes` are the first.
#[must_use]
pub fn take_out(bytes: &[u8], length: u64, key: &Identity, expected: &Expected<'_>) -> Taken {
    let mut aside = Aside::default();
    let mut answers = vec![None; usize::from(expected.questions)];
    let mut any = false;
    let steps = steps_of(bytes, expected.session).unwrap_or_else(|| {
        aside.put("answers.other_session", bytes);
        &[]
    });
    let (whole, torn) = steps.as_chunks::<STEP_BYTES>();
    if length > u64::try_from(BOX_BYTES_MAX).unwrap_or(u64::MAX) {
        aside.put("answers.oversized", torn);
    } else if !torn.is_empty() {
        aside.put("answers.truncated", torn);
    }
    let believed = believed(whole, key, expected, &mut aside);
    for Given { step, .. } in believed.into_values() {
        let place = |question: u8| usize::from(question).wrapping_sub(1);
        match step {
            Step::Answered { question, answer } => {
                if let Some(to) = answers.get_mut(place(question)) {
                    (*to, any) = (Some(answer), true);
                }
            }
            Step::Skipped { question } => {
                if let Some(to) = answers.get_mut(place(question)) {
                    (*to, any) = (None, true);
                }
            }
            Step::Turned | Step::Finished => {}
        }
    }
    Taken { answers, any, aside: aside.pieces() }
}

/// The steps that count, in the order of their numbers.
fn believed(
    sealed: &[[u8; STEP_BYTES]],
    key: &Identity,
    expected: &Expected<'_>,
    aside: &mut Aside,
) -> BTreeMap<u32, Given> {
    let mut steps = BTreeMap::new();
    let (mut opened, mut damaged) = (Vec::new(), 0_usize);
    for one in sealed {
        match open(one, key, expected.ticket) {
            Some((head, given)) => opened.push((head, given)),
            None => {
                damaged = damaged.saturating_add(1);
                aside.put("answers.damaged", one);
            }
        }
    }
    let numbers: BTreeSet<u32> = opened.iter().map(|(head, _)| head.number).collect();
    let finishes = opened.iter().filter(|(_, given)| given.step == Step::Finished);
    let end = finishes.map(|(head, _)| head.number).min().unwrap_or(u32::MAX);
    for (head, given) in opened {
        let why = match given.step {
            _ if head.number == 0 || head.number > STEPS_MAX => Some("answers.out_of_order"),
            _ if head.number > end => Some("answers.after_the_end"),
            _ if given.at_ms > expected.until_ms => Some("answers.expired"),
            Step::Answered { question, answer } if !expected.asks(question) || !expected.offers(answer) => {
                Some("answers.not_offered")
            }
            Step::Skipped { question } if !expected.asks(question) => Some("answers.not_offered"),
            _ if steps.contains_key(&head.number) => Some("answers.replayed"),
            _ => None,
        };
        match why {
            // As it was read: once the key is destroyed, nobody could read it any more.
            Some(why) => aside.put(why, &given.opened(head)),
            None => drop(steps.insert(head.number, given)),
        }
    }
    // A phone gives numbers without a gap. Each piece that does not open was one of those that are not there.
    let last = steps.last_key_value().map_or(0, |(number, _)| *number);
    let gone: Vec<u32> = (1..=last).filter(|number| !numbers.contains(number)).collect();
    if gone.len() > damaged {
        let gone: Vec<u8> = gone.into_iter().flat_map(u32::to_be_bytes).collect();
        aside.put(MISSING, &[expected.session.as_slice(), &gone].concat());
    }
    steps
}

impl Expected<'_> {
    fn asks(&self, question: u8) -> bool {
        (1..=self.questions).contains(&question)
    }

    const fn offers(&self, answer: u8) -> bool {
        let (least, most) = self.answers;
        least <= answer && answer <= most
    }
}

/// Pieces that belong to one reason are kept together: a hostile box fills no more than a few places.
#[derive(Default)]
struct Aside(BTreeMap<Reason, Vec<u8>>);

impl Aside {
    fn put(&mut self, why: Reason, bytes: &[u8]) {
        self.0.entry(why).or_default().extend_from_slice(bytes);
    }

    fn pieces(self) -> Vec<SetAside> {
        self.0.into_iter().map(|(why, bytes)| SetAside { why, bytes }).collect()
    }
}
