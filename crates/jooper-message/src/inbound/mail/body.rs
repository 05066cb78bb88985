//! What stands below a mail's header. Mail comes with CRLF, and few of its bytes are ever read: only a part that
//! is asked for is copied without its CRs.

use std::borrow::Cow;
use std::ops::Range;

use super::mime::Part;
use super::raw::{Raw, plain_line_ends, plain_text};
use super::{EMBEDDED_HEADER_BYTES, EmbeddedHeaders, decode};

/// The bytes below a header.
#[derive(Clone)]
pub(super) struct Body<'r> {
    raw: Raw<'r>,
    /// Whether there are CRs: behind lines, and before LFs.
    with_crs: bool,
}

impl<'r> Body<'r> {
    pub(super) fn new(bytes: &'r [u8]) -> Self {
        if memchr::memchr(b'\r', bytes).is_none() {
            let raw = Raw::of(bytes);
            return Self {
                raw,
                with_crs: false,
            };
        }
        // Few mails need more of it than one part, which is looked at where it is decoded.
        Self {
            raw: Raw::Other(Cow::Borrowed(bytes)),
            with_crs: true,
        }
    }

    pub(super) fn into_owned(self) -> Body<'static> {
        Body {
            raw: self.raw.into_owned(),
            with_crs: self.with_crs,
        }
    }

    pub(super) fn raw(&self) -> &Raw<'r> {
        &self.raw
    }

    /// What stands at `range`, with its CRs.
    #[inline]
    pub(super) fn cut(&self, range: &Range<usize>) -> &[u8] {
        self.raw.cut(range.clone())
    }

    /// How many bytes `range` has, a CRLF counted as one.
    pub(super) fn counted(&self, range: &Range<usize>) -> usize {
        let bytes = self.cut(range);
        let is_one = |at: &usize| bytes.get(at + 1) == Some(&b'\n');
        let crlfs = || memchr::memchr_iter(b'\r', bytes).filter(is_one).count();
        bytes.len() - if self.with_crs { crlfs() } else { 0 }
    }

    /// Decodes the text of `part`.
    pub(super) fn text(&self, part: &Part) -> Cow<'_, str> {
        let bytes = self.cut(&part.body);
        if !self.with_crs {
            let known = self.raw.text(part.body.clone());
            return decode::text(Cow::Borrowed(bytes), known, part);
        }
        match decode::as_it_stands(bytes, part) {
            Some(text) => Cow::Owned(plain_text(text)),
            None => decode::text(Cow::Owned(plain_line_ends(bytes)), None, part),
        }
    }

    /// Reads the header of the mail that `part` is.
    pub(super) fn embedded(&self, part: &Part) -> EmbeddedHeaders {
        let bytes = self.cut(&part.body);
        // The bounds count a CRLF as one, and hardly any mail comes near them.
        let bytes = if self.with_crs && (bytes.len() > EMBEDDED_HEADER_BYTES || part.is_encoded()) {
            Cow::Owned(plain_line_ends(bytes))
        } else {
            Cow::Borrowed(bytes)
        };
        EmbeddedHeaders::parse(&decode::bytes(bytes, part))
    }
}
