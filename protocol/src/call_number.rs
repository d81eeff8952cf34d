//! Which call of a device a request is, so that one that somebody recorded is not answered a second time.
//!
//! A device counts its own calls; the endpoint remembers the last one of each device for as long as it runs, and names that
//! time by random bytes. Whether a call is fresh is the endpoint's to say.

use serde::{Deserialize, Serialize};

use crate::id::{NotAnId, read_hex, write_hex};

/// Names one run of an endpoint. It is another one each time that the endpoint starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session(pub [u8; 8]);

/// Which call of a device this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNumber {
    /// The run of the endpoint that the device believes to call.
    pub session: Session,
    /// Larger than that of every call of this device that the run has answered.
    pub number: u64,
}

impl CallNumber {
    /// The number of the call after this one. There is none after the last that can be written.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }

    /// As it is signed, and written in the header.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        (u128::from(u64::from_be_bytes(self.session.0)) << 64 | u128::from(self.number)).to_be_bytes()
    }

    /// As it stands in the header: 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        let mut hex = String::with_capacity(32);
        let _ = write_hex(&self.to_bytes(), &mut hex);
        hex
    }

    /// Reads what stands in the header.
    ///
    /// # Errors
    /// [`NotAnId`] for anything but 32 hexadecimal digits.
    pub fn from_hex(hex: &str) -> Result<Self, NotAnId> {
        let both = u128::from_be_bytes(read_hex(hex)?);
        let (session, number) = ((both >> 64) as u64, both as u64);
        Ok(Self { session: Session(session.to_be_bytes()), number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_from_its_header() {
        let call = CallNumber { session: Session([1, 2, 3, 4, 5, 6, 7, 255]), number: 258 };
        assert_eq!(call.to_hex(), "01020304050607ff0000000000000102");
        assert_eq!(CallNumber::from_hex(&call.to_hex()), Ok(call));
        assert_eq!(call.next().number, 259);
        assert!(CallNumber::from_hex("00").is_err());
    }
}
