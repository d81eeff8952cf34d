//! An invitation as text: one line that a person can send, scan, or read aloud.
//!
//! Knows what it takes to reach an organisation and prove the invitation; whether it is still good only the membership log
//! can say. Whoever holds the text can join: it is as secret as the person it is meant for.
//!
//! ```text
//! "fieldfare-invitation:" · base 32 of (version 1 · postcard of the rest · 4 bytes of SHA-256 over all before)
//! ```

use fieldfare_protocol::hash::Hash;
use fieldfare_protocol::id::{InvitationId, VaultId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::base32;
use super::identity::{Identity, KeyProblem};
use super::secret::Secret;
use crate::ports::{Entropy, NoEntropy};

/// How every invitation begins; read in either case.
pub const PREFIX: &str = "fieldfare-invitation:";
/// Longest address of an endpoint that fits, in bytes.
pub const BASE_URL_BYTES_MAX: usize = 400;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;
/// Room for every field at its longest.
const BYTES_MAX: usize = 1 + 2 + BASE_URL_BYTES_MAX + 16 + 16 + 32 + 1 + 32 + 10 + CHECKSUM_BYTES;
/// Room for that in letters, hyphens and what a mail program adds.
const TEXT_BYTES_MAX: usize = 2048;

/// What an invitation says.
pub struct Invitation {
    /// Where the endpoint is, with the pins of its keys: `https://host#pins`, without a slash at the end of the host.
    pub base_url: String,
    /// The organisation that invites.
    pub organisation: VaultId,
    /// The invitation's name in the membership log.
    pub invitation: InvitationId,
    /// Hash of the first record of that log: whatever the endpoint says, no other organisation can be passed off.
    pub root: Hash,
    /// What the invitation's keys grow from.
    pub secret: Secret<32>,
    /// When it stops being valid, in milliseconds since 1970. The log's own date rules.
    pub expires_at_ms: i64,
}

/// Why a text is not taken for an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationRefusal {
    /// Something else.
    #[error("this is not an invitation")]
    NotAnInvitation,
    /// An invitation with a letter wrong or missing.
    #[error("the invitation is damaged: a letter is wrong or missing")]
    Damaged,
    /// Written by a newer version of the app.
    #[error("the invitation was written by a newer version of the app")]
    Newer,
}

/// The order of the fields never changes. The secret is borrowed, so that reading and writing leave no copy of it.
#[derive(Serialize, Deserialize)]
struct Fields<'a> {
    base_url: &'a str,
    organisation: VaultId,
    invitation: InvitationId,
    root: Hash,
    #[serde(with = "serde_bytes")]
    secret: &'a [u8],
    expires_at_ms: i64,
}

impl Invitation {
    /// Makes an invitation with a name and a secret of its own.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn generate(
        base_url: String,
        organisation: VaultId,
        root: Hash,
        expires_at_ms: i64,
        entropy: &dyn Entropy,
    ) -> Result<Self, NoEntropy> {
        let mut invitation = [0; 16];
        entropy.fill(&mut invitation)?;
        let secret = Secret::random(entropy)?;
        Ok(Self { base_url, organisation, invitation: InvitationId(invitation), root, secret, expires_at_ms })
    }

    /// The keys that grow from the secret: the log knows their public halves.
    ///
    /// # Errors
    /// [`KeyProblem::BadKey`], which no secret can bring about.
    pub fn identity(&self) -> Result<Identity, KeyProblem> {
        Identity::from_seed(&self.secret)
    }

    /// The invitation as one line, without a line end.
    ///
    /// # Errors
    /// [`InvitationRefusal::Damaged`] if the address is empty, longer than [`BASE_URL_BYTES_MAX`] or not plain ASCII.
    pub fn to_text(&self) -> Result<Zeroizing<String>, InvitationRefusal> {
        if !is_address(&self.base_url) {
            return Err(InvitationRefusal::Damaged);
        }
        let fields = Fields {
            base_url: &self.base_url,
            organisation: self.organisation,
            invitation: self.invitation,
            root: self.root,
            secret: self.secret.expose(),
            expires_at_ms: self.expires_at_ms,
        };
        let mut body = Zeroizing::new([0_u8; BYTES_MAX]);
        let body =
            postcard::to_slice(&fields, body.as_mut_slice()).map_err(|_| InvitationRefusal::Damaged)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES_MAX));
        bytes.push(VERSION);
        bytes.extend_from_slice(body);
        let checksum = checksum_of(&bytes);
        bytes.extend_from_slice(&checksum);
        let letters = base32::encode(&bytes);
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len().saturating_add(letters.len())));
        text.push_str(PREFIX);
        text.push_str(&letters);
        Ok(text)
    }

    /// Reads an invitation. Case, hyphens and white space do not matter, nor does O for 0 or I and L for 1.
    ///
    /// # Errors
    /// [`InvitationRefusal`] says which.
    pub fn parse(text: &str) -> Result<Self, InvitationRefusal> {
        let text = text.trim();
        let (prefix, letters) =
            text.split_at_checked(PREFIX.len()).ok_or(InvitationRefusal::NotAnInvitation)?;
        if !prefix.eq_ignore_ascii_case(PREFIX) {
            return Err(InvitationRefusal::NotAnInvitation);
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(InvitationRefusal::Damaged);
        }
        let bytes = base32::decode(letters).ok_or(InvitationRefusal::Damaged)?;
        let (covered, checksum) =
            bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(InvitationRefusal::Damaged)?;
        // Before the version is believed: a mistyped first letter must not send somebody looking for an update.
        if *checksum != checksum_of(covered) {
            return Err(InvitationRefusal::Damaged);
        }
        let (version, body) = covered.split_first().ok_or(InvitationRefusal::Damaged)?;
        match *version {
            VERSION => {}
            0 => return Err(InvitationRefusal::Damaged),
            _ => return Err(InvitationRefusal::Newer),
        }
        let Ok((fields, [])) = postcard::take_from_bytes::<Fields<'_>>(body) else {
            return Err(InvitationRefusal::Damaged);
        };
        let secret = Secret::from_slice(fields.secret).ok_or(InvitationRefusal::Damaged)?;
        if !is_address(fields.base_url) {
            return Err(InvitationRefusal::Damaged);
        }
        Ok(Self {
            base_url: fields.base_url.to_owned(),
            organisation: fields.organisation,
            invitation: fields.invitation,
            root: fields.root,
            secret,
            expires_at_ms: fields.expires_at_ms,
        })
    }
}

