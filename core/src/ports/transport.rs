//! One call to the endpoint: a path, headers, a body, and an answer.
//!
//! Knows neither what is carried nor whom it concerns; where the endpoint is stands in the call.

/// Reaches the endpoint.
pub trait Transport: Send + Sync {
    /// Posts a body to a path of the endpoint at `call.base_url` and reads the answer, at most `answer_bytes_max` of it.
    ///
    /// # Errors
    /// [`TransportProblem`]; whether the endpoint took the request is then unknown.
    fn post(&self, call: Call) -> Result<Answer, TransportProblem>;
}

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Call {
    /// `https://host#pins` or, on loopback only, `http://127.0.0.1:port`; see [`super::EndpointAddress`].
    pub base_url: String,
    /// Path on the endpoint, with its leading slash.
    pub path: String,
    /// Header names in lower case, and their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Longest answer that is read.
    pub answer_bytes_max: u64,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Seconds after which the endpoint asks to be called again, if it says so.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportProblem {
    /// No connection: no signal, a wrong address or a silent endpoint.
    #[error("the endpoint cannot be reached")]
    Unreachable,
    /// The address does not say which keys the endpoint proves itself with.
    #[error("the address does not name its endpoint's keys")]
    NotPinned,
    /// The endpoint's certificate is not one this device trusts, or holds none of the pinned keys.
    #[error("the endpoint does not prove who it is")]
    NotTrusted,
    /// The connection broke, or fell silent, once there was one; the endpoint may have read all of the call, or a part.
    #[error("the connection broke")]
    Broken,
    /// The answer is longer than was asked for.
    #[error("the answer is too long")]
    TooLong,
    /// Plain http to anything but this machine itself.
    #[error("a plain http address is accepted on this machine only")]
    PlainHttp,
    /// Whoever asked for the exchange no longer wants it; nothing was sent.
    #[error("the exchange was stopped")]
    Stopped,
    /// The address is no address.
    #[error("the endpoint's address makes no sense")]
    BadAddress,
}
