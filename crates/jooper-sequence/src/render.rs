//! A step for one person, as bytes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jooper_core::{EmailAddress, StepIndex};
use jooper_message::compose::{Draft, FirstContactNotice, Footer, RenderError, Template, compose};
use jooper_storage::tables::{LeadProfile, WorkspaceIdentity};

use crate::model::Sequence;

/// Everything a step's mail is made of.
pub(crate) struct Letter<'a> {
    pub(crate) sequence: &'a Sequence,
    pub(crate) step: StepIndex,
    pub(crate) variant: u8,
    /// The mail that began the thread, and its variant: its subject is kept. `None` for a mail that
    /// begins one.
    pub(crate) root: Option<(StepIndex, u8)>,
    /// Whether it is the enrollment's first mail, which carries the notice: the first step may have
    /// been skipped.
    pub(crate) first_contact: bool,
    pub(crate) person: &'a LeadProfile,
    pub(crate) to: &'a EmailAddress,
    pub(crate) from: &'a EmailAddress,
    pub(crate) from_name: &'a str,
    pub(crate) identity: &'a WorkspaceIdentity,
    pub(crate) unsubscribe_url: String,
    /// The conversation so far, oldest first.
    pub(crate) references: Vec<String>,
    pub(crate) token: String,
    pub(crate) now: Timestamp,
}

/// The fields that a template may name for this person.
pub(crate) fn fields(person: &LeadProfile) -> BTreeMap<String, String> {
    let mut fields = person.fields.clone();
    let named = [
        ("first_name", &person.first_name),
        ("last_name", &person.last_name),
        ("title", &person.title),
        ("company", &person.company),
        ("phone", &person.phone),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    fields.insert("email".to_owned(), person.email.clone());
    fields
}

/// The subject of a step: that of the mail which began its thread, as an answer behind it.
pub(crate) fn subject(letter: &Letter<'_>) -> Result<String, RenderError> {
    // A mail whose thread was never begun, because the mail before it was skipped, begins one, under
    // the subject that the skipped mail would have had.
    let (start, variant) = letter
        .root
        .unwrap_or_else(|| (letter.sequence.thread_start(letter.step), letter.variant));
    let source = variant_of(letter.sequence, start, variant)
        .0
        .unwrap_or_default();
    let text = parse(&source)?.render(&fields(letter.person))?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // A field may bring the prefix that the template does not have.
    if letter.root.is_none() && jooper_consent::is_deceptive(&text, false) {
        return Err(RenderError::Refused);
    }
    Ok(match letter.root {
        None => text,
        Some(_) => format!("Re: {text}"),
    })
}

fn variant_of(sequence: &Sequence, step: StepIndex, variant: u8) -> (Option<String>, String) {
    sequence
        .step(step)
        .and_then(|step| {
            step.variants
                .get(usize::from(variant))
                .or(step.variants.first())
        })
        .map(|variant| (variant.subject.clone(), variant.body.clone()))
        .unwrap_or_default()
}

fn parse(source: &str) -> Result<Template, RenderError> {
    Template::parse(source).map_err(|_| RenderError::Refused)
}

/// Subject and text of a mail as its author wrote them, without the footer.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Writes the mail.
pub(crate) fn render(letter: &Letter<'_>) -> Result<(Vec<u8>, Words), RenderError> {
    let (_, body) = variant_of(letter.sequence, letter.step, letter.variant);
    let body = parse(&body)?.render(&fields(letter.person))?;
    let in_reply_to = letter.references.last().cloned();
    let mut references = letter.references.clone();
    references.push(letter.token.clone());
    let name = [&letter.person.first_name, &letter.person.last_name]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let first_contact = letter.first_contact.then(|| FirstContactNotice {
        source: letter.person.source.clone(),
        privacy_url: letter.identity.privacy_url.clone(),
    });
    let draft = Draft {
        from_name: letter.from_name.to_owned(),
        from: letter.from.clone(),
        to_name: name,
        to: letter.to.clone(),
        subject: subject(letter)?,
        body: body.clone(),
        date: letter.now,
        message_id: format!("m{}", letter.token),
        references,
        in_reply_to,
        footer: Some(Footer {
            legal_name: letter.identity.legal_name.clone(),
            postal_address: letter.identity.postal_address.clone(),
            unsubscribe_url: letter.unsubscribe_url.clone(),
            first_contact,
        }),
    };
    let raw = compose(&draft).map_err(|_| RenderError::Refused)?;
    Ok((
        raw,
        Words {
            subject: draft.subject,
            text: body,
        },
    ))
}
