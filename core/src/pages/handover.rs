//! The pages of a hand-over, made for a young person of 10 to 17.
//!
//! Drawn from the ticket and from how far it has come. The store is closed: whose answers these are, and what was answered,
//! is not known here.

use crate::contract::{AutoLock, HandoverAction, HandoverPage, HandoverPlace, HandoverProgress, Sentence};
use crate::domain::auto_lock;
use crate::vault::handover::{Found, Progress, Ticket};

/// Draws what a home says about its hand-over; `None` if nobody has been handed the phone.
#[must_use]
pub fn handover(found: &Found, now_ms: i64) -> Option<HandoverPage> {
    match found {
        Found::Nothing => None,
        Found::Damaged => {
            Some(bare(HandoverPlace::Over, 0, &[("handover.broken", "These questions cannot go on."), BACK]))
        }
        Found::Standing { ticket, progress } => {
            let AutoLock { background_s, untouched_s } = ticket.auto_lock;
            // Whoever holds the phone can write another ticket; no page lies open longer for it.
            let auto_lock = auto_lock::within(Some(background_s), Some(untouched_s));
            Some(HandoverPage { auto_lock, ..standing(ticket, *progress, now_ms) })
        }
    }
}

/// Where a hand-over stands.
#[must_use]
pub fn place(ticket: &Ticket, progress: Progress, now_ms: i64) -> HandoverPlace {
    match progress.at.checked_sub(ticket.of()) {
        Some(2..) => HandoverPlace::Finished,
        _ if now_ms > ticket.until_ms => HandoverPlace::Over,
        Some(1) => HandoverPlace::Last,
        _ if progress.at == 0 => HandoverPlace::Welcome,
        _ => HandoverPlace::Question,
    }
}

/// A key and its words.
type Told = (&'static str, &'static str);

const BACK: Told = ("handover.give_back", "Please give the phone back.");
const THANKS: Told = ("handover.thanks", "Thank you.");
const LOCKED_AWAY: Told = (
    "handover.locked_away",
    "What you answer is locked away on this phone at once, and nobody can read it until you have given the phone back.",
);
const WHO_READS: Told =
    ("handover.who_reads", "After that, your mentor and the people who work with your mentor can read it.");
const NO_WRONG: Told = (
    "handover.no_wrong_answers",
    "There are no right or wrong answers. You can skip a question, go back, or stop at any time.",
);
const SEEN: Told =
    ("handover.seen", "You have been here before. Your answer stays as it was unless you choose again.");
const LAST: Told = ("handover.last", "That was the last page. You can still go back, or finish here.");
const TIME_OVER: Told =
    ("handover.time_over", "The time for these questions is over. What you answered is kept.");

fn standing(ticket: &Ticket, progress: Progress, now_ms: i64) -> HandoverPage {
    let at = progress.at;
    match place(ticket, progress, now_ms) {
        HandoverPlace::Welcome => HandoverPage {
            introduction: ticket.introduction.clone(),
            notice: ticket.notice.clone(),
            actions: actions(&[("next", "Start"), ("finish", "I would rather not")]),
            ..bare(HandoverPlace::Welcome, at, &[LOCKED_AWAY, WHO_READS, NO_WRONG])
        },
        HandoverPlace::Question => question(ticket, progress),
        HandoverPlace::Last => HandoverPage {
            actions: actions(&[("back", "Back"), ("finish", "Finish")]),
            ..bare(HandoverPlace::Last, at, &[LAST])
        },
        HandoverPlace::Finished => bare(HandoverPlace::Finished, at, &[THANKS, BACK]),
        HandoverPlace::Over => bare(HandoverPlace::Over, at, &[TIME_OVER, BACK]),
    }
}

fn question(ticket: &Ticket, progress: Progress) -> HandoverPage {
    let (at, of) = (u32::from(progress.at), u32::from(ticket.of()));
    let seen = progress.furthest > progress.at;
    let mut offered = vec![("answer", "Choose an answer"), ("skip", "Skip"), ("back", "Back")];
    if seen {
        offered.push(("next", "Next"));
    }
    offered.push(("finish", "Stop here"));
    HandoverPage {
        progress: Some(HandoverProgress { question: at, of, words: format!("{at} of {of}") }),
        question: ticket.questions.get(usize::from(progress.at).wrapping_sub(1)).cloned(),
        options: ticket.options.clone(),
        notice: ticket.notice.clone(),
        actions: actions(&offered),
        ..bare(HandoverPlace::Question, progress.at, if seen { &[SEEN] } else { &[] })
    }
}

