use super::*;
use crate::model::sequence::tests::{GOOD, MISTAKES, RICH};

const FILE: &str = "docs/schema/sequence.json";

/// What the schema says of a sequence: nothing where it passes.
struct Validator {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Validator {
    fn new() -> Self {
        let text = std::fs::read_to_string(examples::root().join(FILE)).unwrap();
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler
            .add_resource("sequence.json", serde_json::from_str(&text).unwrap())
            .unwrap();
        let index = compiler.compile("sequence.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn problem(&self, text: &str) -> Option<String> {
        let read: toml::Table = match toml::from_str(text) {
            Ok(read) => read,
            Err(error) => return Some(error.to_string()),
        };
        let value = serde_json::to_value(read).unwrap();
        let verdict = self.schemas.validate(&value, self.index);
        verdict.err().map(|error| format!("{error:#}"))
    }
}

/// Whoever changes the format publishes it: run this test with `JOOPER_WRITE_SCHEMA=1`.
#[test]
fn the_published_schema_is_that_of_the_types() {
    let mut text = serde_json::to_string_pretty(&published()).unwrap();
    text.push('\n');
    let file = examples::root().join(FILE);
    if std::env::var_os("JOOPER_WRITE_SCHEMA").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let published = std::fs::read_to_string(&file).unwrap();
    assert!(
        published == text,
        "{FILE} is not the schema of these types: run this test with JOOPER_WRITE_SCHEMA=1"
    );
}

#[test]
fn every_sequence_that_the_reader_takes_passes_the_published_schema() {
    let validator = Validator::new();
    let mut files = std::collections::BTreeMap::new();
    for example in examples::all() {
        if Sequence::from_toml(&example.text).is_err() {
            continue;
        }
        let problem = validator.problem(&example.text);
        let file = example.file.display();
        assert_eq!(problem, None, "{file}:\n{}", example.text);
        *files.entry(example.file).or_insert(0) += 1;
    }
    for known in [
        "docs/sequences.md",
        "examples/quickstart.rs",
        "examples/reference-server/templates/example.toml",
        "examples/reference-server/tests/support/serving.rs",
        "crates/jooper-sequence/testdata/sequences/rich.toml",
        "crates/jooper-sequence/tests/sequences.rs",
    ] {
        let known = examples::root().join(known);
        assert!(files.contains_key(&known), "{}", known.display());
    }
    assert!(files.len() >= 20, "{files:?}");
}

#[test]
fn every_example_of_the_guide_reads_and_passes() {
    let validator = Validator::new();
    let guide = std::fs::read_to_string(examples::root().join("docs/sequences.md")).unwrap();
    let mut sequences = 0;
    for snippet in examples::snippets(&guide) {
        if snippet.contains("[[step]]") {
            Sequence::from_toml(&snippet).unwrap_or_else(|error| panic!("{error}\n{snippet}"));
            assert_eq!(validator.problem(&snippet), None, "{snippet}");
            sequences += 1;
        } else {
            crate::model::SettingsEdit::from_toml(&snippet)
                .unwrap_or_else(|error| panic!("{error}\n{snippet}"));
        }
    }
    assert!(sequences >= 2, "{sequences}");
}

/// Mistakes that take a walk through all steps, or a look into the texts: only the reader finds them.
const BEYOND: &[&str] = &[
    "line 7: step 2: a follow-up waits",
    "step 1, body: line 1: only a field",
    "there is no step `edn`; did you mean `end`?",
    "`1` comes before it",
    "the id `1` is that of another step",
    "there is no step `x`",
    "step 2: no way leads here",
];

#[test]
fn what_the_reader_refuses_the_schema_refuses_too() {
    let validator = Validator::new();
    let mut beyond = 0;
    for (from, to, message) in MISTAKES {
        let problem = validator.problem(&GOOD.replacen(from, to, 1));
        let hidden = BEYOND.contains(message);
        beyond += usize::from(hidden);
        assert_eq!(problem.is_none(), hidden, "{message}: {problem:?}");
    }
    assert_eq!(beyond, BEYOND.len(), "a mistake that is none any more");
}

#[test]
fn a_fault_of_each_kind_of_step_and_rule_is_found() {
    let validator = Validator::new();
    assert_eq!(validator.problem(RICH), None);
    for (from, to) in [
        ("on_reply = \"continue\"", "on_reply = \"halt\""),
        ("on_reply = \"continue\"", "on_replies = \"stop\""),
        ("\"wait_for_return\"", "\"wait\""),
        (
            "stop_company_on_reply = true",
            "stop_company_on_reply = \"yes\"",
        ),
        ("after = \"90 days\"", "after = \"3 months\""),
        ("after = \"90 days\"", "after = \"100000 days\""),
        ("after = \"90 days\"\n", ""),
        ("\"completed\", \"exit\"", "\"unsubscribed\""),
        ("name = \"A meeting\"\n", ""),
        ("{ replied = \"meeting\" }", "{ replied = \"yes\" }"),
        ("{ replied = \"meeting\" }", "{ opened = \"any\" }"),
        (
            "any = [{ replied = \"not_interested\" }, { replied = \"wrong_person\" }]",
            "any = []",
        ),
        ("id = \"hello\"", "id = \"end\""),
        ("id = \"hello\"", "id = \" \""),
        ("subject = \"Your visit, {{ first_name }}\"\n", ""),
        ("weight = 3", "weight = -1"),
        ("weight = 3", "weight = \"3\""),
        (", at_most = \"4 working days\"", ""),
        ("name = \"phone\", is_set", "is_set"),
        ("name = \"phone\", is_set = true", "name = \"phone\""),
        (
            "name = \"phone\", is_set = true",
            "name = \"phone\", equals = \"1\"",
        ),
        ("title = \"Call {{ first_name }}\", ", ""),
        ("then = \"last\"", "new_thread = true"),
        ("{ weight = 1, go_to = \"fresh\" }", "{ weight = 1 }"),
        (
            "split = [{ weight = 1, go_to = \"fresh\" }, { weight = 1, go_to = \"last\" }]",
            "split = []",
        ),
        ("subject = \"Another idea\"\n", ""),
        ("since = \"last_mail\"", "since = \"yesterday\""),
        ("body = \"My last note.\"", "text = \"My last note.\""),
        (
            "name = \"Everything\"",
            "name = \"Everything\"\nlanguage = \"xx\"",
        ),
    ] {
        assert!(RICH.contains(from), "{from}");
        let faulty = RICH.replacen(from, to, 1);
        assert!(Sequence::from_toml(&faulty).is_err(), "no fault: {to}");
        assert!(validator.problem(&faulty).is_some(), "not found: {to}");
    }
}
