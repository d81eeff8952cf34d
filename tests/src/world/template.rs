//! An organisation that is founded once, and whose homes and endpoint every world copies.
//!
//! Ten phones, level with each other; one case that three of them read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_core::app::{Fieldfare, Founding};
use fieldfare_core::contract::StaffRole;
use fieldfare_core::vault::Holders;
use serde_json::json;
use tempfile::TempDir;

use super::ground::Ground;
use super::machine::{Around, Time};
use super::network::Network;
use super::phone::{PIN, Phone};
use super::post::Post;
use crate::phone::{self, cheap};

/// Who works in the organisation, in the order of joining; the first one founds it.
pub const STAFF: [(&str, StaffRole); 10] = [
    ("ada", StaffRole::Administrator),
    ("robin", StaffRole::Mentor),
    ("wren", StaffRole::Mentor),
    ("sandy", StaffRole::Supervisor),
    ("lark", StaffRole::Safeguarding),
    ("pip", StaffRole::Mentor),
    ("finch", StaffRole::Mentor),
    ("teal", StaffRole::Mentor),
    ("dove", StaffRole::Supervisor),
    ("bunty", StaffRole::Administrator),
];

/// Where every endpoint is said to be; nobody connects to it.
pub const ADDRESS: &str = "http://127.0.0.1:9";

/// The founded organisation.
pub struct Template {
    folder: TempDir,
    grounds: Mutex<BTreeMap<Ground, PathBuf>>,
    /// How the contract names each person.
    pub people: Vec<String>,
    /// The case of robin and wren.
    pub case: String,
    /// The draft in it that both type into.
    pub note: String,
}

/// A new folder where files are fast, if there is such a place.
///
/// # Panics
/// If no folder can be made.
#[must_use]
pub fn fast_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

impl Template {
    /// Founds it.
    ///
    /// # Panics
    /// If the organisation cannot be founded.
    #[must_use]
    pub fn found() -> Self {
        let folder = fast_folder();
        let time = Time::new();
        let data = folder.path().join("endpoint");
        let network = Network::new(Post::new(&data, Around::new(time.clone(), 1)), 1);
        let mut phones: Vec<Phone> = Vec::new();
        for (number, (name, role)) in STAFF.into_iter().enumerate() {
            let mut phone =
                Phone::new(name, role, &folder.path().join(name), &time, &network, 100 + number as u64);
            let app = match phones.first() {
                None => {
                    let recovery_file = folder.path().join("recovery");
                    let founding = Founding {
                        organisation: "Harbour Mentoring",
                        base_url: ADDRESS,
                        recovery_file: &recovery_file,
                        holders: Holders::One,
                    };
                    Fieldfare::found(&phone.home, phone.ports(), PIN, cheap(), &founding)
                }
                Some(founder) => {
                    let founder = founder.app.as_ref().expect("an open phone");
                    let invitation = founder.invite(name, role).expect("an invitation");
                    Fieldfare::join(&phone.home, phone.ports(), PIN, cheap(), &invitation)
                }
            };
            phone.app = Some(Arc::new(app.expect("a device that begins")));
            time.pass(60_000);
            phones.push(phone);
        }
        let apps: Vec<Arc<Fieldfare>> = phones.iter().filter_map(|phone| phone.app.clone()).collect();
        let all: Vec<&Fieldfare> = apps.iter().map(AsRef::as_ref).collect();
        phone::level(&all);
        let people: Vec<String> = all
            .iter()
            .map(|app| {
                phone::page(app, json!({"page": "mentor"}))["person"].as_str().unwrap_or_default().to_owned()
            })
            .collect();
        let case = phone::make(all[1], json!({"do": "open_case", "name": "Kit", "cohort": "protect"}));
        phone::run(all[1], json!({"do": "add_mentor", "case": case, "mentor": people[2]})).expect("a mentor");
        let note = phone::make(all[1], json!({"do": "begin_note", "case": case, "body": "We met. "}));
        time.pass(60_000);
        phone::level(&all);
        phone::level(&all);
        found_foreign(folder.path(), &time);
        Self { folder, grounds: Mutex::default(), people, case, note }
    }

    /// Where the home of a phone, or `endpoint`, lies; nobody uses it.
    #[must_use]
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where homes and endpoint lie on a ground, which is made when it is first asked for.
    #[must_use]
    pub fn on(&self, ground: Ground) -> PathBuf {
        let mut grounds = self.grounds.lock().unwrap_or_else(PoisonError::into_inner);
        let made = grounds.entry(ground).or_insert_with(|| {
            let place = self.place(&ground.name());
            ground.lay(self, &place);
            place
        });
        made.clone()
    }
}

/// Copies a folder without folders in it.
///
/// # Panics
/// If a file cannot be copied.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().unwrap_or_default())).expect("a copied file");
    }
}

/// Another organisation, of which only the endpoint matters.
fn found_foreign(folder: &Path, time: &Arc<Time>) {
    let data = folder.join("foreign");
    let network = Network::new(Post::new(&data, Around::new(time.clone(), 2)), 2);
    let role = StaffRole::Administrator;
    let phone = Phone::new("stranger", role, &folder.join("stranger"), time, &network, 99);
    let recovery_file = folder.join("foreign-recovery");
    let founding = Founding {
        organisation: "Somebody else",
        base_url: ADDRESS,
        recovery_file: &recovery_file,
        holders: Holders::One,
    };
    let founded = Fieldfare::found(&phone.home, phone.ports(), PIN, cheap(), &founding);
    founded.map(drop).expect("another organisation");
}
