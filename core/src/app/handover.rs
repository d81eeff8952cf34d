//! A phone that has been handed to a young person: opened from the home alone, without a store and without a key.
//!
//! Seals what is answered and shows the next page. What is in the store, and what was answered before, cannot be known here:
//! the type that could read it was consumed when this began.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldfare_protocol::hash::Hash;

use zeroize::Zeroize as _;

use super::Fieldfare;
use super::home::Home;
use super::refusal::fault;
use super::reserve::{Urgent, with_room};
use crate::commands::of_reason;
use crate::contract::{
    Ask, Command, Done, HandOver, HandoverPage, HandoverPlace, HandoverStep, Page, PersonId, Problem, Thing,
};
use crate::domain::day;
use crate::domain::measure::scale::scale;
use crate::domain::rules::case as rules;
use crate::domain::rules::reason::SCALE_WITHOUT_PACK;
use crate::pages;
use crate::ports::{Clock, Disk, Entropy};
use crate::store::HandoverSession;
use crate::vault::handover::{self, Found, Given, Head, Progress, STEPS_MAX, Step, Ticket};
use crate::vault::{Identity, Secret};

/// How long a hand-over takes answers, in milliseconds: one meeting, and a phone that was forgotten asks nobody for ever.
pub const HANDOVER_MS_MAX: i64 = 2 * 60 * 60 * 1_000;

/// How much of the stack is overwritten when a hand-over begins: deeper than any call goes, less than any thread has.
const STACK_BYTES: usize = 128 * 1024;

/// A phone in a young person's hands. Holds a folder, a clock, randomness and a disk; every page is drawn from the home anew, so that
/// nothing is lost by killing it.
pub struct Handover {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    disk: Arc<dyn Disk>,
}

/// A hand-over that did not begin: why, and the home as open as it was.
pub struct NotHandedOver {
    /// Why.
    pub problem: Problem,
    /// The home.
    pub app: Fieldfare,
}

/// Whether a home is in somebody's hands.
#[must_use]
pub fn is_handed_over(folder: &Path) -> bool {
    handover::is_standing(folder)
}

impl Fieldfare {
    /// Hands the phone over: the questions are laid out, the store closes, its keys are wiped.
    ///
    /// # Errors
    /// [`NotHandedOver`] with the home still open: [`Problem::ScaleWithoutPack`] for a scale whose licensed words are not here,
    /// [`Problem::NoSuch`] for a case or scale that is not, or trouble with the disk.
    pub fn hand_over(self, start: &HandOver) -> Result<Handover, Box<NotHandedOver>> {
        if let Err(problem) = self.lay_out(start) {
            return Err(Box::new(NotHandedOver { problem, app: self }));
        }
        let handed = Handover {
            folder: self.folder().to_owned(),
            clock: self.ports.clock.clone(),
            entropy: self.ports.entropy.clone(),
            disk: self.ports.disk.clone(),
        };
        drop(self);
        overwrite_stack();
        Ok(handed)
    }

