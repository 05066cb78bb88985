//! Which send a mail belongs to.
//!
//! [`keys`] says what to look up; the caller finds candidate sends by those keys; [`rank`]
//! weighs them. Ids and jooper's own token beat threads, threads beat addresses, and an
//! address that merely shares a domain is a hint for a person. Mail of our own is never an
//! answer, whatever it refers to, and a report is matched by the mail it returns, never by
//! who sent it.

use std::collections::BTreeSet;

use super::address;
use super::dsn::FailedRecipient;
use super::mail::InboundMail;
use super::providers;
use super::verdict::{Classification, Kind};

/// What the caller knows about the receiving mailbox.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Receiver {
    /// Addresses and send-as aliases of the mailbox's owner, in lower case.
    pub own: BTreeSet<String>,
    /// The provider's thread id of the mail.
    pub thread_id: Option<String>,
    /// Whether the provider marks the mail as sent or a draft.
    pub is_sent_or_draft: bool,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver")
            .field("own", &self.own.len())
            .finish_non_exhaustive()
    }
}

impl Receiver {
    /// Makes a receiver with its own addresses.
    #[must_use]
    pub fn new(own: impl IntoIterator<Item = String>) -> Self {
        Self {
            own: own
                .into_iter()
                .map(|address| address.to_lowercase())
                .collect(),
            ..Self::default()
        }
    }

    /// Sets the provider's thread id of the mail.
    #[must_use]
    pub fn with_thread(mut self, thread_id: impl Into<String>) -> Self {
        self.thread_id = Some(thread_id.into());
        self
    }
}

/// What to look sends up by. Free of duplicates; ids are without `<>`, addresses in lower case.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keys {
    /// Message-IDs and tokens the mail refers to itself.
    pub referred: BTreeSet<String>,
    /// Message-IDs and tokens of the mail it returns.
    pub returned: BTreeSet<String>,
    /// The provider's thread.
    pub thread_id: Option<String>,
    /// Addresses of people: the sender's, or a report's recipients.
    pub addresses: BTreeSet<String>,
    /// Domains of those addresses.
    pub domains: BTreeSet<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("referred", &self.referred.len())
            .field("returned", &self.returned.len())
            .field("addresses", &self.addresses.len())
            .finish_non_exhaustive()
    }
}

/// Keys taken of each kind from one mail (bad input B-60).
const MAX_KEYS: usize = 200;

/// A send that one of the keys found.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Candidate<Id> {
    /// The caller's name for the send.
    pub id: Id,
    /// Its Message-IDs: the one on the wire and the one we wrote.
    pub message_ids: Vec<String>,
    /// The token we put into its References.
    pub token: Option<String>,
    /// The provider's thread it went into.
    pub thread_id: Option<String>,
    /// The address it was sent to.
    pub recipient: String,
    /// Other addresses known to be the same person's.
    pub aliases: Vec<String>,
}

impl<Id> Candidate<Id> {
    /// Makes a candidate that was sent to `recipient`.
    pub fn new(id: Id, recipient: impl Into<String>) -> Self {
        Self {
            id,
            message_ids: Vec::new(),
            token: None,
            thread_id: None,
            recipient: recipient.into(),
            aliases: Vec::new(),
        }
    }
}

impl<Id: std::fmt::Debug> std::fmt::Debug for Candidate<Id> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Candidate")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What ties a mail to a send, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MatchEvidence {
    /// Only the domain of the sender is the recipient's: a person must look.
    SameDomain,
    /// The report names the address we sent to, and nothing else ties it.
    FailedRecipient,
    /// The sender is an alias of the person we wrote to.
    SenderAlias,
    /// The sender is the person we wrote to.
    SenderAddress,
    /// The provider put it into the thread.
    Thread,
    /// The report returns a mail with our Message-ID.
    ReturnedMessageId,
    /// The report returns a mail with our token.
    ReturnedToken,
    /// It refers to our Message-ID.
    MessageId,
    /// It refers to our token, which nobody else can have made.
    Token,
}

