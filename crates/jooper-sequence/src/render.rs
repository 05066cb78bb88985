//! A step for one person, as bytes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jooper_consent::{ContentFinding, ContentRules, Contents, Notice, check_identity};
use jooper_core::{EmailAddress, Purpose, StepIndex};
use jooper_message::compose::{Draft, FirstContactNotice, Footer, RenderError, Template, compose};
use jooper_storage::tables::{LeadProfile, WorkspaceIdentity};
use jooper_transport::{OutgoingMail, TransportCapabilities, Unwritten};

use crate::model::Sequence;

/// The templates of one version of a sequence, each read once: versions never change.
#[derive(Debug)]
pub(crate) struct Templates(BTreeMap<(StepIndex, u8), Option<Variant>>);

/// One variant of a mail; its subject only where it begins a thread.
#[derive(Debug)]
struct Variant {
    subject: Option<Template>,
    body: Template,
}

impl Templates {
    /// Reads every template. No mail is made of one that does not read.
    pub(crate) fn of(sequence: &Sequence) -> Self {
        let mut all = BTreeMap::new();
        for (mail, step) in sequence.mails() {
            for (number, variant) in (0..=u8::MAX).zip(&step.variants) {
                let subject = variant.subject.as_deref().map(Template::parse);
                let parsed = subject.transpose().and_then(|subject| {
                    let body = Template::parse(&variant.body)?;
                    Ok(Variant { subject, body })
                });
                all.insert((mail, number), parsed.ok());
            }
        }
        Self(all)
    }

    /// A variant of a mail; the first one where an edit has taken it away.
    fn variant(&self, mail: StepIndex, variant: u8) -> Result<&Variant, RenderError> {
        let found = self.0.get(&(mail, variant));
        let found = found.or_else(|| self.0.get(&(mail, 0)));
        found.and_then(Option::as_ref).ok_or(RenderError::Refused)
    }
}

/// The mail that began a conversation.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) step: StepIndex,
    pub(crate) variant: u8,
    /// As the person got it, where it was kept: an edit or a corrected field changes no mail that went.
    pub(crate) subject: Option<String>,
}

/// Why a mail cannot be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotWritten {
    /// The lead has no value for a field that has no default.
    Missing {
        /// The field.
        field: String,
    },
    /// It follows a mail whose subject was not kept, and which this version does not have.
    NoSubject,
    /// With this lead's fields it is no mail.
    Never(&'static str),
}

impl From<RenderError> for NotWritten {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Missing { field } => Self::Missing { field },
            RenderError::TooLong => Self::Never("it would be longer than 256 KiB"),
            _ => Self::Never("its template cannot be rendered"),
        }
    }
}

/// Everything a step's mail is made of.
pub(crate) struct Letter<'a> {
    pub(crate) sequence: &'a Sequence,
    /// Those of the sequence.
    pub(crate) templates: &'a Templates,
    pub(crate) step: StepIndex,
    pub(crate) variant: u8,
    /// The mail that began the thread: its subject is kept. `None` for a mail that begins one.
    pub(crate) root: Option<&'a Root>,
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
    /// Empty where no bytes are written.
    pub(crate) token: String,
    pub(crate) now: Timestamp,
    /// What it is held to.
    pub(crate) rules: &'a ContentRules,
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

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a subject, as it is written for one person, pretends to answer: a field may bring the
/// prefix that the template does not have.
pub(crate) fn pretends(subject: &str) -> bool {
    jooper_consent::is_deceptive(&one_line(subject), false)
}

/// The subject of a step: that of the mail which began its thread, as an answer behind it.
pub(crate) fn subject_of(
    sequence: &Sequence,
    templates: &Templates,
    step: StepIndex,
    variant: u8,
    root: Option<&Root>,
    fields: &BTreeMap<String, String>,
) -> Result<String, NotWritten> {
    // A mail whose thread was never begun, because the mail before it was skipped or given up, begins
    // one, under the subject that the other mail would have had; so does whatever answers it.
    let Some(root) = root else {
        let text = subject_written(sequence, templates, step, variant, fields)?;
        return match pretends(&text) {
            true => Err(NotWritten::Never("its subject would pretend to answer")),
            false => Ok(text),
        };
    };
    let text = match &root.subject {
        Some(kept) => one_line(kept),
        None => subject_written(sequence, templates, root.step, root.variant, fields)?,
    };
    Ok(format!("Re: {text}"))
}

