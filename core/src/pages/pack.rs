//! The pack of a scale, if it can be used: whole, and for that scale.
//!
//! Reads what the organisation added; nothing of a licensed scale's wording stands here.

use crate::contract::{Problem, ScalePack, ScalePackId};
use crate::domain::measure::scale::{Scale, Wording};
use crate::domain::scale_pack::usable;
use crate::store::Read;

/// Where the words of a scale come from on this device.
pub(super) enum Words {
    /// They are part of the product.
    Shipped,
    /// The organisation's pack.
    Pack {
        /// Its record.
        pack: ScalePackId,
        /// Its digest, as hexadecimal.
        digest: String,
        /// What it says.
        words: Box<ScalePack>,
    },
    /// There is no pack that can be used.
    Missing,
}

impl Words {
    /// Whether there are words to ask with.
    pub(super) const fn are_here(&self) -> bool {
        !matches!(self, Self::Missing)
    }
}

/// Finds the words of a scale. A pack that cannot be read or is not whole counts as missing: half a scale is none.
pub(super) fn words(read: &Read<'_>, scale: &Scale) -> Result<Words, Problem> {
    if scale.wording == Wording::Ships {
        return Ok(Words::Shipped);
    }
    let Some(stored) = read.pack_of(scale.id.as_str())? else {
        return Ok(Words::Missing);
    };
    Ok(match usable(&stored.json, scale) {
        Some(words) => Words::Pack { pack: stored.pack, digest: stored.digest, words: Box::new(words) },
        None => Words::Missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::measure::scale::{ScaleId, known};
    use crate::pages::fixture::made_up_pack;

    #[test]
    fn half_a_pack_and_the_pack_of_another_scale_are_none() {
        let scale = known(ScaleId::Swemwbs);
        let json = |pack: &ScalePack| serde_json::to_string(pack).unwrap();
        assert!(usable(&json(&made_up_pack()), scale).is_some());
        assert!(usable("{}", scale).is_none());
        assert!(usable("", scale).is_none());
        let mut half = made_up_pack();
        half.items.truncate(3);
        assert!(usable(&json(&half), scale).is_none());
        let mut unlicensed = made_up_pack();
        unlicensed.licence_reference.clear();
        assert!(usable(&json(&unlicensed), scale).is_none());
        let mut other = made_up_pack();
        other.scale = "ons4".to_owned();
        assert!(usable(&json(&other), scale).is_none());
    }
}