impl MatchEvidence {
    /// Returns whether the match is too weak to act on without a person.
    #[must_use]
    pub fn is_weak(self) -> bool {
        matches!(self, Self::SameDomain | Self::FailedRecipient)
    }
}

/// A send that the mail may belong to, with all that ties it, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match<Id> {
    /// The caller's name for the send.
    pub id: Id,
    /// What ties it, strongest first; never empty.
    pub evidence: Vec<MatchEvidence>,
}

/// How the mail stands to our sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Our own: a sent mail, a follow-up, a copy through an alias.
    Own,
    /// Somebody passes a mail on: no answer to us.
    Forward,
    /// From somebody else.
    Inbound,
}

/// Says whether the mail is our own or passed on; only [`Role::Inbound`] can be an answer.
#[must_use]
pub fn role(mail: &InboundMail<'_>, receiver: &Receiver) -> Role {
    let from = mail.from_address().unwrap_or_default();
    let sender = mail
        .addresses("sender")
        .into_iter()
        .next()
        .map(|found| found.address)
        .unwrap_or_default();
    if receiver.is_sent_or_draft
        || receiver.own.contains(&from)
        || (from.is_empty() && receiver.own.contains(&sender))
    {
        return Role::Own;
    }
    if is_passed_on(mail) {
        Role::Forward
    } else {
        Role::Inbound
    }
}

/// Whether a mail has the title of one that was passed on.
pub(super) fn is_passed_on(mail: &InboundMail<'_>) -> bool {
    let subject = mail.title().unmarked().trim();
    let head = subject.split([':', '\u{ff1a}']).next().unwrap_or_default();
    head.len() < subject.len() && FORWARD_PREFIXES.contains(&head.trim())
}

/// Prefixes that clients put before the title of a forwarded mail, in lower case.
#[rustfmt::skip] // A table is read in rows.
const FORWARD_PREFIXES: &[&str] = &["fw", "fwd", "wg", "tr", "rv", "enc", "i", "doorst", "vb", "pd", "vl", "vs fw",
    "videresend", "továbbítás", "fb", "转发", "轉寄", "転送", "전달", "переслано", "пересл", "hl", "ilt", "προωθ"];

/// Returns what to look sends up by.
#[must_use]
pub fn keys(mail: &InboundMail<'_>, verdict: &Classification, receiver: &Receiver) -> Keys {
    let referred = mail
        .message_ids("in-reply-to")
        .into_iter()
        .chain(mail.message_ids("references"))
        .take(MAX_KEYS)
        .collect();
    let returned = verdict
        .original
        .message_id
        .iter()
        .chain(&verdict.original.references)
        .take(MAX_KEYS)
        .cloned()
        .collect();
    let addresses: BTreeSet<String> = if is_report(verdict) {
        let named = verdict
            .recipients
            .iter()
            .flat_map(FailedRecipient::addresses);
        named
            .map(str::to_owned)
            .chain(verdict.original.to.iter().cloned())
            .take(MAX_KEYS)
            .collect()
    } else {
        let names = ["from", "reply-to"]
            .iter()
            .flat_map(|name| mail.addresses(name));
        names
            .map(|found| found.address)
            .filter(|address| !receiver.own.contains(address))
            .take(8)
            .collect()
    };
    let domains = addresses
        .iter()
        .map(|found| address::domain(found).to_owned())
        .filter(|domain| !domain.is_empty())
        .collect();
    Keys {
        referred,
        returned,
        thread_id: receiver.thread_id.clone(),
        addresses,
        domains,
    }
}

