//! Our own transport: HTTPS through `reqwest` on `rustls` and `ring`, with Mozilla's root certificates.
//!
//! Plain http is spoken to this machine alone. Follows no redirect, keeps no cookie and logs nothing.

use std::io::Read as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use fieldfare_protocol::limits::RETRY_AFTER_S_MAX;
use reqwest::Url;
use reqwest::blocking::Client;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::transport::{Answer, Call, Transport, TransportProblem};

/// Longest wait for a connection.
const CONNECT_SECONDS_MAX: u64 = 20;
/// Longest wait for a whole call: half a megabyte at 23 kbit/s takes three minutes.
const CALL_SECONDS_MAX: u64 = 300;

/// Reaches the endpoint over the network of the machine the core runs on.
pub struct HttpsTransport {
    client: Client,
}

impl HttpsTransport {
    /// Prepares the transport; connects to nothing yet.
    ///
    /// # Errors
    /// [`TransportProblem::NotTrusted`] if the system cannot do TLS at all.
    pub fn new() -> Result<Self, TransportProblem> {
        let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| TransportProblem::NotTrusted)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
            .timeout(Duration::from_secs(CALL_SECONDS_MAX))
            .build()
            .map_err(|_| TransportProblem::NotTrusted)?;
        Ok(Self { client })
    }
}

impl Transport for HttpsTransport {
    fn post(&self, call: Call) -> Result<Answer, TransportProblem> {
        check_address(&call.base_url)?;
        let mut request = self.client.post(format!("{}{}", call.base_url, call.path)).body(call.body);
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

/// Checks an endpoint's address: `https`, or `http` to this machine itself.
///
/// # Errors
/// [`TransportProblem::BadAddress`] or [`TransportProblem::PlainHttp`].
pub fn check_address(base_url: &str) -> Result<(), TransportProblem> {
    let url = Url::parse(base_url).map_err(|_| TransportProblem::BadAddress)?;
    let host = url.host_str().ok_or(TransportProblem::BadAddress)?;
    if base_url.ends_with('/')
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
    {
        return Err(TransportProblem::BadAddress);
    }
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let on_this_machine =
        address == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => Ok(()),
        "http" if on_this_machine => Ok(()),
        "http" => Err(TransportProblem::PlainHttp),
        _ => Err(TransportProblem::BadAddress),
    }
}

fn problem_of(error: &reqwest::Error) -> TransportProblem {
    use std::error::Error as _;
    let mut cause = error.source();
    while let Some(inner) = cause {
        // A certificate problem reaches us as the source of an I/O error.
        let tls = inner.downcast_ref::<rustls::Error>().or_else(|| {
            inner
                .downcast_ref::<std::io::Error>()
                .and_then(|io| io.get_ref()?.downcast_ref::<rustls::Error>())
        });
        if tls.is_some() {
            return TransportProblem::NotTrusted;
        }
        cause = inner.source();
    }
    if error.is_connect() || error.is_builder() {
        TransportProblem::Unreachable
    } else {
        TransportProblem::Broken
    }
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
    fn r23_plain_http_is_for_this_machine_alone() {
        for address in
            ["http://127.0.0.1:1", "http://localhost:8080", "http://[::1]:1", "https://example.org"]
        {
            assert_eq!(check_address(address), Ok(()), "{address}");
        }
        for address in ["http://example.org", "http://10.0.0.1", "http://127.0.0.1.example.org"] {
            assert_eq!(check_address(address), Err(TransportProblem::PlainHttp), "{address}");
        }
        for address in
            ["", "ftp://127.0.0.1", "https://", "https://example.org/", "https://me@example.org", "x"]
        {
            assert_eq!(check_address(address), Err(TransportProblem::BadAddress), "{address}");
        }
    }
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
