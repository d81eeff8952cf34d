//! What a mutant's file says: what it breaks, which lines it changes, and what must notice.
//!
//! Knows the file's shape alone; whether its lines and its killer exist is asked elsewhere.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the mutants lie, from the root of the project.
pub const FOLDER: &str = "tests/mutants";
/// How many requirements SECURITY.md has.
pub const REQUIREMENTS: u8 = 30;
/// Seeds of a world fault within which a mutant has to be noticed, unless its file says otherwise.
pub const SEEDS: u64 = 40;

/// One bug on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// Its file's name without `.toml`.
    pub name: String,
    /// What it breaks, in one sentence.
    pub breaks: String,
    /// Requirements of SECURITY.md whose proof it is, beside the one that its killer's name begins with.
    pub requirements: Vec<u8>,
    /// What it changes, in this order.
    pub changes: Vec<Change>,
    /// What must fail.
    pub killer: Killer,
    /// A hang of the killer counts as noticed, because of this; otherwise it does not.
    pub may_hang: Option<String>,
    /// The text of the file.
    pub text: String,
}

/// Whole lines that are put in the place of others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The file, from the root of the project.
    pub file: String,
    /// The lines as they stand; they stand there once.
    pub before: String,
    /// The lines in their place; none at all to leave something out.
    pub after: String,
}

/// What must fail once a mutant is in the sources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Killer {
    /// A test.
    Test {
        /// The Cargo package.
        package: String,
        /// The integration test's name, or `lib` or `bin` for unit tests.
        target: String,
        /// Its path as libtest prints it.
        test: String,
    },
    /// A fault of the seeded world.
    Fault {
        /// Its number.
        fault: u8,
        /// Seeds, from 1 on, within which one must show a violation.
        seeds: u64,
    },
}

impl Killer {
    /// The requirement that a test named `rNN_…` belongs to.
    #[must_use]
    pub fn requirement(&self) -> Option<u8> {
        let Self::Test { test, .. } = self else { return None };
        let number = test.rsplit("::").next()?.strip_prefix('r')?.split('_').next()?;
        (number.len() == 2).then_some(())?;
        number.parse().ok()
    }
}

impl fmt::Display for Killer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test { package, target, test } => write!(f, "{package} {target} {test}"),
            Self::Fault { fault, .. } => write!(f, "world fault {fault}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    breaks: String,
    #[serde(default)]
    requirements: Vec<u8>,
    change: Vec<Change>,
    killed_by: KilledBy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KilledBy {
    package: Option<String>,
    target: Option<String>,
    test: Option<String>,
    fault: Option<u8>,
    seeds: Option<u64>,
    may_hang: Option<String>,
}

impl Mutant {
    /// Reads what a mutant's file says.
    ///
    /// # Errors
    /// What is wrong with it, in words for whoever wrote it.
    pub fn read(name: &str, text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|problem| problem.to_string())?;
        let killer = match file.killed_by {
            KilledBy {
                package: Some(package),
                target: Some(target),
                test: Some(test),
                fault: None,
                seeds: None,
                ..
            } => Killer::Test { package, target, test },
            KilledBy { package: None, target: None, test: None, fault: Some(fault), seeds, .. } => {
                Killer::Fault { fault, seeds: seeds.unwrap_or(SEEDS) }
            }
            _ => {
                return Err(
                    "[killed_by] names package, target and test, or a fault with or without seeds".to_owned()
                );
            }
        };
        let mutant = Self {
            name: name.to_owned(),
            breaks: file.breaks,
            requirements: file.requirements,
            changes: file.change,
            killer,
            may_hang: file.killed_by.may_hang,
            text: text.to_owned(),
        };
        mutant.is_well_formed().map(|()| mutant)
    }

    fn is_well_formed(&self) -> Result<(), String> {
        let snake = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if self.name.is_empty() || !self.name.chars().all(snake) {
            return Err("the file's name is snake_case".to_owned());
        }
        if self.breaks.lines().count() != 1 || !self.breaks.ends_with('.') || self.breaks.contains('|') {
            return Err("`breaks` is one sentence on one line, with a full stop and without a bar".to_owned());
        }
        if let Some(number) = self.requirements.iter().find(|number| !(1..=REQUIREMENTS).contains(*number)) {
            return Err(format!("there is no requirement {number}"));
        }
        if matches!(self.killer, Killer::Fault { seeds: 0, .. }) {
            return Err("no seed at all notices nothing".to_owned());
        }
        if self.changes.is_empty() {
            return Err("there is no [[change]]".to_owned());
        }
        self.changes.iter().try_for_each(Change::is_well_formed)
    }

    /// Every requirement whose proof this is.
    #[must_use]
    pub fn proves(&self) -> Vec<u8> {
        let mut all = self.requirements.clone();
        all.extend(self.killer.requirement());
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Where its file lies, from the root of the project.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{FOLDER}/{}.toml", self.name)
    }
}

