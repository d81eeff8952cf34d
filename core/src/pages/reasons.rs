//! Why something was held back, in plain words, and what a person can do about it.
//!
//! Words only. A key that this version does not know is told as such, and nothing is hidden for it.

/// What a reason means.
pub(super) struct Reason {
    /// What happened.
    pub(super) says: &'static str,
    /// What to do next.
    pub(super) next: &'static str,
    /// Whether somebody has to look at it, since it should not happen among honest devices.
    pub(super) alarm: bool,
}

const NOTHING_TO_DO: &str = "Nothing has to be done; it is looked at again with every exchange.";
const ASK_THEM: &str = "Ask the colleague to exchange; it is looked at again with every exchange.";
const UPDATE: &str = "Update the app; it is tried again after that.";
const LOOK: &str = "Ask the young person again if it matters. The other answers were taken in.";
const TELL: &str = "Tell your administrator. Nothing was lost, and other cases go on.";

const fn reason(says: &'static str, next: &'static str) -> Reason {
    Reason { says, next, alarm: false }
}

const fn alarm(says: &'static str) -> Reason {
    Reason { says, next: TELL, alarm: true }
}

/// What a key means.
pub(super) fn meaning(key: &str) -> Reason {
    match key {
        "waits.member" => reason("Waits for the record that lets this device in.", ASK_THEM),
        "waits.predecessor" => {
            reason("Something that this colleague wrote before it has not come.", ASK_THEM)
        }
        "waits.cut" => {
            reason("Its author was removed, and the case does not say yet what of it counts.", NOTHING_TO_DO)
        }
        "quarantine.after_removal" => {
            alarm("It came after its device had been removed. It may be a real concern.")
        }
        "segment.old_epoch" => alarm("It was written under a key that its author knew to be replaced."),
        "segment.not_its_epoch" => {
            alarm("It was written under a key that its author, who had handed the case on, was never given.")
        }
        "waits.key" => reason("Waits for the key, which a colleague hands on.", ASK_THEM),
        "waits.colleague" => reason("Something that its author had seen has not come.", NOTHING_TO_DO),
        "waits.two_histories" => {
            alarm("Its author was shown another history than this device: somebody told two stories.")
        }
        "waits.does_not_open" => alarm("It does not open with the key that it names."),
        "waits.not_understood" => reason("It was written by a newer app.", UPDATE),
        "waits.library_failed" => reason("This version of the app fails at it.", UPDATE),
        "segment.signature" => alarm("Its signature is not that of the device it claims to come from."),
        "segment.other_vault" => alarm("It was taken from another case."),
        "segment.unknown_vault" => reason("It belongs to a case that is not on this device.", NOTHING_TO_DO),
        "segment.malformed" => alarm("It is damaged, or no edits of this version."),
        "bundle.signature" => alarm("A colleague's packed history is not signed by that colleague."),
        "bundle.does_not_add_up" => alarm("A colleague's packed history is not what was packed."),
        "membership.fork" => alarm("Two records claim the same place in a list of members."),
        "membership.not_next" => reason("A record of members does not follow the last one.", TELL),
        "membership.key_does_not_open" => alarm("A key was handed on that this device cannot open."),
        "membership.library_failed" => {
            reason("This version of the app fails at a record of members.", UPDATE)
        }
        "answers.damaged" => {
            alarm("Answers of a hand-over were changed on this phone after they were given.")
        }
        "answers.missing" => Reason {
            says: "The answers of a hand-over, or some of them, were deleted from this phone before they came in.",
            next: "Ask the young person whether they want to answer again, and tell your administrator.",
            alarm: true,
        },
        "answers.replayed" => alarm("An answer of a hand-over was put in a second time."),
        "answers.out_of_order" => alarm("Answers of a hand-over carry numbers that no phone gives."),
        "answers.other_session" => alarm("Answers of another hand-over were put in the place of this one's."),
        "answers.unknown_session" => {
            alarm("Answers lay in this phone that belong to no hand-over, or to one that is over.")
        }
        "answers.truncated" => {
            reason("The last answer of a hand-over is not whole; the phone may have lost its power.", LOOK)
        }
        "answers.oversized" => alarm("There were more answers than a hand-over can hold."),
        "answers.expired" => reason("Answers of a hand-over were given after its time.", LOOK),
        "answers.after_the_end" => alarm("Answers of a hand-over were given after it had been finished."),
        "answers.not_offered" => alarm("Answers of a hand-over are none of those that were offered."),
        "answers.refused" => reason("The answers of a hand-over could not be recorded as a check-in.", LOOK),
        "membership.malformed" => alarm("A record of members is damaged."),
        _ => reason("It is held back for a reason that this version has no words for.", UPDATE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_honest_devices_cannot_bring_about_raises_an_alarm() {
        for key in ["waits.two_histories", "segment.signature", "membership.fork"] {
            assert!(meaning(key).alarm, "{key}");
        }
        for key in ["waits.colleague", "waits.key", "of.a.newer.app"] {
            assert!(!meaning(key).alarm, "{key}");
        }
    }
}
