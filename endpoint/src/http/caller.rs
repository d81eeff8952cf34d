//! Who a request says it is from: four headers, read and not yet believed.
//!
//! Whether the signature fits is the keeper's question.

use std::str::FromStr;

use axum::http::HeaderMap;
use fieldfare_protocol::call_number::CallNumber;
use fieldfare_protocol::id::read_hex;
use fieldfare_protocol::request::{
    CALL_HEADER, DEVICE_HEADER, ORGANISATION_HEADER, Refused, SIGNATURE_HEADER,
};
use fieldfare_protocol::signing::Signature;

use crate::keeper::Caller;

/// Reads the caller; each header must be there once and be hexadecimal of its length.
pub(super) fn caller(headers: &HeaderMap) -> Result<Caller, Refused> {
    let signature = only(headers, SIGNATURE_HEADER)?;
    Ok(Caller {
        organisation: named(headers, ORGANISATION_HEADER)?,
        device: named(headers, DEVICE_HEADER)?,
        call: CallNumber::from_hex(only(headers, CALL_HEADER)?).map_err(|_| Refused::Malformed)?,
        signature: Signature::new(read_hex(signature).map_err(|_| Refused::Malformed)?),
    })
}

fn named<T: FromStr>(headers: &HeaderMap, name: &str) -> Result<T, Refused> {
    only(headers, name)?.parse().map_err(|_| Refused::Malformed)
}

fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<&'h str, Refused> {
    let mut values = headers.get_all(name).iter();
    // Two different callers in one request would be read differently here and in a proxy.
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Refused::Malformed),
        _ => Err(Refused::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers() -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ORGANISATION_HEADER, HeaderValue::from_static("0102030405060708090a0b0c0d0e0f10"));
        headers.insert(DEVICE_HEADER, HeaderValue::from_static("1102030405060708090a0b0c0d0e0f10"));
        headers.insert(CALL_HEADER, HeaderValue::from_static("a1a2a3a4a5a6a7a80000000000000009"));
        headers.insert(SIGNATURE_HEADER, HeaderValue::from_str(&"ab".repeat(64)).unwrap());
        headers
    }

    #[test]
    fn four_headers_name_a_caller() {
        let caller = caller(&headers()).unwrap();
        assert_eq!((caller.organisation.0[0], caller.device.0[0]), (1, 0x11));
        assert_eq!((caller.call.session.0[0], caller.call.number), (0xa1, 9));
        assert_eq!(caller.signature, Signature::new([0xab; 64]));
    }

    #[test]
    fn a_header_missing_doubled_or_garbled_names_nobody() {
        for name in [ORGANISATION_HEADER, DEVICE_HEADER, CALL_HEADER, SIGNATURE_HEADER] {
            let mut missing = headers();
            missing.remove(name);
            let mut doubled = headers();
            doubled.append(name, headers()[name].clone());
            let mut garbled = headers();
            garbled.insert(name, HeaderValue::from_bytes(&[0xff; 32]).unwrap());
            let mut short = headers();
            short.insert(name, HeaderValue::from_static("00"));
            for headers in [missing, doubled, garbled, short] {
                assert_eq!(caller(&headers), Err(Refused::Malformed));
            }
        }
    }
}
