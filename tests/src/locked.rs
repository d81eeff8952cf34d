//! The program `locked` from the outside: started, looked into, told to lock.
//!
//! Finds the program beside the one that runs; the keys come from the home it leaves behind.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use fieldfare_core::store::StoreProblem;

use crate::canary;
use crate::keys;
use crate::memory::Sought;

/// A phone in a process of its own that has worked with canaries.
pub struct Locked {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    seed: u64,
    home: PathBuf,
}

impl Locked {
    /// Starts it with a word on how it ends its work, see the program, and waits until it has worked.
    ///
    /// # Panics
    /// If it is not built, or dies.
    #[must_use]
    pub fn start(seed: u64, how: &str, notes: u32) -> Self {
        let this = std::env::current_exe().expect("this program has a path");
        let found = this.ancestors().map(|folder| folder.join("locked")).find(|path| path.is_file());
        let mut child = Command::new(found.expect("the program `locked` is built first"))
            .args([seed.to_string(), how.to_owned(), notes.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdin = child.stdin.take().expect("its input");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut home = String::new();
        stdout.read_line(&mut home).expect("its home");
        assert!(!home.is_empty(), "it died");
        Self { child, stdin, stdout, seed, home: PathBuf::from(home.trim_end()) }
    }

    /// The process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to lock, and waits until it says that it has.
    ///
    /// # Panics
    /// If it dies.
    pub fn lock(&mut self) {
        writeln!(self.stdin, "lock").and_then(|()| self.stdin.flush()).expect("it listens");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("an answer");
        assert_eq!(line, "locked\n");
    }

    /// Everything that was written.
    #[must_use]
    pub fn words(&self) -> Vec<Sought> {
        let names = ["name", "area", "note", "typing", "addendum", "goal", "concern", "colleague's note"];
        let word = |(number, what): (u8, &str)| Sought::text(what, &canary::word(self.seed, number));
        (0..).zip(names).map(word).collect()
    }

    /// The PIN, and every key of the home, which has to be locked.
    ///
    /// # Panics
    /// If the home does not open.
    #[must_use]
    pub fn keys(&self) -> Vec<Sought> {
        let mut sought = vec![Sought::text("PIN", &canary::pin(self.seed))];
        for (what, key) in keys::all(&self.home, &canary::pin(self.seed)) {
            sought.extend(Sought::key(what, key.expose()));
        }
        assert_eq!(sought.len(), 11, "two keys of the home, one of the device, two of vaults, and the PIN");
        sought
    }

    /// The key that opens the answers of a hand-over, and the names of the cases.
    ///
    /// # Panics
    /// If the phone was not handed over.
    #[must_use]
    pub fn handed_over(&self) -> Vec<Sought> {
        let (_, store) = keys::opened(&self.home, &canary::pin(self.seed));
        let read = store.read(|read| Ok::<_, StoreProblem>((read.handover_key()?, read.caseload(0)?)));
        let (key, cases) = read.expect("a hand-over");
        assert!(!cases.is_empty(), "there is no case");
        let mut sought = Vec::from(Sought::key("key of the hand-over", key.expose()));
        sought.extend(cases.iter().flat_map(|case| Sought::key("case", &case.case.0)));
        sought
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // It had no time to tidy up: its home lies in a temporary folder of its own.
        if let Some(folder) = self.home.parent() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
