//! The endpoint of a world: its data, its counter, and the power that may fail in the middle of a call.
//!
//! Honest by itself. Who lies, lies on the line.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldfare_core::ports::Call;
use fieldfare_endpoint::{Answer, Body, Counter};

use super::machine::Around;

/// An endpoint.
pub struct Post {
    data: PathBuf,
    around: Arc<Around>,
    counter: Option<Counter>,
    /// How often the power failed in the middle of a call.
    pub crashes: u64,
    /// Why its disk takes nothing, if it does not.
    pub disk: Option<ErrorKind>,
    quota_bytes: Option<u64>,
}

impl Post {
    /// An endpoint on a folder; it opens at the first call.
    #[must_use]
    pub fn new(data: &Path, around: Arc<Around>) -> Self {
        Self { data: data.to_owned(), around, counter: None, crashes: 0, disk: None, quota_bytes: None }
    }

    /// Where its data is.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its database, closed so that it can be looked at.
    pub fn database(&mut self) -> PathBuf {
        self.close();
        self.data.join("endpoint.db")
    }

    /// Closes the data, so that its folder can be looked at or replaced.
    pub fn close(&mut self) {
        self.counter = None;
    }

    /// Lets the organisation fill so many bytes from now on; as many as it likes, if none.
    pub fn set_quota(&mut self, quota_bytes: Option<u64>) {
        self.close();
        self.quota_bytes = quota_bytes;
    }

    /// Works on another folder from now on.
    pub fn move_to(&mut self, data: &Path) {
        self.close();
        self.data = data.to_owned();
    }

    /// Marks the data as put back from a backup.
    ///
    /// # Panics
    /// If the data cannot be opened.
    pub fn mark_restored(&mut self) {
        self.close();
        fieldfare_endpoint::restored(&self.data).expect("data that can be marked");
    }

    /// Answers a call, unless the power fails first, which leaves nobody to answer.
    ///
    /// # Panics
    /// If the data cannot be opened.
    pub fn answer(&mut self, call: &Call, body: Body<'_>, fails_at: Option<u32>) -> Option<Answer> {
        let (data, around, quota_bytes) = (&self.data, &self.around, self.quota_bytes);
        let counter = self.counter.get_or_insert_with(|| {
            let counter = Counter::open(data, around.clone()).expect("an endpoint that opens");
            counter.with_quota(quota_bytes)
        });
        self.around.power.refuse_writes(self.disk);
        let answered = || counter.answer(&call.path, &call.headers, body);
        let (answer, supply) = self.around.power.supplied(fails_at, answered);
        if supply.has_failed() {
            self.crashes += 1;
            self.close();
            // What was said before the power failed was heard.
            return Some(answer).filter(|answer| answer.status == 200);
        }
        Some(answer)
    }
}
