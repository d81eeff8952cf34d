//! Handing the phone to a young person: what starts it, what they may do, and the pages they see.
//!
//! Written for people of 10 to 17: one thing at a time, plain words, always a way on. No page holds a name, a score, an
//! earlier answer or the name of a record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AutoLock, CaseId, Company, Manner, PackOption};

/// Starts a hand-over: the store closes, and until the mentor unlocks again there are only these questions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// The case.
    pub case: CaseId,
    /// Name of the scale.
    pub scale: String,
    /// How it is answered.
    pub manner: Manner,
    /// Who else is there; empty means nobody.
    #[serde(default)]
    #[cfg_attr(feature = "foreign", uniffi(default = []))]
    pub company: Vec<Company>,
}

/// What a young person does. In JSON its name stands in `step`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum HandoverStep {
    /// Chooses an answer to the question that is shown. The latest counts.
    Answer {
        /// The number of the option.
        answer: u8,
        /// The page it was tapped on; a second tap on a page that is gone does nothing. The page that is shown if absent.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        at: Option<u32>,
    },
    /// Passes the question that is shown over; an answer given earlier is taken back.
    Skip {
        /// As above.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        at: Option<u32>,
    },
    /// Goes on: to the first question, or past one that has been shown before, which stays as it was answered.
    Next {
        /// As above.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        at: Option<u32>,
    },
    /// Goes back by one page.
    Back {
        /// As above.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        at: Option<u32>,
    },
    /// Stops: at a question, leads to the last page; there, ends it.
    Finish {
        /// As above.
        #[serde(default)]
        #[cfg_attr(feature = "foreign", uniffi(default = None))]
        at: Option<u32>,
    },
}

impl std::fmt::Debug for HandoverStep {
    /// Not a word of what was answered.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("HandoverStep")
    }
}

/// Where a hand-over stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum HandoverPlace {
    /// Before the first question.
    Welcome,
    /// At a question.
    Question,
    /// After the last question.
    Last,
    /// It is finished; the phone can be given back.
    Finished,
    /// Nothing more is asked, because the time is over or the questions cannot be read. The phone is to be given back.
    Over,
}

/// A sentence that is shown: a lasting key and the words in English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct Sentence {
    /// The key, for shells that speak another language.
    pub key: String,
    /// The words.
    pub words: String,
}

/// How far one has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct HandoverProgress {
    /// The question that is shown, from 1.
    pub question: u32,
    /// All questions.
    pub of: u32,
    /// For example `3 of 7`.
    pub words: String,
}

/// Something that can be done on a page, always allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct HandoverAction {
    /// Name of the step.
    pub step: String,
    /// What stands on the button. For an answer there is a button for each option instead.
    pub label: Sentence,
}

/// What a young person sees, ready to draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "foreign", derive(uniffi::Record))]
pub struct HandoverPage {
    /// Where it stands.
    pub place: HandoverPlace,
    /// Number of this page, for a step's `at`.
    pub at: u32,
    /// What is said, in order.
    pub says: Vec<Sentence>,
    /// What the scale itself says before its first question; empty elsewhere.
    pub introduction: String,
    /// How far one has come; at a question only.
    pub progress: Option<HandoverProgress>,
    /// The question; at a question only.
    pub question: Option<String>,
    /// Its answers; at a question only. None of them is marked as chosen.
    pub options: Vec<PackOption>,
    /// The owners' notice, with every use of their words; empty where none of them is shown.
    pub notice: String,
    /// What can be done.
    pub actions: Vec<HandoverAction>,
    /// When the shell covers the page by itself: the organisation's, as it was when the phone was handed over.
    pub auto_lock: AutoLock,
}
