//! The two files of a hand-over, which lie in clear reach of whoever holds the phone: the ticket and the box of answers.
//!
//! Anything may lie there. What is not sealed to the session comes in as no answer, and nothing is lost without being named.

use std::sync::OnceLock;

use fieldfare_core::contract::{AutoLock, PackOption};
use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::vault::handover::{
    Expected, Given, Head, Progress, Step, TICKET_BYTES_MAX, Ticket, seal, take_out, ticket_digest,
};
use fieldfare_core::vault::{Identity, Secret};

use crate::Target;

/// Until when the answers of these seeds count.
const UNTIL_MS: i64 = 1_000_000;

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target {
            name: "ticket",
            bytes_max: TICKET_BYTES_MAX + 100,
            runs: 4_000,
            seeds: tickets,
            read: ticket,
        },
        Target { name: "answers", bytes_max: 4 * 1024, runs: 1_000, seeds: boxes, read: answers },
    ]
}

fn ticket(bytes: &[u8]) {
    if let Ok(ticket) = Ticket::read(bytes) {
        assert!(ticket.of() > 0 && bytes.len() <= TICKET_BYTES_MAX);
        assert_eq!(Ticket::read(&ticket.write().expect("a ticket that was read")), Ok(ticket));
    }
}

fn answers(bytes: &[u8]) {
    let known = known();
    if let Some(progress) = Progress::read(bytes, &known.ticket) {
        assert!(progress.at <= known.ticket.of() + 2 && progress.at <= progress.furthest);
    }
    let expected = Expected {
        session: &known.ticket.session,
        ticket: &ticket_digest(&known.bytes),
        questions: known.ticket.of(),
        answers: (1, 5),
        until_ms: UNTIL_MS,
    };
    let taken = take_out(bytes, bytes.len() as u64, &known.key, &expected);
    assert_eq!(taken.answers.len(), usize::from(known.ticket.of()));
    assert!(taken.answers.iter().flatten().all(|answer| (1..=5).contains(answer)));
    assert!(taken.any || taken.answers.iter().all(Option::is_none));
    let aside: usize = taken.aside.iter().map(|piece| piece.bytes.len()).sum();
    assert!(aside <= bytes.len(), "more is set aside than there was");
}

struct Known {
    key: Identity,
    ticket: Ticket,
    bytes: Vec<u8>,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let key = Identity::from_seed(&Secret::from_slice(&[3; 32]).expect("32 bytes")).expect("keys");
        let ticket = Ticket {
            session: [7; 16],
            pack_digest: "ab".repeat(32),
            seal_to: key.sealing_key(),
            until_ms: UNTIL_MS,
            introduction: String::new(),
            questions: (1..=7).map(|number| format!("invented statement {number}")).collect(),
            options: (1..=5).map(|answer| PackOption { answer, words: format!("option {answer}") }).collect(),
            notice: "none".to_owned(),
            auto_lock: AutoLock { background_s: 60, untouched_s: 180 },
        };
        let bytes = ticket.write().expect("a ticket");
        Known { key, ticket, bytes }
    })
}

fn tickets() -> Vec<Vec<u8>> {
    vec![known().bytes.clone(), b"FFTICK1\n".to_vec()]
}

fn boxes() -> Vec<Vec<u8>> {
    let known = known();
    let digest = ticket_digest(&known.bytes);
    let sealed = |number: u32, step: Step, next: u8| {
        let given = Given { step, at_ms: 17 };
        let head = Head { number, next };
        let sealed = seal(given, head, &known.ticket.seal_to, &digest, &SystemEntropy::default());
        sealed.expect("a step").to_vec()
    };
    let empty = [b"FFBOX 1\n".as_slice(), &known.ticket.session].concat();
    let mut whole = [empty.clone(), sealed(1, Step::Turned, 1)].concat();
    for question in 1..=7 {
        let step = Step::Answered { question, answer: question % 5 + 1 };
        whole.extend(sealed(u32::from(question) + 1, step, question + 1));
    }
    whole.extend(sealed(9, Step::Skipped { question: 7 }, 8));
    whole.extend(sealed(10, Step::Finished, 9));
    vec![empty, whole]
}
