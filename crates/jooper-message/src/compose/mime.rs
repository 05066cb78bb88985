//! One mail for one person, as bytes.

use jiff::Timestamp;
use jooper_core::EmailAddress;
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

use super::footer::Footer;

/// Everything a mail is made of.
#[derive(Clone)]
pub struct Draft {
    /// The name that the recipient sees.
    pub from_name: String,
    /// The connected address, or a verified alias of it.
    pub from: EmailAddress,
    /// The recipient's name; may be empty.
    pub to_name: String,
    /// The recipient.
    pub to: EmailAddress,
    /// The subject, rendered.
    pub subject: String,
    /// The text, rendered, without footer.
    pub body: String,
    /// When it is written; whole seconds go into `Date`.
    pub date: Timestamp,
    /// Our own Message-ID without angle brackets. Gmail replaces it; nothing is keyed on it.
    pub message_id: String,
    /// Message-IDs for `References`, without angle brackets, oldest first: the conversation, then
    /// the token of this attempt.
    pub references: Vec<String>,
    /// The Message-ID that is answered, without angle brackets.
    pub in_reply_to: Option<String>,
    /// For outreach: the footer, and its link as RFC 8058 one-click headers.
    pub footer: Option<Footer>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draft(***)")
    }
}

impl Draft {
    /// The text as it stands in the mail: what its author wrote, and the footer.
    pub fn text(&self) -> String {
        let mut text = self.body.trim_end().replace("\r\n", "\n");
        text.push('\n');
        if let Some(footer) = &self.footer {
            text.push('\n');
            text.push_str(&footer.text());
        }
        text
    }
}

/// Why a draft is not a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// A header value has a line break or another control character.
    #[error("the {0} has a line break or another control character")]
    Control(&'static str),
    /// The subject is empty or longer than 998 bytes (RFC 5322 section 2.1.1).
    #[error("the subject is empty or too long")]
    Subject,
    /// The text is empty.
    #[error("the mail has no text")]
    Empty,
    /// The mail could not be written.
    #[error("the mail could not be written")]
    Write,
}

fn clean(value: &str, what: &'static str) -> Result<(), ComposeError> {
    let control = if value.is_ascii() {
        value.bytes().any(|byte| byte.is_ascii_control())
    } else {
        value.chars().any(char::is_control)
    };
    if control {
        Err(ComposeError::Control(what))
    } else {
        Ok(())
    }
}

impl Draft {
    /// Whether [`compose`] makes a mail of it.
    ///
    /// # Errors
    /// [`ComposeError`] names the part that does not fit.
    pub fn check(&self) -> Result<(), ComposeError> {
        clean(&self.from_name, "sender's name")?;
        clean(&self.to_name, "recipient's name")?;
        clean(&self.subject, "subject")?;
        clean(&self.message_id, "Message-ID")?;
        if self.subject.trim().is_empty() || self.subject.len() > 998 {
            return Err(ComposeError::Subject);
        }
        if self.body.trim().is_empty() {
            return Err(ComposeError::Empty);
        }
        for reference in self.references.iter().chain(&self.in_reply_to) {
            clean(reference, "reference")?;
        }
        if let Some(footer) = &self.footer {
            clean(&footer.unsubscribe_url, "unsubscribe link")?;
        }
        Ok(())
    }
}

/// Writes a mail: `multipart/alternative` of the text and a plain HTML rendition of it.
///
/// The same draft gives the same bytes. There is no remote content in it, ever.
///
/// # Errors
/// [`ComposeError`] names the part that does not fit.
pub fn compose(draft: &Draft) -> Result<Vec<u8>, ComposeError> {
    draft.check()?;
    let text = draft.text();
    let boundary = boundary(&draft.message_id);
    let body = MimePart::new(
        ContentType::new("multipart/alternative").attribute("boundary", boundary),
        vec![
            MimePart::new(
                ContentType::new("text/plain").attribute("charset", "utf-8"),
                text.as_str(),
            ),
            MimePart::new(
                ContentType::new("text/html").attribute("charset", "utf-8"),
                html(&text),
            ),
        ],
    );
    let name = |name: &str| (!name.trim().is_empty()).then(|| name.trim().to_owned());
    let mut message = MessageBuilder::new()
        .from(Address::new_address(
            name(&draft.from_name),
            draft.from.as_str(),
        ))
        .to(Address::new_address(
            name(&draft.to_name),
            draft.to.as_str(),
        ))
        .subject(draft.subject.trim())
        .date(draft.date.as_second())
        .message_id(draft.message_id.as_str());
    if let Some(answered) = &draft.in_reply_to {
        message = message.in_reply_to(answered.as_str());
    }
    if !draft.references.is_empty() {
        message = message.references(draft.references.clone());
    }
    if let Some(footer) = &draft.footer {
        message = message
            .header(
                "List-Unsubscribe",
                HeaderType::Raw(Raw::new(format!("<{}>", footer.unsubscribe_url))),
            )
            .header(
                "List-Unsubscribe-Post",
                HeaderType::Raw(Raw::new("List-Unsubscribe=One-Click")),
            );
    }
    message
        .body(body)
        .write_to_vec()
        .map_err(|_| ComposeError::Write)
}

