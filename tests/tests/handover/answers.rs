//! Answers that cannot be believed are set aside with an audit line; the others come in.

use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, HANDOVER_MS_MAX};
use fieldfare_core::ports::SystemEntropy;
use fieldfare_core::vault::handover::{
    BOX_BYTES_MAX, BOX_FILE, Given, Head, Step, TICKET_FILE, Ticket, seal, ticket_digest,
};
use serde_json::json;

use tests::handover::{BEGINS_MS, Scene, answers, answers_first, does};
use tests::phone::page;

/// Bytes of a box before its first step, and of a step.
const HEADER: usize = 24;
const STEP: usize = 64;

/// A hand-over with three answers in its box, not yet finished.
fn three() -> Scene {
    let scene = Scene::new();
    answers_first(&scene.hand_over(), 3, 4);
    scene
}

/// A step as somebody forges it who has the ticket.
fn forged(scene: &Scene, number: u32, step: Step, at_ms: i64) -> Vec<u8> {
    let bytes = std::fs::read(scene.home.join(TICKET_FILE)).unwrap();
    let ticket = Ticket::read(&bytes).unwrap();
    let (given, head) = (Given { step, at_ms }, Head { number, next: 4 });
    let entropy = Arc::new(SystemEntropy::default());
    seal(given, head, &ticket.seal_to, &ticket_digest(&bytes), entropy.as_ref()).unwrap().to_vec()
}

fn with_more(scene: &Scene, more: &[u8]) {
    scene.forge(&[scene.boxed(), more.to_vec()].concat());
}

/// Takes back, and tells how many answers came in, and why anything was set aside.
fn taken(scene: &Scene) -> (Option<u64>, Vec<String>) {
    let app = scene.unlock();
    let rows = scene.check_ins(&app);
    assert!(rows.len() <= 1);
    (rows.first().map(|row| row["answered"].as_u64().unwrap()), aside(scene, app))
}

/// Locks the phone, and tells why anything was set aside: each piece has its row for the mentor and its line of the audit.
fn aside(scene: &Scene, app: Fieldfare) -> Vec<String> {
    let rows = scene.aside(&app);
    app.lock();
    let mut lines: Vec<_> = scene.audit().into_iter().filter(|what| what.starts_with("answers.")).collect();
    lines.sort_unstable();
    assert_eq!(lines, rows, "lines of the audit, and what is set aside");
    rows
}

#[test]
fn r18_a_flipped_answer_is_set_aside_and_takes_no_other_with_it() {
    let scene = three();
    let mut bytes = scene.boxed();
    bytes[HEADER + 2 * STEP + 40] ^= 1;
    scene.forge(&bytes);
    assert_eq!(taken(&scene), (Some(2), vec!["answers.damaged".to_owned()]));
    let audit = scene.audit();
    for what in ["hand_over", "record_check_in", "answers.damaged", "take_back"] {
        assert_eq!(audit.iter().filter(|line| *line == what).count(), 1, "{what}: {audit:?}");
    }
}

#[test]
fn r18_an_answer_put_in_again_counts_once_and_is_set_aside() {
    let scene = three();
    let again = scene.boxed()[HEADER + STEP..HEADER + 2 * STEP].to_vec();
    with_more(&scene, &again);
    // Going on is possible all the same.
    answers(&scene.again(), 5);
    assert_eq!(taken(&scene), (Some(4), vec!["answers.replayed".to_owned()]));
}

#[test]
fn r18_answers_of_another_hand_over_are_set_aside() {
    let scene = three();
    let first = scene.boxed();
    drop(scene.unlock());
    answers_first(&scene.hand_over(), 2, 1);
    scene.forge(&first);
    assert_eq!(scene.again().drawn().unwrap().actions.len(), 0, "it goes on with another's answers");
    let app = scene.unlock();
    assert_eq!(scene.check_ins(&app).len(), 1, "the first hand-over's came in twice");
    assert_eq!(aside(&scene, app), ["answers.other_session"]);

    // Single answers carried over into the right box open as little.
    answers_first(&scene.hand_over(), 2, 1);
    with_more(&scene, &first[HEADER + 3 * STEP..]);
    let app = scene.unlock();
    assert_eq!(scene.check_ins(&app)[1]["answered"], 2);
    assert_eq!(aside(&scene, app), ["answers.damaged", "answers.other_session"]);
}

#[test]
fn r18_a_whole_box_put_back_after_it_was_taken_comes_in_no_second_time() {
    let scene = three();
    let (ticket, old) = (std::fs::read(scene.home.join(TICKET_FILE)).unwrap(), scene.boxed());
    assert_eq!(taken(&scene).0, Some(3));
    scene.forge(&old);
    std::fs::write(scene.home.join(TICKET_FILE), ticket).unwrap();
    let app = scene.unlock();
    assert_eq!(
        (scene.check_ins(&app).len(), aside(&scene, app)),
        (1, vec!["answers.unknown_session".to_owned()])
    );
    assert!(!scene.home.join(TICKET_FILE).exists());
}

