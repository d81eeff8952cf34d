//! Everything that can be refused or go wrong, in words that a person can act on.
//!
//! A problem never carries what somebody wrote, a name or a key; whatever was written before it is still there.

use schemars::JsonSchema;
use serde::Serialize;

use super::{EraseBar, FolderHolds};

/// What a problem is about, when it is about a record that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is the noun it names")]
pub enum Thing {
    Case,
    YoungPerson,
    Note,
    Goal,
    Step,
    CheckIn,
    Concern,
    Attachment,
    Person,
    ScalePack,
    Scale,
    Service,
    Value,
}

impl std::fmt::Display for Thing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Case => "case",
            Self::YoungPerson => "young person",
            Self::Note => "case note",
            Self::Goal => "goal",
            Self::Step => "step",
            Self::CheckIn => "check-in",
            Self::Concern => "concern",
            Self::Attachment => "attachment",
            Self::Person => "member of staff",
            Self::ScalePack => "scale pack",
            Self::Scale => "scale",
            Self::Service => "service",
            Self::Value => "kept value",
        })
    }
}

/// A refusal or a failure. Its `Display` says what happened; [`Problem::next_step`] says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Error))]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// The PIN is not the one that was set.
    #[error("that PIN is not right; {tries_left} tries are left")]
    WrongPin {
        /// Tries left before the store is erased.
        tries_left: u32,
    },
    /// Too many wrong tries; the next is allowed later.
    #[error("too many wrong PINs; wait {seconds} seconds")]
    WaitBeforeNextTry {
        /// Seconds until the next try.
        seconds: u32,
    },
    /// The PIN breaks a rule.
    #[error("that PIN cannot be used: {rule}")]
    PinNotAccepted {
        /// Which rule.
        rule: String,
    },
    /// The keys were destroyed, by hand or because the limit of wrong PINs was reached.
    #[error("the store on this device was erased, by hand or after too many wrong PINs")]
    Erased,
    /// The phone is in somebody's hands: there is nothing to read until it is unlocked.
    #[error("this phone has been handed over, and its records are closed")]
    Locked,
    /// Nobody has been handed this phone.
    #[error("this phone has not been handed to anybody")]
    NotHandedOver,
    /// The lock in this folder is an older copy: its PIN was changed since.
    #[error("the lock in this folder is an older copy; the PIN was changed since")]
    LockOutdated,
    /// Nobody can help whoever forgot the PIN of this store.
    #[error("nobody can help this phone to another PIN")]
    NoHelp,
    /// What was asked or answered for a forgotten PIN is of no use.
    #[error("this does not help: {why}")]
    HelpNotAccepted {
        /// Why not.
        why: String,
    },
    /// The key that the phone's own check released does not open this store.
    #[error("this phone's own check does not open the store")]
    NotReleased,
    /// The home holds no store.
    #[error("there is no Fieldfare store in this folder")]
    NoStore,
    /// The home already holds a store.
    #[error("this folder already holds a Fieldfare store")]
    StoreExists,
    /// The folder holds something that beginning a home in it would destroy or mix with ours.
    #[error("this folder already holds {by}")]
    FolderTaken {
        /// What lies there.
        by: FolderHolds,
    },
    /// The files are not a Fieldfare store of this device.
    #[error("the store in this folder is not one that this device can open")]
    StoreForeign,
    /// The files are cut short or changed.
    #[error("the store in this folder is damaged")]
    StoreDamaged,
    /// The store was written by a newer app.
    #[error("the store was written by a newer version of the app")]
    StoreNewer,
    /// A protection that the store must have is missing.
    #[error("the cipher does not protect this store as it must: {setting}")]
    StoreUnprotected {
        /// The setting that was not as demanded.
        setting: String,
    },
    /// Another process works on the same home.
    #[error("another process is using this store")]
    StoreBusy,
    /// The phone's hardware key does not answer.
    #[error("this device's own key does not answer at the moment")]
    HardwareKeyBusy,
    /// The phone's hardware key is gone.
    #[error("this device's own key is gone")]
    HardwareKeyGone,
    /// No space, or a folder that cannot be written.
    #[error("this device has no space left to write")]
    DiskFull,
    /// The folder or a file in it cannot be read or written.
    #[error("a file of the store cannot be read or written")]
    FileTrouble,
    /// A save or a signature names a text that was never shown here, or too long ago.
    #[error("the text that this was written on is not known here any more")]
    RevisionUnknown,
    /// A save or a signature names a text of another note.
    #[error("the text that this was written on is another note's")]
    RevisionOfAnother,
    /// What is to be signed or taken out is not what the note says.
    #[error("the note says something else than the screen")]
    TextDiffers,
    /// A record that was named does not exist here.
    #[error("there is no such {thing}")]
    NoSuch {
        /// What was looked for.
        thing: Thing,
    },
    /// A text that is needed is empty.
    #[error("{field} must not be empty")]
    Empty {
        /// Which field.
        field: String,
    },
    /// A text is too long.
    #[error("{field} is longer than {chars_max} characters")]
    TooLong {
        /// Which field.
        field: String,
        /// The most that fits.
        chars_max: u32,
    },
    /// A number is outside its range.
    #[error("{field} must be from {least} to {most}")]
    OutOfRange {
        /// Which field.
        field: String,
        /// Smallest value allowed.
        least: i64,
        /// Largest value allowed.
        most: i64,
    },
    /// A file that is longer than an attachment may be.
    #[error("the file is larger than {bytes_max} bytes")]
    AttachmentTooLarge {
        /// The most that fits.
        bytes_max: u32,
    },
    /// An attachment of which parts have not come.
    #[error("{here} of {of} parts of the attachment are here")]
    AttachmentNotHere {
        /// Parts that are here.
        here: u32,
        /// All its parts.
        of: u32,
    },
    /// An attachment whose content is not what its maker said it was.
    #[error("the content of the attachment is not what was attached")]
    AttachmentDamaged,
    /// A date that is no date, or an impossible one.
    #[error("{field} is not a possible date")]
    BadDate {
        /// Which field.
        field: String,
    },
    /// An action that the record's state or the person's role forbids.
    #[error("{why}")]
    NotAllowed {
        /// Why not.
        why: String,
        /// Key of the reason, the same that a page gives in `why_not`; absent where no page can tell beforehand.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Something stands against erasing a case by law.
    #[error("this case is not erased now: {because}")]
    NotErased {
        /// What.
        because: EraseBar,
    },
    /// An answer outside the scale.
    #[error("answer {item} must be from {least} to {most}")]
    AnswerOutsideScale {
        /// Number of the item, from 1.
        item: u32,
        /// Smallest answer.
        least: u32,
        /// Largest answer.
        most: u32,
    },
    /// Too many or too few answers.
    #[error("the scale has {expected} items, {given} answers were given")]
    WrongNumberOfAnswers {
        /// Items of the scale.
        expected: u32,
        /// Answers given.
        given: u32,
    },
    /// The scale's wording is licensed and no pack is here.
    #[error("the wording of this scale is licensed, and your organisation has not added a scale pack for it")]
    ScaleWithoutPack,
    /// A scale pack is not usable.
    #[error("the scale pack cannot be used: {why}")]
    ScalePackNotAccepted {
        /// What is missing or wrong.
        why: String,
    },
    /// The table is not one that can be imported.
    #[error("the table cannot be imported: {why}")]
    TableNotAccepted {
        /// What is wrong.
        why: String,
    },
    /// The endpoint does not answer.
    #[error("the endpoint cannot be reached")]
    EndpointUnreachable,
    /// The endpoint's certificate is not trusted.
    #[error("the endpoint does not prove who it is")]
    EndpointNotTrusted,
    /// A plain http address that is not this machine.
    #[error("a plain http endpoint is accepted on this machine only")]
    EndpointPlainHttp,
    /// The address does not name its endpoint's keys: the one in use and one in reserve.
    #[error("the address does not say which keys the endpoint proves itself with")]
    EndpointNotPinned,
    /// The address is none.
    #[error("the endpoint's address makes no sense")]
    EndpointBadAddress,
    /// The endpoint keeps another organisation.
    #[error("this endpoint belongs to another organisation")]
    EndpointForeign,
    /// The endpoint does not know this device.
    #[error("the endpoint does not know this device")]
    EndpointUnknownDevice,
    /// The organisation has removed this device.
    #[error("this device has been removed from your organisation")]
    DeviceRemoved,
    /// The device has not reached the endpoint for long.
    #[error("this device has not reached your organisation's endpoint for {days} days")]
    WithoutContact {
        /// Days, as far as they were counted.
        days: u32,
    },
    /// There is no such device, or it may not be removed from here.
    #[error("there is no such device of your organisation")]
    NoSuchDevice,
    /// The recovery file is not one, is damaged, or belongs to another organisation.
    #[error("the recovery key cannot be used: {why}")]
    RecoveryKeyNotAccepted {
        /// What is wrong with it.
        why: String,
    },
    /// The endpoint answered something that makes no sense.
    #[error("the endpoint's answer makes no sense")]
    EndpointNonsense,
    /// An exchange is running already.
    #[error("an exchange is running already")]
    ExchangeRunning,
    /// The exchange was stopped by whoever had asked for it.
    #[error("the exchange was stopped")]
    ExchangeStopped,
    /// The home is locked.
    #[error("this home is locked")]
    StoreLocked,
    /// The home is unlocked already, or somebody is unlocking it.
    #[error("this home is unlocked already")]
    Unlocked,
    /// The home was closed for good.
    #[error("this home was closed")]
    Closed,
    /// What the phone lends did not answer, threw, or answered nonsense.
    #[error("what this device lends to Fieldfare failed: {port}")]
    PortFailed {
        /// Which.
        port: String,
    },
    /// This machine could not start its endpoint.
    #[error("the endpoint did not start: {why}")]
    EndpointNotStarted {
        /// Why, and what to do next.
        why: String,
    },
    /// The endpoint holds other edits under this device's numbers: the store was copied or turned back.
    #[error("another copy of this device's store has been used")]
    DeviceCopied,
    /// The endpoint could not do it now.
    #[error("the endpoint could not keep what was sent")]
    EndpointTrouble,
    /// The endpoint asks to be left alone for a while; what is urgent goes all the same.
    #[error("the endpoint is busy; it takes the rest in {retry_after_s} seconds")]
    EndpointBusy {
        /// Seconds until the next try.
        retry_after_s: u64,
    },
    /// The two speak different versions.
    #[error("the endpoint speaks another version")]
    EndpointOtherVersion,
    /// The invitation is no invitation or was damaged on the way.
    #[error("this is not a complete invitation")]
    InvitationDamaged,
    /// The invitation was used or has expired.
    #[error("the invitation was used already or has expired")]
    InvitationSpent,
    /// The recovery file exists or cannot be written.
    #[error("the recovery file cannot be written")]
    RecoveryFile,
    /// The library that merges texts failed at this one.
    #[error("this text could not be changed")]
    TextLibraryFailed,
    /// The input is not a command, a page or JSON at all.
    #[error("this cannot be understood: {why}")]
    Malformed {
        /// Where and why, without any value.
        why: String,
    },
    /// A fault of ours; the trace number stands in no log with any content.
    #[error("something went wrong inside Fieldfare ({place})")]
    Unexpected {
        /// Where in the code.
        place: String,
    },
}

