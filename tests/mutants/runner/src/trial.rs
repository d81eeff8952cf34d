//! One mutant after another: its killers hold on the sources as they are, and fail once it is made.
//!
//! Decides what a mutant came to. Which ones are tried, and what is printed, is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::{Built, Cargo, Member, NotBuilt, Unit, of_the_world, unit_of};
use crate::change::applied;
use crate::kept::Kept;
use crate::killer::{self, Verdict};
use crate::shape::{Killer, Mutant};

/// Name of the program that plays the world.
const WORLD: &str = "bin:world";

/// What is kept of a killer that passes: whether it wants the binary `fieldfare`.
const WITH_BINARY: &str = "with the binary";
const ALONE: &str = "alone";

/// Where mutants are tried.
pub struct Workshop {
    /// The project.
    pub root: PathBuf,
    /// The copy.
    pub copy: PathBuf,
    /// What the tries write.
    pub logs: PathBuf,
    /// Crates of the project.
    pub members: Vec<Member>,
    /// Cargo in the copy.
    pub cargo: Cargo,
    /// What is known already.
    pub kept: Kept,
    /// The world as it is without any mutant.
    pub whole_world: PathBuf,
}

/// What is known of a killer on the sources as they are: whether it wants the binary, or what is wrong with it.
pub type Holds = Result<bool, String>;

impl Workshop {
    /// What was kept of a mutant, if it was noticed on these very sources.
    #[must_use]
    pub fn noticed_before(&self, mutant: &Mutant) -> Option<String> {
        self.kept.known(&about(mutant))
    }

    /// Sees that every killer of these mutants passes on the sources as they are.
    #[must_use]
    pub fn killers_hold(&self, mutants: &[&Mutant]) -> BTreeMap<Killer, Holds> {
        let killers: BTreeSet<&Killer> = mutants.iter().map(|mutant| &mutant.killer).collect();
        let mut known = BTreeMap::new();
        let mut wanted: BTreeMap<Unit, BTreeSet<&Killer>> = BTreeMap::new();
        for killer in killers {
            match self.known(killer) {
                Some(holds) => _ = known.insert(killer.clone(), holds),
                None => _ = wanted.entry(self.unit(killer, false)).or_default().insert(killer),
            }
        }
        for (unit, killers) in wanted {
            known.extend(self.look_at(&unit, &killers));
            // Those that turned out to want the binary are built once more, with it.
            let wanting: BTreeSet<&Killer> =
                killers.into_iter().filter(|killer| known.get(*killer) == Some(&Ok(true))).collect();
            if !wanting.is_empty() {
                known.extend(self.look_at(&Unit::Tests(true), &wanting));
            }
        }
        known
    }

    fn known(&self, killer: &Killer) -> Option<Holds> {
        let Killer::Test { package, target, .. } = killer else { return None };
        let member = self.members.iter().find(|member| member.name == *package);
        let Some(member) = member else { return Some(Err(format!("there is no package {package}"))) };
        if member.begins_in(target).is_none() {
            return Some(Err(format!(
                "{package} has no test called {target}; unit tests are `lib`, or `bin` in fieldfare"
            )));
        }
        self.kept.known(&format!("killer {killer}")).map(|kept| Ok(kept == WITH_BINARY))
    }

    fn unit(&self, killer: &Killer, with_binary: bool) -> Unit {
        match killer {
            Killer::Test { package, target, .. } => unit_of(package, target, with_binary),
            Killer::Fault { .. } => of_the_world().0,
        }
    }

    /// Builds a unit with some killers and runs each; `Ok(true)` are those that have to be built with the binary.
    fn look_at(&self, unit: &Unit, killers: &BTreeSet<&Killer>) -> BTreeMap<Killer, Holds> {
        let targets: BTreeSet<String> = killers.iter().map(|killer| target_of(killer)).collect();
        let targets: Vec<String> = targets.into_iter().collect();
        let built = self.cargo.build(unit, &targets, &self.logs.join("unbroken.build"));
        let with_binary = *unit == Unit::Tests(true);
        let holds = |killer: &Killer| {
            let built = built
                .as_ref()
                .map_err(|problem| format!("the project does not build without it: {}", words(problem)))?;
            let Killer::Test { .. } = killer else {
                // How many seeds it has to be played with is known once one has noticed.
                let world = program(built, "tests", WORLD)?;
                fs::copy(world, &self.whole_world).map_err(|problem| problem.to_string())?;
                return Ok(false);
            };
            let log = self.logs.join("unbroken.run");
            match self.run(killer, built, &log)? {
                Verdict::Passed => {
                    // Kept at once: a run may be stopped at any moment.
                    let kept = if with_binary { WITH_BINARY } else { ALONE };
                    self.kept
                        .keep(&format!("killer {killer}"), kept)
                        .map_err(|problem| problem.to_string())?;
                    Ok(with_binary)
                }
                Verdict::WantsBinary if !with_binary => Ok(true),
                Verdict::Unclear(why) => Err(why),
                Verdict::Hung(seconds) => {
                    Err(format!("{killer} does not end in {seconds} s without it, either"))
                }
                _ => Err(format!("{killer} fails without it, too; mend that first, or name another killer")),
            }
        };
        killers.iter().map(|killer| ((*killer).clone(), holds(killer))).collect()
    }

