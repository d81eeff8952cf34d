//! What a locked phone still holds in memory: nothing that anybody wrote, and no key.
//!
//! Looks through all memory of a real process that has worked with words that stand nowhere else.
#![cfg(target_os = "linux")]

use tests::locked::Locked;
use tests::memory::found_in;

#[test]
fn r03_a_locked_phone_holds_no_word_no_pin_and_no_key_in_memory() {
    let mut phone = Locked::start(41, "locked", 20);
    // Shown an offender first: an open phone has its words and keys at hand.
    assert_ne!(found_in(phone.process(), &phone.words()), [""; 0]);
    phone.lock();
    let sought: Vec<_> = phone.words().into_iter().chain(phone.keys()).collect();
    assert_eq!(found_in(phone.process(), &sought), [""; 0]);
}

#[test]
fn r17_a_phone_that_was_handed_over_holds_no_word_no_key_and_no_name_of_a_record_in_memory() {
    let mut phone = Locked::start(43, "handed", 20);
    phone.lock();
    let sought = phone.words().into_iter().chain(phone.keys()).chain(phone.handed_over());
    assert_eq!(found_in(phone.process(), &sought.collect::<Vec<_>>()), [""; 0]);
}
