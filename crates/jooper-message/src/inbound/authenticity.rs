//! May the origin of a report be believed? (RFC 8601)
//!
//! Anybody can mail a delivery report. One that nothing vouches for is shown to a person and
//! stops nobody. Only the topmost Authentication-Results counts: our own provider adds it
//! last, those below came in with the mail.

use super::address;
use super::mail::InboundMail;
use super::providers;

/// Whether a mail's origin may be believed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trust {
    /// The verdict.
    pub level: TrustLevel,
    /// The reason in one line; names methods and results only.
    pub reason: String,
    /// What the sender is to the mail it tells about.
    pub origin: Origin,
}

/// What the sender of a report is to the mail it tells about.
///
/// Anybody can sign mail with a domain of their own, and write in it about whom they like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// Neither; also where nothing vouches for the sender.
    Elsewhere,
    /// The mail system of the recipient it tells about.
    Recipient,
    /// The mail system of the receiving mailbox's provider.
    Provider,
}

/// How far the origin may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TrustLevel {
    /// The checks failed, or name another domain than the sender's.
    Forged,
    /// Nothing vouches for it.
    Unknown,
    /// The receiving provider vouches for the sending domain.
    Authenticated,
}

impl Trust {
    /// Returns whether the origin is vouched for.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.level == TrustLevel::Authenticated
    }

    fn new(level: TrustLevel, reason: impl Into<String>) -> Self {
        Self {
            level,
            reason: reason.into(),
            origin: Origin::Elsewhere,
        }
    }
}

/// Who may vouch for a mail.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Authority {
    /// The authserv-id our provider writes; `None` takes the topmost header whoever wrote it.
    pub authserv_id: Option<String>,
    /// Domains that the provider's own mail system writes from.
    pub provider: Vec<String>,
}

impl Default for Authority {
    fn default() -> Self {
        Self {
            authserv_id: Some("mx.google.com".to_owned()),
            provider: vec!["googlemail.com".to_owned(), "google.com".to_owned()],
        }
    }
}

impl Authority {
    /// Trusts the header of this authentication service only.
    #[must_use]
    pub fn named(authserv_id: impl Into<String>) -> Self {
        Self {
            authserv_id: Some(authserv_id.into()),
            provider: Vec::new(),
        }
    }

    /// Sets the domains that the provider's own mail system writes from.
    #[must_use]
    pub fn with_provider(mut self, domains: impl IntoIterator<Item = String>) -> Self {
        self.provider = domains.into_iter().collect();
        self
    }
}

/// Says what an authenticated sender is to the `recipients` (addresses) its mail tells about.
///
/// A domain says nothing yet, as anybody may have an address there, and no list of such domains is
/// complete: `is_system` tells by the part before the `@` which mailbox is the mail system's.
pub(super) fn origin<'a>(
    mail: &InboundMail<'_>,
    trust: &Trust,
    authority: &Authority,
    recipients: impl IntoIterator<Item = &'a str>,
    is_system: fn(&str) -> bool,
) -> Origin {
    let from = mail.sender().map_or("", |from| &from.address);
    let (local, from) = (address::local(from), address::domain(from));
    if !trust.is_trusted() || from.is_empty() || !is_system(local) {
        return Origin::Elsewhere;
    }
    if providers::has_mailboxes(from) && !is_reserved(local, from) {
        return Origin::Elsewhere;
    }
    let of_provider = |domain: &String| same_organization(domain, from);
    if authority.provider.iter().any(of_provider) {
        return Origin::Provider;
    }
    let mut recipients = recipients.into_iter().peekable();
    let of_all = recipients.peek().is_some()
        && recipients.all(|recipient| same_organization(address::domain(recipient), from));
    if of_all {
        Origin::Recipient
    } else {
        Origin::Elsewhere
    }
}

/// Whether a mailbox is nobody's at a provider where anybody chooses a name: by RFC 2142 section 5 and RFC 5321
/// section 4.5.1, by what all mail systems write as, or as Hotmail's feedback loop.
fn is_reserved(local: &str, domain: &str) -> bool {
    let reserved = ["postmaster", "mailer-daemon", "abuse"];
    let loops = || local.eq_ignore_ascii_case("staff") && domain == "hotmail.com";
    reserved.iter().any(|name| local.eq_ignore_ascii_case(name)) || loops()
}