    /// Lays out the empty box, writes the session into the store, and then the ticket beside it.
    fn lay_out(&self, start: &HandOver) -> Result<(), Problem> {
        self.store.read(Self::within_lease)?;
        let scale = scale(&start.scale).ok_or(Problem::NoSuch { thing: Thing::Scale })?;
        let ask = Ask::CheckInForm { case: start.case, scale: start.scale.clone() };
        let Page::CheckInForm(form) = self.page(&ask)? else { return Err(fault("handover")) };
        let has_words = form.hand_over.why_not.as_deref() != Some(SCALE_WITHOUT_PACK.key);
        self.store.read(|read| {
            let me = read.me()?;
            let asker = read.asker(super::role(read, &me)?)?;
            let facts = read.case_facts(start.case, PersonId(me.person.0))?;
            rules::hand_over(asker, &facts, has_words).map_err(of_reason)
        })?;
        let pack = self.store.read(|read| read.pack_of(scale.id.as_str()))?;
        let entropy = self.ports.entropy.as_ref();
        let seed = Secret::random(entropy).map_err(|_| fault("entropy"))?;
        let mut session = [0; 16];
        entropy.fill(&mut session).map_err(|_| fault("entropy"))?;
        let seal_to = Identity::from_seed(&seed).map_err(|_| fault("handover"))?.sealing_key();
        let until_ms = self.ports.clock.now_ms().saturating_add(HANDOVER_MS_MAX);
        let ticket = Ticket {
            session,
            pack_digest: pack.map(|pack| pack.digest).unwrap_or_default(),
            seal_to,
            until_ms,
            introduction: form.introduction,
            questions: form.items,
            options: form.options,
            notice: form.notice,
            auto_lock: self.store.read(|read| read.auto_lock())?,
        };
        let bytes = ticket.write().map_err(|_| fault("handover"))?;
        let digest = handover::ticket_digest(&bytes);
        let disk = self.ports.disk.as_ref();
        handover::lay_out_box(disk, self.folder(), &ticket.session).map_err(|error| of_file(&error))?;
        let begun = self.store.write(|write| {
            let now_ms = self.now(&write.read())?.ms;
            let session = HandoverSession {
                session,
                ticket: digest,
                case: start.case,
                scale: start.scale.clone(),
                questions: ticket.of(),
                company: start.company.clone(),
                manner: start.manner,
                taken_on: day::day_of_ms(now_ms),
                until_ms,
            };
            write.begin_handover(session, &seed)?;
            write.note_in_audit(now_ms, "hand_over", Some(start.case.into()))?;
            Ok::<_, Problem>(())
        });
        let begun = begun
            .and_then(|()| handover::begin(disk, self.folder(), &bytes).map_err(|error| of_file(&error)));
        // The box goes once nobody remembers it. What stays behind of either is found when the home is next opened.
        if begun.is_err() && self.store.write(|write| write.end_handover(None)).is_ok() {
            let _ = handover::destroy(disk, self.folder());
        }
        begun
    }
}

/// Overwrites what calls that have returned left behind on the stack: the name of a case is a plain value there.
#[inline(never)]
fn overwrite_stack() {
    let mut below = [0_u8; STACK_BYTES];
    below.zeroize();
    std::hint::black_box(&below);
}

impl Handover {
    /// Opens a home that is in somebody's hands. Needs no PIN, and gives nothing but the questions.
    ///
    /// # Errors
    /// [`Problem::NotHandedOver`] if nobody has been handed this phone, or trouble with the disk.
    pub fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, Problem> {
        let handed = Self { folder: folder.to_owned(), clock, entropy, disk };
        handed.drawn()?;
        Ok(handed)
    }

    /// The page that is shown.
    ///
    /// # Errors
    /// [`Problem::NotHandedOver`] once the mentor has taken the phone back, or trouble with the disk.
    pub fn drawn(&self) -> Result<HandoverPage, Problem> {
        let found = handover::find(&self.folder).map_err(|error| of_file(&error))?;
        pages::handover::handover(&found, self.clock.now_ms()).ok_or(Problem::NotHandedOver)
    }

    /// Does a step and shows the next page. When it answers, the step survives a crash.
    ///
    /// A step that was meant for another page does nothing and shows the one that is there.
    ///
    /// # Errors
    /// [`Problem::AnswerOutsideScale`] or [`Problem::NotAllowed`] for a step that the page does not offer,
    /// [`Problem::NotHandedOver`], [`Problem::StoreBusy`] while the mentor takes the phone back, or trouble with the disk.
    pub fn step(&self, step: &HandoverStep) -> Result<HandoverPage, Problem> {
        let home = Home::take(&self.folder, self.disk.as_ref())?;
        let found = handover::find(&self.folder).map_err(|error| of_file(&error))?;
        let now_ms = self.clock.now_ms();
        if let Found::Standing { ticket, progress } = &found {
            let place = pages::handover::place(ticket, *progress, now_ms);
            let over = matches!(place, HandoverPlace::Finished | HandoverPlace::Over);
            let (meant_for, _) = parts(step);
            if !over && meant_for.is_none_or(|at| at == u32::from(progress.at)) {
                let (step, next) = taken(step, ticket, *progress, place)?;
                self.add(ticket, *progress, Given { step, at_ms: now_ms }, next)?;
            }
        }
        drop(home);
        self.drawn()
    }

