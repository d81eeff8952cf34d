//! A short walk through the kills that `--bin kill` does ten thousand of, each kind at least once.
//!
//! Real processes and real files; what is asserted stands beside the blows, in `tests::kills`.

use tests::kills::{self, Scene};
use tests::phone;

#[test]
fn processes_killed_at_any_moment_keep_what_they_answered() {
    let tally = kills::rounds(40, 7, phone::cheap());
    assert_eq!((tally.rounds, tally.lost), (40, 0));
    assert!(tally.kills_phone >= 20 && tally.kills_endpoint >= 1, "{tally:?}");
    assert!(tally.acknowledged >= 40, "{tally:?}");
    assert!(tally.kills_phone_at_work >= 5, "{tally:?}");
}

#[test]
fn homes_killed_at_their_birth_their_opening_or_their_update_are_whole_or_none() {
    let mut scene = Scene::begin(3, phone::cheap());
    scene.round();
    for _ in 0..4 {
        scene.strike_a_birth();
        scene.strike_an_update();
        scene.strike_unlocking();
    }
    scene.look_at_everything();
    assert_eq!((scene.tally.kills_at_birth, scene.tally.lost), (8, 0));
}
