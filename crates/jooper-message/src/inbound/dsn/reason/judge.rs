//! Puts words, status, code and command together into one reason.

use std::borrow::Cow;

use super::table::{self, Proof};
use super::{Class, Reason, by_status, directory, sender};
use crate::inbound::phrases::{push_small, squeeze_ascii_lower};
use crate::inbound::status::EnhancedStatus;

/// The SMTP command a refusal answered (RFC 5321).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Before any command: the connection itself was refused.
    Connect,
    /// HELO or EHLO.
    Helo,
    /// MAIL FROM: the sender is refused.
    Mail,
    /// RCPT TO: the recipient is refused.
    Rcpt,
    /// DATA or the end of the data: the message is refused.
    Data,
}

/// What is known about one failed recipient.
#[derive(Debug, Clone, Default)]
pub struct Clues<'t> {
    /// What the remote server said, as far as it can be told apart.
    pub diagnostic: &'t str,
    /// What the report says around this recipient.
    pub prose: &'t str,
    /// The most telling enhanced status.
    pub status: Option<EnhancedStatus>,
    /// The SMTP reply code.
    pub code: Option<u16>,
    /// The command it answered.
    pub command: Option<Command>,
    /// Whether the diagnostic names addresses, all of them the sender's side.
    pub quotes_only_us: bool,
}

/// Judges one failure; returns the reason and the words or code that settled it.
#[must_use]
pub fn judge(clues: &Clues<'_>) -> (Reason, String) {
    let known = Known {
        status: clues.status,
        code: clues.code,
        command: &|| clues.command,
        quotes_only_us: &|| clues.quotes_only_us,
        names_our_domain: &|| false,
        lost_domain: &|| false,
    };
    judge_with(clues.diagnostic, &known, || Cow::Borrowed(clues.prose))
}

/// What is known beside words.
pub(in crate::inbound::dsn) struct Known<'c> {
    pub(in crate::inbound::dsn) status: Option<EnhancedStatus>,
    pub(in crate::inbound::dsn) code: Option<u16>,
    /// Looked for where it is needed.
    pub(in crate::inbound::dsn) command: &'c dyn Fn() -> Option<Command>,
    /// Looked for where it is needed, too.
    pub(in crate::inbound::dsn) quotes_only_us: &'c dyn Fn() -> bool,
    /// Whether the diagnostic names a domain of ours that is not the recipient's; looked for where it is needed.
    pub(in crate::inbound::dsn) names_our_domain: &'c dyn Fn() -> bool,
    /// Whether it says that the recipient's domain does not exist; looked for where it is needed, as well.
    pub(in crate::inbound::dsn) lost_domain: &'c dyn Fn() -> bool,
}

impl Known<'_> {
    fn command(&self) -> Option<Command> {
        (self.command)()
    }
}

/// Judges as [`judge`] does, with a prose that is made where it is needed.
pub(in crate::inbound::dsn) fn judge_with<'t>(
    diagnostic: &str,
    clues: &Known<'_>,
    prose: impl FnOnce() -> Cow<'t, str>,
) -> (Reason, String) {
    let diagnostic = fold(diagnostic);
    if let Some(found) = by_words(&diagnostic, clues, clues.quotes_only_us) {
        return found;
    }
    // A report without a diagnostic, or with one that says nothing: look around it.
    let vague =
        |status: EnhancedStatus| status.weight() < 3 || by_status::by_status(status).is_none();
    if (diagnostic.is_empty() || clues.status.is_none_or(vague))
        && let Some(found) = by_words(&fold(&prose()), clues, || false)
    {
        return found;
    }
    if let Some((status, reason)) = clues
        .status
        .and_then(|status| Some((status, by_status::by_status(status)?)))
    {
        let unproven = reason == Reason::AddressUnknown && is_temporary(Some(status), clues.code);
        let reason = if unproven {
            Reason::RecipientDoubtful
        } else {
            of_unread(reason, &diagnostic, clues)
        };
        return (reason, format!("status {status}"));
    }
    let (reason, settled_by) = by_code(clues);
    (of_unread(reason, &diagnostic, clues), settled_by)
}

