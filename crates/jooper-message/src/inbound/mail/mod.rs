//! Reads raw mail into something the verdicts can look at, whatever state it is in.
//!
//! The bytes come from strangers. Everything here is linear in the input, bounded by
//! [`Limits`], and never panics: a mail that breaks a limit is read up to it and says so
//! ([`InboundMail::is_truncated`]). Boundaries are split here and not by the mail library,
//! because depth and count must be bounded before anything is parsed, and because the
//! original inside a delivery report needs its header only. Header values, transfer
//! encodings and charsets are the library's work; its types do not leave this module.

mod body;
mod decode;
mod header;
mod limits;
mod line_ends;
mod mailboxes;
mod mime;
mod normalize;
mod params;
mod raw;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use self::body::Body;
pub use self::header::HeaderBlock;
pub(in crate::inbound) use self::header::{FieldName, trim};
pub use self::limits::Limits;
pub(in crate::inbound) use self::line_ends::lines;
pub use self::mailboxes::Address;
pub use self::mime::{Part, PartKind};
use self::raw::Raw;

use super::auto_reply::Title;
use super::lower::lower;
use super::reply_text::{self, Whole};

/// A mail as read from the wire, with lazily decoded headers and decoded text parts.
///
/// It borrows the bytes it was read from.
#[derive(Clone)]
pub struct InboundMail<'r> {
    /// The header as it came, whatever ends its lines.
    head: Raw<'r>,
    /// What stands below it.
    body: Body<'r>,
    root: HeaderBlock,
    parts: Vec<Part>,
    truncated: bool,
    /// Decoded at once: every question asks for them.
    from: Vec<Address>,
    subject: String,
    subject_lower: OnceLock<String>,
    title: Title,
    media_type: String,
    report_type: Option<String>,
}

impl std::fmt::Debug for InboundMail<'_> {
    // Personal data stays out of logs (law L8).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundMail")
            .field(
                "bytes",
                &(self.head.bytes().len() + self.body.raw().bytes().len()),
            )
            .field("parts", &self.parts.len())
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}

impl<'r> InboundMail<'r> {
    /// Reads `raw` with the default limits.
    #[must_use]
    pub fn parse(raw: &'r [u8]) -> Self {
        Self::parse_with(raw, &Limits::default())
    }

    /// Reads `raw` within `limits`: LF, CRLF and bare CR line ends and a leading mbox
    /// `From ` line all give the same mail.
    #[must_use]
    pub fn parse_with(raw: &'r [u8], limits: &Limits) -> Self {
        let (raw, mut truncated) = normalize::bounded(raw, limits.max_bytes.min(u32::MAX as usize));
        let (root, body_start) = HeaderBlock::scan(raw, 0..raw.len(), limits);
        let (head, body) = raw.split_at(body_start);
        let (head, body) = (Raw::of(head), Body::new(body));
        let mut walk = mime::Walk::new(&body, limits);
        walk.entity(&root, &head, 0..body.raw().bytes().len(), 0);
        truncated |= walk.truncated || root.is_truncated();
        let (parts, media_type, report_type) = (walk.parts, walk.root_type, walk.report_type);
        let from = root.addresses(&head, FieldName::new("from"));
        let subject = root.text(&head, FieldName::new("subject"));
        let subject = subject.map(Cow::into_owned).unwrap_or_default();
        let title = Title::new(&subject);
        Self {
            head,
            body,
            root,
            parts,
            truncated,
            from,
            subject,
            subject_lower: OnceLock::new(),
            title,
            media_type,
            report_type,
        }
    }

