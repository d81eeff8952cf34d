//! Building what a killer needs, and no more: in the copy, unoptimised and incremental, with the crates of others shared.
//!
//! Knows Cargo's arguments and messages; what is built is run elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::process::{Ended, run, told};

/// Longest build that is waited for. A first one compiles every crate there is, a later one a few.
const BUILD_SECONDS_MAX: u64 = 3_600;

/// The package whose features would change those of the core, and that is therefore built by itself.
const DOOR: &str = "fieldfare-bindings";
/// The package of the binary, which has no library: its presence keeps the features of shared crates as they are shipped.
const BINARY: &str = "fieldfare";
/// A test of the package with the world in it: which test is built decides how the world is.
const WORLD: &str = "world";

/// A crate of this project.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its folder, from the root of the project.
    pub folder: String,
    /// Its targets: name, first kind, the file it begins in from the root.
    pub targets: Vec<(String, String, String)>,
}

impl Member {
    /// The file that a target begins in. `lib` and `bin` are the library and the only binary.
    #[must_use]
    pub fn begins_in(&self, target: &str) -> Option<&str> {
        let is = |(name, kind, _): &&(String, String, String)| match target {
            "lib" => kind.ends_with("lib"),
            "bin" => kind == "bin",
            name_of_a_test => kind == "test" && name == name_of_a_test,
        };
        self.targets.iter().find(is).map(|(_, _, path)| path.as_str())
    }
}

/// Every crate of the project at a root.
///
/// # Errors
/// Cargo does not understand the project.
pub fn members(root: &Path) -> Result<Vec<Member>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args([
        "metadata",
        "--no-deps",
        "--offline",
        "--locked",
        "--format-version",
        "1",
    ]);
    let metadata: Value =
        serde_json::from_str(&told(&mut command)?).map_err(|problem| problem.to_string())?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let top = text(&metadata["workspace_root"]);
    let from_root = |value: &Value| text(value).trim_start_matches(&top).trim_start_matches('/').to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let target =
        |target: &Value| (text(&target["name"]), text(&target["kind"][0]), from_root(&target["src_path"]));
    Ok(list(&metadata["packages"])
        .iter()
        .map(|package| Member {
            name: text(&package["name"]),
            folder: from_root(&package["manifest_path"])
                .trim_end_matches("Cargo.toml")
                .trim_end_matches('/')
                .to_owned(),
            targets: list(&package["targets"]).iter().map(target).collect(),
        })
        .collect())
}

/// What is built in one go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Integration tests of the whole workspace, with or without the binary `fieldfare`.
    Tests(bool),
    /// Unit tests of one package's library.
    Library(String),
    /// Unit tests of the binary.
    Binary,
    /// Tests of the door.
    Door,
}

/// Why there is nothing to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotBuilt {
    /// It does not compile; the first thing that the compiler says of it.
    Refused(String),
    /// Something else.
    Otherwise(String),
}

/// Cargo, in the copy.
pub struct Cargo {
    copy: PathBuf,
    arguments: Vec<String>,
    target: PathBuf,
    /// Where what is built ends up: apart from what the project itself builds, so that nothing broken is ever taken for it.
    out: PathBuf,
}

/// Programs that were built: package and target (`lib` for a library's unit tests, `bin:NAME` for a binary) to their path.
pub type Built = BTreeMap<(String, String), PathBuf>;

impl Cargo {
    /// For the copy of a project with these members. Intermediate files go where the project keeps its own, which shares the
    /// crates of others; ours have another path, hence never mix with the project's.
    #[must_use]
    pub fn new(copy: &Path, target: &Path, out: &Path, members: &[Member]) -> Self {
        let mut arguments = Vec::new();
        for member in members {
            arguments.extend([
                "--config".to_owned(),
                format!("profile.release.package.{}.opt-level=0", member.name),
            ]);
        }
        Self { copy: copy.to_owned(), arguments, target: target.to_owned(), out: out.to_owned() }
    }

    /// Builds; what the compiler says goes into a file.
    ///
    /// # Errors
    /// What was in the way.
    pub fn build(&self, unit: &Unit, targets: &[String], log: &Path) -> Result<Built, NotBuilt> {
        // One of another mutant would be taken for this one's.
        let _ = fs::remove_file(self.out.join("release").join(BINARY));
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.copy).env("CARGO_INCREMENTAL", "1");
        command.env("CARGO_TARGET_DIR", &self.out).env("CARGO_BUILD_BUILD_DIR", &self.target);
        command.args(&self.arguments).args(match unit {
            Unit::Tests(_) => ["build"].as_slice(),
            _ => ["test", "--no-run"].as_slice(),
        });
        command.args(["--release", "--locked", "--message-format", "json-render-diagnostics"]);
        match unit {
            Unit::Tests(with_binary) => {
                command.args(["--workspace", "--exclude", DOOR]);
                for target in targets {
                    command.args(["--test", target]);
                }
                if *with_binary {
                    command.args(["--bin", BINARY]);
                }
            }
            Unit::Library(package) => {
                command.args(["-p", package, "-p", BINARY, "--lib"]);
            }
            Unit::Binary => {
                command.args(["-p", BINARY, "--bins"]);
            }
            Unit::Door => {
                command.args(["-p", DOOR]);
            }
        }
        let messages = log.with_extension("json");
        let limit = Duration::from_secs(BUILD_SECONDS_MAX);
        let ended = run(&mut command, limit, &messages, log)
            .map_err(|problem| NotBuilt::Otherwise(problem.to_string()))?;
        let said = fs::read_to_string(&messages).unwrap_or_default();
        let _ = fs::remove_file(&messages);
        match ended {
            Ended::Status(0) => self
                .beside_each_other(programs(&said))
                .map_err(|problem| NotBuilt::Otherwise(problem.to_string())),
            Ended::Status(_) => Err(refused(&fs::read_to_string(log).unwrap_or_default())),
            Ended::Signal(signal) => {
                Err(NotBuilt::Otherwise(format!("the build was ended by signal {signal}")))
            }
            Ended::OutOfTime => {
                Err(NotBuilt::Otherwise(format!("the build did not end in {BUILD_SECONDS_MAX} s")))
            }
        }
    }
}

