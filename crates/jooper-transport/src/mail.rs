//! A mail that is ready to leave.

mod carries;
mod charset;
mod mailbox;
mod parts;
mod subject;

use std::borrow::Cow;

use jooper_consent::{ContentFinding, ContentRules, Contents, MailPart};
use jooper_core::{EmailAddress, Purpose};
use memchr::{memchr_iter, memmem};

use parts::Texts;

/// An RFC 5322 message with the facts that the dispatcher and the transport check.
///
/// One recipient, always: there is no To list, no Cc and no Bcc. The header is read back from the
/// bytes, so a composer that lies about the recipient is found out here.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    raw: Vec<u8>,
    from: EmailAddress,
    to: EmailAddress,
    thread: Option<String>,
    notice: bool,
    unsubscribe: bool,
    deceptive: bool,
}

/// What a mail would be if somebody wrote it out.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Unwritten<'a> {
    /// The sender.
    pub from: &'a EmailAddress,
    /// The recipient.
    pub to: &'a EmailAddress,
    /// The subject.
    pub subject: &'a str,
    /// The link of its one-click headers, which its text has as well.
    pub unsubscribe_url: Option<&'a str>,
    /// Whether it names a mail that it answers.
    pub answers: bool,
}

impl<'a> Unwritten<'a> {
    /// A mail that answers none and carries no way out.
    pub const fn new(from: &'a EmailAddress, to: &'a EmailAddress, subject: &'a str) -> Self {
        Self {
            from,
            to,
            subject,
            unsubscribe_url: None,
            answers: false,
        }
    }
}

impl std::fmt::Debug for Unwritten<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unwritten(***)")
    }
}

/// Why some bytes are not a mail that may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMail {
    /// There is no empty line, so no header section.
    #[error("the mail has no header section")]
    NoHeader,
    /// A header that must stand exactly once does not.
    #[error("the mail must have exactly one {0} header with one address")]
    Header(&'static str),
    /// A header that would add recipients.
    #[error("the mail has a {0} header: one mail goes to one person")]
    MoreRecipients(&'static str),
    /// A CR or LF stands alone in the header section. Providers end a line there, so that a header
    /// behind it would be theirs and not ours (RFC 5322 section 2.3).
    #[error("a line of the header section does not end with CR LF")]
    BareLineEnd,
    /// A line of the header section is neither a header nor the rest of one.
    #[error("a line of the header section is no header")]
    NotAHeader,
}

impl OutgoingMail {
    /// Reads sender and recipient back from a composed mail.
    ///
    /// `thread` is the provider's thread that the mail continues.
    ///
    /// # Errors
    /// [`InvalidMail`] when the header section does not name exactly one sender and one recipient
    /// (RFC 5322 sections 3.6.2 and 3.6.3), or could be read in two ways.
    pub fn new(raw: Vec<u8>, thread: Option<String>) -> Result<Self, InvalidMail> {
        let (section, body) = split(&raw).ok_or(InvalidMail::NoHeader)?;
        well_formed(&section)?;
        let headers = headers(&section);
        for name in ["Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"] {
            if headers
                .iter()
                .any(|(header, _)| header.eq_ignore_ascii_case(name))
            {
                return Err(InvalidMail::MoreRecipients(name));
            }
        }
        let from = only_address(&headers, "From")?;
        let to = only_address(&headers, "To")?;
        let unsubscribe = carries::unsubscribe(&headers, body);
        let deceptive = subject::is_deceptive(&headers, thread.as_deref());
        Ok(Self {
            raw,
            from,
            to,
            thread,
            notice: false,
            unsubscribe,
            deceptive,
        })
    }

    /// A mail that nobody writes out, as nobody would read it: a dispatcher asks for all that it asks
    /// for of others, and hands it to no transport that delivers anything
    /// ([`TransportCapabilities::delivers`](crate::TransportCapabilities::delivers)).
    pub fn unwritten(mail: &Unwritten<'_>, thread: Option<String>) -> Self {
        let continues = mail.answers || thread.as_ref().is_some_and(|thread| !thread.is_empty());
        Self {
            raw: Vec::new(),
            from: mail.from.clone(),
            to: mail.to.clone(),
            deceptive: jooper_consent::is_deceptive(mail.subject, continues),
            thread,
            notice: false,
            unsubscribe: mail.unsubscribe_url.is_some_and(carries::is_private),
        }
    }

    /// Whether there is anything that could leave.
    pub const fn is_written(&self) -> bool {
        !self.raw.is_empty()
    }

    /// Says that the notice block of a first mail stands in it: where the data is from, and the
    /// right to object (GDPR Art. 14 and 21(4)). Its words differ by language, so whoever composed
    /// the mail vouches for them; a dispatcher asks for it where the permit demands the notice.
    #[must_use]
    pub fn with_notice(mut self) -> Self {
        self.notice = true;
        self
    }

    /// Whether its composer vouches for the notice block.
    pub const fn has_notice(&self) -> bool {
        self.notice
    }

    /// Whether it carries the one-click headers of RFC 8058 and the same link in its body, read back
    /// from the bytes.
    pub const fn has_unsubscribe(&self) -> bool {
        self.unsubscribe
    }

    /// Whether the subject claims an earlier mail, as `Re:` does, of a conversation that the mail
    /// does not continue. Read back from the bytes.
    pub const fn is_deceptive(&self) -> bool {
        self.deceptive
    }

    /// What it holds and may not, for this purpose, read back from the bytes: the name of `From`, the
    /// subject, and every part that is text.
    pub fn content_findings(&self, rules: &ContentRules, purpose: Purpose) -> Vec<ContentFinding> {
        let Some((section, body)) = split(&self.raw) else {
            return Vec::new();
        };
        let headers = headers(&section);
        let named = |name: &str| {
            let found = headers
                .iter()
                .filter(|(header, _)| header.eq_ignore_ascii_case(name))
                .map(|(_, value)| &**value);
            found.collect::<Vec<_>>().join("\n")
        };
        let from = named("From");
        let from_name = from.rsplit_once('<').map_or("", |(name, _)| name).trim();
        let (from_name, subject) = (subject::seen(from_name), subject::seen(&named("Subject")));
        let texts = Texts::of(&headers, body);
        let mut found = rules.check(
            purpose,
            &Contents {
                from_name: &from_name.text,
                from: &self.from,
                subject: &subject.text,
                text: &texts.plain,
                html: texts.html.as_deref(),
            },
        );
        let unsure = [
            (MailPart::FromName, from_name),
            (MailPart::Subject, subject),
        ];
        let unsure = unsure.into_iter().filter(|(_, seen)| !seen.sure);
        let unsure = unsure.map(|(part, _)| part).chain(texts.unsure);
        let held_to =
            |part: &MailPart| purpose != Purpose::Conversation || *part == MailPart::FromName;
        let unsure = unsure.filter(held_to);
        found.extend(unsure.map(|part| ContentFinding::Undecodable { part }));
        found
    }

    /// The whole message as it goes on the wire.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The sender.
    pub const fn from(&self) -> &EmailAddress {
        &self.from
    }

    /// The recipient.
    pub const fn to(&self) -> &EmailAddress {
        &self.to
    }

    /// The provider's thread that the mail continues, if it does.
    pub fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }
}

