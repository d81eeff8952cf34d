//! The binary `fieldfare` as scripts use it: arguments in, JSON lines out, an exit status.
//!
//! It is the very file that ships: `cargo build --release --locked --bin fieldfare` makes it, and `tests/run` does so first.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The PIN of every home in the tests.
pub const PIN: &str = "837261";

/// Where the binary is.
///
/// # Panics
/// If it has not been built.
#[must_use]
pub fn path() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let found = test.ancestors().map(|folder| folder.join("fieldfare")).find(|path| path.is_file());
    found.expect("the binary is built first: cargo build --release --locked --bin fieldfare")
}

/// What one run of the binary ended with.
#[derive(Debug)]
pub struct Ran {
    /// Exit status.
    pub status: i32,
    /// Every line of standard output as JSON.
    pub lines: Vec<Value>,
    /// Everything it wrote to either stream.
    pub raw: String,
}

impl Ran {
    /// The only line.
    ///
    /// # Panics
    /// If there is not exactly one.
    #[must_use]
    pub fn line(&self) -> &Value {
        assert_eq!(self.lines.len(), 1, "{}", self.raw);
        &self.lines[0]
    }

    /// The only line of a run that succeeded.
    ///
    /// # Panics
    /// If it did not.
    #[must_use]
    pub fn done(&self) -> &Value {
        assert_eq!(self.status, 0, "{}", self.raw);
        self.line()
    }

    /// The kind of problem that a run was refused with.
    ///
    /// # Panics
    /// If it was not refused.
    #[must_use]
    pub fn problem(&self) -> &str {
        assert_eq!(self.status, 2, "{}", self.raw);
        self.line()["problem"].as_str().expect("a problem")
    }
}

/// Runs the binary with the usual PIN.
#[must_use]
pub fn fieldfare(arguments: &[&str]) -> Ran {
    fieldfare_with(PIN, arguments, "")
}

/// Runs the binary with a PIN and something on its standard input.
///
/// # Panics
/// If it prints anything but JSON lines.
#[must_use]
pub fn fieldfare_with(pin: &str, arguments: &[&str], input: &str) -> Ran {
    let mut command = Command::new(path());
    command.args(arguments).env("FIELDFARE_PIN", pin);
    finish(&mut command, input.as_bytes())
}

/// Runs a command that is the binary, or ends in it, to its end.
///
/// # Panics
/// If it prints anything but JSON lines.
#[must_use]
pub fn finish(command: &mut Command, input: &[u8]) -> Ran {
    use std::io::Write as _;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    if let Some(mut stdin) = child.stdin.take() {
        // A run that is refused early does not read its input.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().expect("the binary ends");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let raw = format!("{stdout}{stderr}");
    let lines = stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {raw}")))
        .collect();
    Ran { status: output.status.code().unwrap_or(-1), lines, raw }
}

/// An endpoint process, killed with the test.
pub struct EndpointProcess {
    child: Child,
    /// Where it listens.
    pub url: String,
    /// Its generation.
    pub generation: String,
}

impl EndpointProcess {
    /// Starts an endpoint on a data folder and any free port.
    #[must_use]
    pub fn start(data: &Path) -> Self {
        Self::start_on(data, "127.0.0.1:0")
    }

    /// Starts an endpoint on a data folder and an address.
    #[must_use]
    pub fn start_on(data: &Path, listen: &str) -> Self {
        let mut command = Command::new(path());
        command.arg("endpoint").arg("--data").arg(data).args(["--listen", listen]).stderr(Stdio::null());
        Self::spawn(&mut command)
    }

    /// Starts an endpoint by a command that runs one.
    ///
    /// # Panics
    /// If it does not say where it listens.
    #[must_use]
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the endpoint starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("its first line");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        let text = |name: &str| told[name].as_str().expect("a text").to_owned();
        Self { child, url: text("listening"), generation: text("generation") }
    }

    /// The address it listens on, as `--listen` takes it.
    ///
    /// # Panics
    /// If it speaks anything but plain http.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").expect("plain http on this machine")
    }
}

impl Drop for EndpointProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
