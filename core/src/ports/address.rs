//! The address of an endpoint, with the keys that it may prove itself with.
//!
//! Text and digests. Who answers at the address, and what a certificate is, is not known here.
//!
//! ```text
//! https://host[:port][/path]#pin.pin[.pin[.pin]]        pin: SHA-256 of a public key (SubjectPublicKeyInfo), 64 hex digits
//! http://127.0.0.1:port                                 this machine alone, without pins
//! ```

use std::net::IpAddr;

use fieldfare_protocol::id::{read_hex, write_hex};
use reqwest::Url;

use super::transport::TransportProblem;

/// Fewest keys that an address names: the one in use and one in reserve, so that losing a key locks nobody out.
pub const PINS_MIN: usize = 2;
/// Most keys that an address names.
pub const PINS_MAX: usize = 4;

/// SHA-256 of a public key as it stands in a certificate.
pub type KeyPin = [u8; 32];

/// An address that calls may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointAddress {
    /// Where calls go, without a slash at the end and without the pins.
    pub url: String,
    /// The keys of which one must stand in the chain of certificates; none on this machine.
    pub pins: Vec<KeyPin>,
}

impl EndpointAddress {
    /// Reads an address: `https` with its pins, or `http` to this machine itself.
    ///
    /// # Errors
    /// [`TransportProblem::BadAddress`], [`TransportProblem::PlainHttp`], or [`TransportProblem::NotPinned`] where too few
    /// keys are named, or one twice.
    pub fn read(text: &str) -> Result<Self, TransportProblem> {
        let (plain, pins) = text.split_once('#').map_or((text, None), |(plain, pins)| (plain, Some(pins)));
        let url = Url::parse(plain).map_err(|_| TransportProblem::BadAddress)?;
        let host = url.host_str().ok_or(TransportProblem::BadAddress)?;
        let names_somebody = !url.username().is_empty() || url.password().is_some();
        if plain.ends_with('/') || url.query().is_some() || names_somebody {
            return Err(TransportProblem::BadAddress);
        }
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let on_this_machine =
            address == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        match (url.scheme(), pins) {
            ("https", None) => return Err(TransportProblem::NotPinned),
            ("https", Some(_)) => {}
            ("http", None) if on_this_machine => {}
            ("http", _) if !on_this_machine => return Err(TransportProblem::PlainHttp),
            _ => return Err(TransportProblem::BadAddress),
        }
        let pins = pins.map_or(Ok(Vec::new()), read_pins)?;
        Ok(Self { url: plain.to_owned(), pins })
    }
}

/// The address as a text, for [`EndpointAddress::read`].
impl std::fmt::Display for EndpointAddress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.url)?;
        for (place, pin) in self.pins.iter().enumerate() {
            out.write_str(if place == 0 { "#" } else { "." })?;
            write_hex(pin, out)?;
        }
        Ok(())
    }
}

/// Checks an endpoint's address, as [`EndpointAddress::read`] does.
///
/// # Errors
/// [`TransportProblem`].
pub fn check_address(base_url: &str) -> Result<(), TransportProblem> {
    EndpointAddress::read(base_url).map(drop)
}

fn read_pins(text: &str) -> Result<Vec<KeyPin>, TransportProblem> {
    let mut pins: Vec<KeyPin> = Vec::new();
    for pin in text.split('.') {
        let pin = read_hex(pin).map_err(|_| TransportProblem::BadAddress)?;
        // The same key twice is no reserve.
        if pins.contains(&pin) {
            return Err(TransportProblem::NotPinned);
        }
        pins.push(pin);
    }
    match pins.len() {
        0..PINS_MIN => Err(TransportProblem::NotPinned),
        PINS_MIN..=PINS_MAX => Ok(pins),
        _ => Err(TransportProblem::BadAddress),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(count: u8) -> String {
        let pins: Vec<KeyPin> = (0..count).map(|number| [number; 32]).collect();
        EndpointAddress { url: "https://example.org".to_owned(), pins }.to_string()
    }

    #[test]
    fn r23_plain_http_is_for_this_machine_alone() {
        for address in ["http://127.0.0.1:1", "http://localhost:8080", "http://[::1]:1"] {
            assert_eq!(check_address(address), Ok(()), "{address}");
        }
        for address in ["http://example.org", "http://10.0.0.1", "http://127.0.0.1.example.org"] {
            assert_eq!(check_address(address), Err(TransportProblem::PlainHttp), "{address}");
        }
        let pins = pinned(2).replacen("https", "http", 1);
        assert_eq!(check_address(&pins), Err(TransportProblem::PlainHttp));
        for address in
            ["", "ftp://127.0.0.1", "https://", "https://example.org/", "https://:a@example.org#", "x", "#"]
        {
            assert_eq!(check_address(address), Err(TransportProblem::BadAddress), "{address}");
        }
    }

    #[test]
    fn r23_an_address_names_the_key_in_use_and_one_in_reserve() {
        for count in 2..=4 {
            let read = EndpointAddress::read(&pinned(count)).unwrap();
            assert_eq!((read.pins.len(), read.to_string()), (usize::from(count), pinned(count)));
            assert_eq!(read.url, "https://example.org");
        }
        let one = pinned(1);
        let twice = format!("{one}.{}", one.split_once('#').unwrap().1);
        for address in [pinned(0), one, twice] {
            assert_eq!(check_address(&address), Err(TransportProblem::NotPinned), "{address}");
        }
        let short = pinned(2);
        for address in [pinned(5), short[..short.len() - 1].to_owned(), format!("{short}.")] {
            assert_eq!(check_address(&address), Err(TransportProblem::BadAddress), "{address}");
        }
    }
}
