//! What a report says to people, read where it is needed: few reports with a machine-readable part need it.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::recipients::{self, TextRecipient};
use super::{delay, original, signals};
use crate::inbound::address;
use crate::inbound::mail::{InboundMail, PartKind};
use crate::inbound::reply_text;
use crate::inbound::status::{reply_code, statuses};

/// Most addresses that a report came from or went to: it went to whoever sent one mail.
const MAX_OURS: usize = 100;

/// The prose of a report, each view of it made once.
pub(super) struct Prose<'m> {
    mail: &'m InboundMail<'m>,
    /// Whether a machine wrote it: that may report of who mailed themselves, while a person who names us asks
    /// about us.
    by_machine: bool,
    text: OnceCell<Cow<'m, str>>,
    cut: OnceCell<Cut>,
    squeezed: OnceCell<String>,
    ours: OnceCell<Vec<String>>,
    domains_told: OnceCell<Vec<String>>,
    listed: OnceCell<Vec<TextRecipient>>,
    is_delay: OnceCell<bool>,
}

/// Where a report's own words end and the original begins, and its own words in lower case.
struct Cut {
    said: usize,
    original: Option<usize>,
    lower: String,
}

impl<'m> Prose<'m> {
    /// The prose of `mail`, or `text` in its place, that a machine wrote or not.
    pub(super) fn new(mail: &'m InboundMail<'m>, text: Option<&'m str>, by_machine: bool) -> Self {
        Self {
            mail,
            by_machine,
            text: text
                .map(Cow::Borrowed)
                .map(OnceCell::from)
                .unwrap_or_default(),
            cut: OnceCell::new(),
            squeezed: OnceCell::new(),
            ours: OnceCell::new(),
            domains_told: OnceCell::new(),
            listed: OnceCell::new(),
            is_delay: OnceCell::new(),
        }
    }

    fn text(&self) -> &str {
        self.text.get_or_init(|| Cow::Owned(report_text(self.mail)))
    }

    fn cut(&self) -> &Cut {
        self.cut.get_or_init(|| {
            let text = self.text();
            let (said, original, lower) = original::split(text);
            Cut {
                said: said.len(),
                original: original.map(|original| text.len() - original.len()),
                lower,
            }
        })
    }

    /// What the server says.
    pub(super) fn said(&self) -> &str {
        &self.text()[..self.cut().said]
    }

    /// The original that is quoted below.
    pub(super) fn quoted(&self) -> Option<&str> {
        Some(&self.text()[self.cut().original?..])
    }

    /// What the server says, in lower case.
    pub(super) fn lower(&self) -> &str {
        &self.cut().lower
    }

    /// What the server says, squeezed in lower case.
    pub(super) fn squeezed(&self) -> &str {
        let squeezed = || signals::squeeze(self.lower());
        self.squeezed.get_or_init(squeezed)
    }

    /// Addresses that the report itself came from or went to.
    pub(super) fn ours(&self) -> &[String] {
        self.ours.get_or_init(|| our_addresses(self.mail))
    }

    /// The domains that the report went to.
    pub(super) fn domains_told(&self) -> &[String] {
        self.domains_told.get_or_init(|| {
            let to = self.mail.addresses("to");
            let mut domains: Vec<String> = to
                .iter()
                .take(MAX_OURS)
                .map(|found| address::domain(&found.address).to_owned())
                .collect();
            domains.sort();
            domains.dedup();
            domains
        })
    }

    /// The recipients that it lists.
    pub(super) fn listed(&self) -> &[TextRecipient] {
        let listed = || recipients::find(self.said(), || self.ours(), self.by_machine);
        self.listed.get_or_init(listed)
    }

    /// Whether it says that the mail is still being tried.
    pub(super) fn is_delay(&self) -> bool {
        let is_delay = || delay::is_delay(self.mail.subject_lower(), self.lower());
        *self.is_delay.get_or_init(is_delay)
    }

    /// Whether it quotes a server's answer.
    pub(super) fn has_code(&self) -> bool {
        reply_code(self.said()).is_some() || !statuses(self.said()).is_empty()
    }

    pub(super) fn subject(&self) -> &str {
        self.mail.subject_ref()
    }
}

fn our_addresses(mail: &InboundMail<'_>) -> Vec<String> {
    let mut ours: Vec<String> = ["to", "delivered-to", "from", "x-original-to", "errors-to"]
        .iter()
        .flat_map(|name| mail.addresses(name))
        .map(|found| found.address)
        .take(MAX_OURS)
        .collect();
    ours.sort();
    ours.dedup();
    ours
}

/// Returns the human-readable text of the report: the text before the machine part.
fn report_text(mail: &InboundMail<'_>) -> String {
    let mut out = String::new();
    let mut html = None;
    for part in mail.parts() {
        match part.kind {
            PartKind::Plain if !out.trim().is_empty() && part.attached => break,
            PartKind::Plain => {
                out.push_str(&mail.decoded(part));
                out.push('\n');
            }
            PartKind::Html if html.is_none() => html = Some(part),
            PartKind::DeliveryStatus | PartKind::Embedded | PartKind::Disposition
                if !out.trim().is_empty() || html.is_some() =>
            {
                break;
            }
            _ => {}
        }
        if out.len() > 256 * 1024 {
            break;
        }
    }
    if let Some(html) = html.filter(|_| out.trim().is_empty()) {
        return reply_text::html_to_text(&mail.decode(html));
    }
    out
}