/// Judges the origin of `mail` from its topmost Authentication-Results.
///
/// Only white space of ASCII parts its words (RFC 8601 section 2.2): an address may hold any other.
///
/// A pass counts where its domain agrees with the sender's (DMARC's relaxed alignment,
/// RFC 7489 section 3.1, by the public suffix list).
#[must_use]
pub fn judge(mail: &InboundMail<'_>, authority: &Authority) -> Trust {
    // A line end parts words as a blank does, but for a quoted string.
    let folded = mail.folded("authentication-results");
    let header = folded.filter(|text| memchr::memchr(b'"', text.as_bytes()).is_none());
    let Some(header) = header.or_else(|| mail.value("authentication-results")) else {
        return Trust::new(TrustLevel::Unknown, "no Authentication-Results");
    };
    let Some((text, ends)) = pieces(&header) else {
        return Trust::new(
            TrustLevel::Forged,
            "an Authentication-Results that cannot be read",
        );
    };
    let mut begin = 0;
    let mut pieces = ends.into_iter().map(|end| {
        let piece = text.get(begin..end).unwrap_or_default();
        begin = end;
        piece
    });
    let service = pieces.next().unwrap_or_default();
    let service = service.split_ascii_whitespace().next().unwrap_or_default();
    if let Some(expected) = &authority.authserv_id
        && !service.eq_ignore_ascii_case(expected)
    {
        return Trust::new(
            TrustLevel::Unknown,
            "topmost Authentication-Results is not our provider's",
        );
    }
    let from_domain = mail
        .sender()
        .map_or("", |from| address::domain(&from.address));
    let results: Vec<MethodResult<'_>> = pieces.filter_map(MethodResult::parse).take(30).collect();
    let mut dmarc = results.iter().filter(|result| result.is("dmarc"));
    if dmarc.clone().any(|dmarc| dmarc.says("fail")) {
        return Trust::new(TrustLevel::Forged, "dmarc=fail");
    }
    // The domain that was checked must be the sender's as read here: of several senders, or of an
    // odd one, the provider may have taken another.
    let vouches =
        |dmarc: &MethodResult<'_>| dmarc.says("pass") && dmarc.names(&["header.from"], from_domain);
    if dmarc.clone().next().is_some() && dmarc.all(vouches) {
        return Trust::new(TrustLevel::Authenticated, "dmarc=pass");
    }
    for result in results.iter().filter(|result| result.says("pass")) {
        let method = ["dkim", "spf"].into_iter().find(|name| result.is(name));
        if let Some(method) = method
            && result.names(checked(method, result), from_domain)
        {
            return Trust::new(
                TrustLevel::Authenticated,
                [method, "=pass for the sender's domain"].concat(),
            );
        }
    }
    if results
        .iter()
        .any(|result| result.is("spf") && (result.says("fail") || result.says("softfail")))
    {
        return Trust::new(
            TrustLevel::Forged,
            "spf fails and nothing else vouches for the sender",
        );
    }
    Trust::new(
        TrustLevel::Unknown,
        "no result agrees with the sender's domain",
    )
}

/// What a method has checked (RFC 8601 section 2.7): who signed, or whom the envelope names. Only where that
/// names nobody, as a report's does, SPF checks the host's own name (RFC 7208 section 2.4).
fn checked(method: &str, result: &MethodResult<'_>) -> &'static [&'static str] {
    if method == "dkim" {
        &["header.d", "header.i"]
    } else if result.has("smtp.mailfrom") {
        &["smtp.mailfrom"]
    } else {
        &["smtp.helo"]
    }
}

#[derive(Debug)]
struct MethodResult<'t> {
    method: &'t str,
    result: &'t str,
    properties: &'t str,
}

impl<'t> MethodResult<'t> {
    fn parse(piece: &'t str) -> Option<Self> {
        let piece = piece.trim_ascii_start();
        let end = piece
            .find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(piece.len());
        let (first, properties) = piece.split_at(end);
        let (method, result) = first.split_once('=')?;
        Some(Self {
            method: method.split('/').next().unwrap_or(method),
            result: result.trim_end_matches(','),
            properties,
        })
    }

    fn is(&self, method: &str) -> bool {
        self.method.eq_ignore_ascii_case(method)
    }

    fn says(&self, result: &str) -> bool {
        self.result.eq_ignore_ascii_case(result)
    }

    /// Whether a property of the result has a value, and no null address.
    fn has(&self, property: &str) -> bool {
        self.properties
            .split_ascii_whitespace()
            .filter_map(|word| word.split_once('='))
            .any(|(name, value)| {
                name.eq_ignore_ascii_case(property)
                    && !value.trim_matches(['"', '<', '>', '_']).is_empty()
            })
    }

