//! Which mutants a change concerns, and in which order they are tried.
//!
//! Asks Git what has changed; runs nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::cargo::Member;
use crate::process::told;
use crate::shape::{Killer, Mutant};

/// Where the faults of the world are told.
const WORLD: &str = "tests/src/world/";

/// Files that changed since a commit, with the second of their latest change.
pub type Changes = BTreeMap<String, u64>;

fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    told(Command::new("git").arg("-C").arg(root).args(arguments))
}

/// The commit that is checked out, and how many files differ from it.
///
/// # Errors
/// This is no checkout.
pub fn checked_out(root: &Path) -> Result<(String, usize), String> {
    let commit = git(root, &["rev-parse", "HEAD"])?.trim().to_owned();
    let differ = git(
        root,
        &["status", "--porcelain", "--untracked-files=all", "--", ".", ":!docs/mutants.md", ":!docs/all.md"],
    )?;
    Ok((commit, differ.lines().count()))
}

/// What has changed since a commit, committed or not.
///
/// # Errors
/// The commit is not in this history, for example because it is a shallow one.
pub fn since(root: &Path, commit: &str) -> Result<Changes, String> {
    let range = format!("{commit}..HEAD");
    git(root, &["merge-base", "--is-ancestor", commit, "HEAD"])
        .map_err(|_| format!("commit {commit} is not in this history"))?;
    let mut changes = Changes::new();
    let mut seconds = 0;
    for line in
        git(root, &["log", "-m", "--first-parent", "--format=%x01%ct", "--name-only", &range])?.lines()
    {
        match line.strip_prefix('\u{1}') {
            Some(time) => seconds = time.parse().unwrap_or(0),
            None if line.is_empty() => {}
            None => _ = changes.entry(line.to_owned()).or_insert(seconds),
        }
    }
    for arguments in
        [["diff", "--name-only", "-z", "HEAD"], ["ls-files", "-z", "--others", "--exclude-standard"]]
    {
        for path in git(root, &arguments)?.split('\0').filter(|path| !path.is_empty()) {
            let modified = root.join(path).metadata().and_then(|metadata| metadata.modified());
            let at = modified
                .ok()
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
                .map_or(u64::MAX, |since| since.as_secs());
            changes.insert(path.to_owned(), at);
        }
    }
    Ok(changes)
}

/// The second of the latest change of something a mutant depends on: the files it changes, its own, its killer's.
fn latest_change(mutant: &Mutant, changes: &Changes, root: &Path, members: &[Member]) -> Option<u64> {
    let mut files: Vec<String> = mutant.changes.iter().map(|change| change.file.clone()).collect();
    files.push(mutant.path());
    files.extend(files_of(&mutant.killer, root, members));
    let concerned = |path: &String| {
        let inside = |file: &String| path == file || (file.ends_with('/') && path.starts_with(file.as_str()));
        files.iter().any(inside)
    };
    changes.iter().filter(|(path, _)| concerned(path)).map(|(_, at)| *at).max()
}

/// Files and folders in which a killer is told.
#[must_use]
pub fn files_of(killer: &Killer, root: &Path, members: &[Member]) -> Vec<String> {
    let Killer::Test { package, target, test } = killer else { return vec![WORLD.to_owned()] };
    let Some(member) = members.iter().find(|member| member.name == *package) else { return Vec::new() };
    let Some(begins_in) = member.begins_in(target) else { return Vec::new() };
    if !matches!(target.as_str(), "lib" | "bin") {
        let folder = begins_in.strip_suffix("main.rs").or_else(|| begins_in.strip_suffix(".rs"));
        let folder = folder.unwrap_or_default().trim_end_matches('/');
        return vec![begins_in.to_owned(), format!("{folder}/")];
    }
    let name = test.rsplit("::").next().unwrap_or_default();
    let begins = format!("fn {name}(");
    let mut found = Vec::new();
    sources(&root.join(&member.folder).join("src"), &mut |path, text| {
        if text.contains(&begins) {
            found.extend(path.strip_prefix(root).ok().map(|path| path.to_string_lossy().into_owned()));
        }
    });
    found
}

/// Calls with every Rust file below a folder.
fn sources(folder: &Path, with: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, with);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            with(&path, &text);
        }
    }
}

/// Those that the changes concern, the latest first; all of them, in the order of their names, if changes are not known.
#[must_use]
pub fn concerned<'a>(
    mutants: &'a [Mutant],
    changes: Option<&Changes>,
    root: &Path,
    members: &[Member],
) -> Vec<&'a Mutant> {
    let Some(changes) = changes else { return mutants.iter().collect() };
    let with_time = |mutant: &'a Mutant| latest_change(mutant, changes, root, members).map(|at| (at, mutant));
    let mut found: Vec<_> = mutants.iter().filter_map(with_time).collect();
    found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.name.cmp(&other.1.name)));
    found.into_iter().map(|(_, mutant)| mutant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(name: &str, file: &str) -> Mutant {
        let text = format!(
            "breaks = \"A.\"\n[[change]]\nfile = \"{file}\"\nbefore = '''\na\n'''\nafter = ''\n[killed_by]\npackage = \"p\"\ntarget = \"t\"\ntest = \"x\"\n"
        );
        Mutant::read(name, &text).unwrap()
    }

    fn of(repository: &Path, arguments: &[&str]) -> String {
        let named = ["-c", "user.name=Nobody", "-c", "user.email=", "-c", "commit.gpgsign=false"];
        git(repository, &[named.as_slice(), arguments].concat()).unwrap()
    }

    #[test]
    fn what_changed_last_is_tried_first_and_what_did_not_is_left_out() {
        let members = [Member {
            name: "p".to_owned(),
            folder: "p".to_owned(),
            targets: vec![("t".to_owned(), "test".to_owned(), "p/tests/t/main.rs".to_owned())],
        }];
        let mutants = [mutant("a", "a.rs"), mutant("b", "b.rs"), mutant("c", "c.rs"), mutant("d", "d.rs")];
        let names = |changes: &[(&str, u64)]| -> String {
            let changes = changes.iter().map(|(path, at)| ((*path).to_owned(), *at)).collect();
            let found = concerned(&mutants, Some(&changes), Path::new("/nowhere"), &members);
            found.iter().map(|mutant| mutant.name.as_str()).collect()
        };
        assert_eq!(names(&[("a.rs", 1), ("tests/mutants/c.toml", 3), ("b.rs", 2), ("e.rs", 9)]), "cba");
        assert_eq!(names(&[("p/tests/t/more.rs", 1)]), "abcd");
        assert_eq!(concerned(&mutants, None, Path::new("/nowhere"), &members).len(), 4);
    }

    #[test]
    fn changes_are_told_from_a_commit_of_this_history_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        of(root, &["init", "--quiet"]);
        let commit = |path: &str| {
            std::fs::write(root.join(path), path).unwrap();
            of(root, &["add", "."]);
            of(root, &["commit", "--quiet", "-m", path]);
            of(root, &["rev-parse", "HEAD"]).trim().to_owned()
        };
        let first = commit("before");
        commit("after");
        std::fs::write(root.join("new"), "").unwrap();
        std::fs::write(root.join("before"), "otherwise").unwrap();
        let changes = since(root, &first).unwrap();
        assert_eq!(changes.keys().map(String::as_str).collect::<Vec<_>>(), ["after", "before", "new"]);
        assert!(since(root, "0123456789012345678901234567890123456789").is_err());
        assert_eq!(checked_out(root).unwrap().1, 2);
    }
}
