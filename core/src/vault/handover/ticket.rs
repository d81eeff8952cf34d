//! The ticket of a hand-over: what is asked, until when, and the public key that answers are sealed to.
//!
//! It lies in clear beside the closed store, so it says nothing about anybody: no name, no case, no score, no identifier of a
//! record. Whether the questions are a scale is not known here.

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::signing::SealingKey;
use serde::{Deserialize, Serialize};

use crate::contract::{AutoLock, PackOption};

/// Name of the ticket's file in a home.
pub const TICKET_FILE: &str = "handover";

/// Longest ticket, in bytes: the largest pack that is accepted, several times over.
pub const TICKET_BYTES_MAX: usize = 64 * 1024;

/// Most questions of a hand-over.
const QUESTIONS_MAX: usize = 60;

/// Most answers to choose from.
const OPTIONS_MAX: usize = 30;

/// Longest text of a ticket, in characters.
pub const WORDS_CHARS_MAX: usize = 2_000;

/// First bytes of a ticket of this version.
const MAGIC: &[u8; 8] = b"FFTICK1\n";

/// What is asked of whoever holds the phone, and how their answers are locked away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Random name of this hand-over, used for nothing else.
    pub session: [u8; 16],
    /// Digest of the scale pack whose wording is shown, as hexadecimal; empty for open wording.
    pub pack_digest: String,
    /// The public half that answers are sealed to.
    pub seal_to: SealingKey,
    /// Until when answers are taken, in milliseconds since 1970 by the phone's own clock.
    pub until_ms: i64,
    /// What is said before the questions; may be empty.
    pub introduction: String,
    /// The questions, in order.
    pub questions: Vec<String>,
    /// The answers to choose from.
    pub options: Vec<PackOption>,
    /// The owners' notice.
    pub notice: String,
    /// When the shell covers the questions by itself.
    pub auto_lock: AutoLock,
}

/// The bytes are no ticket of this version, or the ticket breaks a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no ticket of a hand-over")]
pub struct TicketRefusal;

impl Ticket {
    /// As it lies in a home.
    ///
    /// # Errors
    /// [`TicketRefusal`] for one that [`Ticket::read`] would not take.
    pub fn write(&self) -> Result<Vec<u8>, TicketRefusal> {
        let body = postcard::to_stdvec(self).map_err(|_| TicketRefusal)?;
        let bytes = [MAGIC.as_slice(), &body].concat();
        Self::read(&bytes).map(|_| bytes)
    }

    /// Reads a ticket. Whether it is the one that was written, only its digest can tell.
    ///
    /// # Errors
    /// [`TicketRefusal`].
    pub fn read(bytes: &[u8]) -> Result<Self, TicketRefusal> {
        if bytes.len() > TICKET_BYTES_MAX {
            return Err(TicketRefusal);
        }
        let body = bytes.strip_prefix(MAGIC).ok_or(TicketRefusal)?;
        let (ticket, rest) = postcard::take_from_bytes::<Self>(body).map_err(|_| TicketRefusal)?;
        let fits = rest.is_empty()
            && (1..=QUESTIONS_MAX).contains(&ticket.questions.len())
            && (1..=OPTIONS_MAX).contains(&ticket.options.len())
            && ticket.texts().all(|text| text.chars().count() <= WORDS_CHARS_MAX);
        if fits { Ok(ticket) } else { Err(TicketRefusal) }
    }

    /// How many questions are asked.
    #[must_use]
    pub fn of(&self) -> u8 {
        u8::try_from(self.questions.len()).unwrap_or(u8::MAX)
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let options = self.options.iter().map(|option| option.words.as_str());
        let questions = self.questions.iter().map(String::as_str);
        questions.chain(options).chain([
            self.introduction.as_str(),
            self.notice.as_str(),
            self.pack_digest.as_str(),
        ])
    }
}

/// What every answer is bound to: a ticket with one changed letter is another one.
pub(super) fn digest_of(bytes: &[u8]) -> Hash {
    Hash::of(&[b"fieldfare/handover-ticket/1", bytes])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn ticket() -> Ticket {
        Ticket {
            session: [7; 16],
            pack_digest: "ab".repeat(32),
            seal_to: SealingKey([9; 32]),
            until_ms: 1_000_000,
            introduction: "Made-up beginning".into(),
            questions: (1..=3).map(|number| format!("Made-up sentence {number}")).collect(),
            options: (1..=5).map(|answer| PackOption { answer, words: format!("words {answer}") }).collect(),
            notice: "© Made-up owner".into(),
            auto_lock: AutoLock { background_s: 60, untouched_s: 180 },
        }
    }

    #[test]
    fn a_ticket_is_read_as_it_was_written() {
        assert_eq!(Ticket::read(&ticket().write().unwrap()), Ok(ticket()));
    }

    #[test]
    fn what_is_cut_short_lengthened_or_over_a_limit_is_no_ticket() {
        let bytes = ticket().write().unwrap();
        for length in 0..bytes.len() {
            assert_eq!(Ticket::read(&bytes[..length]), Err(TicketRefusal), "{length}");
        }
        assert_eq!(Ticket::read(&[bytes.as_slice(), &[0]].concat()), Err(TicketRefusal));
        let none = Ticket { questions: Vec::new(), ..ticket() };
        let many = Ticket { questions: vec![String::new(); QUESTIONS_MAX + 1], ..ticket() };
        let long = Ticket { notice: "x".repeat(WORDS_CHARS_MAX + 1), ..ticket() };
        for refused in [none, many, long] {
            assert_eq!(refused.write(), Err(TicketRefusal));
        }
    }
}
