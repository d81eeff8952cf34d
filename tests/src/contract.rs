//! The contract as the binary prints it, and one example of everything in it, made from its schema alone.
//!
//! Knows no command and no page by name: what is added to the contract is in these lists on the same day.

use serde_json::{Map, Value, json};

use crate::binary;

/// The contract as JSON Schema.
#[must_use]
pub fn contract() -> Value {
    binary::fieldfare(&["contract"]).done().clone()
}

/// An example of each variant of a part of the contract, such as `commands` or `asks`, with every field it has.
///
/// # Panics
/// If the schema says something that this does not understand.
#[must_use]
pub fn examples(contract: &Value, part: &str) -> Vec<Value> {
    let root = &contract[part];
    let variants = root["oneOf"].as_array().unwrap_or_else(|| panic!("{part} is no list of variants"));
    variants.iter().map(|variant| example(root, variant)).collect()
}

fn example(root: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let found = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("no {name}"));
        return example(root, found);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|options| options.first()) {
            return example(root, first);
        }
    }
    if let Some(first) = schema["enum"].as_array().and_then(|options| options.first()) {
        return first.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => {
            let fields = schema["properties"].as_object().cloned().unwrap_or_default();
            let values = fields.iter().map(|(name, field)| (name.clone(), example(root, field)));
            Value::Object(values.collect::<Map<_, _>>())
        }
        Some("array") => json!([example(root, &schema["items"])]),
        Some("string") if schema["pattern"].is_string() => json!("0123456789abcdef0123456789abcdef"),
        Some("string") => json!("2026-01-05"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        _ => panic!("not understood: {schema}"),
    }
}
