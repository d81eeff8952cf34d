//! Names that are 16 random bytes: vaults, devices, people, invitations, and the core's own records.
//!
//! An identifier says nothing about time, order or person, so that a name seen on the wire gives nothing away.

/// Declares a 16-byte identifier: hexadecimal for people and JSON, raw bytes in compact encodings.
#[macro_export]
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// The bytes, for encodings and keys.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Reads an identifier from exactly 16 bytes.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                <[u8; 16]>::try_from(bytes).ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::id::write_hex(&self.0, out)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(out, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::NotAnId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id::read_hex(text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                if out.is_human_readable() {
                    out.collect_str(self)
                } else {
                    self.0.serialize(out)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                if input.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(input)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    <[u8; 16]>::deserialize(input).map(Self)
                }
            }
        }
    };
}

id_type!(
    /// One vault: the edits that one group of devices can read. An organisation is named by its own vault.
    VaultId
);
id_type!(
    /// One installation of the app on one phone or desk. A new installation is a new device.
    DeviceId
);
id_type!(
    /// One member of staff, whatever devices they carry.
    PersonId
);
id_type!(
    /// One invitation to join an organisation, usable once.
    InvitationId
);

impl VaultId {
    /// The short name that a segment carries; the endpoint keeps short names unique within an organisation.
    #[must_use]
    pub const fn tag(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }
}

impl DeviceId {
    /// The short name by which one segment mentions another device of its vault.
    #[must_use]
    pub const fn tag(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }
}

/// The text was not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is 32 hexadecimal digits")]
pub struct NotAnId;

/// Writes bytes as lower-case hexadecimal.
///
/// # Errors
/// Only what the formatter itself reports.
pub fn write_hex(bytes: &[u8], out: &mut impl std::fmt::Write) -> std::fmt::Result {
    bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
}

/// Reads exactly `N` bytes from `2 × N` hexadecimal digits of either case.
///
/// # Errors
/// [`NotAnId`] for any other length or digit.
pub fn read_hex<const N: usize>(text: &str) -> Result<[u8; N], NotAnId> {
    if text.len() != N * 2 || !text.is_ascii() {
        return Err(NotAnId);
    }
    let mut bytes = [0_u8; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(pair).map_err(|_| NotAnId)?;
        if digits.starts_with('+') {
            return Err(NotAnId);
        }
        *byte = u8::from_str_radix(digits, 16).map_err(|_| NotAnId)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_reads_back_from_its_text() {
        let id = DeviceId(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn anything_but_thirty_two_digits_is_no_identifier() {
        for text in ["", "00", &"g".repeat(32), &"0".repeat(33), &"+1".repeat(16), &"é".repeat(16)] {
            assert_eq!(text.parse::<VaultId>(), Err(NotAnId));
        }
    }
}
