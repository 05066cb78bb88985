//! Reading the TOML format, with the line of every mistake.

use serde::Deserialize;
use toml::Spanned;

use super::invalid::{InvalidSequence, suggest};
use super::sequence::Sequence;

/// Where the steps stand in the text.
#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    step: Vec<Spanned<toml::Value>>,
}

pub(super) fn read(text: &str) -> Result<Sequence, InvalidSequence> {
    let sequence: Sequence = toml::from_str(text).map_err(|error| toml_error(&error))?;
    sequence.check().map_err(|problem| place(text, problem))?;
    Ok(sequence)
}

/// Says where the step of a problem begins.
fn place(text: &str, problem: InvalidSequence) -> InvalidSequence {
    let places = toml::from_str::<Places>(text);
    let start = problem.step().and_then(|step| {
        let places = places.ok()?;
        Some(places.step.get(step.checked_sub(1)?)?.span().start)
    });
    match start {
        Some(start) => InvalidSequence::At {
            line: text[..start].matches('\n').count() + 1,
            problem: Box::new(problem),
        },
        None => problem,
    }
}

/// The parser's own message names line and column; a misspelled name gets a suggestion.
fn toml_error(error: &toml::de::Error) -> InvalidSequence {
    let message = error.message();
    let mut names = message.split('`').skip(1).step_by(2);
    let suggestion = match names.next() {
        Some(unknown) if message.starts_with("unknown ") => suggest(unknown, names),
        _ => String::new(),
    };
    InvalidSequence::Toml(format!("{}{suggestion}", error.to_string().trim_end()))
}