/// What a status or a code stands for beside words that no table knows, where these speak of the sender's side:
/// an address is not dead for what its server says of us.
fn of_unread(reason: Reason, text: &str, clues: &Known<'_>) -> Reason {
    let settled = reason.class() != Class::Hard || reason == Reason::AddressMoved;
    if settled || !sender::is_answered(text) {
        return reason;
    }
    // x.1.0 is any other trouble with an address (RFC 3463 section 3.2), and a code says as little.
    let vague = clues.status.is_none_or(|s| s.weight() < 3 || s.detail == 0);
    let quotes_us = (clues.quotes_only_us)();
    if quotes_us || clues.command() == Some(Command::Mail) || sender::is_named(text) {
        Reason::SenderRejected
    } else if reason == Reason::DomainUnknown && is_unanswered(text) {
        Reason::Network
    } else if (vague || reason == Reason::DomainUnknown) && (clues.names_our_domain)() {
        Reason::SenderRejected
    } else if vague && sender::is_about_us(text) {
        Reason::Policy
    } else if vague && sender::is_about_a_host(text) {
        Reason::RecipientDoubtful
    } else {
        reason
    }
}

/// Whether a name server gave no answer (RFC 1035 section 4.1.1).
fn is_unanswered(text: &str) -> bool {
    ["servfail", "refused", "timeout", "timed out", "time out"]
        .iter()
        .any(|words| text.contains(words))
}

fn by_words(text: &str, clues: &Known<'_>, only_us: impl Fn() -> bool) -> Option<(Reason, String)> {
    let (reason, proof, words) = match directory::lacks(text) {
        Some(words) => (Reason::AddressUnknown, Proof::Words, words),
        None => row(text, clues)?,
    };
    let vague = reason == Reason::AddressUnknown && table::is_vague(words);
    let refused = vague.then(|| refusal(text, words, clues)).flatten();
    let (reason, proof, words) = refused.unwrap_or((reason, proof, words));
    let reason = match (reason, proof) {
        (Reason::AddressUnknown | Reason::DomainUnknown, _)
            if says_try_again(text) || text.contains("servfail") =>
        {
            Reason::Network
        }
        // Of two domains and two hosts it is ours.
        (Reason::DomainUnknown | Reason::NoMailService, _)
            if clues.status.is_some_and(|status| status.subject == 7)
                || sender::is_of_our_host(text, words)
                || (clues.names_our_domain)() =>
        {
            Reason::SenderRejected
        }
        // 5.7.x is about permission, whatever words stand beside it.
        (Reason::AddressUnknown, proof)
            if clues.status.is_some_and(|s| s.subject == 7)
                && (table::is_code(words)
                    || proof == Proof::NeedsCommand
                        && clues.command() != Some(Command::Mail)
                        && !is_proven(clues)) =>
        {
            clues
                .status
                .and_then(by_status::by_status)
                .unwrap_or(Reason::AccessDenied)
        }
        // "Domain our.example does not exist" names no address.
        (Reason::AddressUnknown, Proof::NeedsCommand)
            if !sender::answer(text).contains('@') && (clues.names_our_domain)() =>
        {
            Reason::SenderRejected
        }
        (Reason::AddressUnknown | Reason::DomainUnknown | Reason::NoMailService, _)
            if clues.status.is_some_and(is_about_sender)
                || clues.command() == Some(Command::Mail)
                || only_us()
                || sender::is_refused(text, words) =>
        {
            Reason::SenderRejected
        }
        (Reason::RecipientDoubtful, _) if clues.status.is_some_and(is_about_sender) => {
            Reason::SenderRejected
        }
        (Reason::AddressUnknown, Proof::NeedsCommand) if !is_proven(clues) => {
            Reason::RecipientDoubtful
        }
        // "Access denied" to a refused RCPT without a policy status speaks of the recipient
        // only together with the word recipient (a higher row); otherwise of us.
        // A mailbox's file is the server's own.
        (Reason::AccessDenied, _)
            if text.contains("permission denied")
                && clues
                    .status
                    .is_none_or(|s| s.subject == 3 || s.weight() < 2)
                && ["mailbox", "spool", "maildir"]
                    .iter()
                    .any(|file| text.contains(file)) =>
        {
            Reason::ServerTrouble
        }
        (Reason::AccessDenied, _) => access_denied(clues),
        // Whom an address takes mail from is a matter of permission where the status says so.
        (Reason::RecipientDoubtful, _)
            if words.contains("only accept") && clues.status.is_some_and(|s| s.subject == 7) =>
        {
            Reason::AccessDenied
        }
        // 5.1.x is about the address even where the words speak of an inactive mailbox.
        (Reason::MailboxDisabled, _)
            if clues
                .status
                .is_some_and(|s| s.class == 5 && s.subject == 1 && matches!(s.detail, 1 | 6))
                && !words.contains("tempora") =>
        {
            Reason::AddressUnknown
        }
        // "Service unavailable" beside a permanent 5.7.x is the wording of a refusal.
        (Reason::ServerTrouble | Reason::RetriesExhausted, _)
            if clues.status.is_some_and(|s| s.class == 5 && s.subject == 7) =>
        {
            clues
                .status
                .and_then(by_status::by_status)
                .unwrap_or(reason)
        }
        (Reason::Policy, _) => specific_status(clues).unwrap_or(Reason::Policy),
        (Reason::DomainUnknown | Reason::NoMailService, _)
            if is_temporary(clues.status, clues.code) =>
        {
            match reason {
                Reason::DomainUnknown => Reason::Network,
                other => other,
            }
        }
        (Reason::AddressUnknown, _) if is_temporary(clues.status, clues.code) => {
            Reason::RecipientDoubtful
        }
        (other, _) => other,
    };
    Some((reason, ["words \"", words, "\""].concat()))
}

