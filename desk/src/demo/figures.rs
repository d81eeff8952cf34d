//! The evaluation's figures: they fall out of check-ins that were recorded, and of counts that were published.
//!
//! Published and golden figures stand here as what is compared with; the arithmetic is the core's.

use fieldfare_core::domain::measure::change::percent_of_range;
use fieldfare_core::domain::measure::paired::{Figures, PrePost, report};
use fieldfare_core::domain::measure::rounding::round_half_up;
use fieldfare_core::domain::measure::service_use::{CompleteCases, Saving};
use fieldfare_core::domain::measure::swemwbs::{RANGE, RELIABLE};
use fieldfare_core::domain::measure::unit_cost::{Inflator, ProgrammeCost, UnitCost};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::cast::Cast;
use super::invented::Invented;
use super::parts::{list, make, page, text};
use super::story::{Failure, Story};

/// Raw totals of ten young people before support.
const PRE: [u8; 10] = [14, 17, 19, 21, 15, 22, 18, 20, 16, 24];
/// And after it.
const POST: [u8; 10] = [20, 21, 22, 20, 19, 27, 25, 23, 18, 24];

/// Ten young people answer twice on Ash's phone; the figures are made on Sam's desk.
pub(super) fn wellbeing(story: &mut Story, cast: &Cast, invented: &mut Invented) -> Result<(), Failure> {
    story.chapter("Ten young people, before and after");
    let mut cases = Vec::new();
    for (pre, post) in PRE.into_iter().zip(POST) {
        let opened = json!({"do": "open_case", "name": invented.name(), "cohort": "prevent", "opened_on": "2026-01-12"});
        let case = make(&cast.ash, opened)?;
        for (raw, day) in [(pre, "2026-01-20"), (post, "2026-10-19")] {
            make(
                &cast.ash,
                json!({"do": "record_check_in", "case": case, "scale": "swemwbs", "answers": answers_of(raw),
                    "company": ["mentor"], "manner": "alone", "taken_on": day}),
            )?;
        }
        cases.push(case);
    }
    cast.ash.exchange(|_| ())?;
    cast.supervisor.exchange(|_| ())?;
    let mut people = Vec::new();
    for case in cases {
        let check_ins =
            page(&cast.supervisor, json!({"page": "check_ins", "case": case, "scale": "swemwbs"}))?;
        let metric = |row: Option<&Value>| row.and_then(|row| text(row, "/metric").parse::<Decimal>().ok());
        let rows = list(&check_ins, "/rows");
        people.push(PrePost { pre: metric(rows.first()), post: metric(rows.get(1)) });
    }
    let report = report(&people, Some(&RELIABLE)).map_err(|_| broken("the pairs make no report"))?;
    let Figures::Tested(tested) = &report.figures else { return Err(broken("too few pairs")) };
    let figures = [
        ("mean before", tested.described.pre.mean, "17.917"),
        ("mean after", tested.described.post.mean, "20.055"),
        ("mean change", tested.described.d.mean, "2.138"),
        ("SD of change", tested.described.d.sd, "1.7192"),
        ("standard error", tested.t.se, "0.5437"),
        ("95 % interval from", tested.t.ci_low, "0.9081"),
        ("to", tested.t.ci_high, "3.3679"),
        ("t", tested.t.t, "3.9325"),
        ("p", tested.t.p, "0.003445"),
        ("d_z", tested.effects.dz, "1.2436"),
        ("g_z", tested.effects.g_z, "1.1370"),
        ("d_av", tested.effects.d_av, "1.0479"),
    ];
    let printed: Vec<String> = figures
        .iter()
        .map(|(name, value, golden)| format!("{name} {}", as_printed(*value, golden)))
        .collect();
    story.say(&format!("Metric scores of {} pairs: {}.", report.numbers.paired, printed.join(", ")));
    story.claim(
        "computed on Sam's desk from what Ash's phone recorded, they equal the golden figures to every digit",
        figures.iter().all(|(_, value, golden)| as_printed(*value, golden) == *golden),
    );
    story.claim(
        "three young people changed by more than 2.87 points for the better and none for the worse",
        report.changed.is_some_and(|changed| (changed.up, changed.down) == (3, 0)),
    );
    let share = percent_of_range(Decimal::new(45, 1), Decimal::from(RANGE));
    story.claim(
        "the published mean of +4.5 is 16 % of the scale's range of 28 points, not of 35",
        share.is_some_and(|share| round_half_up(share, 2).to_string() == "16.07"),
    );
    Ok(())
}

