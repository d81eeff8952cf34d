//! Killed, it goes on where it was, and what was answered comes in exactly once.
//!
//! Real processes and real kills; every single moment is gone through in `handover_power`.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tests::casework::chance::Chance;
use tests::device::Device;
use tests::moment::Moment;
use tests::phone::PIN;

use tests::handover::{BEGINS_MS, Scene, answers, does};

#[test]
fn r19_an_app_that_is_started_again_shows_the_page_that_was_left() {
    let scene = Scene::new();
    let handed = scene.hand_over();
    does(&handed, json!({"step": "next"}));
    assert_eq!(scene.again().drawn().unwrap().at, 1, "it begins again");
    for _ in 0..3 {
        answers(&handed, 4);
    }
    assert_eq!(scene.again().drawn().unwrap().progress.unwrap().words, "4 of 7");
    // A clock that went back meanwhile changes nothing.
    scene.clock.set(BEGINS_MS - 86_400_000);
    assert_eq!(does(&scene.again(), json!({"step": "skip"})).at, 5);
    assert_eq!(scene.check_ins(&scene.unlock())[0]["answered"], 3);
}

/// Starts the binary, kills it at a drawn moment, and tells whether it was still at work.
fn killed(device: &Device, action: &str, arguments: &[&str], moment: &mut Moment, chance: &mut Chance) {
    let mut command = device.command(action, arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_micros(moment.drawn_us(chance)));
    moment.learn(child.try_wait().unwrap().is_none());
    let _ = child.kill();
    child.wait().unwrap();
}

/// What `fieldfare handover` prints.
fn handover(home: &Path, action: &str, more: &[&str]) -> Value {
    let mut command = std::process::Command::new(tests::binary::path());
    command.args(["handover", action, "--home"]).arg(home).args(more).env("FIELDFARE_PIN", PIN);
    tests::binary::finish(&mut command, b"").done().clone()
}

#[test]
fn r19_processes_killed_without_a_word_lose_and_double_nothing() {
    let scene = Scene::new();
    // This test's processes have the machine's clock.
    let device = Device::at(&scene.home);
    let started =
        handover(&scene.home, "start", &["--case", &scene.case, "--scale", "swemwbs", "--present", "helped"]);
    assert_eq!(started["page"]["place"], "welcome");
    let (mut chance, mut moment) = (Chance::new(19), Moment::default());
    let mut at = handover(&scene.home, "next", &[])["at"].as_u64().unwrap();
    while at < 8 {
        let mut command = std::process::Command::new(tests::binary::path());
        command.args(["handover", "answer", "4", "--home"]).arg(&scene.home);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(moment.drawn_us(&mut chance)));
        moment.learn(child.try_wait().unwrap().is_none());
        let _ = child.kill();
        child.wait().unwrap();
        let now = handover(&scene.home, "page", &[])["at"].as_u64().unwrap();
        assert!(now == at || now == at + 1, "from page {at} to {now}");
        // Whatever the machine's speed: a step that was killed too often is done in peace.
        at = if now == at && chance.percent(50) {
            handover(&scene.home, "answer", &["4"])["at"].as_u64().unwrap()
        } else {
            now
        };
    }
    let mut unlocks = Moment::default();
    for _ in 0..8 {
        killed(&device, "page", &["today"], &mut unlocks, &mut chance);
    }
    let page = device.page("check_ins", &json!({"case": scene.case, "scale": "swemwbs"}));
    let rows = page["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["raw"], &rows[0]["manner"]), (1, &json!(28), &json!("helped")));
    assert_eq!(device.page("exchange", &json!({}))["set_aside"], json!([]));
}