    /// Whether the result has one of these properties, and each that it has is a domain of the organization of
    /// `domain`.
    fn names(&self, properties: &[&str], domain: &str) -> bool {
        let mut named = self
            .properties
            .split_ascii_whitespace()
            .filter_map(|word| word.split_once('='))
            .filter(|(property, _)| {
                properties
                    .iter()
                    .any(|name| property.eq_ignore_ascii_case(name))
            })
            .map(|(_, value)| {
                value
                    .trim_matches('"')
                    .rsplit('@')
                    .next()
                    .unwrap_or_default()
            })
            .peekable();
        named.peek().is_some() && named.all(|named| same_organization(named, domain))
    }
}

/// Cuts a header at its `;`, without comments (RFC 8601 section 2.2), into a text and where its
/// pieces end; `None` where a comment or a quoted string does not end, or a comment ends within one.
///
/// Both may hold anything the sender chose: of a quoted string, only what an address is made of is kept. A quote
/// is no sign in a comment (RFC 5322 section 3.2.2), but whoever writes "domain of ...@x.example" into one may copy
/// a quoted local part as it is, and a `)` in it: what follows would be the sender's own results.
fn pieces(value: &str) -> Option<(String, Vec<usize>)> {
    let mut out = String::with_capacity(value.len());
    let mut ends = Vec::with_capacity(8);
    let (mut depth, mut quoted) = (0_u32, false);
    let mut quotes = 0; // In this comment.
    let mut rest = value;
    while !rest.is_empty() {
        if depth == 0 && !quoted {
            let plain = memchr::memchr3(b'"', b'(', b';', rest.as_bytes());
            let plain = plain.unwrap_or(rest.len());
            out.push_str(&rest[..plain]);
            rest = &rest[plain..];
        } else if depth > 0 {
            let inner = memchr::memchr3(b'\\', b'(', b')', rest.as_bytes());
            let (skipped, behind) = rest.split_at(inner.unwrap_or(rest.len()));
            quotes += memchr::memchr_iter(b'"', skipped.as_bytes()).count();
            rest = behind;
        }
        let mut chars = rest.chars();
        let Some(c) = chars.next() else { break };
        match c {
            '\\' if depth > 0 || quoted => {
                chars.next()?;
                if quoted {
                    out.push('_');
                }
            }
            '"' if depth == 0 => quoted = !quoted,
            c if quoted => {
                let kept = c.is_alphanumeric() || matches!(c, '.' | '-' | '@' | '+');
                out.push(if kept { c } else { '_' });
            }
            '(' => {
                quotes = if depth == 0 { 0 } else { quotes };
                depth = depth.saturating_add(1);
            }
            ')' if depth > 0 => {
                depth -= 1;
                if depth == 0 && quotes % 2 == 1 {
                    return None;
                }
            }
            _ if depth > 0 => {}
            ';' => ends.push(out.len()),
            c => out.push(c),
        }
        rest = chars.as_str();
    }
    ends.push(out.len());
    (depth == 0 && !quoted).then_some((out, ends))
}

