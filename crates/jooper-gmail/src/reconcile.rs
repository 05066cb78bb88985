//! Looking for evidence that a mail was accepted whose answer was lost.
//!
//! Two witnesses: the history of SENT since the evidence base, and the list of SENT. Neither uses
//! a search term: the index lags and skips mail, and a term would put the recipient's address into
//! a URL. Gmail replaces the Message-ID that we wrote and keeps `References`, so the token of the
//! attempt stands there; recipient, subject and time count only where no token of ours does.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jooper_core::EmailAddress;
use jooper_transport::{Attempt, Receipt, Reconciliation, TransportError};

use crate::api::{HistoryList, Message, MessageList, Method, Request};
use crate::backoff::Patience;
use crate::call::Manner;
use crate::gmail::Inner;
use crate::session::Session;
use crate::time;

/// What is compared.
const HEADERS: [&str; 6] = [
    "References",
    "In-Reply-To",
    "To",
    "Subject",
    "Message-ID",
    "Date",
];
/// How far our clock and Gmail's may differ.
const SKEW: Duration = Duration::from_secs(600);
/// How long after the attempt began Gmail may have accepted it: the longest answer is minutes.
const LATEST: Duration = Duration::from_secs(3600);
/// Pages of the list that are read at most: 10,000 mails since the attempt.
const MAX_PAGES: usize = 100;

/// How well a sent mail fits an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    /// Recipient, subject and time.
    Looks,
    /// The token.
    Proof,
}

impl Inner {
    /// Looks for an attempt's mail.
    pub(crate) async fn search(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        let session = self.open(attempt.mailbox, Patience::Long).await?;
        if session.must_read().is_err() {
            return Ok(Reconciliation::Inconclusive);
        }
        // Where a search was broken off, by the quota above all, the next one goes on: what was
        // looked at is not read again.
        let mut search = session.state.take_search(&attempt.token);
        let found = self.look(&session, attempt, &mut search).await;
        if found.is_err() {
            session.state.keep_search(&attempt.token, search);
        }
        found
    }

    async fn look(
        &self,
        session: &Session,
        attempt: &Attempt,
        search: &mut Search,
    ) -> Result<Reconciliation, TransportError> {
        let history = match &attempt.evidence_base {
            Some(base) if !base.0.is_empty() => {
                match self.by_history(session, attempt, &base.0, search).await? {
                    Step::Found(receipt) => return Ok(Reconciliation::Found(receipt)),
                    Step::End { complete } => complete,
                }
            }
            _ => false,
        };
        let list = match self.by_list(session, attempt, search).await? {
            Step::Found(receipt) => return Ok(Reconciliation::Found(receipt)),
            Step::End { complete } => complete,
        };
        Ok(match search.looks.len() {
            0 => Reconciliation::NotFound {
                complete: history && list && !search.vanished,
            },
            1 => Reconciliation::Found(search.looks.remove(0)),
            // Several mails look like it, and none carries the token: nobody can tell.
            _ => Reconciliation::Inconclusive,
        })
    }

    async fn by_history(
        &self,
        session: &Session,
        attempt: &Attempt,
        base: &str,
        search: &mut Search,
    ) -> Result<Step, TransportError> {
        let mut token = String::new();
        for _ in 0..MAX_PAGES {
            let request = Request::new(&self.settings.endpoints, Method::ListHistory, None)
                .with("startHistoryId", base)
                .with("historyTypes", "messageAdded")
                .with("labelId", "SENT")
                .with("maxResults", "500")
                .with("pageToken", &token);
            let page: HistoryList = match self.call(session, &request, Manner::EVIDENCE).await {
                Ok(page) => page,
                // The base is too old, or none of this server's: only the list is left.
                Err(TransportError::Gone | TransportError::Protocol(_)) => {
                    return Ok(Step::End { complete: false });
                }
                Err(error) => return Err(error),
            };
            let added = page
                .history
                .into_iter()
                .flat_map(|record| record.messages_added);
            for named in added.map(|added| added.message) {
                if let Judged::Found(receipt) =
                    self.judge_one(session, attempt, &named, search).await?
                {
                    return Ok(Step::Found(receipt));
                }
            }
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(Step::End { complete: true });
            }
        }
        Ok(Step::End { complete: false })
    }

    async fn by_list(
        &self,
        session: &Session,
        attempt: &Attempt,
        search: &mut Search,
    ) -> Result<Step, TransportError> {
        let mut token = String::new();
        for _ in 0..MAX_PAGES {
            let request = Request::new(&self.settings.endpoints, Method::ListMessages, None)
                .with("labelIds", "SENT")
                .with("includeSpamTrash", "true")
                .with("maxResults", "100")
                .with("pageToken", &token);
            let page: MessageList = self.call(session, &request, Manner::EVIDENCE).await?;
            let mut old = 0;
            for named in &page.messages {
                match self.judge_one(session, attempt, named, search).await? {
                    Judged::Found(receipt) => return Ok(Step::Found(receipt)),
                    // The list is newest first; a few in a row from before the attempt end it.
                    Judged::Old => old += 1,
                    Judged::Other => old = 0,
                    Judged::Known => {}
                }
                if old >= ENOUGH_OLD {
                    return Ok(Step::End { complete: true });
                }
            }
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(Step::End { complete: true });
            }
        }
        Ok(Step::End { complete: false })
    }

    async fn judge_one(
        &self,
        session: &Session,
        attempt: &Attempt,
        named: &Message,
        search: &mut Search,
    ) -> Result<Judged, TransportError> {
        if named.id.is_empty() || search.seen.contains(&named.id) {
            return Ok(Judged::Known);
        }
        let mail = match self
            .metadata(session, &named.id, (&HEADERS, "To"), Manner::EVIDENCE)
            .await
        {
            Ok(mail) => mail,
            // Named as sent, and deleted for good before it was looked at: it may be the mail.
            Err(TransportError::Gone) => {
                search.vanished = true;
                return Ok(Judged::Known);
            }
            Err(error) => return Err(error),
        };
        search.seen.insert(named.id.clone());
        let at = self.instant(mail.internal_date);
        match fit(attempt, &mail, at) {
            Fit::Proof => return Ok(Judged::Found(receipt(named, &mail, at))),
            Fit::Looks => search.looks.push(receipt(named, &mail, at)),
            Fit::No => {}
        }
        let before = time::after(at, SKEW) < attempt.since;
        Ok(if before { Judged::Old } else { Judged::Other })
    }

    /// Reads back what Gmail made of an accepted mail.
    pub(crate) async fn receipt_of(
        &self,
        session: &Session,
        provider_id: &str,
    ) -> Result<Receipt, TransportError> {
        let wanted = (&["Message-ID"][..], "Message-ID");
        let mail = self
            .metadata(session, provider_id, wanted, Manner::EVIDENCE)
            .await?;
        let at = self.instant(mail.internal_date);
        let named = Message {
            id: provider_id.to_owned(),
            ..Message::default()
        };
        Ok(receipt(&named, &mail, at))
    }
}