impl Problem {
    /// A refusal that hangs on what was given, so that no page can tell of it beforehand.
    #[must_use]
    pub fn not_allowed(why: impl Into<String>) -> Self {
        Self::NotAllowed { why: why.into(), reason: None }
    }

    /// Its lasting name, as it stands in JSON.
    #[must_use]
    pub fn name(&self) -> String {
        let json = serde_json::to_value(self).unwrap_or_default();
        json.get("problem").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }

    /// What a person can do next.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::WrongPin { .. } => "Try again. After the last try the store on this device is erased.",
            Self::WaitBeforeNextTry { .. } => {
                "Wait, then try again. Setting the clock wins no more tries, and setting it back makes the wait longer."
            }
            Self::PinNotAccepted { .. } => "Choose 6 to 12 digits that nobody would guess first.",
            Self::Erased => "Ask your administrator for a new invitation. What had been exchanged is safe.",
            Self::Locked => "Take the phone back by unlocking it with your PIN.",
            Self::NotHandedOver => "Unlock it, and start the questions from a case.",
            Self::LockOutdated => "Put the newest copy of the folder back, or ask your administrator.",
            Self::NoHelp => {
                "Try to remember. If that fails, ask for a new invitation; what had been exchanged is safe."
            }
            Self::HelpNotAccepted { .. } => {
                "Ask again on the phone whose PIN is forgotten; nothing on it was changed."
            }
            Self::NotReleased => "Use your PIN; then you can switch the phone's own check on again.",
            Self::NoStore => "Found an organisation or join one with an invitation first.",
            Self::StoreExists => "Use another folder, or work with the store that is there.",
            Self::FolderTaken { by: FolderHolds::HomeWithoutLock } => {
                "Nothing was changed. Keep the folder, put `envelope` back from a copy of it, or use another folder."
            }
            Self::FolderTaken { by: FolderHolds::OtherFiles } => {
                "Nothing was changed. Name an empty folder, or one that is not there yet."
            }
            Self::FolderTaken { by: FolderHolds::OtherBeginning } => {
                "Nothing was changed. Go on with what was begun, use another folder, or erase what is here."
            }
            Self::StoreForeign => "Check that this is the right folder; nothing in it was changed.",
            Self::StoreDamaged => "Nothing was changed. Keep the folder and ask your administrator for help.",
            Self::StoreNewer => "Update the app; your records are untouched.",
            Self::StoreUnprotected { .. } => "Install the app again from its original source.",
            Self::StoreBusy => "Close the other one, or wait until it has finished.",
            Self::HardwareKeyBusy => "Unlock the device and try again in a moment.",
            Self::HardwareKeyGone => "Ask your administrator for recovery; keep this device as it is.",
            Self::DiskFull => {
                "Free some space and do it again. What was saved is safe; reading, concerns and sending go on."
            }
            Self::FileTrouble => "Check that the folder exists and may be written, then try again.",
            Self::RevisionUnknown => {
                "Open the note again and write your words into what it says now; nothing was changed."
            }
            Self::RevisionOfAnother => "Open this note and save on what it says; nothing was changed.",
            Self::TextDiffers => {
                "Read both on the page `note_compared`, open the note again, and sign what it says then."
            }
            Self::NoSuch { .. } => "Exchange first if it was made on another device, or check the name.",
            Self::Empty { .. } => "Write something, then try again.",
            Self::TooLong { .. } => "Shorten it or split it into two.",
            Self::OutOfRange { .. } => "Correct the number.",
            Self::AttachmentTooLarge { .. } => "Make the photo smaller, or attach the document in parts.",
            Self::AttachmentNotHere { .. } => {
                "Exchange again where there is a signal; the rest is on its way."
            }
            Self::AttachmentDamaged => "Ask whoever attached it to attach it again.",
            Self::BadDate { .. } => "Write the date as year-month-day, for example 2026-03-31.",
            Self::NotAllowed { .. } => "Nothing was changed.",
            Self::NotErased { .. } => {
                "Nothing was erased. See to that first; the case and the page `exchange` show it."
            }
            Self::AnswerOutsideScale { .. } => "Choose one of the answers shown, or skip the question.",
            Self::WrongNumberOfAnswers { .. } => "Give one answer for each question; a skipped one is null.",
            Self::ScaleWithoutPack => "Ask your administrator to add the pack that came with the licence.",
            Self::ScalePackNotAccepted { .. } => "Correct the pack and add it again.",
            Self::TableNotAccepted { .. } => "Correct the table and import it again; nothing was changed.",
            Self::EndpointUnreachable => "Everything is kept here. Try again when there is a signal.",
            Self::EndpointNotTrusted => "Do not go on in this network. Tell your administrator.",
            Self::EndpointPlainHttp => "Use the https address of your endpoint, with its pins.",
            Self::EndpointNotPinned => {
                "Ask whoever runs the endpoint for its whole address; `fieldfare address` shows it to them."
            }
            Self::EndpointBadAddress => {
                "Check the address; it begins like https://fieldfare.example and ends with its pins."
            }
            Self::EndpointForeign => {
                "Check the address with your administrator; nothing was sent or deleted."
            }
            Self::EndpointUnknownDevice => "Ask your administrator whether this device was removed.",
            Self::DeviceRemoved => {
                "Talk to your coordinator. What was not sent goes to them; then this device erases itself."
            }
            Self::WithoutContact { .. } => {
                "Exchange where there is a signal. Reading, concerns and drafts that were begun go on."
            }
            Self::NoSuchDevice => "Look at the page `devices` for the names of all devices.",
            Self::RecoveryKeyNotAccepted { .. } => {
                "Type the key again from the paper, or fetch the other copy."
            }
            Self::EndpointNonsense => "Nothing was lost. Tell your administrator if it happens again.",
            Self::ExchangeRunning => "Wait until it has ended; it takes what was just written with it.",
            Self::ExchangeStopped => "Nothing was lost; the rest goes with the next exchange.",
            Self::StoreLocked => "Unlock it with your PIN.",
            Self::Unlocked => "Work with it, or lock it first.",
            Self::Closed => "Open it again.",
            Self::PortFailed { .. } => "Nothing was lost. Start the app again, and update it.",
            Self::EndpointNotStarted { .. } => "Nothing that the endpoint keeps was changed.",
            Self::DeviceCopied => {
                "Keep this device as it is and tell your administrator; nothing on it was lost."
            }
            Self::EndpointTrouble => "Everything is kept here. Try again later.",
            Self::EndpointBusy { .. } => "Everything is kept here. Try again after that time.",
            Self::EndpointOtherVersion => "Update the app, or ask for the endpoint to be updated.",
            Self::InvitationDamaged => "Copy the whole invitation, from its first word to its last letter.",
            Self::InvitationSpent => "Ask your administrator for a new one.",
            Self::RecoveryFile => "Name a new file in a folder that can be written, best on a memory stick.",
            Self::TextLibraryFailed => {
                "The text is as it was. Keep your words, write them in a new note, and update the app."
            }
            Self::Malformed { .. } => "Compare it with the output of `fieldfare contract`.",
            Self::Unexpected { .. } => "Nothing was lost. Please report the words in brackets.",
        }
    }
}