/// A boundary that follows from the message, so that the same draft gives the same bytes.
fn boundary(message_id: &str) -> String {
    let mut boundary = String::with_capacity(45);
    boundary.push_str("=_jp_");
    let id = message_id.bytes().filter(u8::is_ascii_alphanumeric);
    boundary.extend(id.take(40).map(char::from));
    boundary
}

/// The text as simple HTML: paragraphs, line breaks, and its links as links.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(64 + 2 * text.len());
    out.push_str("<html><body>");
    for paragraph in text
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
    {
        out.push_str("<p>");
        for (at, line) in paragraph.trim_matches('\n').lines().enumerate() {
            if at > 0 {
                out.push_str("<br>");
            }
            if line.contains("://") {
                with_links(line, &mut out);
            } else {
                escape(line, &mut out);
            }
        }
        out.push_str("</p>");
    }
    out.push_str("</body></html>");
    out
}

fn with_links(line: &str, out: &mut String) {
    for (at, word) in line.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        if word.starts_with("https://") || word.starts_with("http://") {
            out.push_str("<a href=\"");
            escape(word, out);
            out.push_str("\">");
            escape(word, out);
            out.push_str("</a>");
        } else {
            escape(word, out);
        }
    }
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    let special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    while let Some(at) = rest.bytes().position(special) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::FirstContactNotice;

    fn draft() -> Draft {
        Draft {
            from_name: "Ada, Sales".to_owned(),
            from: EmailAddress::parse("ada@sender.example").unwrap(),
            to_name: "Jörg Müller".to_owned(),
            to: EmailAddress::parse("joerg@recipient.example").unwrap(),
            subject: "Größe zählt".to_owned(),
            body: "Hallo <Jörg>,\n\nsee https://example.com/a?b=1&c=2 please".to_owned(),
            date: Timestamp::from_second(1_800_000_000).unwrap(),
            message_id: "m1@sender.example".to_owned(),
            references: vec![
                "old@x.example".to_owned(),
                "jp.token@sender.example".to_owned(),
            ],
            in_reply_to: None,
            footer: Some(Footer {
                legal_name: "Sender GmbH".to_owned(),
                postal_address: "Hauptstr. 1\n10115 Berlin".to_owned(),
                stop: "No more mail:".to_owned(),
                unsubscribe_url: "https://t.example.com/u/abc".to_owned(),
                first_contact: Some(FirstContactNotice {
                    sender: "From Sender GmbH, Hauptstr. 1\n10115 Berlin.".to_owned(),
                    source: "Dank: your registration\r\nat the fair.".to_owned(),
                    objection: "You have the right to object:".to_owned(),
                }),
            }),
        }
    }

    fn parsed(raw: &[u8]) -> mail_parser::Message<'_> {
        mail_parser::MessageParser::default().parse(raw).unwrap()
    }

    #[test]
    fn the_mail_reads_back_as_it_was_meant() {
        let raw = compose(&draft()).unwrap();
        let mail = parsed(&raw);
        assert_eq!(mail.subject(), Some("Größe zählt"));
        let to = mail.to().and_then(|to| to.first()).unwrap();
        assert_eq!(to.address(), Some("joerg@recipient.example"));
        assert_eq!(to.name(), Some("Jörg Müller"));
        let text = mail.body_text(0).unwrap();
        assert!(text.contains("right to object"), "{text}");
        assert!(text.contains("your registration at the fair"), "{text}");
        let html = mail.body_html(0).unwrap();
        assert!(html.contains("Hallo &lt;Jörg&gt;"), "{html}");
        assert!(!html.contains("<img"));
        let raw = String::from_utf8(raw.clone()).unwrap();
        assert!(
            raw.contains("List-Unsubscribe: <https://t.example.com/u/abc>"),
            "{raw}"
        );
        assert!(
            raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
            "{raw}"
        );
        assert!(raw.contains("jp.token@sender.example"));
    }

    #[test]
    fn the_same_draft_gives_the_same_bytes() {
        assert_eq!(compose(&draft()).unwrap(), compose(&draft()).unwrap());
    }

    #[test]
    fn no_value_adds_a_header() {
        for (change, what) in [
            (
                (|d: &mut Draft| d.subject = "Hi\r\nBcc: x@y.example".into()) as fn(&mut Draft),
                "subject",
            ),
            (
                |d| d.to_name = "Jo\r\nBcc: x@y.example".into(),
                "recipient's name",
            ),
            (
                |d| d.from_name = "Jo\nBcc: x@y.example".into(),
                "sender's name",
            ),
        ] {
            let mut draft = draft();
            change(&mut draft);
            assert_eq!(compose(&draft), Err(ComposeError::Control(what)));
        }
    }
}