    /// What a phone in somebody's hands answers to every command.
    ///
    /// # Errors
    /// [`Problem::Locked`], always.
    pub fn run(&self, _: &Command) -> Result<Done, Problem> {
        Err(Problem::Locked)
    }

    /// What it answers to every question for a page of the mentor's.
    ///
    /// # Errors
    /// [`Problem::Locked`], always.
    pub fn page(&self, _: &Ask) -> Result<Page, Problem> {
        Err(Problem::Locked)
    }

    fn add(&self, ticket: &Ticket, progress: Progress, given: Given, next: u8) -> Result<(), Problem> {
        if progress.number > STEPS_MAX {
            return Err(Problem::not_allowed("that is enough for today; please give the phone back"));
        }
        let digest = ticket_of(ticket)?;
        let head = Head { number: progress.number, next };
        let sealed = handover::seal(given, head, &ticket.seal_to, &digest, self.entropy.as_ref());
        let sealed = sealed.map_err(|_| fault("handover"))?;
        let disk = self.disk.as_ref();
        with_room(Urgent::Working, &self.folder, disk, || {
            handover::add(disk, &self.folder, &sealed).map_err(|error| of_file(&error))
        })
    }
}

/// The digest of a ticket as it lies in the home: writing what was read gives the same bytes again.
fn ticket_of(ticket: &Ticket) -> Result<Hash, Problem> {
    Ok(handover::ticket_digest(&ticket.write().map_err(|_| fault("handover"))?))
}

/// The page that a step was meant for, and its name.
const fn parts(step: &HandoverStep) -> (Option<u32>, &'static str) {
    match step {
        HandoverStep::Answer { at, .. } => (*at, "answer"),
        HandoverStep::Skip { at } => (*at, "skip"),
        HandoverStep::Next { at } => (*at, "next"),
        HandoverStep::Back { at } => (*at, "back"),
        HandoverStep::Finish { at } => (*at, "finish"),
    }
}

/// What a step is in the box, and where it leads.
fn taken(
    step: &HandoverStep,
    ticket: &Ticket,
    progress: Progress,
    place: HandoverPlace,
) -> Result<(Step, u8), Problem> {
    let (question, on) = (progress.at, progress.at.saturating_add(1));
    let (last, end) = (ticket.of().saturating_add(1), ticket.of().saturating_add(2));
    let seen = progress.furthest > progress.at;
    match (step, place) {
        (HandoverStep::Answer { answer, .. }, HandoverPlace::Question) => {
            if !ticket.options.iter().any(|option| option.answer == *answer) {
                let offered = || ticket.options.iter().map(|option| u32::from(option.answer));
                let (least, most) = (offered().min().unwrap_or(0), offered().max().unwrap_or(0));
                return Err(Problem::AnswerOutsideScale { item: question.into(), least, most });
            }
            Ok((Step::Answered { question, answer: *answer }, on))
        }
        (HandoverStep::Skip { .. }, HandoverPlace::Question) => Ok((Step::Skipped { question }, on)),
        (HandoverStep::Next { .. }, HandoverPlace::Welcome) => Ok((Step::Turned, on)),
        (HandoverStep::Next { .. }, HandoverPlace::Question) if seen => Ok((Step::Turned, on)),
        (HandoverStep::Back { .. }, HandoverPlace::Question | HandoverPlace::Last) => {
            Ok((Step::Turned, progress.at.saturating_sub(1)))
        }
        (HandoverStep::Finish { .. }, HandoverPlace::Welcome | HandoverPlace::Question) => {
            Ok((Step::Turned, last))
        }
        (HandoverStep::Finish { .. }, HandoverPlace::Last) => Ok((Step::Finished, end)),
        _ => Err(Problem::not_allowed(format!("this page does not offer `{}`", parts(step).1))),
    }
}

/// What trouble with a file is called outward.
pub(super) fn of_file(error: &std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Problem::DiskFull,
        _ => Problem::FileTrouble,
    }
}
