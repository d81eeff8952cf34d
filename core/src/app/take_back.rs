//! Taking the phone back: what was answered comes into the store once, whatever happens in between.
//!
//! Runs at the mentor's unlock, before anything else. How answers are sealed is the vault's, what a check-in is the commands'.
//!
//! One transaction holds the check-in, what is set aside, the audit lines and the end of the session's key. The files go after
//! it; while they may still be there, the store remembers which box it has taken.

use fieldfare_protocol::hash::Hash;

use super::Fieldfare;
use super::handover::of_file;
use super::refusal::fault;
use crate::commands::{Work, WorkDone, carry_out_lent};
use crate::contract::{Command, Problem, RecordId};
use crate::domain::day;
use crate::domain::measure::scale::scale;
use crate::store::{HandoverSession, HandoverState};
use crate::vault::Identity;
use crate::vault::handover::{self, Expected, SetAside, Taken};

impl Fieldfare {
    /// Takes in what a hand-over has left, and clears it away.
    pub(super) fn take_phone_back(&self) -> Result<(), Problem> {
        let state = self.store.read(|read| read.handover())?;
        let boxed = handover::boxed(self.folder()).map_err(|error| of_file(&error))?;
        if state.is_none() && boxed.is_none() && !handover::is_standing(self.folder()) {
            return Ok(());
        }
        let (bytes, length) = boxed.unwrap_or_default();
        match state {
            Some(HandoverState::Standing(session)) => self.take_in(&session, &bytes, length)?,
            // The crash came between taking in and clearing away.
            Some(HandoverState::Taken(digest)) if digest == digest_of(&bytes) => {}
            // So it did here, between blanking the box and removing it.
            Some(HandoverState::Taken(_)) | None if handover::is_blank(&bytes) => {}
            Some(HandoverState::Taken(_)) | None => {
                self.set_aside_whole("answers.unknown_session", &bytes)?
            }
        }
        handover::destroy(self.ports.disk.as_ref(), self.folder()).map_err(|error| of_file(&error))?;
        self.store.write(|write| Ok(write.end_handover(None)?))
    }

    /// Takes the answers of the session that stands into the store.
    fn take_in(&self, session: &HandoverSession, bytes: &[u8], length: u64) -> Result<(), Problem> {
        let key = self.store.read(|read| read.handover_key())?;
        let key = Identity::from_seed(&key).map_err(|_| fault("handover"))?;
        let scale = scale(&session.scale).ok_or_else(|| fault("handover"))?;
        let expected = Expected {
            session: &session.session,
            ticket: &session.ticket,
            questions: session.questions,
            answers: (scale.least, scale.most),
            until_ms: session.until_ms,
        };
        let taken = if bytes.is_empty() {
            // It lay there before anybody was asked: somebody took it away, and what was answered with it.
            let gone = SetAside { why: handover::MISSING, bytes: session.session.to_vec() };
            Taken { answers: Vec::new(), any: false, aside: vec![gone] }
        } else {
            handover::take_out(bytes, length, &key, &expected)
        };
        let digest = digest_of(bytes);
        let check_in = taken.any.then(|| Command::RecordCheckIn {
            case: session.case,
            scale: session.scale.clone(),
            answers: taken.answers.clone(),
            company: session.company.clone(),
            manner: session.manner,
            taken_on: Some(day::text_of(session.taken_on)),
        });
        match self.record(check_in, &taken.aside, digest) {
            // The disk may serve later; until then everything stays as it is.
            Err(problem @ (Problem::DiskFull | Problem::FileTrouble | Problem::StoreBusy)) => Err(problem),
            // A mentor is never locked out by answers that the rules refuse: they are kept for a person to look at.
            Err(_) => {
                let mut aside = taken.aside;
                // First, where room for all of it might be missing.
                aside.insert(0, SetAside { why: "answers.refused", bytes: readable(&taken.answers) });
                self.record(None, &aside, digest)
            }
            Ok(()) => Ok(()),
        }
    }

    fn record(&self, check_in: Option<Command>, aside: &[SetAside], box_digest: Hash) -> Result<(), Problem> {
        let case = match &check_in {
            Some(Command::RecordCheckIn { case, .. }) => Some(RecordId::from(*case)),
            _ => None,
        };
        self.work(|work| {
            if let Some(check_in) = check_in {
                carry_out_lent(work, check_in)?;
            }
            set_aside(work, aside)?;
            work.write.end_handover(Some(box_digest))?;
            work.write.note_in_audit(work.now_ms, "take_back", case)?;
            Ok(WorkDone { did: "take_back", made: None, import: None, revision: None })
        })
        .map(drop)
    }

    /// Sets a whole box aside that belongs to nothing that stands.
    fn set_aside_whole(&self, why: &'static str, bytes: &[u8]) -> Result<(), Problem> {
        let aside = if bytes.is_empty() { Vec::new() } else { vec![SetAside { why, bytes: bytes.to_vec() }] };
        self.record(None, &aside, digest_of(bytes))
    }
}

/// Sets pieces aside, with a line of the audit for each.
fn set_aside(work: &Work<'_>, aside: &[SetAside]) -> Result<(), Problem> {
    for SetAside { why, bytes } in aside {
        work.write.set_aside(work.me.organisation, work.me.device, why, work.now_ms, bytes)?;
        work.write.note_in_audit(work.now_ms, why, None)?;
    }
    Ok(())
}

/// Answers for a person to look at: one byte a question, 255 for a skipped one.
fn readable(answers: &[Option<u8>]) -> Vec<u8> {
    answers.iter().map(|answer| answer.unwrap_or(u8::MAX)).collect()
}

fn digest_of(bytes: &[u8]) -> Hash {
    Hash::of(&[b"fieldfare/handover-box/1", bytes])
}
