//! What Fieldfare is made of is on a list, may be used by everybody, and reports to nobody.
//!
//! Compares the kept list with the lock file. Known weaknesses of crates are looked up by `tests/advisories`.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::source::root;
use tests::supply::{cipher_version, is_met, locked, path};

/// Licences that let everybody use, change and pass on what they cover, beside the Mozilla Public License.
const ALLOWED: [&str; 14] = [
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "WTFPL",
    "Zlib",
    "blessing",
];

/// Licences that only tools of the tests may have.
const OF_TOOLS: [&str; 1] = ["NCSA"];

/// Parts of names of libraries that tell somebody else what a person does, or how an app failed.
const REPORTERS: [&str; 20] = [
    "sentry",
    "bugsnag",
    "crashlytics",
    "crashpad",
    "breakpad",
    "minidump",
    "rollbar",
    "raygun",
    "honeybadger",
    "appcenter",
    "firebase",
    "analytics",
    "amplitude",
    "mixpanel",
    "posthog",
    "matomo",
    "countly",
    "datadog",
    "newrelic",
    "opentelemetry",
];

fn components() -> Vec<Value> {
    let list: Value = serde_json::from_slice(&std::fs::read(path()).unwrap()).unwrap();
    assert_eq!((&list["bomFormat"], &list["specVersion"]), (&"CycloneDX".into(), &"1.6".into()));
    list["components"].as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn r22_the_list_of_components_is_that_of_the_lock_file() {
    let (components, locked) = (components(), locked());
    let of_crates = components.iter().filter(|one| text(&one["purl"]).starts_with("pkg:cargo/"));
    let listed: BTreeSet<_> = of_crates
        .map(|one| (text(&one["name"]), text(&one["version"]), text(&one["hashes"][0]["content"])))
        .collect();
    let locked: BTreeSet<_> =
        locked.iter().map(|((name, version), sum)| (name.as_str(), version.as_str(), sum.as_str())).collect();
    assert!(locked.len() > 200, "the lock file was not understood");
    let differs: Vec<_> = listed.symmetric_difference(&locked).collect();
    assert!(differs.is_empty(), "renew it with: cargo run --release -p tests --bin sbom\n{differs:?}");
    let has = |name: &str, version: &str| {
        components.iter().any(|one| one["name"] == name && text(&one["version"]).starts_with(version))
    };
    assert!(has("sqlcipher", &cipher_version()) && has("openssl", "3.") && has("zstd", "1."));
    let shipped = |name: &str| components.iter().any(|one| one["name"] == name && one["scope"] == "required");
    assert!(shipped("rusqlite") && shipped("ring") && !shipped("proptest"));
}

#[test]
fn r22_every_component_may_be_used_by_everybody() {
    assert!(
        is_met("(MIT OR GPL-3.0) AND ISC", &ALLOWED) && is_met("Apache-2.0 WITH LLVM-exception", &ALLOWED)
    );
    for refused in ["GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR AGPL-3.0) AND MIT", "", "MIT GPL-3.0"] {
        assert!(!is_met(refused, &ALLOWED), "{refused}");
    }
    let tools = [ALLOWED.as_slice(), &OF_TOOLS].concat();
    for one in components() {
        let allowed = if one["scope"] == "required" { ALLOWED.as_slice() } else { &tools };
        let licence = text(&one["licenses"][0]["expression"]);
        assert!(is_met(licence, allowed), "{} is under {licence:?}", one["name"]);
    }
}

#[test]
fn r22_nothing_reports_to_anybody() {
    let reports = |name: &str| {
        let name = name.to_lowercase();
        REPORTERS.iter().any(|reporter| name.contains(reporter))
    };
    assert!(reports("sentry-core") && !reports("serde"));
    for one in components() {
        assert!(!reports(text(&one["name"])), "{} reports", one["name"]);
    }
    // Nor do the packages of the phones.
    let mut looked_at = 0;
    for folder in ["android", "ios"] {
        for (file, bytes) in tests::scan::files_below(&root().join(folder)) {
            looked_at += 1;
            assert!(!reports(&String::from_utf8_lossy(&bytes)), "{file} names a reporter");
        }
    }
    assert!(looked_at > 0, "nothing of the phones was looked at");
}
