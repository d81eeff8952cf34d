//! What every hardware key promises, run on the stand-in and on the tests' double alike.
//!
//! Built for tests alone. A shell that implements the port against real hardware should pass the same.

use crate::ports::{HardwareKey, HardwareKeyProblem, KEPT_BYTES_MAX};

/// Opens the same key anew at each call of `open`, as after a restart, and checks every promise of the port.
pub(crate) fn run(open: impl Fn() -> Box<dyn HardwareKey>) {
    without_a_key_everything_says_so(&*open());
    open().create().unwrap();
    macs_depend_on_label_and_message_alone(&open);
    the_count_outlives_a_restart(&open);
    what_is_kept_outlives_a_restart(&open);
    making_a_key_twice_keeps_the_first(&open);
    a_deleted_key_never_comes_back(&open);
}

fn mac(key: &dyn HardwareKey, label: &str, message: &[u8]) -> Vec<u8> {
    key.mac(label.to_owned(), message.to_vec()).unwrap()
}

fn is_gone<T>(result: Result<T, HardwareKeyProblem>) -> bool {
    matches!(result, Err(HardwareKeyProblem::NotFound | HardwareKeyProblem::Invalidated))
}

fn without_a_key_everything_says_so(key: &dyn HardwareKey) {
    assert_eq!(key.mac("label".to_owned(), vec![1]), Err(HardwareKeyProblem::NotFound));
    assert_eq!(key.failures(), Err(HardwareKeyProblem::NotFound));
    assert_eq!(key.set_failures(1), Err(HardwareKeyProblem::NotFound));
    assert_eq!(key.kept(), Err(HardwareKeyProblem::NotFound));
    assert_eq!(key.keep(vec![1]), Err(HardwareKeyProblem::NotFound));
    assert_eq!(key.delete(), Ok(()));
    assert_eq!(key.failures(), Err(HardwareKeyProblem::NotFound));
}

fn macs_depend_on_label_and_message_alone(open: &impl Fn() -> Box<dyn HardwareKey>) {
    let first = mac(&*open(), "unlock/v1", b"message");
    assert_eq!(first.len(), 32);
    assert_eq!(mac(&*open(), "unlock/v1", b"message"), first);
    assert_ne!(mac(&*open(), "unlock/v2", b"message"), first);
    assert_ne!(mac(&*open(), "unlock/v1", b"massage"), first);
    assert_ne!(mac(&*open(), "unlock/v1m", b"essage"), first);
    assert_eq!(mac(&*open(), "unlock/v1", b"").len(), 32);
}

fn the_count_outlives_a_restart(open: &impl Fn() -> Box<dyn HardwareKey>) {
    assert_eq!(open().failures(), Ok(0));
    for count in [1, 9, u32::MAX, 0, 4] {
        let before = mac(&*open(), "unlock/v1", b"message");
        open().set_failures(count).unwrap();
        assert_eq!(open().failures(), Ok(count));
        assert_eq!(mac(&*open(), "unlock/v1", b"message"), before);
    }
}

fn what_is_kept_outlives_a_restart(open: &impl Fn() -> Box<dyn HardwareKey>) {
    assert_eq!(open().kept(), Ok(Vec::new()));
    for bytes in [vec![7; KEPT_BYTES_MAX], vec![0], vec![], vec![1, 2, 3]] {
        let before = mac(&*open(), "unlock/v1", b"message");
        open().set_failures(2).unwrap();
        open().keep(bytes.clone()).unwrap();
        assert_eq!((open().kept(), open().failures()), (Ok(bytes), Ok(2)));
        assert_eq!(mac(&*open(), "unlock/v1", b"message"), before);
    }
}

fn making_a_key_twice_keeps_the_first(open: &impl Fn() -> Box<dyn HardwareKey>) {
    let before = mac(&*open(), "unlock/v1", b"message");
    open().set_failures(4).unwrap();
    open().create().unwrap();
    assert_eq!(mac(&*open(), "unlock/v1", b"message"), before);
    assert_eq!((open().failures(), open().kept()), (Ok(4), Ok(vec![1, 2, 3])));
}

fn a_deleted_key_never_comes_back(open: &impl Fn() -> Box<dyn HardwareKey>) {
    let before = mac(&*open(), "unlock/v1", b"message");
    open().delete().unwrap();
    open().delete().unwrap();
    assert!(is_gone(open().mac("unlock/v1".to_owned(), b"message".to_vec())));
    assert!(is_gone(open().failures()));
    open().create().unwrap();
    assert_ne!(mac(&*open(), "unlock/v1", b"message"), before);
    assert_eq!((open().failures(), open().kept()), (Ok(0), Ok(Vec::new())));
}

#[test]
fn the_double_behaves_like_every_hardware_key() {
    use std::sync::Arc;

    use crate::vault::doubles::MemoryHardwareKey;

    struct Shared(Arc<MemoryHardwareKey>);
    impl HardwareKey for Shared {
        fn mac(&self, label: String, message: Vec<u8>) -> Result<Vec<u8>, HardwareKeyProblem> {
            self.0.mac(label, message)
        }
        fn create(&self) -> Result<(), HardwareKeyProblem> {
            self.0.create()
        }
        fn delete(&self) -> Result<(), HardwareKeyProblem> {
            self.0.delete()
        }
        fn failures(&self) -> Result<u32, HardwareKeyProblem> {
            self.0.failures()
        }
        fn set_failures(&self, count: u32) -> Result<(), HardwareKeyProblem> {
            self.0.set_failures(count)
        }
        fn kept(&self) -> Result<Vec<u8>, HardwareKeyProblem> {
            self.0.kept()
        }
        fn keep(&self, bytes: Vec<u8>) -> Result<(), HardwareKeyProblem> {
            self.0.keep(bytes)
        }
    }
    let double = Arc::new(MemoryHardwareKey::default());
    run(|| Box::new(Shared(Arc::clone(&double))));
}
