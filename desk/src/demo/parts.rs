//! The real parts: an endpoint process that can be cut off, and devices with homes of their own.
//!
//! Nothing is faked; without signal means that the endpoint's process is gone.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::{Ask, Done};
use serde_json::Value;

use super::story::Failure;

/// The endpoint as a process of its own.
pub(super) struct EndpointProcess {
    child: Child,
    data: PathBuf,
    /// Where it listens.
    pub(super) url: String,
}

impl EndpointProcess {
    /// Starts it on a data folder and a free port of this machine.
    pub(super) fn start(data: &Path) -> Result<Self, Failure> {
        Self::start_at(data, "127.0.0.1:0")
    }

    fn start_at(data: &Path, listen: &str) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("endpoint")
            .arg("--data")
            .arg(data)
            .args(["--listen", listen])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        let Some(url) = told.get("listening").and_then(Value::as_str) else {
            let _ = child.kill();
            return Err(Failure::Scenery("the endpoint did not start".to_owned()));
        };
        Ok(Self { child, data: data.to_owned(), url: url.to_owned() })
    }

    /// Takes the signal away: the process is killed as it stands.
    pub(super) fn vanish(&mut self) -> Result<(), Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Brings the signal back: the same data, the same address.
    pub(super) fn come_back(&mut self) -> Result<(), Failure> {
        let listen = self.url.trim_start_matches("http://").to_owned();
        *self = Self::start_at(&self.data, &listen)?;
        Ok(())
    }
}

impl Drop for EndpointProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command that the story is sure of.
pub(super) fn run(device: &Fieldfare, command: Value) -> Result<Done, Failure> {
    let command = serde_json::from_value(command)
        .map_err(|_| Failure::Scenery("the story says a command that does not exist".to_owned()))?;
    Ok(device.run(command)?)
}

/// Runs a command that makes a record, and returns its name.
pub(super) fn make(device: &Fieldfare, command: Value) -> Result<String, Failure> {
    let made = run(device, command)?.made;
    made.map(|id| id.to_string()).ok_or_else(|| Failure::Scenery("a command made nothing".to_owned()))
}

/// A page as JSON.
pub(super) fn page(device: &Fieldfare, ask: Value) -> Result<Value, Failure> {
    let ask: Ask = serde_json::from_value(ask)
        .map_err(|_| Failure::Scenery("the story asks for a page that does not exist".to_owned()))?;
    let page = device.page(&ask)?;
    serde_json::to_value(page).map_err(|_| Failure::Scenery("a page is no JSON".to_owned()))
}

/// A text in a page; empty if it is not there.
pub(super) fn text<'p>(page: &'p Value, pointer: &str) -> &'p str {
    page.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A list in a page; empty if it is not there.
pub(super) fn list<'p>(page: &'p Value, pointer: &str) -> &'p [Value] {
    page.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
