//! A forgotten PIN: asking for help without one, and taking an answer, which puts another PIN in its place.
//!
//! Asking tests nothing, so it counts as no try and waits for none: it has a number a day of its own. An answer is taken once,
//! within 15 minutes by this phone's own clock, on this phone alone.

use std::path::{Path, PathBuf};

use super::account::{clear, standing};
use super::{OpenedBy, Unlock, UnlockProblem, file, take_turn};
use crate::ports::{Clock, Entropy};
use crate::vault::durable;
use crate::vault::envelope::{Asks, EnvelopeProblem};
use crate::vault::hardware::Hardware;
use crate::vault::help::{Asked, HelpAnswer, HelpRefusal, HelpRequest};
use crate::vault::identity::Identity;
use crate::vault::pin::Pin;
use crate::vault::secret::Secret;

/// Name of the question's file in a home.
pub(super) const ASKED_FILE: &str = "asked";
/// Longest such file, several times over.
const BYTES_MAX: usize = 1024;
/// How often help may be asked for within [`ASKS_MS`]: more than anybody needs, and too few to wear anything out.
const ASKS_MAX: u32 = 20;
/// A day, in milliseconds.
const ASKS_MS: i64 = 24 * 60 * 60 * 1_000;
/// How long an answer is taken, in milliseconds.
const ANSWER_MS_MAX: i64 = 15 * 60 * 1_000;
const MAC_LABEL: &str = "forgotten/v1";

/// Asks for help. A question that was asked before is no longer one. No try of a PIN waits longer for it.
///
/// # Errors
/// [`UnlockProblem::NoHelp`] if nobody can, [`UnlockProblem::Help`] if it was asked too often today, and whatever an envelope or
/// a hardware key is refused with.
pub fn ask(
    home: &Path,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    hardware: Hardware<'_>,
) -> Result<HelpRequest, UnlockProblem> {
    let (_turn, envelope) = take_turn(home, hardware)?;
    standing(home, &envelope, hardware)?;
    let (helped, helpers) = envelope.helpers(hardware)?.ok_or(UnlockProblem::NoHelp)?;
    let now_ms = clock.now_ms();
    let asks = and_one(envelope.asks(), now_ms).ok_or(HelpRefusal::AskedTooOften)?;
    file::write(hardware.disk, home, &envelope.with_asks(asks))?;
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
    // Nothing is guessed with an answer: whoever has one need not wait.
    let (before, _) = standing(home, &envelope, hardware)?;
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
    let envelope = envelope.cleared(before);
    let next = envelope.with_pin(&root, pin, envelope.rules(), entropy, hardware)?.without_help();
    file::write(hardware.disk, home, &next)?;
    // Should it fail, the right PIN ends what is counted.
    let _ = clear(hardware.key);
    // What is left of the question opens nothing any more.
    let _ = durable::destroy(hardware.disk, &path(home));
    let unlock = Unlock {
        home: home.to_owned(),
        hardware,
        envelope: next,
        root,
        opened_by: OpenedBy::Help,
        _turn: turn,
    };
    let _ = unlock.keep_generation();
    Ok(unlock)
}

/// One question more, or `None` if there were enough of them today. A clock that was set back begins another day: it must not
/// keep anybody from being helped for years.
fn and_one(asks: Asks, now_ms: i64) -> Option<Asks> {
    if asks.count == 0 || !(0..ASKS_MS).contains(&now_ms.saturating_sub(asks.since_ms)) {
        return Some(Asks { count: 1, since_ms: now_ms });
    }
    (asks.count < ASKS_MAX).then(|| Asks { count: asks.count.saturating_add(1), ..asks })
}

fn path(home: &Path) -> PathBuf {
    home.join(ASKED_FILE)
}

fn asked_key(nonce: &[u8; 16], hardware: Hardware<'_>) -> Result<Secret<32>, UnlockProblem> {
    Ok(crate::vault::envelope::hardware_answer(hardware, MAC_LABEL, nonce)?)
}
