//! What an erasure leaves in the file, page by page as it is decrypted.

use super::super::scene::{RECORD, Scene, THEIRS, put};
use super::*;
use crate::domain::edit::Edit;
use crate::store::StoredSegment;

const ME: DeviceId = DeviceId([1; 16]);
const NOW_MS: i64 = 1_000;
/// Words that stand nowhere else in a store.
const BODY: &str = "quagmire";
const CONCERN: &str = "zephyrous";

fn note(record: RecordId, words: &str) -> Edit {
    Edit { record, ..put("note", "signed", words) }
}

/// Every page of the database as it is before it is encrypted.
fn pages(store: &Store) -> Vec<u8> {
    store.fold().unwrap();
    lock(&store.writer).serialize(c"main").unwrap().to_vec()
}

fn holds(pages: &[u8], words: &str) -> bool {
    pages.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words.as_bytes()))
}

/// Two vaults with a signed note each, the first also with a concern, a sealed segment and a key.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.settle(0, Lane::Notes, 1, &note(RECORD, &format!("{BODY} and more {BODY}")));
    let other = RecordId([2; 16]);
    scene.settle(1, Lane::Notes, 1, &note(other, "hedgerow"));
    let concern = Edit {
        record: RecordId([9, 9, 9, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ..put("concern", "words", CONCERN)
    };
    scene.settle(0, Lane::Urgent, 1, &concern);
    let vault = scene.vaults[0];
    scene
        .store
        .write(|write| {
            let chain_no = write.chain_no(vault.no, THEIRS, Lane::Notes)?;
            let sealed = b"sealed-nightjar".to_vec();
            let segment = StoredSegment { first_seq: 1, last_seq: 1, hash: Hash([3; 32]), bytes: sealed };
            write.keep_segment(chain_no, &segment, Some(NOW_MS))?;
            write.keep_epoch_key(vault.no, 1, b"key-of-the-vault-32-bytes-long!!")?;
            write.set_aside(vault.id, THEIRS, "segment.malformed", NOW_MS, b"aside-bittern")?;
            Ok::<_, StoreProblem>(())
        })
        .unwrap();
    scene
}

fn erase(scene: &Scene) -> BTreeSet<Touched> {
    scene.store.write(|write| write.erase_vault(&scene.vaults[0], ME, NOW_MS)).unwrap()
}

#[test]
fn r28_no_word_key_or_sealed_byte_of_an_erased_vault_is_left_in_any_page() {
    let scene = scene();
    let gone = [BODY, CONCERN, "sealed-nightjar", "key-of-the-vault", "aside-bittern"];
    let before = pages(&scene.store);
    assert!(gone.iter().all(|words| holds(&before, words)), "the test sees nothing");
    erase(&scene);
    let after = pages(&scene.store);
    for words in gone {
        assert!(!holds(&after, words), "{words}");
    }
    assert!(holds(&after, "hedgerow"), "another case stands");
    let found = scene.store.read(|read| read.search("hedgerow", None, 5)).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn r28_a_tombstone_takes_no_key_and_has_nothing_to_send_or_offer() {
    let scene = scene();
    let vault = scene.vaults[0];
    let own = scene.store.write(|write| {
        let own = write.own_chain(vault.no, ME, Lane::Notes)?;
        write.set_written(own.no, 7, Stamp::at_ms(NOW_MS))?;
        write.set_acked(own.no, 4)?;
        Ok::<_, StoreProblem>(own.no)
    });
    erase(&scene);
    let own = own.unwrap();
    scene
        .store
        .write(|write| {
            write.keep_epoch_key(vault.no, 2, &[7; 32])?;
            assert!(write.read().newest_key(vault.no)?.is_none() && write.read().is_erased(vault.no)?);
            assert!(write.read().outgoing(ME)?.is_empty());
            assert_eq!(write.read().acked_in_all(ME)?, 4, "the endpoint still counts them");
            write.forget_acks(ME)?;
            assert!(write.read().outgoing(ME)?.is_empty());
            write.set_acked(own, 3)?;
            assert!(write.read().outgoing(ME)?.is_empty());
            write.offer_chains_again()?;
            assert_eq!(write.read().vaults_to_offer(9)?, [scene.vaults[1].id]);
            Ok::<_, StoreProblem>(())
        })
        .unwrap();
}

#[test]
fn r28_own_unsent_words_are_readable_for_a_time_and_then_gone() {
    let scene = scene();
    let vault = scene.vaults[0];
    for (seq, words) in [(1, "sent before"), (2, "written since")] {
        let record = RecordId([9, 9, 9, 9, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, u8::try_from(seq).unwrap()]);
        scene.settle_from(ME, Lane::Notes, seq, &note(record, words));
    }
    scene
        .store
        .write(|write| {
            let own = write.own_chain(vault.no, ME, Lane::Notes)?;
            write.set_written(own.no, 2, Stamp::at_ms(NOW_MS))?;
            write.set_acked(own.no, 1)
        })
        .unwrap();
    erase(&scene);
    let words = || scene.store.read(|read| read.erased_words()).unwrap();
    let until_ms = NOW_MS + ERASED_UNSENT_DAYS * DAY_MS;
    let alarms = || scene.store.read(|read| read.alarms()).unwrap().len();
    assert_eq!(words().iter().map(|one| one.words.as_str()).collect::<Vec<_>>(), ["written since"]);
    assert_eq!((words()[0].until_ms, alarms()), (until_ms, 1));
    scene.store.write(|write| write.forget_erased_words(until_ms - 1)).unwrap();
    assert_eq!(words().len(), 1);
    scene.store.write(|write| write.forget_erased_words(until_ms)).unwrap();
    assert_eq!((words().len(), alarms()), (0, 0));
    assert!(!holds(&pages(&scene.store), "written since"));
}
