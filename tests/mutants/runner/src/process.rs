//! A program that is run to its end or to a limit of time, with everything it says in files.
//!
//! Judges nothing: how it ended and what it said are for whoever asked.

use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often it is looked whether a program has ended.
const LOOK_MS: u64 = 20;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this status.
    Status(i32),
    /// By a signal that was not ours.
    Signal(i32),
    /// It did not; its time was over, and it was killed with all that it had started.
    OutOfTime,
}

/// Runs a program in a process group of its own, its output and its errors each in a file.
///
/// # Errors
/// It cannot be started, or a file cannot be written.
pub fn run(command: &mut Command, limit: Duration, output: &Path, errors: &Path) -> io::Result<Ended> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(File::create(output)?)
        .stderr(File::create(errors)?)
        .process_group(0)
        .spawn()?;
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status
                .code()
                .map_or_else(|| Ended::Signal(status.signal().unwrap_or(0)), Ended::Status));
        }
        if begun.elapsed() >= limit {
            // The group, since a killer may have started an endpoint.
            Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status()?;
            child.wait()?;
            return Ok(Ended::OutOfTime);
        }
        std::thread::sleep(Duration::from_millis(LOOK_MS));
    }
}

/// What a command prints, if it succeeds.
///
/// # Errors
/// It cannot be started or fails, in words.
pub fn told(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|problem| format!("{program}: {problem}"))?;
    if !output.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_end_is_killed_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let (output, errors) = (folder.path().join("o"), folder.path().join("e"));
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo said; sleep 600 & echo $!; wait"]);
        let ended = run(&mut shell, Duration::from_millis(500), &output, &errors).unwrap();
        assert_eq!(ended, Ended::OutOfTime);
        let said = std::fs::read_to_string(&output).unwrap();
        let (_, sleeper) = said.trim().split_once('\n').unwrap();
        let alive = |id: &str| {
            std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z"))
        };
        // A killed process is gone a moment after it was killed; ten seconds is longer than any machine takes.
        let gone = |_| {
            std::thread::sleep(Duration::from_millis(20));
            !alive(sleeper)
        };
        assert!(said.starts_with("said") && (0..500).any(gone));
        let ended = run(Command::new("sh").args(["-c", "exit 3"]), Duration::from_secs(60), &output, &errors);
        assert_eq!(ended.unwrap(), Ended::Status(3));
    }
}