impl std::fmt::Debug for OutgoingMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingMail({} bytes)", self.raw.len())
    }
}

/// The header section, and what stands below it.
fn split(raw: &[u8]) -> Option<(Cow<'_, str>, &[u8])> {
    let end = memmem::find(raw, b"\r\n\r\n")?;
    let section = match std::str::from_utf8(&raw[..end]) {
        Ok(section) => section.into(),
        Err(_) => String::from_utf8_lossy(&raw[..end]),
    };
    Some((section, &raw[end..]))
}

/// Whether others see the same headers as we do.
fn well_formed(section: &str) -> Result<(), InvalidMail> {
    let is_name = |name: &str| {
        let name = name.trim_end_matches([' ', '\t']);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic())
    };
    for (at, line) in lines(section).enumerate() {
        if line.contains(['\r', '\n']) {
            return Err(InvalidMail::BareLineEnd);
        }
        let continues = at > 0 && line.starts_with([' ', '\t']);
        let is_header = || line.split_once(':').is_some_and(|(name, _)| is_name(name));
        if !continues && !is_header() {
            return Err(InvalidMail::NotAHeader);
        }
    }
    Ok(())
}

/// An unfolded header field: name and value.
type Header<'a> = (&'a str, Cow<'a, str>);

/// What stands between `\r\n` and `\r\n`.
fn lines(section: &str) -> impl Iterator<Item = &str> {
    let ends = memchr_iter(b'\n', section.as_bytes());
    let ends = ends.filter_map(|at| at.checked_sub(1));
    let ends = ends.filter(|at| section.as_bytes()[*at] == b'\r');
    let mut begins = 0;
    ends.chain([section.len()]).map(move |end| {
        let line = &section[begins..end];
        begins = end + 2;
        line
    })
}

