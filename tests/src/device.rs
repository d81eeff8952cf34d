//! A device as a script uses it: a home, and the binary run on it again and again.
//!
//! Every call is a process of its own, or a line to one that reads commands until its input ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use fieldfare_core::app::Fieldfare;
use fieldfare_core::contract::Problem;
use fieldfare_core::ports::SystemClock;
use serde_json::Value;

use crate::binary::{self, PIN, Ran};
use crate::phone;

/// A home, the PIN that opens it, and where its processes may put temporary files.
#[derive(Clone)]
pub struct Device {
    /// The home.
    pub home: PathBuf,
    /// The PIN.
    pub pin: String,
    /// Temporary folder and home directory of its processes; the machine's own if absent.
    pub scratch: Option<PathBuf>,
}

impl Device {
    /// The device of a home.
    #[must_use]
    pub fn at(home: &Path) -> Self {
        Self { home: home.to_owned(), pin: PIN.to_owned(), scratch: None }
    }

    /// The binary with an action on this home, yet to be started.
    #[must_use]
    pub fn command(&self, action: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary::path());
        command.arg(action).arg("--home").arg(&self.home).args(arguments).env("FIELDFARE_PIN", &self.pin);
        if let Some(scratch) = &self.scratch {
            command.env("TMPDIR", scratch).env("HOME", scratch);
        }
        command
    }

    /// Any action on this home.
    #[must_use]
    pub fn act(&self, action: &str, arguments: &[&str]) -> Ran {
        binary::finish(&mut self.command(action, arguments), b"")
    }

    /// Founds an organisation with this home as its first device.
    #[must_use]
    pub fn found(&self, organisation: &str, url: &str, recovery: &Path) -> Ran {
        let recovery = recovery.to_string_lossy();
        let arguments = ["--organisation", organisation, "--endpoint", url, "--recovery", &recovery];
        self.act("found", &[arguments.as_slice(), &["--recovery-shares", "1"]].concat())
    }

    /// Invites a person, and returns the invitation.
    ///
    /// # Panics
    /// If it is refused.
    #[must_use]
    pub fn invite(&self, name: &str, role: &str) -> String {
        let ran = self.act("invite", &["--name", name, "--role", role]);
        ran.done()["invitation"].as_str().expect("an invitation").to_owned()
    }

    /// Joins an organisation with this home.
    #[must_use]
    pub fn join(&self, invitation: &str) -> Ran {
        binary::finish(
            &mut self.command("join", &["--invitation", "-"]),
            format!("{invitation}\n").as_bytes(),
        )
    }

    /// Runs one command.
    #[must_use]
    pub fn run(&self, command: &Value) -> Ran {
        self.act("run", &[&command.to_string()])
    }

    /// Runs a command that makes a record, and returns the record.
    ///
    /// # Panics
    /// If it is refused.
    #[must_use]
    pub fn make(&self, command: &Value) -> String {
        made(self.run(command).done())
    }

    /// Runs commands in one process, and returns what each answered.
    #[must_use]
    pub fn run_all(&self, commands: &[Value]) -> Ran {
        let lines: Vec<String> = commands.iter().map(Value::to_string).collect();
        binary::finish(&mut self.command("run", &["-"]), lines.join("\n").as_bytes())
    }

    /// Runs commands in one process.
    ///
    /// # Panics
    /// If one is refused.
    pub fn does(&self, commands: &[Value]) {
        let ran = self.run_all(commands);
        assert_eq!((ran.status, ran.lines.len()), (0, commands.len()), "{}", ran.raw);
    }

    /// Asks for a page.
    #[must_use]
    pub fn ask(&self, name: &str, arguments: &Value) -> Ran {
        self.act("page", &[name, &arguments.to_string()])
    }

    /// A page that is there.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn page(&self, name: &str, arguments: &Value) -> Value {
        self.ask(name, arguments).done().clone()
    }

    /// Comes level with the endpoint, or is refused.
    #[must_use]
    pub fn exchange(&self) -> Ran {
        self.act("exchange", &[])
    }

    /// Starts a process that reads commands, and returns once it has unlocked the home.
    #[must_use]
    pub fn talk(&self) -> Talk {
        Talk::start(&mut self.command("run", &["-"]))
    }

    /// Opens the home in this process.
    ///
    /// # Errors
    /// Whatever the core refuses.
    pub fn open(&self) -> Result<Fieldfare, Problem> {
        Fieldfare::unlock(&self.home, phone::ports(&self.home, Arc::new(SystemClock)), &self.pin)
    }
}

/// The record that an answer names.
///
/// # Panics
/// If it names none.
#[must_use]
pub fn made(answer: &Value) -> String {
    answer["made"].as_str().unwrap_or_else(|| panic!("made nothing: {answer}")).to_owned()
}

/// A process that reads commands from its standard input; killed with the test.
pub struct Talk {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Talk {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut talk = Self { child, stdin, stdout };
        // A command that is refused needs no home, but is answered only once the home is open.
        let answer = talk.say(&serde_json::json!({"do": "nothing"}));
        assert_eq!(answer["problem"], "malformed", "{answer}");
        talk
    }

    /// Says a command and waits for its answer.
    ///
    /// # Panics
    /// If the process has ended.
    pub fn say(&mut self, command: &Value) -> Value {
        self.say_unheard(command);
        self.hear().expect("an answer")
    }

    /// Says a command and does not wait.
    pub fn say_unheard(&mut self, command: &Value) {
        if let Some(stdin) = &mut self.stdin {
            // Whoever is killed hears nothing more.
            let _ = stdin.write_all(format!("{command}\n").as_bytes());
        }
    }

    /// The next answer; `None` once the process has ended, also in the middle of a line.
    pub fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.stdout.read_line(&mut line).ok()?;
        line.ends_with('\n').then(|| serde_json::from_str(&line).expect("JSON"))
    }

    /// The process, by its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the process without a word, as a system that needs memory does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.kill();
    }
}
