//! Whether leads have the fields that a sequence names.

use std::collections::BTreeSet;

use jooper_message::compose::Template;

use super::check::{placed, texts};
use super::condition::Condition;
use super::invalid::{InvalidSequence, suggest};
use super::sequence::Sequence;

pub(super) fn check(sequence: &Sequence, known: &BTreeSet<String>) -> Result<(), InvalidSequence> {
    for (node, step) in sequence.steps.iter().enumerate() {
        for (part, text) in texts(step) {
            Template::parse(text)
                .and_then(|template| template.check_fields(known.iter().map(String::as_str)))
                .map_err(|source| InvalidSequence::Template {
                    step: node + 1,
                    part,
                    source,
                })?;
        }
    }
    for (place, condition) in placed(sequence) {
        let mut problem = None;
        condition.each(&mut |inner| {
            if let Condition::Field(test) = inner
                && !known.contains(&test.name)
            {
                problem.get_or_insert_with(|| InvalidSequence::NoSuchField {
                    place: place.clone(),
                    name: test.name.clone(),
                    suggestion: suggest(&test.name, known.iter().map(String::as_str)),
                });
            }
        });
        if let Some(problem) = problem {
            return Err(problem);
        }
    }
    Ok(())
}
