//! Who may answer as the endpoint: a chain that the roots vouch for, for this name, with a pinned key in it.
//!
//! Only the path that was verified counts: a pinned certificate that is merely sent along proves nothing, since it is
//! public. Revocation lists are not asked.

use std::sync::{Mutex, PoisonError};

use fieldfare_protocol::hash::Hash;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use webpki::{EndEntityCert, KeyUsage, VerifiedPath};

use super::address::KeyPin;

/// What a chain has to hold.
pub(super) enum Pins {
    /// One of these keys.
    OneOf(Vec<KeyPin>),
    /// Any; the keys of the endpoint and of whoever vouches for it are noted.
    Learn(Mutex<Vec<KeyPin>>),
}

/// Verifies an endpoint's certificate.
pub(super) struct PinnedVerifier {
    pub(super) roots: Vec<TrustAnchor<'static>>,
    pub(super) pins: Pins,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl std::fmt::Debug for PinnedVerifier {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PinnedVerifier")
    }
}

impl PinnedVerifier {
    /// The keys that were noted so far: the endpoint's first.
    pub(super) fn learnt(&self) -> Vec<KeyPin> {
        match &self.pins {
            Pins::OneOf(_) => Vec::new(),
            Pins::Learn(keys) => keys.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Looks at a path that has been verified up to a root.
    fn admit(&self, path: &VerifiedPath<'_>) -> Result<(), webpki::Error> {
        let leaf = pin_of(&path.end_entity().subject_public_key_info());
        let issuer = pin_of(&path.issuer_spki());
        match &self.pins {
            Pins::Learn(keys) => {
                *keys.lock().unwrap_or_else(PoisonError::into_inner) = vec![leaf, issuer];
                Ok(())
            }
            Pins::OneOf(pins) => {
                let between = path.intermediate_certificates();
                let between = between.map(|certificate| pin_of(&certificate.subject_public_key_info()));
                // The issuer's is a root's where nobody stands between.
                let mut keys = [leaf, issuer].into_iter().chain(between);
                if keys.any(|key| pins.contains(&key)) { Ok(()) } else { Err(webpki::Error::UnknownIssuer) }
            }
        }
    }
}

fn pin_of(key: &[u8]) -> KeyPin {
    Hash::of(&[key]).0
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused = |_| Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
        let certificate = EndEntityCert::try_from(end_entity).map_err(refused)?;
        let (algorithms, usage) = (self.algorithms.all, KeyUsage::server_auth());
        let admit = |path: &VerifiedPath<'_>| self.admit(path);
        certificate
            .verify_for_usage(algorithms, &self.roots, intermediates, now, usage, None, Some(&admit))
            .map_err(refused)?;
        certificate.verify_is_valid_for_subject_name(server_name).map_err(refused)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