// What an address may say beyond that is the transport's to judge.
fn is_address(base_url: &str) -> bool {
    (1..=BASE_URL_BYTES_MAX).contains(&base_url.len()) && base_url.bytes().all(|byte| byte.is_ascii_graphic())
}

fn checksum_of(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    Hash::of(&[b"fieldfare/invitation/1", bytes]).short()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};

    fn invitation() -> Invitation {
        let url = format!("https://mentoring.example.org#{}", ["5a".repeat(32), "7c".repeat(32)].join("."));
        Invitation::generate(url, VaultId([1; 16]), Hash([3; 32]), 1_800_000_000_000, &FixedEntropy::new(1))
            .unwrap_or_else(|_| panic!())
    }

    fn text() -> String {
        invitation().to_text().unwrap().to_string()
    }

    fn refusal(text: &str) -> Option<InvitationRefusal> {
        Invitation::parse(text).err()
    }

    #[test]
    fn an_invitation_comes_back_from_its_text() {
        let (made, read) = (invitation(), Invitation::parse(&text()).unwrap_or_else(|_| panic!()));
        assert_eq!(read.base_url, made.base_url);
        assert_eq!(read.organisation, made.organisation);
        assert_eq!(read.invitation, made.invitation);
        assert_eq!(read.root, made.root);
        assert_eq!(read.expires_at_ms, made.expires_at_ms);
        assert_eq!(read.secret.expose(), made.secret.expose());
        let key = |invitation: &Invitation| invitation.identity().ok().map(|identity| identity.verify_key());
        assert_eq!(key(&read), key(&made));
        assert!(!text().contains(char::is_whitespace));
    }

    #[test]
    fn it_survives_mail_programs_and_being_read_aloud() {
        let text = text();
        assert_eq!(refusal(&text.to_uppercase()), None);
        assert_eq!(refusal(&text.to_lowercase()), None);
        assert_eq!(refusal(&format!("  {}\r\n", text.replace("-0", "-o"))), None);
        let (_, letters) = text.split_at(PREFIX.len());
        assert_eq!(refusal(&format!("{PREFIX} {}", letters.replace('-', ""))), None);
        let wrapped: Vec<&str> = letters.split('-').collect();
        assert_eq!(refusal(&format!("{PREFIX}{}", wrapped.join("\n"))), None);
    }

    #[test]
    fn every_wrong_or_missing_letter_is_found() {
        let text = text();
        for (position, letter) in text.char_indices().skip(PREFIX.len()) {
            if letter == '-' {
                continue;
            }
            for other in ["7", "Z", "U", "?", ""] {
                let mut wrong = text.clone();
                wrong.replace_range(position..=position, other);
                if wrong != text {
                    assert_eq!(refusal(&wrong), Some(InvitationRefusal::Damaged), "{position} {other}");
                }
            }
        }
    }

    #[test]
    fn other_texts_and_newer_ones_are_told_apart() {
        for text in ["", "hello", "https://example.org/invitation", "fieldfare-invitatio\u{e9}:000"] {
            assert_eq!(refusal(text), Some(InvitationRefusal::NotAnInvitation), "{text}");
        }
        let long = format!("{PREFIX}{}", "0".repeat(100_000));
        assert_eq!(refusal(&long), Some(InvitationRefusal::Damaged));
        assert_eq!(refusal(PREFIX), Some(InvitationRefusal::Damaged));
        let version = |version: u8| {
            let mut bytes = vec![version, 1, 2, 3];
            bytes.extend(checksum_of(&bytes));
            refusal(&format!("{PREFIX}{}", *base32::encode(&bytes)))
        };
        assert_eq!(version(0), Some(InvitationRefusal::Damaged));
        assert_eq!(version(1), Some(InvitationRefusal::Damaged));
        assert_eq!(version(2), Some(InvitationRefusal::Newer));
    }

    #[test]
    fn an_address_that_does_not_fit_is_refused() {
        for base_url in [String::new(), "https://two words".to_owned(), "h".repeat(BASE_URL_BYTES_MAX + 1)] {
            let refused = Invitation { base_url, ..invitation() }.to_text();
            assert_eq!(refused.err(), Some(InvitationRefusal::Damaged));
        }
        let longest =
            Invitation { base_url: "h".repeat(BASE_URL_BYTES_MAX), expires_at_ms: i64::MIN, ..invitation() };
        assert_eq!(refusal(&longest.to_text().unwrap()), None);
    }

    #[test]
    fn none_is_made_without_entropy() {
        let made = Invitation::generate(String::new(), VaultId([1; 16]), Hash([3; 32]), 0, &SpentEntropy);
        assert_eq!(made.err(), Some(NoEntropy));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
            let _ = Invitation::parse(&text);
            let _ = Invitation::parse(&format!("{PREFIX}{text}"));
        }
    }
}
