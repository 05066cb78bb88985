//! The published JSON Schema of the TOML format, made from the types themselves.
//!
//! It says what the types cannot: which steps are one thing, what a list holds at least. What needs a
//! walk through all steps (ways, names of steps, distances between mails) and the texts themselves only
//! the reader judges.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::check::{MAX_STEPS, MAX_VARIANTS};
use super::delay::Delay;
use super::sequence::Sequence;

mod examples;
mod tests;

impl JsonSchema for Delay {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Delay".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A span of time: hours, civil days in the lead's zone, or working days of the schedule.",
            "type": "string",
            "pattern": "^\\s*[0-9]{1,5} +(hours?|days?|working days?)\\s*$",
            "examples": ["3 working days", "2 days", "4 hours"],
        })
    }
}

/// The schema as it is published.
fn published() -> Value {
    let mut schema = Value::from(schemars::schema_for!(Sequence));
    without_null(&mut schema);
    for (place, rules) in rules() {
        let Some(Value::Object(at)) = schema.pointer_mut(place) else {
            panic!("the types have no {place} any more");
        };
        let Value::Object(rules) = rules else {
            panic!("{place}: rules are an object");
        };
        at.extend(rules);
    }
    let field = schema.pointer_mut("/$defs/FieldTest/properties/name");
    // The reader gives a name that is missing the empty one, and then refuses it.
    field
        .and_then(Value::as_object_mut)
        .unwrap()
        .remove("default");
    let conditions = schema.pointer_mut("/$defs/Condition/oneOf");
    for kind in conditions.and_then(Value::as_array_mut).unwrap() {
        for list in ["all", "any"] {
            if let Some(list) = kind.pointer_mut(&format!("/properties/{list}")) {
                list["minItems"] = 1.into();
            }
        }
    }
    schema
}

/// TOML has no null: what is optional is left out.
fn without_null(schema: &mut Value) {
    let is_null = |value: &Value| *value == "null" || value["type"] == "null";
    match schema {
        Value::Array(all) => all.iter_mut().for_each(without_null),
        Value::Object(all) => {
            for (key, only) in [("type", None), ("anyOf", Some("$ref"))] {
                let Some(Value::Array(kinds)) = all.get_mut(key) else {
                    continue;
                };
                kinds.retain(|kind| !is_null(kind));
                if let [one] = &mut kinds[..] {
                    let one = one.take();
                    match only {
                        Some(inner) => {
                            all.remove(key);
                            all.insert(inner.to_owned(), one[inner].clone());
                        }
                        None => drop(all.insert(key.to_owned(), one)),
                    }
                }
            }
            all.values_mut().for_each(without_null);
        }
        _ => {}
    }
}

/// What the reader checks beyond the types, as far as JSON Schema can say it.
fn rules() -> Vec<(&'static str, Value)> {
    let has = |what: &str| json!({ "required": [what] });
    let things = ["variant", "task", "wait_for", "split"];
    let two = (0..things.len()).flat_map(|first| {
        (first + 1..things.len())
            .map(move |second| json!({ "required": [things[first], things[second]] }))
    });
    let two: Vec<Value> = two.collect();
    // At least one has a weight above 0.
    let weighted =
        json!({ "not": { "properties": { "weight": { "const": 0 } }, "required": ["weight"] } });
    let with_subjects = json!({ "properties": { "variant": { "items": has("subject") } } });
    let compares = ["is", "is_not", "one_of", "is_set"].map(has);
    let leads_on = things.iter().chain(&["then"]).map(|thing| has(thing));
    let leads_on: Vec<Value> = leads_on.collect();
    let answered = json!({ "not": has("replied") });
    vec![
        (
            "",
            json!({
                // Where an answer ends the sequence no step can depend on one.
                "if": { "properties": { "on_reply": { "const": "stop" } } },
                "then": { "properties": { "step": { "items": { "properties": {
                    "when": answered,
                    "wait_for": { "properties": { "event": answered } },
                } } } } },
            }),
        ),
        ("/properties/language", json!({ "pattern": language() })),
        (
            "/properties/step",
            json!({
                "minItems": 1,
                "maxItems": MAX_STEPS,
                "contains": has("variant"),
                // The first mail of every way begins a thread; only that of the first step is found here.
                "allOf": [{ "prefixItems": [{ "if": has("variant"), "then": with_subjects }] }],
            }),
        ),
        (
            "/$defs/Step",
            json!({
                "anyOf": leads_on,
                "not": { "anyOf": two },
                "if": { "properties": { "new_thread": { "const": true } }, "required": ["new_thread"] },
                "then": { "required": ["variant"], "properties": with_subjects["properties"] },
            }),
        ),
        (
            "/$defs/Step/properties/id",
            json!({ "pattern": "\\S", "not": { "enum": ["end", "any"] } }),
        ),
        (
            "/$defs/Step/properties/variant",
            json!({ "minItems": 1, "maxItems": MAX_VARIANTS, "contains": weighted }),
        ),
        (
            "/$defs/Step/properties/split",
            json!({ "minItems": 1, "contains": weighted }),
        ),
        (
            "/$defs/StepVariant/properties/subject",
            json!({ "not": { "pattern": "^\\s*([Rr][Ee]|[Ff][Ww][Dd]?)\\s*:" } }),
        ),
        (
            "/$defs/FieldTest",
            json!({
                "required": ["name"],
                "anyOf": compares,
            }),
        ),
        (
            "/$defs/FieldTest/properties/name",
            json!({ "pattern": "\\S" }),
        ),
        (
            "/$defs/FieldTest/properties/one_of",
            json!({ "minItems": 1 }),
        ),
    ]
}

/// The languages that there is a notice in, with any region.
fn language() -> String {
    let known =
        ('a'..='z').flat_map(|first| ('a'..='z').map(move |second| format!("{first}{second}")));
    let either = |letter: char| format!("[{letter}{}]", letter.to_ascii_uppercase());
    let known: Vec<String> = known
        .filter(|language| jooper_consent::has_notice_text(language))
        .map(|language| language.chars().map(either).collect())
        .collect();
    format!("^({})([-_].*)?$", known.join("|"))
}
