//! A forgotten PIN: asking for help without one, and taking an answer, which puts another PIN in its place.
//!
//! Asking counts like a failed try, and is never the last one, so that nobody erases a phone by asking. An answer is taken
//! once, within 15 minutes by this phone's own clock, on this phone alone.

use std::path::{Path, PathBuf};

use super::{OpenedBy, Unlock, UnlockProblem, admit, count, file, take_turn};
use crate::ports::{Clock, Entropy};
use crate::vault::durable;
use crate::vault::envelope::EnvelopeProblem;
use crate::vault::hardware::Hardware;
use crate::vault::help::{Asked, HelpAnswer, HelpRefusal, HelpRequest};
use crate::vault::identity::Identity;
use crate::vault::pin::Pin;
use crate::vault::secret::Secret;
use crate::vault::tries::Tries;

/// Name of the question's file in a home.
pub(super) const ASKED_FILE: &str = "asked";
/// Longest such file, several times over.
const BYTES_MAX: usize = 1024;
/// How long an answer is taken, in milliseconds.
const ANSWER_MS_MAX: i64 = 15 * 60 * 1_000;
const MAC_LABEL: &str = "forgotten/v1";

/// Asks for help. A question that was asked before is no longer one.
///
/// # Errors
/// [`UnlockProblem::NoHelp`] if nobody can, [`UnlockProblem::Help`] if it was asked too often, and whatever a try is refused
/// with.
pub fn ask(
    home: &Path,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    hardware: Hardware<'_>,
) -> Result<HelpRequest, UnlockProblem> {
    let (_turn, envelope) = take_turn(home, hardware)?;
    let before = admit(home, &envelope, clock, hardware)?;
    let (helped, helpers) = envelope.helpers(hardware)?.ok_or(UnlockProblem::NoHelp)?;
    let now_ms = clock.now_ms();
    let counted = before.and_one(now_ms);
    if counted.failures >= u32::from(envelope.rules().tries_max()) {
        return Err(HelpRefusal::AskedTooOften.into());
    }
    count(home, &envelope, before, counted, hardware)?;
    let seed = Secret::random(entropy)?;
    let identity = Identity::from_seed(&seed).map_err(|_| UnlockProblem::Damaged)?;
    let mut nonce = [0; 16];
    entropy.fill(&mut nonce)?;
    let asked =
        Asked::seal(nonce, now_ms, &seed, &asked_key(&nonce, hardware)?).ok_or(UnlockProblem::Damaged)?;
    durable::replace(hardware.disk, &path(home), &asked.to_bytes().ok_or(UnlockProblem::Damaged)?)?;
    Ok(HelpRequest::new(helped, nonce, identity.sealing_key(), helpers))
}

/// Takes an answer, and seals the same root key under a new PIN, in one step: either the old PIN opens or the new one does.
/// The secret is spent; helpers get another one as soon as the store is open.
///
/// # Errors
/// [`UnlockProblem::Help`] says why it is not taken; nothing was changed then.
pub fn take_help<'a>(
    home: &Path,
    answer: &HelpAnswer,
    pin: &Pin,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    hardware: Hardware<'a>,
) -> Result<Unlock<'a>, UnlockProblem> {
    let (turn, envelope) = take_turn(home, hardware)?;
    let before = match admit(home, &envelope, clock, hardware) {
        // Nothing is guessed with an answer: whoever has one need not wait.
        Err(UnlockProblem::Wait { .. }) => Tries { failures: hardware.key.failures()?, ..envelope.tries() },
        admitted => admitted?,
    };
    let bytes = durable::read(&path(home), BYTES_MAX)?.ok_or(HelpRefusal::NotAsked)?;
    let asked = Asked::parse(&bytes).ok_or(HelpRefusal::NotAsked)?;
    let passed_ms = clock.now_ms().saturating_sub(asked.asked_ms);
    if !(0..=ANSWER_MS_MAX).contains(&passed_ms) {
        return Err(HelpRefusal::TooOld.into());
    }
    let identity = asked.open(&asked_key(&asked.nonce, hardware)?).ok_or(HelpRefusal::NotAsked)?;
    let (helped, helpers) = envelope.helpers(hardware)?.ok_or(UnlockProblem::NoHelp)?;
    let secret = answer.open(&helped, &asked.nonce, &identity, helpers)?;
    let root = envelope.open_with_help(&secret, hardware).map_err(|problem| match problem {
        EnvelopeProblem::NotOpened => HelpRefusal::OtherQuestion.into(),
        trouble => UnlockProblem::from(trouble),
    })?;
    let next = envelope.with_pin(&root, pin, envelope.rules(), entropy, hardware)?.without_help();
    file::write(hardware.disk, home, &next)?;
    // What is left of the question opens nothing any more.
    let _ = durable::destroy(hardware.disk, &path(home));
    let unlock = Unlock {
        home: home.to_owned(),
        hardware,
        envelope: next,
        root,
        before,
        opened_by: OpenedBy::Help,
        _turn: turn,
    };
    let _ = unlock.keep_generation();
    Ok(unlock)
}

fn path(home: &Path) -> PathBuf {
    home.join(ASKED_FILE)
}

fn asked_key(nonce: &[u8; 16], hardware: Hardware<'_>) -> Result<Secret<32>, UnlockProblem> {
    Ok(crate::vault::envelope::hardware_answer(hardware, MAC_LABEL, nonce)?)
}
