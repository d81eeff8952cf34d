//! Every target on its seeds, on every input that once was a finding, and on a short random run.
//!
//! Long runs are `tests/fuzz/run`; what they find is kept in `tests/fuzz/found` and replayed here.

use std::path::Path;

use fuzz::{Target, mutator, targets};
use tests::casework::chance::Chance;

/// The most that all targets together may add to the resident memory of the process.
const MEMORY_BYTES_MAX: u64 = 512 * 1024 * 1024;

fn found(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(target.name);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn read_without_harm(target: &Target, input: &[u8], what: &str) {
    let read = std::panic::catch_unwind(|| (target.read)(&input[..input.len().min(target.bytes_max)]));
    if let Err(panic) = read {
        let file = std::env::temp_dir().join(format!("fieldfare-{}.input", target.name));
        let _ = std::fs::write(&file, input);
        eprintln!("{}: {what} is a finding; the input is kept in {}", target.name, file.display());
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn whatever_reads_what_others_wrote_comes_to_no_harm() {
    let before = tests::memory::resident_bytes();
    tests::memory::reset_peak();
    for target in targets() {
        let mut known = (target.seeds)();
        assert!(!known.is_empty(), "{} has nothing to start from", target.name);
        known.extend(found(&target));
        known.push(Vec::new());
        for (number, input) in known.iter().enumerate() {
            read_without_harm(&target, input, &format!("known input {number}"));
        }
        let mut chance = Chance::new(2026);
        for number in 0..target.runs {
            let input = mutator::near(&mut chance, &known, target.bytes_max);
            read_without_harm(&target, &input, &format!("random input {number}"));
        }
    }
    let grown = tests::memory::peak_bytes().saturating_sub(before);
    assert!(grown < MEMORY_BYTES_MAX, "{grown} bytes more than before");
}

#[test]
fn every_kept_finding_belongs_to_a_target() {
    let names: Vec<&str> = targets().iter().map(|target| target.name).collect();
    assert!(names.len() >= 10, "{names:?}");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found");
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name.as_str()), "{name} is no target");
    }
}
