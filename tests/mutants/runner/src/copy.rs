//! The copy of the project in which mutants are made, beside what was built.
//!
//! A file that has not changed keeps its time, so that Cargo builds nothing anew because of it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use ring::digest::{Context, SHA256};

use crate::process::told;
use crate::shape::FOLDER;

/// Every file that Git knows, and every other that it would not ignore, by path from the root.
///
/// # Errors
/// Git is missing, or this is no checkout.
pub fn known_files(root: &Path) -> Result<Vec<String>, String> {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = told(&mut git)?;
    let mut files: Vec<String> = listed
        .split('\0')
        .filter(|path| !path.is_empty() && root.join(path).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// Makes the copy the same as the project: writes what differs, removes what is gone.
///
/// # Errors
/// A file that cannot be read or written.
pub fn bring_up_to_date(root: &Path, copy: &Path, files: &[String]) -> io::Result<()> {
    fs::create_dir_all(copy)?;
    let wanted: BTreeSet<PathBuf> = files.iter().map(PathBuf::from).collect();
    let mut present = Vec::new();
    gather(copy, copy, &mut present)?;
    for path in present.iter().filter(|path| !wanted.contains(*path)) {
        fs::remove_file(copy.join(path))?;
    }
    for path in files {
        let (from, to) = (root.join(path), copy.join(path));
        if fs::read(&to).is_ok_and(|there| fs::read(&from).is_ok_and(|here| here == there)) {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&from, &to)?;
    }
    Ok(())
}

fn gather(top: &Path, folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            gather(top, &entry.path(), paths)?;
        } else if let Ok(path) = entry.path().strip_prefix(top) {
            paths.push(path.to_owned());
        }
    }
    Ok(())
}

/// Whether what a killer does may depend on a file: documents do not, and each mutant's own file counts for itself.
fn counts(path: &str) -> bool {
    let is_mutant = path
        .strip_prefix(FOLDER)
        .is_some_and(|rest| rest.ends_with(".toml") && rest.matches('/').count() == 1);
    !(is_mutant || path == "docs/mutants.md" || path == "docs/all.md")
}

/// A digest of every file that counts.
///
/// # Errors
/// A file that cannot be read.
pub fn digest_of_sources(root: &Path, files: &[String]) -> io::Result<String> {
    let mut context = Context::new(&SHA256);
    for path in files.iter().filter(|path| counts(path)) {
        let bytes = fs::read(root.join(path))?;
        context.update(format!("{path}\0{}\0", bytes.len()).as_bytes());
        context.update(&bytes);
    }
    Ok(hex(context))
}

/// A digest of a text.
#[must_use]
pub fn digest_of(text: &str) -> String {
    let mut context = Context::new(&SHA256);
    context.update(text.as_bytes());
    hex(context)
}

fn hex(context: Context) -> String {
    context.finish().as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_keeps_its_time_and_what_is_gone_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (root, copy) = (folder.path().join("root"), folder.path().join("copy"));
        fs::create_dir_all(root.join("a")).unwrap();
        for (path, text) in [("a/kept", "1"), ("a/changed", "2"), ("gone", "3")] {
            fs::write(root.join(path), text).unwrap();
        }
        let all = ["a/changed", "a/kept", "gone"].map(str::to_owned);
        bring_up_to_date(&root, &copy, &all).unwrap();
        let time = |path: &str| fs::metadata(copy.join(path)).unwrap().modified().unwrap();
        let (kept, before) = (time("a/kept"), digest_of_sources(&root, &all).unwrap());
        fs::write(root.join("a/changed"), "4").unwrap();
        bring_up_to_date(&root, &copy, &all[..2]).unwrap();
        assert_eq!(time("a/kept"), kept);
        assert_eq!(fs::read_to_string(copy.join("a/changed")).unwrap(), "4");
        assert!(!copy.join("gone").exists());
        assert_ne!(digest_of_sources(&root, &all).unwrap(), before);
    }

    #[test]
    fn a_mutants_own_file_does_not_change_the_digest_of_the_sources() {
        assert!(!counts("tests/mutants/a.toml") && !counts("docs/mutants.md"));
        assert!(
            counts("tests/mutants/runner/Cargo.toml") && counts("core/src/lib.rs") && counts("Cargo.toml")
        );
    }
}
