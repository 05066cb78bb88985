//! Splits a mail into its leaves (RFC 2046 section 5.1), by boundary lines only.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::body::Body;
use super::header::{FieldName, HeaderBlock};
use super::limits::Limits;
use super::params::{self, Params};
use super::raw::Raw;

/// What a part is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartKind {
    /// `text/plain`, or text of no known type.
    Plain,
    /// `text/html`.
    Html,
    /// `message/delivery-status` (RFC 3464).
    DeliveryStatus,
    /// `message/feedback-report` (RFC 5965).
    FeedbackReport,
    /// `message/disposition-notification` (RFC 8098).
    Disposition,
    /// `message/rfc822` and the like, or `text/rfc822-headers`: a mail inside the mail.
    Embedded,
    /// `text/calendar` (RFC 5545).
    Calendar,
    /// Anything else: listed, never opened.
    Other,
}

/// A leaf of the MIME tree.
#[derive(Clone)]
pub struct Part {
    /// What it is good for.
    pub kind: PartKind,
    /// Media type in lower case.
    pub media_type: String,
    /// Where its body stands, for [`super::InboundMail::bytes`]: counted from below the header.
    pub body: Range<usize>,
    /// Transfer encoding in lower case, empty if none.
    pub encoding: String,
    /// Charset label in lower case.
    pub charset: Option<String>,
    /// Name given by the sender, as it stands (see [`super::super::view`] for a safe one).
    pub file_name: Option<String>,
    /// Whether it is marked as an attachment.
    pub attached: bool,
    /// Whether it is one of several forms of the same (RFC 2046 section 5.1.4).
    pub alternative: bool,
    /// Its place in the `multipart/report` that it is a part of, from 1 (RFC 6522 section 3).
    pub in_report: Option<usize>,
    /// The `method` parameter, in upper case (RFC 6047 section 2.4).
    pub method: Option<String>,
}

impl Part {
    /// Whether its bytes must be decoded (RFC 2045 section 6.1).
    pub(super) fn is_encoded(&self) -> bool {
        matches!(self.encoding.as_str(), "base64" | "quoted-printable")
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part")
            .field("kind", &self.kind)
            .field("media_type", &self.media_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What every boundary line begins with.
const DASHES: &[u8] = b"--";

static DASHES_FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(DASHES));

/// Room for the parts of a usual mail, made at once.
const USUAL_SECTIONS: usize = 4;

pub(super) struct Walk<'r> {
    body: &'r Body<'r>,
    limits: &'r Limits,
    pub(super) parts: Vec<Part>,
    pub(super) truncated: bool,
    /// The media type of the whole mail.
    pub(super) root_type: String,
    /// What kind of report the whole mail is, in lower case (RFC 6522).
    pub(super) report_type: Option<String>,
    /// Whether an alternative is being read.
    alternative: bool,
    /// Which part of a `multipart/report` is being read, if one is.
    in_report: Option<usize>,
}

impl<'r> Walk<'r> {
    pub(super) fn new(body: &'r Body<'r>, limits: &'r Limits) -> Self {
        Self {
            body,
            limits,
            parts: Vec::with_capacity(USUAL_SECTIONS),
            truncated: false,
            root_type: String::new(),
            report_type: None,
            alternative: false,
            in_report: None,
        }
    }

    /// Adds the leaves of the entity whose body is `body`, and whose header stands in `head`. Recursion is bounded by `max_depth`;
    /// each level scans its bytes once, so the work is at most depth times size.
    pub(super) fn entity(
        &mut self,
        headers: &HeaderBlock,
        head: &Raw<'_>,
        body: Range<usize>,
        depth: usize,
    ) {
        let content_type = headers
            .raw(head, FieldName::new("content-type"))
            .unwrap_or_default();
        let media_type = params::media_type(&content_type);
        let params = Params::read(&content_type);
        if depth == 0 {
            self.root_type = media_type.clone();
            let kind = (media_type == "multipart/report").then(|| params.get("report-type"));
            self.report_type = kind.flatten().map(|kind| kind.to_ascii_lowercase());
        }
        if media_type.starts_with("multipart/") && depth < self.limits.max_depth {
            let boundary = params
                .get("boundary")
                .filter(|boundary| !boundary.is_empty());
            if let Some(sections) = self.sections(boundary, &body) {
                let around = (self.alternative, self.in_report);
                self.alternative |= media_type == "multipart/alternative";
                for (section, place) in sections.into_iter().zip(1..) {
                    if media_type == "multipart/report" {
                        self.in_report = Some(place);
                    }
                    if self.parts.len() >= self.limits.max_parts {
                        self.truncated = true;
                        return;
                    }
                    let raw = self.body.raw();
                    let (inner, start) =
                        HeaderBlock::scan(raw.bytes(), section.clone(), self.limits);
                    self.truncated |= inner.is_truncated();
                    self.entity(&inner, raw, start..section.end, depth + 1);
                }
                (self.alternative, self.in_report) = around;
                return;
            }
        } else if media_type.starts_with("multipart/") {
            self.truncated = true;
        }
        self.leaf(headers, head, &params, media_type, body);
    }

