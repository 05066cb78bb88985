//! The texts of a sequence, as they are tried on every lead before anybody is enrolled.

use std::collections::BTreeMap;

use jooper_consent::{ContentRules, MailPart};
use jooper_message::compose::Template;

use crate::error::EngineError;
use crate::model::Sequence;
use crate::render;

/// A template of a mail.
pub(crate) struct Text {
    /// Its step, counted from 1.
    step: usize,
    part: MailPart,
    template: Template,
}

/// Every text of a sequence, read once.
pub(crate) fn texts(sequence: &Sequence) -> Result<Vec<Text>, EngineError> {
    let mut all = Vec::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        for variant in &step.variants {
            let subject = variant.subject.iter().map(|text| (text, MailPart::Subject));
            for (text, part) in subject.chain([(&variant.body, MailPart::Text)]) {
                let template = Template::parse(text);
                all.push(Text {
                    step: at + 1,
                    part,
                    template: template.map_err(|_| EngineError::Content("template"))?,
                });
            }
        }
    }
    Ok(all)
}

impl Text {
    /// Why it cannot be written to somebody with these fields; `None`: it can.
    pub(crate) fn refuses(
        &self,
        fields: &BTreeMap<String, String>,
        rules: &ContentRules,
    ) -> Option<String> {
        let why = match self.template.render(fields) {
            Err(error) => error.to_string(),
            Ok(text) if self.part == MailPart::Subject && render::pretends(&text) => {
                "a field makes the subject pretend to answer a mail that was never sent".to_owned()
            }
            // The template holds nothing of the kind: a field brings it.
            Ok(text) => {
                let found = rules.check_words(self.part, &text).into_iter().next()?;
                format!("with this lead's fields {found}. {}", found.remedy())
            }
        };
        Some(format!("step {}: {why}", self.step))
    }
}
