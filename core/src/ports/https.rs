//! Our own transport: HTTPS through `reqwest` on `rustls` and `ring`, with Mozilla's root certificates and pinned keys.
//!
//! Plain http is spoken to this machine alone. Follows no redirect, keeps no cookie and logs nothing.

use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fieldfare_protocol::limits::RETRY_AFTER_S_MAX;
use reqwest::blocking::Client;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::address::EndpointAddress;
use super::pinned::{PinnedVerifier, Pins};
use super::transport::{Answer, Call, Transport, TransportProblem};

/// Longest wait for a connection.
const CONNECT_SECONDS_MAX: u64 = 20;
/// Longest wait for a whole call: half a megabyte at 23 kbit/s takes three minutes.
const CALL_SECONDS_MAX: u64 = 300;

/// Reaches the endpoint over the network of the machine the core runs on.
pub struct HttpsTransport {
    roots: Vec<TrustAnchor<'static>>,
    /// For the endpoint that was called last; a device has one.
    client: Mutex<Option<(EndpointAddress, Client)>>,
}

impl HttpsTransport {
    /// Prepares the transport; connects to nothing yet.
    ///
    /// # Errors
    /// [`TransportProblem::NotTrusted`] if the system cannot do TLS at all.
    pub fn new() -> Result<Self, TransportProblem> {
        Self::with_roots(webpki_roots::TLS_SERVER_ROOTS.to_vec())
    }

    /// The same, trusting these certificates alone to vouch for an endpoint, each as DER: for whoever runs a
    /// certificate authority of their own. Pins are asked for all the same.
    ///
    /// # Errors
    /// [`TransportProblem::NotTrusted`] if one of them is no certificate.
    pub fn trusting(certificates: &[Vec<u8>]) -> Result<Self, TransportProblem> {
        let anchor = |der: &Vec<u8>| {
            let der = CertificateDer::from_slice(der);
            webpki::anchor_from_trusted_cert(&der)
                .map(|anchor| anchor.to_owned())
                .map_err(|_| TransportProblem::NotTrusted)
        };
        Self::with_roots(certificates.iter().map(anchor).collect::<Result<_, _>>()?)
    }

    fn with_roots(roots: Vec<TrustAnchor<'static>>) -> Result<Self, TransportProblem> {
        let transport = Self { roots, client: Mutex::default() };
        // A client is made for the first call, since it costs a thread of its own.
        tls(transport.verifier(Pins::OneOf(Vec::new())))?;
        Ok(transport)
    }

    /// The address of an endpoint with the pins of the key that it proves itself with at present and of whoever vouches for
    /// that one. Believes whoever answers and has a certificate for the name: for the person who runs the endpoint, on a
    /// network that they trust.
    ///
    /// # Errors
    /// [`TransportProblem`].
    pub fn address_with_pins(&self, url: &str) -> Result<EndpointAddress, TransportProblem> {
        let plain = EndpointAddress { url: url.to_owned(), pins: vec![[0; 32], [1; 32]] };
        // Everything but its pins is checked as it will be later.
        EndpointAddress::read(&plain.to_string())?;
        let verifier = self.verifier(Pins::Learn(Mutex::default()));
        let asked = client(verifier.clone(), false)?.get(format!("{url}/v1/health")).send();
        asked.map_err(|error| problem_of(&error))?;
        Ok(EndpointAddress { pins: verifier.learnt(), ..plain })
    }

    fn verifier(&self, pins: Pins) -> Arc<PinnedVerifier> {
        let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
        Arc::new(PinnedVerifier { roots: self.roots.clone(), pins, algorithms })
    }

    /// The client that believes an endpoint with these keys alone.
    fn client(&self, address: &EndpointAddress) -> Result<Client, TransportProblem> {
        let mut last = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, client)) = &*last
            && known == address
        {
            return Ok(client.clone());
        }
        let pins = Pins::OneOf(address.pins.clone());
        let client = client(self.verifier(pins), address.pins.is_empty())?;
        *last = Some((address.clone(), client.clone()));
        Ok(client)
    }
}

