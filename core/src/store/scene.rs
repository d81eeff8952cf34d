//! A bare store with two case files, for the tests of what settles in it.
//!
//! Settles what the exchange would settle, without one.

use std::path::Path;
use std::sync::Arc;

use fieldfare_protocol::id::{DeviceId, VaultId};
use fieldfare_protocol::lane::Lane;
use fieldfare_protocol::membership::VaultKind;

use super::settle::{Arriving, Touched};
use super::{Build, Store, StoredVault};
use crate::contract::RecordId;
use crate::domain::edit::{Edit, Op};
use crate::domain::stamp::{Plausible, Stamp};
use crate::domain::value::Value;
use crate::ports::SystemDisk;

pub(super) const THEIRS: DeviceId = DeviceId([2; 16]);
pub(super) const RECORD: RecordId = RecordId([9; 16]);

pub(super) struct Scene {
    folder: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) vaults: [StoredVault; 2],
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::by(Build::THIS)
    }

    /// In a store that some build of the app has opened.
    pub(super) fn by(build: &'static Build) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = opened_by(build, folder.path());
        let vault = |id: u8| {
            let id = VaultId([id; 16]);
            let no = store.write(|write| write.add_vault(id, VaultKind::CaseFile)).unwrap();
            StoredVault { no, id, kind: VaultKind::CaseFile }
        };
        let vaults = [vault(9), vault(2)];
        Self { folder, store, vaults }
    }

    /// The same store, opened by another build.
    pub(super) fn by_another(self, build: &'static Build) -> Self {
        let Self { folder, store, vaults } = self;
        drop(store);
        let store = opened_by(build, folder.path());
        Self { folder, store, vaults }
    }

    pub(super) fn settle(&self, vault: usize, lane: Lane, seq: u64, edit: &Edit) -> Option<Touched> {
        self.settle_in(vault, THEIRS, lane, seq, edit)
    }

    /// In the first vault, from any device.
    pub(super) fn settle_from(&self, device: DeviceId, lane: Lane, seq: u64, edit: &Edit) {
        self.settle_in(0, device, lane, seq, edit);
    }

    fn settle_in(
        &self,
        vault: usize,
        device: DeviceId,
        lane: Lane,
        seq: u64,
        edit: &Edit,
    ) -> Option<Touched> {
        let vault = self.vaults[vault];
        let plausible = Plausible { not_before_ms: i64::MIN, held_at_ms: edit.stamp.ms() };
        self.store
            .write(|write| {
                let chain_no = write.chain_no(vault.no, device, lane)?;
                write.settle(&Arriving { vault, chain_no, seq, device, lane, plausible, edit }, 7)
            })
            .unwrap()
    }
}

fn opened_by(build: &'static Build, folder: &Path) -> Store {
    Store::open_by(build, &folder.join("store.db"), &[1; 32], &[2; 32], Arc::new(SystemDisk)).unwrap()
}

pub(super) fn put(kind: &str, field: &str, value: &str) -> Edit {
    Edit {
        kind: kind.to_owned(),
        record: RECORD,
        field: field.to_owned(),
        op_code: Op::Put.code(),
        stamp: Stamp::at_ms(1_000),
        clock_ahead_ms: 0,
        replaces: Vec::new(),
        value: Value::from(value).to_bytes(),
    }
}