impl Cargo {
    /// Puts tests below the folder of the programs that they start: they look for them beside themselves and further up, and must
    /// find those of this build.
    fn beside_each_other(&self, built: Built) -> io::Result<Built> {
        let folder = self.out.join("release/tried");
        fs::create_dir_all(&folder)?;
        let put = |(name, program): ((String, String), PathBuf)| {
            if name.1.starts_with("bin:") {
                return Ok((name, program));
            }
            let there = folder.join(program.file_name().unwrap_or_default());
            let _ = fs::remove_file(&there);
            fs::hard_link(&program, &there).or_else(|_| fs::copy(&program, &there).map(|_| ()))?;
            Ok((name, there))
        };
        built.into_iter().map(put).collect()
    }
}

/// The targets that a world fault is played with.
#[must_use]
pub fn of_the_world() -> (Unit, String) {
    // A test has to be among what is built: without one, Cargo would give shared crates other features.
    (Unit::Tests(false), WORLD.to_owned())
}

/// Which unit a test is built in.
#[must_use]
pub fn unit_of(package: &str, target: &str, with_binary: bool) -> Unit {
    match (package, target) {
        (DOOR, _) => Unit::Door,
        (_, "lib") => Unit::Library(package.to_owned()),
        (_, "bin") => Unit::Binary,
        _ => Unit::Tests(with_binary),
    }
}

fn programs(messages: &str) -> Built {
    let mut built = Built::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let Some(program) = message["executable"].as_str() else { continue };
        let target = &message["target"];
        let (name, kind) =
            (target["name"].as_str().unwrap_or_default(), target["kind"][0].as_str().unwrap_or_default());
        let is_test = message["profile"]["test"].as_bool().unwrap_or_default();
        let name = match (kind, is_test) {
            ("test", _) => name.to_owned(),
            ("bin", false) => format!("bin:{name}"),
            ("bin", true) => "bin".to_owned(),
            (_, true) => "lib".to_owned(),
            _ => continue,
        };
        built.insert(
            (package_of(message["package_id"].as_str().unwrap_or_default()), name),
            PathBuf::from(program),
        );
    }
    built
}

/// `path+file:///a/tests#0.1.0` and `path+file:///a/desk#fieldfare@0.1.0` both name a package.
fn package_of(id: &str) -> String {
    let (path, version) = id.rsplit_once('#').unwrap_or((id, ""));
    match version.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => path.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

fn refused(log: &str) -> NotBuilt {
    let mut lines = log.lines().skip_while(|line| !line.starts_with("error"));
    match lines.next() {
        Some(error) if error.starts_with("error[") || error.starts_with("error: ") => {
            let place = lines
                .find(|line| line.trim_start().starts_with("--> "))
                .map(|line| line.trim().replace("--> ", "at "));
            let about_cargo = place.is_none();
            let said = [Some(error.to_owned()), place].into_iter().flatten().collect::<Vec<_>>().join(" ");
            if about_cargo { NotBuilt::Otherwise(said) } else { NotBuilt::Refused(said) }
        }
        _ => NotBuilt::Otherwise(log.lines().last().unwrap_or("the build failed without a word").to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_by_either_kind_of_id() {
        assert_eq!(package_of("path+file:///a/tests#0.1.0"), "tests");
        assert_eq!(package_of("path+file:///a/desk#fieldfare@0.1.0"), "fieldfare");
    }

    #[test]
    fn what_the_compiler_says_first_is_told() {
        let log = "warning: unused\nerror[E0308]: mismatched types\n  --> core/src/a.rs:3:4\n   |\nerror: could not compile\n";
        assert_eq!(
            refused(log),
            NotBuilt::Refused("error[E0308]: mismatched types at core/src/a.rs:3:4".to_owned())
        );
        assert!(matches!(refused("error: no test target named `a`\n"), NotBuilt::Otherwise(_)));
        assert!(matches!(refused(""), NotBuilt::Otherwise(_)));
    }
}
