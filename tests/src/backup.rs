//! An endpoint that is stopped, whose folder is really copied and put back, and that is started again where it was.
//!
//! Phones notice nothing but what it has forgotten.

use std::path::Path;

use fieldfare_endpoint::{Endpoint, Settings, restored};

use crate::phone::Service;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("a file").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
    }
}

/// Stops the endpoint, changes its folder, and starts it again where it was.
#[must_use]
pub fn restart(service: Service, change: impl FnOnce(&Path)) -> Service {
    let Service { folder, endpoint, administrator } = service;
    let (data, listen) = (folder.path().join("endpoint"), endpoint.address());
    endpoint.stop();
    change(&data);
    let endpoint = Endpoint::start(Settings { data, listen, quota_bytes: None }).expect("an endpoint");
    Service { folder, endpoint, administrator }
}

/// Makes a backup of the stopped endpoint, as its documentation asks for.
#[must_use]
pub fn back_up(service: Service) -> Service {
    restart(service, |data| copy(data, &data.with_file_name("backup")))
}

/// Puts the backup back without a word.
#[must_use]
pub fn put_back_silently(service: Service) -> Service {
    restart(service, |data| {
        std::fs::remove_dir_all(data).expect("a folder");
        copy(&data.with_file_name("backup"), data);
    })
}

/// Puts the backup back and says so.
#[must_use]
pub fn put_back(service: Service) -> Service {
    let service = put_back_silently(service);
    restart(service, |data| {
        restored(data).expect("a new life");
    })
}

/// Forgets every segment and bundle of a stopped endpoint, as a backup does that was made before the first of them.
pub fn forget_segments(data: &Path) {
    for entry in std::fs::read_dir(data).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "db") {
            let connection = rusqlite::Connection::open(&path).expect("the endpoint's database");
            let forget = "DELETE FROM segment; DELETE FROM bundle; DELETE FROM chain;";
            connection.execute_batch(forget).expect("its tables");
        }
    }
}