/// The unfolded header fields, in order.
fn headers(section: &str) -> Vec<Header<'_>> {
    let mut headers: Vec<Header<'_>> = Vec::with_capacity(16);
    for line in lines(section) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                let value = value.to_mut();
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim(), value.trim().into()));
        }
    }
    headers
}

fn only_address(headers: &[Header<'_>], name: &'static str) -> Result<EmailAddress, InvalidMail> {
    let mut found = headers
        .iter()
        .filter(|(header, _)| header.eq_ignore_ascii_case(name));
    let (Some((_, value)), None) = (found.next(), found.next()) else {
        return Err(InvalidMail::Header(name));
    };
    mailbox::only(value).ok_or(InvalidMail::Header(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(headers: &str) -> Result<OutgoingMail, InvalidMail> {
        OutgoingMail::new(format!("{headers}\r\n\r\nHello").into_bytes(), None)
    }

    #[test]
    fn what_nobody_writes_out_is_held_to_the_same() {
        let [from, to] =
            ["a@example.com", "b@example.com"].map(|address| EmailAddress::parse(address).unwrap());
        let of = |subject: &str, url: Option<&str>, answers, thread: Option<&str>| {
            let mail = Unwritten {
                unsubscribe_url: url,
                answers,
                ..Unwritten::new(&from, &to, subject)
            };
            OutgoingMail::unwritten(&mail, thread.map(str::to_owned))
        };
        let written = |subject: &str, url: Option<&str>, answers: bool, thread: Option<&str>| {
            let mut headers = format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n");
            if answers {
                headers.push_str("In-Reply-To: <m@example.com>\r\n");
            }
            let url = url.unwrap_or_default();
            headers.push_str(&format!(
                "List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"
            ));
            let raw = format!("{headers}\r\n\r\nStop: {url}").into_bytes();
            OutgoingMail::new(raw, thread.map(str::to_owned)).unwrap()
        };
        for subject in ["Hello", "Re: Hello"] {
            for url in [
                None,
                Some("https://t.example/u"),
                Some("http://t.example/u"),
            ] {
                for (answers, thread) in [
                    (false, None),
                    (false, Some("")),
                    (true, None),
                    (false, Some("t")),
                ] {
                    let one = of(subject, url, answers, thread);
                    let other = written(subject, url, answers, thread);
                    assert!(!one.is_written() && other.is_written());
                    let facts = |mail: &OutgoingMail| {
                        let (from, to) = (mail.from().clone(), mail.to().clone());
                        let thread = mail.thread().map(str::to_owned);
                        (
                            from,
                            to,
                            thread,
                            mail.has_unsubscribe(),
                            mail.is_deceptive(),
                        )
                    };
                    assert_eq!(
                        facts(&one),
                        facts(&other),
                        "{subject} {url:?} {answers} {thread:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_line_ends_with_both_characters_and_with_no_single_one() {
        for section in [
            "",
            "\r\n",
            "a\r\nb",
            "\n\r\r\n\r\n\na\n",
            "\u{e4}\r\n\u{f6}\n\r\n",
        ] {
            let split: Vec<_> = section.split("\r\n").collect();
            assert_eq!(lines(section).collect::<Vec<_>>(), split, "{section:?}");
        }
    }

    #[test]
    fn sender_and_recipient_are_read_back() {
        let mail = mail("From: \"A, B\" <a@example.com>\r\nTo:\r\n Jane\r\n <JANE@example.org>");
        let mail = mail.unwrap();
        assert_eq!(mail.to().as_str(), "jane@example.org");
        assert_eq!(mail.from().as_str(), "a@example.com");
    }

    #[test]
    fn the_way_out_must_stand_in_the_body_as_well() {
        let headers = "From: a@example.com\r\nTo: b@example.com\r\n\
            List-Unsubscribe: <https://t.example/u>\r\n\
            List-Unsubscribe-Post: List-Unsubscribe=One-Click";
        let carries = |body: &str| {
            let raw = format!("{headers}\r\n\r\n{body}").into_bytes();
            OutgoingMail::new(raw, None).unwrap().has_unsubscribe()
        };
        assert!(carries("Stop: https://t.example/u"));
        assert!(!carries("Hello."), "a reader of the text has no button");
    }

    #[test]
    fn what_no_mail_may_hold_is_read_back_from_the_bytes() {
        let found = |headers: &str, body: &str| {
            let raw = format!(
                "From: {headers}\r\nTo: b@example.org\r\n\
                 Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n\
                 --b\r\nContent-Type: text/html\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n--b--\r\n"
            );
            let mail = OutgoingMail::new(raw.into_bytes(), None).unwrap();
            mail.content_findings(&ContentRules::new(), Purpose::Outreach)
                .len()
        };
        let plain = "Ada <a@example.com>\r\nSubject: Hello";
        assert_eq!(
            found(plain, "<p>see <a href=3D\"https://a.example\">us</a>"),
            0
        );
        assert_eq!(found("a@example.com\r\nSubject: Hello", "<p>Hello"), 0);
        for (headers, body) in [
            (plain, "<p>=FF"),
            (
                "Ada <a@example.com>\r\nSubject: =?utf-7?Q?+AGI-?=",
                "<p>Hello",
            ),
            ("=?x?Q?Ada?= <a@example.com>\r\nSubject: Hello", "<p>Hello"),
            (
                "Ada <a@example.com>\r\nSubject: Hello\r\nSubject: bit.ly/a",
                "<p>Hello",
            ),
            (plain, "<p style=3D\"display:n=\r\none\">win"),
            (plain, "<a href=3D\"https://bi=74.ly/a\">us</a>"),
            (
                "Ada <a@example.com>\r\nSubject: =?utf-8?Q?bit.ly/a?=",
                "<p>Hello",
            ),
            (
                "\"b@bank.de\" <a@example.com>\r\nSubject: Hello",
                "<p>Hello",
            ),
            (
                "=?utf-8?B?YmFuay5kZQ==?=\r\n <a@example.com>\r\nSubject: Hello",
                "<p>Hello",
            ),
        ] {
            assert_eq!(found(headers, body), 1, "{headers} {body}");
        }
    }

    #[test]
    fn more_than_one_recipient_is_refused() {
        let from = "From: a@example.com\r\n";
        for (more, why) in [
            (
                "To: b@example.com\r\nBcc: c@example.com",
                InvalidMail::MoreRecipients("Bcc"),
            ),
            (
                "To: b@example.com\r\ncc: c@example.com",
                InvalidMail::MoreRecipients("Cc"),
            ),
            (
                "To: b@example.com\r\nTo: c@example.com",
                InvalidMail::Header("To"),
            ),
            (
                "To: b@example.com, c@example.com",
                InvalidMail::Header("To"),
            ),
            (
                "To: b@example.com, <c@example.com>",
                InvalidMail::Header("To"),
            ),
            (
                "To: Jane <b@example.com>, <c@example.com>",
                InvalidMail::Header("To"),
            ),
            ("Subject: nobody", InvalidMail::Header("To")),
        ] {
            assert_eq!(mail(&format!("{from}{more}")), Err(why), "{more}");
        }
    }

    #[test]
    fn a_header_that_only_others_see_is_refused() {
        let to = "From: a@example.com\r\nTo: b@example.com\r\n";
        for (more, why) in [
            ("Subject: Hi\nBcc: c@example.com", InvalidMail::BareLineEnd),
            ("Subject: Hi\rBcc: c@example.com", InvalidMail::BareLineEnd),
            (
                "Subject: Hi\n\nBcc: c@example.com",
                InvalidMail::BareLineEnd,
            ),
            (
                "Subject: Hi\r\r\nBcc: c@example.com",
                InvalidMail::BareLineEnd,
            ),
            ("Subject: Hi\r", InvalidMail::BareLineEnd),
            ("\nBcc: c@example.com", InvalidMail::BareLineEnd),
            ("\0Bcc: c@example.com", InvalidMail::NotAHeader),
            ("\u{a0}Bcc: c@example.com", InvalidMail::NotAHeader),
            ("Bcc c@example.com", InvalidMail::NotAHeader),
            ("Bcc : c@example.com", InvalidMail::MoreRecipients("Bcc")),
        ] {
            assert_eq!(mail(&format!("{to}{more}")), Err(why), "{more:?}");
        }
        let first = mail(&format!(" Bcc: c@example.com\r\n{}", to.trim_end()));
        assert_eq!(first, Err(InvalidMail::NotAHeader));
        let nothing = mail(&format!("\r\n{}", to.trim_end()));
        assert_eq!(nothing, Err(InvalidMail::NotAHeader));
        let body = format!("{to}Subject: Hi\r\n\r\nHello\nBcc: nobody\r\n");
        assert!(OutgoingMail::new(body.into_bytes(), None).is_ok());
    }
}
