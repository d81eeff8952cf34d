//! What the store remembers of a hand-over: for whom it is, and the key that opens its answers, until they are taken in.
//!
//! Keeps it and destroys it. The bytes that are overwritten with it do not stay behind: deleted content is zeroed.

use fieldfare_protocol::hash::Hash;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::problem::StoreProblem;
use super::{Read, Write};
use crate::contract::{CaseId, Company, Manner};
use crate::vault::Secret;

/// A hand-over that stands. Everything but its key, which is read on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverSession {
    /// Its random name.
    pub session: [u8; 16],
    /// Digest of its ticket.
    pub ticket: Hash,
    /// The case.
    pub case: CaseId,
    /// Name of the scale.
    pub scale: String,
    /// How many questions are asked.
    pub questions: u8,
    /// Who else is there.
    pub company: Vec<Company>,
    /// How it is answered.
    pub manner: Manner,
    /// The day, in days since 1970.
    pub taken_on: i32,
    /// Until when answers count, by this device's own clock.
    pub until_ms: i64,
}

/// How far a hand-over has come in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandoverState {
    /// Its answers have not been taken in.
    Standing(HandoverSession),
    /// Its answers were taken in, and its files may still lie in the home: the digest of the box that was taken.
    Taken(Hash),
}

const HANDOVER: &str = "handover";
const HANDOVER_KEY: &str = "handover_key";

impl Read<'_> {
    /// The hand-over that stands or whose files may still be there.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if it cannot be read.
    pub fn handover(&self) -> Result<Option<HandoverState>, StoreProblem> {
        let bytes = self.meta(HANDOVER)?.filter(|bytes| !bytes.is_empty());
        bytes
            .map(|bytes| postcard::from_bytes(&bytes).map_err(|_| StoreProblem::Damaged(HANDOVER)))
            .transpose()
    }

    /// The seed of the key that opens a hand-over's answers.
    ///
    /// # Errors
    /// [`StoreProblem::Damaged`] if there is none.
    pub fn handover_key(&self) -> Result<Secret<32>, StoreProblem> {
        let seed = Zeroizing::new(self.meta(HANDOVER_KEY)?.unwrap_or_default());
        Secret::from_slice(&seed).ok_or(StoreProblem::Damaged(HANDOVER_KEY))
    }
}

impl Write<'_> {
    /// Remembers a hand-over and its key.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn begin_handover(&self, session: HandoverSession, seed: &Secret<32>) -> Result<(), StoreProblem> {
        self.set_meta(HANDOVER_KEY, seed.expose())?;
        self.set_meta_of(HANDOVER, &HandoverState::Standing(session))
    }

    /// Destroys the key of a hand-over, and remembers which box was taken in while its files may still be there.
    ///
    /// # Errors
    /// Only the database's own.
    pub fn end_handover(&self, taken: Option<Hash>) -> Result<(), StoreProblem> {
        self.set_meta(HANDOVER_KEY, &[])?;
        match taken {
            Some(taken) => self.set_meta_of(HANDOVER, &HandoverState::Taken(taken)),
            None => self.set_meta(HANDOVER, &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_hand_over_is_remembered_until_it_ends_and_its_key_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db"), &[1; 32], &[2; 32]).unwrap();
        let session = HandoverSession {
            session: [1; 16],
            ticket: Hash([2; 32]),
            case: CaseId([3; 16]),
            scale: "ons4".to_owned(),
            questions: 3,
            company: vec![Company::Mentor],
            manner: Manner::ReadAloud,
            taken_on: 20_000,
            until_ms: 5,
        };
        let seed = Secret::from_slice(&[9; 32]).unwrap();
        let state = || store.read(|read| read.handover()).unwrap();
        assert_eq!(state(), None);
        store.write(|write| write.begin_handover(session.clone(), &seed)).unwrap();
        assert_eq!(state(), Some(HandoverState::Standing(session)));
        assert_eq!(store.read(|read| read.handover_key()).map(|key| *key.expose()).ok(), Some([9; 32]));
        store.write(|write| write.end_handover(Some(Hash([4; 32])))).unwrap();
        assert_eq!(state(), Some(HandoverState::Taken(Hash([4; 32]))));
        assert!(store.read(|read| read.handover_key()).is_err());
        store.write(|write| write.end_handover(None)).unwrap();
        assert_eq!(state(), None);
    }
}
