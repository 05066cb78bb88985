//! Mail that answers nobody: lists, newsletters, notices of systems.

use super::auto_reply::answers_nobody;
use super::evidence::{Evidence, Source};
use super::mail::{InboundMail, PartKind};
use super::verdict::Kind;

/// Returns `List` or `System` for mail that no person wrote to us; `None` for the rest.
///
/// A mail in a thread of ours is never noise by its list headers alone: companies route their
/// people's mail through lists, and their objection must not be lost in one. `answers_us` tells
/// whether it refers to an earlier mail, `looks_it` whether its title or a quote says so.
pub(super) fn read(
    mail: &InboundMail,
    answers_us: bool,
    looks_it: bool,
) -> Option<(Kind, Evidence)> {
    if mail
        .parts()
        .iter()
        .any(|part| part.kind == PartKind::Disposition)
    {
        return Some((
            Kind::System,
            Evidence::new(
                Source::Structure,
                "message/disposition-notification (RFC 8098)",
            ),
        ));
    }
    let auto = mail
        .value("auto-submitted")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if auto.starts_with("auto-") {
        return Some((
            Kind::System,
            Evidence::new(Source::Header, "Auto-Submitted (RFC 3834)"),
        ));
    }
    if answers_us {
        return None;
    }
    if !looks_it && let Some(what) = by_list_headers(mail) {
        return Some((Kind::List, Evidence::new(Source::Header, what)));
    }
    if answers_nobody(mail) {
        return Some((
            Kind::System,
            Evidence::new(Source::Sender, "the sender takes no answers"),
        ));
    }
    None
}

fn by_list_headers(mail: &InboundMail) -> Option<&'static str> {
    let precedence = mail.value("precedence").unwrap_or_default();
    let precedence = precedence.trim().to_ascii_lowercase();
    if mail.has_header("list-id") || mail.has_header("list-post") || precedence == "list" {
        return Some("List-Id or Precedence: list (RFC 2919)");
    }
    let bulk = mail.has_header("list-unsubscribe") || matches!(&*precedence, "bulk" | "junk");
    bulk.then_some("List-Unsubscribe or Precedence: bulk")
}
