//! Kills while a home comes into being: founded, joined, unlocked, brought up to date.
//!
//! A home is afterwards whole, or the same is done again in the same folder and makes it whole.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use fieldfare_core::contract::StaffRole;

use super::old_home;
use super::scene::Scene;
use crate::binary::{EndpointProcess, finish};
use crate::device::Device;

impl Scene {
    /// Unlocking is killed; the tries that it counted do not lock anybody out.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn strike_unlocking(&mut self) {
        let device = self.robin.clone();
        let under_way = {
            let mut command = device.command("page", &["today"]);
            let moment_us = self.unlocks.drawn_us(&mut self.chance);
            killed(&mut command, b"", moment_us)
        };
        self.unlocks.learn(under_way);
        self.tally.kills_phone += 1;
        self.tally.kills_phone_at_work += u64::from(under_way);
        drop(device.open().expect("a home opens after a kill"));
    }

    /// Founding or joining is killed.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn strike_a_birth(&mut self) {
        let number = self.tally.kills_phone;
        let device = Device::at(&self.folder.path().join(format!("born-{number}")));
        let moment_us = self.births.drawn_us(&mut self.chance);
        self.tally.kills_phone += 1;
        self.tally.kills_at_birth += 1;
        let joins = self.chance.percent(60);
        let (mut command, line, _endpoint) = if joins {
            let invitation = self.administrator.invite("Wren", StaffRole::Mentor).expect("an invitation");
            (device.command("join", &["--invitation", "-"]), format!("{}\n", *invitation), None)
        } else {
            let endpoint = EndpointProcess::start(&self.folder.path().join(format!("elsewhere-{number}")));
            let recovery = self.folder.path().join(format!("recovery-{number}"));
            let recovery = recovery.to_string_lossy().into_owned();
            let arguments = ["--organisation", "Other", "--endpoint", &endpoint.url, "--recovery", &recovery];
            let arguments = [arguments.as_slice(), &["--recovery-shares", "1"]].concat();
            (device.command("found", &arguments), String::new(), Some(endpoint))
        };
        let under_way = killed(&mut command, line.as_bytes(), moment_us);
        self.births.learn(under_way);
        let app = device.open().unwrap_or_else(|_| {
            // Nobody's word was lost: the same is done again, and succeeds whatever the endpoint has heard already.
            let mut ran = finish(&mut command, line.as_bytes());
            if ran.status != 0 && ran.problem() == "recovery_file" {
                // A recovery key that was written just before is nobody's, and still not written over.
                let _ = std::fs::remove_file(self.folder.path().join(format!("recovery-{number}")));
                ran = finish(&mut command, line.as_bytes());
            }
            assert_eq!(ran.status, 0, "a second try: {}", ran.raw);
            device.open().expect("a home that was begun twice opens")
        });
        app.exchange(|_| ()).expect("a home that opens exchanges");
    }

    /// A store of the first version is opened by this one, which is killed while it brings the store up to date.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn strike_an_update(&mut self) {
        let old = Device::at(&self.folder.path().join(format!("old-{}", self.tally.kills_phone)));
        let before = old_home::make(&self.robin, &old);
        let moment_us = self.unlocks.drawn_us(&mut self.chance);
        killed(&mut old.command("page", &["today"]), b"", moment_us);
        self.tally.kills_phone += 1;
        self.tally.kills_at_birth += 1;
        let app = old.open().expect("a store whose update was killed opens");
        assert_eq!(app.digests().expect("digests"), before, "an update changed what stands");
        drop(app);
        std::fs::remove_dir_all(&old.home).expect("a folder");
    }
}

/// Starts a process, kills it after so long, and says whether it was still at work.
fn killed(command: &mut Command, input: &[u8], after_us: u64) -> bool {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    if let Some(mut stdin) = child.stdin.take() {
        // Whoever has ended already reads nothing.
        let _ = stdin.write_all(input);
    }
    std::thread::sleep(Duration::from_micros(after_us));
    let under_way = child.try_wait().expect("a child").is_none();
    let _ = child.kill();
    let _ = child.wait();
    under_way
}