/// How far behind vague words the reason of a long text is looked for.
const REASON_WITHIN: usize = 300;

/// What refuses the sender or the mail, where `words` say no more than that an address was refused, and nothing
/// else speaks of the address.
fn refusal(
    text: &str,
    words: &'static str,
    clues: &Known<'_>,
) -> Option<(Reason, Proof, &'static str)> {
    let permission = clues.status.is_some_and(|status| status.subject == 7);
    let rejected = table::is_rejected(words);
    if !(permission || rejected) || clues.status.is_some_and(is_of_address) {
        return None;
    }
    let (_, behind) = text.split_once(words)?;
    let behind = &behind[..behind.floor_char_boundary(REASON_WITHIN)];
    let asked = if text.len() <= REASON_WITHIN {
        text
    } else {
        behind
    };
    // Postfix's own check of an address, and what another server said of that.
    let verified = ["undeliverable address", "unverified address"];
    if verified.iter().any(|words| asked.contains(words)) || table::find_unknown(asked).is_some() {
        return None;
    }
    let unread = || {
        let said = behind.strip_prefix(':')?;
        let said = said.split("(in reply to").next().unwrap_or_default();
        let read = !said.contains(char::is_alphabetic) || said.contains("access denied");
        let unread = permission && rejected && !read;
        unread.then_some((Reason::AccessDenied, Proof::Words, words))
    };
    table::find_refusal(asked).or_else(unread)
}

