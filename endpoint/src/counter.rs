//! The endpoint without a socket: whoever stands at the counter hands over a call and is given its answer.
//!
//! The same calls, keeper and answers as over HTTP; only connections, threads and patience are missing.

use std::path::Path;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use fieldfare_protocol::exchange::Generation;
use fieldfare_protocol::request::Refused;

use crate::folder::Folder;
use crate::http::{self, Answer};
use crate::keeper::Keeper;
use crate::problem::StartProblem;
use crate::surroundings::Surroundings;

/// What arrived of a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'b> {
    /// All of it.
    Whole(&'b [u8]),
    /// What had arrived when the connection broke: its caller hears no answer.
    CutOff(&'b [u8]),
}

/// An open endpoint that answers one call at a time, on the caller's thread. Dropping it closes its data.
pub struct Counter {
    keeper: Keeper,
}

impl Counter {
    /// Opens the data of a folder, or makes it.
    ///
    /// # Errors
    /// [`StartProblem`] says what is in the way and what to do about it.
    pub fn open(data: &Path, around: Arc<dyn Surroundings>) -> Result<Self, StartProblem> {
        Ok(Self { keeper: Keeper::open(Folder::hold(data)?, around)? })
    }

    /// Lets the organisation fill so many bytes; beyond it only what is urgent is taken.
    #[must_use]
    pub fn with_quota(self, quota_bytes: Option<u64>) -> Self {
        Self { keeper: self.keeper.with_quota(quota_bytes) }
    }

    /// Answers a POST to a path; header names are in lower case.
    #[must_use]
    pub fn answer(&self, path: &str, headers: &[(String, String)], body: Body<'_>) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            else {
                return Answer::refused(Refused::Malformed);
            };
            map.append(name, value);
        }
        http::answer(&self.keeper, path, &map, body)
    }

    /// This life of its data.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.keeper.generation
    }
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::admission::{FoundReply, FoundRequest};
    use fieldfare_protocol::id::VaultId;
    use fieldfare_protocol::membership::Role;
    use fieldfare_protocol::request::{EXCHANGE_PATH, FOUND_PATH};
    use fieldfare_protocol::{PROTOCOL_VERSION, wire};

    use super::*;
    use crate::people::{Log, Phone, founding_organisation};
    use crate::surroundings::Machine;

    fn founding() -> Vec<u8> {
        let admin = Phone::new(1, Role::Administrator);
        let record = Log::new(VaultId([1; 16])).next(&admin, founding_organisation(&admin));
        let record = record.bytes().to_vec().into();
        wire::encode(&FoundRequest { version: PROTOCOL_VERSION, record }).unwrap()
    }

    #[test]
    fn a_call_is_answered_as_over_http() {
        let place = tempfile::tempdir().unwrap();
        let counter = Counter::open(place.path(), Arc::new(Machine)).unwrap();
        let cut = founding();
        assert_ne!(counter.answer(FOUND_PATH, &[], Body::CutOff(&cut[..cut.len() - 1])).status, 200);
        let answer = counter.answer(FOUND_PATH, &[], Body::Whole(&founding()));
        assert_eq!(answer.status, 200);
        let reply: FoundReply = wire::decode(&answer.body).unwrap();
        assert_eq!(reply.generation, counter.generation());
        assert_eq!(counter.answer("/v1/elsewhere", &[], Body::Whole(&[])).status, 404);
        assert_eq!(counter.answer(EXCHANGE_PATH, &[], Body::Whole(&[1])).status, 400);
        let odd = [("fieldfare-device\n".to_owned(), "x".to_owned())];
        assert_eq!(counter.answer(EXCHANGE_PATH, &odd, Body::Whole(&[1])).status, 400);
    }
}
