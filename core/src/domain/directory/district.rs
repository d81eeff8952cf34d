//! The geography list: the twelve districts of Kent, and Medway (A25).
//!
//! Only names and their order. It does not know towns, regions or boundaries.

use std::fmt;

/// A district of Kent, or Medway, which is a unitary authority and counted beside them.
///
/// Serialised in snake_case (`folkestone_and_hythe`), displayed as people write it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum District {
    /// Ashford.
    Ashford,
    /// Canterbury.
    Canterbury,
    /// Dartford.
    Dartford,
    /// Dover.
    Dover,
    /// Folkestone and Hythe, called Shepway until 2018.
    FolkestoneAndHythe,
    /// Gravesham.
    Gravesham,
    /// Maidstone.
    Maidstone,
    /// Sevenoaks.
    Sevenoaks,
    /// Swale.
    Swale,
    /// Thanet.
    Thanet,
    /// Tonbridge and Malling.
    TonbridgeAndMalling,
    /// Tunbridge Wells.
    TunbridgeWells,
    /// Medway, the unitary authority.
    Medway,
}

impl District {
    /// Every district once: Kent's twelve in alphabetical order, then Medway.
    pub const ALL: [Self; 13] = [
        Self::Ashford,
        Self::Canterbury,
        Self::Dartford,
        Self::Dover,
        Self::FolkestoneAndHythe,
        Self::Gravesham,
        Self::Maidstone,
        Self::Sevenoaks,
        Self::Swale,
        Self::Thanet,
        Self::TonbridgeAndMalling,
        Self::TunbridgeWells,
        Self::Medway,
    ];

    /// The lasting name, in snake_case; the same that serde writes.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ashford => "ashford",
            Self::Canterbury => "canterbury",
            Self::Dartford => "dartford",
            Self::Dover => "dover",
            Self::FolkestoneAndHythe => "folkestone_and_hythe",
            Self::Gravesham => "gravesham",
            Self::Maidstone => "maidstone",
            Self::Sevenoaks => "sevenoaks",
            Self::Swale => "swale",
            Self::Thanet => "thanet",
            Self::TonbridgeAndMalling => "tonbridge_and_malling",
            Self::TunbridgeWells => "tunbridge_wells",
            Self::Medway => "medway",
        }
    }

    /// The name as its council writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ashford => "Ashford",
            Self::Canterbury => "Canterbury",
            Self::Dartford => "Dartford",
            Self::Dover => "Dover",
            Self::FolkestoneAndHythe => "Folkestone and Hythe",
            Self::Gravesham => "Gravesham",
            Self::Maidstone => "Maidstone",
            Self::Sevenoaks => "Sevenoaks",
            Self::Swale => "Swale",
            Self::Thanet => "Thanet",
            Self::TonbridgeAndMalling => "Tonbridge and Malling",
            Self::TunbridgeWells => "Tunbridge Wells",
            Self::Medway => "Medway",
        }
    }
}

impl fmt::Display for District {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    #[test]
    fn the_list_holds_thirteen_districts_in_order_and_each_once() {
        assert!(District::ALL.is_sorted());
        assert_eq!(District::ALL.iter().collect::<std::collections::BTreeSet<_>>().len(), 13);
    }

    #[test]
    fn a_district_travels_under_its_name_in_snake_case() {
        for district in District::ALL {
            assert_eq!(district.key(), district.name().to_lowercase().replace(' ', "_"));
            let deserializer: StrDeserializer<'_, Error> = district.key().into_deserializer();
            assert_eq!(District::deserialize(deserializer), Ok(district));
        }
    }
}