/// The row that counts. Where status and words agree that there is no such address, a word of a full mailbox,
/// a filter or whom to tell stands beside that by chance.
fn row(text: &str, clues: &Known<'_>) -> Option<(Reason, Proof, &'static str)> {
    let found = table::find(text);
    let weak = |(reason, proof, _): &(Reason, Proof, &str)| {
        *reason == Reason::AddressUnknown && *proof == Proof::NeedsCommand
    };
    if found.as_ref().is_none_or(weak) && (clues.lost_domain)() {
        return Some((Reason::DomainUnknown, Proof::Words, "domain does not exist"));
    }
    let found = found?;
    let by_chance = match found.0 {
        Reason::MailboxFull | Reason::Spam | Reason::Virus | Reason::SenderBlocked => true,
        Reason::SenderRejected => sender::may_be_told(found.2),
        _ => false,
    };
    let unknown = |s: EnhancedStatus| (s.class, s.subject, s.detail) == (5, 1, 1);
    let agreed =
        by_chance && clues.status.is_some_and(unknown) && clues.command() != Some(Command::Mail);
    let agreed = agreed.then(|| table::find_unknown(text)).flatten();
    Some(agreed.unwrap_or(found))
}

/// Whether a status is about the sender's address or system (RFC 3463 section 3.2).
fn is_about_sender(status: EnhancedStatus) -> bool {
    (status.subject, status.detail) == (1, 7) || (status.subject, status.detail) == (1, 8)
}

/// Whether a resolver has no answer for now: "try again" right behind "host not found" (`TRY_AGAIN` of
/// `gethostbyname`), not where somebody is told to check what they wrote.
fn says_try_again(text: &str) -> bool {
    let plain = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '-' | ':');
    text.match_indices("try again").any(|(at, _)| {
        let before = text[..at].trim_end_matches(plain);
        let before = before.strip_suffix("please").unwrap_or(before);
        let before = before.trim_end_matches(plain);
        ["not found", "host unknown", "unknown host"]
            .iter()
            .any(|end| before.ends_with(end))
            && ["host", "domain", "name"].iter().any(|name| {
                before
                    .rsplit(['.', ':', ';'])
                    .next()
                    .is_some_and(|part| part.contains(name))
            })
    })
}

/// Whether a refusal is one for now: by its status, or by its code where no status says more than
/// "failed".
pub(in crate::inbound::dsn) fn is_temporary(
    status: Option<EnhancedStatus>,
    code: Option<u16>,
) -> bool {
    status.is_some_and(|status| status.class == 4)
        || status.is_none_or(|status| status.weight() == 0)
            && code.is_some_and(|code| (400..=499).contains(&code))
}

/// Whether a status is about the recipient's address, and final.
pub(in crate::inbound::dsn) fn is_of_address(status: EnhancedStatus) -> bool {
    status.class == 5 && status.subject == 1 && !matches!(status.detail, 4 | 7 | 8)
}

/// "User unknown" is proof where RCPT was refused, or where the status is about the address.
fn is_proven(clues: &Known<'_>) -> bool {
    let address_status = clues.status.is_some_and(is_of_address)
        || clues.status.is_some_and(|s| {
            (s.class, s.subject, s.detail) == (5, 5, 0) && clues.command() != Some(Command::Data)
        });
    address_status || clues.command() == Some(Command::Rcpt)
}

fn access_denied(clues: &Known<'_>) -> Reason {
    match clues.command() {
        Some(Command::Connect | Command::Helo) => Reason::SenderBlocked,
        Some(Command::Mail) => Reason::SenderRejected,
        _ => Reason::AccessDenied,
    }
}

fn specific_status(clues: &Known<'_>) -> Option<Reason> {
    let status = clues.status.filter(|status| status.weight() == 3)?;
    by_status::by_status(status)
        .filter(|reason| reason.class() == super::Class::Policy && *reason != Reason::AccessDenied)
}

