//! The texts of a sequence, read once.

use jooper_message::compose::Template;

use crate::error::EngineError;
use crate::model::Sequence;

/// A template of a mail.
pub(crate) struct Written {
    /// Its step, counted from 1.
    pub(crate) step: usize,
    /// Whether it is a subject, and not a body.
    pub(crate) subject: bool,
    pub(crate) template: Template,
}

/// Every text of a sequence, with the number of its mail.
pub(crate) fn templates(sequence: &Sequence) -> Result<Vec<Written>, EngineError> {
    let mut all = Vec::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        for variant in &step.variants {
            let subject = variant.subject.iter().map(|text| (text, true));
            for (text, subject) in subject.chain([(&variant.body, false)]) {
                let template = Template::parse(text);
                all.push(Written {
                    step: at + 1,
                    subject,
                    template: template.map_err(|_| EngineError::Content("template"))?,
                });
            }
        }
    }
    Ok(all)
}
