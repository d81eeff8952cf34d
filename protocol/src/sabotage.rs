//! Breaking one promise on purpose, so that a test can show that somebody would notice.
//!
//! Several can be broken at once. Without the feature `sabotage` every question here is answered `false` by the compiler,
//! and nothing can be broken. With it, a switch holds for the thread that threw it and for no other.

/// A promise that can be broken, named after what goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sabotage {
    /// A device believes that an urgent edit has arrived although no receipt says so.
    BelieveWithoutReceipt,
    /// The endpoint hands out everything else before what is urgent.
    UrgentNotFirstInFeed,
    /// A device sends notes before a concern.
    NotesBeforeConcern,
    /// A device calls again before the time that the endpoint named.
    IgnoreRetryAfter,
    /// A device remembers that it has read what it has not settled yet.
    CursorBeforeData,
    /// A device that was turned away believes that everything sealed has arrived.
    ForgetUnsentOnBusy,
    /// The length of a sealed body tells the length of what was written.
    NoPadding,
    /// A bundle holds one edit less than the segments that it stands for.
    BundleDropsAnEdit,
    /// The segments of a bundle no longer say what their author had seen.
    BundleSkipsFrontier,
    /// A device's stamps follow any stamp that it sees, however far in the future.
    FollowEveryClock,
    /// Edits of a kind, field or operation that a device does not know are thrown away instead of kept.
    DropUnknown,
    /// Of values that were recorded at once the latest is shown, also where the most cautious ought to be.
    LastWriterWins,
    /// A record is taken back without a word to whoever was editing it meanwhile.
    StrikeSilently,
    /// A signed note takes another text.
    ChangeSignedNote,
    /// Not a breakage but a costume: the device is an older app, which knows neither the kind `step`, nor the field
    /// `agreed` of a note, nor the operation that takes a value out of a set. Whoever wears it must not write these, and
    /// has to be opened without it to be brought up to date.
    OlderApp,
    /// A device goes on under its name although the endpoint holds other segments under it.
    KeepWritingAfterClone,
    /// A device settles what was written upon another history than its own.
    TrustOtherHistory,
    /// After a restore of the endpoint a device does not send its own work again.
    DoNotOfferAgain,
    /// After a restore of the endpoint a device does not bring it the work of others.
    DoNotOfferOthers,
    /// A device that takes a new name leaves behind what it had not sent.
    MoveNothing,
    /// The text library panics at whatever a colleague typed; not a promise but a fault that has to be survived.
    TextLibraryFails,
    /// What a failing library had half written of a segment stays.
    NoSavepoint,
    /// A segment that is settled is looked at as if it were new.
    SettleTwice,
    /// What a removed device wrote after its removal counts all the same.
    SkipTheCut,
    /// A change of the key leaves out somebody who stays.
    RotateForgettingAMember,
    /// A change of the key gives the new one to somebody who was removed.
    RotateIncludingRemoved,
    /// A change of the key leaves out the recovery key.
    OmitRecoveryWrap,
    /// Whoever opens the newest key of a vault does not open the ones before it.
    ForgetOlderEpochs,
    /// Somebody writes under a key that has been replaced.
    WriteUnderOldEpoch,
    /// The endpoint takes a segment that comes again for another one of the same number.
    TakeRepetitionForFork,
    /// The endpoint of one organisation answers the devices of another.
    AnswerAnybody,
    /// Typing replaces the stored text by what stood on the screen, whatever a colleague has added since.
    TypeOverOthers,
    /// A device or the endpoint says that something is kept before it is durable.
    AcknowledgeBeforeDurable,
    /// A segment whose time is far from now is not believed.
    RefuseOddTimes,
    /// Two processes may work on one home at once.
    ShareTheHome,
    /// What was damaged on its way is not fetched once more.
    MoveOnPastDamage,
    /// What could not be used or kept is never asked for again.
    NeverLookAgain,
    /// What lacks something is thrown away instead of waiting.
    LoseWhatWaits,
    /// What a colleague wrote is shown before what they had seen when they wrote it.
    SettleBeforeItsCauses,
    /// The endpoint hands out everything at once, however little was asked for.
    IgnorePageSize,
    /// However much a body says that it holds, it is unfolded.
    UnfoldWithoutBound,
    /// Not a breakage but a costume: the device is a newer app, which brings its store two steps further.
    NewerApp,
    /// A store says that it was brought further before it was.
    NumberBeforeStep,
    /// The lock's file is removed before its successor stands.
    RemoveBeforeReplacing,
    /// A device that is told that its request is too large tries no smaller one.
    GiveUpOnTooLarge,
    /// An endpoint without room has none for what is urgent either.
    NoUrgentReserve,
    /// What was not understood when it came is forgotten when the app is updated.
    LoseWhatSleeps,
    /// A store of a newer app is opened and used.
    OpenWhateverIsThere,
    /// A device asks for everything from the beginning at each exchange.
    StartOver,
    /// The endpoint answers a call that somebody has recorded and sends again.
    AnswerRecordedCalls,
    /// A device erases itself because an endpoint does not know it any more, without a record of its removal.
    BelieveRemovalWithoutRecord,
    /// A device that has been without contact for long goes on as if nothing were.
    IgnoreLease,
    /// Settling an edit leaves standing what the edit replaces.
    SettleWrongly,
    /// A device compares a colleague's digest with what stands now instead of what stood then.
    CompareWhatCameLater,
    /// A device goes on sealing in a vault whose log has forked.
    WriteInAFork,
    /// Whoever ends a fork gives the new key to everybody who is a member in one branch.
    ResolveForOneSide,
    /// What was written while a call was under way counts as sent by it.
    ForgetWhatWasWrittenMeanwhile,
    /// The memory in which the cipher works is given back without being wiped.
    MemorySecurityOff,
    /// The PIN alone makes the key of its slot.
    HardwareKeyIgnored,
    /// A try is counted once its verdict is known.
    CountAfterVerdict,
    /// An older copy of the envelope opens with the PIN that was valid then.
    BelieveAnyEnvelope,
    /// A store that was turned back is taken for the newest.
    BelieveAnyStore,
    /// A helper's answer counts whoever signed it, and as often as it is given.
    BelieveAnyAnswer,
    /// An audit chain is believed without being followed.
    BelieveAnyAudit,
    /// Looking at a record leaves no line in the audit.
    ReadWithoutTrace,
    /// The ticket of a hand-over names the young person's case.
    TicketNamesTheChild,
    /// The store stays open behind a hand-over.
    StoreStaysOpenInHandover,
    /// A hand-over is forgotten only once its files are gone, and not together with taking its answers in.
    AnswersTakenTwice,
    /// One answer that cannot be believed takes all others of its hand-over with it.
    OneBadAnswerSpoilsAll,
    /// Answers count that were given after a hand-over's time.
    LateAnswersCount,
    /// A hand-over that was killed begins at its first question again.
    HandoverBeginsAgain,
    /// What cannot be believed of a hand-over's answers is thrown away instead of set aside.
    BadAnswersThrownAway,
    /// A phone that is handed over answers a command of the mentor's.
    HandoverObeys,
    /// A key is written under however old it is, and also if somebody mistrusts it.
    KeepOldKeys,
    /// Whoever ought not to read a file any more stays among its readers.
    KeepFormerReaders,
    /// Every compartment of a case is shared with everybody who reads its file.
    OneCompartmentForAll,
    /// What is under legal hold is deleted all the same.
    DeleteInSpiteOfHold,
    /// The endpoint attests what arrived without signing it.
    ReceiptsUnsigned,
    /// Any certificate that a root vouches for proves the endpoint, whatever its key.
    PinsIgnored,
    /// The endpoint reads on from a cursor that its data cannot have given out.
    TrustAnyCursor,
    /// A copy for the person concerned holds the file of the case and none of its other compartments.
    ExportLeavesOut,
    /// The endpoint erases what whoever confirms it has not seen.
    EraseUnseen,
    /// Whoever asks for an erasure also confirms it.
    EraseAlone,
    /// What was erased is taken in again from whoever hands it out.
    ErasedReturns,
    /// A device that hears of an erasure keeps what it has.
    ErasedStays,
}