/// Weighs `candidates`: the best match first, equal ones in the order they came in. Nothing
/// matches a mail of our own.
#[must_use]
pub fn rank<Id: Clone>(
    mail: &InboundMail<'_>,
    verdict: &Classification,
    receiver: &Receiver,
    candidates: &[Candidate<Id>],
) -> Vec<Match<Id>> {
    if role(mail, receiver) == Role::Own {
        return Vec::new();
    }
    let keys = keys(mail, verdict, receiver);
    let mut matches: Vec<Match<Id>> = candidates
        .iter()
        .filter_map(|candidate| {
            let evidence = evidence(&keys, verdict, candidate);
            (!evidence.is_empty()).then(|| Match {
                id: candidate.id.clone(),
                evidence,
            })
        })
        .collect();
    matches.sort_by(|one, other| other.evidence.first().cmp(&one.evidence.first()));
    matches
}

fn evidence<Id>(
    keys: &Keys,
    verdict: &Classification,
    candidate: &Candidate<Id>,
) -> Vec<MatchEvidence> {
    let mut found = Vec::new();
    let token_in = |ids: &BTreeSet<String>| {
        candidate
            .token
            .as_ref()
            .is_some_and(|token| ids.contains(token.trim_matches(['<', '>'])))
    };
    let id_in = |ids: &BTreeSet<String>| {
        candidate
            .message_ids
            .iter()
            .any(|id| ids.contains(id.trim_matches(['<', '>'])))
    };
    let recipient = candidate.recipient.to_lowercase();
    let report = is_report(verdict);
    if token_in(&keys.referred) {
        found.push(MatchEvidence::Token);
    }
    if id_in(&keys.referred) {
        found.push(MatchEvidence::MessageId);
    }
    if token_in(&keys.returned) {
        found.push(MatchEvidence::ReturnedToken);
    }
    if id_in(&keys.returned) {
        found.push(MatchEvidence::ReturnedMessageId);
    }
    if keys.thread_id.is_some() && keys.thread_id == candidate.thread_id {
        found.push(MatchEvidence::Thread);
    }
    if report {
        if keys.addresses.contains(&recipient) {
            found.push(MatchEvidence::FailedRecipient);
        }
    } else if keys.addresses.contains(&recipient) {
        found.push(MatchEvidence::SenderAddress);
    } else if candidate
        .aliases
        .iter()
        .any(|alias| keys.addresses.contains(&alias.to_lowercase()))
    {
        found.push(MatchEvidence::SenderAlias);
    } else if found.is_empty()
        && is_company(address::domain(&recipient))
        && keys.domains.contains(address::domain(&recipient))
    {
        found.push(MatchEvidence::SameDomain);
    }
    found
}

fn is_report(verdict: &Classification) -> bool {
    matches!(
        verdict.kind,
        Kind::DeliveryReport(_) | Kind::Complaint { .. }
    )
}

