//! Mail that answers nobody: lists, newsletters, notices of systems.

use super::auto_reply::answers_nobody;
use super::evidence::{Evidence, Source};
use super::lower::lower;
use super::mail::{InboundMail, PartKind};
use super::verdict::Kind;

/// Returns `List` or `System` for mail that no person wrote to us; `None` for the rest.
///
/// A mail in a thread of ours is never noise by its list headers alone: companies route their
/// people's mail through lists, and their objection must not be lost in one. `answers_us` tells
/// whether it refers to an earlier mail, `looks_it` whether its title or a quote says so.
pub(super) fn read(
    mail: &InboundMail<'_>,
    answers_us: bool,
    looks_it: bool,
) -> Option<(Kind, Evidence)> {
    if has_receipt(mail) {
        return Some((Kind::System, receipt_evidence()));
    }
    let auto = mail
        .value("auto-submitted")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    // A help desk marks what its people write so; in a thread of ours it is for them to be read.
    let generated = auto.starts_with("auto-generated");
    if auto.starts_with("auto-") && !(generated && answers_us && !answers_nobody(mail)) {
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

/// Returns `System` for a receipt of reading (RFC 8098), whatever else its header says.
pub(super) fn receipt(mail: &InboundMail<'_>) -> Option<(Kind, Evidence)> {
    let declared = mail.reports("disposition-notification");
    let whole = declared || mail.media_type() == "multipart/report" && has_receipt(mail);
    whole.then(|| (Kind::System, receipt_evidence()))
}

/// Words before a title by which Outlook asks for a mail back, in lower case.
#[rustfmt::skip] // A table is read in rows.
const RECALLS: &[&str] = &["recall", "rückruf", "rappel", "rappeler", "recuperar", "recuperación", "recolher", "richiamo",
    "richiama", "intrekken", "terugroepen", "återkalla", "återkallelse", "tilbakekall", "tilbakekalling", "tilbagekald",
    "tilbagekaldelse", "peruutus", "odwołaj", "odwołanie", "odvolání", "visszahívás", "отзыв", "отозвать", "geri çağır", "撤回",
    "召回", "リコール", "회수"];

/// Returns `System` for Outlook's notice that a mail is to be taken back: the title of that mail behind
/// a word of recalling, and one short sentence that quotes the title.
pub(super) fn recall(mail: &InboundMail<'_>, visible: &str) -> Option<(Kind, Evidence)> {
    /// Most words of the sentence beside those of the title.
    const MOST: usize = 12;
    // None of these words stands before the title of an answer.
    if mail.title().answers {
        return None;
    }
    let (word, title) = mail.subject_lower().split_once([':', '\u{ff1a}'])?;
    let title = title.trim();
    if title.is_empty() || !RECALLS.contains(&word.trim()) {
        return None;
    }
    let visible = lower(visible.trim());
    let (before, behind) = visible.split_once(title)?;
    let quoted = before.ends_with(['"', '\u{201c}', '\u{201e}', '\u{ab}', '\'', '\u{300c}', ' '])
        && !before.contains(['.', '!', '?', '\n']);
    let words = [before, behind]
        .iter()
        .flat_map(|part| part.split_whitespace())
        .count();
    (quoted && words <= MOST && !behind.contains('\n')).then(|| {
        (
            Kind::System,
            Evidence::new(Source::Subject, "a mail is to be taken back (Outlook)"),
        )
    })
}

fn has_receipt(mail: &InboundMail<'_>) -> bool {
    let mut parts = mail.parts().iter();
    parts.any(|part| part.kind == PartKind::Disposition)
}

fn receipt_evidence() -> Evidence {
    Evidence::new(
        Source::Structure,
        "message/disposition-notification (RFC 8098)",
    )
}

fn by_list_headers(mail: &InboundMail<'_>) -> Option<&'static str> {
    let precedence = mail.value("precedence").unwrap_or_default();
    let precedence = precedence.trim().to_ascii_lowercase();
    if mail.has_header("list-id") || mail.has_header("list-post") || precedence == "list" {
        return Some("List-Id or Precedence: list (RFC 2919)");
    }
    let bulk = mail.has_header("list-unsubscribe") || matches!(&*precedence, "bulk" | "junk");
    bulk.then_some("List-Unsubscribe or Precedence: bulk")
}

#[cfg(test)]
mod tests {
    use super::RECALLS;
    use crate::inbound::auto_reply;

    #[test]
    fn no_word_of_recalling_is_what_stands_before_the_title_of_an_answer() {
        for word in RECALLS {
            assert!(!auto_reply::is_answer_title(&format!("{word}: an offer")));
        }
    }
}