/// Whether a promise is broken on this thread.
#[cfg(not(feature = "sabotage"))]
#[must_use]
pub const fn is_on(_: Sabotage) -> bool {
    false
}

#[cfg(feature = "sabotage")]
pub use switch::{during, is_on};

#[cfg(feature = "sabotage")]
mod switch {
    use std::cell::Cell;

    use super::Sabotage;

    thread_local! {
        static ON: Cell<u128> = const { Cell::new(0) };
    }

    /// Whether a promise is broken on this thread.
    #[must_use]
    pub fn is_on(sabotage: Sabotage) -> bool {
        ON.get() & bit(sabotage) != 0
    }

    const fn bit(sabotage: Sabotage) -> u128 {
        1 << sabotage as u32
    }

    /// Does something while a promise is broken, and mends it afterwards, also after a panic.
    pub fn during<T>(sabotage: Sabotage, act: impl FnOnce() -> T) -> T {
        struct Mend(u128);
        impl Drop for Mend {
            fn drop(&mut self) {
                ON.set(self.0);
            }
        }
        let _mend = Mend(ON.replace(ON.get() | bit(sabotage)));
        act()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_switch_holds_as_long_as_it_is_meant_to() {
            assert!(!is_on(Sabotage::BelieveWithoutReceipt));
            during(Sabotage::BelieveWithoutReceipt, || {
                during(Sabotage::OlderApp, || assert!(is_on(Sabotage::BelieveWithoutReceipt)));
                assert!(is_on(Sabotage::BelieveWithoutReceipt) && !is_on(Sabotage::OlderApp));
            });
            assert!(!is_on(Sabotage::BelieveWithoutReceipt));
        }
    }
}