    fn run(&self, killer: &Killer, built: &Built, log: &Path) -> Result<Verdict, String> {
        let verdict = match killer {
            Killer::Test { package, target, test } => {
                let program = program(built, package, target)?;
                let member = self.members.iter().find(|member| member.name == *package);
                let folder = self.copy.join(member.map_or("", |member| member.folder.as_str()));
                killer::test(program, test, &folder, log)
            }
            Killer::Fault { fault, seeds } => {
                killer::fault(program(built, "tests", WORLD)?, *fault, *seeds, log)
            }
        };
        verdict.map_err(|problem| problem.to_string())
    }

    /// Makes a mutant, runs its killer, and puts the files back.
    ///
    /// # Errors
    /// Why the mutant failed, and what to do.
    pub fn is_noticed(&self, mutant: &Mutant, with_binary: bool) -> Result<String, String> {
        let texts = applied(&self.root, mutant)?;
        let write = |path: &String, text: &[u8]| fs::write(self.copy.join(path), text);
        let problem = |problem: std::io::Error| problem.to_string();
        for (path, text) in &texts {
            write(path, text.as_bytes()).map_err(problem)?;
        }
        let came_to = self.kill(mutant, with_binary);
        for path in texts.keys() {
            write(path, &fs::read(self.root.join(path)).map_err(problem)?).map_err(problem)?;
        }
        let how = came_to?;
        self.kept.keep(&about(mutant), &how).map_err(problem)?;
        Ok(how)
    }

    fn kill(&self, mutant: &Mutant, with_binary: bool) -> Result<String, String> {
        let killer = &mutant.killer;
        let build = self.logs.join(format!("{}.build", mutant.name));
        let built = self.cargo.build(&self.unit(killer, with_binary), &[target_of(killer)], &build).map_err(
            |problem| {
                format!(
                    "does not compile: {}; write `after` so that it does, see {}",
                    words(&problem),
                    build.display()
                )
            },
        )?;
        let log = self.logs.join(format!("{}.run", mutant.name));
        match self.run(killer, &built, &log)? {
            Verdict::Failed(None) => Ok(format!("noticed by {killer}")),
            Verdict::Failed(Some(seed)) => self.holds_without(killer, seed),
            Verdict::Passed => Err(format!(
                "survived: {killer} passes although it is there; make that test sharper, or name one that notices"
            )),
            Verdict::Hung(seconds) => match &mutant.may_hang {
                Some(_) => Ok(format!("noticed by {killer}, which did not end in {seconds} s")),
                None => Err(format!(
                    "{killer} did not end in {seconds} s, which shows nothing; give it a limit, or say in `may_hang` why"
                )),
            },
            Verdict::WantsBinary => {
                Err(format!("{killer} wants the binary only now; that is a failure of another kind"))
            }
            Verdict::Unclear(why) => Err(format!("{why}; see {}", log.display())),
        }
    }

    /// A seed that notices must hold on the sources as they are, and so must all before it.
    fn holds_without(&self, killer: &Killer, seed: u64) -> Result<String, String> {
        let Killer::Fault { fault, .. } = killer else { return Err("only a fault has seeds".to_owned()) };
        let about = format!("fault {fault} up to seed {seed}");
        if self.kept.known(&about).is_none() {
            let log = self.logs.join("unbroken.run");
            match killer::fault(&self.whole_world, *fault, seed, &log)
                .map_err(|problem| problem.to_string())?
            {
                Verdict::Passed => self.kept.keep(&about, "holds").map_err(|problem| problem.to_string())?,
                other => {
                    return Err(format!(
                        "{killer} does not hold without it, either: {other:?}; mend that first"
                    ));
                }
            }
        }
        Ok(format!("noticed by {killer} at seed {seed}"))
    }
}

fn about(mutant: &Mutant) -> String {
    format!("mutant {}\n{}", mutant.name, mutant.text)
}

fn target_of(killer: &Killer) -> String {
    match killer {
        Killer::Test { target, .. } => target.clone(),
        Killer::Fault { .. } => of_the_world().1,
    }
}

fn program<'a>(built: &'a Built, package: &str, target: &str) -> Result<&'a Path, String> {
    let found = built.get(&(package.to_owned(), target.to_owned()));
    found.map(PathBuf::as_path).ok_or_else(|| format!("Cargo built no {target} of {package}"))
}

fn words(problem: &NotBuilt) -> &str {
    match problem {
        NotBuilt::Refused(why) | NotBuilt::Otherwise(why) => why,
    }
}