fn tls(verifier: Arc<PinnedVerifier>) -> Result<rustls::ClientConfig, TransportProblem> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TransportProblem::NotTrusted)?;
    Ok(versions.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// `here`: on this machine, where plain http is spoken and no proxy of the surroundings may hear it.
fn client(verifier: Arc<PinnedVerifier>, here: bool) -> Result<Client, TransportProblem> {
    let builder = if here { Client::builder().no_proxy() } else { Client::builder() };
    builder
        .tls_backend_preconfigured(tls(verifier)?)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
        .timeout(Duration::from_secs(CALL_SECONDS_MAX))
        .build()
        .map_err(|_| TransportProblem::NotTrusted)
}

impl Transport for HttpsTransport {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        let address = EndpointAddress::read(&call.base_url)?;
        let client = self.client(&address)?;
        let mut request = client.post(format!("{}{}", address.url, call.path)).body(call.body);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let response = request.send().map_err(|error| problem_of(&error))?;
        let status = response.status().as_u16();
        let retry_after_s = retry_after_s(response.headers());
        let mut body = Vec::new();
        let mut bounded = response.take(call.answer_bytes_max.saturating_add(1));
        bounded.read_to_end(&mut body).map_err(|_| TransportProblem::Broken)?;
        if u64::try_from(body.len()).unwrap_or(u64::MAX) > call.answer_bytes_max {
            return Err(TransportProblem::TooLong);
        }
        Ok(Answer { status, retry_after_s, body })
    }
}

fn problem_of(error: &reqwest::Error) -> TransportProblem {
    if is_of_tls(error) {
        TransportProblem::NotTrusted
    } else if error.is_connect() || error.is_builder() {
        TransportProblem::Unreachable
    } else {
        TransportProblem::Broken
    }
}

/// Whether TLS stands anywhere among the causes of an error. An I/O error hides what it carries from its own causes, and may
/// carry another one.
fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let carried = || error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>()
        || carried().is_some_and(|carried| is_of_tls(carried))
        || error.source().is_some_and(is_of_tls)
}

/// Reads `Retry-After`: seconds, or a date, which is compared with the answer's own `Date`. A proxy may write either.
fn retry_after_s(headers: &HeaderMap) -> Option<u64> {
    let text = |name| headers.get(name)?.to_str().ok();
    let date = |text| chrono::DateTime::parse_from_rfc2822(text).ok();
    let asked = text(RETRY_AFTER)?.trim();
    let seconds = asked.parse().ok().or_else(|| {
        let now = text(DATE).and_then(date).map_or_else(chrono::Utc::now, |now| now.to_utc());
        let left_s = date(asked)?.to_utc().signed_duration_since(now).num_seconds();
        Some(u64::try_from(left_s).unwrap_or(0))
    })?;
    Some(seconds.min(RETRY_AFTER_S_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_come_back_is_read_in_seconds_and_as_a_date() {
        let read = |fields: &[(reqwest::header::HeaderName, &'static str)]| {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), reqwest::header::HeaderValue::from_static(value)));
            retry_after_s(&fields.collect())
        };
        let now = (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(read(&[(RETRY_AFTER, "17")]), Some(17));
        assert_eq!(read(&[(RETRY_AFTER, "99999999999")]), Some(RETRY_AFTER_S_MAX));
        assert_eq!(read(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:50:07 GMT"), now.clone()]), Some(30));
        assert_eq!(read(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:07 GMT"), now.clone()]), Some(0));
        assert_eq!(read(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT")]), Some(0));
        for nonsense in ["", "soon", "-5", "1.5"] {
            assert_eq!(read(&[(RETRY_AFTER, nonsense), now.clone()]), None);
        }
        assert_eq!(read(&[now]), None);
    }
}