fn by_code(clues: &Known<'_>) -> (Reason, String) {
    let Some(code) = clues.code else {
        return (Reason::Unclear, String::new());
    };
    let permanent = code >= 500;
    let reason = match (code, clues.command()) {
        (421, _) => Reason::RetriesExhausted,
        (422 | 452 | 552, _) if clues.command() != Some(Command::Mail) => Reason::MailboxFull,
        (551, _) => Reason::AddressMoved,
        (521 | 556, _) => Reason::NoMailService,
        (_, Some(Command::Connect | Command::Helo)) => Reason::SenderBlocked,
        (_, Some(Command::Mail)) => Reason::SenderRejected,
        (550 | 553, Some(Command::Rcpt)) => Reason::AddressUnknown,
        (500..=504, _) => Reason::Protocol,
        (554, _) => Reason::Policy,
        _ if permanent => Reason::RecipientDoubtful,
        _ => Reason::ServerTrouble,
    };
    (reason, format!("code {code}"))
}

/// Brings a text into the form the table is written in: lower case, single spaces, `@` for
/// addresses, no URLs, no repeated `550-5.7.1` of continued lines.
pub(super) fn fold(text: &str) -> String {
    if text.len() <= MAX_FOLDED && text.is_ascii() {
        return fold_ascii(text);
    }
    let mut out = String::with_capacity(text.len().min(MAX_FOLDED));
    for token in text.split_whitespace() {
        if out.len() > MAX_FOLDED {
            break;
        }
        push_token(token, &mut out);
    }
    out
}

/// Folds a text of ASCII: only tokens with a sign of an address, a URL or a continued line in them
/// are looked at, the rest is copied.
fn fold_ascii(text: &str) -> String {
    let small = squeeze_ascii_lower(text);
    let bytes = small.as_bytes();
    let mut out = String::with_capacity(small.len());
    let mut copied = 0;
    for sign in memchr::memchr3_iter(b'@', b':', b'-', bytes) {
        if sign < copied {
            continue;
        }
        let start = memchr::memrchr(b' ', &bytes[copied..sign]);
        let start = start.map_or(copied, |blank| copied + blank + 1);
        let end = memchr::memchr(b' ', &bytes[sign..]).map_or(bytes.len(), |len| sign + len);
        push_run(&small[copied..start], &mut out);
        push_token(&small[start..end], &mut out);
        copied = (end + 1).min(bytes.len());
    }
    push_run(&small[copied..], &mut out);
    out
}

/// Appends words that stand in the text as they are to stand here.
fn push_run(words: &str, out: &mut String) {
    let words = words.strip_suffix(' ').unwrap_or(words);
    if !words.is_empty() && !out.is_empty() {
        out.push(' ');
    }
    out.push_str(words);
}

fn push_token(token: &str, out: &mut String) {
    let bytes = token.as_bytes();
    let sign = bytes.iter().position(|byte| matches!(byte, b'@' | b':'));
    let signs = sign.map_or(&[][..], |sign| &bytes[sign..]);
    if is_continuation(token) || signs.windows(3).any(|three| three == b"://") {
        return;
    }
    if !out.is_empty() {
        out.push(' ');
    }
    let at = || Some(bytes.len() - signs.len() + memchr::memchr(b'@', signs)?);
    if let Some(at) = at().filter(|&at| at > 0 || token.len() > 1) {
        // What is glued to the address is kept: `<a@b>:blocked` still says blocked.
        let tail = token.get(at + 1..).unwrap_or_default();
        let end = tail.find(|c| !in_domain(c)).unwrap_or(tail.len());
        let (before, behind) = (glued_before(token, at), &tail[end..]);
        push_lower(before, out);
        // An aside in what is one word for us, as languages without blanks have it, parts nothing.
        let aside = behind.strip_prefix(['>', ')', '\u{ff09}']);
        let aside = aside.filter(|rest| !before.is_empty() && !rest.is_empty());
        let behind = aside.unwrap_or_else(|| {
            out.push('@');
            behind.strip_prefix('>').unwrap_or(behind)
        });
        push_lower(behind, out);
    } else if token.is_ascii() {
        push_lower(token, out);
    } else {
        for c in token.chars() {
            push_small(if c == '\u{2019}' { '\'' } else { c }, out);
        }
    }
}