    /// Splits `body` at its boundary lines; `None` if there is not one of them.
    ///
    /// A multipart whose boundary parameter is missing or wrong takes the first line that
    /// looks like a boundary.
    fn sections(
        &mut self,
        boundary: Option<String>,
        body: &Range<usize>,
    ) -> Option<Vec<Range<usize>>> {
        if let Some(boundary) = &boundary {
            let found = self.split(boundary.as_bytes(), body);
            if !found.is_empty() {
                return Some(found);
            }
        }
        let guessed = lines(self.body.raw().bytes(), body.clone())
            .take(40)
            .find_map(|line| {
                let text = self.body.cut(&line).trim_ascii_end();
                let good = text.len() > 6
                    && text.starts_with(DASHES)
                    && !text.contains(&b' ')
                    && !text[DASHES.len()..].iter().all(|&b| b == b'-');
                good.then(|| &text[DASHES.len()..])
            })?;
        let found = self.split(guessed, body);
        (!found.is_empty()).then_some(found)
    }

    fn split(&mut self, boundary: &[u8], body: &Range<usize>) -> Vec<Range<usize>> {
        let mut found = Vec::with_capacity(USUAL_SECTIONS);
        let mut open: Option<usize> = None;
        let bytes = self.body.cut(body);
        for at in dashed_lines(bytes) {
            let behind = at + DASHES.len();
            if !bytes[behind..].starts_with(boundary) {
                continue;
            }
            let behind = behind + boundary.len();
            let end = line_end(bytes, behind);
            let rest = bytes[behind..end].trim_ascii_end();
            if !(rest.is_empty() || rest == b"--") {
                continue;
            }
            if let Some(start) = open.take() {
                // The line end before a boundary is a part of it (RFC 2046 section 5.1.1).
                let own = without_line_end(&bytes[..at]).len();
                found.push(start..(body.start + own).max(start));
            }
            if found.len() > self.limits.max_parts {
                self.truncated = true;
                return found;
            }
            if rest != b"--" {
                open = Some(body.start + below(bytes, end));
            } else {
                return found;
            }
        }
        if let Some(start) = open {
            found.push(start..body.end);
        }
        found
    }

    fn leaf(
        &mut self,
        headers: &HeaderBlock,
        head: &Raw<'_>,
        params: &Params<'_>,
        media_type: String,
        body: Range<usize>,
    ) {
        let disposition = headers
            .raw(head, FieldName::new("content-disposition"))
            .unwrap_or_default();
        let attached = disposition
            .trim_start()
            .get(..10)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("attachment"));
        let file_name = params::param(&disposition, "filename").or_else(|| params.get("name"));
        let lower = |text: Option<String>| {
            text.map(|mut text| {
                text.make_ascii_lowercase();
                text
            })
        };
        let encoding = headers
            .raw(head, FieldName::new("content-transfer-encoding"))
            .unwrap_or_default()
            .to_ascii_lowercase();
        self.parts.push(Part {
            kind: kind_of(&media_type),
            body,
            encoding,
            charset: lower(params.get("charset")),
            file_name,
            attached,
            alternative: self.alternative,
            in_report: self.in_report,
            method: params
                .get("method")
                .map(|method| method.to_ascii_uppercase()),
            media_type,
        });
    }
}

fn kind_of(media_type: &str) -> PartKind {
    match media_type {
        "text/html" => PartKind::Html,
        "message/delivery-status" | "message/global-delivery-status" | "text/delivery-status" => {
            PartKind::DeliveryStatus
        }
        "message/feedback-report" => PartKind::FeedbackReport,
        "message/disposition-notification" | "message/global-disposition-notification" => {
            PartKind::Disposition
        }
        "text/rfc822-headers"
        | "text/rfc822"
        | "message/rfc822"
        | "message/global"
        | "message/global-headers"
        | "message/rfc822-headers"
        | "message/partial"
        | "message/news" => PartKind::Embedded,
        "text/calendar" | "application/ics" => PartKind::Calendar,
        "text/plain" | "text/enriched" => PartKind::Plain,
        other if other.starts_with("multipart/") => PartKind::Plain,
        _ => PartKind::Other,
    }
}

/// Yields where lines begin with two dashes; the search for them is prepared once for all mails.
fn dashed_lines(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let begins = |at: &usize| matches!(bytes[..*at].last(), None | Some(b'\n' | b'\r'));
    DASHES_FINDER.find_iter(bytes).filter(begins)
}

/// Yields the ranges of the lines in `range`, without their line ends.
fn lines(raw: &[u8], range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let raw = &raw[..range.end];
    let mut at = range.start;
    std::iter::from_fn(move || {
        if at >= raw.len() {
            return None;
        }
        let line = at..line_end(raw, at);
        at = below(raw, line.end);
        Some(line)
    })
}

/// Where the line ends that goes on at `from`: with LF, CRLF or a bare CR.
fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |end| from + end)
}

/// Where the line begins below the one that ends at `end`.
fn below(bytes: &[u8], end: usize) -> usize {
    let crlf = bytes[end..].starts_with(b"\r\n");
    (end + 1 + usize::from(crlf)).min(bytes.len())
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let [before @ .., b'\n' | b'\r'] = bytes else {
        return bytes;
    };
    match (bytes.last(), before) {
        (Some(b'\n'), [before @ .., b'\r']) => before,
        _ => before,
    }
}