#[test]
fn r18_a_torn_end_is_set_aside_or_gives_way_and_too_much_is_cut_off() {
    for torn in [1, STEP - 1] {
        let scene = three();
        let whole = scene.boxed();
        scene.forge(&whole[..whole.len() - torn]);
        assert_eq!(taken(&scene), (Some(2), vec!["answers.truncated".to_owned()]));
    }
    // Whoever goes on is asked again what nobody was told to be kept.
    let scene = three();
    let whole = scene.boxed();
    scene.forge(&whole[..whole.len() - 1]);
    assert_eq!(scene.again().drawn().unwrap().at, 3);
    answers(&scene.again(), 4);
    assert_eq!(taken(&scene), (Some(3), vec![]));

    let scene = three();
    with_more(&scene, &vec![0; 3 * BOX_BYTES_MAX]);
    assert!(scene.again().drawn().unwrap().actions.is_empty());
    let expected = ["answers.damaged", "answers.oversized"].map(str::to_owned);
    assert_eq!(taken(&scene), (Some(3), expected.to_vec()));
}

#[test]
fn r18_late_strange_and_unasked_answers_are_set_aside() {
    let scene = three();
    let late_ms = BEGINS_MS + HANDOVER_MS_MAX + 3_600_000;
    with_more(&scene, &forged(&scene, 5, Step::Answered { question: 4, answer: 1 }, late_ms));
    assert_eq!(taken(&scene), (Some(3), vec!["answers.expired".to_owned()]));

    let scene = three();
    let strange = [
        forged(&scene, 5, Step::Answered { question: 4, answer: 200 }, BEGINS_MS),
        forged(&scene, 6, Step::Answered { question: 0, answer: 1 }, BEGINS_MS),
        forged(&scene, 7, Step::Answered { question: 8, answer: 1 }, BEGINS_MS),
        forged(&scene, u32::MAX, Step::Answered { question: 5, answer: 1 }, BEGINS_MS),
        forged(&scene, 8, Step::Answered { question: 4, answer: 3 }, BEGINS_MS),
    ];
    with_more(&scene, &strange.concat());
    assert_eq!(
        taken(&scene),
        (Some(4), vec!["answers.not_offered".to_owned(), "answers.out_of_order".to_owned()])
    );
}

#[test]
fn r18_after_the_end_nobody_answers_in_the_young_persons_place() {
    let scene = three();
    let handed = scene.again();
    does(&handed, json!({"step": "finish"}));
    does(&handed, json!({"step": "finish"}));
    does(&handed, json!({"step": "back"}));
    assert!(handed.drawn().unwrap().actions.is_empty(), "it went on after its end");
    with_more(&scene, &forged(&scene, 9, Step::Answered { question: 1, answer: 1 }, BEGINS_MS));
    let app = scene.unlock();
    assert_eq!(scene.check_ins(&app)[0]["answered"], 3);
    assert_eq!(aside(&scene, app), ["answers.after_the_end"]);
}

#[test]
fn r18_a_changed_ticket_spoils_what_is_answered_under_it_and_nothing_else() {
    let scene = three();
    let path = scene.home.join(TICKET_FILE);
    let mut ticket = Ticket::read(&std::fs::read(&path).unwrap()).unwrap();
    ticket.questions[3] = "Something else altogether".to_owned();
    std::fs::write(&path, ticket.write().unwrap()).unwrap();
    answers(&scene.again(), 5);
    assert_eq!(taken(&scene), (Some(3), vec!["answers.damaged".to_owned()]));
    // A ticket that is none asks nothing more; what was answered before comes in.
    let scene = three();
    std::fs::write(scene.home.join(TICKET_FILE), b"nonsense").unwrap();
    assert_eq!(scene.again().drawn().unwrap().says[1].words, "Please give the phone back.");
    assert_eq!(taken(&scene), (Some(3), vec![]));
    // So it does when the ticket is gone.
    let scene = three();
    std::fs::remove_file(scene.home.join(TICKET_FILE)).unwrap();
    assert_eq!(taken(&scene), (Some(3), vec![]));
}

#[test]
fn p19_answers_that_were_deleted_half_way_are_said_to_the_mentor() {
    let missing = || vec!["answers.missing".to_owned()];
    // The whole box: nothing more is asked, and nobody is left without a word.
    let scene = three();
    std::fs::remove_file(scene.home.join(BOX_FILE)).unwrap();
    assert_eq!(scene.again().drawn().unwrap().actions.len(), 0);
    assert_eq!(taken(&scene), (None, missing()));
    // Said once, and with what to do.
    let app = scene.unlock();
    let told = page(&app, json!({"page": "exchange"}))["set_aside"][0].clone();
    assert_eq!((&told["why"], &told["needs_a_person"]), (&json!("answers.missing"), &json!(true)), "{told}");
    assert!(told.to_string().contains("Ask the young person whether they want to answer again"), "{told}");
    assert_eq!(aside(&scene, app), missing());

    // With its ticket, or emptied.
    let scene = three();
    for name in [BOX_FILE, TICKET_FILE] {
        std::fs::remove_file(scene.home.join(name)).unwrap();
    }
    assert_eq!(taken(&scene), (None, missing()));
    let scene = three();
    scene.forge(b"");
    assert_eq!(taken(&scene), (None, missing()));

    // One answer out of the middle, and the first.
    for at in [1, 2] {
        let scene = three();
        let mut bytes = scene.boxed();
        bytes.drain(HEADER + at * STEP..HEADER + (at + 1) * STEP);
        scene.forge(&bytes);
        assert_eq!(taken(&scene), (Some(2), missing()), "step {at}");
    }

    // Whoever was handed the phone and answered nothing has lost nothing.
    let scene = Scene::new();
    drop(scene.hand_over());
    assert_eq!(taken(&scene), (None, vec![]));
}