/// Seven answers of 1 to 5 with this total.
fn answers_of(raw: u8) -> Vec<u8> {
    let mut left = raw.saturating_sub(7);
    (0..7)
        .map(|_| {
            let more = left.min(4);
            left = left.saturating_sub(more);
            1_u8.saturating_add(more)
        })
        .collect()
}

/// One published row.
struct Published {
    event: &'static str,
    cases: CompleteCases,
    /// Net pounds, and for each young person.
    pounds: (i64, i64),
    /// Unit costs that bring them about, at either reading of the programme's cost.
    unit_costs: [&'static str; 2],
}

const fn row(
    event: &'static str,
    (before, after, n): (u32, u32, u32),
    pounds: (i64, i64),
    unit_costs: [&'static str; 2],
) -> Published {
    Published { event, cases: CompleteCases { before, after, n }, pounds, unit_costs }
}

const PUBLISHED: [Published; 4] = [
    row("arrests", (393, 164, 67), (118_224, 1_765), ["532.06", "531.935"]),
    row("days missing", (406, 287, 48), (344_674, 7_181), ["2918.20", "2918.03"]),
    row("school exclusions", (100, 74, 46), (483_539, 10_512), ["18693.19", "18692.43"]),
    row("police call-outs", (751, 867, 106), (-67_383, -636), ["531.54", "531.935"]),
];

/// What support changed for other services, from counts that were published and unit costs worked back from them.
pub(super) fn money(story: &mut Story) -> Result<(), Failure> {
    story.chapter("What support changed for other services, in money");
    let source = || "worked back from the published figures; an input, never a constant".to_owned();
    let rounded = ProgrammeCost { each: Decimal::from(54), source: source() };
    let exact = ProgrammeCost::monthly(Decimal::from(198_000), 24, 154, source())
        .map_err(|_| broken("the programme's cost makes no sense"))?;
    for Published { event, cases, pounds: (net, each), unit_costs } in PUBLISHED {
        let mut all_equal = true;
        for (value, programme) in unit_costs.into_iter().zip([&rounded, &exact]) {
            let unit_cost = UnitCost {
                value: value.parse().map_err(|_| broken("a unit cost is no number"))?,
                source: source(),
                price_year: 2022,
                inflator: Inflator { factor: Decimal::ONE, source: source() },
            };
            let computed = Saving::of(cases, &unit_cost)
                .and_then(|saving| saving.net(programme))
                .map_err(|_| broken("a figure cannot be computed"))?;
            all_equal &= computed.pounds() == (net, cases.n) && computed.pounds_each() == (each, cases.n);
        }
        let CompleteCases { before, after, n } = cases;
        let money = format!("net {}, {} each", pounds(net), pounds(each));
        story.claim(
            &format!("{event}: {before} before, {after} after, n = {n}: {money}, at both programme costs"),
            all_equal,
        );
    }
    story.say(
        "The rows have different n and are never added up; the programme's cost is charged once in each.",
    );
    Ok(())
}

/// Whole pounds with their sign before the pound.
fn pounds(amount: i64) -> String {
    format!("{}£{}", if amount < 0 { "-" } else { "" }, amount.unsigned_abs())
}

fn as_printed(value: Decimal, golden: &str) -> String {
    let places = golden.split_once('.').map_or(0, |(_, places)| places.len());
    round_half_up(value, u32::try_from(places).unwrap_or(0)).to_string()
}

fn broken(why: &str) -> Failure {
    Failure::Scenery(why.to_owned())
}
