//! Splitting a secret among several people, so that some of them together have it and fewer have nothing.
//!
//! Shamir's scheme, byte by byte, over the field of 256 elements with the polynomial x⁸+x⁴+x³+x+1. Knows bytes and numbers;
//! what the secret opens, and how a share is written down, is not known here.
//!
//! Nothing here branches on a secret byte or looks anything up by one: a product takes the same steps whatever its factors.

use zeroize::Zeroizing;

use super::secret::Secret;
use crate::ports::{Entropy, NoEntropy};

/// One point of the curve: the number of a share, from 1, and its bytes.
pub(super) type Point<'p> = (u8, &'p Secret<32>);

/// The shares numbered from 1 to `count`, of which any `threshold` give the secret back. `threshold` is at least 1.
///
/// # Errors
/// [`NoEntropy`].
pub(super) fn split(
    secret: &Secret<32>,
    threshold: u8,
    count: u8,
    entropy: &dyn Entropy,
) -> Result<Vec<Secret<32>>, NoEntropy> {
    let coefficients: Vec<Secret<32>> =
        (1..threshold).map(|_| Secret::random(entropy)).collect::<Result<_, _>>()?;
    let mut shares = Vec::new();
    for number in 1..=count {
        let mut share = Zeroizing::new([0_u8; 32]);
        for coefficient in &coefficients {
            raise(&mut share, number, coefficient.expose());
        }
        raise(&mut share, number, secret.expose());
        shares.extend(Secret::from_slice(share.as_slice()));
    }
    Ok(shares)
}

/// The secret that lies on the curve through all these points; some other bytes if they are fewer than its threshold.
/// `None` if two have one number, or one has none.
pub(super) fn join(points: &[Point<'_>]) -> Option<Secret<32>> {
    let mut secret = Zeroizing::new([0_u8; 32]);
    for (place, (number, share)) in points.iter().enumerate() {
        let (mut above, mut below) = (1, 1);
        for (other_place, (other, _)) in points.iter().enumerate() {
            if other_place != place {
                above = times(above, *other);
                below = times(below, *other ^ *number);
            }
        }
        if *number == 0 || below == 0 {
            return None;
        }
        let weight = times(above, inverse(below));
        for (to, from) in secret.iter_mut().zip(share.expose()) {
            *to ^= times(weight, *from);
        }
    }
    Secret::from_slice(secret.as_slice())
}

/// One step of evaluating a polynomial, highest coefficient first.
fn raise(value: &mut [u8; 32], at: u8, next: &[u8; 32]) {
    for (value, next) in value.iter_mut().zip(next) {
        *value = times(*value, at) ^ *next;
    }
}

/// A product in the field, in the same steps for all factors.
fn times(one: u8, other: u8) -> u8 {
    let (mut power, mut rest, mut product) = (one, other, 0);
    for _ in 0..8 {
        product ^= power & (rest & 1).wrapping_neg();
        let overflows = (power >> 7).wrapping_neg();
        power = (power << 1) ^ (overflows & 0x1b);
        rest >>= 1;
    }
    product
}

/// The element with which a product is 1; 0 for 0. Every element but 0 gives 1 when raised to 255.
fn inverse(element: u8) -> u8 {
    let mut power = element;
    let mut result = 1;
    for _ in 0..7 {
        power = times(power, power);
        result = times(result, power);
    }
    result
}

#[cfg(test)]
mod tests {
    use fieldfare_protocol::id::read_hex;
    use proptest::prelude::*;

    use super::*;
    use crate::vault::doubles::{FixedEntropy, SpentEntropy};

    fn secret(bytes: [u8; 32]) -> Secret<32> {
        Secret::from_slice(&bytes).unwrap()
    }

    /// The examples of FIPS 197, sections 4.2 and 4.2.1, and every inverse.
    #[test]
    fn products_are_those_of_the_standard_that_names_the_field() {
        assert_eq!((times(0x57, 0x83), times(0x57, 0x13)), (0xc1, 0xfe));
        assert_eq!([0x02, 0x04, 0x08, 0x10].map(|by| times(0x57, by)), [0xae, 0x47, 0x8e, 0x07]);
        assert!((1..=255).all(|element| times(element, inverse(element)) == 1));
        assert_eq!(inverse(0), 0);
    }

    /// Printed by another implementation of the same scheme, with tables of logarithms, in another language.
    #[test]
    fn shares_agree_with_another_implementation_byte_for_byte() {
        let whole: [u8; 32] = std::array::from_fn(|place| (place * 7 + 3) as u8);
        let slope: [u8; 32] = std::array::from_fn(|place| (place * 11 + 200) as u8);
        struct Slope([u8; 32]);
        impl Entropy for Slope {
            fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
                bytes.copy_from_slice(&self.0);
                Ok(())
            }
        }
        let shares = split(&secret(whole), 2, 3, &Slope(slope)).unwrap();
        let expected = VECTORS.map(|hex| read_hex::<32>(hex).unwrap());
        assert_eq!(shares.iter().map(|share| *share.expose()).collect::<Vec<_>>(), expected);
    }

    const VECTORS: [&str; 3] = [
        "cbd9cff1ebd927211b697f111b0907010bf90f112b3927617b695f313bc9c7c1",
        "88b7b6d1ecc3391e7b1425d2cff0a1b6836786a1dcd3f235101f6e3924c0f1e6",
        "40646838183c330b5b3f139383a7c3dbfbe40838787c48f0c0c488c8d8c7e3fb",
    ];

    #[test]
    fn a_number_that_comes_twice_or_is_nought_gives_nothing() {
        let shares = split(&secret([7; 32]), 2, 3, &FixedEntropy::new(1)).unwrap();
        assert!(join(&[(1, &shares[0]), (1, &shares[1])]).is_none());
        assert!(join(&[(0, &shares[0]), (1, &shares[1])]).is_none());
        assert!(split(&secret([7; 32]), 2, 3, &SpentEntropy).is_err());
    }

    /// For a single share there is, for every secret, exactly one curve on which both lie: it tells nothing.
    #[test]
    fn r14_one_share_fits_every_secret() {
        let shares = split(&secret([7; 32]), 2, 3, &FixedEntropy::new(1)).unwrap();
        let one = shares[0].expose()[0];
        let mut slopes: Vec<u8> = (0..=255).map(|secret: u8| one ^ secret).collect();
        slopes.sort_unstable();
        slopes.dedup();
        assert_eq!(slopes.len(), 256);
        assert_ne!(join(&[(1, &shares[0])]).unwrap().expose(), &[7; 32]);
    }

    proptest! {
        #[test]
        fn as_many_as_it_takes_give_the_secret_back_and_fewer_give_something_else(
            bytes: [u8; 32], seed: u8, threshold in 2_u8..5, more in 0_u8..4,
        ) {
            let count = threshold + more;
            let shares = split(&secret(bytes), threshold, count, &FixedEntropy::new(seed)).unwrap();
            let point = |number: u8| (number, &shares[usize::from(number) - 1]);
            for first in 1..=more + 1 {
                let together: Vec<_> = (first..first + threshold).map(point).collect();
                let joined = join(&together).unwrap();
                prop_assert_eq!(joined.expose(), &bytes);
                let fewer = join(&together[1..]).unwrap();
                prop_assert_ne!(fewer.expose(), &bytes);
            }
        }
    }
}