/// The subject that a thread has which this mail begins, as this version writes it.
fn subject_written(
    sequence: &Sequence,
    templates: &Templates,
    mail: StepIndex,
    variant: u8,
    fields: &BTreeMap<String, String>,
) -> Result<String, NotWritten> {
    if sequence.node_of(mail).is_none() {
        return Err(NotWritten::NoSubject);
    }
    let start = sequence.thread_start(mail);
    let source = templates.variant(start, variant)?.subject.as_ref();
    let text = source.ok_or(NotWritten::NoSubject)?.render(fields)?;
    Ok(one_line(&text))
}

/// Subject and text of a mail as its author wrote them, without the footer.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// A mail that was written.
#[derive(Debug)]
pub(crate) struct Written {
    draft: Draft,
    /// What it holds and may not: a field can bring what its template does not have.
    pub(crate) found: Vec<ContentFinding>,
}

impl Written {
    /// What is handed over: its bytes, as far as the transport delivers them to anybody. None where they
    /// are no mail.
    pub(crate) fn mail(
        &self,
        thread: Option<String>,
        transport: &TransportCapabilities,
    ) -> Option<OutgoingMail> {
        let draft = &self.draft;
        if transport.delivers {
            return OutgoingMail::new(compose(draft).ok()?, thread).ok();
        }
        let mut mail = Unwritten::new(&draft.from, &draft.to, &draft.subject);
        let footer = draft.footer.as_ref();
        mail.unsubscribe_url = footer.map(|footer| footer.unsubscribe_url.as_str());
        mail.answers = draft.in_reply_to.is_some();
        Some(OutgoingMail::unwritten(&mail, thread))
    }

    pub(crate) fn subject(&self) -> &str {
        &self.draft.subject
    }

    pub(crate) fn into_words(self) -> Words {
        Words {
            subject: self.draft.subject,
            text: self.draft.body,
        }
    }
}

/// What a draft holds and may not, for this purpose. Its HTML is made of its text.
pub(crate) fn findings(
    rules: &ContentRules,
    purpose: Purpose,
    draft: &Draft,
) -> Vec<ContentFinding> {
    let contents = Contents {
        from_name: &draft.from_name,
        from: &draft.from,
        subject: &draft.subject,
        text: &draft.text(),
        html: None,
    };
    rules.check(purpose, &contents)
}

/// The Message-ID that a mail is written with, by the token of its try. It is no token itself.
pub(crate) fn message_id(token: &str) -> String {
    format!("m{token}")
}

fn notice(letter: &Letter<'_>, language: &str) -> Result<FirstContactNotice, NotWritten> {
    let written = Notice::new(letter.identity, &letter.person.source, language);
    let no_source = "nothing says where this lead's data is from";
    let notice = written.map_err(|_| NotWritten::Never(no_source))?;
    Ok(FirstContactNotice {
        sender: notice.sender,
        source: notice.source,
        objection: notice.objection,
    })
}