fn push_lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        let from = out.len();
        out.push_str(text);
        out[from..].make_ascii_lowercase();
    } else {
        text.chars().for_each(|c| push_small(c, out));
    }
}

/// What stands before the address at `at` of a token, without the bracket it is in.
fn glued_before(token: &str, at: usize) -> &str {
    let head = token.get(..at).unwrap_or_default();
    let start = head.rfind(|c| !in_local(c)).map_or(0, |found| {
        found + head[found..].chars().next().map_or(0, char::len_utf8)
    });
    let open = |c: char| matches!(c, '<' | '(' | '[' | '"' | '\'' | '\u{ff08}' | '\u{201c}');
    head[..start].trim_end_matches(open)
}

/// Whether a character may stand in a local part (RFC 5321 section 4.1.2, RFC 6531), of those that people
/// and systems choose.
fn in_local(c: char) -> bool {
    let sign = |c: char| matches!(c, '!' | '#'..='&' | '*' | '+' | '-'..='/' | '=' | '?' | '^'..='`' | '{'..='~');
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || sign(c)
    } else {
        c.is_alphanumeric()
    }
}

fn in_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '@' | '_')
}

const MAX_FOLDED: usize = 8 * 1024;

fn is_continuation(token: &str) -> bool {
    let bytes = token.as_bytes();
    bytes[0].is_ascii_digit()
        && bytes.len() >= 4
        && bytes[..3].iter().all(u8::is_ascii_digit)
        && bytes[3] == b'-'
        && bytes[4..].iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reason(
        diagnostic: &str,
        status: Option<(u8, u16, u16)>,
        command: Option<Command>,
    ) -> Reason {
        let status =
            status.and_then(|(class, subject, detail)| EnhancedStatus::new(class, subject, detail));
        judge(&Clues {
            diagnostic,
            status,
            command,
            code: crate::inbound::status::reply_code(diagnostic),
            ..Clues::default()
        })
        .0
    }

    #[test]
    fn unknown_user_needs_proof() {
        let said = "550 <x@y.example>: User unknown";
        assert_eq!(
            reason(said, None, Some(Command::Rcpt)),
            Reason::AddressUnknown
        );
        assert_eq!(reason(said, Some((5, 1, 1)), None), Reason::AddressUnknown);
        assert_eq!(
            reason(said, None, Some(Command::Data)),
            Reason::RecipientDoubtful
        );
        assert_eq!(
            reason(said, Some((5, 2, 1)), None),
            Reason::RecipientDoubtful
        );
    }

    #[test]
    fn a_refused_sender_says_nothing_of_the_recipient() {
        assert_eq!(
            reason(
                "553 5.1.8 domain does not exist",
                Some((5, 1, 8)),
                Some(Command::Mail)
            ),
            Reason::SenderRejected
        );
    }

    #[test]
    fn words_inside_addresses_and_urls_do_not_count() {
        assert_eq!(
            reason(
                "550 5.1.1 <mailbox-full@y.example> https://y.example/virus",
                Some((5, 1, 1)),
                None
            ),
            Reason::AddressUnknown
        );
    }

    #[test]
    fn a_temporary_status_never_makes_a_hard_reason() {
        assert_eq!(
            reason(
                "450 4.1.1 user unknown",
                Some((4, 1, 1)),
                Some(Command::Rcpt)
            ),
            Reason::RecipientDoubtful
        );
        assert_eq!(
            reason("no such domain", Some((4, 0, 0)), None),
            Reason::Network
        );
    }

    #[test]
    fn a_stray_word_takes_no_dead_address_away() {
        let dead = |said| reason(said, Some((5, 1, 1)), Some(Command::Rcpt));
        for said in [
            "550 5.1.1 Das Postfach des Empfängers existiert nicht",
            "550 5.1.1 Recipient not listed in LDAP",
            "550 5.1.1 Empfänger unbekannt - bitte informieren Sie den Absender",
            "550 5.1.1 Usuario desconocido, informe al remitente",
            "550 5.1.1 Destinataire inconnu, prévenez l'expéditeur",
            "550 5.1.1 User unknown, checked by Barracuda Spam Firewall",
            "550 5.1.1 no such user (virus scanned)",
            "host antispam.firma.example said: 550 5.1.1 User unknown",
            "550 5.1.1 User unknown (antispam.x.example)",
        ] {
            assert_eq!(dead(said), Reason::AddressUnknown, "{said}");
        }
        for (said, meant) in [
            (
                "550 5.1.1 Das Postfach des Empfängers ist voll",
                Reason::MailboxFull,
            ),
            (
                "550 5.1.1 mailbox unavailable, quota exceeded",
                Reason::MailboxFull,
            ),
            (
                "550 5.1.1 Recipient address rejected: listed in zen.spamhaus.org",
                Reason::SenderBlocked,
            ),
            ("550 5.1.1 message rejected as spam", Reason::Spam),
            ("550 5.1.1 Absender unbekannt", Reason::SenderRejected),
            (
                "550 5.1.1 Absender abgelehnt: Adresse existiert nicht",
                Reason::SenderRejected,
            ),
        ] {
            assert_eq!(dead(said), meant, "{said}");
        }
        let refused = |said, status| reason(said, status, None);
        assert_eq!(
            refused("554 5.7.1 detected as spam, user unknown", Some((5, 7, 1))),
            refused("554 5.7.1 detected as spam", Some((5, 7, 1)))
        );
    }

    #[test]
    fn words_inside_host_names_do_not_count() {
        let said = |said| reason(said, None, Some(Command::Rcpt));
        assert_eq!(
            said("host virus.mx.example said: 550 User unknown"),
            Reason::AddressUnknown
        );
        assert_eq!(
            said("550 User unknown (antispam.x.example)"),
            Reason::AddressUnknown
        );
        assert_eq!(said("550 User unknown, antispam"), Reason::Spam);
        assert_eq!(said("550 blocked, see multi.surbl.org"), Reason::Spam);
    }

    #[test]
    fn a_code_of_an_unknown_address_is_no_part_of_a_longer_one() {
        let said = |said: &str| reason(said, Some((5, 7, 1)), None);
        assert_ne!(
            said("554 5.7.1 D201A7F310: message refused"),
            Reason::AddressUnknown
        );
        for code in ["D201", "[416]", "X_416"] {
            assert_ne!(
                said(&format!("554 5.7.1 refused {code}")),
                Reason::AddressUnknown,
                "{code}"
            );
        }
        let plain = |said: &str| reason(said, None, Some(Command::Rcpt));
        assert_ne!(
            plain("554 D201A7F310: message refused"),
            Reason::AddressUnknown
        );
        assert_ne!(plain("554 X_4161: message refused"), Reason::AddressUnknown);
        assert_eq!(plain("554 refused (D201)"), Reason::AddressUnknown);
        assert_eq!(plain("550 OFR_416 [416]"), Reason::AddressUnknown);
    }

    #[test]
    fn the_status_speaks_where_the_words_are_silent() {
        assert_eq!(reason("nope", Some((5, 2, 2)), None), Reason::MailboxFull);
        assert_eq!(reason("nope", Some((5, 1, 6)), None), Reason::AddressMoved);
        assert_eq!(
            reason("550 nope", None, Some(Command::Rcpt)),
            Reason::AddressUnknown
        );
    }

    proptest! {
        /// Looking at the tokens with a sign in them gives what looking at each gives.
        #[test]
        fn a_text_of_ascii_is_folded_as_any_other(
            text in "([ \t\n]|[A-Ca-c.]{1,3}|550|[-:@<>()/]|://|550-5[.]7[.]1){0,24}",
        ) {
            let mut tokens = String::new();
            for token in text.split_whitespace() {
                push_token(token, &mut tokens);
            }
            prop_assert_eq!(fold_ascii(&text), tokens);
        }
    }
}