/// A page that says something and offers nothing.
fn bare(place: HandoverPlace, at: u8, says: &[Told]) -> HandoverPage {
    HandoverPage {
        place,
        at: at.into(),
        says: says.iter().map(|(key, words)| sentence(key, words)).collect(),
        introduction: String::new(),
        progress: None,
        question: None,
        options: Vec::new(),
        notice: String::new(),
        actions: Vec::new(),
        auto_lock: auto_lock::DEFAULT,
    }
}

fn actions(offered: &[(&str, &str)]) -> Vec<HandoverAction> {
    let action = |(step, words): &(&str, &str)| HandoverAction {
        step: (*step).to_owned(),
        label: sentence(&format!("handover.do.{step}"), words),
    };
    offered.iter().map(action).collect()
}

fn sentence(key: &str, words: &str) -> Sentence {
    Sentence { key: key.to_owned(), words: words.to_owned() }
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::signing::SealingKey;

    use super::*;
    use crate::contract::PackOption;

    fn ticket() -> Ticket {
        Ticket {
            session: [7; 16],
            pack_digest: "ab".repeat(32),
            seal_to: SealingKey([9; 32]),
            until_ms: 1_000,
            introduction: "Made-up beginning".into(),
            questions: (1..=7).map(|number| format!("Made-up sentence {number}")).collect(),
            options: (1..=5).map(|answer| PackOption { answer, words: format!("words {answer}") }).collect(),
            notice: "© Made-up owner".into(),
            auto_lock: AutoLock { background_s: 9_999, untouched_s: 45 },
        }
    }

    fn drawn(at: u8, furthest: u8, now_ms: i64) -> HandoverPage {
        let progress = Progress { at, furthest, number: 1 };
        handover(&Found::Standing { ticket: Box::new(ticket()), progress }, now_ms).unwrap()
    }

    fn steps(page: &HandoverPage) -> Vec<&str> {
        page.actions.iter().map(|action| action.step.as_str()).collect()
    }

    #[test]
    fn a_page_is_covered_within_bounds_whatever_the_ticket_says() {
        let expected = AutoLock { background_s: auto_lock::BACKGROUND_S_MAX, untouched_s: 45 };
        assert_eq!(drawn(1, 1, 0).auto_lock, expected);
    }

    #[test]
    fn one_question_at_a_time_with_progress_notice_and_a_way_on() {
        let page = drawn(3, 3, 0);
        assert_eq!(page.progress.as_ref().unwrap().words, "3 of 7");
        assert_eq!(page.question.as_deref(), Some("Made-up sentence 3"));
        assert_eq!((page.options.len(), page.notice.as_str()), (5, "© Made-up owner"));
        assert_eq!(steps(&page), ["answer", "skip", "back", "finish"]);
    }

    #[test]
    fn before_the_first_question_two_sentences_say_what_happens_to_answers() {
        let page = drawn(0, 0, 0);
        let keys: Vec<_> = page.says.iter().map(|sentence| sentence.key.as_str()).collect();
        assert_eq!(keys, ["handover.locked_away", "handover.who_reads", "handover.no_wrong_answers"]);
        assert_eq!(page.introduction, "Made-up beginning");
        assert_eq!((page.question.as_deref(), steps(&page)), (None, vec!["next", "finish"]));
    }

    #[test]
    fn a_question_that_was_shown_before_can_be_left_as_it_was() {
        let page = drawn(2, 5, 0);
        assert_eq!(page.says[0].key, "handover.seen");
        assert!(steps(&page).contains(&"next"));
    }

    #[test]
    fn every_page_leads_on_or_says_to_give_the_phone_back() {
        for at in 0..=9 {
            for now_ms in [0, 1_001] {
                let page = drawn(at, at, now_ms);
                let gives_back = page.says.iter().any(|sentence| sentence.key == "handover.give_back");
                assert_eq!(page.actions.is_empty(), gives_back, "{at} {now_ms}");
            }
        }
        assert_eq!(drawn(9, 9, 0).place, HandoverPlace::Finished);
        assert_eq!(drawn(9, 9, 1_001).place, HandoverPlace::Finished, "thanks stay thanks");
        assert_eq!(drawn(3, 3, 1_001).place, HandoverPlace::Over);
        let broken = handover(&Found::Damaged, 0).unwrap();
        assert_eq!((broken.place, broken.actions.len()), (HandoverPlace::Over, 0));
        assert_eq!(handover(&Found::Nothing, 0), None);
    }
}
