//! The published JSON Schema of the TOML format, made from the types themselves.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::delay::Delay;
use super::sequence::Sequence;

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
            "pattern": "^[0-9]+ (hours?|days?|working days?)$",
            "examples": ["3 working days", "2 days", "4 hours"],
        })
    }
}

/// Whoever changes the format publishes it: run this test with `JOOPER_WRITE_SCHEMA=1`.
#[test]
fn the_published_schema_is_that_of_the_types() {
    let schema = schemars::schema_for!(Sequence);
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/schema/sequence.json"
    );
    if std::env::var_os("JOOPER_WRITE_SCHEMA").is_some() {
        std::fs::write(file, &text).unwrap();
    }
    let published = std::fs::read_to_string(file).unwrap();
    assert!(
        published == text,
        "docs/schema/sequence.json is not the schema of these types: run this test with \
         JOOPER_WRITE_SCHEMA=1"
    );
}