/// So many mails in a row from before the attempt end the list: one with an odd date does not.
const ENOUGH_OLD: usize = 5;

/// What a search has looked at so far.
#[derive(Debug, Default)]
pub(crate) struct Search {
    seen: BTreeSet<String>,
    looks: Vec<Receipt>,
    /// Whether a sent mail was named that is gone: nothing that is not found is certain then.
    vanished: bool,
}

enum Step {
    Found(Receipt),
    End { complete: bool },
}

enum Judged {
    Found(Receipt),
    /// Looked at before.
    Known,
    /// From before the attempt.
    Old,
    Other,
}

fn receipt(named: &Message, mail: &Message, at: Timestamp) -> Receipt {
    let thread = if mail.thread_id.is_empty() {
        &named.thread_id
    } else {
        &mail.thread_id
    };
    Receipt {
        provider_id: named.id.clone(),
        thread: thread.clone(),
        message_id: mail.header("Message-ID").map(str::to_owned),
        at: Some(at),
    }
}

fn fit(attempt: &Attempt, mail: &Message, at: Timestamp) -> Fit {
    let references = [mail.header("References"), mail.header("In-Reply-To")];
    let mut ids = references.into_iter().flatten().flat_map(ids_of);
    let token = bare(&attempt.token);
    let mut another = false;
    for id in ids.by_ref() {
        if attempt.tokens().any(|token| id == bare(token)) {
            return Fit::Proof;
        }
        another |= same_family(id, token);
    }
    if another {
        // It carries the token of another attempt or send.
        return Fit::No;
    }
    let early = time::after(at, SKEW) < attempt.began_at;
    let late = time::after(attempt.began_at, LATEST) < at;
    let (Some(to), Some(subject)) = (&attempt.to, &attempt.subject) else {
        // What it would look like is not known any more: the token alone counts.
        return Fit::No;
    };
    let is_to = mail.header("To").and_then(only_address).as_ref() == Some(to);
    let is_about = mail.header("Subject").map(normal) == Some(normal(subject));
    let looks = !early && !late && is_to && is_about;
    if looks { Fit::Looks } else { Fit::No }
}

fn bare(token: &str) -> &str {
    token.trim_matches(['<', '>'])
}

fn ids_of(value: &str) -> impl Iterator<Item = &str> {
    value
        .split_whitespace()
        .map(|word| word.trim_matches(['<', '>', ',']))
}

/// Whether an id is a token of ours as well: tokens share their first part (`jp.`) and domain.
fn same_family(id: &str, token: &str) -> bool {
    let domain = |id: &'_ str| {
        id.rsplit_once('@')
            .map(|(_, domain)| domain.to_ascii_lowercase())
    };
    let prefix = |id: &'_ str| id.split_once('.').map(|(prefix, _)| prefix.to_owned());
    id != token && domain(id) == domain(token) && prefix(id) == prefix(token)
}

fn only_address(value: &str) -> Option<EmailAddress> {
    let address = match value.rsplit_once('<') {
        Some((_, rest)) => rest.split_once('>').map(|(address, _)| address)?,
        None => value,
    };
    EmailAddress::parse(address.trim()).ok()
}

/// A subject without folding and repeated spaces.
fn normal(subject: &str) -> String {
    subject.split_whitespace().collect::<Vec<_>>().join(" ")
}