impl Change {
    fn is_well_formed(&self) -> Result<(), String> {
        let file = Path::new(&self.file);
        if file.components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
            return Err(format!("{} is no path from the root of the project", self.file));
        }
        if self.before.trim().is_empty() || !self.before.ends_with('\n') {
            return Err("`before` holds whole lines".to_owned());
        }
        if !self.after.is_empty() && !self.after.ends_with('\n') {
            return Err("`after` holds whole lines, or nothing".to_owned());
        }
        if self.before == self.after {
            return Err("`after` says what `before` says".to_owned());
        }
        Ok(())
    }
}

/// Every mutant's file below the root, by name; a file that cannot be read as a mutant comes with what is wrong.
///
/// # Errors
/// The folder cannot be read.
pub fn all(root: &Path) -> std::io::Result<Vec<(String, Result<Mutant, String>)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join(FOLDER))? {
        let path: PathBuf = entry?.path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path)?;
            found.push((name.to_owned(), Mutant::read(name, &text)));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGE: &str = "[[change]]\nfile = \"a/b.rs\"\nbefore = '''\n    a();\n'''\nafter = ''\n";

    fn read(killed_by: &str) -> Result<Mutant, String> {
        Mutant::read("a_b", &format!("breaks = \"A.\"\n{CHANGE}[killed_by]\n{killed_by}"))
    }

    #[test]
    fn a_file_names_its_lines_and_what_must_fail() {
        let mutant = read("package = \"p\"\ntarget = \"lib\"\ntest = \"a::r07_b\"\n").unwrap();
        assert_eq!(mutant.changes[0].before, "    a();\n");
        assert_eq!((mutant.proves(), mutant.killer.to_string()), (vec![7], "p lib a::r07_b".to_owned()));
        let mutant = read("fault = 3\nmay_hang = \"It waits for itself.\"").unwrap();
        assert_eq!(mutant.killer, Killer::Fault { fault: 3, seeds: SEEDS });
        assert!(mutant.proves().is_empty() && mutant.may_hang.is_some());
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for killed_by in [
            "",
            "fault = 3\ntest = \"a\"",
            "package = \"p\"\ntest = \"a\"",
            "fault = 3\nhang = 1",
            "fault = 3\nseeds = 0",
        ] {
            assert!(read(killed_by).is_err(), "{killed_by}");
        }
        let whole = format!("breaks = \"A.\"\n{CHANGE}[killed_by]\nfault = 3\n");
        assert!(Mutant::read("a_b", &whole).is_ok());
        assert!(Mutant::read("A-b", &whole).is_err());
        for (right, wrong) in [
            ("a/b.rs", "../b.rs"),
            ("a/b.rs", "/b.rs"),
            ("\"A.\"", "\"A\""),
            ("\"A.\"", "\"A.\"\nrequirements = [31]"),
            ("after = ''", "after = 'a'"),
            ("after = ''", "after = '''\n    a();\n'''"),
            ("'''\n    a();\n'''", "'a();'"),
        ] {
            let text = whole.replace(right, wrong);
            assert!(text != whole && Mutant::read("a_b", &text).is_err(), "{wrong}");
        }
    }
}