/// Writes the mail, but for its bytes.
pub(crate) fn render(letter: &Letter<'_>) -> Result<Written, NotWritten> {
    let (step, variant, root) = (letter.step, letter.variant, letter.root);
    let fields = fields(letter.person);
    let body = letter.templates.variant(step, variant)?;
    let body = body.body.render(&fields)?;
    let (sequence, templates) = (letter.sequence, letter.templates);
    let subject = subject_of(sequence, templates, step, variant, root, &fields)?;
    let in_reply_to = letter.references.last().cloned();
    let mut references = letter.references.clone();
    references.push(letter.token.clone());
    let name = [&letter.person.first_name, &letter.person.last_name]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let language = letter.sequence.language.as_deref().unwrap_or("en");
    // Of whoever does not say who they are the gate lets nothing go.
    let says_who = check_identity(letter.identity).is_ok();
    let first_contact = (letter.first_contact && says_who)
        .then(|| notice(letter, language))
        .transpose()?;
    let draft = Draft {
        from_name: letter.from_name.to_owned(),
        from: letter.from.clone(),
        to_name: name,
        to: letter.to.clone(),
        subject,
        body,
        date: letter.now,
        message_id: message_id(&letter.token),
        references,
        in_reply_to,
        footer: Some(Footer {
            legal_name: letter.identity.legal_name.clone(),
            postal_address: letter.identity.postal_address.clone(),
            stop: jooper_consent::stop_line(language).to_owned(),
            unsubscribe_url: letter.unsubscribe_url.clone(),
            first_contact,
        }),
    };
    let no_mail = "its subject or its text is empty, too long or holds a control character";
    draft.check().map_err(|_| NotWritten::Never(no_mail))?;
    Ok(Written {
        found: findings(letter.rules, Purpose::Outreach, &draft),
        draft,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEQUENCE: &str = r#"
        name = "Two mails"
        language = "de-AT"
        [[step]]
        [[step.variant]]
        subject = "{{ first_name }}, guten Tag"
        body = "Erste."
        [[step]]
        wait = "3 working days"
        [[step.variant]]
        body = "Zweite."
    "#;

    /// A step as it is written to somebody of this name: subject, and body as text.
    fn written(text: &str, step: u16, first_name: &str) -> Result<(String, String), NotWritten> {
        let (to, from) = ["jo@recipient.example", "ada@sender.example"]
            .map(|address| EmailAddress::parse(address).unwrap())
            .into();
        let first = step == 0;
        let sequence = Sequence::from_toml(text).unwrap();
        let root = Root {
            step: StepIndex(0),
            variant: 0,
            subject: None,
        };
        let mail = render(&Letter {
            sequence: &sequence,
            templates: &Templates::of(&sequence),
            step: StepIndex(step),
            variant: 0,
            root: (!first).then_some(&root),
            first_contact: first,
            person: &LeadProfile {
                email: to.to_string(),
                first_name: Some(first_name.to_owned()),
                source: "die Messe".to_owned(),
                ..LeadProfile::default()
            },
            to: &to,
            from: &from,
            from_name: "Ada",
            identity: &WorkspaceIdentity {
                name: "Sender".to_owned(),
                legal_name: "Sender GmbH".to_owned(),
                postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
                privacy_url: "https://sender.example/privacy".to_owned(),
                ..WorkspaceIdentity::default()
            },
            unsubscribe_url: "https://t.sender.example/u/1".to_owned(),
            references: Vec::new(),
            token: "jp.token@sender.example".to_owned(),
            now: Timestamp::UNIX_EPOCH,
            rules: &ContentRules::new(),
        })?;
        let gmail = TransportCapabilities::new("gmail", 1 << 20, true);
        let bytes = mail.mail(None, &gmail).unwrap();
        let shown = jooper_message::inbound::InboundMail::parse(bytes.raw());
        let foreseen = mail.mail(None, &gmail.delivering_nothing()).unwrap();
        let facts = |mail: &OutgoingMail| {
            let (from, to) = (mail.from().clone(), mail.to().clone());
            (from, to, mail.has_unsubscribe(), mail.is_deceptive())
        };
        assert_eq!(facts(&bytes), facts(&foreseen));
        let found = mail.found.iter().map(|found| format!("\n{found}"));
        let found = found.collect::<String>();
        Ok((mail.into_words().subject, shown.text() + &found))
    }

    #[test]
    fn what_stands_below_a_mail_is_in_the_language_of_its_sequence() {
        let (_, first) = written(SEQUENCE, 0, "Jo").unwrap();
        for part in [
            "Ihre Kontaktdaten haben wir aus: die Messe.",
            "Diese E-Mail kommt von Sender GmbH, Hauptstr. 1, 10115 Berlin.",
            "ohne Angabe von Gründen widersprechen:",
            "https://sender.example/privacy",
        ] {
            assert!(first.contains(part), "{part}: {first}");
        }
        let (_, later) = written(SEQUENCE, 1, "Jo").unwrap();
        assert!(
            later.contains("Sie möchten keine E-Mails mehr von uns: https"),
            "{later}"
        );
        assert!(later.contains("Hauptstr. 1, 10115 Berlin"), "{later}");
        assert!(!later.contains("widersprechen"), "told once: {later}");
        let english = SEQUENCE.replace("language = \"de-AT\"", "");
        let (_, first) = written(&english, 0, "Jo").unwrap();
        assert!(
            first.contains("You can object") && !first.contains("Kontaktdaten"),
            "{first}"
        );
    }

    #[test]
    fn what_a_field_brings_is_found_and_what_jooper_adds_is_not() {
        let (_, text) = written(SEQUENCE, 0, "Jo").unwrap();
        assert!(text.contains("https://t.sender.example/u/1"), "{text}");
        assert!(!text.contains("hides"), "{text}");
        let (_, text) = written(SEQUENCE, 0, "https://bit.ly/jo").unwrap();
        let told = "the subject has a link of bit.ly, which hides where it leads";
        assert!(text.ends_with(told), "{text}");
    }

    #[test]
    fn no_field_makes_a_first_mail_pretend_to_answer() {
        for name in ["Re: your offer", " aw : Jo", "FWD:", "Re[2]: Jo"] {
            assert!(written(SEQUENCE, 0, name).is_err(), "{name}");
        }
        assert!(written(SEQUENCE, 0, "Rebecca").is_ok());
        // What follows in the thread does answer.
        assert!(written(SEQUENCE, 1, "Jo").unwrap().0.starts_with("Re: Jo"));
    }
}
