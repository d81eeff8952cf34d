//! A hand-over whose power fails at every moment at which something becomes durable, from handing over to taking back.
//!
//! One home is opened hundreds of times, with a lock that costs nothing.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use fieldfare_core::app::{Fieldfare, Handover};
use fieldfare_core::contract::{HandoverPlace, Problem};
use fieldfare_core::ports::SystemEntropy;
use serde_json::{Value, json};
use tests::handover::{Scene, step};
use tests::phone::{PIN, page};

/// One life of a phone in a folder of its own: handed over, seven answers, taken back.
struct Life<'s> {
    scene: &'s Scene,
    home: PathBuf,
    /// Steps that were answered.
    acknowledged: Cell<u32>,
    /// Whether the hand-over was answered.
    began: Cell<bool>,
}

impl<'s> Life<'s> {
    fn copied_from(scene: &'s Scene, name: &str) -> Self {
        let home = scene.service.home(name);
        std::fs::create_dir_all(&home).unwrap();
        for entry in std::fs::read_dir(&scene.home).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, home.join(path.file_name().unwrap())).unwrap();
        }
        Self { scene, home, acknowledged: Cell::new(0), began: Cell::new(false) }
    }

    fn unlock(&self) -> Result<Fieldfare, Problem> {
        Fieldfare::unlock(&self.home, self.scene.ports(&self.home), PIN)
    }

    fn open(&self) -> Result<Handover, Problem> {
        let entropy = Arc::new(SystemEntropy::default());
        Handover::open(&self.home, self.scene.clock.clone(), entropy, self.scene.power.clone())
    }

    /// From an open home to the mentor's next page; ends at whatever is refused.
    fn live(&self, app: Fieldfare) -> Result<Fieldfare, Problem> {
        self.answer(app.hand_over(&self.scene.start()).map_err(|refused| refused.problem)?)
    }

    /// Goes on after the power has failed, from wherever it is.
    fn go_on(&self) -> Result<Fieldfare, Problem> {
        match self.open() {
            Err(Problem::NotHandedOver) if self.began.get() => self.unlock(),
            Err(Problem::NotHandedOver) => self.live(self.unlock()?),
            handed => self.answer(handed?),
        }
    }

    fn answer(&self, handed: Handover) -> Result<Fieldfare, Problem> {
        self.began.set(true);
        loop {
            let page = handed.drawn()?;
            let next = match page.at {
                // What is left of a ticket that was being cleared away: only the mentor goes on.
                _ if page.place == HandoverPlace::Over => return self.unlock(),
                0 => json!({"step": "next"}),
                1..=7 => json!({"step": "answer", "answer": 4}),
                8 => json!({"step": "finish"}),
                _ => return self.unlock(),
            };
            handed.step(&step(next))?;
            self.acknowledged.set(page.at + 1);
        }
    }

    fn check_ins(&self, app: &Fieldfare) -> Vec<Value> {
        let rows = page(app, json!({"page": "check_ins", "case": self.scene.case, "scale": "swemwbs"}));
        // Nobody is told of answers from nowhere because power failed while these were cleared away.
        let told = page(app, json!({"page": "exchange"}))["set_aside"].to_string();
        assert!(!told.contains("answers.unknown_session"), "{told}");
        rows["rows"].as_array().unwrap().clone()
    }
}

/// How many moments there are at which the power can fail, from handing over to the mentor's next page.
fn moments(scene: &Scene) -> u32 {
    let life = Life::copied_from(scene, "whole life");
    let app = life.unlock().unwrap();
    let (lived, supply) = scene.power.supplied(None, || life.live(app).map(|app| life.check_ins(&app).len()));
    assert_eq!(lived, Ok(1));
    supply.passed
}

/// Lives through a hand-over whose power fails at a moment, and goes on. Returns how far it was behind what had been
/// answered, and what was taken in.
fn interrupted(scene: &Scene, fails_at: u32) -> (u32, Vec<Value>) {
    let life = Life::copied_from(scene, &format!("life {fails_at}"));
    let app = life.unlock().unwrap();
    let (lived, _) = scene.power.supplied(Some(fails_at), || life.live(app));
    // A life that did not come to that moment went well.
    if let Ok(app) = lived {
        return (0, life.check_ins(&app));
    }
    let behind = match life.open().map(|handed| handed.drawn().unwrap()) {
        Ok(page) if page.place != HandoverPlace::Over => life.acknowledged.get().saturating_sub(page.at),
        // Nobody holds the phone, or the ticket is being cleared away: everything has been taken in, which is shown below.
        _ => 0,
    };
    let app = life.go_on().unwrap();
    (behind, life.check_ins(&app))
}

#[test]
fn r19_whatever_moment_the_power_fails_at_it_goes_on_and_comes_in_once() {
    let scene = &Scene::without_lock();
    let moments = moments(scene);
    assert!(moments > 30, "only {moments} moments");
    for at in 0..moments {
        let (behind, check_ins) = interrupted(scene, at);
        assert_eq!(behind, 0, "moment {at}: an answer was told to be kept and is not");
        assert_eq!(check_ins.len(), 1, "moment {at}: {check_ins:?}");
        assert_eq!(check_ins[0]["raw"], 28, "moment {at}");
    }
}