    /// Returns the mail with a copy of its bytes, so that it outlives them.
    #[must_use]
    pub fn into_owned(self) -> InboundMail<'static> {
        InboundMail {
            head: self.head.into_owned(),
            body: self.body.into_owned(),
            root: self.root,
            parts: self.parts,
            truncated: self.truncated,
            from: self.from,
            subject: self.subject,
            subject_lower: self.subject_lower,
            title: self.title,
            media_type: self.media_type,
            report_type: self.report_type,
        }
    }

    /// Returns whether a limit was met, so that something was left unread.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Returns the first value of the top-level header `name`, unfolded and decoded (RFC 2047).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let decoded = self.root.text(&self.head, FieldName::new(name));
        decoded.map(Cow::into_owned)
    }

    /// Returns the From header, decoded; empty if there is none.
    pub(in crate::inbound) fn sender_text(&self) -> Cow<'_, str> {
        let name = FieldName::new("from");
        let known = || {
            let value = self.root.folded(&self.head, name)?;
            mailboxes::decoded(&value, self.sender()?).map(Cow::Owned)
        };
        let decoded = || self.root.text(&self.head, name);
        known().or_else(decoded).unwrap_or_default()
    }

    /// Returns the first value of the top-level header `name`, unfolded but not decoded.
    #[must_use]
    pub fn header_raw(&self, name: &str) -> Option<String> {
        self.value(name).map(Cow::into_owned)
    }

    /// Returns what [`Self::header_raw`] does, without a copy where it stands on one line.
    #[inline]
    pub(in crate::inbound) fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.value_of(FieldName::new(name))
    }

    #[inline]
    pub(in crate::inbound) fn value_of(&self, name: FieldName<'_>) -> Option<Cow<'_, str>> {
        self.root.raw(&self.head, name)
    }

    /// Returns what [`Self::value`] does, but with the line ends inside.
    pub(in crate::inbound) fn folded(&self, name: &str) -> Option<Cow<'_, str>> {
        self.root.folded(&self.head, FieldName::new(name))
    }

    #[inline]
    pub(in crate::inbound) fn has(&self, name: FieldName<'_>) -> bool {
        self.root.has(&self.head, name)
    }

    /// Returns every value of the top-level header `name` in order, topmost first.
    #[must_use]
    pub fn headers_raw(&self, name: &str) -> Vec<String> {
        self.values(name).map(Cow::into_owned).collect()
    }

    /// Returns what [`Self::headers_raw`] does, one after the other.
    pub(in crate::inbound) fn values<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = Cow<'a, str>> {
        self.root.each_raw(&self.head, FieldName::new(name))
    }

    /// Returns whether the top-level header `name` is present.
    #[inline]
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.has(FieldName::new(name))
    }

    /// Returns the lower-case names of all top-level headers, in order.
    pub fn header_names(&self) -> impl Iterator<Item = String> + '_ {
        self.root.names(&self.head)
    }

    /// Returns the addresses of the top-level header `name` (From, To, Reply-To, ...).
    #[must_use]
    pub fn addresses(&self, name: &str) -> Vec<Address> {
        if name == "from" {
            return self.from.clone();
        }
        self.root.addresses(&self.head, FieldName::new(name))
    }

    /// Returns the sender's address, in lower case.
    #[must_use]
    pub fn from_address(&self) -> Option<String> {
        self.sender().map(|from| from.address.clone())
    }

    /// Returns the first sender, without a copy.
    pub(in crate::inbound) fn sender(&self) -> Option<&Address> {
        self.from.first()
    }

    /// Returns the subject, decoded; empty if there is none.
    #[must_use]
    pub fn subject(&self) -> String {
        self.subject_ref().to_owned()
    }

    /// Returns the subject without a copy.
    pub(in crate::inbound) fn subject_ref(&self) -> &str {
        &self.subject
    }

    /// Returns the subject in lower case.
    pub(in crate::inbound) fn subject_lower(&self) -> &str {
        let lower = || lower(self.subject_ref());
        self.subject_lower.get_or_init(lower)
    }

    /// Returns the subject as words are looked up in it.
    pub(in crate::inbound) fn title(&self) -> &Title {
        &self.title
    }

    /// Returns the message ids of a header (Message-ID, In-Reply-To, References), without `<>`.
    #[must_use]
    pub fn message_ids(&self, name: &str) -> Vec<String> {
        self.root.message_ids(&self.head, FieldName::new(name))
    }

    /// Returns the civil date of the mail's own Date header, in the sender's zone.
    #[must_use]
    pub fn civil_date(&self) -> Option<jiff::civil::Date> {
        self.root.civil_date(&self.head)
    }

    /// Returns the leaves of the mail's own MIME tree in order; embedded mails are leaves.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the top-level media type in lower case, such as `multipart/report`.
    #[must_use]
    pub fn content_type(&self) -> String {
        self.media_type().to_owned()
    }

    /// Returns the top-level media type in lower case, without a copy.
    pub(in crate::inbound) fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Whether the mail is a `multipart/report` whose type holds `kind` (in lower case).
    pub(in crate::inbound) fn reports(&self, kind: &str) -> bool {
        self.report_type
            .as_deref()
            .is_some_and(|own| own.contains(kind))
    }

    /// Returns a parameter of the top-level Content-Type, in lower case.
    #[must_use]
    pub fn content_type_param(&self, name: &str) -> Option<String> {
        let value = self.value("content-type")?;
        params::param(&value, name).map(|value| value.to_ascii_lowercase())
    }

    /// Returns the undecoded bytes of a part's body, its line ends as they came.
    #[must_use]
    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.body.cut(range)
    }

    /// Returns how many bytes a part's body has, a CRLF counted as one.
    pub(in crate::inbound) fn counted(&self, part: &Part) -> usize {
        self.body.counted(&part.body)
    }

    /// Decodes the text of `part` (transfer encoding and charset), whatever its type.
    #[must_use]
    pub fn decode(&self, part: &Part) -> String {
        self.decoded(part).into_owned()
    }

    /// Returns what [`Self::decode`] does, without a copy where it stands so in the mail.
    pub(in crate::inbound) fn decoded(&self, part: &Part) -> Cow<'_, str> {
        self.body.text(part)
    }

    /// Returns the readable text of the mail: its plain-text parts, or its HTML as text.
    ///
    /// HTML that no plain text stands beside as another form comes before the plain text that follows
    /// it, and behind one that stands above it, unless it says the same. Embedded mails and files are not part of it.
    #[must_use]
    pub fn text(&self) -> String {
        let plain = self.plain_text();
        if !self.leads_with_html() && !plain.trim_start().is_empty() {
            let below = self.goes_on_in_html().then(|| self.first_html()).flatten();
            return match below {
                Some(html) => {
                    let below = reply_text::html_to_text(&html);
                    match reply_text::whole(&plain, &below) {
                        Whole::Above => plain.into_owned(),
                        Whole::Below => below,
                        Whole::Both => [&plain, "\n", &below].concat(),
                    }
                }
                None => plain.into_owned(),
            };
        }
        match self.first_html() {
            Some(html) if plain.trim_start().is_empty() => reply_text::html_to_text(&html),
            Some(html) => [&reply_text::html_to_text(&html), "\n", &plain].concat(),
            None => plain.into_owned(),
        }
    }

    /// Returns the plain text of the mail's bodies, decoded.
    pub(in crate::inbound) fn plain_text(&self) -> Cow<'_, str> {
        let mut out = Cow::Borrowed("");
        for part in self.bodies(PartKind::Plain) {
            let text = self.decoded(part);
            if out.is_empty() {
                out = text;
            } else {
                out.to_mut().push('\n');
                out.to_mut().push_str(&text);
            }
        }
        out
    }

    /// Returns the first HTML body, decoded.
    #[must_use]
    pub fn html(&self) -> Option<String> {
        self.first_html().map(Cow::into_owned)
    }

    /// Returns what [`Self::html`] does, without a copy where it stands so in the mail.
    pub(in crate::inbound) fn first_html(&self) -> Option<Cow<'_, str>> {
        let first = || self.bodies(PartKind::Html).next();
        let part = self.filled(PartKind::Html).or_else(first)?;
        Some(self.decoded(part))
    }

    /// Whether the mail begins with HTML that is more than another form of its plain text: gateways
    /// and phones hang a footer or the rest of a text below it as a part of its own.
    pub(in crate::inbound) fn leads_with_html(&self) -> bool {
        self.filled(PartKind::Html).is_some_and(|html| {
            self.filled(PartKind::Plain)
                .is_none_or(|plain| !plain.alternative && html.body.start < plain.body.start)
        })
    }

    /// Whether HTML that is no other form of the plain text stands below it: a gateway or a client writes a
    /// banner, or some words, as a part of its own above what a person wrote.
    pub(in crate::inbound) fn goes_on_in_html(&self) -> bool {
        let Some(html) = self.filled(PartKind::Html) else {
            return false;
        };
        let Some(plain) = self.filled(PartKind::Plain) else {
            return false;
        };
        let forms = |part: &Part| {
            let empty = self.bytes(&part.body).trim_ascii().is_empty();
            part.alternative && !empty
        };
        plain.body.start < html.body.start
            && !plain.alternative
            && html.in_report.is_none()
            && !(html.alternative && self.bodies(PartKind::Plain).any(forms))
    }

    /// The first body of a kind in which anything stands.
    fn filled(&self, kind: PartKind) -> Option<&Part> {
        self.bodies(kind)
            .find(|part| !self.bytes(&part.body).trim_ascii().is_empty())
    }

    fn bodies(&self, kind: PartKind) -> impl Iterator<Item = &Part> {
        let parts = self.parts.iter();
        parts.filter(move |part| part.kind == kind && self.is_body(part))
    }

    /// Whether a text part is what the mail says, and no file: a part with a name is one, unless it is all.
    pub(in crate::inbound) fn is_body(&self, part: &Part) -> bool {
        let named = || {
            let name = part.file_name.as_deref().unwrap_or_default();
            !name.trim().is_empty() && self.media_type.starts_with("multipart/")
        };
        matches!(part.kind, PartKind::Plain | PartKind::Html) && !part.attached && !named()
    }

    /// Whether a person's answer or forward carries the first part of a kind: its own text stands before
    /// the report that the part belongs to, under a title that says so.
    pub(in crate::inbound) fn hands_on(&self, kind: PartKind) -> bool {
        if self.media_type == "multipart/report" || !self.title().answers {
            return false;
        }
        let outside = |part: &&Part| part.kind != kind && part.in_report.is_none();
        let before = self.parts.iter().take_while(outside);
        let carried = before.clone().count() < self.parts.len();
        let mut texts = before.filter(|part| self.is_body(part));
        carried && texts.any(|part| !self.bytes(&part.body).trim_ascii().is_empty())
    }

    /// Returns the embedded mails (`message/rfc822`, `text/rfc822-headers`) as header blocks.
    pub fn embedded(&self) -> impl Iterator<Item = EmbeddedHeaders> + '_ {
        self.parts
            .iter()
            .filter(|part| part.kind == PartKind::Embedded)
            .map(|part| self.body.embedded(part))
    }
}

