//! The published figures a before-and-after report has to reproduce, to every printed digit.
//!
//! Only checks: the figures stand here and nowhere in the product.

use rust_decimal::Decimal;

use super::change::percent_of_range;
use super::paired::{Figures, PrePost, Tested, report};
use super::rounding::round_half_up;
use super::swemwbs::{RANGE, RELIABLE, metric};

const PRE: [u8; 10] = [14, 17, 19, 21, 15, 22, 18, 20, 16, 24];
const POST: [u8; 10] = [20, 21, 22, 20, 19, 27, 25, 23, 18, 24];

fn pairs(score: fn(u8) -> Decimal) -> Vec<PrePost> {
    PRE.into_iter().zip(POST).map(|(pre, post)| pair(score(pre), score(post))).collect()
}

fn pair(pre: Decimal, post: Decimal) -> PrePost {
    PrePost { pre: Some(pre), post: Some(post) }
}

fn tested(people: &[PrePost]) -> Tested {
    match report(people, Some(&RELIABLE)).unwrap().figures {
        Figures::Tested(tested) => *tested,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn prints(value: Decimal, printed: &str) {
    let places = printed.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(round_half_up(value, places as u32).to_string(), printed);
}

#[test]
fn the_raw_golden_vector_comes_out_to_every_printed_digit() {
    let Tested { described, t, effects } = tested(&pairs(Decimal::from));
    prints(described.d.mean, "3.3");
    prints(described.d.sd, "2.4967");
    prints(t.se, "0.7895");
    prints(t.ci_low, "1.5140");
    prints(t.ci_high, "5.0860");
    prints(t.t, "4.1798");
    prints(t.p, "0.002377");
    prints(effects.dz, "1.3218");
    prints(effects.g_z, "1.2085");
    prints(effects.d_av, "1.0890");
}

#[test]
fn the_metric_golden_vector_comes_out_to_every_printed_digit() {
    let Tested { described, t, effects } = tested(&pairs(|raw| metric(raw).unwrap()));
    prints(described.pre.mean, "17.917");
    prints(described.post.mean, "20.055");
    prints(described.d.mean, "2.138");
    prints(described.d.sd, "1.7192");
    prints(t.se, "0.5437");
    prints(t.ci_low, "0.9081");
    prints(t.ci_high, "3.3679");
    prints(t.t, "3.9325");
    prints(t.p, "0.003445");
    prints(effects.dz, "1.2436");
    prints(effects.g_z, "1.1370");
    prints(effects.d_av, "1.0479");
}

#[test]
fn three_changed_on_metric_where_raw_scores_would_claim_seven() {
    let changed = |score| report(&pairs(score), Some(&RELIABLE)).unwrap().changed.unwrap();
    let metric = changed(|raw| metric(raw).unwrap());
    assert_eq!((metric.up, metric.down, metric.within), (3, 0, 7));
    assert_eq!(changed(Decimal::from).up, 7);
}

/// Published: 49 pairs, +4.5 raw, 16 % of the range. Whole points cannot average exactly 4.5 over 49.
#[test]
fn forty_nine_pairs_print_the_published_mean_and_share_of_the_range() {
    let people: Vec<PrePost> = (0..49).map(|i| pair(16.into(), (20 + i % 2 + i / 48).into())).collect();
    let mean = tested(&people).described.d.mean;
    prints(mean, "4.5");
    prints(percent_of_range(mean, RANGE.into()).unwrap(), "16");
    prints(percent_of_range(Decimal::new(45, 1), RANGE.into()).unwrap(), "16.07");
}

#[test]
fn means_of_decimals_are_exact() {
    let described = tested(&pairs(|raw| metric(raw).unwrap())).described;
    assert_eq!(described.d.mean, Decimal::new(2138, 3));
    assert_eq!(described.post.mean - described.pre.mean, described.d.mean);
}