/// Returns whether `domain` may be one organization's own: a domain of a mail provider, or one below
/// it, says nothing about who writes.
#[must_use]
pub fn is_company(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.');
    !domain.is_empty() && !providers::provides(domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::{Context, classify};

    fn read(text: &str) -> (InboundMail<'static>, Classification) {
        let mail = InboundMail::parse(text.as_bytes()).into_owned();
        let verdict = classify(&mail, &Context::default());
        (mail, verdict)
    }

    fn candidate() -> Candidate<u8> {
        let mut candidate = Candidate::new(7, "ada@lovelace.example");
        candidate.message_ids = vec!["<wire-1@mail.gmail.com>".to_owned()];
        candidate.token = Some("jpr-token@our.example".to_owned());
        candidate.thread_id = Some("t1".to_owned());
        candidate.aliases = vec!["ada.l@lovelace.example".to_owned()];
        candidate
    }

    fn us() -> Receiver {
        Receiver::new(["Me@Our.example".to_owned()])
    }

    fn best(text: &str, receiver: &Receiver) -> Option<MatchEvidence> {
        let (mail, verdict) = read(text);
        rank(&mail, &verdict, receiver, &[candidate()])
            .first()
            .and_then(|found| found.evidence.first().copied())
    }

    #[test]
    fn ids_beat_threads_and_threads_beat_addresses() {
        let ids = "From: boss@other.example\nReferences: <wire-1@mail.gmail.com> <jpr-token@our.example>\nSubject: Re: hi\n\nYes";
        assert_eq!(best(ids, &us()), Some(MatchEvidence::Token));
        assert_eq!(
            best(
                "From: x@other.example\nIn-Reply-To: <wire-1@mail.gmail.com>\n\nYes",
                &us()
            ),
            Some(MatchEvidence::MessageId)
        );
        assert_eq!(
            best("From: ada@lovelace.example\n\nYes", &us().with_thread("t1")),
            Some(MatchEvidence::Thread)
        );
        assert_eq!(
            best("From: Ada@Lovelace.example\n\nYes", &us()),
            Some(MatchEvidence::SenderAddress)
        );
        assert_eq!(
            best("From: ada.l@lovelace.example\n\nYes", &us()),
            Some(MatchEvidence::SenderAlias)
        );
    }

    #[test]
    fn a_colleague_is_a_weak_match_and_a_stranger_none() {
        let found = best("From: bob@lovelace.example\n\nYes", &us());
        assert_eq!(found, Some(MatchEvidence::SameDomain));
        assert!(found.is_some_and(MatchEvidence::is_weak));
        assert_eq!(best("From: bob@gmail.com\n\nYes", &us()), None);
    }

    #[test]
    fn a_domain_of_a_mail_provider_is_no_company_in_any_country() {
        for domain in [
            "gmail.com",
            "Gmail.com",
            "yahoo.co.uk",
            "yahoo.de",
            "arf.mail.yahoo.com",
            "hotmail.fr",
            "gmx.net",
            "gmx.at",
            "mx01.gmx.net",
            "yandex.com.tr",
            "uol.com.br",
            "docomo.ne.jp",
            "nifty.com",
            "biglobe.ne.jp",
            "aliyun.com",
            "hinet.net",
            "ms1.hinet.net",
            "tlen.pl",
            "vp.pl",
            "volny.cz",
            "hushmail.me",
            "mail.de",
            "zoho.in",
            "fastmail.co.uk",
            "optonline.net",
            "",
        ] {
            assert!(!is_company(domain), "{domain}");
        }
        for domain in [
            "acme.com",
            "live-music.example",
            "gmail.com.acme.com",
            "co.uk",
        ] {
            assert!(is_company(domain), "{domain}");
        }
    }

    #[test]
    fn our_own_mail_matches_nothing_and_forwards_are_no_answers() {
        let own = "From: me@our.example\nReferences: <wire-1@mail.gmail.com>\nSubject: Re: hi\n\nAny news?";
        assert_eq!(best(own, &us()), None);
        for (title, passed_on) in [
            ("Fwd: hi", Role::Forward),
            ("[EXTERNAL] Fwd: hi", Role::Forward),
            ("[EXTERNAL] Re: Fwd: hi", Role::Inbound),
        ] {
            let (mail, _) = read(&format!(
                "From: ada@lovelace.example\nSubject: {title}\nReferences: <wire-1@mail.gmail.com>\n\nFYI"
            ));
            assert_eq!(role(&mail, &us()), passed_on, "{title}");
        }
    }

    #[test]
    fn a_report_is_matched_by_what_it_returns_not_by_its_sender() {
        let report = "From: mailer-daemon@lovelace.example\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@lovelace.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <wire-1@mail.gmail.com>\nTo: ada@lovelace.example\n\nhi\n--b--\n";
        assert_eq!(best(report, &us()), Some(MatchEvidence::ReturnedMessageId));
        let stranger = report
            .replace("ada@lovelace.example", "eve@else.example")
            .replace("wire-1", "wire-9");
        assert_eq!(best(&stranger, &us()), None);
    }
}