/// The header of a mail that sits inside another one; its body is never read.
#[derive(Clone)]
pub struct EmbeddedHeaders {
    raw: Raw<'static>,
    block: HeaderBlock,
}

impl std::fmt::Debug for EmbeddedHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedHeaders")
            .field("bytes", &self.raw.bytes().len())
            .finish_non_exhaustive()
    }
}

/// How much of an embedded mail may be its header.
const EMBEDDED_HEADER_BYTES: usize = 64 * 1024;

impl EmbeddedHeaders {
    /// Reads the header block at the start of `raw`.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Self {
        let start = raw
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let rest = &raw[start..];
        let head = &rest[..rest.len().min(EMBEDDED_HEADER_BYTES)];
        let (block, end) = HeaderBlock::scan(head, 0..head.len(), &Limits::default());
        let raw = Raw::of(&head[..end]).into_owned();
        Self { raw, block }
    }

    /// Returns the first value of header `name`, decoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let decoded = self.block.text(&self.raw, FieldName::new(name));
        decoded.map(Cow::into_owned)
    }

    /// Returns the addresses of header `name`.
    #[must_use]
    pub fn addresses(&self, name: &str) -> Vec<Address> {
        self.block.addresses(&self.raw, FieldName::new(name))
    }

    /// Returns the message ids of header `name`, without `<>`.
    #[must_use]
    pub fn message_ids(&self, name: &str) -> Vec<String> {
        self.block.message_ids(&self.raw, FieldName::new(name))
    }

    /// Returns whether nothing that looks like a header was there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.block.is_empty()
    }
}

#[cfg(test)]
mod tests;