/// Whether two domains belong to one organization: DMARC's relaxed alignment (RFC 7489 section
/// 3.1) compares organizational domains, one label below the public suffix (section 3.2).
///
/// A domain that is a public suffix itself, or has none, agrees with nothing but itself.
fn same_organization(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_end_matches('.'), other.trim_end_matches('.'));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    matches!((psl::domain_str(&one), psl::domain_str(&other)), (Some(one), Some(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(headers: &str) -> TrustLevel {
        let raw = format!("{headers}From: Mailer <mailer-daemon@googlemail.com>\n\nx");
        let mail = InboundMail::parse(raw.as_bytes());
        judge(&mail, &Authority::default()).level
    }

    #[test]
    fn a_line_end_parts_words_but_is_nothing_in_a_quoted_string() {
        let folded = |text: &str| {
            level(&format!(
                "Authentication-Results: mx.google.com;\n  {text}\n"
            ))
        };
        let passed = "spf=pass (google.com:\n\t of bounce@x.example\n  ) smtp.mailfrom=\n b\n  smtp.helo=googlemail.com";
        assert_eq!(folded(passed), TrustLevel::Authenticated);
        let split = "dkim=pass\n header.i=\"a\n  b\"@googlemail.com";
        assert_eq!(folded(split), TrustLevel::Authenticated);
        assert_eq!(folded("dmarc=\n fail"), TrustLevel::Unknown);
        assert_eq!(
            folded("dmarc=fail\n header.from=a.example"),
            TrustLevel::Forged
        );
    }

    #[test]
    fn a_blank_that_an_address_may_hold_parts_no_properties() {
        // RFC 6531 section 3.3 lets a local part hold any character beyond ASCII, blanks among them.
        for blank in ['\u{a0}', '\u{2003}', '\u{3000}'] {
            let said = format!(
                "spf=pass smtp.mailfrom=x{blank}smtp.mailfrom=@googlemail.com{blank}y@evil.example"
            );
            let results = format!("Authentication-Results: mx.google.com; {said}\n");
            assert_eq!(level(&results), TrustLevel::Unknown, "{said}");
        }
    }

    #[test]
    fn a_local_part_in_a_comment_adds_no_results() {
        let results = |local: &str| {
            let said = format!(
                "spf=pass (google.com: domain of {local}@evil.example designates 192.0.2.1 as permitted sender) smtp.mailfrom={local}@evil.example"
            );
            level(&format!(
                "Authentication-Results: mx.google.com;\n {said}\n"
            ))
        };
        for inner in [
            "a) smtp.mailfrom=@googlemail.com (",
            "a); spf=pass smtp.mailfrom=@googlemail.com; none=none (",
            "a\\\"b); dkim=pass header.i=@googlemail.com; none=none (",
            "a); dmarc=pass header.from=googlemail.com; none=none (",
        ] {
            assert_eq!(
                results(&format!("\"{inner}\"")),
                TrustLevel::Forged,
                "{inner}"
            );
        }
        assert_eq!(results("\"ada lovelace\""), TrustLevel::Unknown);
        let twice = "spf=pass smtp.mailfrom=\"\" smtp.mailfrom=@googlemail.com \"@evil.example\"";
        let twice = format!(
            "Authentication-Results: mx.google.com; {twice} smtp.mailfrom=x@evil.example\n"
        );
        assert_eq!(level(&twice), TrustLevel::Unknown, "not all of them agree");
        let own = "spf=pass (google.com: domain of \"ada lovelace\"@googlemail.com) smtp.mailfrom=\"ada lovelace\"@googlemail.com";
        assert_eq!(
            level(&format!("Authentication-Results: mx.google.com; {own}\n")),
            TrustLevel::Authenticated
        );
    }

    #[test]
    fn a_pass_for_the_senders_domain_is_believed() {
        assert_eq!(
            level(
                "Authentication-Results: mx.google.com;\n dkim=pass header.i=@googlemail.com header.s=x;\n spf=none\n"
            ),
            TrustLevel::Authenticated
        );
        assert_eq!(
            level(
                "Authentication-Results: mx.google.com; dmarc=pass (p=NONE) header.from=googlemail.com\n"
            ),
            TrustLevel::Authenticated
        );
    }

    #[test]
    fn dmarc_vouches_for_the_domain_it_has_checked() {
        let mail = |from: &str, checked: &str| {
            let results = format!("Authentication-Results: mx.google.com; dmarc=pass{checked}\n");
            let raw = format!("{results}From: {from}\n\nx");
            let mail = InboundMail::parse(raw.as_bytes());
            judge(&mail, &Authority::default()).level
        };
        for checked in [
            " header.from=evil.example",
            "",
            " header.from=evil.example header.d=victim.example",
            " header.from=victim.example; dmarc=pass header.from=evil.example",
        ] {
            let level = mail("postmaster@victim.example", checked);
            assert_eq!(level, TrustLevel::Unknown, "{checked}");
        }
        let two = "postmaster@victim.example, x@evil.example";
        assert_eq!(mail(two, " header.from=evil.example"), TrustLevel::Unknown);
        for checked in [
            " (p=NONE sp=NONE dis=NONE) header.from=victim.example",
            " action=none header.from=victim.example",
            " header.from=\"victim.example\"",
        ] {
            let level = mail("postmaster@mx.victim.example", checked);
            assert_eq!(level, TrustLevel::Authenticated, "{checked}");
        }
    }

    #[test]
    fn a_method_vouches_for_what_it_has_checked_only() {
        let judged = |results: &str| {
            level(&format!(
                "Authentication-Results: mx.google.com; {results}\n"
            ))
        };
        for other in [
            "spf=pass smtp.mailfrom=x@evil.example smtp.helo=mx.googlemail.com",
            "spf=pass smtp.mailfrom=x@evil.example header.from=googlemail.com",
            "spf=pass smtp.helo=evil.example header.from=googlemail.com",
            "dkim=pass header.d=evil.example header.from=googlemail.com",
            "dkim=pass header.d=evil.example smtp.mailfrom=x@googlemail.com",
        ] {
            assert_eq!(judged(other), TrustLevel::Unknown, "{other}");
        }
        for own in [
            "spf=pass smtp.mailfrom=x@googlemail.com smtp.helo=evil.example",
            "spf=pass smtp.helo=mx.googlemail.com",
            "spf=pass smtp.mailfrom=\"\" smtp.helo=mx.googlemail.com",
            "spf=pass smtp.mailfrom=<> smtp.helo=mx.googlemail.com",
            "dkim=pass header.d=googlemail.com",
            "dkim=pass header.i=@mx.googlemail.com header.d=googlemail.com",
        ] {
            assert_eq!(judged(own), TrustLevel::Authenticated, "{own}");
        }
    }

    #[test]
    fn a_pass_for_somebody_else_is_not() {
        assert_eq!(
            level(
                "Authentication-Results: mx.google.com; dkim=pass header.i=@evil.example; spf=pass smtp.mailfrom=x@evil.example\n"
            ),
            TrustLevel::Unknown
        );
        assert_eq!(
            level(
                "Authentication-Results: mx.google.com; dkim=pass (googlemail.com; header.i=@googlemail.com) header.i=@evil.example\n"
            ),
            TrustLevel::Unknown
        );
        assert_eq!(
            level("Authentication-Results: mx.google.com; dmarc=fail header.from=googlemail.com\n"),
            TrustLevel::Forged
        );
    }

    #[test]
    fn what_the_sender_chose_within_quotes_or_comments_is_no_result() {
        for header in [
            "mx.google.com; spf=pass smtp.mailfrom=\"x; dmarc=pass y\"@evil.example; dmarc=fail header.from=dest.example",
            "mx.google.com; spf=pass smtp.mailfrom=\"(\"@evil.example; dmarc=fail header.from=dest.example",
            "mx.google.com; spf=pass smtp.mailfrom=\"a\\\"; dmarc=pass \"@evil.example; dmarc=fail",
            "mx.google.com; dmarc=pass (p=none \\) x); dmarc=fail",
            "mx.google.com; dmarc=pass smtp.mailfrom=\"never closed",
            "mx.google.com; dmarc=pass (never closed",
        ] {
            let raw = format!("Authentication-Results: {header}\nFrom: x@dest.example\n\nx");
            let mail = InboundMail::parse(raw.as_bytes());
            let trust = judge(&mail, &Authority::default());
            assert_eq!(trust.level, TrustLevel::Forged, "{header}");
        }
    }

    #[test]
    fn organizations_end_where_the_public_suffix_begins() {
        for (one, other) in [
            ("mail.sender.example", "sender.example"),
            ("bounce.news.sender.co.uk", "Sender.co.uk"),
            ("a.sender.com.br", "b.sender.com.br"),
            ("eu.sender.example.", "us.sender.example"),
            ("googlemail.com", "googlemail.com"),
        ] {
            assert!(same_organization(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("evil.co.uk", "sender.co.uk"),
            ("evil.github.io", "sender.github.io"),
            ("evil.gov.bb", "sender.gov.bb"),
            ("evil.kawasaki.jp", "sender.kawasaki.jp"),
            ("co.uk", "sender.co.uk"),
            ("sender.example.evil.com", "sender.example"),
            ("", "sender.example"),
        ] {
            assert!(!same_organization(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_neighbor_below_the_same_public_suffix_vouches_for_nobody() {
        let results = "Authentication-Results: mx.google.com; dkim=pass header.i=@evil.co.uk; spf=pass smtp.mailfrom=x@evil.co.uk\n";
        let raw = format!("{results}From: Mailer <mailer-daemon@sender.co.uk>\n\nx");
        let mail = InboundMail::parse(raw.as_bytes());
        assert_eq!(
            judge(&mail, &Authority::default()).level,
            TrustLevel::Unknown
        );
    }

    #[test]
    fn only_the_topmost_header_of_our_provider_counts() {
        assert_eq!(level(""), TrustLevel::Unknown);
        assert_eq!(
            level("Authentication-Results: evil.example; dkim=pass header.i=@googlemail.com\n"),
            TrustLevel::Unknown
        );
        let two = "Authentication-Results: mx.google.com; spf=fail smtp.mailfrom=x@evil.example\nAuthentication-Results: mx.google.com; dkim=pass header.i=@googlemail.com\n";
        assert_eq!(level(two), TrustLevel::Forged);
    }
}
